"""What a story may say of the trial after a step: `status`, `next dose`, `verdict of first subject`.

A fact is one of a few with a name of their own, or any attribute of what a person sees (`trialwright.conduct.View`), in
words. `of` goes inwards: `given ml of infusion 2 of first subject`, `status of visit Month 3 of first subject`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from trialwright.conduct import View
from trialwright.conduct.course import Infusion, MedicineTaken, Preparation
from trialwright.conduct.data_state import DataPoint, Query
from trialwright.conduct.views import SubjectView
from trialwright.conduct.visits import PlannedVisit
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.study import Study
from trialwright.rehearse.story.words import as_name

Made = Mapping[str, Any]
"""What a step made: the fields of its events."""

FACTS: Mapping[str, tuple[str, Callable[[View], Any]]] = {
    "status": ("where the trial stands, one sentence", lambda seen: seen.status),
    "next dose": (
        "the dose level that the dose rule names now, which may lie below the open one, or none",
        lambda seen: seen.next_dose and seen.next_dose.dose,
    ),
    "recommendation": (
        "what the dose rule says now of all levels, such as escalate",
        lambda seen: seen.next_dose and seen.next_dose.decision,
    ),
    "open level": ("the dose level that takes subjects, or none", lambda seen: _open(seen, "level")),
    "open cohort": ("the cohort that takes subjects, or none", lambda seen: seen.open_cohort),
    "free slots": (
        "slots that nobody holds: of the open level or cohort, or of a trial without them; none where none is open",
        lambda seen: seen.free,
    ),
    "mtd": ("the maximum tolerated dose's level, or none", lambda seen: seen.mtd),
    "outcomes": (
        "the outcomes so far, cohort by cohort, in the order of infusion: 1NTN 1NNP; N no DLT, T a DLT, P pending",
        lambda seen: seen.outcomes,
    ),
    "stopped": ("whether dose escalation has ended, yes or no", lambda seen: seen.stopped),
    "can propose": ("whether a dose decision can be proposed now, yes or no", lambda seen: seen.can_propose),
}
"""Facts with a name of their own: what each says, and how it is seen."""


SUBJECT_FACTS: Mapping[str, tuple[str, type | None, Callable[[SubjectView], Any]]] = {
    "infusions": ("every infusion that was begun, in order", Infusion, lambda subject: subject.course.infusions),
    "preparations": ("every preparation, in order", Preparation, lambda subject: subject.course.preparations),
    "medicines": ("other medicine, by its name", MedicineTaken, lambda subject: subject.course.medicines),
    "visits": (
        "the visits of the schedule: `status of visit Month 3 of ...`",
        PlannedVisit,
        lambda subject: {planned.visit.name: planned for planned in subject.data.plan},
    ),
    "collected": (
        "what was collected: `crp of Month 1 of collected of ...`, why it is missing where it is",
        None,
        lambda subject: {visit: _collected(points) for visit, points in subject.data.points.items()},
    ),
    "queries": ("its queries, in order", Query, lambda subject: subject.data.queries),
}
"""What else can be asked of a subject: what each says, what each of them is, and how it is seen."""

HEADLINES = ("term", "decision", "status", "name", "version", "rule", "drug", "person", "number", "id")
"""The part by which a thing is told: a disposition by its term, an infusion by its status."""

_NUMBERED = re.compile(r"([a-z ]+) (\d+)")


def unknown(path: str, names: frozenset[str]) -> bool:
    """Whether a fact can be none, whatever happens; what is asked `of` a name shows only when it is played."""
    parts = path.split(" of ")
    if path in FACTS or any(" of ".join(parts[place:]) in names for place in range(len(parts))):
        return False
    numbered = _NUMBERED.fullmatch(parts[-1])
    return not _has(View, as_name(_several(numbered[1]) if numbered else parts[-1]))


def _several(one: str) -> str:
    return f"{one.removesuffix('y')}ies" if one == "query" else f"{one}s"


def look(path: str, seen: View, names: Mapping[str, Made]) -> str:
    """The text of a fact.

    Args:
        path: The fact in words.
        seen: What the person sees who looks.
        names: What earlier steps made, by the name that the story gave it.

    Raises:
        LookupError: There is no such fact.
    """
    if path in FACTS:
        return text_of(FACTS[path][1](seen))
    parts = path.split(" of ")
    for place in range(len(parts)):
        name = " of ".join(parts[place:])
        if name in names:
            if place == 0:
                raise LookupError(f"'{path}' names what a step made; say what of it, such as 'verdict of {path}'")
            return text_of(_inwards(_thing(seen, names[name]), names[name], parts[:place]))
    return text_of(_inwards(seen, {}, parts))


def holds(found: str, expected: str) -> bool:
    """Whether a text is what a story expects: the same words or number; `...` stands for any words.

    Example:
        >>> holds("Level 1 (low) is open; 3 of 3 slots are free.", "Level 1 ... is open; ...")
        True
        >>> holds("30.40", "30.4"), holds("none", "no")
        (True, False)
    """
    try:
        return Decimal(found) == Decimal(expected)
    except InvalidOperation:
        pattern = ".*".join(re.escape(" ".join(part.split())) for part in expected.split("..."))
        return re.fullmatch(_loose(pattern), " ".join(found.split()), re.IGNORECASE) is not None


def text_of(value: Any) -> str:
    """A value as a story writes it."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case Decimal():
            return f"{value.normalize():f}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case AmountOf():
            return str(value)
        case tuple() | list() | frozenset() | set():
            parts = sorted(value, key=str) if isinstance(value, frozenset | set) else value
            return ", ".join(map(text_of, parts)) or "none"
        case Mapping():
            return ", ".join(f"{name} {text_of(one)}" for name, one in value.items()) or "none"
    return _told(value)


