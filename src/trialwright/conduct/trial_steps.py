"""What is to be done next in the trial as a whole: sites, roles, cohorts, decisions, pauses, lots, locks."""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import datetime, timedelta

from trialwright.conduct.enrolment import review_signed_by
from trialwright.conduct.escalation import can_propose
from trialwright.conduct.exposure import masked
from trialwright.conduct.next_steps import Step
from trialwright.conduct.oversight import HELD_BY_A_PAUSE
from trialwright.conduct.state import Group, Person, Place, State, Subject
from trialwright.conduct.stock import Stock
from trialwright.protocol.study import Role, Study


def trial_steps(study: Study, state: State, stock: Stock, person: Person | None, at: datetime) -> tuple[Step, ...]:
    """The steps about the trial that somebody may take now, the most urgent first.

    Args:
        study: The protocol.
        state: The trial.
        stock: The lots that the person may know of.
        person: Who looks.
        at: When.
    """
    if person is None:
        return ()
    found = (
        *_pauses(study, state),
        *_unblinding(study, state),
        *_escalation(study, state, at),
        *_cohorts(study, state, at),
        *_lots(stock, at),
        *_people(state, person),
        *_sites(state),
        *_enrolment(study, state),
    )
    held = HELD_BY_A_PAUSE if state.standing_pauses else frozenset()
    return tuple(step for step in found if step.command not in held)


def level_due(study: Study, state: State) -> int | None:
    """The dose level that may open now; None while one is open or none is due."""
    if study.dose_escalation is None or state.stopped or state.open_level is not None:
        return None
    decision = state.last_taken
    return study.rule.start if decision is None else decision.dose


def _pauses(study: Study, state: State) -> Iterator[Step]:
    for pause in state.standing_pauses:
        waiting = _others(study.signers, {role for role, _, _ in pause.signatures})
        if pause.action == "pause":
            number = (("pause", pause.number),)
            yield Step(command="SignResumption", about=pause.reason, fields=number, roles=waiting)
    standing = {pause.rule for pause in state.standing_pauses}
    for rule in study.stopping_rules:
        if not rule.adverse_events and f"stopping rules > {rule.id}" not in standing:
            fields = (("rule", rule.id),)
            yield Step(command="InvokeStoppingRule", due=False, about=f"{rule.id}: {rule.say}", fields=fields)


def _others(wanted: tuple[Role, ...], signed: Container[str]) -> tuple[Role, ...]:
    return tuple(role for role in wanted if role not in signed)


def _unblinding(study: Study, state: State) -> Iterator[Step]:
    if masked(study) and state.locked and not state.unblinded:
        asked = state.unblinding
        if asked is None:
            yield Step(command="RequestUnblinding", due=False)
        else:
            roles: tuple[Role, ...] = ("sponsor",) if asked.role == "investigator" else ("investigator",)
            yield Step(command="ApproveUnblinding", about=f"asked for by {asked.by}: {asked.reason}", roles=roles)


def _escalation(study: Study, state: State, at: datetime) -> Iterator[Step]:
    if study.dose_escalation is None or state.stopped:
        return
    decision = state.open_decision
    if decision is not None:
        waiting = _others(study.design.decision.by, {role for role, _, _ in decision.signatures})
        about = f"decision {decision.number}: {decision.decision}"
        yield Step(command="SignDoseDecision", about=about, roles=waiting)
    elif can_propose(study, state, at):
        yield Step(command="ProposeDoseDecision", about=state.recommendation(study, at).why)
    due = level_due(study, state)
    if due is not None:
        yield Step(command="OpenDoseLevel", about=f"level {due}, {study.dose(due)}", fields=(("level", due),))


def _cohorts(study: Study, state: State, at: datetime) -> Iterator[Step]:
    last = state.groups[-1] if state.groups else None
    if last is not None and last.slots > sum(one.holds_slot(study) for one in _members(state, last)):
        return
    waiting = _others(study.signers, review_signed_by(study, state, last)) if last else ()
    if last is not None and waiting:
        due, fields = _review_may_begin(study, state, last, at), (("cohort", last.name),)
        yield Step(command="ReviewCohort", due=due, about=last.name, fields=fields, roles=waiting)
    elif len(state.groups) < len(study.cohorts):
        name = study.cohorts[len(state.groups)].name
        yield Step(command="OpenCohort", about=name, fields=(("cohort", name),))


def _members(state: State, group: Group) -> tuple[Subject, ...]:
    return state.members(Place(group=group.name, slots=group.slots))


def _review_may_begin(study: Study, state: State, group: Group, at: datetime) -> bool:
    """Whether everybody of a cohort was infused, and the protocol's time since then is over."""
    wait = next((cohort.review_after for cohort in study.cohorts if cohort.name == group.name), None)
    members = [one for one in _members(state, group) if one.holds_slot(study)]
    infused = [one.infusion.at for one in members if one.infusion]
    return wait is None or (len(infused) == len(members) and at >= max(infused) + timedelta(days=wait))


def _lots(stock: Stock, at: datetime) -> Iterator[Step]:
    for lot in stock.lots.values():
        fields, expired = (("lot", lot.id),), lot.expires_at <= at
        if lot.status in {"received", "quarantined"} and not expired:
            due = lot.status == "received"
            yield Step(command="ReleaseLot", due=due, about=f"{lot.id}, {lot.status}", fields=fields)
        if expired and lot.left and lot.status not in {"returned", "destroyed"}:
            yield Step(command="DisposeLot", about=f"{lot.id}, expired", fields=fields)


def _people(state: State, person: Person) -> Iterator[Step]:
    for who, asked in state.role_requests.items():
        if person.id not in {asked.by, who} and person.site in {None, asked.site}:
            about = f"{who} as {asked.role}, asked for by {asked.by}"
            yield Step(command="ConfirmRole", about=about, fields=(("person", who),))


def _sites(state: State) -> Iterator[Step]:
    if not state.sites:
        yield Step(command="OpenSite", about="the first site")
    staffed = {one.site for one in state.people.values() if one.role == "investigator"}
    for site in state.sites:
        fields = (("site", site),)
        if site not in staffed:
            about, granted = f"an investigator of site {site}", (("role", "investigator"), *fields)
            yield Step(command="GrantRole", about=about, fields=granted, roles=("sponsor",))
        for version in state.versions[1:]:
            if site not in version.approved:
                about = f"version {version.name} at site {site}"
                yield Step(command="ApproveAmendment", about=about, fields=(("version", version.name), *fields))
        if site not in state.zones:
            about = f"site {site}; its days are counted in UTC"
            yield Step(command="SetTimeZone", due=False, about=about, fields=fields)


def _enrolment(study: Study, state: State) -> Iterator[Step]:
    place = state.place(study)
    if place is not None and not state.stopped and state.free(study, place) > 0:
        yield Step(command="ScreenSubject", due=False)
    if state.subjects and not state.locked and all(one.disposition for one in state.subjects.values()):
        yield Step(command="LockData", due=False, about="every subject has left or completed")
