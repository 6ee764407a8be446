"""Sentences of a registered text, counted so that a protocol can point at one of them."""

from __future__ import annotations

import re

_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|eg|ie|vs|cf|al|nos?|figs?|approx|dr|mrs?|ms|prof|st|inc|ltd|co|corp|vol|pp|ca|resp|incl|excl|min|"
    r"max|dept|univ|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.$",
    re.IGNORECASE,
)
_END = re.compile(r"""[.!?]+["'”’)\]]*(?=\s)|;(?=\s+\(?\d{1,2}[.)]\s)""")
_MARK_ALONE = re.compile(r"\s*\(?(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})[.)]")
_MARK_WITHIN = re.compile(r"[;:]\s*\(?(?:\d{1,2}|[A-Za-z]|[ivxIVX]{1,4})[.)]$")
_OPENS = re.compile(r"""\s*["'“‘(\[*\-]*[A-Z0-9≥≤<>Α-Ωα-ω]""")


def sentences(text: str) -> tuple[str, ...]:
    """Split a text into its sentences, in order; every character but the white space between them is kept.

    A sentence ends at `.`, `!` or `?` (with closing quotes or brackets) before white space and a capital, a digit or an
    opening bracket, and at the end of a line. It does not end after an abbreviation (`e.g.`, `vs.`, `Co.`) or the mark
    of a list item (`1.`, `a)`) at its own start; a numbered item after a semicolon begins a sentence. What holds no
    letter and no digit belongs to the sentence before it. The rule is fixed: pointers in protocol files count on it.

    Args:
        text: A passage, or passages joined by line ends.

    Returns:
        The sentences without surrounding white space.

    Example:
        >>> sentences("Dose 1.5 mg/kg (e.g. Low). Then: 1. Wait 7 days; 2. Go on. Done?")
        ('Dose 1.5 mg/kg (e.g. Low).', 'Then: 1. Wait 7 days;', '2. Go on.', 'Done?')
    """
    found: list[str] = []
    for line in text.splitlines():
        for sentence in _split_line(line):
            if found and not any(letter.isalnum() for letter in sentence):
                found[-1] = f"{found[-1]} {sentence}"
            else:
                found.append(sentence)
    return tuple(found)


def _split_line(line: str) -> list[str]:
    found: list[str] = []
    start = 0
    for end in _END.finditer(line):
        if _ends(line, start, end):
            found.append(line[start : end.end()].strip())
            start = end.end()
    found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def _ends(line: str, start: int, end: re.Match[str]) -> bool:
    if not _OPENS.match(line, end.end()):
        return False
    if end[0] != ".":
        return True
    if _MARK_ALONE.fullmatch(line, start, end.end()):
        return False
    tail = line[max(start, end.end() - 24) : end.end()]
    return not (_MARK_WITHIN.search(tail) or _ABBREVIATION.search(tail))
