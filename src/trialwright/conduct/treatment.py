"""Deciding the infusion: who may be treated, when, by which preparation, and how it ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.course import Infusion, Preparation
from trialwright.conduct.dosing import deviates, earliest, infusions, kept_from_treatment, made_for, needs_weight
from trialwright.conduct.eligibility import unfit_for_treatment
from trialwright.conduct.history import closed_by
from trialwright.conduct.infusion_visit import in_its_window, not_planned
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.stagger import holds
from trialwright.conduct.state import Subject
from trialwright.conduct.weights import unanswered
from trialwright.protocol.treatment_plan import Treatment

_PEOPLE = 2


def start_infusion(case: Case, command: cmd.StartInfusion) -> Decided:
    """Begin a prepared infusion, unless anything that held at the preparation no longer holds."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if refusal := may_be_treated(case, subject):
        return refusal
    found = waiting(case, subject, command.preparation)
    if isinstance(found, Refusal):
        return found
    treatment = _plan(case, subject)[found.course - 1]
    counts = found.weighed_on if needs_weight(case.study, (treatment,)) else None
    refusal = (
        _may_run(case, subject, found)
        or (weight_is_old(case, counts) if counts else None)
        or for_another_weight(case, subject, found)
        or _for_another_dose(case, subject, found)
        or _unmatched(subject, found)
        or due(case, subject, found.course, treatment, command.at)
        or unfit_for_treatment(case, subject, case.today)
    )
    if refusal:
        return refusal
    visit = in_its_window(case, subject, found.course, treatment.product, command.out_of_window)
    if isinstance(visit, Refusal):
        return visit
    return (*visit, case.stamp(ev.InfusionStarted, subject=subject.id, preparation=found.number))


def interrupt_infusion(case: Case, command: cmd.InterruptInfusion) -> Decided:
    """Halt a running infusion, with the volume given so far."""
    found = _running(case, command.subject, "running", command.given_ml)
    if isinstance(found, Refusal):
        return found
    fields = {"preparation": found.preparation, "given_ml": command.given_ml, "reason": command.reason}
    return (case.stamp(ev.InfusionInterrupted, subject=command.subject, **fields),)


def resume_infusion(case: Case, command: cmd.ResumeInfusion) -> Decided:
    """Go on with a halted infusion, while its subject may be treated and its preparation be given."""
    found = _running(case, command.subject, "interrupted")
    if isinstance(found, Refusal):
        return found
    subject = case.state.subjects[command.subject]
    preparation = next(one for one in subject.course.preparations if one.number == found.preparation)
    return _may_run(case, subject, preparation) or (
        case.stamp(ev.InfusionResumed, subject=command.subject, preparation=found.preparation),
    )


def complete_infusion(case: Case, command: cmd.CompleteInfusion) -> Decided:
    """End an infusion; a volume that differs by more than the protocol lets pass needs its reason."""
    found = _running(case, command.subject, "running", command.given_ml)
    if isinstance(found, Refusal):
        return found
    prepared = found.prepared_ml or found.planned_ml
    given = command.given_ml if command.given_ml is not None else prepared
    if deviates(given, prepared, case.preparation) and command.reason is None:
        return invalid(
            "volume.reason",
            f"{given:f} mL were given and {prepared:f} mL were prepared, without a reason.",
            "Say why the volumes differ.",
            case.rule("preparation > deviation"),
        )
    fields = {"preparation": found.preparation, "given_ml": given, "reason": command.reason}
    return (case.stamp(ev.InfusionCompleted, subject=command.subject, **fields),)


def abort_infusion(case: Case, command: cmd.AbortInfusion) -> Decided:
    """End an infusion early; it counts as begun, and what is left is not given later."""
    found = _running(case, command.subject, None, command.given_ml)
    if isinstance(found, Refusal):
        return found
    fields = {"preparation": found.preparation, "given_ml": command.given_ml, "reason": command.reason}
    return (case.stamp(ev.InfusionAborted, subject=command.subject, **fields),)


