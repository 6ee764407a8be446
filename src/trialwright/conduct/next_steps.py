"""What is to be done next about a subject: each step is due, or open where a person or what is not known decides it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sized
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from trialwright.conduct.course import Course, prescription_of
from trialwright.conduct.dosing import amount, earliest, kept_from_treatment, left_to_give, made_for, too_little
from trialwright.conduct.eligibility import Step as EligibleStep
from trialwright.conduct.eligibility import eligible_on, unmet_at_treatment
from trialwright.conduct.exposure import masked
from trialwright.conduct.infusion_visit import visit_left
from trialwright.conduct.known import known
from trialwright.conduct.local_time import zone
from trialwright.conduct.locks import CHANGES_DATA, bears_on_safety
from trialwright.conduct.oversight import HELD_BY_A_PAUSE
from trialwright.conduct.participation import ENDED_BY_LEAVING
from trialwright.conduct.roles import may
from trialwright.conduct.screening_visit import counts_until, screened_again
from trialwright.conduct.signatures import missing_endorsements, to_sign_again
from trialwright.conduct.stagger import ArmOf, stagger_ends
from trialwright.conduct.state import State, Subject
from trialwright.conduct.visits import plan, screening_binds, treated_at
from trialwright.conduct.washout import Washout, washouts
from trialwright.conduct.weights import unanswered
from trialwright.conduct.wording import query_words
from trialwright.protocol.criteria import Truth
from trialwright.protocol.study import Role, Study
from trialwright.protocol.wording import named, visit_label

_BEFORE = frozenset({"AssessEligibility", "MatchIdentity", "ReportManufacturingFailure"})
"""What leads to a first treatment beside what a pause holds."""
_TREATS = frozenset({"PrepareInfusion", "StartInfusion"})
_ENDED = ("recovered/resolved", "recovered/resolved with sequelae", "fatal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command that may be given next.

    Attributes:
        command: Its name.
        due: Whether the record says that it is due; False where a person judges it, or something is not known.
        about: What it is about, in words: a visit, an adverse event, a query, what is missing.
        fields: The fields of the command that say so.
        roles: Who is to take it, where that is not everybody who may give the command.
    """

    command: str
    due: bool = True
    about: str = ""
    fields: tuple[tuple[str, str | int], ...] = ()
    roles: tuple[Role, ...] = ()

    def is_for(self, role: Role | None) -> bool:
        """Whether somebody in a role may take it."""
        return may(role, self.command) and (not self.roles or role in self.roles)


def subject_steps(
    study: Study, state: State, subject: Subject, arm_of: ArmOf, at: datetime, *, taking: bool
) -> tuple[Step, ...]:
    """The steps that make sense for a subject now, whoever may take them, the most urgent first.

    Args:
        study: The protocol.
        state: The trial.
        subject: Whose steps.
        arm_of: The arm of a subject, as far as who looks sees it.
        at: When.
        taking: Whether subjects are enrolled and treated for the first time: not once a dose escalation has ended, or
            its rule closes the level.
    """
    locked = state.locked or subject.locked
    gone = subject.disposition is not None or subject.fatal_event is not None or subject.died_on is not None
    treated = subject.infusion is not None and not subject.infusion.running
    found = (
        one
        for one in _steps(study, state, subject, arm_of, at)
        if not (state.standing_pauses and one.command in HELD_BY_A_PAUSE)
        and (taking or treated or one.command not in HELD_BY_A_PAUSE | _BEFORE)
        and not (gone and one.command in ENDED_BY_LEAVING)
        and not (locked and one.command in CHANGES_DATA and not _through_a_lock(study, subject, one))
    )
    return tuple(dict.fromkeys(found))


def infusion_steps(course: Course) -> tuple[str, ...]:
    """The commands that lead to the next infusion, or to the end of the one that runs."""
    if course.running:
        halted = course.running.status == "interrupted"
        return ("ResumeInfusion", "AbortInfusion") if halted else ("CompleteInfusion", "AbortInfusion")
    if not course.waiting:
        return ("PrepareInfusion",)
    matched = all(len(one.matched_by) > 1 for one in course.waiting)
    return ("StartInfusion" if matched else "MatchIdentity", "DiscardPreparation")


def to_randomise(study: Study, subject: Subject) -> bool:
    """Whether a subject waits for its randomisation."""
    drawn = study.allocation is not None and study.allocation.method == "randomised"
    waits = subject.enrolled and subject.infusion is None and subject.not_evaluable is None
    return drawn and waits and not subject.randomised


