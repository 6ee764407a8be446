"""Refusals on the way into the trial: consent, eligibility, slots, cohorts."""

from datetime import timedelta

from tests.conduct.life import BY_CHOICE, RANDOMISED, RESERVING, LifeTrial, changed
from tests.conductor import with_rule
from trialwright.conduct import commands as cmd
from trialwright.protocol.file import load_study

ONE = {"subject": "S001"}
OTHERS = {**ONE, "by": "other"}
OF_TWO = changed(
    RANDOMISED,
    ("  - name: cohort 1\n    size: 8", "  - name: cohort 1\n    size: 2"),
    ("{name: cohort 2, size: 8", "{name: cohort 2, size: 2"),
    ("  planned: 16", "  planned: 4"),
)
"""NCT03828344 with cohorts of two; the first is reviewed 28 days after its last infusion."""
REVIEW = {"cohort": "cohort 1", "conclusion": "continue", "reason": "No related event"}
SECOND = {"by": "sponsor", "cohort": "cohort 2"}


def screened() -> LifeTrial:
    """S001 is screened and eligible with a BASDAI of 4 and a CRP of 3."""
    trial = LifeTrial(RESERVING).open()
    trial.screened()
    return trial


def not_assessed() -> LifeTrial:
    """S001 is screened and was not assessed."""
    trial = LifeTrial(RESERVING).open()
    trial.must(cmd.ScreenSubject, consented_on=trial.now.date())
    return trial


def reconsented() -> LifeTrial:
    """Version 2.0 is approved at the site, and S001 consented to it on 6 January."""
    trial = screened()
    trial.wait(days=1)
    second = changed(RESERVING, ('version: "1.0"', 'version: "2.0"'), ("reservation: 14 days", "reservation: 7 days"))
    trial.must(cmd.AmendProtocol, by="sponsor", text=second, reason="Committee's advice")
    return trial


def approved_later() -> LifeTrial:
    """Version 2.0 is approved at the site from 6 January on; S001 is on 1.0 since the 5th; it is the 8th."""
    trial = reconsented()
    trial.must(cmd.ApproveAmendment, by="sponsor", site="01", version="2.0", approved_on=trial.now.date())
    trial.wait(days=2)
    return trial


def consented_again() -> LifeTrial:
    """S001 consented to version 2.0 on 8 January."""
    trial = approved_later()
    trial.must(cmd.RecordReconsent, subject="S001", version="2.0", consented_on=trial.now.date())
    return trial


def under_a_stricter_version() -> LifeTrial:
    """S001 was let in by version 1.0 with a BASDAI of 4, and consented to version 2.0, which asks for 5."""
    trial = consented_again()
    pairs = ('version: "1.0"', 'version: "2.0"'), ("need: basdai >= 4\n", "need: basdai >= 5\n")
    trial.study = load_study(changed(RESERVING, *pairs))
    return trial


def ineligible() -> LifeTrial:
    """S001 has a BASDAI below the threshold, and whether S002 has a malignancy or an infection is not known."""
    trial = LifeTrial(RESERVING).open()
    trial.screened(basdai="3.9")
    trial.screened(malignancy=None, active_infection=None)
    return trial


def enrolled() -> LifeTrial:
    """S001 is enrolled."""
    trial = LifeTrial(RESERVING).open()
    trial.enrolled()
    return trial


def reserved() -> LifeTrial:
    """A slot is reserved for S001."""
    trial = screened()
    trial.must(cmd.ReserveSlot, subject="S001")
    return trial


def reservation_over() -> LifeTrial:
    """The reservation of S001 expires in this second."""
    trial = reserved()
    trial.wait(days=14)
    return trial


def without_reservation() -> LifeTrial:
    """The protocol reserves no slots; S001 is eligible."""
    trial = LifeTrial().open()
    trial.screened()
    return trial


def level_full() -> LifeTrial:
    """All three slots of the level are taken; S004 is eligible."""
    trial = LifeTrial(RESERVING).open()
    for _ in range(3):
        trial.enrolled()
    trial.screened()
    return trial


