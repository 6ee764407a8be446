"""Doses of systemic corticosteroids in mg of prednisone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item

MG_EQUAL_TO_5_MG_PREDNISONE = {
    "prednisone": Decimal(5),
    "prednisolone": Decimal(5),
    "methylprednisolone": Decimal(4),
    "triamcinolone": Decimal(4),
    "hydrocortisone": Decimal(20),
    "cortisone": Decimal(25),
    "dexamethasone": Decimal("0.75"),
    "betamethasone": Decimal("0.75"),
    "deflazacort": Decimal(6),
}
SYSTEMIC_ROUTES = ("oral", "iv", "im")
LOCAL_ROUTES = ("inhaled", "intranasal", "topical", "ophthalmic")
_LIMIT_MG_PER_DAY = 10
_MOST_MG_PER_DAY = 10_000
_SHOWN = Context(prec=10, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrednisoneEquivalent:
    """Corticosteroids that a subject takes, in mg of prednisone a day.

    Attributes:
        prednisone_equivalent_mg_per_day: The oral doses together, mg/day, to 10 significant digits.
        exceeds_10_mg_per_day: Whether they are above 10 mg/day, by the exact sum.
        excluded_high_dose: Whether they are, or any corticosteroid is given into a vein or a muscle.
    """

    prednisone_equivalent_mg_per_day: Decimal
    exceeds_10_mg_per_day: bool
    excluded_high_dose: bool


@item("prednisone_equivalent")
def prednisone_equivalent(*, daily_doses: list[Mapping[str, Any]] | None) -> PrednisoneEquivalent | Missing:
    """Add up the oral corticosteroids in mg of prednisone a day, and say whether they are a high dose.

    5 mg of prednisone equal 5 of prednisolone, 4 of methylprednisolone or triamcinolone, 20 of hydrocortisone, 25 of
    cortisone, 6 of deflazacort, 0.75 of dexamethasone and 0.75 of betamethasone, which tables of the United States put
    at 0.6: a choice. More than 10 mg/day is high, exactly 10 is not; a dose into a vein or a muscle is high whatever
    its size, and is not added to the oral sum. What acts locally counts nothing: a choice.

    Args:
        daily_doses: Each with `drug`, `mg_per_day` (mg/day, 0 to 10 000) and `route`: `oral`, `iv`, `im`, or locally
            `inhaled`, `intranasal`, `topical`, `ophthalmic`.

    Raises:
        InputError: Naming every dose that cannot be read.

    Example:
        >>> doses = [{"drug": "dexamethasone", "mg_per_day": Decimal("1.5"), "route": "oral"}]
        >>> found = prednisone_equivalent(daily_doses=doses)
        >>> str(found.prednisone_equivalent_mg_per_day), found.exceeds_10_mg_per_day
        ('10', False)

    Source: British National Formulary, glucocorticoid equivalence (2024); cortisone as in common tables. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    doses = [
        _dose(read, f"daily_doses[{index}]", dose) for index, dose in enumerate(read.listed("daily_doses", daily_doses))
    ]
    if missing := read.missing():
        return missing
    total = sum((equivalent for equivalent, route in doses if route == "oral"), Fraction())
    exceeds = total > _LIMIT_MG_PER_DAY
    return PrednisoneEquivalent(
        prednisone_equivalent_mg_per_day=_SHOWN.divide(Decimal(total.numerator), Decimal(total.denominator)),
        exceeds_10_mg_per_day=exceeds,
        excluded_high_dose=exceeds or any(route in {"iv", "im"} for _, route in doses),
    )


def _dose(read: Inputs, name: str, value: Any) -> tuple[Fraction, str]:
    """Read one dose: mg of prednisone a day, exactly, and the route."""
    given = read.group(name, value, ("drug", "mg_per_day", "route"))
    drug = read.needed_choice(f"{name}.drug", given.get("drug"), MG_EQUAL_TO_5_MG_PREDNISONE)
    mg_per_day = read.needed_number(f"{name}.mg_per_day", given.get("mg_per_day"), 0, _MOST_MG_PER_DAY)
    route = read.needed_choice(f"{name}.route", given.get("route"), (*SYSTEMIC_ROUTES, *LOCAL_ROUTES))
    if not drug or mg_per_day.is_nan():
        return Fraction(), route
    return Fraction(mg_per_day) * 5 / Fraction(MG_EQUAL_TO_5_MG_PREDNISONE[drug]), route
