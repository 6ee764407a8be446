"""Criteria of a record's eligibility text, each kept with the number that the record prints before it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from trialwright.registry.criteria_runs import part_criteria
from trialwright.registry.list_marks import items_of

CriteriaList = Literal["inclusion", "exclusion", "unlabelled"]

_HEADING_LINE = re.compile(
    r"^[\s*#_>\-\[•]*(?:[\w/().]+\s+){0,3}(?P<kind>(?:non-)?inclusion|exclusion)(?:\s+criteri(?:a|on)\b[^:：?.;\n]{0,60})?"
    r"(?P<end>[:：?]|\]?\s*$)\s*(?:\*\*|__)?\s*",
    re.IGNORECASE,
)
_HEADING_QUALIFIED = re.compile(
    r"^[\s*#_>]*(?:[\w/(),&+-]+\s+){1,8}(?P<kind>(?:non-)?inclusion|exclusion)\s+criteri(?:a|on)\b[^:：?.;\n]{0,60}(?P<end>[:：?]|$)\s*(?:\*\*|__)?\s*",
    re.IGNORECASE,
)
_QUALIFIER = (
    r"(?P<qualifier>(?<![-*•]\s)(?:(?:Key|Main|Major|General|Specific|Additional|Other|Primary|KEY|MAIN|"
    r"Patients?|Participants?|Subjects?|Donors?|"
    r"Clinics?|Clinical|Recipients?|Controls?|Healthy|Volunteers?|Mothers?|Infants?|(?:Pre|Intra|Post)-?[Oo]perative|"
    r"(?:Cohort|Group|Part|Phase|Stage|Arm)(?: [A-D1-4])?)[ -]){1,4})?"
)
_HEADING_INSIDE = re.compile(
    rf"(?:(?<=[\s.;:)\]])|^){_QUALIFIER}(?P<kind>Non-[Ii]nclusion|Inclusion|Exclusion|INCLUSION|EXCLUSION|"
    r"(?(qualifier)(?:inclusion|exclusion)(?= criteria:)|(?!)))"
    r"(?:(?: (?:[Cc]riteri(?:a|on)|CRITERIA))?(?:\s?\([^()]{1,60}\)| (?:for|of|related to) [^:.;()]{1,80})?\s?[:：]|"
    r" [Cc]riteria\?|"
    r" CRITERIA\b|"
    r" [Cc]riteria(?=\s+(?:[-*•]|\(?\d{1,2}[.)])\s)|"
    r"(?<=[.;)] .{9}) Criteria(?=\s+[A-Z]))"
    r"\s*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One item of a list of criteria; `number` is None for a bullet or a plain line."""

    list: CriteriaList
    number: str | None
    text: str

    def as_item(self) -> dict[str, str | None]:
        """The criterion as the record carries it under `trialwright.eligibilityItems`."""
        return {"list": self.list, "number": self.number, "text": self.text}


def split_criteria(text: str, *, lines_lost: bool = False) -> tuple[Criterion, ...]:
    """Split an eligibility text into its criteria, in order, without renumbering.

    Lists with one item a line, lists run together on one line, numbers and bullets are read; a nested or an unmarked
    line belongs to the item above it. A text without marks gives one criterion a line.

    Args:
        text: The eligibility text with Markdown escapes resolved.
        lines_lost: The text stands on one line though its source had several: lists without marks are told apart by
            wording, a proposal.

    Returns:
        The criteria; those before any heading are `unlabelled`.

    Example:
        >>> [(c.list, c.number, c.text) for c in split_criteria("Inclusion Criteria: 2. Adults; 3. Consent")]
        [('inclusion', '2', 'Adults;'), ('inclusion', '3', 'Consent')]
    """
    found: list[Criterion] = []
    for kind, block in _blocks(text):
        items = items_of(block, part_criteria) if lines_lost else items_of(block)
        found.extend(Criterion(list=kind, number=number, text=item) for number, item in items if item)
    return tuple(found)


def _blocks(text: str) -> list[tuple[CriteriaList, list[str]]]:
    blocks: list[tuple[CriteriaList, list[str]]] = [("unlabelled", [])]
    for line in text.splitlines():
        heading = _HEADING_LINE.match(line) or _qualified_heading(line)
        if heading and not _says_more(line, heading):
            blocks.append((_kind(heading["kind"]), []))
        else:
            heading = None
        rest = line[heading.end() :] if heading else line
        inside = list(_HEADING_INSIDE.finditer(rest))
        ends = [*(each.start() for each in inside), len(rest)]
        blocks[-1][1].append(rest[: ends[0]])
        for each, end in zip(inside, ends[1:], strict=True):
            blocks.append((_kind(each["kind"]), [rest[each.end() : end]]))
    return [(kind, kept) for kind, lines in blocks if (kept := [line for line in lines if line.strip()])]


def _says_more(line: str, heading: re.Match[str]) -> bool:
    """Whether text goes on after a heading, and before it stands a criterion and not what qualifies the heading."""
    before = line[: heading.start("kind")].strip()
    qualifies = re.fullmatch(_QUALIFIER, f"{before.lstrip('*#_>-[• ')} ", re.IGNORECASE)
    marked = re.match(r"(?:[-*•–]|\(?\d{1,2}[.)])\s+\w", before)
    return bool(line[heading.end() :].strip()) and not qualifies and (marked is not None or len(before.split()) > 3)


def _qualified_heading(line: str) -> re.Match[str] | None:
    """A heading with words before it, such as that of one cohort's criteria; a sentence that speaks of them is none."""
    match = _HEADING_QUALIFIED.match(line)
    spoken = match and re.search(
        r"\b(?:all|any|each|following|meet|met|not|none|other|the|these)\b", match[0], re.IGNORECASE
    )
    return None if spoken else match


def _kind(word: str) -> CriteriaList:
    return "inclusion" if word.casefold() == "inclusion" else "exclusion"


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
