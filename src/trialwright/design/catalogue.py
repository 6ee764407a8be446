"""Every dose-finding design by its name, made from settings written as text: for command lines and protocol files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from types import NoneType
from typing import Any, Union, get_args, get_origin, get_type_hints

from trialwright.design.boin import BOIN
from trialwright.design.design import Design
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.errors import InputError

DESIGNS: dict[str, type[Design]] = {design.name.lower(): design for design in (ThreePlusThree, BOIN)}
"""The designs by name, in small letters."""


def design_from_text(text: str, common: Mapping[str, str] | None = None) -> Design:
    """Make a design from its name and settings, such as `boin levels=5 target=0.3`.

    Args:
        text: The name, then settings `name=value` apart by spaces; a list is written with commas.
        common: Settings for every design that has them and does not set them itself.

    Raises:
        InputError: There is no such design, or what is wrong with its settings, all at once.

    Example:
        >>> design_from_text("boin target=0.25", {"levels": "5"}).levels
        5
    """
    name, *words = text.split()
    pairs = [word.partition("=") for word in words]
    wrong = [word for word, (_, sign, _) in zip(words, pairs, strict=True) if not sign]
    if wrong:
        raise InputError(f"{text!r}: {wrong[0]!r} is no setting; write name=value, such as target=0.3")
    own = {key: value for key, _, value in pairs}
    known = settings_of(design_class(name))
    shared = {key: value for key, value in (common or {}).items() if key in known}
    return make_design(name, {**shared, **own})


def make_design(name: str, settings: Mapping[str, Any]) -> Design:
    """Make a design from its name and settings, given as text or as values.

    Raises:
        InputError: There is no such design, or what is wrong with its settings, all at once.

    Example:
        >>> make_design("BOIN", {"levels": 5, "target": "0.3"}).target
        0.3
    """
    kind = design_class(name)
    known = settings_of(kind)
    faults = [f"{key!r} is no setting of it" for key in settings if key not in known]
    given: dict[str, Any] = {}
    for key, value in settings.items():
        if key in known:
            try:
                given[key] = _read(value, known[key].type) if isinstance(value, str) else value
            except ValueError:
                faults.append(f"{key} is {value!r}, which is no {_words(known[key].type)}")
    faults += [f"{key} is missing" for key, setting in known.items() if setting.required and key not in settings]
    if faults:
        raise InputError(f"{name}: {'; '.join(faults)}; its settings are {describe(kind)}")
    return kind(**given)


def design_class(name: str) -> type[Design]:
    """The class of a design.

    Raises:
        InputError: There is no such design.
    """
    try:
        return DESIGNS[name.lower()]
    except KeyError:
        raise InputError(f"there is no design {name!r}; there are {', '.join(DESIGNS)}") from None


class Setting:
    """A setting of a design: its type, whether it must be given, and what it is otherwise."""

    def __init__(self, kind: Any, default: Any) -> None:
        self.type = kind
        self.default = default
        self.required = default is MISSING


def settings_of(kind: type[Design]) -> dict[str, Setting]:
    """The settings of a design, by name, in their order."""
    types = get_type_hints(kind)
    return {field.name: Setting(types[field.name], field.default) for field in fields(kind)}  # type: ignore[arg-type]  # a design is a dataclass


def describe(kind: type[Design]) -> str:
    """The settings of a design in a line, with what holds where one is left out.

    Example:
        >>> describe(ThreePlusThree)[:32]
        'levels, cohort=3, expand_to=6, s'
    """
    return ", ".join(
        name if setting.required else f"{name}={_written(setting.default)}"
        for name, setting in settings_of(kind).items()
    )


def _written(value: Any) -> str:
    return ",".join(str(each) for each in value) if isinstance(value, tuple) else str(value)


def _read(text: str, kind: Any) -> Any:
    """Read a setting; ValueError where it is not of its type."""
    if get_origin(kind) is tuple:
        return tuple(_read(word, get_args(kind)[0]) for word in text.split(","))
    options = _options(kind)
    if NoneType in options and text.lower() in {"none", ""}:
        return None
    if bool in options:
        return _truth(text)
    for each in (int, float):
        if each in options:
            return each(text)
    if str in options or text in options:
        return text
    raise ValueError(text)


def _truth(text: str) -> bool:
    words = {"true": True, "yes": True, "false": False, "no": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]


def _options(kind: Any) -> Iterable[Any]:
    return get_args(kind) if get_origin(kind) is Union or get_args(kind) else (kind,)


def _words(kind: Any) -> str:
    names = {int: "whole number", float: "number", bool: "yes or no", str: "text"}
    if get_origin(kind) is tuple:
        return "list of numbers"
    return " or ".join(str(names.get(each, each)) for each in _options(kind) if each is not NoneType)
