"""The reading of an item's inputs: every fault is collected, and all are refused together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from trialwright.errors import InputError

_LARGEST = Decimal("1e15")  # no clinical quantity is larger; exact arithmetic stays within its range


class Inputs:
    """Reads inputs one by one, remembers what is wrong with each, and refuses them together.

    Example:
        >>> inputs = Inputs()
        >>> inputs.number("age_years", Decimal("41.5"))
        Decimal('41.5')
        >>> inputs.number("weight_kg", "heavy"), inputs.flag("smoker", 2)
        (None, None)
        >>> inputs.refuse()
        Traceback (most recent call last):
        ...
        trialwright.errors.InputError: weight_kg must be a number, got 'heavy'; smoker must be true or false, got 2
    """

    def __init__(self) -> None:
        self.faults: list[str] = []

    def fault(self, message: str) -> None:
        """Remember a fault."""
        self.faults.append(message)

    def refuse(self) -> None:
        """Refuse every fault so far at once.

        Raises:
            InputError: There was a fault.
        """
        if self.faults:
            raise InputError("; ".join(self.faults))

    def number(self, name: str, value: Any, low: Decimal | int = 0, high: Decimal | int = _LARGEST) -> Decimal | None:
        """Read an exact number from `low` to `high`, both within; None stays None."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            self.fault(f"{name} must be a number, got {value!r}")
            return None
        number = value if isinstance(value, Decimal) else Decimal(str(value))
        if not number.is_finite():
            self.fault(f"{name} must be a finite number, got {value}")
            return None
        if not low <= number <= high:
            self.fault(f"{name} must be from {low} to {high}, got {value}")
            return None
        return number

    def whole(self, name: str, value: Any, low: int = 0, high: int = 10**9) -> int | None:
        """Read a whole number from `low` to `high`, both within; None stays None."""
        number = self.number(name, value, low, high)
        if number is None:
            return None
        if number != number.to_integral_value():
            self.fault(f"{name} must be a whole number, got {value}")
            return None
        return int(number)

    def flag(self, name: str, value: Any) -> bool | None:
        """Read true or false; None stays None."""
        if value is None or isinstance(value, bool):
            return value
        self.fault(f"{name} must be true or false, got {value!r}")
        return None

    def choice(self, name: str, value: Any, allowed: Collection[str]) -> str | None:
        """Read one of the allowed words; None stays None."""
        if value is None or (isinstance(value, str) and value in allowed):
            return value
        self.fault(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
        return None

    def day(self, name: str, value: Any) -> date | None:
        """Read a date, or its text such as 2026-01-31; None stays None."""
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fault(f"{name} must be a date such as 2026-01-31, got {value!r}")
            return None

    def required(self, name: str, value: Any) -> None:
        """Refuse an input that is null although nothing can be said without it."""
        if value is None and not any(fault.startswith(f"{name} ") for fault in self.faults):
            self.fault(f"{name} is not given")