def override_stagger(case: Case, command: cmd.OverrideStagger) -> Decided:
    """Let one subject be infused before the stagger ends, if the protocol names the giver's role."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if refusal := may_be_treated(case, subject):
        return refusal
    standing = [hold for hold in holds(case.study, case.state, subject, case.arm_of) if hold.until > command.at]
    if not standing:
        return invalid("stagger.none", f"No stagger holds {subject.id} back.", "Infuse the subject.")
    forbids = next((hold for hold in standing if case.role not in hold.stagger.override_by), None)
    if forbids is None:
        return (case.stamp(ev.StaggerOverridden, subject=subject.id, reason=command.reason),)
    named = sorted(set[str](standing[0].stagger.override_by).intersection(*(h.stagger.override_by for h in standing)))
    return Refusal(
        code="stagger.override",
        reason=f"The protocol does not let the {case.role} override the stagger of {subject.id}.",
        rule=case.rule(f"{forbids.path} > override by"),
        mend=f"The {' or the '.join(named)} may." if named else "Nobody may: wait until it ends.",
    )


def may_be_treated(case: Case, subject: Subject) -> Refusal | None:
    """Why a subject may not receive anything of the trial, if so."""
    if not subject.enrolled:
        verdict = subject.verdict or "not assessed"
        return Refusal(
            code="subject.not_enrolled",
            reason=f"{subject.id} is not enrolled (eligibility: {verdict}).",
            rule=case.rule("criteria"),
            mend="Only an eligible subject who is enrolled is treated.",
        )
    if not subject.course.infusions and (refusal := case.out(subject)):
        return refusal
    if refusal := in_error(case, subject):
        return refusal
    arm_known = subject.randomised if case.masked else not case.study.arms or case.arm_of(subject) is not None
    if not arm_known:
        return Refusal(
            code="allocation.none",
            reason=f"{subject.id} has no arm yet.",
            rule=case.rule("allocation"),
            mend="Randomise the subject, or choose the arm, first.",
        )
    return None


def in_error(case: Case, subject: Subject) -> Refusal | None:
    """The refusal of treatment of a subject who was randomised in error."""
    if not kept_from_treatment(subject):
        return None
    return Refusal(
        code="subject.in_error",
        reason=f"{subject.id} was randomised in error: {subject.randomised_in_error}",
        rule=case.rule("criteria"),
        mend="Nothing is given; the investigator may say again that it was an error, with why it is treated.",
    )


def due(case: Case, subject: Subject, course: int, treatment: Treatment, until: datetime) -> Refusal | None:
    """Why the next infusion of a treatment may not be given up to a moment: count, visit, interval, level, stagger."""
    given = subject.course.of(course)
    if subject.course.running:
        return invalid("infusion.running", f"An infusion of {subject.id} runs.", "Complete or abort it first.")
    if treatment.times is not None and len(given) >= treatment.times:
        return _all_given(case, subject, given, treatment)
    if refusal := not_planned(case, subject, course, treatment.product):
        return refusal
    if given:
        return _not_continued(case, subject) or _too_early(case, subject, given[-1], treatment, until)
    return _level_closed(case, subject) or _stagger(case, subject, until)


def waiting(case: Case, subject: Subject, number: int | None) -> Preparation | Refusal:
    """The preparation of that number, or the only one, that was neither begun nor thrown away."""
    ready = subject.course.waiting
    found = [one for one in ready if number in {None, one.number}]
    if len(found) == 1:
        return found[0]
    if not ready and (refusal := withdrawn(case, subject, None)):
        return refusal
    which = ", ".join(one.coi for one in ready)
    reason = f"{subject.id} has {len(ready)} preparations waiting{f': {which}' if ready else ''}."
    mend = "Say which of them." if ready else "Prepare the infusion first."
    return Refusal(code="preparation.none", reason=reason, rule=case.rule("preparation"), mend=mend)


def weight_is_old(case: Case, weighed_on: date) -> Refusal | None:
    """Why a weight of that day may not be used any more, if so."""
    limit = case.preparation.weight_within
    if case.today - weighed_on <= timedelta(days=limit):
        return None
    may = "the day itself" if limit == 0 else f"at most {limit} days before"
    return Refusal(
        code="weight.old",
        reason=f"The weight was measured on {weighed_on}, and must be of {may}.",
        rule=case.rule("preparation > weight within"),
        mend="Weigh the subject again, and prepare the infusion by that weight.",
    )


def for_another_weight(case: Case, subject: Subject, found: Preparation) -> Refusal | None:
    """The refusal of a preparation whose weight was corrected, or recorded anew, by more than volumes may differ.

    It is asked alike for every arm of a masked trial.
    """
    was = made_for(case.study, subject, found, case.arm_of(subject))
    if was is None:
        return _weighed_since(case, subject, found)
    return Refusal(
        code="weight.corrected",
        reason=f"Preparation {found.coi} was made for {was:f} kg, and {subject.id} weighs {found.weight_kg:f} kg.",
        rule=case.rule("preparation > deviation"),
        mend="Discard it, and prepare the infusion by the right weight.",
    )


def _weighed_since(case: Case, subject: Subject, found: Preparation) -> Refusal | None:
    """The refusal of a preparation beside which another weight was recorded, until it is said which is right."""
    ask = unanswered(case.study, subject, found, case.arm_of(subject))
    if ask is None:
        return None
    return Refusal(
        code="weight.differs",
        reason=f"Of {subject.id} is recorded: {ask.text}",
        rule=case.rule("preparation > deviation"),
        mend="Discard it, and prepare the infusion by the right weight. Where the preparation's is right, "
        "correct the other one, or answer the query about it with the reason.",
    )


def _for_another_dose(case: Case, subject: Subject, found: Preparation) -> Refusal | None:
    """The refusal of a preparation of another dose than the one prescribed; no masked trial leaves a dose to choose."""
    held = found.dispensed
    prescribed = subject.course.prescribed.get(held.product) if held else None
    if held is None or prescribed is None or held.dose == prescribed:
        return None
    return Refusal(
        code="dose.prescribed",
        reason=f"Preparation {found.coi} holds a dose of {held.dose:f} {held.dose_unit}, and {prescribed:f} is "
        f"prescribed for {subject.id}.",
        rule=case.rule("doses"),
        mend="Discard it, and prepare the prescribed dose.",
    )


def withdrawn(case: Case, subject: Subject, coi: str | None) -> Refusal | None:
    """The refusal of a preparation, the last or the one of that label, that went with its lot before it was begun."""
    begun = {one.preparation for one in subject.course.infusions}
    asked = [one for one in subject.course.preparations if coi in {None, one.coi}]
    gone = asked and not asked[-1].waiting and asked[-1].number not in begun
    return _withdrawn(case, subject, asked[-1]) if gone else None


def _plan(case: Case, subject: Subject) -> tuple[Treatment, ...]:
    """What is infused; in a masked trial any arm's, for all are given alike."""
    return infusions(case.study, case.study.arms[0].name if case.masked else case.arm_of(subject))


