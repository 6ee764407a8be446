"""Reading the value of a field: days in words, names of what earlier steps made, typical values, files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, Protocol, get_args, get_origin

from pydantic import BaseModel

from trialwright.conduct.commands import Command
from trialwright.errors import InputError
from trialwright.protocol.file import Path
from trialwright.rehearse.story.clock import day_of, days_ahead, moment_of
from trialwright.rehearse.story.story import Named, Near, Seen, Typical
from trialwright.rehearse.story.typical import TYPICAL
from trialwright.rehearse.story.words import as_name, kind_of, plain

_DAY_WORDS = re.compile(r"today|yesterday|tomorrow|\d+ (day|week)s? ago|in \d+ (day|week)s?|day -?\d+", re.IGNORECASE)
_FILE, _CHANGED = "file", "protocol with"


class Faults(Protocol):
    """What keeps faults, and reads files beside the story."""

    def fault(self, path: Sequence[str | int], rule: str, what: str, mend: str) -> None:
        """Keep a fault."""

    def line(self, path: Sequence[str | int]) -> int:
        """The line of a place in the story."""

    @property
    def files(self) -> Callable[[str], str]:
        """Reads a file beside the story."""


def waits(value: Any) -> bool:
    """Whether a value waits for what an earlier step makes, for what is seen then, or for a typical one."""
    match value:
        case Named() | Seen() | Typical():
            return True
        case list():
            return any(map(waits, value))
        case dict():
            return any(map(waits, value.values()))
    return False


def near(words: str) -> Near | None:
    """The day that words count from today; None where they name a day."""
    ahead = days_ahead(words)
    return None if ahead is None else Near(ahead)


def dated(value: Any, today: date) -> Any:
    """A value with the days that count from today."""
    match value:
        case Near(days):
            return today + timedelta(days=days)
        case list():
            return [dated(one, today) for one in value]
        case dict():
            return {key: dated(one, today) for key, one in value.items()}
    return value


class FieldReader:
    """Reads values of fields."""

    def __init__(self, faults: Faults, begins: date, protocol: str) -> None:
        self.faults = faults
        self.begins = begins
        self.protocol = protocol

    def value(
        self, command: type[Command], name: str, data: Any, place: Path, now: datetime, names: Mapping[str, str]
    ) -> Any:
        """The value of a field, or what it waits for.

        Args:
            command: The command.
            name: The field.
            data: What the story says.
            place: Where it says so.
            now: The moment of the step.
            names: What earlier steps made: what the step calls it, and what the story calls it.
        """
        typical = data == "typical" or (isinstance(data, Mapping) and data.get("like") == "typical")
        if typical and name not in TYPICAL:
            mend = f"write the value out; there are typical values of: {', '.join(TYPICAL).replace('_', ' ')}"
            self.faults.fault(place, "value", f"there is no typical '{name.replace('_', ' ')}'", mend)
            return None
        if typical:
            otherwise = {key: value for key, value in data.items() if key != "like"} if data != "typical" else {}
            return Typical(self._free(otherwise, now))
        return self._of_kind(kind_of(command, name), data, place, now, names)

    def _of_kind(self, kind: Any, data: Any, place: Path, now: datetime, names: Mapping[str, str]) -> Any:
        origin = get_origin(kind)
        if isinstance(data, Mapping) and set(data) == {"seen"}:
            return Seen(str(data["seen"]))
        if isinstance(data, str) and data in names:
            return Named(names[data])
        if isinstance(data, list) and origin in {tuple, list, frozenset}:
            inner = next((one for one in get_args(kind) if one is not Ellipsis), Any)
            return [self._of_kind(inner, one, (*place, number), now, names) for number, one in enumerate(data)]
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if not isinstance(data, Mapping):
                return self._free(data, now)
            keys = {key: as_name(key) for key in data}
            known = {key: name for key, name in keys.items() if name in kind.model_fields}
            read = {
                name: self._of_kind(kind_of(kind, name), data[key], (*place, key), now, names)
                for key, name in known.items()
            }
            return read | {key: self._free(data[key], now) for key in keys.keys() - known.keys()}
        if isinstance(kind, type) and issubclass(kind, date) and isinstance(data, str):
            return self._day(kind, data, place, now)
        if kind is str and isinstance(data, Mapping):
            return self._text(data, place)
        if kind is Any or origin in {dict, Mapping} or kind is bool:
            return self._free(data, now)
        return data

    def _free(self, data: Any, now: datetime) -> Any:
        """Numbers, truth values and days in words, inside of lists and names with values too."""
        match data:
            case dict():
                return {key: self._free(value, now) for key, value in data.items()}
            case list():
                return [self._free(value, now) for value in data]
            case str() if _DAY_WORDS.fullmatch(data):
                with suppress(ValueError):
                    day = day_of(data, self.begins, now).isoformat()
                    return near(data) or day
        return plain(data)

    def _day(self, kind: type[date], data: str, place: Path, now: datetime) -> Any:
        try:
            if issubclass(kind, datetime):
                return moment_of(data, self.begins, now)
            day = day_of(data, self.begins, now)
            return near(data) or day
        except ValueError as fault:
            self.faults.fault(place, "time", str(fault), "correct the words")
            return now if issubclass(kind, datetime) else now.date()

    def _text(self, data: Mapping[str, Any], place: Path) -> str:
        """The text of a file beside the story, or the protocol's own with changes."""
        if set(data) == {_FILE}:
            try:
                return self.faults.files(str(data[_FILE]))
            except InputError as fault:
                self.faults.fault(place, "file", str(fault), "write the path from the story's own folder")
                return " "
        changes = data.get(_CHANGED)
        if set(data) != {_CHANGED} or not isinstance(changes, Mapping):
            mend = f"write text, {{{_FILE}: NAME}}, or {_CHANGED}: and below it `old text: new text`"
            self.faults.fault(place, "value", "this is no text", mend)
            return " "
        text = self.protocol
        for old, new in changes.items():
            if text.count(old) != 1:
                what = f"{old!r} stands {text.count(old)} times in the protocol"
                self.faults.fault((*place, _CHANGED, old), "value", what, "write more of the line, so that it is one")
            text = text.replace(old, str(new))
        return text
