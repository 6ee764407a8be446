"""Deciding doses: the proposal, the signatures, and the opening and closing of dose levels."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.history import history_of
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.signatures import unendorsed
from trialwright.conduct.state import DoseDecision, State
from trialwright.design import Decision, Outcome, Recommendation
from trialwright.protocol.study import Study

_CAUTION = ("consult", "escalate", "expand", "stay", "de-escalate", "stop")
"""Decisions from the boldest to the most cautious."""


def open_dose_level(case: Case, command: cmd.OpenDoseLevel) -> Decided:
    """Open the first level, or the one that a signed decision moves to; never a second one beside an open one."""
    state = case.state
    if case.study.dose_escalation is None:
        return case.no_escalation()
    if state.stopped:
        return case.ended()
    if state.open_level is not None:
        return Refusal(
            code="level.second_open",
            reason=f"Level {state.open_level.level} is open.",
            rule=case.rule("dose escalation > open dose levels > at once"),
            mend="A level opens after the one before it is closed by a signed dose decision.",
        )
    decision = state.last_taken
    due = case.study.rule.start if decision is None else decision.dose
    if command.level != due:
        return Refusal(
            code="level.not_decided",
            reason=f"Level {command.level} is not the one due to open, which is {due or 'none'}.",
            rule=case.rule("dose escalation > decision"),
            mend="Levels open one after the other, each by a signed dose decision.",
        )
    if refusal := case.closed(command.level):
        return refusal
    return (case.stamp(ev.DoseLevelOpened, level=command.level, slots=_slots(case, command.level)),)


def propose_dose_decision(case: Case, command: cmd.ProposeDoseDecision) -> Decided:
    """Put a decision up on the present data: the recommended one, or a more cautious one with its reason."""
    study, state = case.study, case.state
    if study.dose_escalation is None:
        return case.no_escalation()
    if state.stopped:
        return case.ended()
    level = _decided_level(state)
    at_once = command.decision in decided_at_once(study, state, command.at)
    recommendation = state.recommendation(study, command.at)
    if level is None or not (state.open_level or at_once or not _decided(study, state, recommendation)):
        return invalid("level.none_open", "No dose level is open, so there is nothing to decide.", "Open a level.")
    outcomes = state.outcomes(study, command.at)
    due = can_propose(study, state, command.at)
    follows = due and command.decision == recommendation.decision
    check = _without_reason if at_once and not follows else _not_due
    if refusal := check(case, command, recommendation) or _waits_already(case, command, outcomes):
        return refusal
    dose = recommendation.dose if follows else _cautious_dose(command.decision, level)
    content = {
        "number": len(state.decisions) + 1,
        "cut": state.sequence,
        "listings": listings_hash(study, state),
        "attendees": command.attendees,
        "level": level,
        "outcomes": outcomes,
        "recommended": recommendation.decision.value,
        "why": recommendation.why,
        "decision": command.decision,
        "dose": dose,
        "mtd": recommendation.selected if follows else None,
        "reason": command.reason,
    }
    return (case.stamp(ev.DoseDecisionProposedV2, **content, content=content_hash(content)),)


def sign_dose_decision(case: Case, command: cmd.SignDoseDecision) -> Decided:
    """Sign the standing proposal; the last signature takes the decision and carries it out."""
    decision = case.state.decisions[-1] if case.state.decisions else None
    refusal = _not_signable(case, command, decision)
    if refusal or decision is None:
        return refusal or invalid("decision.none", "There is no proposed decision.", "Propose one first.")
    signed = case.stamp(ev.DoseDecisionSigned, number=decision.number, content=command.content)
    roles = {role for role, _, _ in decision.signatures} | {case.role}
    if not roles >= set(case.study.design.decision.by):
        return (signed,)
    taken = case.stamp(ev.DoseDecisionTaken, number=decision.number)
    return (signed, taken, *_consequences(case, decision))


def listings(study: Study, state: State) -> tuple[dict[str, object], ...]:
    """What a dose decision is made on: every enrolled subject with its dose and events, in the order of the numbers."""
    return tuple(
        {
            "subject": subject.id,
            "level": subject.level,
            "infused": str(subject.infusion.at) if subject.infusion else None,
            "outcome": str(subject.outcome(study) or "not evaluable"),
            "adverse events": [
                [e.number, e.term, str(e.onset_on), e.grade, e.related, e.serious, e.dlt]
                for e in subject.adverse_events
            ],
        }
        for subject in state.subjects.values()
        if subject.enrolled
    )


def listings_hash(study: Study, state: State) -> str:
    """The SHA-256 of the listings: of their JSON with sorted keys."""
    return content_hash({"listings": listings(study, state)})


def content_hash(content: dict[str, object]) -> str:
    """The SHA-256 that a signature binds: of the decision's content as sorted JSON."""
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def can_propose(study: Study, state: State, at: datetime | None = None) -> bool:
    """Whether a dose decision can be proposed at a moment; at the log's last entry unless told."""
    if study.dose_escalation is None or _decided_level(state) is None or state.stopped:
        return False
    recommendation = state.recommendation(study, at)
    settled = recommendation.settled and not _may_be_dlts(study, state)
    return settled and not _decided(study, state, recommendation)


