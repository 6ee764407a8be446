"""Slots under any sequence of commands, accepted or not: never more claims than slots, and every log replays."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conduct.life import RESERVING, LifeTrial, changed
from tests.conduct.test_enrolment import TWO_BY_TWO
from tests.conductor import STAFF, prepare
from trialwright.conduct import NOTHING_SEALED, State, decide, evolve
from trialwright.conduct import commands as cmd

PLANNED = changed(
    TWO_BY_TWO.split("\ncohorts:\n")[0] + "\nallocation:\n" + TWO_BY_TWO.split("\nallocation:\n")[1],
    ("dose: by cohort", "dose: lower"),
    ("  strata: [cohort]\n", ""),
    ("  planned: 4", "  planned: 4\n  reservation: 3 days"),
)
"""The same trial without cohorts: four subjects in all, slots reserved for three days."""

COHORTS = changed(TWO_BY_TWO, ("  planned: 4", "  planned: 4\n  reservation: 3 days"))
STEPS = (
    *("join", "join", "hold", "screen", "fail", "reserve", "release", "enrol", "infuse"),
    *("close", "drop", "leave", "toxicity", "next", "wait"),
)
Step = tuple[str, int]


def take(trial: LifeTrial, step: Step) -> None:
    """Ask for one step, on the subject that the number points at; it may be refused."""
    kind, number = step
    if kind == "wait":
        trial.wait(days=number)
        return
    by = ("inv", "other")[number % 2]
    if kind in {"screen", "join", "hold"}:
        subject = trial.known(by=by, verdict=("eligible", "undetermined")[number % 5 == 0])
        asked = {"join": cmd.EnrolSubject, "hold": cmd.ReserveSlot}.get(kind)
        if asked is not None:
            trial.do(asked, by=by, subject=subject)
    elif kind == "next":
        move_on(trial)
    elif trial.state.subjects:
        subjects = list(trial.state.subjects.values())
        act(trial, kind, subjects[number % len(subjects)].id)


def act(trial: LifeTrial, kind: str, subject: str) -> None:
    """Ask for something of a subject, by the investigator of its site."""
    by = "inv" if trial.state.subjects[subject].site == "01" else "other"
    match kind:
        case "fail":
            if not trial.state.subjects[subject].enrolled:
                trial.verdict(subject, "not eligible", by=by)
        case "reserve":
            trial.do(cmd.ReserveSlot, by=by, subject=subject)
        case "release":
            trial.do(cmd.ReleaseSlot, by=by, subject=subject, reason="Asked for time")
        case "enrol":
            trial.do(cmd.EnrolSubject, by=by, subject=subject)
        case "infuse":
            if trial.study.dose_escalation:
                infuse(trial, subject, by)
        case "close":
            trial.do(cmd.CloseDltWindow, by=by, subject=subject)
        case "drop":
            trial.do(cmd.DeclareNotEvaluable, by=by, subject=subject, reason="Moved away")
        case "leave":
            gone = {"disposition": "lost to follow-up", "occurred_on": trial.now.date(), "reason": "No contact"}
            trial.do(cmd.RecordDisposition, by=by, subject=subject, **gone)
        case "toxicity":
            infusion = trial.state.subjects[subject].infusion
            told = {"term": "Hypoxia", "grade": 3, "related": infusion is not None, "serious": False}
            told["onset_on"] = infusion.at.date() if infusion else trial.now.date()
            trial.do(cmd.ReportAdverseEvent, by=by, subject=subject, **told)
            number = len(trial.state.subjects[subject].adverse_events)
            trial.do(cmd.AdjudicateDlt, by=by, subject=subject, event=number, dlt=True, reason="Judged")


def infuse(trial: LifeTrial, subject: str, by: str) -> None:
    """Ask for every step of an infusion; what waits from another day is thrown away first."""
    course = trial.state.subjects[subject].course
    nurse, pharmacist = STAFF[by]
    if course.waiting:
        trial.do(cmd.DiscardPreparation, by=pharmacist, subject=subject, reason="Of another day")
    number = len(course.preparations) + 1
    prepare(trial.do, subject, trial.now, readers=(by, nurse), pharmacist=pharmacist, number=number)
    trial.do(cmd.StartInfusion, by=by, subject=subject)
    trial.do(cmd.CompleteInfusion, by=by, subject=subject)


def move_on(trial: LifeTrial) -> None:
    """Ask for whatever lets more subjects in: a resumption, a decision with its signatures, a level, a cohort."""
    state = trial.state
    for pause in state.standing_pauses:
        for person in ("inv", "sponsor"):
            trial.do(cmd.SignResumption, by=person, pause=pause.number, reason="Reviewed")
    if trial.study.dose_escalation is None:
        for group in state.groups[-1:]:
            for person in ("inv", "sponsor"):
                said = {"cohort": group.name, "conclusion": "continue", "reason": "Seen"}
                trial.do(cmd.ReviewCohort, by=person, **said, listings=trial.view(person).listings)
        for cohort in trial.study.cohorts:
            trial.do(cmd.OpenCohort, by="sponsor", cohort=cohort.name)
        return
    trial.do(cmd.ProposeDoseDecision, decision=state.recommendation(trial.study).decision.value)
    for person in ("inv", "sponsor"):
        if trial.state.decisions:
            last = trial.state.decisions[-1]
            trial.do(cmd.SignDoseDecision, by=person, number=last.number, content=last.content)
    for level in range(1, 4):
        trial.do(cmd.OpenDoseLevel, by="sponsor", level=level)


def claims(trial: LifeTrial, state: State) -> list[int]:
    """Free slots of every place that takes subjects."""
    place = state.place(trial.study)
    free = [] if place is None else [state.free(trial.study, place)]
    if trial.study.dose_escalation:
        free += [state.free_slots(trial.study, level) for level in state.levels.values()]
    return free


@given(
    text=st.sampled_from([RESERVING, COHORTS, PLANNED]),
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 40)), max_size=60),
)
@settings(max_examples=150, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow])
def test_de_01_slots_claimed_never_exceed_the_cohort(text: str, steps: list[Step]) -> None:
    """After every event of any course of commands, no more slots are held and reserved than there are."""
    trial = LifeTrial(text).open()
    for step in (("next", 0), *steps):
        take(trial, step)

    state = State()
    for length, event in enumerate(trial.log, start=1):
        state = evolve(state, event)
        assert state.sequence == length
        assert all(free >= 0 for free in claims(trial, state))
    assert state == trial.state


@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 40)), max_size=30), number=st.integers(0, 40))
@settings(max_examples=50, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow])
def test_decide_is_deterministic(steps: list[Step], number: int) -> None:
    """The same command in the same state is decided alike, and leaves the state that it was given as it was."""
    trial = LifeTrial(RESERVING).open()
    for step in (*[("screen", 1)] * 3, *steps):
        take(trial, step)
    subjects = list(trial.state.subjects)
    asked = cmd.EnrolSubject(at=trial.now, by="inv", subject=subjects[number % len(subjects)])
    before = trial.state

    answers = [decide(trial.study, trial.state, NOTHING_SEALED, asked) for _ in range(2)]

    assert answers[0] == answers[1]
    assert trial.state is before