def _told(value: Any) -> str:
    """A thing by its headline, or part by part."""
    if isinstance(value, Study):
        return f"{value.id} version {value.version}"
    if not is_dataclass(value) or type(value).__str__ is not object.__str__:
        return str(value)
    headline = next((name for name in HEADLINES if hasattr(value, name)), None)
    if headline:
        return text_of(getattr(value, headline))
    return ", ".join(f"{one.name.replace('_', ' ')} {text_of(getattr(value, one.name))}" for one in fields(value))


def _collected(points: Mapping[str, DataPoint]) -> dict[str, Any]:
    """The last observation of each item of a visit."""
    found: dict[str, Any] = {}
    for item, point in points.items():
        last = point.value[-1] if point.value else {}
        found[item] = point.missing or last.get("value", last.get("dose", last.get("on", "no")))
    return found


def _loose(pattern: str) -> str:
    """Spaces beside `...` may be there or not."""
    return pattern.replace("\\ .*", ".*").replace(".*\\ ", ".*")


def _open(seen: View, what: str) -> Any:
    return next((getattr(level, what) for level in seen.levels if level.status == "open"), None)


def _has(kind: type, name: str) -> bool:
    return name in {field.name for field in fields(kind)} or isinstance(getattr(kind, name, None), property)


def _thing(seen: View, made: Made) -> Any:
    """What a saved name stands for in what a person sees: an adverse event, a subject, a lot, a dose decision."""
    subject = seen.subject(made["subject"]) if "subject" in made else None
    if subject and "event" in made:
        return next((event for event in subject.adverse_events if event.number == made["event"]), None)
    if subject:
        return subject
    if "lot" in made:
        return seen.stock.lots.get(made["lot"])
    return next((one for one in seen.decisions if one.number == made.get("number")), None)


def _inwards(thing: Any, made: Made, parts: list[str]) -> Any:
    for place, part in enumerate(reversed(parts)):
        found = _part(thing, part)
        if found is _NOTHING and place == 0 and as_name(part) in made:
            found = made[as_name(part)]
        if found is _NOTHING:
            raise LookupError(f"there is no '{part}' here; it has: {_names(thing, made if place == 0 else {})}")
        thing = found
    return thing


_NOTHING = object()


def _part(thing: Any, part: str) -> Any:
    """A part of a thing by its words: `given ml`, `infusion 2`, `visit Month 3`, `number`; or `_NOTHING`."""
    name = as_name(part)
    if isinstance(thing, SubjectView) and part in SUBJECT_FACTS:
        return SUBJECT_FACTS[part][2](thing)
    if isinstance(thing, Mapping):
        same = {str(key).lower(): value for key, value in thing.items()} | {"number": len(thing)}
        return same.get(part.lower(), same.get(name))
    if is_dataclass(thing) and hasattr(thing, name):
        return getattr(thing, name)
    if isinstance(thing, tuple | frozenset):
        return len(thing) if part == "number" else _NOTHING
    return _of_several(thing, part) if is_dataclass(thing) else _NOTHING


def _of_several(thing: Any, part: str) -> Any:
    """The second of the infusions by `infusion 2`, one of the visits by `visit Month 3`."""
    kind, _, which = part.partition(" ")
    if (numbered := _NUMBERED.fullmatch(part)) and isinstance(several := _part(thing, _several(numbered[1])), tuple):
        place = int(numbered[2])
        return several[place - 1] if 0 < place <= len(several) else None
    several = _part(thing, f"{kind}s") if which else _NOTHING
    found = _part(several, which) if isinstance(several, Mapping) else None
    return _NOTHING if found is None else found


def _names(thing: Any, made: Made) -> str:
    there = {field.name for field in fields(thing) if field.repr} if is_dataclass(thing) else set()
    also = set(SUBJECT_FACTS) if isinstance(thing, SubjectView) else set()
    return ", ".join(sorted(name.replace("_", " ") for name in there | also | set(made))) or "nothing, for this person"
