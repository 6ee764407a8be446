"""Path trees: every way the next cohorts can go, with the rule's answer at each, before any of it happens.

Source: cohort paths as in Norris 2020, arXiv:2012.05301; the table of hypothetical next cohorts as `examine` of crmPack
(Sabanés Bové et al. 2019, J Stat Softw 89(10)) has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import comb, prod

import polars as pl

from trialwright.design.characteristics import html_table
from trialwright.design.design import Design
from trialwright.design.exact import checked_truths
from trialwright.design.outcomes import Cohort, Outcome, Outcomes
from trialwright.design.recommendation import Recommendation
from trialwright.errors import InputError

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

    outcomes: Outcomes
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

    design: Design
    root: Outcomes
    nodes: tuple[Node, ...]

    @property
    def leaves(self) -> tuple[Node, ...]:
        """The paths at full length: the nodes that no other follows from."""
        deepest = max(node.depth for node in self.nodes)
        return tuple(node for node in self.nodes if node.depth == deepest or not node.answer.subjects)

    def probabilities(self, truth: Sequence[float]) -> tuple[float, ...]:
        """The chance to come to each node from the root, when level i has the DLT probability `truth[i]`.

        Raises:
            InputError: Not one probability a level, or one outside 0 to 1.
        """
        (rates,) = checked_truths(self.design.levels, [truth])
        skip = len(self.root.cohorts)
        return tuple(
            prod(_chance(cohort, float(rates[cohort.dose - 1])) for cohort in node.outcomes.cohorts[skip:])
            for node in self.nodes
        )

    def to_frame(self) -> pl.DataFrame:
        """A row for each node: cohorts, path, decision, dose, subjects, mtd, why."""
        answers = [node.answer for node in self.nodes]
        return pl.DataFrame(
            {
                "cohorts": [node.depth for node in self.nodes],
                "path": [str(node.outcomes) for node in self.nodes],
                "decision": [answer.decision.value for answer in answers],
                "dose": [answer.dose for answer in answers],
                "subjects": [answer.subjects for answer in answers],
                "mtd": [answer.mtd for answer in answers],
                "why": [answer.why for answer in answers],
            },
            schema_overrides={"dose": pl.Int64, "mtd": pl.Int64},
        )

    def _repr_html_(self) -> str:
        return f"{html_table(self.to_frame())}<p>{escape(f'{self.design.name}: {len(self.leaves)} paths.')}</p>"

    def __str__(self) -> str:
        begun = self.root.cohorts
        lines = []
        for node in self.nodes:
            new = " ".join(str(Outcomes((cohort,))) for cohort in node.outcomes.cohorts[len(begun) :][-1:])
            lines.append(f"{'  ' * node.depth}{new or str(self.root) or 'start'}: {_said(node.answer)}")
        return "\n".join(lines)


def paths(design: Design, *, after: str = "", cohorts: int | None = None) -> Paths:
    """List every way that the next cohorts can go.

    Args:
        design: Any dose rule.
        after: What has happened, as `1NNN 2NTN`; the start when left out.
        cohorts: How many cohorts to look ahead; to the end of every path when left out.

    Raises:
        PathError: `after` cannot be read, or leaves the design.
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
    root = Outcomes.parse(after)
    nodes: list[Node] = []
    for node in _walk(design, Node(outcomes=root, answer=design.recommend(root), depth=0), cohorts):
        nodes.append(node)
        if len(nodes) > MOST_NODES:
            raise InputError(f"the tree has more than {MOST_NODES:,} nodes; ask for fewer cohorts")
    return Paths(design=design, root=root, nodes=tuple(nodes))


def examine(design: Design, *, after: str = "") -> Paths:
    """List what the design would do after every possible next cohort, before the trial.

    The way is the one without any DLT, from the start to the end; at each of its cohorts every number of DLTs is tried.

    Args:
        design: Any dose rule.
        after: What has happened, as `1NNN 2NTN`; the start when left out.

    Raises:
        PathError: `after` cannot be read, or leaves the design.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> examine(ThreePlusThree(levels=2)).to_frame()["path"].to_list()
        ['', '1NNN', '1NNT', '1NTT', '1TTT', '1NNN 2NNN', '1NNN 2NNT', '1NNN 2NTT', '1NNN 2TTT']
    """
    root = Outcomes.parse(after)
    node = Node(outcomes=root, answer=design.recommend(root), depth=0)
    nodes = [node]
    while node.answer.subjects:
        following = list(_children(design, node))
        nodes += following
        node = following[0]
    return Paths(design=design, root=root, nodes=tuple(nodes))


def _walk(design: Design, node: Node, most: int | None) -> Iterator[Node]:
    """The node and all below it, depth first; a stack, because trees are deeper than Python recurses."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if most is None or node.depth < most:
            stack += reversed(list(_children(design, node)))


def _children(design: Design, node: Node) -> Iterator[Node]:
    """The next cohort of the answer, with every number of DLTs; nothing where nobody is treated next."""
    answer = node.answer
    for dlts in range(answer.subjects + 1 if answer.subjects and answer.dose else 0):
        results = (Outcome.NO_DLT,) * (answer.subjects - dlts) + (Outcome.DLT,) * dlts
        outcomes = Outcomes((*node.outcomes.cohorts, Cohort(answer.dose or 0, results)))
        yield Node(outcomes=outcomes, answer=design.recommend(outcomes), depth=node.depth + 1)


def _chance(cohort: Cohort, rate: float) -> float:
    size = len(cohort.outcomes)
    dlts = sum(outcome is Outcome.DLT for outcome in cohort.outcomes)
    return comb(size, dlts) * rate**dlts * (1 - rate) ** (size - dlts)


def _said(answer: Recommendation) -> str:
    if answer.subjects:
        return f"{answer.subjects} more at level {answer.dose} ({answer.decision.value})"
    if answer.waits_for:
        return f"{answer.decision.value}, waits for {answer.waits_for}"
    return f"{answer.decision.value}, {f'MTD level {answer.mtd}' if answer.mtd else 'no MTD'}"