def _may_run(case: Case, subject: Subject, found: Preparation) -> Refusal | None:
    """Why nothing of a preparation may run in now, if so: asked when its infusion begins, and whenever it goes on.

    Weight, matches, interval and stagger are settled once it has begun.
    """
    return (
        may_be_treated(case, subject)
        or _level_closed(case, subject)
        or not_usable(case, subject, found)
        or _withdrawn(case, subject, found)
    )


def _level_closed(case: Case, subject: Subject) -> Refusal | None:
    """Why the first infusion of a subject may not run at its dose level, if so."""
    first = subject.infusion
    if case.study.dose_escalation is None or (first is not None and not first.running):
        return None
    level = case.level_of(subject)
    return level if isinstance(level, Refusal) else None


def _not_continued(case: Case, subject: Subject) -> Refusal | None:
    """Why whoever is under treatment at a dose level receives no further infusion, if so."""
    if subject.level is None or subject.backfilled:
        return None
    if any(event.dlt for event in subject.adverse_events):
        return Refusal(
            code="dlt.treated",
            reason=f"{subject.id} has a dose-limiting toxicity.",
            rule=case.rule("dose escalation > dlt"),
            mend="Nothing more is given of a dose that was not tolerated; take down how the subject leaves treatment.",
        )
    closed = closed_by(case.study, case.state, subject.level, case.command.at)
    if closed is None or (closed.answer.selected or 0) >= subject.level:
        return None
    return case.left_by(closed, subject.level)


def _withdrawn(case: Case, subject: Subject, found: Preparation) -> Refusal | None:
    """The refusal of what is left of a lot that is not released any more; in a masked trial no word tells the lot."""
    lot = case.stock.lots[case.stock.dispensed[subject.id, found.number].lot]
    if lot.status == "released":
        return None
    of = "its lot" if case.masked else f"lot {lot.id}"
    quarantined = lot.status == "quarantined"
    why = f": {lot.reason}" if lot.reason and not case.masked else ""
    return Refusal(
        code="lot.quarantined" if quarantined else "lot.not_released",
        reason=f"Preparation {found.coi} of {subject.id} is withdrawn, because {of} "
        f"{'is in quarantine' if quarantined else f'was {lot.status}'}{why}.",
        rule=case.rule("products"),
        mend="Abort the infusion with the volume given."
        if subject.course.running
        else "Do not infuse. Give the preparation back to the pharmacy, and prepare another from a released lot.",
    )


