"""Dose rules of a protocol file beside 3+3: each design of the design room, with its settings as keys.

A design's settings are its own: a new design in `trialwright.design.catalogue` can be written in a protocol at once.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import create_model

from trialwright.design import Design, ThreePlusThree
from trialwright.design.catalogue import DESIGNS, make_design, settings_of
from trialwright.protocol.element import Element


class DesignRule(Element):
    """A dose rule: the name of its design, and the design's settings; the dose levels are those of the file."""

    stops_by: ClassVar[str] = "design"
    """The key that a refusal names when the rule stops the trial."""

    design: str

    def build(self, levels: int) -> Design:
        """The rule as the design room knows it.

        Raises:
            InputError: Its settings do not fit together.
        """
        given = {name: getattr(self, name) for name in settings_of(DESIGNS[self.design.lower()]) if name != "levels"}
        return make_design(self.design, {"levels": levels, **given})


def _model(kind: type[Design]) -> type[DesignRule]:
    fields: dict[str, Any] = {"design": (Literal[kind.name], ...)}
    for name, setting in settings_of(kind).items():
        if name != "levels":
            fields[name] = (setting.type, ... if setting.required else setting.default)
    return create_model(f"{kind.__name__}Rule", __base__=DesignRule, __doc__=DesignRule.__doc__, **fields)


OTHER_RULES: dict[str, type[DesignRule]] = {
    kind.name: _model(kind) for kind in DESIGNS.values() if kind is not ThreePlusThree
}
"""A model for each design, by its name."""
