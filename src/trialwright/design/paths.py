"""Path trees: every way the next cohorts can go, with the rule's answer at each, before any of it happens.

Source: cohort paths as in Norris 2020, arXiv:2012.05301; the table of hypothetical next cohorts as `examine` of crmPack
(Sabanés Bové et al. 2019, J Stat Softw 89(10)) has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations_with_replacement
from math import factorial, prod

import numpy as np
import polars as pl

from trialwright.design.boin12 import BOIN12
from trialwright.design.characteristics import html_table
from trialwright.design.design import Design
from trialwright.design.exact import checked_truths
from trialwright.design.follow_up import DecidesEarly
from trialwright.design.joint_outcomes import JointCohort, JointOutcome, JointOutcomes
from trialwright.design.outcomes import Cohort, Outcome, Outcomes
from trialwright.design.recommendation import Recommendation
from trialwright.design.states import Floats
from trialwright.errors import InputError, PathError

_RESULTS = (Outcome.NO_DLT, Outcome.DLT)
"""What becomes of a subject where DLTs alone are looked at, in the order of its probabilities."""

MOST_NODES = 200_000
"""Nodes beyond which a tree is refused: some hundred megabytes of memory, and half a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A point of a tree.

    Attributes:
        outcomes: All cohorts up to here.
        answer: What the rule says here.
        depth: Cohorts since the root.
    """

    outcomes: Outcomes | JointOutcomes
    answer: Recommendation
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """A tree of paths, or the hypothetical cohorts of `examine`; each node after the one it follows from.

    Attributes:
        design: The rule.
        root: What had happened before.
        nodes: The points, each with the rule's answer; within a cohort subjects without a DLT are written first.
    """

    design: Design | BOIN12
    root: Outcomes | JointOutcomes
    nodes: tuple[Node, ...]

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The paths at full length: the nodes that no other follows from."""
        deepest = max(node.depth for node in self.nodes)
        return tuple(node for node in self.nodes if node.depth == deepest or not node.answer.subjects)

    def probabilities(self, truth: Sequence[float] | Floats) -> tuple[float, ...]:
        """The chance to come to each node from the root.

        Args:
            truth: The DLT probability of each level; for a design that looks at efficacy the probabilities of neither,
                toxicity alone, efficacy alone and both, shape (levels, 4), as `joint_truth` makes them.

        Raises:
            InputError: Not one probability a level, or one outside 0 to 1.
        """
        chances = _chances(self.design, truth)
        skip = len(self.root.cohorts)
        return tuple(
            prod(_chance(cohort, chances[cohort.dose - 1]) for cohort in node.outcomes.cohorts[skip:])
            for node in self.nodes
        )

    def to_frame(self) -> pl.DataFrame:
        """A row for each node: cohorts, path, decision, dose, subjects, mtd (obd where the design seeks it), why."""
        answers = [node.answer for node in self.nodes]
        return pl.DataFrame(
            {
                "cohorts": [node.depth for node in self.nodes],
                "path": [str(node.outcomes) for node in self.nodes],
                "decision": [answer.decision.value for answer in answers],
                "dose": [answer.dose for answer in answers],
                "subjects": [answer.subjects for answer in answers],
                self.design.seeks.lower(): [answer.selected for answer in answers],
                "why": [answer.why for answer in answers],
            },
            schema_overrides={"dose": pl.Int64, self.design.seeks.lower(): pl.Int64},
        )

    def _repr_html_(self) -> str:
        return f"{html_table(self.to_frame())}<p>{escape(f'{self.design.name}: {len(self.leaves)} paths.')}</p>"

    def __str__(self) -> str:
        begun = self.root.cohorts
        lines = []
        for node in self.nodes:
            new = " ".join(f"{dose}{''.join(found)}" for dose, found in node.outcomes.cohorts[len(begun) :][-1:])
            lines.append(
                f"{'  ' * node.depth}{new or str(self.root) or 'start'}: {_said(node.answer, self.design.seeks)}"
            )
        return "\n".join(lines)


def paths(design: Design | BOIN12, *, after: str = "", cohorts: int | None = None) -> Paths:
    """List every way that the next cohorts can go, every window of theirs being closed.

    Args:
        design: Any dose rule. One that looks at efficacy branches by what becomes of each subject: neither, toxicity,
            efficacy or both.
        after: What has happened, as `1NNN 2NTN`, or as `1NNE 2ETB` where the design looks at efficacy; the start when
            left out.
        cohorts: How many cohorts to look ahead; to the end of every path when left out.

    Raises:
        PathError: `after` cannot be read, leaves the design, or has open windows and the design decides by them.
        InputError: Fewer than 1 cohort, or a tree of more than 200,000 nodes.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> len(paths(ThreePlusThree(levels=4)).leaves)
        91
        >>> print(paths(ThreePlusThree(levels=2), after="1NTN", cohorts=1))
        1NTN: 3 more at level 1 (expand)
          1NNN: 3 more at level 2 (escalate)
          1NNT: stop, no MTD
          1NTT: stop, no MTD
          1TTT: stop, no MTD
    """
    if cohorts is not None and cohorts < 1:
        raise InputError(f"{cohorts} cohorts; look ahead by at least 1")
    root = _root(design, after)
    nodes: list[Node] = []
    for node in _walk(design, root, cohorts):
        nodes.append(node)
        if len(nodes) > MOST_NODES:
            raise InputError(f"the tree has more than {MOST_NODES:,} nodes; ask for fewer cohorts")
    return Paths(design=design, root=root.outcomes, nodes=tuple(nodes))


