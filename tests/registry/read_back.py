"""How much of a record comes back from its printed page: fields found exactly, of those that the page prints.

`python -m tests.registry.read_back FILE...` prints the table for real API records (`.jsonl.gz`, a record a line) and,
with `--misses KIND`, what did not come back. `--pages FOLDER` names the folder of registered pages whose introductory
sentences stand on the pages of layout B.

Records that were derived from the older API lack the marks of their criteria, the classes of their sponsors and the
states of their sites, which every page has: of these only the rates of outcomes, conditions and keywords say something.
"""

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

from tests.registry.print_a import criteria_line, one_line, page_a, printed_date, printed_sites
from tests.registry.print_b import page_b, whole_day
from trialwright.registry import read_record
from trialwright.registry.eligibility import Criterion, split_criteria
from trialwright.registry.layout_b import HEADINGS
from trialwright.registry.layout_b_arms import intervention_name
from trialwright.registry.page import digest
from trialwright.registry.reading import items_at, value_at
from trialwright.registry.vocabulary import iso_date, unescape

Parts = dict[str, list[Any]]
"""The parts of a record by kind; each part is found exactly or not."""

NESTED = "criteria with bullets in them"
OUTCOMES = ("primaryOutcomes", "secondaryOutcomes", "otherOutcomes")
FACTS = (
    "identificationModule.nctId",
    "identificationModule.orgStudyIdInfo.id",
    "statusModule.overallStatus",
    "designModule.phases",
    "designModule.studyType",
    "designModule.enrollmentInfo.count",
    "eligibilityModule.minimumAge",
    "eligibilityModule.maximumAge",
    "eligibilityModule.sex",
    "eligibilityModule.healthyVolunteers",
)
DATES = (
    "statusModule.startDateStruct.date",
    "statusModule.completionDateStruct.date",
    "statusModule.primaryCompletionDateStruct.date",
)
DESIGN = (
    "designModule.designInfo.allocation",
    "designModule.designInfo.interventionModel",
    "designModule.designInfo.observationalModel",
    "designModule.designInfo.timePerspective",
    "designModule.designInfo.primaryPurpose",
    "designModule.designInfo.maskingInfo.masking",
    "designModule.designInfo.maskingInfo.whoMasked",
)


def parts_on_a(record: dict[str, Any], bullet: str = "-") -> Parts:
    """What a full page of layout A prints of a record."""
    criteria = split_criteria(unescape(value_at(record, "eligibilityModule.eligibilityCriteria") or ""))
    sites = printed_sites(record)
    found = _common(record)
    found["dates"] = [(path, iso_date(printed_date(day))) for path in DATES if (day := value_at(record, path))]
    for each in criteria:
        part = (each.list, each.number, criteria_line(_bulleted(each.text, bullet), bullet))
        found.setdefault(_kind_of(each), []).append(part)
    found["locations"] = [tuple(sorted(site.items())) for site in sites]
    found["countries"] = [*dict.fromkeys(site["country"] for site in sites if "country" in site)]
    found["interventions"] = _objects(record, "armsInterventionsModule.interventions", "type", "name", "description")
    found["collaborators"] = [
        one_line(each["name"]) for each in items_at(record, "sponsorCollaboratorsModule.collaborators")
    ]
    for key in ("measure", "description", "timeFrame"):
        found[f"outcomes: {key}"] = [
            (path, number, one_line(each[key]))
            for path in OUTCOMES
            for number, each in enumerate(items_at(record, f"outcomesModule.{path}"))
            if each.get(key)
        ]
    found["outcomes: whole rows"] = [
        (path, *each)
        for path in OUTCOMES
        for each in _objects(record, f"outcomesModule.{path}", "measure", "description", "timeFrame")
    ]
    return found