def not_usable(case: Case, subject: Subject, found: Preparation) -> Refusal | None:
    """The refusal of a preparation whose time, or whose lot's, is over."""
    if case.command.at < found.usable_until:
        return None
    lot = case.state.stock.lots[found.dispensed.lot] if found.dispensed else None
    mend = "Discard it, and prepare the infusion from a lot that has not expired."
    if lot is not None and lot.expires_at <= case.command.at:
        when = f"{lot.expires_at:%Y-%m-%d %H:%M} UTC"
        return Refusal(
            code="lot.expired",
            reason=f"Lot {lot.id} of preparation {found.coi} of {subject.id} could be given until {when}.",
            rule=case.rule("products"),
            mend=mend,
        )
    return Refusal(
        code="preparation.expired",
        reason=f"Preparation {found.coi} of {subject.id} could be given until {found.usable_until:%Y-%m-%d %H:%M} UTC.",
        rule=case.rule("preparation > use within" if case.preparation.use_within else "products"),
        mend=mend,
    )


def _unmatched(subject: Subject, found: Preparation) -> Refusal | None:
    if len(set(found.matched_by)) >= _PEOPLE:
        return None
    by = f"{found.matched_by[0]} only" if found.matched_by else "nobody"
    return Refusal(
        code="identity.unmatched",
        reason=f"Preparation {found.coi} was matched with {subject.id} by {by}.",
        rule="two identifiers, read by two people, before an infusion (ISBT 128 ST-028)",
        mend="Two people each read the wristband and the preparation at the bedside.",
    )


def _all_given(case: Case, subject: Subject, given: tuple[Infusion, ...], treatment: Treatment) -> Refusal:
    times = treatment.times or 1
    when = f"on {given[-1].at:%Y-%m-%d %H:%M} UTC"
    told = f"received the infusion {when}" if times == 1 else f"received all {times} infusions, the last {when}"
    return Refusal(
        code="subject.infused",
        reason=f"{subject.id} {told}.",
        rule=case.rule("arms > treatments > times" if case.study.arms else "products > route"),
        mend="Each subject receives one infusion." if times == 1 else f"Each subject receives {times} infusions.",
    )


def _too_early(case: Case, subject: Subject, last: Infusion, treatment: Treatment, until: datetime) -> Refusal | None:
    first = earliest(treatment, subject.day_of(last.at))
    if first is None or subject.day_of(until) >= first:
        return None
    return Refusal(
        code="infusion.too_early",
        reason=f"Infusion {last.number} of {subject.id} was on {last.at:%Y-%m-%d}, less than {treatment.every} ago.",
        rule=case.rule("arms > treatments > every"),
        mend=f"Infusion {last.number + 1} may be given from {first}.",
    )


def _stagger(case: Case, subject: Subject, until: datetime) -> Refusal | None:
    hold = next(iter(holds(case.study, case.state, subject, case.arm_of)), None)
    if hold is None or until >= hold.until or subject.course.early is not None:
        return None
    ends = f"{hold.until:%Y-%m-%d %H:%M} UTC"
    return Refusal(
        code="stagger",
        reason=f"Infusions {hold.where} are held back until {ends}, after {hold.after}.",
        rule=case.rule(hold.path),
        mend=f"The next first infusion {hold.where} may be given from {ends}.",
    )


def _running(case: Case, subject_id: str, status: str | None, given_ml: Decimal | None = None) -> Infusion | Refusal:
    subject = case.subject(subject_id)
    if isinstance(subject, Refusal):
        return subject
    found = subject.course.running
    if found is None or status not in {None, found.status}:
        last = subject.course.infusions[-1] if subject.course.infusions else None
        is_now = f"is {found.status}" if found else f"was {last.status} before" if last else "was not begun"
        mend = (
            "Correct the volume given, if that is what is wrong."
            if last and not found
            else "Check the subject's number."
        )
        return invalid("infusion.status", f"The infusion of {subject.id} {is_now}.", mend)
    prepared = found.prepared_ml or found.planned_ml
    if given_ml is not None and given_ml > prepared:
        return invalid(
            "volume.more", f"{given_ml:f} mL are more than the {prepared:f} mL prepared.", "Correct the volume."
        )
    if given_ml is not None and found.given_ml is not None and given_ml < found.given_ml:
        return invalid(
            "volume.less",
            f"{given_ml:f} mL are less than the {found.given_ml:f} mL that had run in when the infusion was halted.",
            "Enter all that has run in since the infusion began, or correct the volume at the halt first.",
        )
    return found