def _decided(study: Study, state: State, recommendation: Recommendation) -> bool:
    """Whether the last dose decision covers what is known now; a cohort without anybody adds nothing to it.

    One that asked for more at the open level covers the same advice until all of them are treated; none covers that the
    rule closes the level that it makes due.
    """
    last, level = state.last_taken, state.open_level
    if last is None or last.superseded:
        return False
    history = state.history(study, last.at)
    if level is not None and level.level == last.dose == recommendation.dose:
        treated = history.tallies(study.rule.levels)[level.level - 1].treated
        if treated < level.slots:
            return True
    if last.outcomes != study.rule.write(history.treated):
        return False
    return level is not None or not last.dose or not recommendation.closes(last.dose)


def _consequences(case: Case, decision: DoseDecision) -> tuple[ev.Event, ...]:
    is_open = case.state.open_level is not None
    if decision.decision in {Decision.EXPAND, Decision.STAY}:
        grown = case.stamp(ev.CohortExpanded, level=decision.level, slots=_slots(case, decision.level))
        return (grown,) if is_open else ()
    closed = (case.stamp(ev.DoseLevelClosed, level=decision.level),) if is_open else ()
    if decision.decision in {Decision.ESCALATE, Decision.DE_ESCALATE}:
        return closed
    without_path = case.state.recommendation(case.study, case.command.at).without_path
    top_tolerated = decision.decision == Decision.CONSULT and not without_path
    return (*closed, case.stamp(ev.EscalationStopped, mtd=decision.mtd, top_tolerated=top_tolerated))


def contradicted(study: Study, state: State, at: datetime) -> DoseDecision | None:
    """The decision that ended the escalation, where the rule does not end so any more.

    An event that may be a DLT contradicts nothing before it is adjudicated, and nothing contradicts a stop that people
    decided against the rule.
    """
    ended = state.last_taken
    if ended is None or not state.stopped or ended.recommended != ended.decision:
        return None
    now = study.rule.next_dose(history_of(study, state, at, unjudged=Outcome.NO_DLT))
    stands = now.final and not now.without_path and now.decision == ended.decision and now.selected == state.mtd
    tolerated = state.mtd or state.top_tolerated
    return None if stands or (now.waits_for and tolerated) else ended


def _slots(case: Case, level: int) -> int:
    """Slots of a level: of who was treated there, and of the next cohort as the rule says.

    Where people held back it is all that the level has room for.
    """
    rule, history = case.study.rule, case.state.history(case.study, case.command.at)
    recommended = rule.next_dose(history)
    as_it_says = recommended.dose == level and recommended.subjects and not rule.rolling
    more = recommended.subjects if as_it_says else rule.room(history, level)
    return history.tallies(rule.levels)[level - 1].treated + more


def _cautious_dose(decision: str, level: int) -> int | None:
    return {Decision.EXPAND: level, Decision.STAY: level, Decision.DE_ESCALATE: level - 1}.get(Decision(decision))


def decided_at_once(study: Study, state: State, at: datetime | None = None) -> tuple[str, ...]:
    """The decisions that wait for no window, judgement or endorsement: to stop, and to go down a treated level."""
    if study.dose_escalation is None or state.stopped or _decided_level(state) is None:
        return ()
    stop = (Decision.STOP.value,)
    recommended = state.recommendation(study, at)
    if recommended.decision is Decision.STOP or recommended.without_path or _no_way_down(study, state, at):
        return stop
    return (Decision.DE_ESCALATE.value, *stop)