def not_before(study: Study, state: State, subject: Subject, arm_of: ArmOf) -> datetime | None:
    """From when the next infusion may be given; None where no interval, washout or stagger holds it back."""
    left = left_to_give(study, subject, arm_of(subject))
    if not left:
        return None
    course, treatment = left[0]
    given = subject.course.of(course)
    days = [earliest(treatment, subject.day_of(given[-1].at)) if given else None]
    days += [one.free_from for one in washouts(study, subject, arm_of(subject))]
    there = zone(subject.zone) if subject.zone else UTC
    held = [datetime.combine(day, time.min, there).astimezone(UTC) for day in days if day]
    if not given and not subject.course.early and (ends := stagger_ends(study, state, subject, arm_of)):
        held.append(ends)
    return max(held, default=None)


def _through_a_lock(study: Study, subject: Subject, step: Step) -> bool:
    """Whether a step tells of safety, which a lock lets through; what is reported anew may."""
    about = dict(step.fields)
    if step.command == "RecordDisposition":
        return about.get("disposition") == "death"
    event = subject.adverse_event(int(about.get("event", 0)))
    return step.command == "ReportAdverseEvent" or (event is not None and bears_on_safety(study, subject, event))


def _steps(study: Study, state: State, subject: Subject, arm_of: ArmOf, at: datetime) -> Iterator[Step]:
    if subject.course.running:
        yield from map(_step, (*infusion_steps(subject.course), "InterruptInfusion"))
    yield from _adverse_events(study, subject)
    if subject.disposition is None and (subject.fatal_event or subject.died_on):
        yield Step(command="RecordDisposition", about="death", fields=(("disposition", "death"),))
    if subject.disposition is None:
        yield from _consent(state, subject, at)
        yield from (
            _treatment(study, state, subject, arm_of, at) if subject.enrolled else _screening(study, state, subject, at)
        )
    if subject.disposition is None or subject.enrolled:
        yield from _follow_up(study, state, subject, at)
    yield from _review(study, subject)
    unreported = subject.enrolled and subject.death_unexplained
    yield Step(command="ReportAdverseEvent", due=unreported, about="the death" if unreported else "")


def _step(command: str) -> Step:
    return Step(command=command, due=command not in {"AbortInfusion", "InterruptInfusion", "DiscardPreparation"})


def _consent(state: State, subject: Subject, at: datetime) -> Iterator[Step]:
    if state.versions and (version := state.version_at(subject.site, subject.day_of(at))) != subject.version:
        yield Step(command="RecordReconsent", about=f"version {version}", fields=(("version", version),))


def _screening(study: Study, state: State, subject: Subject, at: datetime) -> Iterator[Step]:
    if subject.verdict == "not eligible":
        yield Step(command="RecordDisposition", about="screen failure", fields=(("disposition", "screen failure"),))
        return
    place = state.place(study)
    here = place is not None and state.free(study, place, but=subject.id) > 0
    free = not state.stopped and (here or state.backfill_place(study, but=subject.id) is not None)
    if again := _screening_again(study, state, subject, at):
        yield again
    fit = again is None and _eligible_now(study, state, subject, at, "enrolment")
    if fit and free:
        yield Step(command="EnrolSubject")
    yield Step(command="AssessEligibility", due=again is None and not fit)
    if study.enrolment.reservation is not None and free:
        yield Step(command="ReleaseSlot" if subject.reservation else "ReserveSlot", due=False)


def _screening_again(study: Study, state: State, subject: Subject, at: datetime) -> Step | None:
    """The screening visit that is to be held again, once it lies too far back."""
    visit, last = screening_binds(study, subject), counts_until(study, state, subject)
    if visit is None or last is None or subject.day_of(at) <= last:
        return None
    return Step(
        command="HoldVisit", about=f"{visit.visit} again, it counted until {last}", fields=(("visit", visit.name),)
    )


def _eligible_now(study: Study, state: State, subject: Subject, at: datetime, step: EligibleStep) -> bool:
    """Whether the verdict stands, by the version in force, and the criteria hold were the step taken now."""
    if subject.verdict != "eligible":
        return False
    if step == "enrolment" and state.versions and state.version_at(subject.site, subject.day_of(at)) != subject.version:
        return False
    return eligible_on(study, state, subject, subject.day_of(at), step).verdict == "eligible"


