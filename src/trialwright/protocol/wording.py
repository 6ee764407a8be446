"""Conditions in plain words, with the items' labels and units: what a criterion asks, for a reader who knows no syntax.

The words say the same as the tree. Labels stand as the protocol writes them, so a reader finds them in its tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any

from trialwright.protocol.criteria import (
    Among,
    AtLeast,
    Comparison,
    Condition,
    Deferred,
    Fell,
    Happened,
    If,
    Judged,
    Lasting,
    Not,
    Several,
    Unreadable,
    When,
)
from trialwright.protocol.facts import is_unscheduled
from trialwright.protocol.quantity import plain
from trialwright.protocol.study import Study
from trialwright.protocol.subject_text import spoken

_LIMITS = {">=": "of at least", "<=": "of at most", ">": "above", "<": "below", "=": "of exactly", "!=": "other than"}
_OPPOSITE = {">=": "<", "<": ">=", "<=": ">", ">": "<=", "=": "!=", "!=": "="}
_PICKS = {"last": "", "first": "the first value of ", "any": "any value of ", "all": "every value of "}
_NORMAL = {"ULN": "the upper limit of normal", "LLN": "the lower limit of normal"}
_SAID = {"uln": "upper limit of normal", "lln": "lower limit of normal"}
_UNITS = {
    "score": "",
    "1": "",
    "a": "years",
    "mo": "months",
    "wk": "weeks",
    "d": "days",
    "h": "hours",
    "mm[Hg]": "mmHg",
    "mg/d": "mg a day",
    "mg/wk": "mg a week",
    "g/d": "g a day",
    "mL/min/{1.73_m2}": "mL/min per 1.73 m²",
    "10*9/L": "× 10⁹/L",
    "10*12/L": "× 10¹²/L",
    "umol/L": "µmol/L",
    "[copies]/mL": "copies/mL",
}


def words(condition: Condition, study: Study) -> str:
    """Say a condition in words.

    Args:
        condition: The condition.
        study: The protocol that names its items and visits; a name that it does not know stands for itself.

    Returns:
        A phrase without a full stop, such as `BASDAI of at least 4 at Screening and at Baseline`.
    """
    match condition:
        case Comparison():
            return _compared([condition], study)
        case Among():
            among = _listed(map(_spaced, condition.words), "or")
            return f"{label(condition.item, study)}: {among}{_when(condition.when, study)}"
        case Happened():
            when = _when(condition.when, study) if condition.when.anchor else " at any time"
            return f"{label(condition.item, study)}{when}"
        case Lasting():
            return f"{_drug(condition.item, study)} {_lasting(condition, study)}"
        case Fell(item=item, least=least, start=start, end=end):
            visits = f"from {visit_label(start, study)} to {visit_label(end, study)}"
            return f"{label(item, study)} fallen by at least {plain(least)}% {visits}"
        case Judged(by=by):
            return "attested by the subject" if by == "subject" else f"confirmed by the judgement of the {by}"
        case Unreadable():
            return "not readable in the registered record, so undecided until the sponsor restates it"
        case Deferred(part=part):
            return f"enrolment waits until: {words(part, study)}"
        case _:
            return _joined(condition, study)


def label(item: str, study: Study) -> str:
    """An item's label; its name in words where the protocol has no such item."""
    found = study.item(item)
    return found.label if found else _spaced(item)


def visit_label(name: str, study: Study) -> str:
    """A visit as the protocol writes it, or as one that it does not schedule is called."""
    found = study.visit(name)
    spaced = _spaced(name)
    return found.visit if found else spaced.upper() if is_unscheduled(name) else spaced


def named(missing: str, study: Study) -> str:
    """What is missing, with the labels of items and visits in place of their names in conditions.

    Example:
        >>> from tests.conductor import STUDY
        >>> named("basdai at screening", STUDY)
        'BASDAI at Screening'
    """

    def known(name: re.Match[str]) -> str:
        item, visit = study.item(name[0]), study.visit(name[0])
        return item.label if item else visit.visit if visit else name[0]

    return re.sub(r"\w+", known, missing)


def finding_words(finding: str, study: Study) -> str:
    """How a criterion stands, with what it needs named by labels."""
    how, separator, missing = finding.partition(": needs ")
    return f"{how}{separator}{named(missing, study)}"


def unit_words(unit: str | None) -> str:
    """A unit of UCUM as a reader knows it; empty for a plain number.

    Example:
        >>> unit_words("mg/d"), unit_words("mmol/L"), unit_words("score")
        ('mg a day', 'mmol/L', '')
    """
    return _UNITS.get(unit or "", unit or "").replace("{", "").replace("}", "")


def in_words(history: Sequence[Mapping[str, Any]]) -> str:
    """An item's observations, with their units and limits as a reader knows them.

    Example:
        >>> in_words([{"value": Decimal(21), "unit": "umol/L", "uln": Decimal("45.0")}]), in_words([])
        ('21 µmol/L (upper limit of normal 45.0)', 'never')
    """
    known = ({**one, "unit": unit_words(one.get("unit"))} for one in history)
    return spoken([{_SAID.get(key, key): said for key, said in one.items() if said != ""} for one in known])


