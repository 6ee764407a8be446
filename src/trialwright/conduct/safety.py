"""Deciding on safety data: adverse events, DLT adjudication, the end of the DLT window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from trialwright.clinical.ctcae_dictionary import OTHER, find_term
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.adverse_event import FATAL_GRADE, AdverseEvent
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.dosing import too_little
from trialwright.conduct.escalation import contradicted
from trialwright.conduct.evolve import evolve, replay
from trialwright.conduct.oversight import met, paused
from trialwright.conduct.queries import Ask, raised
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import State, Subject
from trialwright.conduct.visits import held_on
from trialwright.errors import InputError
from trialwright.protocol.study import Study

_SERIOUSNESS = "seriousness of an adverse event (ICH E2A, section II.B)"
_Corrected = ev.AdverseEventCorrected | ev.AdverseEventVoided
_Assessed = ev.AdverseEventGraded | ev.SeriousnessAssessed | ev.RelatednessAssessedV2 | ev.DltAdjudicatedV2


def report_adverse_event(case: Case, command: cmd.ReportAdverseEvent) -> Decided:
    """Take down an adverse event with the subject's next number, in a grade that its term has."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    serious = bool(command.serious or command.criteria or command.grade == FATAL_GRADE)
    if refusal := _impossible_onset(case, subject, command.onset_on, serious=serious):
        return refusal
    if refusal := (
        _related_to_nothing(case, subject, command.onset_on, related=command.related is True)
        or _no_words(case, command.term)
        or _not_on_the_scale(case, command.term, command.grade)
        or _seriousness_fault(command)
    ):
        return refusal
    reported = case.stamp(
        ev.AdverseEventReportedV2,
        subject=subject.id,
        event=len(subject.adverse_events) + len(subject.voided_events) + 1,
        term=command.term,
        onset_on=command.onset_on,
        grade=command.grade,
        related=command.related,
        serious=serious,
    )
    asks = (*_asked_of_term(case, command.term), *_reported_before(subject, command.term, command.onset_on))
    said = (*_criteria_said(case, command, reported), *_outcome_that_fits(case, reported, None))
    return (*_and_what_follows(case, reported), *said, *raised(case, subject, asks))


def _reported_before(subject: Subject, term: str, onset_on: date) -> Iterator[Ask]:
    """The query about an event that stands there already, with its term and its onset: two of a day can be."""
    same = (e for e in subject.adverse_events if (e.term.casefold(), e.onset_on) == (term.casefold(), onset_on))
    event = next(same, None)
    if event is not None:
        text = f"{event.term} of {onset_on} was reported as adverse event {event.number} before. Is this another one?"
        yield Ask(text=text, rule="safety: an adverse event is reported once")


def _impossible_onset(case: Case, subject: Subject, onset_on: date, *, serious: bool) -> Refusal | None:
    if onset_on > case.today:
        return invalid("onset.future", f"An onset on {onset_on} lies in the future.", "Correct the date.")
    if onset_on < subject.consented_on:
        return invalid(
            "onset.before_consent",
            f"An onset on {onset_on} lies before consent on {subject.consented_on}.",
            "Record it as medical history, or correct the date.",
        )
    if subject.died_on is not None and onset_on > subject.died_on:
        return invalid(
            "onset.after_death",
            f"An onset on {onset_on} lies after the death of {subject.id} on {subject.died_on}.",
            "Correct the date.",
        )
    gone = subject.disposition
    if gone and gone.term == "withdrawal by subject" and onset_on > gone.occurred_on and not serious:
        return invalid(
            "onset.after_withdrawal",
            f"An onset on {onset_on} lies after {subject.id} withdrew consent on {gone.occurred_on}.",
            "Nothing is collected of whoever withdrew; a serious event that becomes known is reported.",
        )
    return None


def _related_to_nothing(case: Case, subject: Subject, onset_on: date, *, related: bool) -> Refusal | None:
    """The refusal of an event that is called related to the product, and began on a day before anything was given.

    What a masked trial gives without an infusion need not be in the log, so that nothing is known to come before it.
    """
    first = first_given(case.study, subject)
    unseen = case.masked and any(one.times is None for arm in case.study.arms for one in arm.treatments)
    if not related or (unseen if first is None else onset_on >= first):
        return None
    before = f"before anything was given to {subject.id}" + (f", on {first}" if first else "")
    return Refusal(
        code="related.before_treatment",
        reason=f"The event began on {onset_on}, {before}; it is called related to the product.",
        rule="safety: a reaction follows a dose (ICH E2A, section II.A)",
        mend="Say that it is not related, also where a procedure of the trial has caused it; or correct the onset.",
    )


