"""A text as its parts: headings, paragraphs, notes, lists and tables, written as Markdown or, beside this, as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


class Code(str):
    """Text in the language of the protocol file, set as code."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (the title), 2 or 3."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Whole sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """What stands outside the protocol proper, such as what its sponsor has still to write."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """A list, each point on its own line."""

    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title; the first cell of a row names the row."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
        """A table from any sequences."""
        return cls(title, tuple(header), tuple(tuple(row) for row in rows))

    def in_words(self) -> Table:
        """The same without the columns in the language of the protocol file."""
        kept = [
            place for place in range(len(self.header)) if not any(isinstance(row[place], Code) for row in self.rows)
        ]
        return Table.of(
            self.title, [self.header[place] for place in kept], [[row[place] for place in kept] for row in self.rows]
        )


Block = Heading | Paragraph | Note | Points | Table

_MARKUP = re.compile(
    r"[\\|`*\[\]]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<!\w)_|_(?!\w)|~(?=~)|^(?:[#>+-]|\d+(?=[.)](?:\s|$)))"
)


def markdown(blocks: Sequence[Block]) -> str:
    """Write blocks as Markdown with pipe tables; what an author wrote stays text, whatever it looks like."""
    return "\n\n".join(_markdown(block) for block in numbered(blocks)) + "\n"


def numbered(blocks: Sequence[Block]) -> Iterator[Block]:
    """The same blocks, each table's title with its number."""
    number = 0
    for block in blocks:
        if isinstance(block, Table):
            number += 1
            yield Table(f"Table {number}. {block.title}", block.header, block.rows)
        else:
            yield block


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {_plain(text)}"
        case Paragraph(text):
            return _plain(text)
        case Note(text):
            return f"> {_plain(text)}"
        case Points(points):
            return "\n".join(f"- {_plain(point)}" for point in points)
        case Table():
            lines = (block.header, ("---",) * len(block.header), *block.rows)
            rows = "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)
            return f"{_plain(block.title)}\n\n{rows}"


def _cell(text: str) -> str:
    if isinstance(text, Code):
        return f"`{_one_line(text).replace('`', ' ').replace('|', '/')}`" if text else ""
    return text if text == "---" else _plain(text)


def _plain(text: str) -> str:
    return _MARKUP.sub(lambda found: "".join(_escaped(found[0])), _one_line(text))


def _escaped(found: str) -> str:
    return f"{found}\\" if found.isdigit() else f"\\{found}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
