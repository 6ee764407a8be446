"""Numbers with their unit, as a protocol writes them: `1.0e6 cells/kg`, `28 days`, `4 weeks`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

_QUANTITY = re.compile(r"\s*([+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?)\s+(\S.{0,38}?)\s*")
_DAYS = {"day": 1, "days": 1, "week": 7, "weeks": 7}


class Quantity(NamedTuple):
    """An exact decimal and its unit."""

    value: Decimal
    unit: str

    @classmethod
    def parse(cls, text: object) -> Quantity:
        """Read `1.0e6 cells/kg`.

        Raises:
            ValueError: Not a number followed by a unit.

        Example:
            >>> Quantity.parse("1.0e6 cells/kg").value == 1_000_000
            True
        """
        found = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"{text!r} is not a number and a unit; write it like '1.0e6 cells/kg' or '28 days'")
        return cls(Decimal(found[1]), found[2])

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}"


def plain(value: Decimal) -> str:
    """Write a decimal the way a person reads it: millions as `3 x 10^6`, everything else in full.

    Example:
        >>> plain(Decimal("3.0e6")), plain(Decimal("0.50")), plain(Decimal("12"))
        ('3 x 10^6', '0.5', '12')
    """
    short = value.normalize()
    exponent = short.adjusted()
    if exponent >= 5:
        mantissa = short.scaleb(-exponent).normalize()
        return f"{mantissa:f} x 10^{exponent}"
    return f"{short:f}"


def _days(value: object) -> object:
    if not isinstance(value, str):
        return value
    quantity = Quantity.parse(value)
    if quantity.unit not in _DAYS:
        raise ValueError(f"{quantity.unit!r} is not a unit of a period; write days or weeks")
    days = quantity.value * _DAYS[quantity.unit]
    if days != days.to_integral_value() or days < 0:
        raise ValueError(f"{value!r} is not a whole number of days")
    return int(days)


def _measured(unit: str) -> BeforeValidator:
    """Read a number that is written with this unit, such as `100 mL`."""

    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        quantity = Quantity.parse(value)
        if quantity.unit != unit:
            raise ValueError(f"{value!r} is not in {unit}; write it like '5 {unit}'")
        return quantity.value

    return BeforeValidator(read)


_DOSE_UNITS = (
    *("cells/kg", "cells", "ug", "ug/kg", "mg", "mg/kg", "mg/m2", "mg/day", "mg/week", "mg/kg/day", "g", "g/day"),
    *("IU", "IU/kg", "mL"),
)


class AmountOf(NamedTuple):
    """A dose: one exact number and its unit, or a range of them."""

    low: Decimal
    high: Decimal
    unit: str

    @classmethod
    def parse(cls, text: object) -> AmountOf:
        """Read `1.0e6 cells/kg` or `3 to 5 mg/kg/day`.

        Raises:
            ValueError: Not a number or a range followed by a unit of a dose, or not above 0.

        Example:
            >>> str(AmountOf.parse("3 to 5 mg/kg/day")), str(AmountOf.parse("4.0e7 cells"))
            ('3 to 5 mg/kg/day', '4 x 10^7 cells')
        """
        if not isinstance(text, str):
            raise ValueError("a dose is text such as '1.0e6 cells/kg'")  # noqa: TRY004 - pydantic collects ValueError
        low_text, separator, high_text = text.rpartition(" to ")
        high = Quantity.parse(high_text if separator else text)
        low = Quantity.parse(f"{low_text} {high.unit}").value if separator else high.value
        if high.unit not in _DOSE_UNITS:
            raise ValueError(f"{high.unit!r} is not a unit of a dose; write one of {', '.join(_DOSE_UNITS)}")
        if not 0 < low <= high.value:
            raise ValueError(f"a dose must be above 0 and rise from its lower to its upper limit, got {text!r}")
        return cls(low, high.value, high.unit)

    @property
    def by_body(self) -> tuple[str, ...]:
        """The items from which the dose is computed: the weight for a dose per kg, the height too for one per m2.

        Example:
            >>> AmountOf.parse("75 mg/m2").by_body, AmountOf.parse("5 mg").by_body
            (('weight', 'height'), ())
        """
        return ("weight",) if "/kg" in self.unit else ("weight", "height") if "/m2" in self.unit else ()

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{plain(self.low)} {self.unit}"
        return f"{plain(self.low)} to {plain(self.high)} {self.unit}"


Days = Annotated[int, BeforeValidator(_days), WithJsonSchema({"type": "string", "pattern": r"[0-9]\s+(day|week)"})]
"""A period in days; written `28 days` or `4 weeks`."""

Amount = Annotated[
    AmountOf,
    PlainValidator(lambda value: value if isinstance(value, AmountOf) else AmountOf.parse(value)),
    WithJsonSchema({"type": "string", "pattern": r"[0-9]\s+\S"}),
]
"""A dose, or a range of doses; written `1.0e6 cells/kg`, `4.0e7 cells` or `3 to 5 mg/kg/day`."""

Volume = Annotated[
    Decimal, _measured("mL"), Field(gt=0, le=10_000), WithJsonSchema({"type": "string", "pattern": r"[0-9]\s+mL"})
]
"""A volume in mL; written `100 mL`."""

Weight = Annotated[
    Decimal, _measured("kg"), Field(gt=0, le=700), WithJsonSchema({"type": "string", "pattern": r"[0-9]\s+kg"})
]
"""A body weight in kg; written `100 kg`."""

Percent = Annotated[
    Decimal, _measured("%"), Field(ge=0, le=100), WithJsonSchema({"type": "string", "pattern": r"[0-9]\s+%"})
]
"""A share; written `5 %`."""
