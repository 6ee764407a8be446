"""Where progression-free and overall survival of one subject end, day by day."""

import pytest

from trialwright.analysis.time_to_event import Duration, time_to_event_pfs_os
from trialwright.clinical.item import Missing

START, LAST, AFTER = "2024-01-10", "2024-01-20", "2024-01-21"
PFS = [
    ({}, (1, 0, "no_adequate_assessment")),
    ({"progression_date": START}, (1, 1, "progression")),
    ({"progression_date": LAST}, (11, 1, "progression")),
    ({"death_date": LAST}, (11, 1, "death")),
    ({"progression_date": AFTER, "last_adequate_assessment_date": LAST}, (11, 0, "last_adequate_assessment")),
    ({"death_date": AFTER, "last_adequate_assessment_date": "2024-01-19"}, (10, 0, "last_adequate_assessment")),
    ({"last_adequate_assessment_date": AFTER}, (11, 0, "last_adequate_assessment")),
    ({"progression_date": "2024-01-15", "death_date": "2024-01-16"}, (6, 1, "progression")),
    ({"progression_date": "2024-01-16", "death_date": "2024-01-15"}, (6, 1, "death")),
    ({"progression_date": "2024-01-15", "death_date": "2024-01-15"}, (6, 1, "progression")),
]
TREATED = [
    ({"progression_date": "2024-01-15"}, (6, 1, "progression")),
    ({"progression_date": "2024-01-16", "last_adequate_assessment_date": "2024-01-12"}, (3, 0, "new_therapy")),
    ({"progression_date": "2024-01-16", "last_adequate_assessment_date": "2024-01-16"}, (6, 0, "new_therapy")),
    ({"death_date": "2024-01-16"}, (1, 0, "no_adequate_assessment")),
    ({"last_adequate_assessment_date": LAST}, (6, 0, "new_therapy")),
]
OS = [
    ({"death_date": LAST}, (11, 1, "death")),
    ({"death_date": AFTER}, (11, 0, "last_known_alive")),
    ({"death_date": AFTER, "last_known_alive_date": "2024-01-15"}, (11, 0, "last_known_alive")),
    ({"last_known_alive_date": "2024-01-15"}, (6, 0, "last_known_alive")),
    ({"last_known_alive_date": AFTER}, (11, 0, "last_known_alive")),
    ({"death_date": START, "progression_date": LAST, "last_known_alive_date": LAST}, (1, 1, "death")),
]


def found(endpoint, **dates):
    """The duration up to a cut-off ten days after the start."""
    return time_to_event_pfs_os(endpoint=endpoint, **{"start_date": START, "data_cutoff": LAST, **dates})


def lasting(days, event, reason):
    """A duration by its parts."""
    return Duration(days=days, event=event, reason=reason)


@pytest.mark.parametrize(("dates", "expected"), PFS)
def test_progression_free_survival_ends_at_the_first_event(dates, expected):
    """PFS ends at the first event up to the cut-off, that day included; else at the last assessment up to it."""
    assert found("PFS", **dates) == lasting(*expected)


@pytest.mark.parametrize(("dates", "expected"), TREATED)
def test_a_new_therapy_before_the_event_censors(dates, expected):
    """A therapy before the event ends PFS at the last assessment up to that therapy; one on its day does not."""
    assert found("PFS", **dates, new_therapy_date="2024-01-15") == lasting(*expected)


def test_a_new_therapy_counts_up_to_the_cut_off_and_unless_it_is_ignored():
    """A therapy on the day of the cut-off censors, one after it has not happened, and `ignore` leaves the event."""
    seen = {"last_adequate_assessment_date": "2024-01-18"}

    assert found("PFS", **seen, new_therapy_date=LAST) == lasting(9, 0, "new_therapy")
    assert found("PFS", **seen, new_therapy_date=AFTER) == lasting(9, 0, "last_adequate_assessment")
    ignored = found("PFS", progression_date=LAST, new_therapy_date=START, new_therapy_rule="ignore")
    assert ignored == lasting(11, 1, "progression")


@pytest.mark.parametrize(("dates", "expected"), OS)
def test_overall_survival_ends_at_death(dates, expected):
    """OS ends at death up to the cut-off; who dies after it was alive at it, whatever was last known."""
    assert found("OS", **dates) == lasting(*expected)


def test_the_first_day_is_day_1_or_day_0():
    """By `inclusive`, the default, the first day counts as one; by `difference` it does not."""
    assert found("OS", death_date=LAST, day_convention="inclusive").days == found("OS", death_date=LAST).days == 11
    assert found("OS", death_date=LAST, day_convention="difference").days == 10


def test_without_start_or_cut_off_there_is_no_time():
    """The start and the cut-off are needed, whatever other dates are given."""
    assert found("OS", start_date=None, death_date=LAST) == Missing("start_date is not given")
    assert found("OS", data_cutoff=None, death_date=LAST) == Missing("data_cutoff is not given")
