"""Dose rules of a protocol file: each design of the design room, with its settings as keys.

A design's settings are its own: a new design in `trialwright.design.catalogue` can be written in a protocol at once.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, create_model

from trialwright.design import Rule
from trialwright.design.catalogue import (
    DESIGNS,
    RESPONDS,
    TWO_PARAMETERS,
    Maker,
    Model,
    crm,
    make_design,
    settings_of,
    tite_crm,
)
from trialwright.design.three_plus_three import PastTheTopDose, ThreePlusThree
from trialwright.errors import InputError
from trialwright.protocol.element import Element, Text
from trialwright.protocol.quantity import Amount, AmountOf

OF_THE_FILE = ("levels", "window", "doses")
"""Settings that a rule does not repeat: the file says its doses and its DLT window elsewhere."""

RESPONSE = "response_endpoint"
"""The key of a rule that looks at responses: which endpoint says who has responded."""


class DesignRule(Element):
    """A dose rule: the name of its design, and the design's settings.

    The dose levels and the DLT window are those of the file.
    """

    stops_by: ClassVar[str] = "design"
    """The key that a refusal names when the rule stops the trial."""

    design: str

    @property
    def looks_at(self) -> str | None:
        """The name of the endpoint whose response the rule looks at; None where DLTs alone decide."""
        return getattr(self, RESPONSE, None)

    def build(self, doses: tuple[AmountOf, ...], window: int) -> Rule:
        """The rule as the design room knows it.

        Args:
            doses: The amount of each dose level.
            window: Days of the DLT window.

        Raises:
            InputError: Its settings do not fit together.
        """
        own = {"levels": len(doses), "window": window, **self.amounts(doses)}
        return make_design(
            self.design, {name: own.get(name, getattr(self, name, None)) for name in settings_of(self.design)}
        )

    def amounts(self, doses: tuple[AmountOf, ...]) -> dict[str, Any]:  # noqa: ARG002 - most rules know levels only
        """Settings that the amounts of the dose levels make."""
        return {}


class ThreePlusThreeRule(DesignRule):
    """A 3+3, of which the file says the numbers.

    A file without `variant` does not de-escalate, and one without `some dlts` expands after them.
    """

    stops_by: ClassVar[str] = "stop at"

    cohort: int = Field(ge=1, le=12)
    expand_to: int = Field(ge=2, le=24)
    stop_at: int = Field(ge=1, le=12)
    past_the_top_dose: PastTheTopDose


class WorkingModelRule(DesignRule):
    """A rule by a working model, which with two parameters reads the doses of the file.

    Attributes:
        reference_dose: The dose of reference of the two-parameter logistic model, in the unit of the doses.
    """

    model: Model = "empiric"
    reference_dose: Amount | None = None

    def amounts(self, doses: tuple[AmountOf, ...]) -> dict[str, Any]:
        """The doses and the reference dose as numbers, where the model reads them.

        Raises:
            InputError: They are not one number each in one unit.
        """
        if self.model != TWO_PARAMETERS:
            return {"doses": ()}
        reference = () if self.reference_dose is None else (self.reference_dose,)
        read = (*doses, *reference)
        if len({dose.unit for dose in read}) > 1 or any(dose.low < dose.high for dose in read):
            told = ", ".join(map(str, read))
            raise InputError(f"{self.design}: the {self.model} model reads doses of one number in one unit, not {told}")
        numbers = [float(dose.low) for dose in read]
        return {"doses": tuple(numbers[: len(doses)]), "reference_dose": numbers[-1] if reference else None}


_BASES: dict[Maker, type[DesignRule]] = {
    ThreePlusThree: ThreePlusThreeRule,
    crm: WorkingModelRule,
    tite_crm: WorkingModelRule,
}


def _model(name: str) -> type[DesignRule]:
    base = _BASES.get(DESIGNS[name], DesignRule)
    fields: dict[str, Any] = {"design": (Literal[name], ...)}
    for key, setting in settings_of(name).items():
        if key not in {*OF_THE_FILE, *base.model_fields}:
            fields[key] = (setting.type, ... if setting.required else setting.default)
    if DESIGNS[name] in RESPONDS:
        fields[RESPONSE] = (Text, ...)
    title = "".join(letter for letter in name.title() if letter.isalnum())
    return create_model(f"{title}Rule", __base__=base, __doc__=base.__doc__, **fields)


RULES: dict[str, type[DesignRule]] = {name: _model(name) for name in DESIGNS}
"""What a dose rule can be, by the name of its design."""