def _treatment(study: Study, state: State, subject: Subject, arm_of: ArmOf, at: datetime) -> Iterator[Step]:
    if subject.course.running or subject.course.replaced or subject.not_evaluable is not None:
        return
    by_choice = study.allocation is not None and study.allocation.method == "by choice"
    again = _screening_again(study, state, subject, at)
    if again:
        yield again
    if screened_again(study, subject):
        yield Step(command="AssessEligibility", due=again is None and subject.verdict != "eligible")
    if to_randomise(study, subject):
        if again is None and _eligible_now(study, state, subject, at, "randomisation"):
            yield Step(command="RandomiseSubject")
    elif by_choice and subject.arm is None:
        yield Step(command="ChooseArm")
    elif not subject.dlt_candidates(study):
        washing = _washing_out(study, subject, arm_of, at)
        held = _not_treated_now(study, state, subject, at, washing, too_old=again is not None)
        taken = {one.drug for one in washing if one.free_from is None}
        steps = (*_infusion(study, state, subject, arm_of, at), *_medicine(study, subject, taken))
        yield from (one for one in steps if one.command not in held or one.about in _not_of_an_arm(study))
    if study.dose_escalation:
        yield from _window(study, subject, at)
    if subject.infusion is None and study.preparation and study.preparation.manufacturing_failure:
        yield Step(command="ReportManufacturingFailure", due=False)


def _washing_out(study: Study, subject: Subject, arm_of: ArmOf, at: datetime) -> tuple[Washout, ...]:
    """What holds back a treatment that is still to come."""
    arm, today = arm_of(subject), subject.day_of(at)
    to_come = treated_at(study, subject) is None or left_to_give(study, subject, arm)
    return tuple(one for one in washouts(study, subject, arm) if one.holds_back(today)) if to_come else ()


def _not_treated_now(
    study: Study, state: State, subject: Subject, at: datetime, washing: tuple[Washout, ...], *, too_old: bool
) -> frozenset[str]:
    """The commands of a treatment that are refused now: screening is too old, a washout or criteria stand against it.

    An infusion after a washout of which the end is known is listed with the day from which it is possible.
    """
    first = frozenset({"PrescribeMedicine"} if treated_at(study, subject) is None else ())
    if too_old:
        return _TREATS | {"PrescribeDose", "PrescribeMedicine"}
    not_assessed = screened_again(study, subject) and subject.verdict != "eligible"
    fit = not not_assessed and not kept_from_treatment(subject) and all(one.free_from for one in washing)
    if fit and not unmet_at_treatment(study, state, subject, subject.day_of(at)):
        return first if washing else frozenset()
    return _TREATS | first


def _not_of_an_arm(study: Study) -> frozenset[str]:
    """The medicines that the protocol gives beside what the arms give."""
    return frozenset(one.drug for one in study.medicines if one.use == "given")


def _window(study: Study, subject: Subject, at: datetime) -> Iterator[Step]:
    """The end of the DLT window; who received too little and has no DLT is not evaluable, and that is due at once."""
    if subject.dlt_candidates(study) or subject.death_unreported(study):
        return
    ends, toxic = subject.window_ends(study), any(event.dlt for event in subject.adverse_events)
    lost = not toxic and not subject.course.running and too_little(study, subject)
    if subject.was_followed(study) and not lost:
        return
    if ends is not None and at >= ends and not lost and not subject.window_closed:
        yield Step(command="CloseDltWindow")
    if not toxic:
        about = "too little of the dose was given" if lost else ""
        yield Step(command="DeclareNotEvaluable", due=lost, about=about)


def _infusion(study: Study, state: State, subject: Subject, arm_of: ArmOf, at: datetime) -> Iterator[Step]:
    unfinished = left_to_give(study, subject, arm_of(subject))
    left = [one for one in unfinished if visit_left(study, state, subject, one[0], one[1].product, subject.day_of(at))]
    if not left:
        return
    level = state.open_level
    if study.dose_escalation and not subject.course.infusions and (level is None or level.level != subject.level):
        return
    for _, treatment in () if masked(study) else left:
        dose = amount(study, subject, treatment)
        if dose and dose.low != dose.high and treatment.product not in subject.course.prescribed:
            product = treatment.product
            yield Step(command="PrescribeDose", about=f"{product}, {dose}", fields=(("product", product),))
    arm = arm_of(subject)
    waiting = subject.course.waiting
    if any(made_for(study, subject, one, arm) or unanswered(study, subject, one, arm) for one in waiting):
        yield Step(command="DiscardPreparation", about="made by another weight")
        return
    held = not_before(study, state, subject, arm_of)
    waits = held is not None and held > at
    about = f"not before {held:%Y-%m-%d %H:%M} UTC" if held and waits else ""
    for name in infusion_steps(subject.course):
        due = name != "DiscardPreparation" and not (waits and name in {"StartInfusion", "PrepareInfusion"})
        yield Step(command=name, due=due, about=about if name in {"StartInfusion", "PrepareInfusion"} else "")
    stagger = stagger_ends(study, state, subject, arm_of)
    if stagger and stagger > at and not subject.course.infusions and not subject.course.early:
        yield Step(command="OverrideStagger", due=False, about=about)