def first_given(study: Study, subject: Subject) -> date | None:
    """The day on which anything that the protocol gives was first given, or a visit was held that gives it."""
    given = {one.product.casefold() for arm in study.arms for one in arm.treatments}
    given |= {one.drug.casefold() for one in study.medicines if one.use == "given"}
    infused = [subject.day_of(one.at) for one in subject.course.infusions]
    taken = [
        one.periods[0][0] if one.periods else subject.day_of(one.since)
        for one in subject.course.medicines.values()
        if (one.counts_as or study.medicine_named(one.drug)).casefold() in given
    ]
    visits = (held_on(subject, visit) for visit in study.schedule if visit.gives)
    return min((*infused, *taken, *(day for day in visits if day)), default=None)


def _seriousness_fault(command: cmd.ReportAdverseEvent) -> Refusal | None:
    """What is wrong with what is said of the seriousness: nothing at all, or a contradiction."""
    fatal, criteria = command.grade == FATAL_GRADE, command.criteria
    if command.serious is None and not criteria and not fatal:
        return invalid(
            "seriousness.missing",
            "Whether the event is serious is not said.",
            "Say whether it is serious, yes or no, or by which criteria.",
            _SERIOUSNESS,
        )
    if command.serious is False and (criteria or fatal):
        by = ", ".join(criteria) or "death"
        mend = "Say that it is serious, or correct the criteria or the grade."
        return invalid(
            "seriousness.contradiction", f"The event is said not to be serious, and {by}.", mend, _SERIOUSNESS
        )
    if criteria and ("death" in criteria) != fatal:
        return _death_and_grade(command.grade)
    return None


def _criteria_said(
    case: Case, command: cmd.ReportAdverseEvent, reported: ev.AdverseEventReportedV2
) -> tuple[ev.Event, ...]:
    """The criteria that a report names, as an assessment of its own."""
    if not command.criteria:
        return ()
    criteria, about = tuple(dict.fromkeys(command.criteria)), {"subject": reported.subject, "event": reported.event}
    return (case.stamp(ev.SeriousnessAssessed, **about, was=True, criteria=criteria, reason="As reported"),)


def _death_and_grade(grade: int) -> Refusal:
    what = f"The event has grade {grade}; death makes an event serious at grade {FATAL_GRADE}, and only there."
    return invalid("seriousness.death", what, "Change the grade first, or correct the criteria.", _SERIOUSNESS)


def grade_adverse_event(case: Case, command: cmd.GradeAdverseEvent) -> Decided:
    """Change a grade; an adjudication of the old grade no longer stands."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    if event.grade == command.grade:
        return invalid("grade.same", f"The event already has grade {event.grade}.", "Enter another grade.")
    if refusal := _not_on_the_scale(case, event.term, command.grade):
        return refusal
    graded = case.stamp(
        ev.AdverseEventGraded,
        subject=subject.id,
        event=event.number,
        was=event.grade,
        grade=command.grade,
        reason=command.reason,
    )
    return (*_and_what_follows(case, graded), *_outcome_that_fits(case, graded, event.outcome))


def _outcome_that_fits(
    case: Case, graded: ev.AdverseEventReportedV2 | ev.AdverseEventGraded, was: str | None
) -> tuple[ev.Event, ...]:
    """The outcome that a grade leaves of an event which had another: death is fatal, and nothing else is."""
    fatal = graded.grade == FATAL_GRADE
    if (was == "fatal") == fatal:
        return ()
    outcome = "fatal" if fatal else "unknown"
    told = {"subject": graded.subject, "event": graded.event, "was": was, "outcome": outcome, "ended_on": None}
    return (case.stamp(ev.AdverseEventFollowedUp, **told),)


def correct_adverse_event(case: Case, command: cmd.CorrectAdverseEvent) -> Decided:
    """Change the term or the onset; what hangs on them, such as the DLT window, is looked at anew."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    term, onset_on = command.term or event.term, command.onset_on or event.onset_on
    if (term, onset_on) == (event.term, event.onset_on):
        what = f"Adverse event {event.number} already is {event.term} of {event.onset_on}."
        return invalid("event.same", what, "Enter what is to stand there.")
    if event.ended_on is not None and onset_on > event.ended_on:
        return invalid("outcome.date", f"The event ended on {event.ended_on}, before {onset_on}.", "Correct the date.")
    refusal = _impossible_onset(case, subject, onset_on, serious=event.serious)
    if refusal := (
        refusal
        or _related_to_nothing(case, subject, onset_on, related=event.related is True)
        or (_no_words(case, term) if command.term else None)
        or _not_on_the_scale(case, term, event.grade)
    ):
        return refusal
    was = {"was_term": event.term, "was_onset_on": event.onset_on}
    corrected = case.stamp(
        ev.AdverseEventCorrected,
        subject=subject.id,
        event=event.number,
        term=term,
        onset_on=onset_on,
        reason=command.reason,
        **was,
    )
    asks = _asked_of_term(case, term) if command.term else ()
    return (*_and_what_follows(case, corrected), *raised(case, subject, asks))


