"""Layout B's conditions, keywords and other names of interventions, each kind of them on one line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.page import Draft, Section
from trialwright.registry.reading import EXTENSION, Severity, items_at, value_at
from trialwright.registry.run_together import context, is_one_disease, part_names

_CONDITIONS = "conditionsModule.conditions"
_KEYWORDS = "conditionsModule.keywords"
_TEXTS = (
    "identificationModule.briefTitle",
    "descriptionModule.briefSummary",
    "descriptionModule.detailedDescription",
    "eligibilityModule.eligibilityCriteria",
)
_SURELY_SHORT = 3
_BULLET = re.compile(r"^[*•·-]\s+")
_BETWEEN = re.compile(r"\s*[\t|•·]\s*")
_MOST_WORDS_A_KEYWORD = 3.5


def read_conditions(section: Section, draft: Draft) -> None:
    """Read the conditions, one a line."""
    _read(section, draft, _CONDITIONS)


def read_keywords(section: Section, draft: Draft) -> None:
    """Read the keywords, one a line."""
    _read(section, draft, _KEYWORDS)


def read_other_names(section: Section, draft: Draft) -> None:
    """Read the other names of interventions, one a line; nothing says of which intervention they are."""
    _read(section, draft, f"{EXTENSION}.otherInterventionNames")
    if len(section.lines) == 1 and len(section.lines[0].text.split()) > 1:
        _report(draft, "other intervention names", "note", f"stand on one line, kept as one: {section.lines[0].text}")


def _read(section: Section, draft: Draft, path: str) -> None:
    for line in section.lines:
        for name in _BETWEEN.split(_BULLET.sub("", words.unescape(line.text))):
            draft.add(path, name, line)


def part_lines(draft: Draft) -> None:
    """Part a single line of conditions or keywords, at its commas if it is a list with such, and say so."""
    lines = {path: list(value_at(draft.record, path) or []) for path in (_CONDITIONS, _KEYWORDS)}
    texts = texts_of(draft.record)
    for path, other in ((_CONDITIONS, _KEYWORDS), (_KEYWORDS, _CONDITIONS)):
        if len(lines[path]) != 1:
            continue
        [line] = lines[path]
        page = context(texts, " ".join(lines[other]), conditions=path == _CONDITIONS)
        names: list[str] = value_at(draft.record, path) or []
        names[:] = _listed(line, conditions=page.conditions) or part_names(line, page)
        if len(names) > 1:
            _report(draft, path.split(".")[1], "warning", f"run together: '{line}'; {len(names)} are told apart")
        elif len(line.split()) > _SURELY_SHORT:
            _report(draft, path.split(".")[1], "note", f"may run together, kept as one: '{line}'")


def _listed(line: str, *, conditions: bool) -> list[str]:
    """The names between the commas or semicolons of a line, where these can part names; else none.

    A comma stands in names too, such as `Osteoarthritis, Knee`: conditions must each be one name that ends like that
    of a disease, keywords must be several and short.

    >>> _listed("Rheumatoid Arthritis, Psoriasis", conditions=True), _listed("Osteoarthritis, Knee", conditions=True)
    (['Rheumatoid Arthritis', 'Psoriasis'], [])
    """
    for mark in ",;":
        names = [name.strip() for name in line.strip(f"{mark} ").split(mark)]
        short = len(names) > 2 and len(line.split()) <= _MOST_WORDS_A_KEYWORD * len(names)
        diseases = len(names) > 1 and all(map(is_one_disease, names))
        if diseases or (short and not conditions):
            return names
    return []


def texts_of(record: Mapping[str, Any]) -> list[str]:
    """The texts of a record in which the names of its conditions and keywords may stand."""
    found = [str(value_at(record, path) or "") for path in _TEXTS]
    entries = [
        *items_at(record, "armsInterventionsModule.interventions"),
        *items_at(record, "armsInterventionsModule.armGroups"),
    ]
    return [*found, *(str(each.get(key, "")) for each in entries for key in ("name", "label", "description"))]


def _report(draft: Draft, place: str, severity: Severity, what: str) -> None:
    draft.find(
        "X09",
        severity,
        place,
        f"the names {what}",
        "the page lost what separated them; where one ends is told by wording alone, a proposal",
        "compare with the registry",
    )
