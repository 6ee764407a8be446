"""The survival curve and the log-rank test worked by hand."""

from math import sqrt

import pytest

from trialwright.analysis.survival import kaplan_meier, logrank

ONE_OF_TWO = {
    "plain": (0.0, 1.0),
    "log": (0.12505, 1.0),  # 0.5 exp(-1.96 sqrt(1/2))
    "loglog": (0.00598, 0.91041),  # 0.5 to the power of exp(1.96 sqrt(1/2) / log 2), and of its inverse
}


@pytest.mark.parametrize(("kind", "limits"), ONE_OF_TWO.items())
def test_one_of_two(kind, limits):
    """When one of two has the event, half survive; limits stay within 0 to 1, and nothing is carried on."""
    found = kaplan_meier(times=[1, 2], events=[True, False], evaluate_at=[0, 0.5, 1, 2, 2.5])[kind]

    assert found["survival"] == [1, 1, 0.5, 0.5, None]
    assert found["greenwood_se"] == [0, 0, *[pytest.approx(0.5 * sqrt(1 / 2))] * 2, None]
    assert found["lower95"] == [1, 1, *[pytest.approx(limits[0], abs=1e-5)] * 2, None]
    assert found["upper95"] == [1, 1, *[pytest.approx(limits[1], abs=1e-5)] * 2, None]
    assert found["n_at_risk"] == [2, 2, 2, 1, 0]


def test_after_the_last_event_nobody_is_left():
    """Where the last subject has the event, survival is 0 from then on, without an error or limits."""
    found = kaplan_meier(times=[1, 2], events=[1, 1], evaluate_at=[2, 3])["plain"]

    assert (found["survival"], found["greenwood_se"]) == ([0, 0], [None, None])
    assert (found["lower95"], found["upper95"]) == ([None, None], [None, None])
    assert found["median"] == 1.5


@pytest.mark.parametrize(
    ("events", "median", "lower"), [([1] * 4, 2.5, 1), ([1, 0, 0, 0], None, 1), ([1, 1, 0, 0], 2, 1)]
)
def test_the_median_is_the_middle_of_a_stretch_at_one_half(events, median, lower):
    """The median is the middle of the stretch at one half, and none where more than half survive to the end."""
    found = kaplan_meier(times=[1, 2, 3, 4], events=events)["plain"]

    assert found["median"] == median
    assert found["median_lower95"] == lower
    assert found["survival"] == []


COMPARED = [
    ([1, 2], [1, 1], "ab", None, 1),  # 1 - 1/2 of a die at 1, variance 1/4; alone, b tells nothing
    ([1, 1, 2, 2], [1, 0, 1, 1], "abab", None, 1),  # both die at 2: as expected, without variance
    ([1, 1, 1, 2], [1, 1, 0, 0], "aabb", None, 3),  # 2 - 1 of a die at 1, variance 2 * 2 / 3 / 4
    ([1, 2, 3, 4], [0, 1, 0, 1], "abab", None, 0.5),  # at 2 there are 1 of a and 2 of b: (1/3)^2 / (2/9)
    ([1, 2, 1, 2], [1, 1, 1, 1], "abab", "xxyy", 2),  # the same twice: 1^2 / (2/4)
    ([1, 2, 1, 2], [1, 1, 1, 1], "abba", "xxyy", 0),  # and against each other
    ([1, 2, 0.5], [1, 1, 0], "abc", None, 1),  # c left before the first event, and is not compared
]


@pytest.mark.parametrize(("times", "events", "group", "strata", "chi_square"), COMPARED)
def test_log_rank_by_hand(times, events, group, strata, chi_square):
    """Observed less expected events, squared, by their variance, summed over event times and strata."""
    found = logrank(times=times, events=events, group=list(group), strata=strata and list(strata))

    assert found["chi_square"] == pytest.approx(chi_square, abs=1e-12)
    assert found["df"] == 1


def test_a_hundred_groups_are_compared():
    """A hundred groups are compared by as many degrees of freedom less one, truths and numbers among their names."""
    names = [True, False, *range(2, 100)]
    found = logrank(times=list(range(200)), events=[1] * 200, group=names * 2)

    assert found["df"] == 99
    assert 0 < found["p"] < 1