def examine(design: Design | BOIN12, *, after: str = "") -> Paths:
    """List what the design would do after every possible next cohort, before the trial.

    The way is the one without any DLT (nor efficacy, where the design looks at it), from the start to the end; at each
    of its cohorts everything is tried that can become of it.

    Args:
        design: Any dose rule.
        after: As for `paths`.

    Raises:
        PathError: `after` cannot be read, leaves the design, or has open windows and the design decides by them.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> examine(ThreePlusThree(levels=2)).to_frame()["path"].to_list()
        ['', '1NNN', '1NNT', '1NTT', '1TTT', '1NNN 2NNN', '1NNN 2NNT', '1NNN 2NTT', '1NNN 2TTT']
    """
    root = node = _root(design, after)
    nodes = [node]
    while node.answer.subjects:
        following = list(_children(design, node))
        nodes += following
        node = following[0]
    return Paths(design=design, root=root.outcomes, nodes=tuple(nodes))


def _root(design: Design | BOIN12, after: str) -> Node:
    if isinstance(design, BOIN12):
        return _node(design, JointOutcomes.parse(after), 0)
    if isinstance(design, DecidesEarly) and (more := set(after.upper()) & set("P@+BX")):
        raise PathError(
            f"the path {after!r} has {', '.join(sorted(more))}; the tree of {design.name} has every window closed and "
            "nobody backfilled, so write N and T alone; `next` reads the rest"
        )
    return _node(design, Outcomes.parse(after), 0)


def _node(design: Design | BOIN12, outcomes: Outcomes | JointOutcomes, depth: int) -> Node:
    answer = design.recommend(outcomes)  # type: ignore[arg-type]  # _root gives each design outcomes of its own kind
    return Node(outcomes=outcomes, answer=answer, depth=depth)


def _walk(design: Design | BOIN12, node: Node, most: int | None) -> Iterator[Node]:
    """The node and all below it, depth first; a stack, because trees are deeper than Python recurses."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if most is None or node.depth < most:
            stack += reversed(list(_children(design, node)))


def _children(design: Design | BOIN12, node: Node) -> Iterator[Node]:
    """The next cohort of the answer, with all that can become of it; nothing where nobody is treated next."""
    answer, before = node.answer, node.outcomes
    if not answer.subjects or not answer.dose:
        return
    outcomes: Outcomes | JointOutcomes
    if isinstance(before, JointOutcomes):
        for joint in combinations_with_replacement(JointOutcome, answer.subjects):
            outcomes = JointOutcomes((*before.cohorts, JointCohort(answer.dose, joint)))
            yield _node(design, outcomes, node.depth + 1)
        return
    for results in combinations_with_replacement(_RESULTS, answer.subjects):
        outcomes = Outcomes((*before.cohorts, Cohort(answer.dose, results)))
        yield _node(design, outcomes, node.depth + 1)


def _chances(design: Design | BOIN12, truth: Sequence[float] | Floats) -> list[dict[str, float]]:
    """The probability of each letter at each level."""
    if isinstance(design, BOIN12):
        letters: tuple[str, ...] = tuple(JointOutcome)
        rows = design.checked_truth(np.asarray(truth))
    else:
        letters = _RESULTS
        (rates,) = checked_truths(design.levels, [tuple(truth)])
        rows = np.stack([1 - rates, rates], axis=1)
    return [dict(zip(letters, row, strict=True)) for row in rows.tolist()]


def _chance(cohort: Cohort | JointCohort, chances: dict[str, float]) -> float:
    """The multinomial probability of a cohort's letters, in whatever order."""
    found = [cohort.outcomes.count(letter) for letter in chances]
    ways = factorial(len(cohort.outcomes)) // prod(map(factorial, found))
    return ways * prod(chance**count for chance, count in zip(chances.values(), found, strict=True))


def _said(answer: Recommendation, seeks: str) -> str:
    if answer.subjects:
        return f"{answer.subjects} more at level {answer.dose} ({answer.decision.value})"
    if answer.waits_for:
        return f"{answer.decision.value}, waits for {answer.waits_for}"
    return f"{answer.decision.value}, {f'{seeks} level {answer.selected}' if answer.selected else f'no {seeks}'}"
