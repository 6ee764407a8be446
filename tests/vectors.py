"""The published vectors: read, answered by name as the command line does, and compared within their tolerance."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from trialwright.analysis.compute import answer, read_json
from trialwright.design.decision_table import ACTIONS, DecisionTable
from trialwright.design.interval import IntervalDesign


@cache
def all_vectors(folder: Path) -> tuple[dict[str, Any], ...]:
    """Every vector of the clinical items; numbers as exact decimals."""
    return tuple(map(read_json, (folder / "vectors/clinical.jsonl").read_text().splitlines()))


def unmet(folder: Path, item: str) -> tuple[int, list[tuple[str, Any, Any]]]:
    """How many vectors an item has, and those that it does not meet, with what was found and what was expected."""
    mine = [vector for vector in all_vectors(folder) if vector["item"] == item]
    answered = [(vector, json.loads(json.dumps(answer(item, vector["inputs"])["result"]))) for vector in mine]
    return len(mine), [
        (vector["id"], found, vector["expected"])
        for vector, found in answered
        if not agree(found, vector["expected"], vector["tolerance"] or {})
    ]


def agree(found: Any, expected: Any, tolerance: dict[str, Any]) -> bool:
    """Whether a result equals its vector: numbers within the tolerance, all else exactly."""
    if isinstance(expected, dict):
        same = isinstance(found, dict) and found.keys() == expected.keys()
        return same and all(agree(found[name], expected[name], tolerance) for name in expected)
    if isinstance(expected, list):
        same = isinstance(found, list) and len(found) == len(expected)
        return same and all(agree(one, other, tolerance) for one, other in zip(found, expected, strict=True))
    if isinstance(expected, bool | str | None) or isinstance(found, bool | str | None):
        return found is expected or (isinstance(expected, str) and found == expected)
    margin = max(float(tolerance.get("abs", 0)), float(tolerance.get("rel", 0)) * abs(float(expected)))
    return abs(found - float(expected)) <= margin


@cache
def design_vectors(folder: Path, kind: str) -> tuple[dict[str, Any], ...]:
    """Every vector of one kind about dose-finding designs."""
    lines = (folder / "vectors/designs.jsonl").read_text().splitlines()
    found = tuple(vector for vector in map(json.loads, lines) if vector["kind"] == kind)
    assert found, f"no vector of kind {kind}"
    return found


def disagreements(table: DecisionTable, expected: dict[str, list[str]]) -> list[tuple[int, int, str, str]]:
    """Where a decision table is not the expected one: subjects, DLTs, what it says, what was expected."""
    return [
        (int(n), y, table.action(int(n), y), action)
        for n, actions in expected.items()
        for y, action in enumerate(actions)
        if table.action(int(n), y) != ACTIONS[action]
    ]


def unmet_tables(folder: Path, kind: str, design: Callable[..., IntervalDesign]) -> list[tuple[str, Any]]:
    """The vectors of decision tables by target, margins and elimination that a design does not meet."""
    faults = []
    for vector in design_vectors(folder, kind):
        given, expected = vector["inputs"], vector["expected"]["decisions_by_n_then_y"]
        margins = {"margin_below": given["epsilon1"], "margin_above": given["epsilon2"]}
        made = design(levels=5, target=given["target"], cutoff=given["exclusion_certainty"], **margins)
        faults += [(vector["id"], one) for one in disagreements(made.table(max(map(int, expected))), expected)]
    return faults
