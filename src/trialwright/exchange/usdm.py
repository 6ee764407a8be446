"""A protocol as CDISC's Unified Study Definitions Model, version 4.0, in the JSON of its reference architecture.

Every protocol exports. What the protocol file does not say is null or an empty list, and who runs the trial is a
placeholder. Source: CDISC DDF Reference Architecture 4.0.0, USDM_API.json; conformance: CDISC CORE, USDM 4.0.
"""

from __future__ import annotations

import json
from typing import Any

from trialwright import __version__
from trialwright.exchange import usdm_codes as ct
from trialwright.exchange.usdm_population import analysis_populations, criteria, objectives, population
from trialwright.exchange.usdm_schedule import Schedule, epoch_of, schedule, visits_in_order
from trialwright.exchange.usdm_treatment import Interventions, arms_of, interventions
from trialwright.exchange.usdm_writer import Json, Writer, chained, ids
from trialwright.protocol.study import Study

VERSION = "4.0.0"
_UNSTATED = "not stated in the protocol file"
_BETHESDA = "National Library of Medicine, Bethesda, Maryland, United States of America"


def usdm_json(study: Study) -> str:
    """A protocol as USDM 4.0 JSON; the same protocol gives the same text.

    Example:
        >>> from tests.conductor import STUDY
        >>> json.loads(usdm_json(STUDY))["usdmVersion"]
        '4.0.0'
    """
    return json.dumps(usdm(study), indent=2, ensure_ascii=False) + "\n"


def usdm(study: Study) -> dict[str, Any]:
    """A protocol as the objects of USDM 4.0."""
    writer = Writer()
    given = interventions(writer, study)
    epochs = {name: _epoch(writer, name) for name in dict.fromkeys(epoch_of(study, v) for v in visits_in_order(study))}
    chained(list(epochs.values()))
    plan = schedule(writer, study, epochs, given.of_product)
    eligibility, texts = criteria(writer, study)
    design = _design(writer, study, epochs, given, plan, eligibility)
    return {
        "study": {
            **writer.named("Study", study.id, study.title),
            "versions": [_version(writer, study, design, given, plan, texts)],
            "documentedBy": [],
        },
        "usdmVersion": VERSION,
        "systemName": "Trialwright",
        "systemVersion": __version__,
    }


def _version(
    writer: Writer, study: Study, design: Json, given: Interventions, plan: Schedule, texts: list[Json]
) -> Json:
    organizations, identifiers = _identification(writer, study)
    version = writer.plain(
        "StudyVersion",
        f"{study.id} {study.version}",
        versionIdentifier=study.version,
        rationale=f"Version {study.version} of the protocol file",
        documentVersionIds=[],
        dateValues=[],
        amendments=[],
        businessTherapeuticAreas=[],
        studyIdentifiers=identifiers,
        referenceIdentifiers=[],
        studyDesigns=[design],
        titles=[
            writer.plain(
                "StudyTitle", "official", text=study.title, type=writer.code("official title", ct.OFFICIAL_TITLE)
            )
        ],
        eligibilityCriterionItems=texts,
        narrativeContentItems=[],
        abbreviations=[],
        organizations=organizations,
        studyInterventions=given.interventions,
        administrableProducts=given.products,
        medicalDevices=[],
        productOrganizationRoles=[],
        biomedicalConcepts=[],
        bcCategories=[],
        bcSurrogates=plan.surrogates,
        dictionaries=[],
        conditions=[],
        notes=[],
    )
    return version | {"roles": _roles(writer, study, version, design, organizations[0])}


def _identification(writer: Writer, study: Study) -> tuple[list[Json], list[Json]]:
    """The sponsor, a placeholder, and the registry where there is a record; and the trial's identifier with each."""
    organizations = [_organization(writer, "Sponsor", ct.SPONSOR, _UNSTATED, _UNSTATED)]
    identifiers = [_identifier(writer, study.id, organizations[0])]
    if study.record:
        name, address = ("ClinicalTrials.gov", _BETHESDA) if study.record.startswith("NCT") else ("Registry", _UNSTATED)
        organizations.append(_organization(writer, name, ct.REGISTRY, name, address))
        identifiers.append(_identifier(writer, study.record, organizations[1]))
    return organizations, identifiers


def _design(
    writer: Writer,
    study: Study,
    epochs: dict[str, Json],
    given: Interventions,
    plan: Schedule,
    eligibility: list[Json],
) -> Json:
    arms = {arm.name: _arm(writer, arm.name, arm.type) for arm in arms_of(study)}
    elements, cells = _elements(writer, epochs, arms, given)
    indication = writer.named(
        "Indication", study.condition, description=f"whether it is rare is {_UNSTATED}", codes=[], isRareDisease=False
    )
    people = population(writer, study, eligibility, [indication])
    return writer.named(
        "InterventionalStudyDesign",
        f"{study.id} design",
        description=study.title,
        therapeuticAreas=[],
        encounters=plan.encounters,
        activities=plan.activities,
        arms=list(arms.values()),
        studyCells=cells,
        rationale=f"{study.kind} in {study.condition}; a rationale of the design is {_UNSTATED}",
        epochs=list(epochs.values()),
        elements=elements,
        estimands=[],
        indications=[indication],
        studyInterventionIds=ids(given.interventions),
        objectives=objectives(writer, study),
        population=people,
        scheduleTimelines=[plan.timeline],
        biospecimenRetentions=[],
        documentVersionIds=[],
        eligibilityCriteria=eligibility,
        analysisPopulations=analysis_populations(writer, study, people),
        **_kind_of_trial(writer, study),
    )


