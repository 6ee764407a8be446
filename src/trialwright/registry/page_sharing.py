"""A page's statement on sharing the data of participants: the registry's labels, each with its value."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trialwright.registry import vocabulary as words
from trialwright.registry.page import Draft, Field, Line, Section, coded, joined, put_converted

_MODULE = "ipdSharingStatementModule"


def _documents(text: str) -> list[str] | None:
    found = [words.code(part, words.SHARED_DOCUMENTS) for part in re.split(r"[,;\n]", text) if part.strip()]
    return [each for each in found if each] if all(found) else None


def _text(text: str) -> str | None:
    return text or None


_LABELS = {
    "plan to share individual participant data (ipd)": coded(f"{_MODULE}.ipdSharing", words.SHARING),
    "plan to share ipd": coded(f"{_MODULE}.ipdSharing", words.SHARING),
    "ipd plan description": Field(f"{_MODULE}.description", _text),
    "plan description": Field(f"{_MODULE}.description", _text),
    "ipd sharing supporting information type": Field(f"{_MODULE}.infoTypes", _documents),
    "supporting materials": Field(f"{_MODULE}.infoTypes", _documents),
    "ipd sharing time frame": Field(f"{_MODULE}.timeFrame", _text),
    "time frame": Field(f"{_MODULE}.timeFrame", _text),
    "ipd sharing access criteria": Field(f"{_MODULE}.accessCriteria", _text),
    "access criteria": Field(f"{_MODULE}.accessCriteria", _text),
    "ipd sharing url": Field(f"{_MODULE}.url", _text),
    "url": Field(f"{_MODULE}.url", _text),
}


def read_sharing(section: Section, draft: Draft) -> None:
    """Read the statement: a label, and its value after a colon or a tab, or on the lines below."""
    starts = [at for at, line in enumerate(section.lines) if _label(line)]
    for at, following in zip(starts, [*starts[1:], len(section.lines)], strict=True):
        _put(draft, section.lines[at:following])


def _label(line: Line) -> str | None:
    text = line.text.casefold()
    return next((each for each in _LABELS if text.startswith(each) and text[len(each) : len(each) + 1] in ":\t"), None)


def _put(draft: Draft, lines: Sequence[Line]) -> None:
    first, label = lines[0], _label(lines[0]) or ""
    field = _LABELS[label]
    rest = first.text[len(label) :].strip(" :\t")
    text = joined([*([Line(first.number, rest)] if rest else []), *lines[1:]])
    if not text:
        draft.place("label", [first])
        draft.lose(field.path, first)
    elif put_converted(draft, field, first, text):
        draft.place(field.path, lines[1:])
