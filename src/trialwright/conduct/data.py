"""Deciding on the data of visits: taking them down, and correcting them with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.data_state import DataPoint
from trialwright.conduct.eligibility import outdated
from trialwright.conduct.entered import read_entered
from trialwright.conduct.evolve import replay
from trialwright.conduct.known import known
from trialwright.conduct.queries import (
    Ask,
    asked_by_criteria,
    asked_of_death,
    asked_of_medicine,
    asked_of_rescue,
    raised,
)
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.conduct.visits import held, subject_and_visit, visit_day_fault
from trialwright.conduct.weights import asked_of_weights
from trialwright.protocol.study import Visit
from trialwright.protocol.subject_text import canonical, spoken, write_subject

Observations = list[dict[str, Any]]


def record_data(case: Case, command: cmd.RecordData) -> Decided:
    """Take down what was collected at a visit; what is there already is corrected, unless the visit was held again."""
    found = subject_and_visit(case, command.subject, command.visit)
    if isinstance(found, Refusal):
        return found
    subject, visit = found
    if faults := list(_misplaced(visit, command)):
        return invalid("data.item", " ".join(faults), "Nothing was saved.", case.rule(f"schedule > {visit.visit}"))
    values = _read(case, subject, command.values)
    if isinstance(values, Refusal):
        return values
    if refusal := _already_there(subject, visit, command, values):
        return refusal
    visited = _visited(case, subject, visit, command)
    if isinstance(visited, Refusal):
        return visited
    unusual = dict(_unusual(case, visit, values))
    recorded = case.stamp(
        ev.DataRecorded,
        subject=subject.id,
        visit=visit.name,
        on=command.on,
        entered=canonical(values),
        missing=command.missing,
        confirmed={name: command.confirmed[name] for name in unusual if name in command.confirmed},
    )
    unconfirmed = {name: text for name, text in unusual.items() if name not in command.confirmed}
    asked = _asked(case, subject, (*visited, recorded), unconfirmed, visit)
    return (*visited, recorded, *asked, *outdated(case, subject, values))


def correct_data(case: Case, command: cmd.CorrectData) -> Decided:
    """Change a saved value to another, to missing, or from missing to a value; never one that the giver did not see."""
    found = subject_and_visit(case, command.subject, command.visit)
    if isinstance(found, Refusal):
        return found
    subject, visit = found
    point = subject.data.get(visit.name, {}).get(command.item)
    if point is None:
        what = f"{command.item} at {visit.visit} of {subject.id} was never taken down."
        return invalid("data.none", what, "Record it.")
    saw, now = (_read_said(case, subject, command.item, said) for said in (command.saw, command.now))
    if isinstance(saw, Refusal) or saw != point.value or command.saw.missing != point.missing:
        return _conflict(point, visit, command, None if isinstance(saw, Refusal) else saw)
    if isinstance(now, Refusal):
        return now
    on = command.on or point.on
    if now == point.value and command.now.missing == point.missing and on == point.on:
        return invalid("data.same", f"{command.item} already is {_shown(point)}.", "Enter what is to stand there.")
    changed = {} if now is None else {command.item: list(now)}
    if refusal := visit_day_fault(case, subject, visit, on):
        return refusal
    corrected = case.stamp(
        ev.DataCorrected,
        subject=subject.id,
        visit=visit.name,
        item=command.item,
        change=f"{_kind(point.value)} to {_kind(now)}",
        was=None if point.value is None else canonical(point.value),
        was_missing=point.missing,
        was_on=point.on,
        now=None if now is None else canonical(now),
        now_missing=command.now.missing,
        on=on,
        reason=command.reason,
        text=command.text,
        confirmed=command.confirmed,
    )
    unusual = {} if command.confirmed else dict(_unusual(case, visit, changed))
    asked = _asked(case, subject, (corrected,), unusual, visit)
    return (corrected, *asked, *outdated(case, subject, [command.item]))


def _misplaced(visit: Visit, command: cmd.RecordData) -> Iterator[str]:
    if not command.values and not command.missing:
        yield "There is neither a value nor a missing item."
    for name in (*command.values, *command.missing):
        if name not in visit.collect:
            yield f"{visit.visit} does not collect {name}; it collects {', '.join(visit.collect) or 'nothing'}."
    for name in command.values:
        if name in command.missing:
            yield f"{name} has a value and is said to be missing; give one of the two."
        elif command.values[name] is None:
            yield f"{name} has no value; put it under missing, with why."


def _read(case: Case, subject: Subject, values: Mapping[str, Any]) -> dict[str, Observations] | Refusal:
    facts = read_entered(case, subject, {"days": {}, "values": values, "answers": {}})
    if isinstance(facts, Refusal):
        return facts
    read: dict[str, Observations] = write_subject(facts, case.study)["values"]
    if unread := set(values) - set(read):
        return invalid("values.null", f"{', '.join(sorted(unread))}: null is no value.", "Say why it is missing.")
    return read


def _read_said(case: Case, subject: Subject, item: str, said: cmd.Said) -> tuple[Any, ...] | Refusal | None:
    if said.missing is not None:
        return None
    read = _read(case, subject, {item: said.value})
    return read if isinstance(read, Refusal) else tuple(read[item])


def _already_there(
    subject: Subject, visit: Visit, command: cmd.RecordData, values: Mapping[str, Observations]
) -> Refusal | None:
    held_on = state.on if (state := subject.visits.get(visit.name)) else None
    points = {
        name: point
        for name, point in subject.data.get(visit.name, {}).items()
        if held_on is None or not point.on < held_on <= command.on
    }
    there = [
        f"{name}: there stands {_shown(points[name])}, "
        f"and you give {_given(values.get(name), command.missing.get(name))}."
        for name in (*command.values, *command.missing)
        if name in points
    ]
    if not there:
        return None
    if all(_stands(points.get(n), values.get(n), command.missing.get(n)) for n in (*command.values, *command.missing)):
        return invalid("data.same", f"{visit.visit} of {subject.id} holds all of it already.", "Nothing to do.")
    what = f"Somebody took it down before, at {visit.visit} of {subject.id}. {' '.join(there)}"
    return invalid("data.conflict", what, "Leave out what is right; correct what is wrong, naming what stands there.")


def _stands(point: DataPoint | None, value: Observations | None, missing: str | None) -> bool:
    """Whether what is given is what stands there."""
    return point is not None and point.missing == missing and point.value == (None if value is None else tuple(value))


def _conflict(point: DataPoint, visit: Visit, command: cmd.CorrectData, read: tuple[Any, ...] | None) -> Refusal:
    saw = str(command.saw.value) if read is None and command.saw.missing is None else _given(read, command.saw.missing)
    return invalid(
        "data.conflict",
        f"{command.item} at {visit.visit} of {command.subject}: you saw {saw}, and there stands {_shown(point)}.",
        "Look at both, and correct what stands there if it is wrong.",
    )


def _visited(case: Case, subject: Subject, visit: Visit, command: cmd.RecordData) -> Decided:
    """The event by which the visit was held, unless that is known; an item can be collected on another day than it."""
    known = subject.visits.get(visit.name)
    if known is None:
        return held(case, subject, visit, command.on, command.reason)
    if known.missed:
        what = f"{visit.visit} of {subject.id} was missed: {known.reason}."
        return invalid("visit.missed", what, "Take down first on which day it was held after all, with the reason.")
    return visit_day_fault(case, subject, visit, command.on) or ()


def _asked(
    case: Case, subject: Subject, taken: tuple[ev.Event, ...], unusual: Mapping[str, str], visit: Visit
) -> tuple[ev.Event, ...]:
    """Queries about values that are unusual and that nobody has confirmed, and those that criteria ask of them."""
    rule = case.rule("items > typical" if visit.day <= 0 else "items > typical later")
    asks = [Ask(text=text, rule=rule, visit=visit.name, item=name) for name, text in unusual.items()]
    after = replay(taken, case.state).subjects[subject.id]
    before = subject.data.get(visit.name, {})
    changed = frozenset(name for name, point in after.data[visit.name].items() if point != before.get(name))
    asks += asked_of_rescue(case.study, subject, after)
    of_criteria = asked_by_criteria(case.study, known(case.study, after), changed)
    asks += (*of_criteria, *asked_of_death(case.study, after), *asked_of_medicine(case.study, after))
    asks += asked_of_weights(case.study, after)
    return raised(case, subject, asks)


def _unusual(case: Case, visit: Visit, values: Mapping[str, Observations]) -> Iterator[tuple[str, str]]:
    """Values outside what the protocol says is usual at a visit, each with what is asked about it."""
    for name, history in values.items():
        item = case.study.item(name)
        usual = item.typical_at(visit) if item else None
        if item is None or usual is None:
            continue
        low, high = usual
        for number in (one["value"] for one in history):
            if isinstance(number, Decimal) and not low <= number <= high:
                unit = f" {item.unit}" if item.unit else ""
                most = f"most lie from {low} to {high}{unit}"
                yield name, f"{item.label}: {number}{unit} is unusual; {most}. Is it right?"
                break


def _kind(value: object) -> str:
    return "missing" if value is None else "value"


def _shown(point: DataPoint) -> str:
    """What stands there, and by whom."""
    return f"{_given(point.value, point.missing)} (by {point.by}, {point.at:%Y-%m-%d %H:%M} UTC)"


def _given(value: Any, missing: str | None) -> str:
    return f"missing: {missing}" if missing else spoken(value)
