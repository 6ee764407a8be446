"""Virtual persons fit the protocol: those who shall be eligible are, and those who shall not be fail one criterion."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conductor import PROTOCOLS
from trialwright.errors import InputError
from trialwright.protocol.computed import with_computed
from trialwright.protocol.file import load_study
from trialwright.protocol.screen import Verdict, screen
from trialwright.protocol.subject import read_subject
from trialwright.rehearse.draft import Draft
from trialwright.rehearse.measures import Reading
from trialwright.rehearse.virtual import drawn, on_one_day, virtual_subject

READINGS = {path.stem: Reading(load_study(path.read_text())) for path in PROTOCOLS.glob("NCT*.yaml")}
TODAY = date(2026, 3, 2)
VERDICTS: tuple[Verdict, ...] = ("eligible", "not eligible")


def draw(name: str, seed: int, verdict: Verdict) -> Draft:
    """Draw what screening finds of somebody, on one day."""
    reading = READINGS[name]
    visits, days = on_one_day(reading.study, TODAY)
    return drawn(reading, np.random.default_rng(seed), visits, days, verdict)


@given(st.sampled_from(sorted(READINGS)), st.integers(0, 10**6), st.sampled_from(VERDICTS))
@settings(max_examples=40, deadline=None)
def test_drawn_persons_screen_as_wanted(name: str, seed: int, verdict: Verdict) -> None:
    """What a person is drawn for is what the protocol's screening says of the person as entered, with nothing open."""
    reading = READINGS[name]
    draft = draw(name, seed, verdict)
    days = {day: on.isoformat() for day, on in draft.days.items()}
    visits, _ = on_one_day(reading.study, TODAY)
    entered = {"days": days, "values": draft.entered(visits), "answers": draft.answers}

    found = screen(reading.study, with_computed(reading.study, read_subject(entered, reading.study)))

    assert found.verdict == verdict
    assert verdict == "not eligible" or not [one for one in found.findings if one.queries]


def test_a_man_is_not_asked_whether_he_is_pregnant() -> None:
    """What criteria ask under a premise only is not asked of somebody for whom the premise is false."""
    people = [draw("NCT03828344", seed, "eligible") for seed in range(12)]
    men = [one for one in people if "male" in one.measured["sex"].values()]

    assert men
    assert all(("pregnant" in one.measured) == ("female" in one.measured["sex"].values()) for one in people)


def test_most_people_take_the_drug_that_is_named_first() -> None:
    """Where one of several drugs is asked for, nearly everybody takes the first: methotrexate, among csDMARDs."""
    people = [draw("NCT03828344", seed, "eligible").taken for seed in range(12)]

    assert all(any(taken.values()) for taken in people)
    assert sum(taken["methotrexate"] is not None for taken in people) >= 10


def test_joint_counts_go_together() -> None:
    """Measures of the disease share its severity: who has many swollen joints has many tender ones."""
    people = [draw("NCT04971980", seed, "eligible").measured for seed in range(60)]
    counts = np.array([[float(one[name]["screening"]) for name in ("tjc28", "sjc28")] for one in people])

    assert np.corrcoef(counts.T)[0, 1] > 0.2


def test_the_same_number_is_the_same_person() -> None:
    """A subject of a seed is the same person however often it is drawn, and another seed gives another one."""
    reading = READINGS["NCT04971980"]
    visits, days = on_one_day(reading.study, TODAY)
    first, again, other = (virtual_subject(reading, seed, 7, visits, days) for seed in (1, 1, 2))

    assert first.values == again.values != other.values


def test_criteria_that_nobody_can_meet_are_named() -> None:
    """Where the criteria contradict each other, the rehearsal says that nobody was found, and the mend."""
    text = (PROTOCOLS / "NCT05962762.yaml").read_text().replace("need: basdai >= 4", "need: basdai >= 4 and basdai < 3")
    reading = Reading(load_study(text))
    visits, days = on_one_day(reading.study, TODAY)

    with pytest.raises(InputError, match=r"no virtual subject came out eligible .* widen the 'typical' ranges"):
        drawn(reading, np.random.default_rng(1), visits, days, "eligible")
