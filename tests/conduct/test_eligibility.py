"""Eligibility at the bedside: every kind of item of the five protocols, by the function that `screen` calls."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conductor import PROTOCOLS, MemoryTrial
from trialwright.conduct import Event, State, decode, encode, evolve, replay
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.known import known
from trialwright.protocol.computed import with_computed
from trialwright.protocol.facts import Facts
from trialwright.protocol.file import load_study
from trialwright.protocol.screen import screen
from trialwright.protocol.study import Item
from trialwright.protocol.subject import answerable, parse_subject, read_subject
from trialwright.protocol.subject_text import canonical, write_subject

TEXTS = {file.stem: file.read_text() for file in sorted(PROTOCOLS.glob("NCT*.yaml"))}
STUDIES = {name: load_study(text) for name, text in TEXTS.items()}
CONSENTED = date(2026, 1, 5)


def screening(name: str) -> MemoryTrial:
    """A trial under a protocol, with one subject in screening a week after consent."""
    trial = MemoryTrial()
    trial.study = STUDIES[name]
    trial.must(cmd.AdoptProtocol, by="sponsor", text=TEXTS[name])
    trial.must(cmd.OpenSite, by="sponsor", site="01", name="First")
    trial.must(cmd.GrantRole, by="sponsor", person="inv", role="investigator", site="01")
    trial.must(cmd.ScreenSubject, consented_on=CONSENTED)
    trial.wait(days=7)
    return trial


def observations(item: Item) -> st.SearchStrategy[Any]:
    """What a subject's JSON can hold of an item."""
    on = st.dates(date(2025, 1, 1), date(2026, 1, 12)).map(date.isoformat)
    low, high = item.range or (Decimal(1), Decimal(1000))
    number = st.decimals(max(low, Decimal("0.01")), high, places=2)
    match item.type:
        case "number":
            limits = {"uln": st.decimals("1", "500", places=1), "on": on}
            return st.one_of(number, st.fixed_dictionaries({"value": number}, optional=limits))
        case "yes or no":
            return st.one_of(st.booleans(), st.fixed_dictionaries({"value": st.booleans(), "on": on}))
        case "word":
            return st.sampled_from(item.choices)
        case "event":
            return st.one_of(st.just([]), st.booleans(), on, st.fixed_dictionaries({"on": on}))
    return st.one_of(st.just([]), st.booleans(), st.fixed_dictionaries({"dose": number}, optional={"on": on}))