def parts_on_b(record: dict[str, Any], *, labels: bool = True) -> Parts:
    """What a page of layout B prints of a record; without labels it has no types and no status of a site."""
    record = record if labels else _without_labels(record)
    criteria = split_criteria(unescape(value_at(record, "eligibilityModule.eligibilityCriteria") or ""))
    arms = items_at(record, "armsInterventionsModule.armGroups")
    known = {one_line(intervention_name(each)) for each in items_at(record, "armsInterventionsModule.interventions")}
    sites = items_at(record, "contactsLocationsModule.locations")
    found = _common(record)
    found["dates"] = [(path, whole_day(day)) for path in DATES[:2] if (day := value_at(record, path))]
    found["design"] = [(path, str(value)) for path in DESIGN if (value := value_at(record, path))]
    found["description"] = _texts(record, "descriptionModule.detailedDescription")
    found |= _names(record)
    for each in criteria:
        found.setdefault(_kind_of(each), []).append((each.list, each.number, one_line(each.text)))
    found["arms"] = _objects(record, "armsInterventionsModule.armGroups", "label", "type", "description")
    found["arms: interventions"] = [
        (one_line(arm["label"]), one_line(name))
        for arm in arms
        for name in arm.get("interventionNames", [])
        if one_line(name) in known
    ]
    found["interventions"] = _objects(record, "armsInterventionsModule.interventions", "type", "name", "description")
    found["locations"] = [
        tuple((key, one_line(site[key])) for key in ("city", "country", "facility", "state", "status") if key in site)
        for site in sites
    ]
    found["countries"] = [*dict.fromkeys(site["country"] for site in sites if "country" in site)]
    found["sponsors"] = _objects(record, "sponsorCollaboratorsModule.collaborators", "name", "class")
    found["officials"] = _objects(record, "contactsLocationsModule.overallOfficials", "name", "role", "affiliation")
    found["references"] = _objects(record, "referencesModule.references", "citation", "type", "pmid")
    found["identifiers"] = _objects(record, "identificationModule.secondaryIdInfos", "id", "type")
    return found


def read_parts(record: dict[str, Any], wanted: Parts) -> Parts:
    """The same parts of a record that was read."""
    sites = items_at(record, "contactsLocationsModule.locations")
    found = _common(record)
    found["dates"] = [(path, value_at(record, path)) for path in DATES]
    found["design"] = [(path, str(value)) for path in DESIGN if (value := value_at(record, path))]
    found["description"] = _texts(record, "descriptionModule.detailedDescription")
    found |= _names(record)
    found["criteria"] = found[NESTED] = [
        (each["list"], each["number"], " ".join(each["text"].split()))
        for each in items_at(record, "trialwright.eligibilityItems")
    ]
    found["arms"] = _objects(record, "armsInterventionsModule.armGroups", "label", "type", "description")
    found["arms: interventions"] = [
        (arm["label"], one_line(name))
        for arm in items_at(record, "armsInterventionsModule.armGroups")
        for name in arm.get("interventionNames", [])
    ]
    found["interventions"] = _objects(record, "armsInterventionsModule.interventions", "type", "name", "description")
    found["locations"] = [tuple(sorted(site.items())) for site in sites]
    found["countries"] = value_at(record, "trialwright.countries") or []
    found["collaborators"] = [each["name"] for each in items_at(record, "sponsorCollaboratorsModule.collaborators")]
    found["sponsors"] = _objects(record, "sponsorCollaboratorsModule.collaborators", "name", "class")
    found["officials"] = _objects(record, "contactsLocationsModule.overallOfficials", "name", "role", "affiliation")
    found["references"] = _objects(record, "referencesModule.references", "citation", "type", "pmid")
    found["identifiers"] = _objects(record, "identificationModule.secondaryIdInfos", "id", "type")
    for key in ("measure", "description", "timeFrame"):
        found[f"outcomes: {key}"] = [
            (path, number, each[key])
            for path in OUTCOMES
            for number, each in enumerate(items_at(record, f"outcomesModule.{path}"))
            if key in each
        ]
    found["outcomes: whole rows"] = [
        (path, *each)
        for path in OUTCOMES
        for each in _objects(record, f"outcomesModule.{path}", "measure", "description", "timeFrame")
    ]
    return {kind: found[kind] for kind in wanted}


def _common(record: dict[str, Any]) -> Parts:
    facts = [(path, value_at(record, path)) for path in FACTS]
    return {
        "facts": [(path, str(value)) for path, value in facts if value not in (None, [])],
        "lead sponsor": _texts(record, "sponsorCollaboratorsModule.leadSponsor.name"),
        "summary": _texts(record, "descriptionModule.briefSummary"),
    }


def _names(record: dict[str, Any]) -> Parts:
    found: Parts = {}
    for kind in ("conditions", "keywords"):
        names = [one_line(each) for each in value_at(record, f"conditionsModule.{kind}") or []]
        found |= {kind: names, f"{kind}, run together": [" ".join(names)] if names else []}
    return found


def _texts(record: dict[str, Any], path: str) -> list[str]:
    text = value_at(record, path)
    return [one_line(text)] if text else []


