"""Dose rules of a protocol file: each design of the design room, with its settings as keys.

A design's settings are its own: a new design in `trialwright.design.catalogue` can be written in a protocol at once.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field, create_model

from trialwright.design import Rule
from trialwright.design.catalogue import DESIGNS, RESPONDS, make_design, settings_of
from trialwright.design.three_plus_three import PastTheTopDose
from trialwright.protocol.element import Element, Text

OF_THE_FILE = ("levels", "window")
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

    def build(self, levels: int, window: int) -> Rule:
        """The rule as the design room knows it.

        Args:
            levels: Number of dose levels.
            window: Days of the DLT window.

        Raises:
            InputError: Its settings do not fit together.
        """
        own = {"levels": levels, "window": window}
        return make_design(
            self.design, {name: own.get(name, getattr(self, name, None)) for name in settings_of(self.design)}
        )


class ThreePlusThreeRule(DesignRule):
    """A 3+3, of which the file says the numbers.

    A file without `variant` does not de-escalate, and one without `some dlts` expands after them.
    """

    stops_by: ClassVar[str] = "stop at"

    cohort: int = Field(ge=1, le=12)
    expand_to: int = Field(ge=2, le=24)
    stop_at: int = Field(ge=1, le=12)
    past_the_top_dose: PastTheTopDose


def _model(name: str) -> type[DesignRule]:
    base = ThreePlusThreeRule if name == "3+3" else DesignRule
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