def void_adverse_event(case: Case, command: cmd.VoidAdverseEvent) -> Decided:
    """Take an event that was entered in error out of everything that counts; the pause that it made is reviewed."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    voided = case.stamp(ev.AdverseEventVoided, subject=subject.id, event=event.number, reason=command.reason)
    return _and_what_follows(case, voided)


def follow_up_adverse_event(case: Case, command: cmd.FollowUpAdverseEvent) -> Decided:
    """Take down how an event went; one that has ended says when, and a fatal one has grade 5."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    ended = command.outcome.startswith("recovered") or command.outcome == "fatal"
    if ended != (command.ended_on is not None):
        what = f"An event that is {command.outcome} {'needs an' if ended else 'has no'} end date."
        return invalid("outcome.end", what, "Correct the outcome or the date.")
    if command.ended_on and not event.onset_on <= command.ended_on <= case.today:
        what = f"An end on {command.ended_on} lies before the onset on {event.onset_on} or in the future."
        return invalid("outcome.date", what, "Correct the date.")
    if (command.outcome == "fatal") != event.fatal:
        death = f"CTCAE grades death related to an event as {FATAL_GRADE}, and nothing else."
        what = f"The event has grade {event.grade}; {death}"
        return invalid("outcome.grade", what, "Change the grade first, or correct the outcome.")
    if (event.outcome, event.ended_on) == (command.outcome, command.ended_on):
        return invalid("outcome.same", "The event is already followed up so.", "Nothing to do.")
    return (
        case.stamp(
            ev.AdverseEventFollowedUp,
            subject=subject.id,
            event=event.number,
            was=event.outcome,
            outcome=command.outcome,
            ended_on=command.ended_on,
        ),
    )


def assess_seriousness(case: Case, command: cmd.AssessSeriousness) -> Decided:
    """Take down the criteria by which an event is serious; death is one of them exactly at grade 5."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    criteria = tuple(dict.fromkeys(command.criteria))
    if ("death" in criteria) != event.fatal:
        return _death_and_grade(event.grade)
    if criteria == event.criteria and event.serious == bool(criteria):
        return invalid("seriousness.same", "The event is already assessed so.", "Nothing to do.")
    return _and_what_follows(
        case,
        case.stamp(
            ev.SeriousnessAssessed,
            subject=subject.id,
            event=event.number,
            was=event.serious,
            criteria=criteria,
            reason=command.reason,
        ),
    )


def assess_relatedness(case: Case, command: cmd.AssessRelatedness) -> Decided:
    """Say whether an event is related; an adjudication of what stood before no longer stands."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    if event.assessed and event.related == command.related:
        return invalid("related.same", "The event is already assessed so.", "Nothing to do.")
    if refusal := _related_to_nothing(case, subject, event.onset_on, related=command.related):
        return refusal
    return _and_what_follows(
        case,
        case.stamp(
            ev.RelatednessAssessedV2,
            subject=subject.id,
            event=event.number,
            was=event.related,
            related=command.related,
            reason=command.reason,
        ),
    )