def _no_way_down(study: Study, state: State, at: datetime | None) -> str | None:
    """Why nobody can be treated a level down; None where it can be decided."""
    if state.open_level is None:
        return "no dose level is open"
    level, history = state.open_level.level, state.history(study, at)
    if level == 1 or not history.tallies(study.rule.levels)[level - 2].treated:
        return f"there is no level below level {level} where anybody was treated"
    if study.rule.room(history, level - 1) <= 0:
        return f"level {level - 1} has room for nobody else"
    return None


def _decided_level(state: State) -> int | None:
    """The level that a decision is about: the open one, or that of the last decision while none is open."""
    if state.open_level is not None:
        return state.open_level.level
    return state.last_taken.level if state.last_taken else None


def _not_due(case: Case, command: cmd.ProposeDoseDecision, recommendation: Recommendation) -> Refusal | None:
    refusal = _too_early(case, recommendation) or _not_adjudicated(case)
    return refusal or _not_allowed(case, command, recommendation) or _unendorsed(case)


def _too_early(case: Case, recommendation: Recommendation) -> Refusal | None:
    if _decided(case.study, case.state, recommendation):
        return invalid("decision.taken", "This was already decided on the same data.", "Treat the next subjects.")
    if recommendation.settled:
        return None
    pending = [one for one in case.state.subjects.values() if one.outcome(case.study) is Outcome.PENDING]
    if pending and all(one.window_closed or one.not_evaluable is not None for one in pending):
        return _unjudged(case, "Adjudicate it first.")
    waits = case.to_adjudicate()
    return Refusal(
        code="decision.early",
        reason=f"{recommendation.why} Not adjudicated: {waits}." if waits else recommendation.why,
        rule=case.rule("dose escalation > dlt window"),
        mend="Decide when the cohort is complete and its windows are closed, or their outcome can no longer matter; "
        f"at once, with a reason: {', '.join(decided_at_once(case.study, case.state, case.command.at))}.",
    )


def _may_be_dlts(study: Study, state: State) -> bool:
    """Whether somebody has an event that may be a DLT, for a rule that would count them as followed without one."""
    return study.rule.weighs_follow_up and any(subject.unjudged(study) for subject in state.subjects.values())


def _not_adjudicated(case: Case) -> Refusal | None:
    mend = "Adjudicate it first; the rule counts an open window by the time followed without a DLT."
    return _unjudged(case, mend) if _may_be_dlts(case.study, case.state) else None


def _unjudged(case: Case, mend: str) -> Refusal:
    return Refusal(
        code="decision.adjudication",
        reason=f"Not adjudicated, and possibly dose-limiting: {case.to_adjudicate()}.",
        rule=case.rule("dose escalation > dlt"),
        mend=mend,
    )


def _unendorsed(case: Case) -> Refusal | None:
    counted = [one for one in case.state.subjects.values() if one.outcome(case.study) is not None]
    missing = [what for one in counted for what in unendorsed(case.study, one, "dose decision")]
    if not missing:
        return None
    return Refusal(
        code="decision.endorsement",
        reason=f"Endorsements are missing: {'; '.join(missing)}.",
        rule=case.rule("endorsements > before: dose decision"),
        mend="They sign first.",
    )


def choices(study: Study, state: State, at: datetime | None = None) -> tuple[str, ...]:
    """The decisions that can be proposed at a moment, from the boldest.

    When a decision is due: the recommended one and the more cautious ones. Before, what is decided at once.
    """
    at_once = decided_at_once(study, state, at)
    if not can_propose(study, state, at):
        return at_once
    recommended = state.recommendation(study, at)
    possible = {*at_once, recommended.decision.value}
    if not _bolder(study.rule.hold.value, recommended) and _no_hold(study, state, at) is None:
        possible.add(study.rule.hold.value)
    return tuple(name for name in _CAUTION if name in possible)


def _bolder(decision: str, recommended: Recommendation) -> bool:
    """Whether a decision goes beyond what the rule recommends; nothing but to stop is left where it names no path."""
    if recommended.without_path:
        return decision != Decision.STOP
    if decision == Decision.ESCALATE:
        return recommended.decision is not Decision.ESCALATE
    return _CAUTION.index(decision) < _CAUTION.index(recommended.decision.value)


