"""Resolve a pointer of a protocol file into a registered record, such as `detailed description, sentence 14`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trialwright.errors import RecordError
from trialwright.registry.reading import EXTENSION, Reading, items_at
from trialwright.registry.sentences import sentences
from trialwright.registry.vocabulary import unescape

_POINTER = re.compile(
    r"(?P<section>[^,]+?)(?:\s*,\s*(?P<unit>sentence|item|passage)s?\s+(?P<first>\d{1,4})(?:\s*[-–]\s*(?P<last>\d{1,4}))?)?"
)

_OUTCOMES = {
    "primary outcomes": "outcomesModule.primaryOutcomes",
    "secondary outcomes": "outcomesModule.secondaryOutcomes",
    "other outcomes": "outcomesModule.otherOutcomes",
}
_ENTRIES = _OUTCOMES | {
    "arms": "armsInterventionsModule.armGroups",
    "interventions": "armsInterventionsModule.interventions",
    "locations": "contactsLocationsModule.locations",
}
_LISTED = "'trialwright read RECORD --pointers' lists every place"
_CONTACTS = frozenset({"contacts", "facility contacts"})
_PERSONAL = re.compile(r"(?:contact|phone|e-?mail)\b", re.IGNORECASE)


def locate(reading: Reading, pointer: str) -> str:
    r"""The text of a record that a pointer names, with Markdown escapes resolved.

    A pointer is a section's name, and after a comma `sentence 3`, `sentences 3-5`, `item 2`, `items 2-4` or
    `passage 1`. Sentences and passages count from 1 over the whole section; an item is a criterion, known by the number
    printed before it or else by its position, or an entry of the arms, the interventions, the locations or one rank of
    the outcomes.

    Args:
        reading: The record as read.
        pointer: What the protocol file says after `at:`.

    Returns:
        The text; several units are joined by line ends.

    Raises:
        RecordError: The pointer cannot be read, or names a section, a sentence or an item that the record lacks.

    Example:
        >>> from trialwright.registry.read import read_record
        >>> page = "T\nNCT ID: NCT00000001\nBrief Summary\nOne dose of 5 mg. Then wait."
        >>> locate(read_record(page), "brief summary, sentence 2")
        'Then wait.'
    """
    match = _POINTER.fullmatch(pointer.strip())
    if not match:
        raise RecordError(
            f"{reading.source}: '{pointer}' is no pointer; write a section and, after a comma, 'sentence 3', "
            "'sentences 3-5', 'item 2' or 'passage 1'"
        )
    name = match["section"].casefold()
    if name not in reading.sections and not _entries(reading, name):
        known = ", ".join([*reading.sections, *(each for each in _OUTCOMES if _entries(reading, each))])
        raise RecordError(f"{reading.source}: '{pointer}' names no section of this record; it has {known}; {_LISTED}")
    units = _units(reading, name, match["unit"])
    if match["first"] is None:
        return "\n".join(text for _, text in units)
    first, last = int(match["first"]), int(match["last"] or match["first"])
    wanted = {str(number) for number in range(first, min(last, first + 9999) + 1)}
    found = [(number, text) for number, text in units if number in wanted]
    missing = wanted - {number for number, _ in found}
    if missing or not found:
        has = ", ".join(number for number, _ in units) or "none"
        raise RecordError(
            f"{reading.source}: '{pointer}' names {match['unit']} {', '.join(sorted(missing, key=int)) or 'none'}, "
            f"which the record's {name} lacks; it has {has}; {_LISTED}"
        )
    return "\n".join(text for _, text in found)


def pointers(reading: Reading) -> Iterator[tuple[str, str]]:
    r"""Every place of a record that a pointer can name, sentence by sentence and item by item, with its text.

    What reaches a person, such as a telephone number, is left out: a protocol does not point there.

    Example:
        >>> from trialwright.registry.read import read_record
        >>> page = "T\nNCT ID: NCT00000001\nBrief Summary\nOne dose of 5 mg. Then wait."
        >>> list(pointers(read_record(page)))[1:]
        [('brief summary, sentence 1', 'One dose of 5 mg.'), ('brief summary, sentence 2', 'Then wait.')]
    """
    for name in [*(name for name in reading.sections if name != "outcomes"), *_OUTCOMES]:
        unit = "item" if name.endswith(" criteria") or _entries(reading, name) else "sentence"
        for number, text in _units(reading, name, unit):
            if not _PERSONAL.match(text) and name not in _CONTACTS:
                yield f"{name}, {unit} {number}", text


def _units(reading: Reading, name: str, unit: str | None) -> Sequence[tuple[str, str]]:
    entries = _entries(reading, name)
    passages = [unescape(passage) for passage in reading.sections.get(name, entries)]
    if unit == "sentence":
        return [(str(number), text) for number, text in enumerate(sentences("\n".join(passages)), start=1)]
    if unit == "item":
        wanted = "unlabelled" if name == "other criteria" else name.removesuffix(" criteria")
        items = [each for each in items_at(reading.record, f"{EXTENSION}.eligibilityItems") if each["list"] == wanted]
        criteria = [(each["number"] or str(at), str(each["text"])) for at, each in enumerate(items, start=1)]
        return criteria or [(str(number), text) for number, text in enumerate(entries, start=1)]
    return [(str(number), text) for number, text in enumerate(passages, start=1)]


def _entries(reading: Reading, name: str) -> tuple[str, ...]:
    """The entries of the record that a section lists, each with its texts on lines of their own."""
    found = items_at(reading.record, _ENTRIES[name]) if name in _ENTRIES else []
    return tuple("\n".join(unescape(value) for value in entry.values() if isinstance(value, str)) for entry in found)