def trial_full() -> LifeTrial:
    """All of the three subjects that the protocol plans are enrolled; S004 is eligible."""
    trial = LifeTrial(changed(BY_CHOICE, ("enrolment: {planned: 200,", "enrolment: {planned: 3,"))).open()
    for _ in range(3):
        trial.joined()
    trial.known()
    return trial


def no_cohort_open() -> LifeTrial:
    """NCT03828344 with cohorts of two; none is open, and S001 is eligible."""
    trial = LifeTrial(OF_TWO).open()
    trial.known()
    return trial


def cohort_of_one() -> LifeTrial:
    """Cohort 1 has one of two subjects."""
    trial = LifeTrial(OF_TWO).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.joined()
    return trial


def cohort_full() -> LifeTrial:
    """Cohort 1 has two subjects of two, neither infused; S003 is eligible."""
    trial = cohort_of_one()
    trial.joined()
    trial.known()
    return trial


def cohort_infused() -> LifeTrial:
    """Both subjects of cohort 1 were infused, the last a second less than 28 days ago."""
    trial = cohort_full()
    for subject in ("S001", "S002"):
        trial.wait(days=1)
        trial.treated(subject)
    trial.now += timedelta(days=28, seconds=-1)
    return trial


def cohort_followed() -> LifeTrial:
    """The last infusion of cohort 1 was 28 days ago, and the committee has a role."""
    trial = cohort_infused()
    trial.now += timedelta(seconds=1)
    trial.must(cmd.GrantRole, by="sponsor", person="board", role="committee")
    return trial


def cohort_with_an_event() -> LifeTrial:
    """Everybody of the first cohort was followed, and one had a fever."""
    trial = cohort_followed()
    told = {"term": "Fever", "onset_on": trial.now.date(), "grade": 1, "related": False, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject="S001", **told)
    return trial


def cohort_with_a_death() -> LifeTrial:
    """Everybody of the first cohort was followed, and one died, of which no adverse event says anything."""
    trial = cohort_followed()
    died = {"disposition": "death", "occurred_on": trial.now.date(), "reason": "Found dead"}
    trial.must(cmd.RecordDisposition, subject="S001", **died)
    return trial


def cohort_reviewed_by_one() -> LifeTrial:
    """The investigator has signed the review of cohort 1."""
    trial = cohort_followed()
    trial.must(cmd.ReviewCohort, **REVIEW)
    return trial


def both_cohorts_open() -> LifeTrial:
    """Both cohorts of the protocol were opened."""
    trial = cohort_reviewed_by_one()
    trial.must(cmd.ReviewCohort, **REVIEW, by="sponsor")
    trial.must(cmd.OpenCohort, **SECOND)
    return trial


def top_tolerated() -> LifeTrial:
    """A rolling six has three subjects without a DLT at each level, three free slots at the top, and S010."""
    trial = LifeTrial(with_rule("{design: rolling six}")).open()
    for level in (2, 3):
        trial.cohort("NNN")
        trial.decided("escalate")
        trial.must(cmd.OpenDoseLevel, by="sponsor", level=level)
    trial.cohort("NNN")
    trial.screened()
    return trial