def _medicine(study: Study, subject: Subject, held_by: Container[str]) -> Iterator[Step]:
    """What the arm gives, and the protocol gives everybody, until it is prescribed; and what holds a treatment back."""
    arm = next((arm for arm in study.arms if arm.name == subject.arm), None)
    given = [one.product for one in arm.treatments if one.times is None] if arm else []
    for drug in (*given, *(one.drug for one in study.medicines if one.use == "given")):
        if prescription_of(drug) not in subject.moments:
            yield Step(command="PrescribeMedicine", about=drug, fields=(("drug", drug),))
    for taken in subject.course.medicines.values():
        if taken.stopped_at is None:
            due, fields = taken.drug in held_by, (("drug", taken.drug),)
            yield Step(command="StopMedicine", due=due, about=taken.drug, fields=fields)


def _adverse_events(study: Study, subject: Subject) -> Iterator[Step]:
    candidates = {event.number for event in subject.dlt_candidates(study)}
    for event in subject.adverse_events:
        about, fields = f"{event.term}, grade {event.grade}", (("event", event.number),)
        if event.related == "unknown" or (event.number in candidates and not event.assessed):
            yield Step(command="AssessRelatedness", about=about, fields=fields)
        if event.number in candidates:
            yield Step(command="AdjudicateDlt", about=about, fields=fields)
        if event.serious and not event.criteria:
            yield Step(command="AssessSeriousness", about=about, fields=fields)
        day_missing = event.outcome == "fatal" and event.ended_on is None
        if event.outcome not in _ENDED or day_missing:
            due = event.outcome is None or day_missing
            yield Step(command="FollowUpAdverseEvent", due=due, about=about, fields=fields)


def _follow_up(study: Study, state: State, subject: Subject, at: datetime) -> Iterator[Step]:
    here = subject.disposition is None
    if here:
        yield from _rescue(study, subject, subject.day_of(at))
    planned = plan(study, state, subject, at)
    for one in planned:
        name = one.visit.visit
        fields = (("visit", name),)
        late = one.status in {"due", "overdue"}
        if late:
            about = f"{name}, {one.status}, {one.first}" + (f" to {one.last}" if one.last != one.first else "")
            if one.outstanding:
                yield Step(command="RecordData", about=about, fields=fields)
            yield Step(command="HoldVisit", due=not one.outstanding, about=about, fields=fields)
        elif one.held_on and one.outstanding:
            yield Step(command="RecordData", about=f"{name}, {_items(one.outstanding)} missing", fields=fields)
        elif one.status == "unscheduled" and one.visit.name not in subject.data:
            yield Step(command="RecordData", about=name, fields=fields)
        if one.status == "overdue":
            yield Step(command="MissVisit", due=False, about=name, fields=fields)
    if here and subject.enrolled and planned and all(one.held_on or one.status == "missed" for one in planned):
        yield Step(command="RecordDisposition", about="completed", fields=(("disposition", "completed"),))


def _rescue(study: Study, subject: Subject, today: date) -> Iterator[Step]:
    """Rescue from its visit on: due where the data meet its condition, open where they do not settle it."""
    visit = study.visit(study.rescue.visit) if study.rescue else None
    if study.rescue is None or visit is None or subject.infusion is None or subject.rescue is not None:
        return
    if (today - subject.day_of(subject.infusion.at)).days < visit.first_day:
        return
    found = study.rescue.when.evaluate(known(study, subject))
    if found.truth is not Truth.FALSE:
        missing = (
            f"not known: {', '.join(named(one, study) for one in found.missing)}"
            if found.truth is Truth.UNKNOWN
            else "the data meet it"
        )
        yield Step(command="StartRescue", due=found.truth is Truth.TRUE, about=missing)


def _review(study: Study, subject: Subject) -> Iterator[Step]:
    for query in subject.queries:
        if query.status != "closed":
            about, fields = f"query {query_words(query, study)}", (("query", query.number),)
            if query.status == "open":
                yield Step(command="AnswerQuery", about=about, fields=fields)
            yield Step(command="CloseQuery", due=query.status == "answered", about=about, fields=fields)
    for visit, points in subject.data.items():
        if open_ones := [item for item, point in points.items() if point.verified is None]:
            label = visit_label(visit, study)
            yield Step(command="VerifySource", about=f"{label}, {_items(open_ones)}", fields=(("visit", label),))
    again = [one.role for one in to_sign_again(subject)]
    wanted = [one.by for one in missing_endorsements(study, subject, "lock") if subject.enrolled]
    if roles := tuple(role for role in (*again, *wanted) if role):
        yield Step(command="SignContent", roles=tuple(dict.fromkeys(roles)))
    if subject.record and subject.record[-1][0] > subject.reviewed_through:
        yield Step(command="ReviewTrail", due=False, about=f"entries to {subject.record[-1][0]}")


def _items(several: Sized) -> str:
    return "1 item" if len(several) == 1 else f"{len(several)} items"
