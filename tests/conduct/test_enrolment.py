"""Slots: dose levels, sequential cohorts, a planned total; reserved, released, expired."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest

from tests.conduct.life import BY_CHOICE, ONE_ARM, RANDOMISED, RESERVING, LifeTrial, changed
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.enrolment import review_signed_by

TWO_BY_TWO = changed(
    RANDOMISED,
    ("  - name: cohort 1\n    size: 8", "  - name: cohort 1\n    size: 2"),
    ("    review after: 28 days\n", ""),
    ("{name: cohort 2, size: 8", "{name: cohort 2, size: 2"),
    ("  planned: 16", "  planned: 4"),
)
"""NCT03828344 with cohorts of two that are reviewed once they are full."""


@pytest.mark.parametrize("text", [RANDOMISED, BY_CHOICE, ONE_ARM], ids=["cohorts", "three arms", "one arm"])
def test_trials_without_dose_levels_enrol(text: str) -> None:
    """Subjects of a trial without dose escalation are enrolled, and its view says where it stands."""
    trial = LifeTrial(text).open()
    if trial.study.cohorts:
        assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "cohort.none_open"
        trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")

    number = trial.joined()

    subject = trial.state.subjects[number]
    assert subject.enrolled
    assert subject.level is None
    assert subject.group == ("cohort 1" if trial.study.cohorts else None)
    for person in ("sponsor", "inv", "mon"):
        assert trial.view(person).status
    assert trial.view("sponsor").next_dose is None
    assert trial.refused(cmd.OpenDoseLevel, by="sponsor", level=1).code == "escalation.none"
    assert trial.refused(cmd.ProposeDoseDecision, decision="stop").code == "escalation.none"


def test_in_a_one_arm_trial_the_arm_comes_with_enrolment() -> None:
    """Whoever is enrolled in a trial with one arm is in it at once."""
    trial = LifeTrial(ONE_ARM).open()

    subject = trial.joined()

    assert trial.state.subjects[subject].arm == "Cells with cyclosporine A"


def test_the_planned_total_is_never_exceeded() -> None:
    """The planned number of subjects is enrolled, whatever their sites, and nobody after them."""
    trial = LifeTrial(changed(BY_CHOICE, ("enrolment: {planned: 200,", "enrolment: {planned: 3,"))).open()
    for person in ("inv", "other", "inv"):
        trial.joined(by=person)

    refusal = trial.refused(cmd.EnrolSubject, by="other", subject=trial.known(by="other"))

    assert (refusal.code, "enrolment > planned" in refusal.rule) == ("cohort.full", True)


def reviewed(trial: LifeTrial, cohort: str, *people: str) -> None:
    """Sign the review of a cohort."""
    for person in people:
        said = {"cohort": cohort, "conclusion": "continue", "reason": "No related event"}
        trial.must(cmd.ReviewCohort, by=person, **said, listings=trial.view(person).listings)


def test_a_cohort_opens_after_the_one_before_it_is_full_and_reviewed() -> None:
    """The next cohort opens in the protocol's order, once the one before it is full and both have signed its review."""
    trial = LifeTrial(TWO_BY_TWO).open()

    def opened() -> str:
        asked = trial.do(cmd.OpenCohort, by="sponsor", cohort="cohort 2")
        return getattr(asked, "code", "opened")

    assert opened() == "cohort.order"
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.joined()
    assert opened() == "cohort.not_full"
    trial.joined(by="other")
    assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "cohort.full"
    assert opened() == "cohort.not_reviewed"
    reviewed(trial, "cohort 1", "inv")
    assert opened() == "cohort.not_reviewed"
    reviewed(trial, "cohort 1", "sponsor")
    assert opened() == "opened"
    second = trial.joined()
    assert trial.state.subjects[second].group == "cohort 2"


