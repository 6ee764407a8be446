"""What the registry's older formats share: values filled into the structure of the API v2, none left out unsaid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.eligibility import split_criteria
from trialwright.registry.reading import EXTENSION, Finding, rooted, value_at

Read = Callable[[str], Any]


def plain(text: str) -> Any:
    """The text as it stands, or None where it says that there is none.

    >>> plain("N/A"), plain("18 Years")
    (None, '18 Years')
    """
    return None if text.strip() in {"", "N/A"} else text.strip()


def term(vocabulary: Mapping[str, str]) -> Read:
    """A reader of one term of a vocabulary."""
    return lambda text: words.code(text, vocabulary)


def masking(text: str) -> str | None:
    """The code of a masking whose roles may stand after it in brackets.

    >>> masking("Double (Participant, Investigator)"), masking("None (Open Label)")
    ('DOUBLE', 'NONE')
    """
    return words.code(text.partition("(")[0], words.MASKINGS) or words.code(text, words.MASKINGS)


def date_type(text: str) -> str | None:
    """Whether a date or a number is what happened or what is planned.

    >>> date_type("Anticipated"), date_type("Actual")
    ('ESTIMATED', 'ACTUAL')
    """
    return {"ANTICIPATED": "ESTIMATED", "ESTIMATED": "ESTIMATED", "ESTIMATE": "ESTIMATED", "ACTUAL": "ACTUAL"}.get(
        words.keyed(text)
    )


def whole_number(text: str) -> int | None:
    """A count without a sign, or None.

    >>> whole_number("12"), whole_number("NA")
    (12, None)
    """
    return int(text) if text.strip().isdecimal() and text.isascii() else None


class OlderRecord:
    """A record of an older format while it is carried over; what has no place in it is kept, and said."""

    def __init__(self, layout: str) -> None:
        self.layout = layout
        self.record: dict[str, Any] = {"protocolSection": {}}
        self.findings: list[Finding] = []

    def put(self, path: str, text: str, read: Read = plain) -> None:
        """Set a field from its text; a text that the field cannot have is kept and reported."""
        if not text.strip() or (read is plain and plain(text) is None):
            return
        value = read(text)
        if value is None:
            self.refuse(path, text)
            return
        target = self.record
        *parents, last = rooted(path)
        for key in parents:
            target = target.setdefault(key, {})
        target[last] = value

    def add(self, path: str, entries: Iterable[Any]) -> None:
        """Append to a field that is a list."""
        found = [entry for entry in entries if entry not in (None, "", {})]
        if not found:
            return
        target = self.record
        *parents, last = rooted(path)
        for key in parents:
            target = target.setdefault(key, {})
        target.setdefault(last, []).extend(found)

    def add_term(self, path: str, text: str, read: Read) -> None:
        """Append the value of a text to a field that is a list; a text that it cannot hold is kept and reported."""
        value = read(text)
        if value is None and plain(text) is not None:
            self.refuse(path, text)
        self.add(path, [value])

    def keep(self, heading: str, text: str) -> None:
        """Keep a text for which the API's structure has no place."""
        self.record.setdefault(EXTENSION, {}).setdefault("otherSections", []).append({"heading": heading, "text": text})

    def refuse(self, path: str, text: str) -> None:
        """Keep a text that its field cannot have, and say so."""
        self.keep(path.rpartition(".")[2], text)
        self.say("K02", "warning", path, f"'{text}' is no value that {path} can have")

    def say(self, rule: str, severity: Any, place: str, what: str) -> None:
        """Report what could not be carried over as it is."""
        self.findings.append(
            Finding(
                rule=rule,
                severity=severity,
                place=place,
                what=what,
                why=f"this is a record in the registry's older format ({self.layout})",
                mend="give the record as the API v2 has it now",
            )
        )

    def finish(self) -> tuple[dict[str, Any], tuple[Finding, ...]]:
        """The record with its criteria split, its arms and interventions linked, and the findings."""
        text = value_at(self.record, "eligibilityModule.eligibilityCriteria")
        items = [item.as_item() for item in split_criteria(text)] if isinstance(text, str) else []
        self.record.setdefault(EXTENSION, {})["eligibilityItems"] = items
        return self.record, tuple(self.findings)


def unwrapped(text: str) -> str:
    r"""A text without the line breaks of a fixed width; paragraphs and list items, parted by blank lines, stay.

    >>> unwrapped("    Inclusion:\n\n      - Adults\n        only\n\n      - Consent\n")
    'Inclusion:\n\n  - Adults only\n\n  - Consent'
    """
    paragraphs = [part for part in re.split(r"\n\s*\n", text.replace("\r", "").strip("\n")) if part.strip()]
    margin = min((len(part) - len(part.lstrip(" ")) for part in paragraphs), default=0)
    return "\n\n".join(
        " " * (len(part) - len(part.lstrip(" ")) - margin) + " ".join(part.split()) for part in paragraphs
    )


def several(texts: Sequence[str], read: Read) -> list[Any]:
    """The values of several texts, those that are none left out."""
    return [value for text in texts if (value := read(text)) is not None]
