"""Writing what is known of one subject, in the full form that `protocol.subject` reads, and its canonical JSON.

    {"answers":{"I04":true},"days":{"screening":"2026-12-01"},"values":{"alt":[{"uln":40,"unit":"U/L","value":80.0}]}}

Keys are sorted, there are no spaces, and a decimal keeps the digits that it was entered with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from trialwright.protocol.facts import Facts, Observation
from trialwright.protocol.study import Study
from trialwright.protocol.subject import main_key


def write_subject(facts: Facts, study: Study) -> dict[str, Any]:
    """The full form of a subject's facts: every item a list of observations, every observation with its keys.

    Args:
        facts: What is known.
        study: The protocol that the facts were read with.

    Example:
        >>> from tests.conductor import STUDY
        >>> from trialwright.protocol.subject import read_subject
        >>> canonical(write_subject(read_subject({"values": {"basdai": Decimal("4.0")}}, STUDY), STUDY))
        '{"answers":{},"days":{},"values":{"basdai":[{"unit":"score","value":4.0}]}}'
    """
    return {
        "days": {name: day.isoformat() for name, day in facts.anchors.items()},
        "values": {
            name: [_written(one, main_key(item)) for one in history]
            for name, history in facts.observations.items()
            if (item := study.item(name)) is not None
        },
        "answers": dict(facts.answers),
    }


def canonical(data: Any) -> str:
    """Canonical JSON: keys sorted, no spaces, decimals as the numbers that they are.

    Example:
        >>> canonical({"b": Decimal("4.0"), "a": [True, None, "é"]})
        '{"a":[true,null,"é"],"b":4.0}'
    """
    match data:
        case Mapping():
            return "{" + ",".join(f"{canonical(key)}:{canonical(data[key])}" for key in sorted(data)) + "}"
        case list() | tuple():
            return "[" + ",".join(map(canonical, data)) + "]"
        case Decimal() if data.is_finite():
            return str(data)
        case date():
            return canonical(data.isoformat())
    return json.dumps(data, ensure_ascii=False, allow_nan=False)


def newest(history: Any) -> bool | Decimal | str:
    """The last value of an item in its full form; no where it is known never to have happened."""
    if not history:
        return False
    last = history[-1]
    found: bool | Decimal | str = last["dose"] if "dose" in last else last["value"]
    return found


def spoken(history: Sequence[Mapping[str, Any]]) -> str:
    """An item's observations in words.

    Example:
        >>> spoken([{"value": Decimal("4.0"), "unit": "mg/L", "on": "2026-01-12"}]), spoken([])
        ('4.0 mg/L (on 2026-01-12)', 'never')
    """
    return "; ".join(map(_spoken, history)) or "never"


def _spoken(one: Mapping[str, Any]) -> str:
    value = one["dose"] if "dose" in one else one["value"]
    word = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
    unit = f" {one['unit']}" if "unit" in one and not isinstance(value, bool) else ""
    rest = ", ".join(f"{key} {said}" for key, said in one.items() if key not in {"value", "dose", "unit"})
    return f"{word}{unit}{f' ({rest})' if rest else ''}"


def _written(one: Observation, main: str) -> dict[str, Any]:
    parts = {
        main: one.value,
        "unit": one.unit,
        "uln": one.uln,
        "lln": one.lln,
        "on": one.on and one.on.isoformat(),
        "visit": one.visit,
        "since": one.since and one.since.isoformat(),
        "stable since": one.stable_since and one.stable_since.isoformat(),
        "frequency": one.frequency,
    }
    return {key: value for key, value in parts.items() if value is not None}
