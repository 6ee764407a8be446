"""What an amendment changes: two versions of a protocol compared element by element, each change in words.

Elements are matched by what names them (a criterion's id, a visit's or an item's name), never by their position in the
file, so that an element which moved is not taken for another. Where order has a meaning, a new order is a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from trialwright.protocol.criteria import Condition
from trialwright.protocol.element import Element, Part
from trialwright.protocol.explain_words import counted, element_label
from trialwright.protocol.quantity import plain
from trialwright.protocol.study import Study
from trialwright.protocol.wording import label, words

Kind = Literal["added", "removed", "changed"]
_NAMES = ("id", "visit", "name", "drug", "product", "dose")
_ORDERED = frozenset({"doses", "cohorts"})
_CONDITION = get_args(Condition)
_UNSAID = frozenset({"at", "assumed", "id", "name", "label"})
"""What a summary leaves out: the source, and the name, which stands before it."""

_DAYS = frozenset({"days", "interval", "window", "within"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two versions.

    Attributes:
        kind: Whether the element or its part is new, gone, or another.
        path: The keys that lead to it; an element of a list stands under its name.
        element: The element for a reader, such as `inclusion criterion I03`.
        part: The key within the element; empty where the whole element is added or removed.
        before: What stood there, in words; empty where nothing did.
        after: What stands there now, in words; empty where nothing does.
    """

    kind: Kind
    path: tuple[str, ...]
    element: str
    part: str
    before: str
    after: str

    def __str__(self) -> str:
        what = f"{self.element}{f', {self.part}' if self.part else ''}"
        if self.kind == "changed":
            return f"changed: {what}: {self.before} -> {self.after}"
        return f"{self.kind}: {what}: {self.before or self.after}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in both versions the comparison stands."""

    old: Study
    new: Study
    path: tuple[str, ...] = ()
    keys: tuple[str | int, ...] = ()
    element: str = "the protocol"

    def below(self, key: str) -> _Place:
        return _Place(self.old, self.new, (*self.path, key), (*self.keys, key), self.element)

    def named(self, name: str, part: Part) -> _Place:
        keys = (*self.keys, 0)
        return _Place(self.old, self.new, (*self.path, name), keys, _label(keys, part))

    def change(self, kind: Kind, part: str, before: str = "", after: str = "") -> Change:
        return Change(kind=kind, path=self.path, element=self.element, part=part, before=before, after=after)


def diff(old: Study, new: Study) -> tuple[Change, ...]:
    """Compare two versions of a protocol.

    Args:
        old: The version before.
        new: The version after.

    Returns:
        Every change in the order of the file's form; none where the two say the same, however they are written.
    """
    return tuple(_parts(old, new, _Place(old, new)))


def _parts(old: Part, new: Part, place: _Place) -> Iterator[Change]:
    for name, info in type(new).model_fields.items():
        key = info.alias or name
        yield from _values(getattr(old, name), getattr(new, name), place.below(key), key)


def _values(old: object, new: object, place: _Place, key: str) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Part) and isinstance(new, Part) and type(old) is type(new):
        yield from _parts(old, new, _at(place, new))
    elif isinstance(old, Part) or isinstance(new, Part):
        yield from _whole(old, new, place)
    elif _of_parts(old) or _of_parts(new):
        yield from _lists(old, new, place, key)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mappings(old, new, place, key)
    else:
        before, after = _said(key, old, place.old), _said(key, new, place.new)
        kind: Kind = "changed" if before and after else "added" if after else "removed"
        yield place.change(kind, key, before, after)


def _lists(old: object, new: object, place: _Place, key: str) -> Iterator[Change]:
    before, after = _by_name(old), _by_name(new)
    for name, part in before.items():
        if name not in after:
            yield place.named(name, part).change("removed", "", before=_summary(part, place.old))
    for name, part in after.items():
        if name in before:
            yield from _parts(before[name], part, place.named(name, part))
        else:
            yield place.named(name, part).change("added", "", after=_summary(part, place.new))
    kept_before = [name for name in before if name in after]
    kept_after = [name for name in after if name in before]
    if key in _ORDERED and kept_before != kept_after:
        yield place.change("changed", f"order of {key}", ", ".join(kept_before), ", ".join(kept_after))


def _mappings(old: Mapping[str, object], new: Mapping[str, object], place: _Place, key: str) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        part = f"{key}, {name.replace('_', ' ')}" if name else key
        yield from _values(old.get(name), new.get(name), place.below(name) if name else place, part)


def _whole(old: object, new: object, place: _Place) -> Iterator[Change]:
    if isinstance(old, Part):
        yield _at(place, old).change("removed", "", before=_summary(old, place.old))
    if isinstance(new, Part):
        yield _at(place, new).change("added", "", after=_summary(new, place.new))


def _at(place: _Place, part: Part) -> _Place:
    return _Place(place.old, place.new, place.path, place.keys, _label(place.keys, part))


def _label(keys: tuple[str | int, ...], part: Part) -> str:
    if isinstance(part, Element):
        return element_label(keys, part)
    return " > ".join(str(key) for key in keys if isinstance(key, str))


def _by_name(parts: object) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for part in parts if isinstance(parts, tuple) else ():
        name = next((str(value) for key in _NAMES if (value := getattr(part, key, None))), type(part).__name__)
        unique, copy = name, 2
        while unique in found:
            unique, copy = f"{name} ({copy})", copy + 1
        found[unique] = part
    return found


def _of_parts(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(one, Part) for one in value)


def _summary(part: Part, study: Study) -> str:
    """A whole element in words: every key that says something, its source left out."""
    said = []
    for name, info in type(part).model_fields.items():
        text = "" if name in _UNSAID else _said(name, getattr(part, name), study)
        if text:
            said.append(f"{info.alias or name} {text}")
    return "; ".join(said)


def _said(key: str, value: object, study: Study) -> str:
    if key in {"range", "typical", "typical later"} and isinstance(value, tuple):
        return " to ".join(_text(limit, study) for limit in value)
    if key in _DAYS and isinstance(value, int):
        return counted(value, "day")
    if key == "collect" and isinstance(value, tuple):
        return ", ".join(label(name, study) for name in value)
    return _text(value, study)


def _text(value: object, study: Study) -> str:
    if value is None:
        return ""
    if isinstance(value, _CONDITION):
        return words(value, study)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Part):
        return f"({_summary(value, study)})"
    if isinstance(value, Mapping):
        texts = {name.replace("_", " "): _text(one, study) for name, one in value.items()}
        return "; ".join(f"{name}: {text}" if name else text for name, text in texts.items())
    if type(value) is tuple:
        return ", ".join(_text(one, study) for one in value)
    return " ".join(str(value).split())
