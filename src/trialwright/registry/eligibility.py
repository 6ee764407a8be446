"""Criteria of a record's eligibility text, each kept with the number that the record prints before it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

CriteriaList = Literal["inclusion", "exclusion", "unlabelled"]

_HEADING_LINE = re.compile(
    r"^[\s*#_>\-]*(?:[\w/()]+\s+){0,3}(?P<kind>inclusion|exclusion)(?:\s+criteri(?:a|on)\b[^:.;\n]{0,60})?"
    r"(?P<end>:|\s*$)[\s*_]*",
    re.IGNORECASE,
)
_HEADING_QUALIFIED = re.compile(
    r"^[\s*#_>]*(?:[\w/(),&+-]+\s+){1,8}(?P<kind>inclusion|exclusion)\s+criteri(?:a|on)\b[^:.;\n]{0,60}(?P<end>:|$)[\s*_]*",
    re.IGNORECASE,
)
_HEADING_INSIDE = re.compile(
    r"(?:(?<=[\s.;:)])|^)(?:(?:Key|Main|Major|General|KEY|MAIN) )?(?P<kind>Inclusion|Exclusion|INCLUSION|EXCLUSION) "
    r"(?:(?i:criteria)\s?:|(?:Criteria|CRITERIA)(?=\s+(?:[-*•]|\d{1,2}[.)])\s)|"
    r"(?<=[.;)] .{9} )(?:Criteria|CRITERIA)(?=\s+[A-Z]))"
    r"\s*"
)
_MARK = re.compile(r"(?P<indent>[ \t]*)(?:(?P<number>\(?\d{1,3}[.)](?!\d))|(?P<bullet>[*•·‣▪●–—-])(?=\s|[A-Z]))[ \t]*")
_NUMBER_INSIDE = re.compile(r"(?:^|(?<=[^<>=≤≥]\s))(\d{1,2})[.)](?=\s)")
_DASH_INSIDE = re.compile(r"(?:^|\s)[-*•]\s+(?=\S)")
_RANGE_START = re.compile(r"(?:\b[IVX]+|[\d<>=≤≥])$")
_RANGE_END = re.compile(r"[IVX]+\b|[\d<>=≤≥]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One item of a list of criteria; `number` is None for a bullet or a plain line."""

    list: CriteriaList
    number: str | None
    text: str

    def as_item(self) -> dict[str, str | None]:
        """The criterion as the record carries it under `trialwright.eligibilityItems`."""
        return {"list": self.list, "number": self.number, "text": self.text}


def split_criteria(text: str) -> tuple[Criterion, ...]:
    """Split an eligibility text into its criteria, in order, without renumbering.

    Lists with one item a line, lists run together on one line, numbers and bullets are read; a nested or an unmarked
    line belongs to the item above it. A text without marks gives one criterion a line.

    Args:
        text: The eligibility text with Markdown escapes resolved.

    Returns:
        The criteria; those before any heading are `unlabelled`.

    Example:
        >>> [(c.list, c.number, c.text) for c in split_criteria("Inclusion Criteria: 2. Adults; 3. Consent")]
        [('inclusion', '2', 'Adults;'), ('inclusion', '3', 'Consent')]
    """
    found: list[Criterion] = []
    for kind, block in _blocks(text):
        found.extend(Criterion(list=kind, number=number, text=item) for number, item in _items(block) if item)
    return tuple(found)


def _blocks(text: str) -> list[tuple[CriteriaList, list[str]]]:
    blocks: list[tuple[CriteriaList, list[str]]] = [("unlabelled", [])]
    for line in text.splitlines():
        heading = _HEADING_LINE.match(line) or _qualified_heading(line)
        if heading:
            blocks.append((_kind(heading["kind"]), []))
        before, *inside = _HEADING_INSIDE.split(line[heading.end() :] if heading else line)
        blocks[-1][1].append(before)
        for kind, rest in zip(inside[::2], inside[1::2], strict=True):
            blocks.append((_kind(kind), [rest]))
    return [(kind, kept) for kind, lines in blocks if (kept := [line for line in lines if line.strip()])]


def _qualified_heading(line: str) -> re.Match[str] | None:
    """A heading with words before it, such as that of one cohort's criteria; a sentence that speaks of them is none."""
    match = _HEADING_QUALIFIED.match(line)
    spoken = match and re.search(
        r"\b(?:all|any|each|following|meet|met|not|none|other|the|these)\b", match[0], re.IGNORECASE
    )
    return None if spoken else match


