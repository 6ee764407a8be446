"""Rules that look at follow-up, at responses or at backfilled subjects, conducted over random histories."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conductor import MemoryTrial, with_rule
from trialwright.conduct import Refusal
from trialwright.conduct import commands as cmd
from trialwright.conduct.escalation import can_propose

RULES = {
    "TITE-BOIN": "{design: TITE-BOIN, target: 0.3, subjects: 18}",
    "TITE-CRM": "{design: TITE-CRM, target: 0.3, subjects: 18, prior mtd: 2, weights: adaptive}",
    "BF-BOIN": "{design: BF-BOIN, target: 0.3, subjects: 18, cap: 4, response endpoint: BASDAI response}",
    "BOIN12": "{design: BOIN12, toxicity limit: 0.35, efficacy limit: 0.25, utility neither: 40, utility both: 60, "
    "subjects: 18, response endpoint: BASDAI response}",
}
ACTS = st.sampled_from(
    [*["treat"] * 5, *["wait", "follow", "follow", "decide", "decide"] * 2, "DLT", "late DLT", "leave"]
)


@cache
def opened(name: str) -> MemoryTrial:
    """A trial of that rule, as it begins."""
    return MemoryTrial(with_rule(RULES[name])).open()


def begun(name: str) -> MemoryTrial:
    """The same, to go on from."""
    start, trial = opened(name), MemoryTrial.__new__(MemoryTrial)
    trial.__dict__.update(start.__dict__, log=[])
    return trial


@dataclass
class Chart:
    """One treated subject, as the test keeps the books."""

    subject: str
    level: int
    day: int
    backfilled: bool
    dlt: int | None = None
    closed: bool = False
    response: bool | None = None
    gone: bool = False


@dataclass
class Books:
    """The whole trial as the test keeps it, apart from the log."""

    cohorts: list[tuple[int, list[Chart]]] = field(default_factory=list)
    meanwhile: list[list[Chart]] = field(default_factory=list)
    day: int = 0

    def charts(self) -> list[Chart]:
        """Everybody, in the order treated."""
        return [
            chart for (_, cohort), extra in zip(self.cohorts, self.meanwhile, strict=True) for chart in cohort + extra
        ]

    def path(self, name: str, *, open_now: bool) -> str:
        """What the rule is to be told."""
        words = []
        for place, ((level, cohort), extra) in enumerate(zip(self.cohorts, self.meanwhile, strict=True), start=1):
            here = "".join(self.sign(name, chart) for chart in cohort if not chart.gone)
            if here or (open_now and place == len(self.cohorts)):
                words.append(f"{level}{here}")
            words += [f"b{chart.level}{self.sign(name, chart)}" for chart in extra if not chart.gone]
        return " ".join(words)

    def sign(self, name: str, chart: Chart) -> str:
        """A subject in the letters of the rule."""
        letter = "T" if chart.dlt is not None else "N" if chart.closed else "P"
        if name == "BOIN12":
            return {"N": ("N?", "N", "E"), "T": ("T?", "T", "B"), "P": ("P", "P", "E?")}[letter][
                (None, False, True).index(chart.response)
            ]
        if name == "BF-BOIN":
            return letter + ("+" if chart.response else "")
        return letter if letter == "N" else f"{letter}@{min(self.day - chart.day, 27) if letter == 'P' else chart.dlt}"


class Course:
    """One random trial: what is done goes to the log and, apart from it, into the books."""

    def __init__(self, name: str, data: st.DataObject) -> None:
        self.name, self.data, self.trial = name, data, begun(name)
        self.rule, self.books = self.trial.study.rule, Books([(1, [])], [[]])
        self.eliminated: int | None = None

    def path(self) -> str:
        """What the rule is to be told now."""
        told = self.books.path(self.name, open_now=self.trial.state.open_level is not None)
        return f"{told} x{self.eliminated}" if self.eliminated else told

    def agree(self) -> None:
        """Conduct has told the rule what the books hold, and recommends what the rule says of it."""
        state, study, path = self.trial.state, self.trial.study, self.path()
        assert state.outcomes(study, self.trial.now) == path
        assert state.recommendation(study, self.trial.now) == self.rule.next_dose(self.rule.parse(path))

    def one_of(self, charts: list[Chart]) -> Chart | None:
        """One of several, if there are any."""
        return self.data.draw(st.sampled_from(charts)) if charts else None

    def treat(self) -> None:
        """Enrol and infuse one subject, if the rule has a place."""
        trial, answer = self.trial, self.rule.next_dose(self.rule.parse(self.path()))
        subject = trial.screened()
        if isinstance(trial.do(cmd.EnrolSubject, subject=subject), Refusal):
            return
        level, here = trial.state.subjects[subject].level, trial.state.open_level.level
        meanwhile = self.rule.backfill_levels(self.rule.parse(self.path()))
        assert level == here or level in meanwhile
        assert not self.rule.weighs_follow_up or (answer.subjects and answer.dose >= here)
        trial.infuse(subject)
        chart = Chart(subject, level, self.books.day, backfilled=level < here)
        (self.books.meanwhile[-1] if chart.backfilled else self.books.cohorts[-1][1]).append(chart)

    def wait(self) -> None:
        """Let some days pass."""
        days = self.data.draw(st.integers(1, 30))
        self.trial.wait(days=days)
        self.books.day += days

    def follow(self) -> None:
        """Close every window that is over and record the response of its subject."""
        for chart in self.books.charts():
            elapsed = self.books.day - chart.day
            if chart.gone or chart.closed or elapsed < 28:
                continue
            self.trial.must(cmd.CloseDltWindow, subject=chart.subject)
            chart.closed = True
            if self.data.draw(st.booleans()):
                seen = self.data.draw(st.integers(0, 2)) > 0
                values = {"basdai": 2 if seen else 6}
                on = {"subject": chart.subject, "visit": "D28", "on": self.trial.now.date(), "reason": "Came then"}
                self.trial.must(cmd.RecordData, **on, values=values, confirmed={"basdai": "Seen twice"})
                chart.response = seen and elapsed <= 30

    def toxicity(self, chart: Chart | None) -> None:
        """Somebody has a DLT, which may have begun earlier in the window."""
        if chart is None or chart.dlt is not None:
            return
        chart.dlt = self.data.draw(st.integers(0, min(28, self.books.day - chart.day)))
        began = self.trial.state.subjects[chart.subject].infusion.at.date() + timedelta(days=chart.dlt)
        told = {
            "subject": chart.subject,
            "term": "Hypoxia",
            "onset_on": began,
            "grade": 3,
            "related": True,
            "serious": False,
        }
        (event,) = self.trial.must(cmd.ReportAdverseEvent, **told)
        if self.rule.weighs_follow_up and not chart.closed:
            assert not can_propose(self.trial.study, self.trial.state, self.trial.now)
        self.trial.must(cmd.AdjudicateDlt, subject=chart.subject, event=event.event, dlt=True, reason="Judged")

    def leave(self) -> None:
        """Somebody cannot be followed, and is replaced."""
        chart = self.one_of([one for one in self.books.charts() if not (one.gone or one.closed) and one.dlt is None])
        if chart:
            self.trial.must(cmd.DeclareNotEvaluable, subject=chart.subject, reason="Moved away")
            chart.gone = True

    def decide(self) -> None:
        """Lift a pause, and take the decision that the rule recommends, if it is time."""
        trial, state = self.trial, self.trial.state
        for pause in state.standing_pauses:
            for by in ("inv", "sponsor"):
                trial.must(cmd.SignResumption, by=by, pause=pause.number, reason="Reviewed")
        if not can_propose(trial.study, state, trial.now):
            return
        answer, path = self.rule.next_dose(self.rule.parse(self.path())), self.path()
        trial.decided(answer.decision.value)
        self.eliminated = min(
            filter(None, (self.eliminated, self.rule.eliminated(self.rule.parse(path)))), default=None
        )
        if answer.final:
            assert (trial.state.stopped, trial.state.mtd) == (True, answer.selected)
            return
        if trial.state.open_level is None:
            trial.must(cmd.OpenDoseLevel, by="sponsor", level=answer.dose)
        self.books.cohorts.append((answer.dose, []))
        self.books.meanwhile.append([])

    def act(self, what: str) -> None:
        """Do one thing."""
        open_windows = [one for one in self.books.charts() if not (one.gone or one.closed)]
        closed = [one for one in self.books.charts() if one.closed and not one.gone]
        match what:
            case "DLT":
                self.toxicity(self.one_of(open_windows))
            case "late DLT":
                self.toxicity(self.one_of(closed))
            case _:
                getattr(self, what)()


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_de_05_conduct_recommends_what_the_rule_says_of_any_history(name: str, data: st.DataObject) -> None:
    """Whatever is treated, followed, late, replaced, paused or backfilled, conduct asks the rule of exactly that."""
    course = Course(name, data)
    for what in data.draw(st.lists(ACTS, min_size=20, max_size=45)):
        if course.trial.state.stopped:
            return
        course.act(what)
        course.agree()


def test_a_suspended_rule_holds_enrolment_until_follow_up_suffices() -> None:
    """With most windows open TITE-BOIN takes no decision and nobody; time and closed windows then let it decide."""
    trial = begun("TITE-BOIN")
    first, second, _third = (trial.infused() for _ in range(3))
    trial.wait(days=20)
    held = trial.refused(cmd.ProposeDoseDecision, decision="escalate")
    trial.wait(days=8)
    for subject in (first, second):
        trial.must(cmd.CloseDltWindow, subject=subject)

    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)

    assert (held.code, "accrual is suspended" in held.reason) == ("decision.early", True)
    assert trial.state.decisions[-1].outcomes == "1NNP@27"
    fourth = trial.infused()
    assert trial.state.subjects[fourth].level == 2


def test_follow_up_after_the_cut_leaves_a_proposal_standing_and_a_dlt_supersedes_it() -> None:
    """A proposal binds the follow-up at its cut: days that pass do not change it, and a DLT since then does."""
    trial = begun("TITE-CRM")
    subject = trial.infused()
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")
    trial.must(cmd.SignDoseDecision, number=1, content=proposed.content)
    trial.wait(days=2)
    assert trial.state.outcomes(trial.study, trial.now) == "1P@2"
    assert trial.state.open_decision is not None

    trial.toxicity(subject)

    assert trial.state.open_decision is None
    stale = {"by": "sponsor", "number": 1, "content": proposed.content}
    assert trial.refused(cmd.SignDoseDecision, **stale).code == "decision.superseded"


def test_news_after_a_level_opened_is_held_against_it() -> None:
    """Where a DLT speaks against a level at which nobody is treated yet, nobody enters and the rule goes back down."""
    trial = begun("TITE-CRM")
    subject = trial.infused()
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    trial.toxicity(subject)

    refused = trial.refused(cmd.EnrolSubject, subject=trial.screened())
    trial.decided("de-escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)

    assert refused.code == "decision.due"
    assert "Level 2 was opened before this was known" in trial.state.decisions[-1].why
    assert trial.state.outcomes(trial.study, trial.now) == "1T@0 1"


def responds(trial: MemoryTrial, subject: str, *, basdai: int) -> None:
    """Record the BASDAI of the visit that shows a response."""
    told = {"values": {"basdai": basdai}, "confirmed": {"basdai": "Seen twice"}}
    trial.must(cmd.RecordData, subject=subject, visit="D28", on=trial.now.date(), **told)


def follow(trial: MemoryTrial, subjects: list[str], basdai: int) -> None:
    """Close the windows of several and record their response."""
    for subject in subjects:
        trial.must(cmd.CloseDltWindow, subject=subject)
        responds(trial, subject, basdai=basdai)


def test_who_comes_while_the_cohort_is_observed_is_backfilled() -> None:
    """With a response at level 1 and level 2 full, the next subject enters level 1, up to the cap, and counts there."""
    trial = begun("BF-BOIN")
    first = [trial.infused() for _ in range(3)]
    trial.wait(days=28)
    follow(trial, first, basdai=2)
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    for _ in range(3):
        trial.infused()
    extra = trial.infused()

    full = trial.refused(cmd.EnrolSubject, subject=trial.screened())

    assert (trial.state.subjects[extra].level, trial.state.subjects[extra].backfilled) == (1, True)
    assert trial.state.outcomes(trial.study) == "1N+N+N+ 2PPP b1P"
    assert full.code == "cohort.full"
    trial.wait(days=28)
    for subject in [one.id for one in trial.state.at_level(2)]:
        trial.must(cmd.CloseDltWindow, subject=subject)
    assert trial.decided("escalate")[-1].level == 2


def test_a_backfilled_level_that_turns_toxic_treats_nobody_more() -> None:
    """Somebody who holds a backfill slot is not infused once the level below is no longer safe."""
    trial = begun("BF-BOIN")
    first = [trial.infused() for _ in range(3)]
    trial.wait(days=28)
    follow(trial, first, basdai=2)
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    second = [trial.infused() for _ in range(3)]
    waiting = trial.ready(trial.enrolled())
    for subject in second[:2]:
        trial.toxicity(subject)
    for subject in first[:2]:
        began = trial.state.subjects[subject].infusion.at.date()
        told = {"subject": subject, "term": "Hypoxia", "grade": 3, "related": True, "serious": False, "onset_on": began}
        (event,) = trial.must(cmd.ReportAdverseEvent, **told)
        trial.must(cmd.AdjudicateDlt, subject=subject, event=event.event, dlt=True, reason="Judged late")
    for by in ("inv", "sponsor"):
        for pause in trial.state.standing_pauses:
            trial.must(cmd.SignResumption, by=by, pause=pause.number, reason="Reviewed")

    assert trial.refused(cmd.StartInfusion, subject=waiting).code == "level.closed"


def test_boin12_waits_for_efficacy_and_selects_the_optimal_dose() -> None:
    """A closed window is not enough: the decision waits for the response, and the end names the optimal dose."""
    trial, waited = begun("BOIN12"), []
    while not trial.state.stopped:
        subjects = [trial.infused() for _ in range(3)]
        trial.wait(days=28)
        for subject in subjects:
            trial.must(cmd.CloseDltWindow, subject=subject)
        assert trial.state.outcomes(trial.study).endswith("N?N?N?")
        waited.append(trial.state.recommendation(trial.study, trial.now).waits_for)
        for subject in subjects:
            responds(trial, subject, basdai=2)
        answer = trial.state.recommendation(trial.study, trial.now)
        trial.decided(answer.decision.value)
        if trial.state.open_level is None and answer.dose:
            trial.must(cmd.OpenDoseLevel, by="sponsor", level=answer.dose)

    assert waited[0] == 3
    assert trial.state.mtd == answer.selected
    assert f"the OBD is level {answer.selected}" in trial.view().status


def test_a_missed_visit_or_a_value_that_is_missing_is_no_response() -> None:
    """A response is open until its visit is recorded, missed or past by leaving; without the value there is none."""
    trial = begun("BOIN12")
    subjects = [trial.infused() for _ in range(3)]
    trial.wait(days=28)
    for subject in subjects:
        trial.must(cmd.CloseDltWindow, subject=subject)
    missed, without, _ = subjects
    trial.must(cmd.MissVisit, subject=missed, visit="D28", reason="subject did not come")
    trial.must(cmd.RecordData, subject=without, visit="D28", on=trial.now.date(), missing={"basdai": "not done"})

    assert trial.state.outcomes(trial.study) == "1NNN?"
