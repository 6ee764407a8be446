"""A copied page as lines and sections, and the record that is filled from it line by line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from textwrap import dedent
from typing import Any

from trialwright.registry.eligibility import split_criteria
from trialwright.registry.reading import EXTENSION, Finding, Layout, Severity, rooted, value_at
from trialwright.registry.vocabulary import code, unescape, why_stopped

_INVITES = re.compile(
    r"(?:Access|Browse|Check|Compare|Dive|Discover|Examine|Explore|Find|Get|Identify|Learn|Look|Meet|Reach|Read|Review|"
    r"See|Track|Understand|View)\b[^.]{12,240}\.$"
)
_NO_BREAK_SPACE = re.compile(r"[\u00a0\u2007\u202f]")
_TITLE_LIKE = re.compile(r"[A-Z][^.;:!?,=<>]{2,60}$")


@dataclass(frozen=True, slots=True)
class Line:
    """A non-blank line of a page: its number from 1, its text, whether a blank line stands before it, its indent."""

    number: int
    text: str
    after_blank: bool = False
    indent: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: its name (None: unknown to the reader), the heading as printed, and the lines below it."""

    name: str | None
    heading: str
    number: int
    lines: tuple[Line, ...]

    @property
    def place(self) -> str:
        """Where the section stands, for a finding."""
        return f"section '{self.heading}', line {self.number}"


def digest(text: str) -> str:
    """A short hash of a line of furniture, so that the site's sentences need not be copied to be recognised.

    >>> digest("Some  Words") == digest("some words")
    True
    """
    return sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:16]


def lines_of(text: str) -> tuple[Line, ...]:
    """The non-blank lines of a page, whatever its line ends; a space that forbids a break is a space."""
    found: list[Line] = []
    blank = False
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        bare = _NO_BREAK_SPACE.sub(" ", raw.replace("\ufeff", "")).rstrip()
        stripped = bare.lstrip()
        if stripped:
            found.append(Line(number, stripped, blank, bare[: len(bare) - len(stripped)]))
        blank = not stripped
    return tuple(found)


def joined(lines: Sequence[Line], *, indented: bool = False) -> str:
    """The text of lines as on the page: blank lines stay paragraph breaks; Markdown escapes are resolved."""
    parts = [("\n\n" if line.after_blank else "\n") + line.indent * indented + line.text for line in lines]
    return unescape(dedent("".join(parts)).strip())


def invites(text: str) -> bool:
    """Whether a line has the form of the sentence by which a page introduces a section."""
    return _INVITES.match(text) is not None


def title_like(text: str) -> bool:
    """Whether a line could be a heading: short, capitalised, no closing punctuation."""
    return _TITLE_LIKE.match(text) is not None and len(text.split()) <= 8


class Draft:
    """A record while it is being filled; every line of the page is placed once, or kept as text not understood."""

    def __init__(self) -> None:
        self.record: dict[str, Any] = {}
        self.findings: list[Finding] = []
        self._placed: dict[Line, str] = {}
        self.labels_without_value: set[str] = set()
        self.said_to_be_none: set[str] = set()

    def place(self, where: str, lines: Iterable[Line]) -> None:
        """Note where lines went."""
        for line in lines:
            self._placed[line] = where

    def is_placed(self, line: Line) -> bool:
        """Whether a line has gone somewhere."""
        return line in self._placed

    def places(self) -> tuple[tuple[int, str, str], ...]:
        """Each placed line's number and text with where it went, in the page's order."""
        return tuple(sorted((line.number, line.text, where) for line, where in self._placed.items()))

    def put(self, path: str, value: object, *lines: Line) -> None:
        """Set a field once; a second, different value is kept beside it and reported."""
        present = value_at(self.record, path)
        if present is not None and present != value:
            self.add(f"{EXTENSION}.otherValues", {"field": path, "value": value}, *lines)
            place = f"line {lines[0].number}" if lines else path
            self.find(
                "K03",
                "warning",
                place,
                f"the page gives two values for {path}: {present!r} and {value!r}",
                "the first was taken; nothing on the page says which is right",
                "compare with the registry",
            )
            return
        target = self.record
        *parents, last = rooted(path)
        for key in parents:
            target = target.setdefault(key, {})
        target[last] = value
        self.place(path, lines)

    def add(self, path: str, value: object, *lines: Line) -> None:
        """Append to a field that is a list."""
        target = self.record
        *parents, last = rooted(path)
        for key in parents:
            target = target.setdefault(key, {})
        target.setdefault(last, []).append(value)
        self.place(path, lines)

    def keep(self, heading: str, lines: Sequence[Line]) -> None:
        """Keep text that no rule understood, under its heading, as it stands."""
        self.add(f"{EXTENSION}.otherSections", {"heading": heading, "text": joined(lines)}, *lines)

    def lose(self, path: str, line: Line) -> None:
        """Note that a label stands without its value."""
        self.labels_without_value.add(path)
        self.find(
            "X02",
            "note",
            f"line {line.number}",
            f"the label '{line.text}' has no value",
            "the value was lost, or was never given: the page does not say which",
            "compare with the registry",
        )

    def find(self, rule: str, severity: Severity, place: str, what: str, why: str, mend: str) -> None:
        """Report a defect."""
        self.findings.append(Finding(rule=rule, severity=severity, place=place, what=what, why=why, mend=mend))


