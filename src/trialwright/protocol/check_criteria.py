"""Checks of the eligibility criteria: what they ask for is collected in time, and one answer decides one question."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.protocol.check_conditions import windows
from trialwright.protocol.criteria import Condition, Judged, Unreadable, items, leaves
from trialwright.protocol.element import Path
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.study import Criterion, Exclusion, Study


@check("criteria.collected")
def criteria_items_are_collected_in_time(study: Study) -> Iterator[Fault]:
    """Every item that a criterion reads is collected on or before the day of the infusion."""
    in_time = {name for visit in study.schedule if visit.day <= 0 for name in visit.collect}
    known = {item.name for item in study.items}
    for path, criterion, condition in conditions(study):
        for name in sorted((items(condition) & known) - in_time):
            yield Fault(
                path,
                f"criterion {criterion.id} reads '{name}', which no visit up to day 0 collects",
                "every subject would stay undetermined",
                f"collect '{name}' at screening",
            )


@check("criteria.randomisation")
def criteria_hang_on_a_randomisation_that_happens(study: Study) -> Iterator[Fault]:
    """No criterion counts from the randomisation of a trial that randomises nobody."""
    if study.allocation and study.allocation.method == "randomised":
        return
    for path, criterion, condition in conditions(study):
        if any(anchor == "randomisation" for anchor, _ in windows(condition)):
            yield Fault(
                path,
                f"criterion {criterion.id} counts from randomisation, and nobody is randomised",
                "the day would never come, and the criterion would stay unknown",
                "count from enrolment, screening or infusion",
            )


@check("criteria.answers")
def one_answer_decides_one_question(study: Study) -> Iterator[Fault]:
    """No criterion asks two questions of people: its one answer would be taken for both."""
    for path, criterion in _placed(study):
        asked = [
            str(leaf) for part in criterion.conditions.values() for leaf in leaves(part) if isinstance(leaf, Judged)
        ]
        if len(asked) > 1:
            yield Fault(
                path,
                f"criterion {criterion.id} asks {len(asked)} questions of people: {' and '.join(asked)}",
                "a criterion has one answer, which would be taken for all of them",
                "make one criterion of each question",
                "error" if len(set(asked)) > 1 else "warning",
            )


@check("criteria.again")
def what_is_evaluated_again_is_not_answered_once(study: Study) -> Iterator[Fault]:
    """A criterion that a person answers is not evaluated again: its old answer would be taken for a new one."""
    for path, criterion in _placed(study):
        if criterion.again and any(isinstance(leaf, Judged) for leaf in leaves(criterion.condition)):
            yield Fault(
                (*path, "again"),
                f"criterion {criterion.id} is evaluated again {criterion.again}, and a person answers it",
                "nobody is asked again, and the answer of screening would stand",
                "let it read items that a visit collects, or leave `again` out",
            )


@check("criteria.repeated")
def what_is_collected_at_a_later_treatment_decides(study: Study) -> Iterator[Fault]:
    """An item of an exclusion that is collected at a later treatment is read before it; at the first it always is."""
    later = [visit for visit in study.schedule if visit.day > 0 and visit.gives]
    for path, criterion in _placed(study):
        names = sorted(name for name in items(criterion.condition) if any(name in visit.collect for visit in later))
        if isinstance(criterion, Exclusion) and names and not criterion.again:
            yield Fault(
                path,
                f"criterion {criterion.id} reads {', '.join(names)}, which a visit of a later treatment collects",
                "what is found there would hold no treatment back",
                "say `again: before each treatment`, or do not collect it there",
                "warning",
            )


@check("criteria.unreadable")
def criteria_can_be_read(study: Study) -> Iterator[Fault]:
    """A criterion whose source is damaged is pointed out until somebody writes it again."""
    for path, criterion, condition in conditions(study):
        if any(isinstance(leaf, Unreadable) for leaf in leaves(condition)):
            yield Fault(
                path,
                f"criterion {criterion.id} is unreadable in its source",
                "it stays unknown for everybody, so nobody can be found eligible",
                "obtain the sponsor's own wording and write it as a condition",
                "warning",
            )


def conditions(study: Study) -> Iterator[tuple[Path, Criterion, Condition]]:
    """Every condition of every criterion with its path; queries are not among them."""
    for path, criterion in _placed(study):
        key = "exclude" if isinstance(criterion, Exclusion) else "need"
        for name, condition in criterion.conditions.items():
            yield (*path, key, *([name] if name else [])), criterion, condition


def _placed(study: Study) -> Iterator[tuple[Path, Criterion]]:
    for place, inclusion in enumerate(study.criteria.inclusion):
        yield ("criteria", "inclusion", place), inclusion
    for place, exclusion in enumerate(study.criteria.exclusion):
        yield ("criteria", "exclusion", place), exclusion