def test_a_review_is_superseded_by_a_new_adverse_event() -> None:
    """A review binds the adverse events that it was signed on; a new one calls for a new review."""
    trial = LifeTrial(TWO_BY_TWO).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    subject, _ = trial.joined(), trial.joined()
    reviewed(trial, "cohort 1", "inv", "sponsor")
    assert (
        trial.refused(cmd.ReviewCohort, cohort="cohort 1", conclusion="continue", reason="Again").code
        == "review.signed"
    )

    told = {"term": "Fever", "onset_on": trial.now.date(), "grade": 2, "related": False, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)

    assert trial.refused(cmd.OpenCohort, by="sponsor", cohort="cohort 2").code == "cohort.not_reviewed"
    reviewed(trial, "cohort 1", "inv", "sponsor")
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 2")


def test_es_04_a_review_binds_the_adverse_events_that_were_shown() -> None:
    """A review that was read before an adverse event was reported is not signed after it."""
    trial = LifeTrial(TWO_BY_TWO).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    subject, _ = trial.joined(), trial.joined()
    shown = {"cohort": "cohort 1", "conclusion": "continue", "reason": "None", "listings": trial.view().listings}
    told = {"term": "Fever", "onset_on": trial.now.date(), "grade": 2, "related": False, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)

    assert trial.refused(cmd.ReviewCohort, **shown).code == "review.content"
    trial.must(cmd.ReviewCohort, **{**shown, "listings": trial.view().listings})


def test_a_cohort_is_reviewed_when_its_last_subject_was_followed() -> None:
    """A review that comes before the protocol's days after the last infusion is refused."""
    trial = LifeTrial(
        changed(
            TWO_BY_TWO, ("    size: 2\n    dose: lower\n", "    size: 2\n    dose: lower\n    review after: 28 days\n")
        )
    ).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.joined(), trial.joined()

    asked = {"cohort": "cohort 1", "conclusion": "continue", "reason": "No event"}

    assert trial.refused(cmd.ReviewCohort, **asked).code == "review.early"


def test_who_left_untreated_does_not_hold_up_the_review() -> None:
    """A cohort is reviewed without waiting for the infusion of a subject who left before it and is not replaced."""
    dosed = ("    size: 2\n    dose: lower\n", "    size: 2\n    dose: lower\n    review after: 28 days\n")
    trial = LifeTrial(changed(TWO_BY_TWO, dosed)).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    left = {"disposition": "withdrawal by subject", "occurred_on": trial.now.date(), "reason": "No time"}
    for subject in (trial.joined(), trial.joined()):
        trial.must(cmd.RecordDisposition, subject=subject, **left)

    reviewed(trial, "cohort 1", "inv", "sponsor")

    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 2")


def test_only_the_signers_review_a_cohort() -> None:
    """A cohort is reviewed by investigator and sponsor; the open one only, and by nobody else."""
    trial = LifeTrial(TWO_BY_TWO).open()
    asked = {"cohort": "cohort 1", "conclusion": "continue", "reason": "No event"}

    assert trial.refused(cmd.ReviewCohort, **asked).code == "cohort.not_open"
    assert trial.refused(cmd.ReviewCohort, by="mon", **asked).code == "role.may_not"
    assert trial.refused(cmd.OpenCohort, by="sponsor", cohort="cohort 9").code == "cohort.unknown"


def test_de_02_a_reservation_expires() -> None:
    """A reserved slot is free again at the second at which it expires, and not a second before."""
    trial = LifeTrial(RESERVING).open()
    for _ in range(3):
        trial.must(cmd.ReserveSlot, subject=trial.known())
    late = trial.known()
    assert trial.refused(cmd.EnrolSubject, subject=late).code == "cohort.full"
    trial.now += timedelta(days=14, seconds=-1)
    assert trial.refused(cmd.EnrolSubject, subject=late).code == "cohort.full"

    trial.now += timedelta(seconds=1)

    trial.must(cmd.EnrolSubject, subject=late)
    assert trial.state.free_slots(trial.study, trial.state.open_level) == 2


