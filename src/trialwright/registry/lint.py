"""What is wrong with a record, as far as the record alone can show it; each rule is one function."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trialwright.registry.reading import Finding, Reading, value_at

Rule = Callable[[Reading], Iterator[Finding]]


def missing_eligibility(reading: Reading) -> Iterator[Finding]:
    """E01: the record shows no criteria, which does not mean that it has none."""
    if value_at(reading.record, "eligibilityModule.eligibilityCriteria"):
        return
    yield Finding(
        rule="E01",
        severity="error",
        place="eligibility",
        what="no eligibility criteria were read",
        why="an empty list of criteria is not 'no criteria': every interventional trial has some",
        mend="take the criteria from the registry or the protocol",
    )


RULES: tuple[Rule, ...] = (missing_eligibility,)


def lint(reading: Reading) -> tuple[Finding, ...]:
    """Every defect that the rules find, in the order of the rules."""
    return tuple(finding for rule in RULES for finding in rule(reading))
