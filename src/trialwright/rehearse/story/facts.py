"""What a story may say of the trial after a step: `status`, `next dose`, `verdict of first subject`.

A fact is one of a few with a name of their own, or any attribute of what a person sees (`trialwright.conduct.View`), in
words. `of` goes inwards: `given ml of infusion of first subject`.
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
from trialwright.rehearse.story.words import as_name

Made = Mapping[str, Any]
"""What a step made: the fields of its events."""

FACTS: Mapping[str, tuple[str, Callable[[View], Any]]] = {
    "status": ("where the trial stands, one sentence", lambda seen: seen.status),
    "next dose": (
        "the dose level that the dose rule names now, or none",
        lambda seen: seen.next_dose and seen.next_dose.dose,
    ),
    "recommendation": (
        "what the dose rule says now, such as escalate",
        lambda seen: seen.next_dose and seen.next_dose.decision,
    ),
    "open level": ("the dose level that takes subjects, or none", lambda seen: _open(seen, "level")),
    "free slots": ("slots of the open level that nobody holds, or none", lambda seen: _open(seen, "free")),
    "mtd": ("the maximum tolerated dose's level, or none", lambda seen: seen.mtd),
    "outcomes": ("the outcomes so far, such as 1NNT", lambda seen: seen.outcomes),
    "stopped": ("whether dose escalation has ended, yes or no", lambda seen: seen.stopped),
    "can propose": ("whether a dose decision can be proposed now, yes or no", lambda seen: seen.can_propose),
}
"""Facts with a name of their own: what each says, and how it is seen."""


def unknown(path: str, names: frozenset[str]) -> bool:
    """Whether a fact can be none, whatever happens; what is asked `of` a name shows only when it is played."""
    parts = path.split(" of ")
    if path in FACTS or any(" of ".join(parts[place:]) in names for place in range(len(parts))):
        return False
    return not _has(View, as_name(parts[-1]))


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
        case tuple() | list() | frozenset() | set():
            parts = sorted(value, key=str) if isinstance(value, frozenset | set) else value
            return ", ".join(map(text_of, parts)) or "none"
    return str(value)


def _loose(pattern: str) -> str:
    """Spaces beside `...` may be there or not."""
    return pattern.replace("\\ .*", ".*").replace(".*\\ ", ".*")


def _said(seen: View, what: str) -> Any:
    """What the dose rule says, where the trial has one."""
    return getattr(seen.next_dose, what, None)


def _open(seen: View, what: str) -> Any:
    return next((getattr(level, what) for level in seen.levels if level.status == "open"), None)


def _has(kind: type, name: str) -> bool:
    return name in {field.name for field in fields(kind)} or isinstance(getattr(kind, name, None), property)


def _thing(seen: View, made: Made) -> Any:
    """What a saved name stands for in what a person sees: an adverse event, a subject, a dose decision."""
    subject = seen.subject(made["subject"]) if "subject" in made else None
    if subject and "event" in made:
        return next((event for event in subject.adverse_events if event.number == made["event"]), None)
    if subject:
        return subject
    return next((one for one in seen.decisions if one.number == made.get("number")), None)


def _inwards(thing: Any, made: Made, parts: list[str]) -> Any:
    for place, part in enumerate(reversed(parts)):
        name = as_name(part)
        if isinstance(thing, Mapping):
            thing = thing.get(name, thing.get(part))
        elif is_dataclass(thing) and hasattr(thing, name):
            thing = getattr(thing, name)
        elif place == 0 and name in made:
            thing = made[name]
        else:
            raise LookupError(f"there is no '{part}' here; it has: {_names(thing, made)}")
    return thing


def _names(thing: Any, made: Made) -> str:
    there = {field.name for field in fields(thing)} if is_dataclass(thing) else set()
    return ", ".join(sorted(name.replace("_", " ") for name in there | set(made))) or "nothing, for this person"
