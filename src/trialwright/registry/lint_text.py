"""Rules that look for damage in a record's text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from trialwright.registry.reading import EXTENSION, Finding, Reading, items_at, text_at, value_at
from trialwright.registry.sentences import sentences
from trialwright.registry.spelling import slips
from trialwright.registry.vocabulary import unescape

Rule = Callable[[Reading], Iterator[Finding]]

_CRITERIA = "eligibilityModule.eligibilityCriteria"
_TEXTS = {
    "brief summary": "descriptionModule.briefSummary",
    "detailed description": "descriptionModule.detailedDescription",
    "eligibility": _CRITERIA,
}
_COMPARISON = re.compile(r"[<>≤≥]")
_BARE_EQUALS = re.compile(r"(?<![<>≤≥=!\w])=\s*\d+(?:\.\d+)?(?![\d.]|\s*[×x*]\s*\()")
_LOST_CHARACTERS = re.compile(r"(?<=[\w)] )\?{2,}(?=\s[a-z])|(?<=\w)\?{2,}(?=\w)")
_LOST_POWER = re.compile(
    r"[x×*]\s?10[3-9](?![\d.,])\s*(?:/\s*(?:L|kg|m[lL]|[µu][lL])\b|(?:MSCs?|cells?|CFU|copies|pfu|vg)\b)"
)
_BROKEN_OFF = re.compile(r"\b(?:the|with|as|of) following (?:The|An?|If|Each|This|These) ")
_CITATION = re.compile(r"(?<=\w)\s?\[\d{1,2}(?:[,–-]\s?\d{1,2})*\](?=[\s.,;)])")
_SHORTEST_REPEATED = 6
_MISTRANSLATED = (
    (
        re.compile(r"\bDMARDs?\b[^.;]{0,20}\([^)]{0,200}\bsalbutamol\b", re.IGNORECASE),
        "salbutamol among the DMARDs",
        "salbutamol is a bronchodilator (ATC R03AC02); sulfasalazine may be meant",
    ),
    (
        re.compile(r"\bminor molecular heparin", re.IGNORECASE),
        "'minor molecular heparin'",
        "no such product is known; low-molecular-weight heparin may be meant",
    ),
    (
        re.compile(r"\bdose creep\b", re.IGNORECASE),
        "'dose creep'",
        "the field's term is dose escalation; the text reads like a translation",
    ),
    (
        re.compile(r"\bspinal prominences?\b", re.IGNORECASE),
        "'spinal prominences'",
        "no such structure is known; spinous processes may be meant",
    ),
    (
        re.compile(r"\bacute arrest of h(?:a?em)(?:at)?opoiesis\b", re.IGNORECASE),
        "'acute arrest of hemopoiesis'",
        "no code is known under this name; transient aplastic crisis may be meant",
    ),
)


def texts_of(reading: Reading) -> Iterator[tuple[str, str]]:
    """The record's long texts by name, with Markdown escapes resolved."""
    for name, path in _TEXTS.items():
        yield name, unescape(text_at(reading.record, path))


def items_of(reading: Reading) -> Iterator[tuple[str, str]]:
    """Each criterion with its place as a pointer names it, such as `inclusion criteria, item 2`."""
    positions: Counter[str] = Counter()
    for item in items_at(reading.record, f"{EXTENSION}.eligibilityItems"):
        name = "other criteria" if item["list"] == "unlabelled" else f"{item['list']} criteria"
        positions[name] += 1
        yield f"{name}, item {item['number'] or positions[name]}", str(item["text"])


def around(text: str, match: re.Match[str], width: int = 30) -> str:
    """The words about a match, for a finding."""
    return " ".join(text[max(0, match.start() - width) : match.end() + width].split())


def missing_eligibility(reading: Reading) -> Iterator[Finding]:
    """E01: the record shows no criteria, which does not mean that it has none."""
    if not value_at(reading.record, _CRITERIA):
        yield Finding(
            rule="E01",
            severity="error",
            place="eligibility",
            what="no eligibility criteria were read",
            why="an empty list of criteria is not 'no criteria'; every registered trial states who may take part",
            mend="take the criteria from the registry or the protocol",
        )


