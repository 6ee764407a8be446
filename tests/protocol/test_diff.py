"""What an amendment changes, in words, and whom it touches."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.conductor import PROTOCOLS, STUDY, TEXT, MemoryTrial
from trialwright.conduct.amendment import Touched, touched
from trialwright.protocol.diff import diff
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study

ALL = sorted(PROTOCOLS.glob("*.yaml"))


def amended(*edits: tuple[str, str]) -> Study:
    """NCT05962762 with these texts replaced."""
    text = TEXT
    for good, other in edits:
        assert good in text
        text = text.replace(good, other, 1)
    return load_study(text)


CHANGES = [
    ("basdai >= 4", "basdai >= 5", "inclusion criterion I03", "BASDAI of at least 4", "BASDAI of at least 5"),
    ('version: "1.0"', 'version: "1.1"', "the protocol", "1.0", "1.1"),
    ("amount: 5.0e6", "amount: 4.0e6", "dose high", "5 x 10^6 cells/kg", "4 x 10^6 cells/kg"),
    ("expand to: 6", "expand to: 7", "dose rule", "6", "7"),
    ("days: 28 days", "days: 27 days", "DLT window", "28 days", "27 days"),
    ("interval: 7 days", "interval: 10 days", "stagger at dose high", "7 days", "10 days"),
    ("related: true", "related: false", "definition of a DLT", "yes", "no"),
    ("day: 7\n", "day: 8\n", "visit D7", "7", "8"),
    ("collect: [crp]", "collect: [crp, basdai]", "visit D7", "C-reactive protein", "C-reactive protein, BASDAI"),
    ("range: 0 to 10,", "range: 0 to 11,", "assessment BASDAI", "0 to 10", "0 to 11"),
    ("within: 30 days", "within: 31 days", "secondary endpoint BASDAI at day 28", "30 days", "31 days"),
    ("planned: 18", "planned: 12", "number of subjects", "18", "12"),
    ("assumed: the record names no site", "assumed: another", "number of sites", "the record names no site", "another"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "other", "element", "before", "after"), CHANGES, ids=[row[2] for row in CHANGES])
def test_a_change_is_told_in_words(good: str, other: str, element: str, before: str, after: str) -> None:
    """One changed value is one change, of the element that it stands in, with what stood there and what stands now."""
    (change,) = diff(STUDY, amended((good, other)))

    assert (change.kind, change.element, change.before, change.after) == ("changed", element, before, after)
    assert change.element in str(change)


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_a_protocol_does_not_differ_from_itself(file: Path) -> None:
    """A version that says the same, with other comments and spaces, differs in nothing."""
    text = file.read_text()

    assert diff(load_study(text), load_study(f"# another comment\n{text}\n\n")) == ()


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_any_two_protocols_compare(file: Path) -> None:
    """Every protocol compares with every other, there and back, with nothing added that was not removed."""
    for other in ALL:
        there, back = diff(*map(load, (file, other))), diff(*map(load, (other, file)))
        kinds = [sum(change.kind == kind for change in there) for kind in ("added", "removed", "changed")]
        assert kinds == [sum(change.kind == kind for change in back) for kind in ("removed", "added", "changed")]


def load(file: Path) -> Study:
    """The study of a file."""
    return load_study(file.read_text())


def test_elements_are_matched_by_name() -> None:
    """A criterion that moved is no change, one that is new is added, one that is gone is removed."""
    criteria = STUDY.criteria.model_copy(update={"exclusion": STUDY.criteria.exclusion[::-1]})
    fewer = STUDY.criteria.model_copy(update={"inclusion": STUDY.criteria.inclusion[1:]})

    moved = diff(STUDY, STUDY.model_copy(update={"criteria": criteria}))
    (removed,) = diff(STUDY, STUDY.model_copy(update={"criteria": fewer}))
    (added,) = diff(STUDY.model_copy(update={"criteria": fewer}), STUDY)

    assert moved == ()
    assert (removed.kind, removed.path) == ("removed", ("criteria", "inclusion", "I01"))
    assert (added.kind, added.element) == ("added", "inclusion criterion I01")
    assert "Age at consent of at least 18 years and below 66 years" in added.after


def test_the_order_of_doses_is_a_change() -> None:
    """Doses in another order are another protocol, because their order is that of the levels."""
    (change,) = diff(STUDY, STUDY.model_copy(update={"doses": STUDY.doses[::-1]}))

    assert (change.part, change.before, change.after) == ("order of doses", "low, medium, high", "high, medium, low")


def test_a_part_that_is_gone_is_removed_whole() -> None:
    """A dose escalation that is taken out is one change that tells all of it."""
    (change,) = diff(STUDY, STUDY.model_copy(update={"dose_escalation": None}))

    assert (change.kind, change.element) == ("removed", "dose escalation")
    assert "expand to 6" in change.before


def whom(trial: MemoryTrial, *edits: tuple[str, str]) -> tuple[Touched, ...]:
    """Whom an amendment touches in a trial."""
    return touched(trial.study, amended(*edits), trial.state)


def test_stored_values_are_screened_again() -> None:
    """A subject whose stored values fail under the new version is touched, with the criterion; another is not."""
    trial = MemoryTrial().open()
    mild, severe = trial.screened(basdai="4.0"), trial.screened(basdai="7.5")

    found = whom(trial, ("need: basdai >= 4", "need: basdai >= 5"))

    assert {one.subject for one in found} == {mild}
    assert severe not in {one.subject for one in found}
    assert [(one.what, one.before, one.after) for one in found] == [
        ("verdict", "eligible", "not eligible"),
        ("criterion I03", "met", "not met"),
    ]


def test_a_new_criterion_is_unknown_of_those_screened() -> None:
    """A criterion on what nobody was asked makes whoever was eligible undetermined, and says what to obtain."""
    trial = MemoryTrial().open()
    trial.screened()

    found = whom(
        trial,
        ("    - id: I04", "    - id: I09\n      say: s\n      need: esr > 1\n      assumed: x\n    - id: I04"),
        ("items:\n", "items:\n  - {name: esr, label: ESR, type: number, unit: mm/h, assumed: x}\n"),
    )

    assert [(one.what, one.before, one.after) for one in found] == [
        ("verdict", "eligible", "undetermined"),
        ("criterion I09", "not asked", "unknown: needs esr"),
    ]


def test_a_changed_dose_touches_whoever_is_enrolled_at_it() -> None:
    """A subject at the changed dose level is touched, infused or not; a subject who is not enrolled is not."""
    trial = MemoryTrial().open()
    infused, waiting, _ = trial.infused(), trial.enrolled(), trial.screened()

    found = whom(trial, ("amount: 1.0e6", "amount: 0.5e6"))

    assert [(one.subject, one.what.split(", ")[1]) for one in found] == [
        (infused, "infused on 2026-01-05"),
        (waiting, "not yet infused"),
    ]
    assert (found[0].before, found[0].after) == ("1 x 10^6 cells/kg", "5 x 10^5 cells/kg")


@pytest.mark.parametrize(("days", "to_come"), [(0, True), (8, True), (9, True), (10, False)])
def test_a_changed_visit_touches_whoever_has_it_to_come(days: int, to_come: bool) -> None:
    """A changed visit touches a subject until its window, old or new, has ended."""
    trial = MemoryTrial().open()
    early = trial.infused()
    trial.wait(days=days)
    trial.screened(basdai="1.0")

    found = whom(trial, ("day: 7\n", "day: 8\n"))

    assert [one.subject for one in found] == ([early] if to_come else [])


def test_another_reason_touches_nobody() -> None:
    """An amendment that only gives another reason for a visit touches no subject."""
    trial = MemoryTrial().open()
    trial.infused()

    assert whom(trial, ("assumed: the window of two days and what is collected", "assumed: another reason")) == ()


@pytest.fixture
def log(tmp_path: Path) -> str:
    """A log with one subject who is screened, at BASDAI 4.0."""
    from tests.conductor import ANSWERS, ELIGIBLE
    from trialwright.conduct import commands as cmd
    from trialwright.trial import Trial

    def clock() -> datetime:
        return datetime(2026, 1, 5, tzinfo=UTC)

    with Trial.begin(tmp_path / "trial.db", TEXT, by="sponsor", clock=clock) as trial:
        trial.do(cmd.OpenSite, by="sponsor", site="01", name="First")
        trial.do(cmd.GrantRole, by="sponsor", person="inv", role="investigator", site="01")
        trial.do(cmd.ScreenSubject, by="inv", consented_on=clock().date())
        trial.do(cmd.AssessEligibility, by="inv", subject="S001", values=ELIGIBLE, answers=ANSWERS)
    return str(tmp_path / "trial.db")


def test_diff_on_the_command_line(run: Run, tmp_path: Path, log: str) -> None:
    """`diff A B --log LOG` gives changes and subjects, as lines and as JSON under a schema name."""
    old, new = PROTOCOLS / "NCT05962762.yaml", tmp_path / "new.yaml"
    new.write_text(TEXT.replace("need: basdai >= 4", "need: basdai >= 5"))

    code, lines, _ = run("diff", str(old), str(new), "--log", log)
    _, as_json, _ = run("diff", str(old), str(new), "--log", log, "--json")
    _, without, _ = run("diff", str(old), str(new), "--json")

    answer = json.loads(as_json)
    assert code == 0
    assert "S001: eligibility: verdict: eligible -> not eligible" in lines
    assert lines.endswith("1 change, 1 subject touched\n")
    assert answer["schema"] == "trialwright.diff/1"
    assert answer["changes"][0]["path"] == ["criteria", "inclusion", "I03", "need"]
    assert {one["subject"] for one in answer["touched"]} == {"S001"}
    assert json.loads(without)["touched"] is None


def test_a_log_under_another_protocol_is_refused(run: Run, tmp_path: Path, log: str) -> None:
    """`diff` leaves with 2 when the log does not run under the first file, whose subjects it cannot speak of."""
    other = tmp_path / "other.yaml"
    other.write_text(TEXT.replace('version: "1.0"', 'version: "0.9"'))

    code, out, err = run("diff", str(other), str(PROTOCOLS / "NCT05962762.yaml"), "--log", log)

    assert (code, out) == (2, "")
    assert "give the adopted protocol as A" in err
