"""Dose rules of a protocol file beside 3+3: each design of the design room, with its settings as keys.

A design's settings are its own: a new design in `trialwright.design.catalogue` can be written in a protocol at once.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import create_model

from trialwright.design import Design
from trialwright.design.catalogue import DESIGNS, NEED_MORE, make_design, settings_of
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
        given = {name: getattr(self, name) for name in settings_of(self.design) if name != "levels"}
        return make_design(self.design, {"levels": levels, **given})


def _model(name: str) -> type[DesignRule]:
    fields: dict[str, Any] = {"design": (Literal[name], ...)}
    for key, setting in settings_of(name).items():
        if key != "levels":
            fields[key] = (setting.type, ... if setting.required else setting.default)
    title = "".join(letter for letter in name.title() if letter.isalnum())
    return create_model(f"{title}Rule", __base__=DesignRule, __doc__=DesignRule.__doc__, **fields)


OTHER_RULES: dict[str, type[DesignRule]] = {name: _model(name) for name in DESIGNS if name not in {"3+3", *NEED_MORE}}
"""A model for each design that decides by DLTs, by its name."""
