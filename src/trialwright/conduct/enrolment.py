"""Deciding who gets a slot: at the open dose level, in the open cohort, or in the trial as a whole."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid, sees
from trialwright.conduct.eligibility import ineligible, not_eligible_for
from trialwright.conduct.oversight import ended, paused
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.state import Group, Place, State, Subject
from trialwright.protocol.study import Study


def reserve_slot(case: Case, command: cmd.ReserveSlot) -> Decided:
    """Keep a slot for a subject in screening, for as long as the protocol says."""
    subject = _in_screening(case, command.subject)
    if isinstance(subject, Refusal):
        return subject
    days = case.study.enrolment.reservation
    if days is None:
        return Refusal(
            code="reservation.none",
            reason=f"{case.study.id} reserves no slots.",
            rule=case.rule("enrolment > reservation"),
            mend="Enrol the subject when it is eligible; a slot is claimed then.",
        )
    if subject.verdict == "not eligible":
        return ineligible(case, subject)
    place = _open_place(case, subject)
    if isinstance(place, Refusal):
        return place
    if subject.reserves(place, command.at):
        return invalid("reservation.held", f"A slot is already reserved for {subject.id}.", "Nothing to do.")
    expires = command.at + timedelta(days=days)
    return (case.stamp(ev.SlotReserved, subject=subject.id, level=place.level, group=place.group, expires_at=expires),)


def release_slot(case: Case, command: cmd.ReleaseSlot) -> Decided:
    """Give a reserved slot back before it expires."""
    subject = _in_screening(case, command.subject)
    if isinstance(subject, Refusal):
        return subject
    if subject.reservation is None or command.at >= subject.reservation.expires_at:
        return invalid("reservation.not_held", f"No slot is reserved for {subject.id}.", "Nothing to do.")
    return (case.stamp(ev.SlotReleased, subject=subject.id, reason=command.reason),)


def enrol_subject(case: Case, command: cmd.EnrolSubject) -> Decided:
    """Claim a slot for an eligible subject; where the trial has one arm, the subject is in it at once."""
    subject = _in_screening(case, command.subject)
    if isinstance(subject, Refusal):
        return subject
    if refusal := not_eligible_for(case, subject, "enrolment"):
        return refusal
    due = case.state.version_at(subject.site, case.today)
    if subject.version != due:
        return Refusal(
            code="consent.old_version",
            reason=f"{subject.id} consented to version {subject.version}; version {due} is in force at the site.",
            rule=case.rule("version"),
            mend="Record the consent to the version in force, and assess eligibility by it.",
        )
    place = _open_place(case, subject)
    if isinstance(place, Refusal):
        return place
    enrolled = case.stamp(ev.SubjectEnrolledV2, subject=subject.id, level=place.level, group=place.group)
    if len(case.study.arms) != 1:
        return (enrolled,)
    return (enrolled, case.stamp(ev.ArmChosen, subject=subject.id, arm=case.study.arms[0].name))


def review_cohort(case: Case, command: cmd.ReviewCohort) -> Decided:
    """Sign the review of the open cohort, on its adverse events as they stand.

    To stop waits for nothing, and one signature does it; to continue takes every signer, and a full cohort.
    """
    group = case.state.groups[-1] if case.state.groups else None
    if group is None or group.name != command.cohort:
        return invalid("cohort.not_open", f"'{command.cohort}' is not the open cohort.", "Name the open cohort.")
    if case.role not in case.study.signers:
        return Refusal(
            code="role.signature",
            reason=f"A cohort is reviewed by: {', '.join(case.study.signers)}.",
            rule=case.rule("cohorts"),
            mend="One of them signs.",
            kind=Kind.PERMISSION,
        )
    if command.conclusion == "continue" and (refusal := _not_continued(case, group)):
        return refusal
    listings = cohort_listings(case.state, group.name)
    if refusal := _made_on_others(case, command, listings):
        return refusal
    signatures = [(review.role, review.by, review.at) for review in group.reviews if review.listings == listings]
    if who := case.signed_before(signatures):
        return invalid("review.signed", f"{who} has already signed.", "Another person signs, in the other role.")
    reviewed = case.stamp(
        ev.CohortReviewed,
        cohort=group.name,
        cut=case.state.sequence,
        listings=listings,
        conclusion=command.conclusion,
        attendees=command.attendees,
        reason=command.reason,
    )
    if command.conclusion == "continue":
        return (reviewed,)
    return (reviewed, paused(case, "cohorts", "stop", f"The review of {group.name} ended the trial: {command.reason}"))


def _not_continued(case: Case, group: Group) -> Refusal | None:
    """Why the review of a cohort may not say that the trial goes on, if so."""
    refusal = ended(case) or _not_full(case, group) or _too_early(case, group)
    members = case.state.members(Place(slots=0, group=group.name))
    dead = next((one for one in members if one.death_unexplained), None)
    if refusal or dead is None:
        return refusal
    whose = dead.id if sees(case.person, dead) else "a subject at another site"
    return Refusal(
        code="review.death",
        reason=f"No adverse event says of what {whose} died.",
        rule=case.rule("cohorts"),
        mend="Report the death as an adverse event of grade 5; the review is made on it.",
    )


def _made_on_others(case: Case, command: cmd.ReviewCohort, listings: str) -> Refusal | None:
    """The refusal of a review that was not made on the adverse events as they stand."""
    members = case.state.members(Place(slots=0, group=command.cohort))
    if command.listings is None and any(one.adverse_events for one in members):
        return invalid(
            "review.content",
            "The cohort has adverse events, and a review without their listings was not made on them.",
            "Read the adverse events and sign them as they are now.",
        )
    if command.listings not in {None, listings}:
        what = "What you signed is not what stands there: an adverse event of the cohort was reported or changed since."
        return invalid("review.content", what, "Read the adverse events again and sign them as they are now.")
    return None


def open_cohort(case: Case, command: cmd.OpenCohort) -> Decided:
    """Open the first cohort, or the next one once the one before it is full and reviewed."""
    study, opened = case.study, case.state.groups
    names = [cohort.name for cohort in study.cohorts]
    if command.cohort not in names:
        known = ", ".join(names) or "none; subjects are enrolled without one"
        return invalid("cohort.unknown", f"There is no cohort '{command.cohort}'.", f"The cohorts are: {known}.")
    due = names[len(opened)] if len(opened) < len(names) else None
    if command.cohort != due:
        return Refusal(
            code="cohort.order",
            reason=f"'{command.cohort}' is not the cohort due to open, which is {due or 'none'}.",
            rule=case.rule("cohorts"),
            mend="Cohorts open once, in the order of the protocol.",
        )
    if opened:
        refusal = _not_full(case, opened[-1]) or _not_reviewed(case, opened[-1])
        if refusal:
            return refusal
    return (case.stamp(ev.CohortOpened, cohort=command.cohort, slots=study.cohorts[len(opened)].size),)


def cohort_listings(state: State, name: str) -> str:
    """SHA-256 of the adverse events of a cohort as they stand, which a review of it binds."""
    rows = [
        [subject.id, event.number, event.term, str(event.onset_on), event.grade, event.related, event.serious]
        for subject in state.members(Place(slots=0, group=name))
        for event in subject.adverse_events
    ]
    return sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()


def review_signed_by(study: Study, state: State, group: Group) -> frozenset[str]:
    """The roles whose review of a cohort stands: it says to continue, on the adverse events as they are now."""
    now = cohort_listings(state, group.name)
    last = {review.role: review for review in group.reviews}
    standing = {r.role for r in last.values() if r.listings == now and r.conclusion == "continue"}
    return frozenset(standing & set(study.signers))


def _in_screening(case: Case, subject_id: str) -> Subject | Refusal:
    subject = case.subject(subject_id)
    if isinstance(subject, Subject) and subject.enrolled:
        return invalid("subject.enrolled", f"{subject.id} is already enrolled.", "Choose another subject.")
    return subject


def _open_place(case: Case, subject: Subject) -> Place | Refusal:
    """Where a subject finds a free slot now; one that is reserved for the subject counts as free."""
    refusal = case.open_level() if case.study.dose_escalation is not None else None
    if isinstance(refusal, Refusal):
        return refusal
    place = case.state.place(case.study)
    if place is None:
        return Refusal(
            code="cohort.none_open",
            reason="No cohort is open.",
            rule=case.rule("cohorts"),
            mend="The sponsor opens the next cohort, once the one before it is full and reviewed.",
        )
    if case.state.free(case.study, place, case.command.at, but=subject.id) <= 0:
        below = case.state.backfill_place(case.study, case.command.at, but=subject.id)
        return below or _full(case, place)
    return _held(case) or place


def _full(case: Case, place: Place) -> Refusal:
    if place.level is not None:
        rule, mend = "dose escalation > rule > cohort", "Wait for the dose decision on this cohort."
    elif place.group is not None:
        rule, mend = "cohorts > size", "Wait until the next cohort opens."
    else:
        rule, mend = "enrolment > planned", "The trial is full; more subjects need an amended protocol."
    return Refusal(
        code="cohort.full",
        reason=f"All {place.slots} slots {'of' if place.level is None else 'at'} {place} are taken.",
        rule=case.rule(rule),
        mend=mend,
    )


def _held(case: Case) -> Refusal | None:
    """The refusal of a rule that waits before the next subject: a rolling one, or one that suspends accrual."""
    if case.study.dose_escalation is None or not (case.study.rule.rolling or case.study.rule.weighs_follow_up):
        return None
    recommended = case.state.recommendation(case.study, case.command.at)
    if recommended.subjects:
        return None
    return Refusal(
        code="cohort.held",
        reason=f"Enrolment is held: {recommended.why}",
        rule=case.rule("dose escalation > rule"),
        mend="Take the dose decision if it is due; if not, wait until a DLT window closes or its subject was followed.",
    )


def _not_full(case: Case, group: Group) -> Refusal | None:
    place = case.state.place(case.study) or Place(group=group.name, slots=group.slots)
    free = place.slots - sum(subject.holds_slot(case.study) for subject in case.state.members(place))
    if free <= 0:
        return None
    return Refusal(
        code="cohort.not_full",
        reason=f"{free} of {place.slots} slots of {group.name} are not filled.",
        rule=case.rule("cohorts > size"),
        mend="A cohort is reviewed, and the next one opens, when every slot is taken.",
    )


def _too_early(case: Case, group: Group) -> Refusal | None:
    wait = next(cohort.review_after for cohort in case.study.cohorts if cohort.name == group.name)
    if wait is None:
        return None
    members = [s for s in case.state.members(Place(group=group.name, slots=group.slots)) if s.holds_slot(case.study)]
    infused = [subject.infusion.at for subject in members if subject.infusion]
    waiting = sum(subject.infusion is None and subject.disposition is None for subject in members)
    if waiting:
        why = f"{waiting} subjects of {group.name} are not infused."
        mend = "Infuse them, or take down how they left the trial."
    elif infused and case.command.at < (due := max(infused) + timedelta(days=wait)):
        why = f"The last infusion of {group.name} was less than {wait} days ago."
        mend = f"The review may be signed from {due:%Y-%m-%d %H:%M} UTC."
    else:
        return None
    return Refusal(code="review.early", reason=why, rule=case.rule("cohorts > review after"), mend=mend)


def _not_reviewed(case: Case, group: Group) -> Refusal | None:
    standing = review_signed_by(case.study, case.state, group)
    missing = [role for role in case.study.signers if role not in standing]
    if not missing:
        return None
    return Refusal(
        code="cohort.not_reviewed",
        reason=f"The review of {group.name}, on its adverse events as they are now, lacks: {', '.join(missing)}.",
        rule=case.rule("cohorts"),
        mend="They review the cohort and sign that the trial continues.",
    )
