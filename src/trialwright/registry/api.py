"""The registry's own JSON in its versions, and the sections of a record that a pointer can name."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from trialwright.errors import RecordError
from trialwright.registry.api_v1 import is_study_fields, read_study_fields, read_v1
from trialwright.registry.classic_xml import is_classic, read_classic
from trialwright.registry.eligibility import split_criteria
from trialwright.registry.reading import EXTENSION, Finding, Layout, value_at
from trialwright.registry.vocabulary import unescape

_TEXTS = {
    "title": "identificationModule.briefTitle",
    "official title": "identificationModule.officialTitle",
    "brief summary": "descriptionModule.briefSummary",
    "detailed description": "descriptionModule.detailedDescription",
    "eligibility": "eligibilityModule.eligibilityCriteria",
}
_LISTS = {
    "conditions": "conditionsModule.conditions",
    "keywords": "conditionsModule.keywords",
    "basic information": "statusModule",
    "study design": "designModule",
    "arms": "armsInterventionsModule.armGroups",
    "interventions": "armsInterventionsModule.interventions",
    "outcomes": "outcomesModule",
    "sponsors": "sponsorCollaboratorsModule",
    "locations": "contactsLocationsModule.locations",
    "references": "referencesModule.references",
}


_OTHER_REGISTERS = {
    "isrctn": "a record of the ISRCTN register",
    "x4_clinical_trial_type": "a record of the EU Clinical Trials Register",
    "ctNumber": "a record of the EU's CTIS",
    "ctStatus": "a record of the EU's CTIS",
    "queries": "ctrdata's list of queries, not a record",
}


def read_json(text: str, source: str) -> tuple[dict[str, Any], Layout, tuple[Finding, ...]]:
    """Read one study in any JSON that ClinicalTrials.gov has given out; the result is an API v2 study.

    A study of the API v2 is passed through unchanged with the key `trialwright` added; one of the API v1, or of the
    classic site as ctrdata keeps it, is carried over.

    Args:
        text: A JSON object of one study, or of an answer that holds exactly one.
        source: What to call the text in messages.

    Raises:
        RecordError: The text is no JSON, nests too deep, holds several studies, or is of another register.

    Example:
        >>> study = '{"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}'
        >>> read_json(study, "x.json")[0]["trialwright"]
        {'eligibilityItems': []}
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        mend = "give each study its own file" if "Extra data" in str(error) else "save the study again"
        raise RecordError(f"{source}: this begins like JSON and cannot be read as JSON ({error}); {mend}") from error
    found = _only_study(found, source)
    if isinstance(found.get("protocolSection"), dict):
        return _passed_through(found), "API v2", ()
    if isinstance(found.get("ProtocolSection"), dict):
        return _with_layout("API v1", read_v1(found))
    if is_study_fields(found):
        return _with_layout("API v1", read_study_fields(found))
    if is_classic(found):
        return _with_layout("classic XML", read_classic(found))
    other = next((name for key, name in _OTHER_REGISTERS.items() if key in found), "")
    if other:
        raise RecordError(f"{source}: this is {other}, which is not read; give a record of ClinicalTrials.gov")
    raise RecordError(
        f"{source}: this JSON has no object 'protocolSection', so it is no study of the ClinicalTrials.gov API v2; "
        "download the study as JSON from the registry, or give the copied page"
    )


def _with_layout(
    layout: Layout, carried: tuple[dict[str, Any], tuple[Finding, ...]]
) -> tuple[dict[str, Any], Layout, tuple[Finding, ...]]:
    record, findings = carried
    return record, layout, findings


def _only_study(found: Any, source: str) -> dict[str, Any]:
    """The one study of an answer: `studies` of the API v2, `FullStudiesResponse` of the API v1, or the study itself."""
    for key in ("FullStudiesResponse", "FullStudy", "StudyFieldsResponse"):
        if isinstance(found, dict) and isinstance(found.get(key), dict):
            found = found[key]
    studies = next((found[key] for key in _LISTS_OF_STUDIES if isinstance(found, dict) and key in found), None)
    if isinstance(studies, list):
        if len(studies) != 1:
            raise RecordError(
                f"{source}: this holds {len(studies)} studies where one is read at a time; give each study its own file"
            )
        found = studies[0]
    if isinstance(found, dict) and isinstance(found.get("Study"), dict):
        found = found["Study"]
    return found if isinstance(found, dict) else {}


_LISTS_OF_STUDIES = ("studies", "FullStudies", "StudyFields")


def _passed_through(study: dict[str, Any]) -> dict[str, Any]:
    record = copy.deepcopy(study)
    criteria = value_at(record, _TEXTS["eligibility"])
    items = [item.as_item() for item in split_criteria(unescape(criteria))] if isinstance(criteria, str) else []
    present = record.get(EXTENSION)
    record[EXTENSION] = (present if isinstance(present, dict) else {}) | {"eligibilityItems": items}
    return record


def api_sections(record: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The sections of an API record under the same names as those of a page; a list gives one passage an entry."""
    found: dict[str, tuple[str, ...]] = {}
    for name, path in _TEXTS.items():
        value = value_at(record, path)
        if isinstance(value, str):
            found[name] = tuple(part for part in value.splitlines() if part.strip())
    for name, path in _LISTS.items():
        value = value_at(record, path)
        passages = _passages(value)
        if passages:
            found[name] = passages
    return found


def _passages(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple("\n".join(_strings(entry)) for entry in value if _strings(entry))
    if isinstance(value, dict):
        return tuple(text for entry in value.values() for text in _passages(entry))
    return tuple(_strings(value))


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for entry in value.values() for text in _strings(entry)]
    if isinstance(value, list):
        return [text for entry in value for text in _strings(entry)]
    return [] if value is None or value == "" else [str(value)]
