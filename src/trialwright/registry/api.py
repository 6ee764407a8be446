"""The registry's own JSON (ClinicalTrials.gov API v2), with the sections that a pointer can name."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from trialwright.errors import RecordError
from trialwright.registry.eligibility import split_criteria
from trialwright.registry.reading import EXTENSION, value_at
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


def read_api(text: str, source: str) -> dict[str, Any]:
    """Read one study of the API v2; the result is the study with the key `trialwright` added.

    Args:
        text: A JSON object with `protocolSection`, or one with `studies` that holds exactly one of them.
        source: What to call the text in messages.

    Raises:
        RecordError: The text is no JSON, nests too deep, or holds no such study.

    Example:
        >>> study = '{"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}}'
        >>> read_api(study, "x.json")["trialwright"]
        {'eligibilityItems': []}
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{source}: this begins like JSON and cannot be read as JSON ({error}); save the study again"
        raise RecordError(message) from error
    if isinstance(found, dict) and isinstance(found.get("studies"), list):
        if len(found["studies"]) != 1:
            raise RecordError(
                f"{source}: this holds {len(found['studies'])} studies where one is read at a time; "
                "give each study its own file"
            )
        found = found["studies"][0]
    if not isinstance(found, dict) or not isinstance(found.get("protocolSection"), dict):
        raise RecordError(
            f"{source}: this JSON has no object 'protocolSection', so it is no study of the ClinicalTrials.gov API v2; "
            "download the study as JSON from the registry, or give the copied page"
        )
    record = copy.deepcopy(found)
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