def _no_hold(study: Study, state: State, at: datetime | None) -> str | None:
    """Why nobody else can be treated at the level that is decided on; None where it can be decided."""
    level = _decided_level(state)
    if level is not None and study.rule.room(state.history(study, at), level) > 0:
        return None
    return f"level {level} has room for nobody else"


def _impossible(case: Case, decision: str) -> str | None:
    """Why a decision that is not bolder than the rule cannot be taken all the same; None where it can."""
    study, state, at = case.study, case.state, case.command.at
    hold = study.rule.hold.value
    if decision in {Decision.EXPAND, Decision.STAY}:
        return (
            f"in this design to {hold} is the way to treat more at a level"
            if decision != hold
            else _no_hold(study, state, at)
        )
    if decision == Decision.DE_ESCALATE:
        return _no_way_down(study, state, at)
    return "to consult is the end at a tolerated top dose, or where the protocol names no path, and neither is so"


def _not_allowed(case: Case, command: cmd.ProposeDoseDecision, recommendation: Recommendation) -> Refusal | None:
    recommended = recommendation.decision.value
    if command.decision == recommended:
        return None
    allowed = choices(case.study, case.state, command.at)
    if command.decision in allowed:
        return _without_reason(case, command, recommendation)
    impossible = command.decision == Decision.CONSULT.value or not _bolder(command.decision, recommendation)
    why = _impossible(case, command.decision) if impossible else f"to {command.decision} goes beyond it"
    return Refusal(
        code="decision.impossible" if impossible else "decision.bold",
        reason=f"The rule recommends to {recommended}; {why}. {recommendation.why}",
        rule=case.rule("dose escalation > rule"),
        mend=f"Follow the recommendation, or choose a more cautious decision and give the reason: "
        f"{', '.join(allowed)}.",
    )


def _waits_already(case: Case, command: cmd.ProposeDoseDecision, outcomes: str) -> Refusal | None:
    """The refusal of a decision that waits for signatures already, in the same words on the same data."""
    waiting = case.state.open_decision
    if waiting is None or waiting.listings != listings_hash(case.study, case.state):
        return None
    there = (waiting.decision, waiting.outcomes, waiting.reason, waiting.attendees)
    if there != (command.decision, outcomes, command.reason, command.attendees):
        return None
    signed = ", ".join(role for role, _, _ in waiting.signatures) or "nobody"
    what = (
        f"Decision {waiting.number} to {waiting.decision} is proposed on the same data, and signed by {signed} so far."
    )
    return invalid("decision.waiting", what, "Sign it: it waits for signatures. Another decision can be proposed.")


def _without_reason(_case: Case, command: cmd.ProposeDoseDecision, recommendation: Recommendation) -> Refusal | None:
    if command.reason is not None:
        return None
    what = f"The rule recommends to {recommendation.decision.value}."
    return invalid("decision.reason", what, "Give the reason for departing from it.")


def _not_signable(case: Case, command: cmd.SignDoseDecision, decision: DoseDecision | None) -> Refusal | None:
    if decision is None or decision.taken or decision.number != command.number:
        return invalid("decision.none", f"Decision {command.number} is not up for signature.", "Load the page again.")
    if command.content != decision.content:
        mend = "Read the decision again and sign what it says now."
        return invalid("decision.content", "What you signed is not what stands there.", mend)
    if decision.superseded or decision.outcomes != case.state.outcomes(case.study, decision.at):
        return Refusal(
            code="decision.superseded",
            reason="Outcomes changed after the data cut of this decision.",
            rule=case.rule("dose escalation > decision"),
            mend="Propose the decision again on the present data.",
        )
    if case.role not in case.study.design.decision.by:
        return Refusal(
            code="role.signature",
            reason=f"A dose decision is signed by: {', '.join(case.study.design.decision.by)}.",
            rule=case.rule("dose escalation > decision > by"),
            mend="One of them signs.",
            kind=Kind.PERMISSION,
        )
    if who := case.signed_before(decision.signatures):
        return invalid("decision.signed", f"{who} has already signed.", "Another person signs, in the other role.")
    return _unendorsed(case) if decision.decision == decision.recommended else None
