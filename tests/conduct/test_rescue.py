"""Rescue at week 14: by the data where they settle it, by judgement where they do not."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.conduct.life import RANDOMISED, LifeTrial
from trialwright.conduct import Refusal
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.protocol.criteria import Truth
from trialwright.protocol.facts import Facts, Observation
from trialwright.protocol.file import load_study


def infused(text: str = RANDOMISED) -> tuple[LifeTrial, dict[str, object]]:
    """A subject of NCT03828344 who was infused; and what names the subject."""
    trial = LifeTrial(text).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    subject = trial.joined()
    trial.treated(subject)
    return trial, {"subject": subject, "treatment": "Adalimumab"}


def test_rescue_is_not_before_its_visit() -> None:
    """Rescue that begins before the window of week 14 is refused with the day on which it opens."""
    trial, named = infused()
    trial.wait(days=94)

    refusal = trial.refused(cmd.StartRescue, **named, started_on=trial.now.date(), reason="Active disease")

    assert refusal.code == "rescue.early"
    trial.wait(days=1)
    trial.must(cmd.StartRescue, **named, started_on=trial.now.date(), reason="Active disease")


def test_rescue_that_the_data_leave_open_is_the_investigators_judgement() -> None:
    """Where the joint counts are missing, rescue begins with the investigator's reason, and the event says so."""
    trial, named = infused()
    trial.wait(days=98)
    today = {"started_on": trial.now.date()}

    refusal = trial.refused(cmd.StartRescue, **named, **today)

    assert refusal.code == "rescue.unknown"
    (started,) = trial.must(cmd.StartRescue, **named, **today, reason="Six swollen joints")
    assert (started.condition, bool(started.missing)) == ("unknown", True)
    assert trial.refused(cmd.StartRescue, **named, **today, reason="Again").code == "rescue.started"


@pytest.mark.parametrize(
    ("sjc28", "expected"),
    [((10, 8), Truth.FALSE), ((10, 9), Truth.TRUE), ((10, None), Truth.UNKNOWN)],
    ids=["both fell by 20 %", "one fell by 10 %", "one was not counted"],
)
def test_the_condition_of_rescue_has_three_values(sjc28: tuple[int, int | None], expected: Truth) -> None:
    """Rescue is due when either count fails to fall by 20 %, not due when both fall, open when one is missing."""

    def history(before: int, after: int | None) -> tuple[Observation, ...]:
        counts = [("baseline", date(2026, 1, 3), before), ("week_12", date(2026, 3, 30), after)]
        return tuple(Observation(value=Decimal(n), on=on, visit=visit) for visit, on, n in counts if n is not None)

    facts = Facts(observations={"tjc28": history(10, 5), "sjc28": history(*sjc28)})

    assert load_study(RANDOMISED).rescue.when.evaluate(facts).truth is expected


def test_rescue_belongs_to_protocols_that_have_it() -> None:
    """A protocol without rescue refuses it, and a subject who was not infused has none."""
    trial = LifeTrial().open()
    asked = {"subject": trial.infused(), "treatment": "Adalimumab", "started_on": trial.now.date()}
    assert trial.refused(cmd.StartRescue, **asked).code == "rescue.none"

    other = LifeTrial(RANDOMISED).open()
    other.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    subject = other.joined()
    assert other.refused(cmd.StartRescue, **{**asked, "subject": subject}).code == "rescue.early"


@pytest.mark.parametrize(("sjc28", "expected"), [(2, "rescue.not_met"), (4, "met")])
def test_rescue_by_the_data_needs_no_judgement(sjc28: int, expected: str) -> None:
    """Data that settle the condition decide alone: rescue is refused where they deny it, whatever anybody judges."""
    start, end = RANDOMISED.index("  when: >-\n"), RANDOMISED.index("  then: Standard of care")
    trial, named = infused(RANDOMISED[:start] + "  when: sjc28 >= 4\n" + RANDOMISED[end:])
    known = {"sjc28": Decimal(sjc28)}
    assessed = next(event for event in trial.log if isinstance(event, ev.EligibilityAssessed))
    trial.happens(assessed.model_copy(update={"at": trial.now, "values": known}))
    trial.wait(days=98)

    asked = {**named, "started_on": trial.now.date()}
    answer = trial.do(cmd.StartRescue, **asked, reason="Active disease" if expected != "met" else None)

    assert (answer.code if isinstance(answer, Refusal) else answer[0].condition) == expected


def test_what_is_forbidden_until_rescue_is_no_deviation_after_it() -> None:
    """A biologic DMARD is forbidden until rescue has begun, and neither refused nor marked from then on."""
    trial, named = infused()
    biologic = {"subject": named["subject"], "drug": "Adalimumab", "counts_as": "biologic DMARDs"}
    assert trial.refused(cmd.PrescribeMedicine, **biologic).code == "medicine.forbidden"
    trial.wait(days=98)
    trial.must(cmd.StartRescue, **named, started_on=trial.now.date(), reason="Active disease, not counted at week 12")

    (prescribed,) = trial.must(cmd.PrescribeMedicine, **biologic)

    assert prescribed.use == "other"


def test_rescue_does_not_begin_in_the_future() -> None:
    """A start that has not come is refused."""
    trial, named = infused()
    trial.wait(days=98)

    later = (trial.now + timedelta(days=1)).date()

    assert trial.refused(cmd.StartRescue, **named, started_on=later, reason="Planned").code == "rescue.future"


@pytest.mark.parametrize(
    ("week_12", "answer"),
    [
        ({"tjc28": 5, "sjc28": 9}, "met"),
        ({"tjc28": 8, "sjc28": 8}, "rescue.not_met"),
        ({"tjc28": 5}, "rescue.unknown"),
        ({"sjc28": 9}, "met"),
    ],
    ids=["one count fell by 10 %", "both fell by 20 %", "one count is missing", "the one counted fell by 10 %"],
)
def test_rescue_at_week_14_goes_by_what_the_visits_recorded(week_12: dict[str, int], answer: str) -> None:
    """The joint counts of baseline and week 12, as the visits took them down, decide at week 14 without a judgement."""
    trial, named = infused()
    about = {"by": "nurse", "subject": named["subject"]}
    counts = {"tjc28": 10, "sjc28": 10}
    baseline = {"visit": "Baseline", "on": trial.now.date(), "reason": "Counted on the day of the infusion"}
    trial.must(cmd.RecordData, **about, **baseline, values=counts)
    trial.wait(days=84)
    gone = {item: "not done" for item in counts if item not in week_12}
    seen = {"visit": "Week 12", "on": trial.now.date(), "values": week_12, "missing": gone}
    trial.must(cmd.RecordData, **about, **seen, confirmed=dict.fromkeys(week_12, "Counted twice"))
    trial.wait(days=14)

    done = trial.do(cmd.StartRescue, **named, started_on=trial.now.date())

    assert (done.code if isinstance(done, Refusal) else done[0].condition) == answer
