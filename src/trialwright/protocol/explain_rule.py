"""What the protocol's prose says of dose rules that look at more than DLTs: follow-up, responses, backfill."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.design import BOIN12, TITEBOIN, Rule
from trialwright.design.desirability import DesirabilityTable
from trialwright.design.tite_boin import LateRow
from trialwright.protocol.explain_words import counted
from trialwright.protocol.prose import Block, Paragraph, Table
from trialwright.protocol.study import Study

_ACTIONS = {"E": "escalate", "S": "stay", "D": "de-escalate", "DE": "de-escalate, never return", "SUS": "suspend"}
_LARGEST = 12
"""Subjects at a level up to which a table with one more dimension is printed; it grows with their square."""


def what_else_it_looks_at(study: Study, rule: Rule) -> Iterator[Block]:
    """Paragraphs and tables of what a rule looks at beside DLTs."""
    days = counted(study.design.dlt_window.days, "day")
    if rule.weighs_follow_up:
        yield Paragraph(
            f"A subject is followed in whole days of the DLT window of {days}, up to the data cut of the decision. The "
            "last day counts once the investigator has closed the window; an event that may be dose-limiting is "
            "adjudicated before a decision."
        )
    if isinstance(rule, TITEBOIN):
        yield Table.of(
            "Decision at a dose level by subjects, DLTs and, across, pending subjects. A number is the follow-up time "
            "of the pending subjects in all, in DLT windows, from which or up to which the word holds; else stay.",
            *_late(rule),
        )
    if study.response_endpoint is not None:
        yield Paragraph(
            f"A response is that of the endpoint '{study.response_endpoint.name}', as section 3 defines it. It is open "
            "until every visit that could show it is recorded or was missed, or the subject left; a subject without "
            "the data then has no response."
        )
    if rule.cap:
        yield Paragraph(
            "A backfilled subject takes a slot at a level below the open one only while no slot is free there, and is "
            "treated only while that level remains safe by the rule."
        )
    if isinstance(rule, BOIN12) and rule.utility_neither + rule.utility_both == 100:
        sizes = range(0, min(rule.subjects, _LARGEST) + 1, rule.cohort)
        title = (
            "Rank of desirability by subjects, toxicities and, across, subjects with efficacy: the higher the better."
        )
        yield Table.of(title, *_desirability(rule.desirability_table(sizes), sizes[-1]))


def _late(rule: TITEBOIN) -> tuple[list[str], list[list[str]]]:
    sizes = range(rule.cohort, min(rule.subjects, max(_LARGEST, rule.cohort)) + 1, rule.cohort)
    rows = [
        [str(n), str(dlts), *(_cell(rule.row(n, dlts, p)) if dlts + p <= n else "" for p in range(sizes[-1] + 1))]
        for n in sizes
        for dlts in range(n + 1)
    ]
    return ["Subjects", "DLTs", *map(str, range(sizes[-1] + 1))], rows


def _cell(row: LateRow) -> str:
    if row.escalate_from is not None:
        return f"escalate from {row.escalate_from:.2f}"
    if row.deescalate_to is not None:
        return f"de-escalate to {row.deescalate_to:.2f}"
    return _ACTIONS[row.decision]


def _desirability(table: DesirabilityTable, largest: int) -> tuple[list[str], list[list[str]]]:
    rows = [
        [str(n), str(dlts), *(score or "not admissible" for score in scores), *[""] * (largest - n)]
        for (n, dlts), scores in table.scores().items()
    ]
    return ["Subjects", "Toxicities", *map(str, range(largest + 1))], rows
