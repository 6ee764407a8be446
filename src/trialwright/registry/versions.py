"""Two versions of one record: which dates slipped, what else moved, and what only one of the two has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from trialwright.errors import RecordError
from trialwright.registry.fields import FIELDS, OCCASIONAL
from trialwright.registry.lint_text import items_of
from trialwright.registry.reading import Finding, Reading, text_at, value_at
from trialwright.registry.vocabulary import unescape

Kind = Literal["moved", "gained", "lost"]

_DATES = ("start", "primaryCompletion", "completion")
_LONGEST = 90
_KEYS = ("label", "measure", "facility", "name", "citation")
_VERSION_FIELDS = frozenset({"statusModule.lastUpdatePostDateStruct.date", "statusModule.statusVerifiedDate"})
_CRITERIA = "eligibilityModule.eligibilityCriteria"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field, or one criterion, in which two versions of a record differ.

    `kind` is `moved` where both have it and it differs, `gained` where only the later has it, `lost` where only the
    earlier has it. `before` and `after` are texts for a reader; of a long text the first words.
    """

    name: str
    kind: Kind
    before: str
    after: str

    def __str__(self) -> str:
        match self.kind:
            case "moved":
                return f"{self.name}: {self.before} -> {self.after}"
            case "gained":
                return f"{self.name}: only the later version has it: {self.after}"
            case _:
                return f"{self.name}: only the earlier version has it: {self.before}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions of one record, the earlier and the later, what differs, and the findings on dates that slipped."""

    earlier: Reading
    later: Reading
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


def compare(reading: Reading, other: Reading) -> Comparison:
    r"""What differs between two versions of one record, field by field in the registry's order.

    Versions may come from different sources: a page against the registry's JSON. A date that is exact to the month in
    one and to the day in the other has moved only where the months differ. Texts that differ in spaces, marks or
    letter case are the same.

    Args:
        reading: One version.
        other: The other one; it is the earlier, unless the dates of last update say otherwise.

    Raises:
        RecordError: The two are not of one trial.

    Example:
        >>> from trialwright.registry.read import read_record
        >>> page = "T\nNCT ID: NCT00000001\nBasic Information\nRECRUITING\n1 participants"
        >>> older, newer = read_record(page), read_record(page.replace("1 part", "9 part"))
        >>> [str(change) for change in compare(newer, older).changes]
        ['enrolment: 1 -> 9']
    """
    if reading.nct_id != other.nct_id or reading.nct_id is None:
        raise RecordError(
            f"{other.source} is of {other.nct_id or 'no numbered trial'} and {reading.source} of "
            f"{reading.nct_id or 'no numbered trial'}: only versions of one record are compared; give one of the same"
        )
    swapped = all((updated(reading), updated(other))) and updated(reading) < updated(other)
    earlier, later = (reading, other) if swapped else (other, reading)
    found = tuple(slipped_dates(earlier, later))
    return Comparison(earlier=earlier, later=later, changes=_changes(earlier, later), findings=found)


def updated(reading: Reading) -> str:
    """The day of a record's last update, or the empty text."""
    return text_at(reading.record, "statusModule.lastUpdatePostDateStruct.date")


def _changes(earlier: Reading, later: Reading) -> tuple[Change, ...]:
    paths = [path for path in (*FIELDS, *OCCASIONAL) if path not in _VERSION_FIELDS and path != _CRITERIA]
    fields = [change for path in paths if (change := _change(earlier, later, path))]
    return (*fields, *_criteria(earlier, later))


def slipped_dates(earlier: Reading, later: Reading) -> Iterator[Finding]:
    """C27: a start or an end that is later in the later version."""
    updates = [updated(each) or "an unknown day" for each in (earlier, later)]
    for field in _DATES:
        path = f"statusModule.{field}DateStruct.date"
        before, after = text_at(earlier.record, path), text_at(later.record, path)
        months = _months(before, after)
        if months:
            way = f"{abs(months)} months {'later' if months > 0 else 'earlier'}"
            yield Finding(
                rule="C27",
                severity="note",
                place="status",
                what=f"{FIELDS[path][0]} {before} as of {updates[0]}, {after} as of {updates[1]}: {way}",
                why="a date that moves says how the trial goes; the record itself shows only the last one",
                mend="nothing to do; plan with the date of the later version",
            )


def _months(before: str, after: str) -> int:
    if min(len(before), len(after)) < len("2026-01"):
        return 0
    return (int(after[:4]) - int(before[:4])) * 12 + int(after[5:7]) - int(before[5:7])


def _change(earlier: Reading, later: Reading, path: str) -> Change | None:
    name = FIELDS[path][0] if path in FIELDS else OCCASIONAL[path]
    before, after = (value_at(each.record, path) for each in (earlier, later))
    if before in (None, "", [], {}) and after in (None, "", [], {}):
        return None
    if before in (None, "", [], {}):
        return Change(name=name, kind="gained", before="", after=_shown(after))
    if after in (None, "", [], {}):
        return Change(name=name, kind="lost", before=_shown(before), after="")
    is_date = path.endswith("DateStruct.date")
    same = not _months(str(before), str(after)) if is_date else bool(_keys(before) & _keys(after))
    return None if same else _moved(name, before, after)


def _moved(name: str, before: Any, after: Any) -> Change:
    shown, now = _shown(before), _shown(after)
    if shown == now or len(shown) > _LONGEST or len(now) > _LONGEST:
        shown, now = _from_difference(_plain(before), _plain(after))
    return Change(name=name, kind="moved", before=shown, after=now)


def _from_difference(before: str, after: str) -> tuple[str, str]:
    """The words of two texts from the first in which they differ, with three before it."""
    old, new = before.split(), after.split()
    same = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    return _cut(" ".join(old[max(0, same - 3) :])), _cut(" ".join(new[max(0, same - 3) :]))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return next((_plain(value[key]) for key in _KEYS if value.get(key)), ", ".join(map(str, value.values())))
    return " ".join(unescape(str(value)).split())


def _keys(value: Any) -> set[str]:
    """What a value is known by: its letters and digits, and those of a list in alphabetical order too."""
    parts = [_letters(_plain(each)) for each in value] if isinstance(value, list) else [_letters(_plain(value))]
    return {"".join(parts), "".join(sorted(parts))}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _shown(value: Any) -> str:
    return _cut(_plain(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} ..."


def _criteria(earlier: Reading, later: Reading) -> Iterator[Change]:
    old, new = (_items(each) for each in (earlier, later))
    for key, (place, text) in old.items():
        if key not in new:
            yield Change(name=place, kind="lost", before=_cut(text), after="")
    for key, (place, text) in new.items():
        if key not in old:
            yield Change(name=place, kind="gained", before="", after=_cut(text))


def _items(reading: Reading) -> dict[str, tuple[str, str]]:
    return {_letters(f"{place.partition(',')[0]}{text}"): (place, _plain(text)) for place, text in items_of(reading)}
