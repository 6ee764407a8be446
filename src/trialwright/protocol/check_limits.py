"""Checks of the criteria against each other: whether somebody can meet them all, and whether every limit counts."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.protocol.check_criteria import conditions
from trialwright.protocol.criteria import Deferred
from trialwright.protocol.element import Path
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.limits import Bounds, Limits, Measure, joined, void
from trialwright.protocol.study import Criterion, Exclusion, Study


@check("criteria.impossible")
def somebody_can_meet_all_criteria(study: Study) -> Iterator[Fault]:
    """No criterion, alone or with those before it, leaves an item without a value."""
    _, asked = _asked(study)
    allowed: Bounds = {}
    stated: dict[Measure, list[str]] = {}
    for path, criterion, bounds in asked:
        allowed = joined([allowed, bounds], every=True)
        for measure in bounds:
            stated.setdefault(measure, []).append(criterion.id)
        for measure in [measure for measure, values in allowed.items() if not values]:
            ids = " and ".join(dict.fromkeys(stated[measure]))
            yield Fault(
                path,
                f"no value of {measure.item}{measure.when} passes {ids}",
                "nobody could ever be enrolled",
                "correct a limit, or write 'or' where either is enough",
            )
            del allowed[measure]


@check("criteria.limit")
def every_limit_of_an_inclusion_counts(study: Study) -> Iterator[Fault]:
    """No exclusion criterion makes the limit of an inclusion criterion void."""
    limits, asked = _asked(study)
    inclusions = [one for one in asked if not isinstance(one[1], Exclusion)]
    for path, exclusion, kept in asked:
        if not isinstance(exclusion, Exclusion):
            continue
        for _, inclusion, bounds in inclusions:
            for measure in _void(limits, bounds, kept):
                yield Fault(
                    path,
                    f"{exclusion.id} excludes values of {measure.item} that {inclusion.id} accepts, up to its limit",
                    f"the limit in {inclusion.id} decides nothing, so one of the two may be a slip",
                    "write the same limit in both, or keep one of them",
                    "warning",
                )


def _asked(study: Study) -> tuple[Limits, list[tuple[Path, Criterion, Bounds]]]:
    every = [one for one in conditions(study) if not isinstance(one[2], Deferred)]
    limits = Limits(study, [condition for _, _, condition in every])
    return limits, [
        (path, criterion, limits.asked(condition, holds=not isinstance(criterion, Exclusion)))
        for path, criterion, condition in every
    ]


def _void(limits: Limits, included: Bounds, kept: Bounds) -> Iterator[Measure]:
    for measure, accepted in included.items():
        every = limits.all_values(measure.item, measure.times)
        for other, left in kept.items():
            same = (other.item, other.times) == (measure.item, measure.times)
            if same and void(every - accepted, accepted, every - left):
                yield measure
