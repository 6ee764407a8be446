"""What reading a registered record gives: the record, what is wrong with it, and where each field stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
FieldState = Literal["carried", "lost", "none", "absent"]
Layout = Literal["page A", "page B", "API v2", "API v1", "classic XML"]

EXTENSION = "trialwright"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect of a record.

    `rule` is the id in the lint catalogue (`X04`, `C01`). An `error` means that the part it names may not be carried
    out until somebody has confirmed it, a `warning` that somebody should look, a `note` that nothing is wrong but the
    reader should know. `place` is the section and, where there is one, the item or the line.
    """

    rule: str
    severity: Severity
    place: str
    what: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A registered record as read, with nothing lost and nothing repaired.

    `record` has the structure and the names of the ClinicalTrials.gov API v2. What that structure has no place for is
    under the key `trialwright`:

    * `eligibilityItems`: each criterion as `{"list", "number", "text"}`; `list` is `inclusion`, `exclusion` or
      `unlabelled`, `number` is the number printed before it, or null for a bullet;
    * `relatedTrials`: the page's own list of other trials, as `{"nctId", "title", "overallStatus", "phases"}`;
    * `postedResults`: the posted results of a page as text, as `{"module", "heading", "text"}`;
    * `otherSections`: text that no rule of the reader understood, as `{"heading", "text"}`;
    * `otherValues`: second values of a field that the page gives twice, as `{"field", "value"}`;
    * `countries`, `facilityContacts`, `otherInterventionNames`, `isFdaRegulated`, `healthAuthority`: fields that only
      the pages have.

    `sections` maps a section's name to its passages as they stand in the source, in the source's order; a section
    whose heading stands over no text has no passages. `field_states` maps a field's path to `carried`, `lost` (its
    heading or label is there and its text is gone), `none` (this source says that there is no such limit) or `absent`
    (this source does not have it). `places` says, for each non-blank line of a page, where it went.
    """

    source: str
    layout: Layout
    record: dict[str, Any]
    sections: Mapping[str, tuple[str, ...]]
    field_states: Mapping[str, FieldState]
    findings: tuple[Finding, ...]
    places: tuple[tuple[int, str, str], ...] = ()

    @property
    def nct_id(self) -> str | None:
        """The registration number, or None where the source does not say."""
        return text_at(self.record, "identificationModule.nctId") or None


def rooted(path: str) -> tuple[str, ...]:
    """The keys of a path; a path that begins with a module's name lies in `protocolSection`.

    >>> rooted("statusModule.overallStatus")
    ('protocolSection', 'statusModule', 'overallStatus')
    """
    keys = tuple(path.split("."))
    return ("protocolSection", *keys) if keys[0].endswith("Module") else keys


def value_at(record: Mapping[str, Any], path: str) -> Any:
    """The value at a path of a record, or None.

    >>> value_at({"protocolSection": {"statusModule": {"overallStatus": "COMPLETED"}}}, "statusModule.overallStatus")
    'COMPLETED'
    """
    found: Any = record
    for key in rooted(path):
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


def text_at(record: Mapping[str, Any], path: str) -> str:
    """The text at a path of a record; what is absent or no text is the empty text.

    >>> text_at({}, "statusModule.overallStatus")
    ''
    """
    found = value_at(record, path)
    return found if isinstance(found, str) else ""


def items_at(record: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    """The objects of a list at a path of a record; an absent list has none.

    >>> items_at({}, "armsInterventionsModule.armGroups")
    []
    """
    found = value_at(record, path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
