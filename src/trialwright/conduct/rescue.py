"""Deciding rescue: other treatment at the protocol's visit, for those whose data or physician say so."""

from __future__ import annotations

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.known import known
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.conduct.visits import held_on, window
from trialwright.protocol.criteria import Evaluation, Truth
from trialwright.protocol.treatment_plan import Rescue


def start_rescue(case: Case, command: cmd.StartRescue) -> Decided:
    """Begin rescue from the protocol's visit on: by the recorded data, or where they leave it open by judgement."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    rescue = case.study.rescue
    if rescue is None:
        return Refusal(
            code="rescue.none",
            reason=f"{case.study.id} has no rescue.",
            rule=case.rule("rescue"),
            mend="Other treatment is concomitant medicine.",
        )
    refusal = _out_of_window(case, subject, rescue, command) or _not_now(case, subject, command)
    if refusal:
        return refusal
    found = rescue.when.evaluate(known(case.study, subject))
    if refusal := _not_due(case, subject, command, found):
        return refusal
    met = found.truth is Truth.TRUE
    return (
        case.stamp(
            ev.RescueStarted,
            subject=subject.id,
            started_on=command.started_on,
            treatment=command.treatment,
            condition="met" if met else "unknown",
            missing=() if met else found.missing,
            reason=command.reason,
        ),
    )


def _not_due(case: Case, subject: Subject, command: cmd.StartRescue, found: Evaluation) -> Refusal | None:
    if found.truth is Truth.FALSE:
        return Refusal(
            code="rescue.not_met",
            reason=f"The data of {subject.id} do not meet the condition: {'; '.join(found.evidence)}.",
            rule=case.rule("rescue > when"),
            mend="Correct the data where they are wrong.",
        )
    if found.truth is not Truth.TRUE and command.reason is None:
        return Refusal(
            code="rescue.unknown",
            reason=f"The data of {subject.id} leave the condition open; missing: {', '.join(found.missing)}.",
            rule=case.rule("rescue > when"),
            mend="Record what is missing, or give the investigator's judgement as the reason.",
        )
    return None


def _not_now(case: Case, subject: Subject, command: cmd.StartRescue) -> Refusal | None:
    if command.started_on > case.today:
        return invalid("rescue.future", f"A start on {command.started_on} lies in the future.", "Correct the date.")
    if subject.rescue is not None:
        return invalid("rescue.started", f"{subject.id} began rescue on {subject.rescue}.", "Nothing to do.")
    return None


def _out_of_window(case: Case, subject: Subject, rescue: Rescue, command: cmd.StartRescue) -> Refusal | None:
    """The refusal of rescue before its visit; and after it was due and held, unless somebody says why."""
    visit, code = case.study.visit(rescue.visit), "rescue.early"
    days = window(case.study, case.state, subject, visit) if visit and subject.infusion else None
    if visit is None or days is None:
        why = f"{subject.id} was not infused, and {rescue.visit} counts from the infusion."
        mend = "Rescue belongs to treated subjects."
    elif command.started_on < days[0]:
        why = f"{rescue.visit} of {subject.id} begins on {days[0]}."
        mend = "Rescue begins at that visit or later; other treatment before it is a deviation."
    elif command.started_on > max(days[1], held_on(subject, visit) or days[1]) and command.reason is None:
        code, why = "rescue.late", f"The window of {rescue.visit} of {subject.id} ended on {days[1]}."
        mend = "Say why rescue begins after it, or correct the day."
    else:
        return None
    return Refusal(code=code, reason=why, rule=case.rule("rescue > visit"), mend=mend)