Convert = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a page: where its value goes and how its text is read (None: the text is no such value)."""

    path: str
    convert: Convert


def coded(path: str, vocabulary: Mapping[str, str]) -> Field:
    """A field whose text is a term of a vocabulary."""
    return Field(path, lambda text: code(text, vocabulary))


def put_text(draft: Draft, path: str, section: Section) -> None:
    """Put a section's whole text into a field."""
    if section.lines:
        draft.put(path, joined(section.lines), *section.lines)


def put_criteria(draft: Draft, text: str, lines: Sequence[Line], *, lines_lost: bool = False) -> None:
    """Put the eligibility text and its items, and say where the items were not told by marks and lines."""
    marked = split_criteria(text)
    items = [criterion.as_item() for criterion in (split_criteria(text, lines_lost=True) if lines_lost else marked)]
    place = f"eligibility, line {lines[0].number}"
    if len(items) > len(marked):
        draft.find(
            "X09",
            "warning",
            place,
            f"criteria without marks run together; {len(items)} are told apart by wording, a proposal",
            "the page lost the lines on which they stood",
            "take the criteria from the registry",
        )
    draft.put("eligibilityModule.eligibilityCriteria", text, *lines)
    draft.put(f"{EXTENSION}.eligibilityItems", items)
    announced = [
        item
        for item, following in pairwise(items)
        if str(item["text"]).endswith(":") and item["list"] == following["list"] and not following["number"]
    ]
    if announced and not re.search(r"(?m)^[ \t]+\S", text):
        draft.find(
            "X09",
            "note",
            place,
            f"{len(announced)} criteria announce a list, and its items stand as criteria of their own",
            "the page lost the indents that set a list within a criterion apart",
            "read the criteria that end with a colon together with those after them",
        )


def put_converted(draft: Draft, field: Field, line: Line, text: str) -> bool:
    """Put a value that a vocabulary must know; a text that it does not know stays unplaced and is reported.

    What a status or a study type says besides goes to its own field: the reason for stopping, the registry of patients.
    """
    value = field.convert(text)
    if value is None:
        draft.find(
            "K02",
            "warning",
            f"line {line.number}",
            f"'{text}' is no value that {field.path} can have",
            "the registry's vocabulary or date form has no such term",
            "correct the line, or give the API record",
        )
        return False
    draft.put(field.path, value, line)
    if field.path == "statusModule.overallStatus" and (reason := why_stopped(text)):
        draft.put("statusModule.whyStopped", reason, line)
    if field.path == "designModule.studyType" and "registry" in text.casefold():
        draft.put("designModule.patientRegistry", value=True)
    return True


def keep_rest(draft: Draft, section: Section) -> None:
    """Keep the lines of a section that its reader left, and say so."""
    rest = [line for line in section.lines if not draft.is_placed(line)]
    if not rest:
        return
    draft.keep(section.heading, rest)
    known = section.name is not None
    what = f"{len(rest)} line(s) of '{section.heading}' are kept as they stand, in no field"
    why = "the reader knows the section and not these lines" if known else "the reader does not know this section"
    draft.find("K01", "warning", section.place, what, why, "read them under 'Text kept as it stands'")


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A layout of page: how to know it, how to cut it into sections, and how to read each of them."""

    name: Layout
    score: Callable[[Sequence[Line]], int]
    is_heading: Callable[[Line], bool]
    sections: Callable[[Sequence[Line], Draft], tuple[Section, ...]]
    in_reading_order: Callable[[Sequence[Section]], list[Section]]
    read_section: Callable[[Section, Draft], None]
    complete: Callable[[Draft], None]
    always_printed: tuple[str, ...]