def _objects(record: dict[str, Any], path: str, *keys: str) -> list[Any]:
    return [tuple(one_line(each.get(key) or "") for key in keys) for each in items_at(record, path)]


def _without_labels(record: dict[str, Any]) -> dict[str, Any]:
    bare = deepcopy(record)
    interventions = items_at(bare, "armsInterventionsModule.interventions")
    names = {intervention_name(each): each["name"] for each in interventions}
    for arm in items_at(bare, "armsInterventionsModule.armGroups"):
        arm["interventionNames"] = [names[name] for name in arm.get("interventionNames", []) if name in names]
        arm.pop("type", None)
    for each in interventions:
        each.pop("type")
    for site in items_at(bare, "contactsLocationsModule.locations"):
        site.pop("status", None)
    return bare


def _kind_of(criterion: Criterion) -> str:
    return NESTED if re.search(r"\n[*•-] ", criterion.text) else "criteria"


def _bulleted(text: str, bullet: str) -> str:
    return text.replace("\n* ", f"\n{bullet} ")


def introductions(folder: Path) -> dict[str, str]:
    """The sentence that introduces each heading of layout B, as far as the pages of a folder have it."""
    wanted = {introduction: heading for heading, (_, introduction, _) in HEADINGS.items() if introduction}
    lines = {line for page in sorted(folder.glob("*.txt")) for line in page.read_text().splitlines()}
    return {wanted[digest(line)]: line for line in lines if digest(line) in wanted}


FORMS: dict[str, tuple[Callable[..., str], Callable[..., Parts], dict[str, Any]]] = {
    "A, dashes": (page_a, parts_on_a, {"bullet": "-"}),
    "A, stars": (page_a, parts_on_a, {"bullet": "*"}),
    "B": (page_b, parts_on_b, {}),
    "B, no indents": (page_b, parts_on_b, {"indented": False}),
    "B, compact": (page_b, parts_on_b, {"labels": False}),
}
"""Each form of page: how a record is printed in it, what it prints, and the printer's options."""


def shares(
    records: Iterable[dict[str, Any]],
    form: str,
    intro: dict[str, str] | None = None,
    misses: Callable[[str, str, list[Any], list[Any]], None] | None = None,
) -> dict[str, tuple[int, int]]:
    """Of the parts that the pages of records print, how many come back exactly: (found, printed) for each kind."""
    found: Counter[str] = Counter()
    printed: Counter[str] = Counter()
    printer, parts_of, options = FORMS[form]
    for record in records:
        extra = {"introductions": intro} if intro and printer is page_b else {}
        page = printer(record, **options, **extra)
        wanted = parts_of(record, **{name: options[name] for name in ("bullet", "labels") if name in options})
        got = read_parts(read_record(page).record, wanted)
        for kind, parts in wanted.items():
            both = Counter(parts) & Counter(got[kind])
            found[kind] += both.total()
            printed[kind] += len(parts)
            if misses and both.total() < len(parts):
                number = str(value_at(record, "identificationModule.nctId"))
                lost, instead = Counter(parts) - both, Counter(got[kind]) - both
                misses(kind, number, list(lost.elements()), list(instead.elements()))
    return {kind: (found[kind], printed[kind]) for kind in printed if printed[kind]}


def table(measured: dict[str, tuple[int, int]]) -> str:
    """The shares as lines."""
    return "\n".join(
        f"  {kind:<26} {100 * got / of:5.1f} %  {got:>6} of {of:>6}" for kind, (got, of) in measured.items()
    )


def records_in(path: Path) -> list[dict[str, Any]]:
    """The API records of a file, one a line."""
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def main() -> None:
    """Print the table for the files that were named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--form", choices=FORMS)
    parser.add_argument("--misses", metavar="KIND")
    parser.add_argument("--step", type=int, default=1, help="take every n-th record")
    arguments = parser.parse_args()
    records = [record for path in arguments.files for record in records_in(path)][:: arguments.step]
    intro = introductions(arguments.pages) if arguments.pages else None

    def show(kind: str, number: str, lost: list[Any], instead: list[Any]) -> None:
        if kind == arguments.misses:
            print(number, *(f"  - {each}" for each in lost), *(f"  + {each}" for each in instead), sep="\n")

    for form in [arguments.form] if arguments.form else FORMS:
        measured = shares(records, form, intro, show)
        print(f"{form}: {len(records)} records\n{table(measured)}")


if __name__ == "__main__":
    main()
