"""Where the items of a list begin: numbers and bullets at the start of lines, or inside text that lost its lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

Item = tuple[str | None, str]
"""An item's printed number (None: a bullet or no mark) and its text, with what is nested in it on lines of its own."""

_LINE_MARK = re.compile(
    r"(?P<indent>[ \t]*)(?:(?P<number>[(（]?\d{1,3}(?:[.)](?!\d)|[、．）]))|(?P<bullet>[*•·‣▪●–—-]+)(?=\s|[A-Z])"
    r"(?:[ \t]*(?P<behind>\(?\d{1,2}[.)])(?=\s))?)[ \t]*"
)
_NUMBER_INSIDE = re.compile(
    r"(?:^|(?=（)|(?<=[^<>=≤≥±]\s)|(?<=[;；。?]))"
    r"(?P<number>\(?\d{1,2}[.)](?=\s|[A-Z(])|[(（]?\d{1,2}[、．）]|\??\d{1,2}\?(?=[A-Z]))"
)
_BULLET_INSIDE = re.compile(
    r"(?:^|(?<=\s))(?:(?P<bullet>[-*•·‣▪●–](?=\s+\S)|\?(?=\s+[A-Z]))|(?P<tight>[*•·‣▪●])(?=[A-Z]))"
)
_GLUED_AGE = re.compile(r"^(\s*1[.)、．）])(?=\d{2}(?![\d.]))")
_SECOND = re.compile(r"(?:^|[\s;；。])2[.)、．）]\s?\D")
_RANGE_START = re.compile(r"(?:\b[IVX]+|[\d<>=≤≥])\s*$")
_RANGE_END = re.compile(r"[IVX]+\b|[\d<>=≤≥]")
_CLOSED = re.compile(r"[.;,:!?)\]；。]\s*$")
_AROUND = "().（）、．?"
_LABEL = re.compile(
    r"(?:^|(?<=\s))(?:[(（]?(?P<letter>[A-Za-z]|[ivxIVX]{2,4})[.)）](?=\s|[A-Z])|(?P<sign>[①-⑩]|[一二三四五六七八九十]、))"
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_LETTERS = "abcdefghijklmnopqrst"
_LABELS: tuple[Sequence[str], ...] = (
    _LETTERS,
    _LETTERS.upper(),
    _ROMAN,
    tuple(numeral.upper() for numeral in _ROMAN),
    "①②③④⑤⑥⑦⑧⑨⑩",
    "一二三四五六七八九十",
)
_LARGEST_GAP = 3
_SURELY_A_LIST = 5
_DEEPEST = 6
_FURTHEST = 500
_STARTS_TRIED = 20


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    number: int
    after: str
    before: str = ""

    @property
    def closed(self) -> bool:
        """Whether what stands before it is closed, as text before an item mostly is."""
        return not self.after or _CLOSED.search(self.after) is not None

    @property
    def opened(self) -> bool:
        """Whether what stands before it announces a list."""
        return self.after.rstrip().endswith((":", "following", "either"))


def items_of(lines: Sequence[str], unmarked: Callable[[str], list[str]] = lambda line: [line]) -> list[Item]:
    r"""The items of one list, from its non-blank lines with their indents; `unmarked` parts the only line of one.

    >>> items_of(["1. Blood:", "   1. ANC > 1", "2. Consent"])
    [('1', 'Blood:\n1. ANC > 1'), ('2', 'Consent')]
    >>> items_of(["1. Dose 1.5 mg; 2. Consent"])
    [('1', 'Dose 1.5 mg;'), ('2', 'Consent')]
    """
    lines = _age_unglued(lines)
    if len(lines) == 1:
        return _items_of_line(lines[0].strip(), unmarked)
    marks = [_LINE_MARK.match(line) for line in lines]
    first = next((mark for mark in marks if mark), None)
    if first is None:
        return [(None, line.strip()) for line in lines]
    if seconds := _second_lists(lines, marks):
        parts = [lines[start + 1 : end] for start, end in pairwise([-1, *seconds, len(lines)])]
        heads = [[], *([(None, lines[at].strip())] for at in seconds)]
        return [item for head, part in zip(heads, parts, strict=True) for item in (*head, *items_of(part))]
    starts = _numbered_lines(lines, marks, first) if first["number"] else _bulleted_lines(marks, first)
    items: list[Item] = []
    for position, line in enumerate(lines):
        mark = marks[position]
        if mark and position in starts:
            items.append((_printed(mark["number"] or mark["behind"]), line[mark.end() :].strip()))
        elif items:
            items[-1] = (items[-1][0], f"{items[-1][1]}\n{line.strip()}".strip())
        else:
            items.append((None, line.strip()))
    return [part for item in _with_next(items) for part in _further(*item)]


def _age_unglued(lines: Sequence[str]) -> list[str]:
    """The lines of a list whose first number touches the age behind it, with the two apart.

    >>> _age_unglued(["1.18 to 75 years; 2. Consent"])
    ['1. 18 to 75 years; 2. Consent']
    """
    second = any(_SECOND.search(line) for line in lines)
    return [_GLUED_AGE.sub(r"\1 ", line) if second and at == 0 else line for at, line in enumerate(lines)]


def _second_lists(lines: Sequence[str], marks: Sequence[re.Match[str] | None]) -> list[int]:
    """Where lines without a mark and without an indent announce lists that count anew from 1."""
    numbers = [_printed(mark["number"]) if mark and not mark["indent"] else None for mark in marks]
    first = next((at for at, number in enumerate(numbers) if number), len(lines))
    return [
        at
        for at in range(first + 1, len(lines) - 1)
        if marks[at] is None and numbers[at + 1] == "1" and re.match(r"\S.*[:：]\s*$", lines[at])
    ]


def _bulleted_lines(marks: Sequence[re.Match[str] | None], first: re.Match[str]) -> set[int]:
    return {at for at, mark in enumerate(marks) if mark and mark["bullet"] and _no_deeper(mark, first)}


def _no_deeper(mark: re.Match[str], first: re.Match[str]) -> bool:
    return len(mark["indent"]) <= len(first["indent"]) + 1


def _numbered_lines(lines: Sequence[str], marks: Sequence[re.Match[str] | None], first: re.Match[str]) -> set[int]:
    """The lines that begin an item; where no line is indented, a list within an item is told by its numbers."""
    numbered = [at for at, mark in enumerate(marks) if mark and mark["number"] and _no_deeper(mark, first)]
    if any(mark and not _no_deeper(mark, first) for mark in marks):
        return set(numbered)
    found = [
        _Mark(at, at, int(marks[at]["number"].strip(_AROUND)), lines[at - 1] if at else "")  # type: ignore[index]
        for at in numbered
    ]
    return {mark.start for mark in _outermost(found, certain=True)}


def _printed(mark: str | None) -> str | None:
    return mark.strip(_AROUND) if mark else None


def _with_next(items: Sequence[Item]) -> list[tuple[Item, str | None]]:
    return list(zip(items, [*(number for number, _ in items[1:]), None], strict=True))


def _further(item: Item, following: str | None) -> list[Item]:
    """An item with those that go on inside it, where the next line does not go on with its number."""
    number, text = item
    if number is None or "\n" in text or (following and int(following) == int(number) + 1):
        return [item]
    marks = [mark for mark in _numbers_inside(text) if mark.start > 0 and mark.closed]
    last = int(number)
    chain: list[_Mark] = []
    for mark in marks:
        if mark.number == last + 1 and not (following and mark.number >= int(following)):
            chain.append(mark)
            last = mark.number
    return _parted(text, chain, number)


def _parted(text: str, chain: Sequence[_Mark], number: str | None) -> list[Item]:
    starts = [0, *(mark.end for mark in chain)]
    ends = [*(mark.start for mark in chain), len(text)]
    numbers = [number, *(str(mark.number) for mark in chain)]
    parts = [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    return [(each, part) for each, part in zip(numbers, parts, strict=True) if part or each]


def _items_of_line(line: str, unmarked: Callable[[str], list[str]]) -> list[Item]:
    """The items of a list that stands on one line; the first mark says of what kind the list is."""
    chain = _numbered(line)
    bullets = dict.fromkeys(match["bullet"] or match["tight"] for match in _BULLET_INSIDE.finditer(line))
    if not chain or any(line.find(f"{bullet} ", 0, chain[0].start) >= 0 for bullet in bullets):
        parts = next((parts for bullet in bullets if (parts := _bulleted(line, bullet))), None)
        if parts:
            return [_behind_bullet(part) for part in parts]
    if chain:
        return _parted(line, chain, None)
    if starts := _labelled(line):
        return [(None, line[start:end].strip()) for start, end in pairwise([*starts, len(line)])]
    mark = _LINE_MARK.match(line)
    if mark is None:
        return [(None, part) for part in unmarked(line)]
    return [(_printed(mark["number"]), line[mark.end() :].strip())]


def _labelled(line: str) -> list[int]:
    """Where the items of a list begin that counts in letters, Roman or Chinese numerals; they keep their marks.

    >>> _labelled("a) Adults; b) Consent")
    [0, 11]
    """
    found = [(match.start(), match["letter"] or match["sign"].rstrip("、")) for match in _LABEL.finditer(line)]
    for labels in _LABELS:
        chain: list[int] = []
        for start, label in found:
            if len(chain) < len(labels) and label == labels[len(chain)]:
                chain.append(start)
        if len(chain) > 1 and chain[0] == 0:
            return chain
    return []


def _numbers_inside(text: str) -> list[_Mark]:
    """The numbers in a text that could be marks; one inside brackets is none, unless all are in brackets."""
    found: list[_Mark] = []
    bracketed = text.lstrip("*•- ").startswith(("(", "（"))
    for match in islice(_NUMBER_INSIDE.finditer(text), _FURTHEST):
        if match["number"].startswith(("(", "（")) != bracketed:
            continue
        before = text[max(0, match.start() - 80) : match.start()]
        within = before.rfind("(") > before.rfind(")")
        if not (within and match["number"].endswith((")", "）"))):
            number = int(match["number"].strip(_AROUND))
            found.append(
                _Mark(
                    match.start(), match.end(), number, before[-40:], text[match.end() : match.end() + 9].lstrip()[:1]
                )
            )
    return found


def _numbered(line: str) -> list[_Mark]:
    """The marks of the numbered list in a line: it begins with the line, after an announcement, or with 1."""
    marks = _numbers_inside(line)
    for at, mark in enumerate(marks[:_STARTS_TRIED]):
        if mark.start > 0 and not (mark.opened or (mark.number == 1 and (mark.closed or mark.before.isupper()))):
            continue
        chain = _outermost(marks[at:], certain=False)
        if mark.start == 0 or len(chain) > (1 if mark.closed else 2):
            return chain
    return []


def _outermost(marks: Sequence[_Mark], *, certain: bool) -> list[_Mark]:
    """The marks of the outer list, told from those of lists within its items by the order of the numbers.

    A number goes on the innermost list that it can; where it could go on two, it goes on the outer one, unless the same
    number comes once more. `1` after the announcement of a list opens one within the item. A mark that is not certain
    and goes on no list is none.
    """
    if not marks:
        return []
    outer = [marks[0]]
    levels = [[marks[0].number]]
    for at, mark in enumerate(marks[1:], start=1):
        fitting = [depth for depth, level in enumerate(levels) if mark.number == level[-1] + 1]
        if fitting and not certain and _better_later(marks, at):
            continue
        if fitting:
            depth = _depth(marks, at, levels, fitting)
            del levels[depth + 1 :]
            levels[depth].append(mark.number)
        elif mark.number == 1 and len(levels) < _DEEPEST and (mark.opened or _returns(marks, at, levels[0][-1] + 1)):
            levels.append([1])
            continue
        elif certain or _goes_on_after_a_gap(mark, levels):
            levels = [[mark.number]]
            depth = 0
        else:
            continue
        if depth == 0:
            outer.append(mark)
    return outer


def _depth(marks: Sequence[_Mark], at: int, levels: Sequence[Sequence[int]], fitting: Sequence[int]) -> int:
    if len(fitting) == 1:
        return fitting[0]
    again = _first_later(marks, at, marks[at].number, 1) is not None
    return fitting[-1] if again or len(levels[fitting[-1]]) == 1 else fitting[0]


def _first_later(marks: Sequence[_Mark], at: int, wanted: int, stop: int) -> _Mark | None:
    """The next mark with a number, unless one with another number comes before it."""
    found = next((mark for mark in marks[at + 1 : at + _FURTHEST] if mark.number in {wanted, stop}), None)
    return found if found is not None and found.number == wanted else None


def _better_later(marks: Sequence[_Mark], at: int) -> bool:
    again = _first_later(marks, at, marks[at].number, marks[at].number + 1)
    return not (marks[at].closed or marks[at].before.isupper()) and again is not None and again.closed


def _returns(marks: Sequence[_Mark], at: int, wanted: int) -> bool:
    return wanted > 2 and any(mark.number == wanted for mark in marks[at + 1 : at + _FURTHEST])


def _goes_on_after_a_gap(mark: _Mark, levels: Sequence[Sequence[int]]) -> bool:
    skipped = 1 < mark.number - levels[0][-1] <= _LARGEST_GAP
    restarted = mark.number == 1 and len(levels) == 1 and len(levels[0]) > 1
    return (skipped or restarted) and (mark.closed or mark.before.isupper())


def _bulleted(line: str, bullet: str) -> list[str]:
    """The parts of a line between its bullets, or none where these are no bullets but dashes of the text."""
    cuts = [match for match in _BULLET_INSIDE.finditer(line) if (match["bullet"] or match["tight"]) == bullet]
    starts = [0, *(cut.end() for cut in cuts)]
    ends = [*(cut.start() for cut in cuts), len(line)]
    parts: list[str] = []
    for part in (line[start:end].strip() for start, end in zip(starts, ends, strict=True)):
        if parts and _RANGE_START.search(parts[-1]) and _RANGE_END.match(part):
            parts[-1] = f"{parts[-1]} {bullet} {part}"
        elif part:
            parts.append(part)
    if line.startswith(bullet):
        return parts
    if bullet == "?":
        return []
    rest = parts[1:]
    announced = len(rest) > 1 and parts[0].endswith(":")
    capital = all(part[0].isupper() for part in rest)
    closed = all(_CLOSED.search(part) for part in rest[:-1])
    alike = len(rest) > 2 and (capital or closed)
    sentences = len(rest) > 1 and capital and closed and _CLOSED.search(parts[0])
    return parts if announced or len(rest) >= _SURELY_A_LIST or alike or sentences else []


def _behind_bullet(part: str) -> Item:
    mark = re.match(r"\(?(\d{1,2})[.)](?=\s)\s*", part)
    return (mark[1], part[mark.end() :]) if mark else (None, part)
