"""The reading of an item's inputs: every fault is collected, and all are refused together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from trialwright.clinical.item import Missing
from trialwright.errors import InputError

Number: TypeAlias = Decimal | int | float
_LARGEST = Decimal("1e15")  # no clinical quantity is larger; exact arithmetic stays within its range
_MOST_DECIMALS = 20  # sums and products of clinical quantities stay within the 28 digits of a decimal
_LONGEST_SHOWN = 60
_NOT_READ = Decimal("NaN")  # stands for a number that is missing or at fault until `missing` ends the reading


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
        self.gaps: list[str] = []

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
            self.fault(f"{name} must be a number, got {shown(value)}")
            return None
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not number.is_finite():
            self.fault(f"{name} must be a finite number, got {value}")
            return None
        if not low <= number <= high:
            self.fault(f"{name} must be from {low} to {high}, got {shown(value)}")
            return None
        if -number.as_tuple().exponent > _MOST_DECIMALS:  # type: ignore[operator]  # a finite number has one
            self.fault(f"{name} must have at most {_MOST_DECIMALS} decimal places, got {shown(value)}")
            return None
        return number or Decimal(0)

    def whole(self, name: str, value: Any, low: int = 0, high: int = 10**9) -> int | None:
        """Read a whole number from `low` to `high`, both within; None stays None."""
        number = self.number(name, value, low, high)
        if number is None:
            return None
        if number != number.to_integral_value():
            self.fault(f"{name} must be a whole number, got {shown(value)}")
            return None
        return int(number)

    def flag(self, name: str, value: Any) -> bool | None:
        """Read true or false; None stays None."""
        if value is None or isinstance(value, bool):
            return value
        self.fault(f"{name} must be true or false, got {shown(value)}")
        return None

    def choice(self, name: str, value: Any, allowed: Collection[str]) -> str | None:
        """Read one of the allowed words; None stays None."""
        if value is None or (isinstance(value, str) and value in allowed):
            return value
        self.fault(f"{name} must be one of {', '.join(allowed)}, got {shown(value)}")
        return None

    def day(self, name: str, value: Any) -> date | None:
        """Read a date, or its text such as 2026-01-31; None stays None."""
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.fault(f"{name} must be a date such as 2026-01-31, got {shown(value)}")
            return None

    def needed_number(self, name: str, value: Any, low: Decimal | int, high: Decimal | int) -> Decimal:
        """Read an exact number from `low` to `high`, both within; without it the item is missing."""
        found = self.number(name, value, low, high)
        if value is None:
            self.gaps.append(name)
        return _NOT_READ if found is None else found

    def above_0(self, name: str, value: Any, high: Decimal | int) -> Decimal | None:
        """Read an exact number above 0 and at most `high`; None stays None."""
        found = self.number(name, value, 0, high)
        if found == 0:
            self.fault(f"{name} must be above 0, got {shown(value)}")
            return None
        return found

    def needed_above_0(self, name: str, value: Any, high: Decimal | int) -> Decimal:
        """Read an exact number above 0 and at most `high`; without it the item is missing."""
        found = self.above_0(name, value, high)
        if value is None:
            self.gaps.append(name)
        return _NOT_READ if found is None else found

    def needed_whole(self, name: str, value: Any, low: int, high: int) -> int:
        """Read a whole number from `low` to `high`, both within; without it the item is missing."""
        found = self.whole(name, value, low, high)
        if value is None:
            self.gaps.append(name)
        return low if found is None else found

    def needed_flag(self, name: str, value: Any) -> bool:
        """Read true or false; without it the item is missing."""
        if value is None:
            self.gaps.append(name)
        return self.flag(name, value) is True

    def needed_choice(self, name: str, value: Any, allowed: Collection[str]) -> str:
        """Read one of the allowed words; without it the item is missing."""
        if value is None:
            self.gaps.append(name)
        return self.choice(name, value, allowed) or ""

    def needed_one_of(self, *alternatives: tuple[str, Any, Decimal | int, Decimal | int]) -> Decimal:
        """Read a quantity given in one of several units, in the first one's unit; without it the item is missing.

        Args:
            alternatives: Name, value, upper limit in its unit, and factor to the unit of the first.
        """
        given = [alternative for alternative in alternatives if alternative[1] is not None]
        if len(given) > 1:
            self.fault(f"{given[1][0]} is given besides {given[0][0]}: give one of them")
            return _NOT_READ
        [(name, value, high, factor)] = given or alternatives[:1]
        return self.needed_number(name, value, 0, high) * factor

    def words(self, name: str, value: Any, allowed: Collection[str]) -> frozenset[str]:
        """Read a list of allowed words; without it the item is missing."""
        listed = enumerate(self.listed(name, value))
        return frozenset(self.needed_choice(f"{name}[{index}]", word, allowed) for index, word in listed)

    def listed(self, name: str, value: Any) -> Sequence[Any]:
        """Read a list; without it the item is missing."""
        if value is None:
            self.gaps.append(name)
        elif isinstance(value, list | tuple):
            return value
        else:
            self.fault(f"{name} must be a list, got {shown(value)}")
        return ()

    def group(self, name: str, value: Any, keys: Collection[str]) -> Mapping[str, Any]:
        """Read values by their names; what the group leaves out is missing, and without it the item is."""
        if value is None:
            self.gaps.append(name)
        elif isinstance(value, Mapping):
            for key in value:
                if not (isinstance(key, str) and key in keys):
                    self.fault(f"{shown(key)} is no part of {name}; its parts are {', '.join(keys)}")
            return value
        else:
            self.fault(f"{name} must give values by name, got {shown(value)}")
        return {}

    def remark(self, name: str, value: Any) -> None:
        """Read words for people, which change nothing."""
        if value is not None and not isinstance(value, str):
            self.fault(f"{name} must be text, got {shown(value)}")

    def missing(self) -> Missing | None:
        """Refuse every fault at once; else say what the item cannot do without, or None where nothing is missing.

        Raises:
            InputError: There was a fault.

        Example:
            >>> inputs = Inputs()
            >>> weight = inputs.needed_number("weight_kg", None, 0, 700)
            >>> print(inputs.missing())
            missing: weight_kg is not given
        """
        self.refuse()
        return Missing("; ".join(f"{name} is not given" for name in self.gaps)) if self.gaps else None


def shown(value: Any) -> str:
    """Show a value in a message, cut short.

    Example:
        >>> shown(1.5), shown("x" * 1000)[-5:], shown(10**5000)
        ('1.5', 'xx...', 'an integer of too many digits')
    """
    try:
        text = str(value) if isinstance(value, Decimal) else repr(value)
    except ValueError:
        return "an integer of too many digits"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
