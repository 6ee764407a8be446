"""Rounding as people do it: half a step goes away from zero."""

from __future__ import annotations

from decimal import MAX_PREC, ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext

from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item

_MOST_DECIMALS = 20
_MOST_CHARACTERS = 60
_LARGEST = Decimal("1e30")
_EXACT = Context(prec=MAX_PREC, rounding=ROUND_HALF_UP)


@item("round_half_up")
def round_half_up(*, value_as_decimal_string: str | None, decimals: int | None) -> Decimal | Missing:
    """Round a decimal to so many places, half a step away from zero, as SAS does; 12.25 to one place is 12.3.

    Args:
        value_as_decimal_string: The number as it is written, such as `12.25`, at most 1e30 in size: a string, for
            a binary fraction is not what was written.
        decimals: Places after the point, 0 to 20.

    Raises:
        InputError: Naming every input that cannot be read.

    Example:
        >>> str(round_half_up(value_as_decimal_string="12.25", decimals=1))
        '12.3'
        >>> str(round_half_up(value_as_decimal_string="-2.5", decimals=0))
        '-3'

    Source: IEEE 754-2008, roundTiesToAway. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    places = read.needed_whole("decimals", decimals, 0, _MOST_DECIMALS)
    if value_as_decimal_string is None:
        read.gaps.append("value_as_decimal_string")
    value = _written(value_as_decimal_string)
    if value is None and value_as_decimal_string is not None:
        read.fault("value_as_decimal_string must be a decimal number as text, such as '12.25', at most 1e30 in size")
    if missing := read.missing():
        return missing
    with localcontext(_EXACT):
        return round(value or Decimal(0), places)


def _written(text: object) -> Decimal | None:
    """Read a number from its text; None for what is none, or too long, or too large."""
    if not isinstance(text, str) or len(text) > _MOST_CHARACTERS:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) <= _LARGEST else None
