"""What all parts of a protocol file share: their form, the types of values, the source that an element owes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema

from trialwright.protocol.criteria import Condition
from trialwright.protocol.criteria_text import parse_condition
from trialwright.protocol.facts import Period

Path = tuple[str | int, ...]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _condition(value: object) -> Condition:
    if not isinstance(value, str):
        raise ValueError("a condition is text such as 'basdai >= 4'")  # noqa: TRY004 - pydantic collects ValueError
    return parse_condition(value)


def _by_name(value: object) -> object:
    if isinstance(value, str):
        return {"": value}
    if not isinstance(value, dict) or not value:
        raise ValueError("write a condition, or conditions by name, each on its own line")
    return value


def _range(value: object) -> object:
    if not isinstance(value, str):
        return value
    low, separator, high = value.partition(" to ")
    if not separator:
        raise ValueError(f"{value!r} is not a range; write it like '0 to 10'")
    return low.strip(), high.strip()


def _rising(value: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    if value[0] > value[1]:
        raise ValueError(f"the range runs from {value[0]} down to {value[1]}; write the lower limit first")
    return value


_CONDITION_SCHEMA = {"type": "string", "pattern": "[a-z]"}

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""How items are named in criteria: small letters, digits and underscores."""

Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""One text, or several in a list."""

ConditionText = Annotated[Condition, PlainValidator(_condition), WithJsonSchema(_CONDITION_SCHEMA)]
"""A condition in the language of `trialwright.protocol.criteria_text`."""

Conditions = Annotated[
    dict[str, ConditionText],
    BeforeValidator(_by_name),
    WithJsonSchema(
        {
            "anyOf": [
                _CONDITION_SCHEMA,
                {"type": "object", "additionalProperties": _CONDITION_SCHEMA, "minProperties": 1},
            ]
        }
    ),
]
"""One condition, or several by name that must all hold; a report names the one that does not."""

Range = Annotated[
    tuple[Decimal, Decimal],
    BeforeValidator(_range),
    AfterValidator(_rising),
    WithJsonSchema({"type": "string", "pattern": r"\sto\s"}),
]
"""A closed range, written `0 to 10`."""

Probability = Annotated[float, Field(ge=0, le=1)]
PeriodText = Annotated[
    Period,
    PlainValidator(lambda value: value if isinstance(value, Period) else Period.parse(value)),
    WithJsonSchema({"type": "string", "pattern": r"[0-9]\s+(hour|day|week|month|year)"}),
]
"""A calendar period, written `3 months`."""


class Part(BaseModel):
    """Anything in a protocol file: keys are written with spaces, unknown keys are faults, nothing changes later."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=_words, populate_by_name=True, arbitrary_types_allowed=True
    )

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Part]]:
        """This part and all parts below it, each with its path of keys."""
        yield path, self
        for name, info in type(self).model_fields.items():
            value, key = getattr(self, name), info.alias or name
            if isinstance(value, Part):
                yield from value.walk((*path, key))
            elif isinstance(value, tuple):
                for place, one in enumerate(value):
                    if isinstance(one, Part):
                        yield from one.walk((*path, key, place))


class Element(Part):
    """A part that owes its reader a source: a place in the registered record, or an assumption with its reason.

    Attributes:
        at: Where the record says it: a section, and a sentence or an item.
        assumed: Why it is so although the record does not say it.
    """

    at: Texts = ()
    assumed: Text | None = None


def elements(part: Part) -> Iterator[tuple[Path, Element]]:
    """Every element of a part with its path, in the order of the file's form."""
    return ((path, one) for path, one in part.walk() if isinstance(one, Element))
