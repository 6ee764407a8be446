"""Commands and their fields in plain words, made from the command classes: a new command is in the language at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from trialwright.conduct import commands
from trialwright.conduct.commands import Command
from trialwright.conduct.commands.data import Said
from trialwright.conduct.commands.safety import Related

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_FORMS: Mapping[type, str] = {
    Said: "a value, or why there is none",
    bool: "yes or no",
    int: "a whole number",
    Decimal: "a number",
    datetime: "a moment",
    date: "a day",
    BaseModel: "names with values",
}
_SAID = {"yes": True, "true": True, "no": False, "false": False}


def in_words(name: str) -> str:
    """The name of a class or a field in words.

    Example:
        >>> in_words("ReportAdverseEvent"), in_words("weight_kg")
        ('report adverse event', 'weight kg')
    """
    return _HUMP.sub(" ", name).replace("_", " ").lower()


def as_name(words: str) -> str:
    """The name of a field from its words: `weight kg` is `weight_kg`."""
    return "_".join(words.lower().split())


COMMANDS: Mapping[str, type[Command]] = {
    in_words(name): kind
    for name in commands.__all__
    if isinstance(kind := getattr(commands, name), type) and issubclass(kind, Command) and kind is not Command
}
"""Every command by its words."""


def fields_of(command: type[Command]) -> dict[str, bool]:
    """The fields of a command besides who and when: name, and whether it must be there."""
    common = Command.model_fields
    return {name: field.is_required() for name, field in command.model_fields.items() if name not in common}


def kind_of(command: type[BaseModel], field: str) -> Any:
    """What a field takes, without the words for 'or none' and its limits."""
    return _bare(command.model_fields[field].annotation)


def fault_of(command: type[Command], field: str, value: Any) -> str | None:
    """Why a field does not take a value; None where it does."""
    info = command.model_fields[field]
    form: Any = Annotated[info.annotation, info]
    try:
        TypeAdapter(form).validate_python(value)
    except ValidationError as faults:
        return "; ".join(fault["msg"][0].lower() + fault["msg"][1:] for fault in faults.errors(include_url=False))
    return None


def form_of(command: type[BaseModel], field: str) -> str:
    """What a field takes, in words for a table."""
    kind = kind_of(command, field)
    if command.model_fields[field].annotation == Related:
        return "yes, no or unknown"
    if get_origin(kind) is Literal:
        return ", ".join(map(str, get_args(kind)))
    chosen = next((", ".join(get_args(one)) for one in get_args(kind) if get_origin(one) is Literal), "")
    if get_origin(kind) in {dict, Mapping}:
        return f"names, each with one of {chosen}" if chosen else "names with values"
    if get_origin(kind) in {tuple, list, frozenset}:
        return f"a list of {chosen}" if chosen else "a list"
    if isinstance(kind, type):
        for one, words in _FORMS.items():
            if issubclass(kind, one):
                return words
    return "text"


def plain(data: Any) -> Any:
    """Text of a story as numbers and truth values, where it is one; inside of lists and names with values too."""
    match data:
        case dict():
            return {key: plain(value) for key, value in data.items()}
        case list():
            return [plain(value) for value in data]
        case str() if data in _SAID:
            return _SAID[data]
        case str() if _NUMBER.fullmatch(data):
            return Decimal(data)
    return data


def _bare(annotation: Any) -> Any:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        kinds = [_bare(one) for one in get_args(annotation) if one is not type(None)]
        return kinds[0] if len(kinds) == 1 else Any
    return datetime if annotation is AwareDatetime else annotation