def adjudicate_dlt(case: Case, command: cmd.AdjudicateDlt) -> Decided:
    """Record the investigator's judgement, and what the definition says; only an event in the window can be a DLT."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    if command.dlt and not subject.in_window(case.study, event.onset_on):
        return Refusal(
            code="dlt.outside_window",
            reason=f"The event began on {event.onset_on}, outside the DLT window of {subject.id}.",
            rule=case.rule("dose escalation > dlt window"),
            mend="Only an event with onset from the infusion to the end of the window is dose-limiting.",
        )
    if event.dlt == command.dlt:
        return invalid("dlt.same", "The event is already adjudicated so.", "Nothing to do.")
    judged = case.stamp(
        ev.DltAdjudicatedV2,
        subject=subject.id,
        event=event.number,
        dlt=command.dlt,
        defined=subject.meets_definition(case.study, event),
        reason=command.reason,
    )
    return _and_what_follows(case, judged)


def close_dlt_window(case: Case, command: cmd.CloseDltWindow) -> Decided:
    """Close the window on or after its last day, when no possible DLT waits for adjudication."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    ends = subject.window_ends(case.study)
    if ends is None or subject.window_closed or subject.not_evaluable is not None:
        return invalid("window.not_open", f"{subject.id} has no open DLT window.", "Check the subject's number.")
    if command.at < ends:
        return Refusal(
            code="window.open",
            reason=f"The DLT window of {subject.id} ends on {ends:%Y-%m-%d %H:%M} UTC.",
            rule=case.rule("dose escalation > dlt window"),
            mend="Close it then, or declare the subject not evaluable with the reason.",
        )
    if refusal := _not_followed(case, subject, ends):
        return refusal
    waiting = subject.dlt_candidates(case.study)
    if waiting:
        return Refusal(
            code="dlt.waiting",
            reason=f"{_named(waiting)} of {subject.id} may be dose-limiting and is not adjudicated.",
            rule=case.rule("dose escalation > dlt"),
            mend="Adjudicate it first.",
        )
    return (case.stamp(ev.DltWindowClosed, subject=subject.id),)


def declare_not_evaluable(case: Case, command: cmd.DeclareNotEvaluable) -> Decided:
    """Free the slot of a subject who cannot be followed; never of one with a DLT, a possible DLT or a closed window.

    Who was counted and has received too little, by a volume that was corrected since, is left out after all.
    """
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    counted = subject.was_followed(case.study) and not too_little(case.study, subject)
    if subject.level is None or counted or subject.not_evaluable is not None:
        return invalid("subject.no_slot", f"{subject.id} holds no slot that is still open.", "Check the number.")
    waiting = subject.dlt_candidates(case.study)
    if waiting or any(event.dlt for event in subject.adverse_events):
        return Refusal(
            code="dlt.counts",
            reason=f"{subject.id} has a dose-limiting toxicity, or an event that may be one.",
            rule=case.rule("dose escalation > dlt"),
            mend="A subject with a DLT is evaluable whatever the follow-up; adjudicate open events first.",
        )
    if subject.death_unreported(case.study):
        return Refusal(
            code="dlt.counts",
            reason=f"{subject.id} died on {subject.died_on}, within the DLT window, and no adverse event says of what.",
            rule=case.rule("dose escalation > dlt"),
            mend="Report the death as an adverse event of grade 5, and adjudicate it.",
        )
    left_out = case.stamp(ev.SubjectNotEvaluable, subject=subject.id, reason=command.reason)
    return (left_out, *decisions_after(case, subject.id, (left_out,)))


def _not_followed(case: Case, subject: Subject, ends: datetime) -> Refusal | None:
    """The refusal to close the window of a subject who left before its end, died in it, or had too little of the dose.

    A DLT makes a subject evaluable whatever the follow-up and the dose.
    """
    if any(event.dlt for event in subject.adverse_events):
        return None
    gone, infusion = subject.disposition, subject.infusion
    if gone is not None and gone.occurred_on < subject.day_of(ends):
        return Refusal(
            code="window.left",
            reason=f"{subject.id} left on {gone.occurred_on} ({gone.term}), before the window ended.",
            rule=case.rule("dose escalation > dlt window"),
            mend="Report a death as an adverse event, and adjudicate it; declare not evaluable who was not followed.",
        )
    if infusion and too_little(case.study, subject):
        least = case.study.design.dlt_window.dose_at_least
        asked = f"less than {least} %" if least else "which is no dose"
        return Refusal(
            code="window.dose",
            reason=f"{subject.id} received {infusion.given_ml} of {infusion.planned_ml} mL, {asked}.",
            rule=case.rule("dose escalation > dlt window > dose at least"),
            mend="Declare the subject not evaluable; another one is enrolled.",
        )
    return None