def _joined(condition: Not | Several | AtLeast | If, study: Study) -> str:
    match condition:
        case Not(part=part):
            return _negated(part, study)
        case AtLeast(number=number, of=parts):
            how_many = "any" if number == 1 else f"at least {number}"
            return f"{how_many} of: {'; '.join(_grouped(part, study) for part in parts)}"
        case If(premise=premise, then=then):
            return f"if {_grouped(premise, study)}, then {_grouped(then, study)}"
        case Several(word="and", of=(first, Not(part=exception))):
            return f"{_grouped(first, study)}, unless {_grouped(exception, study)}"
        case Several(word=word, of=parts):
            return _listed(_phrases(word, parts, study), word)


def _phrases(word: str, parts: Sequence[Condition], study: Study) -> Iterable[str]:
    """The parts as phrases; neighbouring limits of one item become one phrase."""

    def subject(part: Condition) -> object:
        joins = isinstance(part, Comparison) and isinstance(part.value, Decimal)
        return (part.item, part.pick, part.when) if joins and isinstance(part, Comparison) else id(part)

    for _, group in groupby(parts, key=subject):
        together = list(group)
        limits = [part for part in together if isinstance(part, Comparison)]
        if len(limits) == len(together) and isinstance(limits[0].value, Decimal):
            yield _compared(limits, study, word)
        else:
            yield from (_grouped(part, study) for part in together)


def _compared(limits: Sequence[Comparison], study: Study, word: str = "and") -> str:
    first = limits[0]
    subject = f"{_PICKS[first.pick]}{label(first.item, study)}"
    when = _when(first.when, study)
    if isinstance(first.value, Decimal):
        return f"{subject} {f' {word} '.join(_limit(limit, study) for limit in limits)}{when}"
    if isinstance(first.value, str):
        subject = f"{_PICKS[first.pick]}{_drug(first.item, study)} taken" if first.frequency else f"{subject}:"
        return f"{subject} {'' if first.op == '=' else 'other than '}{_spaced(first.value)}{when}"
    yes = first.value is (first.op == "=")
    return f"{subject}{when}" if yes else f"{subject}: no{when}"


def _limit(limit: Comparison, study: Study) -> str:
    if not isinstance(limit.value, Decimal):
        raise TypeError(f"{limit} compares no number")
    number = plain(limit.value)
    if limit.times:
        multiple = "" if limit.value == 1 else f"{number} times "
        return f"{_LIMITS[limit.op]} {multiple}{_NORMAL[limit.times]}"
    item = study.item(limit.item)
    unit = unit_words(limit.unit or (item.unit if item else None))
    return f"{_LIMITS[limit.op]} {number}{'' if unit in {'', '%'} else ' '}{unit}"


def _negated(part: Condition, study: Study) -> str:
    match part:
        case Comparison(pick="last" | "first") if len(part.when.visits) < 2:
            return _compared([replace(part, op=_OPPOSITE[part.op])], study)
        case Happened() | Lasting():
            return f"no {words(part, study)}"
        case Several(word="or", of=parts):
            return f"none of: {'; '.join(_grouped(one, study) for one in parts)}"
        case Several(word="and", of=parts):
            return f"not {'both' if len(parts) == 2 else 'all'} of: {'; '.join(_grouped(one, study) for one in parts)}"
    return f"not: {_grouped(part, study)}"


def _grouped(part: Condition, study: Study) -> str:
    said = words(part, study)
    return f"({said})" if isinstance(part, Several | AtLeast | If) else said


def _drug(item: str, study: Study) -> str:
    return label(item, study).partition(", dose")[0]


def _lasting(lasting: Lasting, study: Study) -> str:
    anchor = visit_label(lasting.anchor, study)
    if lasting.period is None:
        return f"taken at {anchor}"
    how = "at an unchanged dose and route" if lasting.stable else "taken"
    return f"{how} for at least {lasting.period} before {anchor}"


def _when(when: When, study: Study) -> str:
    if when.visits:
        return " " + _listed((f"at {visit_label(visit, study)}" for visit in when.visits), "and")
    if when.period is None:
        return ""
    return f" within {when.period} {when.side} {visit_label(when.anchor or '', study)}"


def _listed(phrases: Iterable[str], word: str) -> str:
    """Phrases in a row; semicolons keep apart what has commas, or an `and` or `or`, of its own."""
    *most, last = phrases
    if any(mark in phrase for phrase in (*most, last) for mark in (", ", " and ", " or ")) and most:
        return f"{'; '.join(most)}; {word} {last}"
    return f"{', '.join(most)} {word} {last}" if most else last


def _spaced(name: str) -> str:
    return name.replace("_", " ")