def numbering(reading: Reading) -> Iterator[Finding]:
    """X01: a number that a list of criteria leaves out is a criterion that was lost, unless the text shows it."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for item in items_at(reading.record, f"{EXTENSION}.eligibilityItems"):
        lists.setdefault(item["list"], []).append(item)
    before = 0
    for name, items in lists.items():
        printed = [int(item["number"]) for item in items if item["number"]]
        if not printed:
            continue
        ascending = len(printed) > 1 and all(low < high for low, high in pairwise(printed))
        start = before if printed[0] == before + 1 else 0
        missing = [number for number in range(start + 1, printed[-1]) if number not in printed]
        text = "\n".join(str(item["text"]) for item in items)
        shown = any(re.search(rf"(?<!\d){number}\s?[.)]", text) for number in missing[:5])
        if ascending and missing and not shown and items[0]["number"] and len(missing) < 5:
            yield _missing_numbers(name, printed, missing)
        before = printed[-1]


def _missing_numbers(name: str, printed: list[int], missing: list[int]) -> Finding:
    several = ", ".join(map(str, missing))
    return Finding(
        rule="X01",
        severity="error",
        place=f"{name} criteria",
        what=f"the numbers go from {printed[0]} to {printed[-1]} without {several}",
        why="a list begins at 1 and leaves nothing out: a criterion that is not shown may be a safety exclusion",
        mend="take the missing criteria from the registry or the protocol",
    )


def lost_comparison_signs(reading: Reading) -> Iterator[Finding]:
    """X04: code page 1252 turns ≤ and ≥ into `=`; the sign cannot be told from the text alone."""
    text = unescape(text_at(reading.record, _CRITERIA))
    if _COMPARISON.search(text):
        return
    for place, item in items_of(reading):
        found = [around(item, match, 12) for match in _BARE_EQUALS.finditer(item)]
        proposed = sorted({sign for match in _BARE_EQUALS.finditer(item) if (sign := _proposed(place, item, match))})
        if found:
            yield Finding(
                rule="X04",
                severity="error",
                place=place,
                what=f"{len(found)} bare '=' before a number: " + "; ".join(f"'{each}'" for each in found),
                why="the text has no ≤ or ≥ at all: both become '=' on the way through code page 1252",
                mend="confirm each sign from the registry or the protocol; until then the limit cannot be read"
                + (f"; {', '.join(proposed)} is what such limits usually say, a proposal" if proposed else ""),
            )


def _proposed(place: str, item: str, match: re.Match[str]) -> str:
    """The sign that such a limit usually has: an inclusion keeps the healthy values, an exclusion bars the others."""
    words = re.split(r"[;:]\s|\bor\b", item[: match.start()].rstrip(" :"))[-1]
    limit = f"{words[-20:]}{item[match.start() : match.end() + 6]}"
    high_is_bad = re.search(r"ULN|upper limit|pressure", limit, re.IGNORECASE)
    low_is_bad = re.search(
        r"ejection fraction|LVEF|clearance|GFR|platelet|h[a]?emoglobin|neutrophil", words, re.IGNORECASE
    )
    if bool(high_is_bad) == bool(low_is_bad) or place.startswith("other"):
        return ""
    sign = "≤" if bool(high_is_bad) == place.startswith("inclusion") else "≥"
    return f"'{sign}{match[0][1:]}'"


def lost_characters(reading: Reading) -> Iterator[Finding]:
    """X05: a run of question marks inside a sentence stands for characters that were lost."""
    for place, text in (
        *items_of(reading),
        *((name, text) for name, text in texts_of(reading) if name != "eligibility"),
    ):
        for match in _LOST_CHARACTERS.finditer(text):
            yield Finding(
                rule="X05",
                severity="error",
                place=place,
                what=f"question marks in the place of characters: '{around(text, match, 12)}'",
                why="characters outside the page's encoding were replaced; what they said is unknown",
                mend="take the words from the registry or the protocol",
            )


def lost_powers(reading: Reading) -> Iterator[Finding]:
    """X06: a superscript that was lost makes 10^6 into 106."""
    for name, text in texts_of(reading):
        found = list(dict.fromkeys(match[0] for match in _LOST_POWER.finditer(text)))
        if found:
            yield Finding(
                rule="X06",
                severity="error",
                place=name,
                what="a power of ten without its sign: " + "; ".join(f"'{each}'" for each in found),
                why="a superscript that was lost makes 10^6 into 106",
                mend="confirm the exponent from the registry or the protocol",
            )


def mistranslations(reading: Reading) -> Iterator[Finding]:
    """X12: terms that are known to be mistranslations are shown, never mapped."""
    for name, text in texts_of(reading):
        for pattern, what, why in _MISTRANSLATED:
            if pattern.search(text):
                yield Finding(
                    rule="X12", severity="warning", place=name, what=what, why=why, mend="ask the sponsor what is meant"
                )


def broken_sentences(reading: Reading) -> Iterator[Finding]:
    """X13: a sentence that announces a list and goes on with another sentence has lost the list."""
    for name, text in texts_of(reading):
        for number, sentence in enumerate(sentences(text), start=1):
            if match := _BROKEN_OFF.search(sentence):
                yield Finding(
                    rule="X13",
                    severity="error",
                    place=f"{name}, sentence {number}",
                    what=f"the sentence breaks off at '{around(sentence, match, 15)}'",
                    why="what was to follow is not there",
                    mend="take the passage from the registry or the protocol",
                )


def repetitions(reading: Reading) -> Iterator[Finding]:
    """X14: sentences that a text has twice, alone or as the end of another sentence."""
    for name, text in texts_of(reading):
        if name == "eligibility":
            continue
        by_end: dict[tuple[str, ...], list[tuple[int, str]]] = {}
        found = []
        for number, sentence in enumerate(sentences(text), start=1):
            words = sentence.casefold().strip(" .;").split()
            if len(words) <= _SHORTEST_REPEATED:
                continue
            whole, before = " ".join(words), by_end.setdefault(tuple(words[-_SHORTEST_REPEATED:]), [])
            earlier = next((at for at, other in before if f" {other}".endswith(f" {whole}")), None)
            if earlier is None:
                before.append((number, whole))
            else:
                found.append(f"{number} repeats {earlier}")
        if found:
            yield Finding(
                rule="X14",
                severity="note",
                place=name,
                what=f"sentence {', sentence '.join(found)}",
                why="a repetition may stand where another sentence was",
                mend="compare with the registry",
            )


def misspellings(reading: Reading) -> Iterator[Finding]:
    """X14: slips of the pen; the word that is meant is proposed, and the record keeps its own."""
    for name, text in texts_of(reading):
        found = [f"'{word}' for {meant}" for word, meant in slips(text)]
        if found:
            yield Finding(
                rule="X14",
                severity="note",
                place=name,
                what=f"probable slips: {', '.join(found)}",
                why="a search for the word does not find the record",
                mend="nothing to do; write the word that is meant in the protocol",
            )


def dangling_citations(reading: Reading) -> Iterator[Finding]:
    """X14: a citation of a reference that the record does not list."""
    if value_at(reading.record, "referencesModule.references"):
        return
    for name, text in texts_of(reading):
        if citation := _CITATION.search(text):
            yield Finding(
                rule="X14",
                severity="note",
                place=name,
                what=f"cites {citation[0].strip()}, and the record lists no references",
                why="the list of references was lost or never given",
                mend="nothing to do, unless the source matters",
            )


RULES: tuple[Rule, ...] = (
    missing_eligibility,
    numbering,
    lost_comparison_signs,
    lost_characters,
    lost_powers,
    mistranslations,
    broken_sentences,
    repetitions,
    misspellings,
    dangling_citations,
)
