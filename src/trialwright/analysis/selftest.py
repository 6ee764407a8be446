"""The self-test: published numbers that ship with the package, answered by it and compared within their tolerances.

Each vector is an input with the result that a paper, a table or another program gives for it. The file is written by
tools/record_selftest.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import groupby
from math import inf
from typing import Any

from trialwright.analysis.compute import answer, answer_design, read_json
from trialwright.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far a number may lie from the published one: the larger of both.

    Attributes:
        absolute: In the unit of the number.
        relative: As a share of the published number.
    """

    absolute: float = 0.0
    relative: float = 0.0

    def margin(self, expected: float) -> float:
        """The largest deviation from a number that is met."""
        return max(self.absolute, self.relative * abs(expected))

    def __str__(self) -> str:
        if self.relative:
            return f"{self.relative:g} of the value"
        return f"{self.absolute:g}" if self.absolute else "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A published number, or a group of them.

    Attributes:
        id: Its name.
        name: The item that answers it.
        is_design: Whether it is a design item.
        inputs: The item's inputs.
        expected: What the source gives; groups may leave out parts of the answer.
        tolerance: How far a number may lie from it.
    """

    id: str
    name: str
    is_design: bool
    inputs: Mapping[str, Any]
    expected: Any
    tolerance: Tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A vector that is not met, with what was found or the error."""

    id: str
    found: Any
    expected: Any


@dataclass(slots=True, kw_only=True)
class ItemResult:
    """How the vectors of one item went.

    Attributes:
        name: The item.
        is_design: Whether it is a design item.
        source: Where its numbers are from.
        vectors: How many there are.
        unmet: Those that are not met.
        worst: The deviation of the number that uses the largest share of its tolerance.
        tolerance: The tolerance of that number.
    """

    name: str
    is_design: bool
    source: str
    vectors: int = 0
    unmet: list[Unmet] = field(default_factory=list)
    worst: float = 0.0
    tolerance: Tolerance = field(default_factory=Tolerance)
    _rank: tuple[float, float, float] = (-1.0, 0.0, 0.0)

    @property
    def met(self) -> int:
        """How many vectors are met."""
        return self.vectors - len(self.unmet)

    def count(self, vector: Vector) -> None:
        """Answer a vector and keep how it went."""
        self.vectors += 1
        try:
            ask = answer_design if vector.is_design else answer
            found = json.loads(json.dumps(ask(vector.name, vector.inputs)["result"]))
        except InputError as fault:
            self.unmet.append(Unmet(id=vector.id, found=f"error: {fault}", expected=vector.expected))
            return
        pairs = list(_pairs(found, vector.expected))
        if not all(_agrees(one, other, vector.tolerance) for one, other in pairs):
            self.unmet.append(Unmet(id=vector.id, found=found, expected=vector.expected))
        for one, other in pairs:
            self._remember(one, other, vector.tolerance)

    def _remember(self, found: Any, expected: Any, tolerance: Tolerance) -> None:
        one, against = _number(found), _number(expected)
        if one is None or against is None:
            return
        deviation, margin = abs(one - against), tolerance.margin(against)
        share = deviation / margin if margin else inf if deviation else 0.0
        if (share, deviation, margin) > self._rank:
            self._rank, self.worst, self.tolerance = (share, deviation, margin), deviation, tolerance


def read_vectors(lines: Iterable[str]) -> tuple[dict[str, str], list[Vector]]:
    """Read vectors, and the source of each item by its name; a line is one or the other.

    Example:
        >>> sources, vectors = read_vectors(['{"item": "bmi", "source": "Quetelet"}'])
        >>> sources, vectors
        ({'bmi': 'Quetelet'}, [])
    """
    sources, vectors = {}, []
    for line in lines:
        read = read_json(line)
        key = "kind" if "kind" in read else "item"
        if "source" in read:
            sources[_mark(read[key], is_design=key == "kind")] = read["source"]
            continue
        margins = read.get("tolerance", {})
        tolerance = Tolerance(absolute=float(margins.get("abs", 0)), relative=float(margins.get("rel", 0)))
        known = {"name": read[key], "is_design": key == "kind", "inputs": read["inputs"], "expected": read["expected"]}
        vectors.append(Vector(id=read["id"], tolerance=tolerance, **known))
    return sources, vectors


def packaged_vectors() -> list[str]:
    """The lines of vectors that ship with the package."""
    return files("trialwright.analysis").joinpath("data/selftest.jsonl").read_text(encoding="utf-8").splitlines()


def selftest(lines: Iterable[str]) -> list[ItemResult]:
    """Answer every vector, item by item in the order given.

    Args:
        lines: Vectors, as `packaged_vectors` gives them.

    Example:
        >>> line = '{"id": "bmi-1", "item": "bmi", "inputs": {"height_cm": 200, "weight_kg": 80}, "expected": 20}'
        >>> (result,) = selftest([line])
        >>> result.met, result.vectors, result.worst
        (1, 1, 0.0)
    """
    sources, vectors = read_vectors(lines)
    results = []
    for (name, is_design), mine in groupby(vectors, key=lambda vector: (vector.name, vector.is_design)):
        result = ItemResult(name=name, is_design=is_design, source=sources.get(_mark(name, is_design=is_design), ""))
        for vector in mine:
            result.count(vector)
        results.append(result)
    return results


def _mark(name: str, *, is_design: bool) -> str:
    return f"design {name}" if is_design else name


def _pairs(found: Any, expected: Any) -> Iterator[tuple[Any, Any]]:
    """Every part of what is expected, beside what was found; the found part is absent where the shapes differ."""
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() <= found.keys():
        for name, part in expected.items():
            yield from _pairs(found[name], part)
    elif isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        for one, other in zip(found, expected, strict=True):
            yield from _pairs(one, other)
    else:
        yield found, expected


def _agrees(found: Any, expected: Any, tolerance: Tolerance) -> bool:
    one, other = _number(found), _number(expected)
    if one is None or other is None or isinstance(found, str) != isinstance(expected, str):
        return type(found) is type(expected) and found == expected
    return abs(one - other) <= tolerance.margin(other)


def _number(value: Any) -> float | None:
    """A number, or text that is one; None for anything else."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return None
    try:
        return float(value)
    except ValueError:
        return None
