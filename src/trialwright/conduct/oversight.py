"""Deciding pauses: a stopping rule that is met or invoked, a DLT after the data cut, and the signed resumption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.adverse_event import AdverseEvent
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.state import Pause
from trialwright.protocol.explain_words import sentence
from trialwright.protocol.study import Study
from trialwright.protocol.treatment_plan import StoppingRule

HELD_BY_A_PAUSE = frozenset(
    {
        "ReserveSlot",
        "EnrolSubject",
        "RandomiseSubject",
        "ChooseArm",
        "PrescribeDose",
        "PrepareInfusion",
        "OverrideStagger",
        "StartInfusion",
        "ResumeInfusion",
        "OpenDoseLevel",
        "OpenCohort",
    }
)
"""Commands that bring subjects to treatment, which nobody may give while the trial is paused."""


def held(case: Case) -> Refusal | None:
    """The refusal of enrolment and treatment while a pause stands."""
    return on_hold(case) if type(case.command).__name__ in HELD_BY_A_PAUSE else None


def on_hold(case: Case) -> Refusal | None:
    """The refusal of what a pause holds, while one stands."""
    standing = case.state.standing_pauses
    if not standing:
        return None
    pause = standing[0]
    return ended(case) or Refusal(
        code="trial.paused",
        reason=f"The trial is paused since {pause.at:%Y-%m-%d %H:%M} UTC: {pause.reason}",
        rule=case.rule(pause.rule),
        mend=f"{_names(case)} review it and sign the resumption.",
    )


def ended(case: Case) -> Refusal | None:
    """The refusal of what would carry a trial on that was stopped for good."""
    stop = case.state.final_pause
    if stop is None:
        return None
    return Refusal(
        code="trial.stopped",
        reason=f"The trial was stopped on {stop.at:%Y-%m-%d %H:%M} UTC: {stop.reason}",
        rule=case.rule(stop.rule),
        mend="Nobody else is treated, and a stopped trial does not go on.",
    )


def invoke_stopping_rule(case: Case, command: cmd.InvokeStoppingRule) -> Decided:
    """Pause or stop the trial by a rule of the protocol; where the record has done so already, join that pause."""
    rules = {rule.id: rule for rule in case.study.stopping_rules}
    rule = rules.get(command.rule)
    if rule is None:
        known = ", ".join(rules) or "none"
        return invalid("rule.unknown", f"There is no stopping rule {command.rule}.", f"The rules are: {known}.")
    standing = _unsigned(case, rule)
    if standing and standing.invoked_by:
        who = standing.invoked_by
        return invalid("pause.standing", f"The trial is paused by {rule.id}, which {who} invoked.", "Nothing to do.")
    number = standing.number if standing else len(case.state.pauses) + 1
    said = case.stamp(ev.StoppingRuleInvoked, number=number, rule=_place(rule), reason=command.reason)
    if standing:
        return (said,)
    reason = f"{sentence(rule.say)} {sentence(command.reason)}"
    return (paused(case, _place(rule), rule.then, reason), said)


def stop_trial(case: Case, command: cmd.StopTrial) -> Decided:
    """Stop the trial for good; it waits for nothing, and one signature does it."""
    if case.state.final_pause:
        return invalid("trial.stopped_already", "The trial was stopped before.", "Nothing to do.")
    return (paused(case, "enrolment", "stop", f"Ended early: {sentence(command.reason)}"),)


def _unsigned(case: Case, rule: StoppingRule) -> Pause | None:
    """The pause by a rule that nobody has signed away yet: whoever signed did not know of what is said now."""
    standing = case.state.standing_pauses
    return next((one for one in standing if one.rule == _place(rule) and not one.signatures), None)


def met(case: Case, before: AdverseEvent | None, after: AdverseEvent) -> Iterator[ev.TrialPaused]:
    """The pause by each stopping rule that an adverse event meets now and did not meet before, or met while not fatal.

    A rule that holds the trial already is said again once somebody has signed, who did not know of this event. The
    subject is not named: the pause is read at every site.
    """
    pauses = 0
    for rule in case.study.stopping_rules:
        as_before = before is not None and _counts(rule, before) and before.fatal == after.fatal
        if _unsigned(case, rule) or not _counts(rule, after) or as_before:
            continue
        serious = ", serious" if after.serious else ""
        related = "perhaps related" if after.related == "unknown" else "related" if after.related else "not related"
        what = (
            f"{after.term}, grade {after.grade}{serious}, {related}, was recorded by entry {case.state.sequence + 1}."
        )
        yield paused(case, _place(rule), rule.then, f"{sentence(rule.say)} {what}", beside=pauses)
        pauses += 1


def meets_a_rule(study: Study, event: AdverseEvent) -> bool:
    """Whether an adverse event as it stands meets some stopping rule of the protocol."""
    return any(_counts(rule, event) for rule in study.stopping_rules)


def _counts(rule: StoppingRule, event: AdverseEvent) -> bool:
    return any(
        pattern.holds(related=event.related is not False, serious=event.serious, grade=event.grade)
        for pattern in rule.adverse_events
    )


def _place(rule: StoppingRule) -> str:
    return f"stopping rules > {rule.id}"


def paused(case: Case, rule: str, action: Literal["pause", "stop"], reason: str, *, beside: int = 0) -> ev.TrialPaused:
    """The event of the next pause; `beside` pauses are made by the same command before it."""
    number = len(case.state.pauses) + beside + 1
    return case.stamp(ev.TrialPaused, number=number, rule=rule, action=action, reason=reason)


def sign_resumption(case: Case, command: cmd.SignResumption) -> Decided:
    """Sign that the trial goes on; the last signature lifts the pause."""
    pause = next((one for one in case.state.standing_pauses if one.number == command.pause), None)
    if pause is None:
        return invalid("pause.none", f"Pause {command.pause} does not stand.", "Check the pause's number.")
    if refusal := ended(case):
        return refusal
    if case.role not in case.study.signers:
        return Refusal(
            code="role.signature",
            reason=f"A resumption is signed by: {_names(case)}.",
            rule=case.rule(pause.rule),
            mend="One of them signs.",
            kind=Kind.PERMISSION,
        )
    if who := case.signed_before(pause.signatures):
        return invalid("resumption.signed", f"{who} has already signed.", "Another person signs, in the other role.")
    signed = case.stamp(ev.ResumptionSigned, number=pause.number, reason=command.reason, attendees=command.attendees)
    roles = {role for role, _, _ in pause.signatures} | {case.role}
    if not roles >= set(case.study.signers):
        return (signed,)
    return (signed, case.stamp(ev.TrialResumed, number=pause.number))


def _names(case: Case) -> str:
    return " and ".join(case.study.signers)