def _kind(word: str) -> CriteriaList:
    return "inclusion" if word.lower() == "inclusion" else "exclusion"


def _items(lines: Sequence[str]) -> list[tuple[str | None, str]]:
    marks = [_MARK.match(line) for line in lines]
    first = next((mark for mark in marks if mark), None)
    if len(lines) == 1:
        return _run_together(lines[0].strip())
    if first is None:
        return [(None, line.strip()) for line in lines]
    items: list[tuple[str | None, str]] = []
    for line, mark in zip(lines, marks, strict=True):
        if mark and _same_style(mark, first):
            items.append((_number(mark), line[mark.end() :].strip()))
        elif items:
            items[-1] = (items[-1][0], f"{items[-1][1]}\n{line.strip()}".strip())
        else:
            items.append((None, line.strip()))
    return items


def _same_style(mark: re.Match[str], first: re.Match[str]) -> bool:
    return bool(mark["number"]) == bool(first["number"]) and len(mark["indent"]) <= len(first["indent"]) + 1


def _number(mark: re.Match[str]) -> str | None:
    return mark["number"].strip("().") if mark["number"] else None


def _run_together(line: str) -> list[tuple[str | None, str]]:
    numbers = _ascending(line)
    if numbers:
        ends = [*(match.start() for match in numbers[1:]), len(line)]
        items = [(match[1], line[match.end() : end].strip()) for match, end in zip(numbers, ends, strict=True)]
        return [(None, before), *items] if (before := line[: numbers[0].start()].strip()) else items
    parts = _dashed(line)
    if parts and (line.startswith(("- ", "* ")) or (len(parts) > 2 and parts[0].endswith(":"))):
        return [(None, part) for part in parts]
    mark = _MARK.match(line)
    return [(_number(mark), line[mark.end() :].strip())] if mark else [(None, line)]


def _dashed(line: str) -> list[str]:
    """The parts of a line between its dashes; a dash between two numbers is a range."""
    parts: list[str] = []
    for part in _DASH_INSIDE.split(line):
        if parts and _RANGE_START.search(parts[-1]) and _RANGE_END.match(part):
            parts[-1] = f"{parts[-1]} - {part.strip()}"
        elif part.strip():
            parts.append(part.strip())
    return parts


def _ascending(line: str) -> list[re.Match[str]]:
    """The marks of one numbered list in a line; after a gap it goes on with a number at most three higher.

    The list begins with the line, or with 1 after a colon or a full stop. A number inside brackets is no mark.
    """
    candidates = [match for match in _NUMBER_INSIDE.finditer(line) if _outside_brackets(line, match)]
    while candidates and candidates[0].start() > 0:
        if candidates[0][1] == "1" and line[: candidates[0].start()].rstrip().endswith((":", ".")):
            break
        candidates.pop(0)
    if not candidates:
        return []
    chain = [candidates[0]]
    for _ in range(100):
        following = [match for match in candidates if match.start() > chain[-1].start()]
        wanted = int(chain[-1][1])
        chosen = next((m for s in (1, 2, 3) for m in following if int(m[1]) == wanted + s), None)
        if chosen is None:
            break
        chain.append(chosen)
    return chain if chain[0].start() == 0 or len(chain) > 1 else []


def _outside_brackets(line: str, mark: re.Match[str]) -> bool:
    before = line[max(0, mark.start() - 80) : mark.start()]
    return not mark[0].endswith(")") or before.rfind("(") <= before.rfind(")")


def criteria_sections(items: Sequence[Mapping[str, str | None]]) -> dict[str, tuple[str, ...]]:
    """The criteria as sections of their own, one passage a criterion with its number before it.

    >>> criteria_sections([{"list": "inclusion", "number": "2", "text": "Adults"}])
    {'inclusion criteria': ('2. Adults',)}
    """
    found: dict[str, list[str]] = {}
    for item in items:
        text = f"{item['number']}. {item['text']}" if item["number"] else str(item["text"])
        name = "other criteria" if item["list"] == "unlabelled" else f"{item['list']} criteria"
        found.setdefault(name, []).append(text)
    return {name: tuple(texts) for name, texts in found.items()}
