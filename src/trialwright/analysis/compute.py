"""Every item by its name: the catalogue filled, its answers as plain data, and batches of questions."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from json import JSONDecodeError
from math import isfinite, nan
from typing import Any

import trialwright.clinical
from trialwright.analysis import (
    intervals,
    mmrm,
    mmrm_differences,
    responder,
    simon,
    survival,
    time_to_event,
    two_by_two,
)
from trialwright.analysis.design_items import KINDS, SIMULATED, answer_kind
from trialwright.analysis.protocol_items import ProtocolItems
from trialwright.clinical.item import ITEMS, Missing, compute, no_such_item
from trialwright.errors import InputError

CATALOGUE = (
    trialwright.clinical,
    intervals,
    mmrm,
    mmrm_differences,
    responder,
    simon,
    survival,
    time_to_event,
    two_by_two,
)


def read_json(text: str) -> Any:
    """Read JSON with every number as the exact decimal that is written, and every name once.

    Example:
        >>> read_json('{"value": 0.1}')
        {'value': Decimal('0.1')}
    """
    try:
        return json.loads(
            text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant, object_pairs_hook=_named_once
        )
    except JSONDecodeError as fault:
        raise InputError(f"not JSON: {fault.msg} at character {fault.pos + 1}") from None
    except RecursionError:
        raise InputError("not JSON: nested too deeply") from None


def answer(name: str, inputs: Mapping[str, Any], protocols: ProtocolItems | None = None) -> dict[str, Any]:
    """Compute an item and give its result as plain data.

    Args:
        name: The item's name: of a clinical or statistical item, one that protocols answer, or a kind of design item.
        inputs: Its inputs, numbers as `Decimal`.
        protocols: The items that protocols answer.

    Returns:
        `result`, null where it is missing, whole or in a part, and then `missing` with the reasons.

    Raises:
        InputError: There is no such item, or an input is unknown, absent or impossible.

    Example:
        >>> answer("ctcae_v5_grade", {"term": "CPK increased", "value": Decimal(501), "uln": Decimal(200)})
        {'result': 2}
        >>> answer("ctcae_v5_grade", {"term": "CPK increased", "value": Decimal(501)})["missing"]
        'grade 0 or 1 or 2 or 3 or 4 of CPK increased cannot be told without uln'
    """
    if protocols and name in protocols.table:
        found = protocols.compute(name, inputs)
    elif name in ITEMS:
        found = compute(name, inputs)
    elif name in KINDS or name in SIMULATED:
        return answer_design(name, inputs)
    else:
        raise InputError(no_such_item(name, [*ITEMS, *KINDS, *(protocols.table if protocols else ())]))
    return _told(found)


def answer_design(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Compute a design item and give its result as plain data, as `answer` does.

    Args:
        name: The kind; where a statistical item has the same name, this is the design item.
        inputs: Its inputs, numbers as `Decimal`.

    Raises:
        InputError: There is no such kind, it is one that has to be simulated, or an input is unknown, absent or
            impossible.

    Example:
        >>> answer_design("3p3_escalation_probability", {"p_dlt": Decimal("0.5")})
        {'result': {'prob_escalate': 0.171875, 'expected_n_at_dose': 4.125}}
    """
    if name not in KINDS and name not in SIMULATED:
        raise InputError(no_such_item(name, KINDS))
    return _told(answer_kind(name, _with_floats(inputs)))


def _told(found: Any) -> dict[str, Any]:
    reasons = list(_reasons(found))
    return {"result": plain(found)} | ({"missing": "; ".join(reasons)} if reasons else {})