def test_de_02_a_screening_failure_frees_the_slot() -> None:
    """The slot that was reserved for somebody who turns out not to be eligible is free again."""
    trial = LifeTrial(RESERVING).open()
    subject = trial.known(verdict="undetermined")
    trial.must(cmd.ReserveSlot, subject=subject)
    assert trial.state.free_slots(trial.study, trial.state.open_level) == 2

    trial.verdict(subject, "not eligible")

    assert trial.state.free_slots(trial.study, trial.state.open_level) == 3
    assert trial.refused(cmd.ReserveSlot, subject=subject).code == "subject.ineligible"


def test_de_02_a_reserved_slot_is_released_and_claimed_by_its_own_subject() -> None:
    """A reserved slot is given back with a reason, or claimed by the subject whom it was kept for."""
    trial = LifeTrial(RESERVING).open()
    subjects = [trial.known() for _ in range(3)]
    for subject in subjects:
        trial.must(cmd.ReserveSlot, subject=subject)
    assert trial.refused(cmd.ReserveSlot, subject=subjects[0]).code == "reservation.held"
    assert trial.refused(cmd.ReserveSlot, subject=trial.known()).code == "cohort.full"

    trial.must(cmd.EnrolSubject, subject=subjects[0])
    trial.must(cmd.ReleaseSlot, subject=subjects[1], reason="Wants to think about it")

    assert trial.refused(cmd.ReleaseSlot, subject=subjects[1], reason="Again").code == "reservation.not_held"
    assert trial.refused(cmd.ReserveSlot, subject=subjects[0]).code == "subject.enrolled"
    assert trial.state.free_slots(trial.study, trial.state.open_level) == 1


def test_slots_are_reserved_where_the_protocol_says_for_how_long() -> None:
    """A protocol without a time for reservations reserves nothing, and the refusal names the key."""
    trial = LifeTrial().open()

    refusal = trial.refused(cmd.ReserveSlot, subject=trial.known())

    assert (refusal.code, "enrolment > reservation" in refusal.rule) == ("reservation.none", True)


def test_enrolments_of_the_first_version_are_read_for_ever() -> None:
    """An enrolment that was written before cohorts had names still puts the subject at its level."""
    trial = LifeTrial().open()
    subject = trial.known()
    told = {"at": trial.now, "by": "inv", "role": "investigator", "site": "01", "protocol": "1.0"}

    trial.happens(ev.SubjectEnrolled(**told, subject=subject, level=1))

    assert (trial.state.subjects[subject].level, trial.state.subjects[subject].enrolled) == (1, True)


def test_de_13_a_subject_without_a_product_gives_the_slot_of_a_cohort_back() -> None:
    """Whoever could be made no product is prepared nothing any more, and another takes the place in the cohort."""
    trial = LifeTrial(TWO_BY_TWO).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    failed, _ = trial.joined(), trial.joined()
    assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "cohort.full"

    trial.must(cmd.ReportManufacturingFailure, subject=failed, reason="Contaminated")
    trial.joined()

    assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "cohort.full"
    assert (
        trial.refused(cmd.PrepareInfusion, by="pharm", subject=failed, lot="L1", containers=("L1-1",)).code
        == "subject.out"
    )


def listing(*rows: list[object]) -> str:
    """The hash of these adverse events."""
    return sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()