def _and_what_follows(case: Case, event: ev.AdverseEventReportedV2 | _Assessed | _Corrected) -> tuple[ev.Event, ...]:
    """An event that may change an outcome or meet a stopping rule, and what follows from it."""
    state, after = case.state, evolve(case.state, event)
    before, now = (one.subjects[event.subject].adverse_event(event.event) for one in (state, after))
    pauses = list(met(case, before, now)) if now else []
    why, reopened = [], _reopened(case, event.subject, after)
    if isinstance(event, ev.DltAdjudicatedV2) and event.dlt and _counted_free(state, event.subject):
        why = [f"A subject counted without a dose-limiting toxicity, or not at all, has one by entry {after.sequence}."]
    why += [f"Decision {one.number}, which ended dose escalation, no longer holds." for one in reopened]
    if why:
        pauses.append(paused(case, "dose escalation > decision", "pause", " ".join(why), beside=len(pauses)))
    return (event, *_superseded(case, after), *reopened, *pauses)


def decisions_after(case: Case, subject: str, events: Sequence[ev.Event]) -> tuple[ev.Event, ...]:
    """What becomes of dose decisions when events change the outcome of a subject."""
    after = replay(events, case.state)
    return (*_superseded(case, after), *_reopened(case, subject, after))


def _superseded(case: Case, after: State) -> tuple[ev.DoseDecisionSuperseded, ...]:
    """The open dose decision, where the outcomes that it was proposed on have changed."""
    waiting = case.state.open_decision
    if waiting is None or after.outcomes(case.study, waiting.at) == waiting.outcomes:
        return ()
    return (case.stamp(ev.DoseDecisionSuperseded, number=waiting.number),)


def _counted_free(state: State, subject_id: str) -> bool:
    """Whether dose decisions so far have taken a subject for one without a DLT, or left it out."""
    subject, last = state.subjects[subject_id], state.last_taken
    if subject.not_evaluable is not None:
        return True
    if last is None or subject.window_closed_at is None or subject.window_closed_at > last.at:
        return False
    return subject.dlt_at is None or subject.dlt_at > last.at


def _reopened(case: Case, subject: str, after: State) -> tuple[ev.EscalationReopened, ...]:
    """The end of the escalation taken back, where an outcome has changed and contradicts it."""
    before, now = (one.subjects[subject].outcome(case.study) for one in (case.state, after))
    ended = contradicted(case.study, after, case.command.at) if before != now else None
    return () if ended is None else (case.stamp(ev.EscalationReopened, number=ended.number),)


def _asked_of_term(case: Case, term: str) -> Iterator[Ask]:
    """The query about what is no term of the protocol's scale, with the terms that are near: no report waits for it."""
    grading = case.study.grading
    if grading is None:
        return
    try:
        find_term(term, grading.version)
    except InputError as fault:
        mend = f"Choose a term of {grading.scale}; where it has none, write its class, '{OTHER}: ' and what it is."
        yield Ask(text=f"{fault}. {mend}", rule=case.rule(grading.path))


def _no_words(case: Case, term: str) -> Refusal | None:
    """The refusal of the scale's words for what is no term of it, where they do not say what it is."""
    grading = case.study.grading
    if grading is None or not term.strip().endswith(OTHER):
        return None
    what = f"'{term.strip()}' does not say what it is."
    return invalid("term.other", what, f"Write it after '{OTHER}: '.", case.rule(grading.path))


def _not_on_the_scale(case: Case, term: str, grade: int) -> Refusal | None:
    """The refusal of a grade that a term of the scale does not have; what an older log has in other words has all."""
    grading = case.study.grading
    if grading is None:
        return None
    try:
        found = find_term(term, grading.version)
    except InputError:
        return None
    if grade in found.grades:
        return None
    has = ", ".join(map(str, found.grades))
    return invalid(
        "grade.not_on_scale",
        f"{found.name} has no grade {grade} in {grading.scale}; it has {has}.",
        "Choose the worst of these that it reached; report what it led to under its own term.",
        case.rule(grading.path),
    )


def _adverse_event(case: Case, subject_id: str, number: int) -> tuple[Subject, AdverseEvent] | Refusal:
    subject = case.subject(subject_id)
    if isinstance(subject, Refusal):
        return subject
    event = subject.adverse_event(number)
    if event is None:
        return invalid("event.unknown", f"{subject.id} has no adverse event {number}.", "Check the event's number.")
    return subject, event


def _named(events: tuple[AdverseEvent, ...]) -> str:
    return ", ".join(f"{event.term} (grade {event.grade})" for event in events)