def answer_lines(lines: Iterable[str], protocols: ProtocolItems | None = None) -> Iterator[dict[str, Any]]:
    """Answer a batch, one line after the other; empty lines are passed over.

    Args:
        lines: `{"id", "item", "inputs"}`, or with `kind` for `item` where it is a design item.
        protocols: The items that protocols answer.

    Returns:
        For each line its `id` with `result` (and `missing`), or with its number and `error`; an error stops nothing.

    Example:
        >>> line = '{"id": 1, "item": "ctcae_is_haematological", "inputs": {"ctcae_term": "Anemia"}}'
        >>> list(answer_lines([line, "?"]))
        [{'id': 1, 'result': True}, {'id': None, 'line': 2, 'error': 'not JSON: Expecting value at character 1'}]
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        asked: Any = None
        try:
            asked = read_json(line)
            key, name, inputs = _question(asked)
            found = answer_design(name, inputs) if key == "kind" else answer(name, inputs, protocols)
            yield {"id": plain(asked.get("id")), **found}
        except InputError as fault:
            asker = plain(asked.get("id")) if isinstance(asked, dict) else None
            yield {"id": asker, "line": number, "error": str(fault)}


def read_pairs(pairs: Iterable[str]) -> dict[str, Any]:
    """Read inputs written as `name=value`: a value that is JSON is read as such, any other is text.

    Example:
        >>> read_pairs(["term=Anemia", "value=79", "transfusion_indicated=false"])
        {'term': 'Anemia', 'value': Decimal('79'), 'transfusion_indicated': False}
    """
    inputs = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise InputError(f"{pair!r} is no input; write it as name=value, such as weight_kg=70")
        if name in inputs:
            raise InputError(f"{name} is given twice")
        try:
            inputs[name] = read_json(value)
        except InputError:
            inputs[name] = value
    return inputs


def catalogue(protocols: ProtocolItems | None = None) -> list[dict[str, Any]]:
    """Describe every item, then the design items, then those that protocols answer.

    Returns:
        For each its name, what it does, and its inputs; those in brackets may be left out. The inputs of an item that
        protocols answer are theirs to name.

    Example:
        >>> next(one for one in catalogue() if one["item"] == "sdai_category")["inputs"]
        ['sdai']
    """
    kinds = {name: function for name, function in KINDS.items() if name not in ITEMS}
    described: list[dict[str, Any]] = [
        {"item": name, "inputs": _inputs(function), "about": (function.__doc__ or "").strip().splitlines()[0]}
        for name, function in (*sorted(ITEMS.items()), *sorted(kinds.items()))
    ]
    for name, entry in sorted(protocols.table.items() if protocols else ()):
        by = entry.get("protocol") or "the protocols " + ", ".join(entry["protocols"])
        described.append({"item": name, "about": f"Answered by {by}."})
    return described


def plain(value: Any) -> Any:
    """Turn a result into what JSON holds: numbers, text, truth, null, lists and groups."""
    if isinstance(value, Missing):
        return None
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(each) for each in value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"a result must be a number, got {value}")
    return value


def _with_floats(value: Any) -> Any:
    """Inputs with a number of Python for each decimal; whatever else it is stays, to be refused by its name."""
    if isinstance(value, Decimal):
        return nan if value.is_nan() else plain(value)
    if isinstance(value, Mapping):
        return {key: _with_floats(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_floats(each) for each in value]
    return value


def _reasons(value: Any, part: str = "") -> Iterator[str]:
    """Why a result, or a part of it by name, is missing."""
    if isinstance(value, Missing):
        yield f"{part}: {value.reason}" if part else value.reason
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _reasons(each, f"{part}.{key}" if part else str(key))


def _question(asked: Any) -> tuple[str, str, dict[str, Any]]:
    """Whether an item or a kind is asked for, its name and its inputs."""
    if not isinstance(asked, dict):
        raise InputError('a line must be an object: {"id": ..., "item": ..., "inputs": {...}}')
    key = "kind" if "kind" in asked and "item" not in asked else "item"
    name, inputs = asked.get(key), asked.get("inputs", {})
    if not isinstance(name, str):
        raise InputError(f"{key} is not given; `trialwright compute --list` names them")
    if not isinstance(inputs, dict):
        raise InputError("inputs must be an object of names and values")
    return key, name, inputs


def _inputs(function: Callable[..., Any]) -> list[str]:
    shown = []
    for key, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            shown.append("...")
        else:
            shown.append(key if parameter.default is inspect.Parameter.empty else f"[{key}]")
    return shown


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        names = [name for name, _ in pairs]
        raise InputError(f"{next(name for name in names if names.count(name) > 1)} is given twice")
    return named


def _no_constant(name: str) -> Any:
    raise InputError(f"{name} is no number of JSON")