REFUSALS = [
    (screened, cmd.ScreenSubject, {"consented_on": "2026-01-06"}, "consent.future"),
    (screened, cmd.ScreenSubject, {"consented_on": "2026-01-05", "version": "0.9"}, "consent.version"),
    (screened, cmd.RecordReconsent, {**OTHERS, "consented_on": "2026-01-05", "version": "2.0"}, "subject.unknown"),
    (screened, cmd.RecordReconsent, {**ONE, "consented_on": "2026-01-05", "version": "1.0"}, "consent.same"),
    (reconsented, cmd.RecordReconsent, {**ONE, "consented_on": "2026-01-06", "version": "2.0"}, "consent.version"),
    (consented_again, cmd.RecordReconsent, {**ONE, "consented_on": "2026-01-05", "version": "1.0"}, "consent.order"),
    (screened, cmd.AssessEligibility, {**OTHERS, "values": {}, "answers": {}}, "subject.unknown"),
    (screened, cmd.AssessEligibility, {**ONE, "values": {"basdai": 5, "crp": 4}, "answers": {}}, "values.reason"),
    (enrolled, cmd.AssessEligibility, {**ONE, "values": {"basdai": 5}, "answers": {}}, "subject.enrolled"),
    (screened, cmd.ReserveSlot, OTHERS, "subject.unknown"),
    (without_reservation, cmd.ReserveSlot, ONE, "reservation.none"),
    (enrolled, cmd.ReserveSlot, ONE, "subject.enrolled"),
    (ineligible, cmd.ReserveSlot, ONE, "subject.ineligible"),
    (level_full, cmd.ReserveSlot, {"subject": "S004"}, "cohort.full"),
    (reserved, cmd.ReserveSlot, ONE, "reservation.held"),
    (screened, cmd.ReleaseSlot, {**OTHERS, "reason": "?"}, "subject.unknown"),
    (screened, cmd.ReleaseSlot, {**ONE, "reason": "?"}, "reservation.not_held"),
    (reservation_over, cmd.ReleaseSlot, {**ONE, "reason": "?"}, "reservation.not_held"),
    (screened, cmd.EnrolSubject, OTHERS, "subject.unknown"),
    (enrolled, cmd.EnrolSubject, ONE, "subject.enrolled"),
    (not_assessed, cmd.EnrolSubject, ONE, "subject.ineligible"),
    (ineligible, cmd.EnrolSubject, ONE, "subject.ineligible"),
    (under_a_stricter_version, cmd.EnrolSubject, ONE, "subject.ineligible"),
    (ineligible, cmd.EnrolSubject, {"subject": "S002"}, "subject.ineligible"),
    (approved_later, cmd.EnrolSubject, ONE, "consent.old_version"),
    (level_full, cmd.EnrolSubject, {"subject": "S004"}, "cohort.full"),
    (trial_full, cmd.EnrolSubject, {"subject": "S004"}, "cohort.full"),
    (no_cohort_open, cmd.EnrolSubject, ONE, "cohort.none_open"),
    (cohort_full, cmd.EnrolSubject, {"subject": "S003"}, "cohort.full"),
    (top_tolerated, cmd.EnrolSubject, {"subject": "S010"}, "cohort.held"),
    (screened, cmd.OpenCohort, {"by": "sponsor", "cohort": "cohort 1"}, "cohort.unknown"),
    (no_cohort_open, cmd.OpenCohort, {"by": "sponsor", "cohort": "cohort 9"}, "cohort.unknown"),
    (no_cohort_open, cmd.OpenCohort, SECOND, "cohort.order"),
    (cohort_of_one, cmd.OpenCohort, {"by": "sponsor", "cohort": "cohort 1"}, "cohort.order"),
    (both_cohorts_open, cmd.OpenCohort, SECOND, "cohort.order"),
    (cohort_of_one, cmd.OpenCohort, SECOND, "cohort.not_full"),
    (cohort_full, cmd.OpenCohort, SECOND, "cohort.not_reviewed"),
    (cohort_reviewed_by_one, cmd.OpenCohort, SECOND, "cohort.not_reviewed"),
    (screened, cmd.ReviewCohort, REVIEW, "cohort.not_open"),
    (cohort_of_one, cmd.ReviewCohort, {**REVIEW, "cohort": "cohort 2"}, "cohort.not_open"),
    (cohort_of_one, cmd.ReviewCohort, REVIEW, "cohort.not_full"),
    (cohort_full, cmd.ReviewCohort, REVIEW, "review.early"),
    (cohort_infused, cmd.ReviewCohort, REVIEW, "review.early"),
    (cohort_followed, cmd.ReviewCohort, {**REVIEW, "by": "board"}, "role.signature"),
    (cohort_followed, cmd.ReviewCohort, {**REVIEW, "listings": "0" * 64}, "review.content"),
    (cohort_with_an_event, cmd.ReviewCohort, REVIEW, "review.content"),
    (cohort_with_a_death, cmd.ReviewCohort, REVIEW, "review.death"),
    (cohort_reviewed_by_one, cmd.ReviewCohort, REVIEW, "review.signed"),
]  # fmt: skip