def test_de_07_a_review_says_what_it_was_made_on() -> None:
    """A review has its cohort, data cut, listings, conclusion, who took part and why; its hash can be computed anew."""
    trial = LifeTrial(TWO_BY_TWO).open()
    (opened,) = trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    subject, _ = trial.joined(), trial.joined()
    told = {"term": "Fever", "onset_on": trial.now.date(), "grade": 2, "related": False, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    cut = trial.state.sequence
    asked = {"cohort": "cohort 1", "conclusion": "continue", "reason": "A fever", "attendees": ["inv", "board"]}
    asked |= {"listings": trial.view().listings}

    (review,) = trial.must(cmd.ReviewCohort, **asked)

    assert (opened.cohort, opened.slots) == ("cohort 1", 2)
    assert (review.cohort, review.cut, review.conclusion, review.reason) == ("cohort 1", cut, "continue", "A fever")
    assert review.attendees == ("inv", "board")
    assert review.listings == listing(["S001", 1, "Fever", "2026-01-05", 2, False, False])


def test_de_08_a_review_may_end_the_trial() -> None:
    """A review that does not let the trial go on stops it, with the cohort and the reason."""
    trial = LifeTrial(TWO_BY_TWO).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.joined(), trial.joined()

    _, stopped = trial.must(cmd.ReviewCohort, cohort="cohort 1", conclusion="stop", reason="Two infections")

    assert (stopped.rule, stopped.action) == ("cohorts", "stop")
    assert stopped.reason == "The review of cohort 1 ended the trial: Two infections"


def test_a_review_that_stops_does_not_count_as_signed() -> None:
    """Of each role the last review counts, and only one that lets the trial go on, on the events as they are now."""
    trial = LifeTrial(TWO_BY_TWO).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    subject, _ = trial.joined(), trial.joined()

    def standing() -> set[str]:
        return set(review_signed_by(trial.study, trial.state, trial.state.groups[-1]))

    assert standing() == set()
    reviewed(trial, "cohort 1", "inv")
    assert standing() == {"investigator"}
    told = {"term": "Fever", "onset_on": trial.now.date(), "grade": 2, "related": False, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    assert standing() == set()
    said = {"cohort": "cohort 1", "conclusion": "stop", "reason": "Two infections"}
    trial.must(cmd.ReviewCohort, **said, listings=trial.view().listings)
    assert standing() == set()


@pytest.mark.parametrize(("text", "level", "group"), [(RESERVING, 1, None), (TWO_BY_TWO, None, "cohort 1")])
def test_de_02_a_reservation_says_where_and_until_when(text: str, level: int | None, group: str | None) -> None:
    """A reserved slot, and a claimed one, is at the open level or in the open cohort; it is kept for its days."""
    if group:
        text = changed(text, ("  planned: 4\n", "  planned: 4\n  reservation: 14 days\n"))
    trial = LifeTrial(text).open()
    if group:
        trial.must(cmd.OpenCohort, by="sponsor", cohort=group)
    subject = trial.known()

    (reserved,) = trial.must(cmd.ReserveSlot, subject=subject)
    enrolled, *_ = trial.must(cmd.EnrolSubject, subject=subject)

    assert (reserved.subject, reserved.level, reserved.group) == (subject, level, group)
    assert reserved.expires_at == trial.now + timedelta(days=14)
    assert (enrolled.subject, enrolled.level, enrolled.group) == (subject, level, group)


def test_a_cohort_of_which_one_left_untreated_waits_for_the_other() -> None:
    """Days count from the last infusion of those who hold a slot; who left before it is not waited for."""
    dosed = ("    size: 2\n    dose: lower\n", "    size: 2\n    dose: lower\n    review after: 28 days\n")
    trial = LifeTrial(changed(TWO_BY_TWO, dosed)).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    left, stays = trial.joined(), trial.joined()
    asked = {"cohort": "cohort 1", "conclusion": "continue", "reason": "No event"}
    gone = {"disposition": "withdrawal by subject", "occurred_on": trial.now.date(), "reason": "No time"}
    trial.must(cmd.RecordDisposition, subject=left, **gone)
    assert trial.refused(cmd.ReviewCohort, **asked).reason == "1 subjects of cohort 1 are not infused."
    trial.treated(stays)
    trial.now += timedelta(days=28, seconds=-1)
    assert trial.refused(cmd.ReviewCohort, **asked).code == "review.early"

    trial.now += timedelta(seconds=1)

    trial.must(cmd.ReviewCohort, **asked)