@st.composite
def subjects(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A protocol, and what is known of a subject in screening for it."""
    name = draw(st.sampled_from(sorted(STUDIES)))
    study = STUDIES[name]
    entered = [one for one in study.items if one.name != "age" and one.computed is None]
    chosen = draw(st.lists(st.sampled_from(entered), unique_by=id))
    answers = {one: draw(st.booleans()) for one in sorted(answerable(study)) if draw(st.booleans())}
    values = {item.name: draw(observations(item)) for item in chosen}
    return name, {"days": {"screening": "2026-01-10"}, "values": values, "answers": answers}


@settings(max_examples=60, deadline=None)
@given(subjects())
def test_the_verdict_is_that_of_screen(drawn: tuple[str, dict[str, Any]]) -> None:
    """For all five protocols and every kind of item, findings and verdict are those of `screen` on the same subject."""
    name, data = drawn
    trial = screening(name)

    (assessed,) = trial.must(cmd.AssessEligibility, subject="S001", **data)

    with_consent = {**data, "days": {**data["days"], "consent": CONSENTED.isoformat()}}
    expected = screen(trial.study, with_computed(trial.study, read_subject(with_consent, trial.study)))
    assert assessed.verdict == expected.verdict
    assert assessed.findings == {finding.id: str(finding) for finding in expected.findings}
    assert assessed.to_obtain == expected.to_obtain
    assert read_subject(parse_subject(assessed.entered), trial.study) == read_subject(data, trial.study)
    assert decode(encode(assessed)) == assessed


@settings(max_examples=60, deadline=None)
@given(subjects())
def test_the_full_form_reads_back(drawn: tuple[str, dict[str, Any]]) -> None:
    """What a subject's JSON says is the same in its full form, and the canonical JSON of that is stable."""
    name, data = drawn
    study = STUDIES[name]
    facts = read_subject(data, study)
    full = canonical(write_subject(facts, study))

    assert read_subject(parse_subject(full), study) == facts
    assert canonical(write_subject(read_subject(parse_subject(full), study), study)) == full


@settings(max_examples=40, deadline=None)
@given(subjects(), st.randoms(use_true_random=False))
def test_an_assessment_in_parts_is_one_in_whole(drawn: tuple[str, dict[str, Any]], random: Any) -> None:
    """Entering what is known in two parts, in any order, comes to the verdict of entering it at once."""
    name, data = drawn
    whole, parts = screening(name), screening(name)
    first = {item for item in data["values"] if random.random() < 0.5}
    (expected,) = whole.must(cmd.AssessEligibility, subject="S001", **data)

    values = data["values"]
    parts.must(cmd.AssessEligibility, subject="S001", values={k: v for k, v in values.items() if k in first})
    rest = {**data, "values": {k: v for k, v in values.items() if k not in first}}
    (found,) = parts.must(cmd.AssessEligibility, subject="S001", **rest)

    assert (found.verdict, found.findings) == (expected.verdict, expected.findings)


def test_every_protocol_is_screened_with_its_own_kinds_of_items() -> None:
    """Numbers, yes and no, words, events and drugs all occur in the criteria of the five protocols."""
    assert {item.type for study in STUDIES.values() for item in study.items} == {
        "number",
        "yes or no",
        "word",
        "event",
        "drug",
    }


def test_digits_are_kept_exactly() -> None:
    """A decimal keeps its digits in the event and in the state."""
    trial = screening("NCT05962762")

    (assessed,) = trial.must(cmd.AssessEligibility, subject="S001", values={"basdai": Decimal("4.10"), "crp": "0.1"})

    assert '"value":4.10' in assessed.entered
    assert str(trial.state.subjects["S001"].values["crp"]) == "0.1"


def test_what_becomes_unknown_is_known_no_more() -> None:
    """A null takes a value back, with the reason, and the criterion is open again."""
    trial = screening("NCT05962762")
    trial.must(cmd.AssessEligibility, subject="S001", values={"basdai": 5})

    taken_back = {"subject": "S001", "values": {"basdai": None}, "reason": "Another person's questionnaire"}
    (assessed,) = trial.must(cmd.AssessEligibility, **taken_back)

    assert assessed.findings["I03"] == "unknown: needs basdai"
    assert "basdai" not in trial.state.subjects["S001"].values


def test_version_1_of_an_assessment_still_folds() -> None:
    """An assessment of the first version is read and folded, and a later one adds to it."""
    trial = screening("NCT05962762")
    old = ev.EligibilityAssessed(
        at=trial.now,
        by="inv",
        role="investigator",
        site="01",
        protocol="1.0",
        subject="S001",
        values={"basdai": Decimal("4.0"), "pregnant": False},
        answers={"I04": True},
        findings={"I03": "met"},
        verdict="undetermined",
    )
    trial.state = evolve(trial.state, decode(encode(old)))

    facts = known(trial.study, trial.state.subjects["S001"])
    assert facts.observations["basdai"][0].value == Decimal("4.0")
    assert facts.answers == {"I04": True}
    (assessed,) = trial.must(cmd.AssessEligibility, subject="S001", values={"age": 40})
    assert assessed.findings["I03"] == "met"
    assert assessed.findings["I04"] == "met"


def test_a_later_version_does_not_stumble_over_what_it_dropped() -> None:
    """What a later protocol version cannot read is unknown under it, and the rest is known."""
    trial = screening("NCT05962762")
    trial.must(cmd.AssessEligibility, subject="S001", values={"basdai": 5, "crp": 3})
    items = tuple(item for item in trial.study.items if item.name != "basdai")

    facts: Facts = known(trial.study.model_copy(update={"items": items}), trial.state.subjects["S001"])

    assert set(facts.observations) == {"crp"}


def test_a_planned_day_may_lie_ahead_and_a_past_one_not() -> None:
    """The day of the infusion may be planned when eligibility is assessed; the day of screening may not."""
    trial = screening("NCT03828344")
    ahead = trial.now.date() + timedelta(days=3)

    assert trial.must(cmd.AssessEligibility, subject="S001", days={"infusion": ahead})
    assert trial.refused(cmd.AssessEligibility, subject="S001", days={"screening": ahead}).code == "values.day"
    other = {"consent": CONSENTED - timedelta(days=1)}
    assert "day of consent" in trial.refused(cmd.AssessEligibility, subject="S001", days=other).reason


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_nobody_is_eligible_of_whom_nothing_is_known(name: str) -> None:
    """An empty assessment is undetermined and says what to obtain."""
    trial = screening(name)

    (assessed,) = trial.must(cmd.AssessEligibility, subject="S001")

    assert assessed.verdict == "undetermined"
    assert assessed.to_obtain


def test_the_log_of_an_assessment_replays() -> None:
    """Every prefix of a log with assessments of both versions folds."""
    trial = screening("NCT04971980")
    trial.must(cmd.AssessEligibility, subject="S001", values={"stroke": [], "nyha": "II"})
    log: list[Event] = trial.log

    assert replay(log, State()) == trial.state
    assert trial.state.subjects["S001"].values == {"stroke": False, "nyha": "II"}
    assert trial.state.last_at == datetime(2026, 1, 12, 9, tzinfo=UTC)


def test_a_planned_day_that_is_given_up_is_known_no_more() -> None:
    """A null takes a planned day back, with the reason, and says what it was."""
    trial = screening("NCT03828344")
    trial.must(cmd.AssessEligibility, subject="S001", days={"infusion": "2026-01-15"})

    taken_back = {"subject": "S001", "days": {"infusion": None}, "reason": "The product is late"}
    (assessed,) = trial.must(cmd.AssessEligibility, **taken_back)

    assert assessed.changed == {"infusion": '"2026-01-15"'}
    assert trial.state.subjects["S001"].entered["days"].get("infusion") is None


def test_what_a_criterion_asks_to_look_at_is_kept() -> None:
    """The event names the query of a criterion whose condition holds, and no other criterion."""
    trial = screening("NCT05794425")

    assessed, query = trial.must(cmd.AssessEligibility, subject="S001", values={"alp": {"value": 200, "uln": 100}})

    assert assessed.queries == {"I02": ("alkaline phosphatase meets this limit and is excluded by E05",)}
    assert (query.kind, query.visit, query.item) == ("QueryRaised.v2", None, None)
    assert query.rule.endswith("criteria > I02 > query")


def test_what_a_criterion_asks_raises_a_query_once_for_each_value() -> None:
    """The site is asked when data meet a criterion's query, not again for the same values, and again for others."""
    trial = screening("NCT05794425")
    asked = {"subject": "S001", "values": {"alp": {"value": 200, "uln": 100}}}
    trial.must(cmd.AssessEligibility, **asked)

    (_,) = trial.must(cmd.AssessEligibility, **asked)
    *_, again = trial.must(
        cmd.AssessEligibility, **asked | {"values": {"alp": {"value": 210, "uln": 100}}}, reason="New"
    )

    assert [one.status for one in trial.state.subjects["S001"].queries] == ["open", "open"]
    assert "210" in again.text


def test_what_a_criterion_asks_is_asked_of_visits_too() -> None:
    """A daily dose of methotrexate that a visit finds raises the protocol's query, for safety, whatever the verdict."""
    trial = screening("NCT03828344")
    told = {"dose": 25, "frequency": "daily", "since": trial.now.date().isoformat()}
    recorded = {"visit": "Screening", "on": trial.now.date(), "values": {"methotrexate": [told]}}

    *_, query = trial.must(cmd.RecordData, subject="S001", **recorded)

    assert query.rule.endswith("criteria > I05 > query")
    assert "daily" in query.text


def test_a_day_before_birth_is_refused_with_the_age_that_is_entered_with_it() -> None:
    """A day before birth is refused although the age is entered in the same assessment."""
    trial = screening("NCT05794425")
    asked = {"age": 66, "death": {"on": "1900-05-01"}}

    refusal = trial.refused(cmd.AssessEligibility, subject="S001", values=asked)

    assert (refusal.code, "before birth" in refusal.reason) == ("values.day", True)