def _kind_of_trial(writer: Writer, study: Study) -> Json:
    """Phase, model, blinding and what else classifies the trial."""
    return {
        "studyType": writer.code("study type", ct.INTERVENTIONAL),
        "studyPhase": writer.alias("study phase", ct.PHASES[study.phase]),
        "characteristics": _terms(writer, "characteristic", _characteristics(study)),
        "subTypes": _terms(writer, "sub type", _sub_types(study)),
        "model": writer.code("model", _model(study)),
        "intentTypes": [writer.code("intent", ct.TREATMENT_INTENT)],
        "blindingSchema": writer.alias("blinding", ct.BLINDING[study.masking]),
    }


def _epoch(writer: Writer, name: str) -> Json:
    return writer.named("StudyEpoch", name, name, type=writer.code(f"{name} epoch", ct.EPOCHS[name]))


def _arm(writer: Writer, name: str, kind: str) -> Json:
    return writer.named(
        "StudyArm",
        name,
        name,
        type=writer.code(f"{name} arm", ct.ARMS[kind]),
        dataOriginDescription="Data collected from subjects of this trial",
        dataOriginType=writer.code(f"{name} data", ct.OWN_DATA),
        populationIds=[],
    )


def _elements(
    writer: Writer, epochs: dict[str, Json], arms: dict[str, Json], given: Interventions
) -> tuple[list[Json], list[Json]]:
    """An element for each epoch, in treatment one for each arm; and a cell where each arm meets each epoch."""
    elements: dict[str, Json] = {}
    cells = []
    for arm_name, arm in arms.items():
        for epoch_name, epoch in epochs.items():
            treated = epoch_name == "Treatment"
            key = f"{epoch_name}, {arm_name}" if treated else epoch_name
            if key not in elements:
                interventions_in = given.of_arm.get(arm_name, []) if treated else []
                elements[key] = writer.named(
                    "StudyElement",
                    key,
                    key,
                    transitionStartRule=None,
                    transitionEndRule=None,
                    studyInterventionIds=list(dict.fromkeys(interventions_in)),
                )
            cells.append(
                writer.plain(
                    "StudyCell",
                    f"{arm_name} {epoch_name}",
                    armId=arm["id"],
                    epochId=epoch["id"],
                    elementIds=[elements[key]["id"]],
                )
            )
    return list(elements.values()), cells


def _organization(writer: Writer, name: str, kind: ct.Term, identifier: str, address: str) -> Json:
    place = writer.plain(
        "Address",
        name,
        text=address,
        lines=[],
        city=None,
        district=None,
        state=None,
        postalCode=None,
        country=None,
    )
    made = writer.plain("Organization", name, name=name, label=name, type=writer.code(f"{name} organization", kind))
    return made | {"identifierScheme": "name", "identifier": identifier, "legalAddress": place, "managedSites": []}


def _identifier(writer: Writer, text: str, scope: Json) -> Json:
    return writer.plain("StudyIdentifier", f"{text} {scope['name']}", text=text, scopeId=scope["id"])


def _roles(writer: Writer, study: Study, version: Json, design: Json, sponsor: Json) -> list[Json]:
    """The sponsor; and who is masked, which a protocol file settles only where all four are."""

    def role(name: str, term: ct.Term, applies_to: Json, organizations: list[str], masking: Json | None) -> Json:
        return writer.named(
            "StudyRole",
            name,
            code=writer.code(f"{name} role", term),
            appliesToIds=[applies_to["id"]],
            assignedPersons=[],
            organizationIds=organizations,
            masking=masking,
        )

    masked = ct.MASKED_IN_QUADRUPLE if study.masking == "quadruple" else {}
    return [
        role("Sponsor", ct.SPONSOR, version, [sponsor["id"]], None),
        *(
            role(name, term, design, [], writer.plain("Masking", name, text=f"{name} is masked", isMasked=True))
            for name, term in masked.items()
        ),
    ]


def _terms(writer: Writer, key: str, terms: list[ct.Term]) -> list[Json]:
    return [writer.code(f"{key} {term.decode}", term) for term in terms]


def _characteristics(study: Study) -> list[ct.Term]:
    randomised = study.allocation is not None and study.allocation.method == "randomised"
    stratified = study.allocation is not None and bool(study.allocation.strata)
    return [
        ct.SINGLE_CENTRE if study.sites.planned == 1 else ct.MULTICENTRE,
        *([ct.STRATIFIED if stratified else ct.RANDOMISED] if randomised else []),
        *([ct.ADAPTIVE] if study.dose_escalation else []),
    ]


def _sub_types(study: Study) -> list[ct.Term]:
    kinds = {endpoint.of for endpoint in (*study.endpoints.primary, *study.endpoints.secondary)}
    return [
        *([ct.SAFETY] if kinds & {"dlt", "adverse events"} else []),
        *([ct.EFFICACY] if kinds - {"dlt", "adverse events"} else []),
        *([ct.DOSE_FINDING] if study.dose_escalation else []),
    ]


def _model(study: Study) -> ct.Term:
    if study.dose_escalation and not study.arms:
        return ct.SEQUENTIAL
    return ct.PARALLEL if len(study.arms) > 1 else ct.SINGLE_GROUP
