"""Dose escalation in a protocol file: the rule, the DLT window, and what guards the next dose."""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import Field

from trialwright.clinical.ctcae_dictionary import HaematologicalPolicy, is_haematological
from trialwright.errors import InputError
from trialwright.protocol.adverse_events import Scale
from trialwright.protocol.dose_rule import RULES, DesignRule
from trialwright.protocol.element import Element, Part, Text
from trialwright.protocol.quantity import Days

Role = Literal["sponsor", "investigator", "coordinator", "pharmacist", "monitor", "committee", "inspector"]
"""A part that a person plays in a study."""

ROLES: tuple[Role, ...] = get_args(Role)

STAGGER_OVERRIDERS: frozenset[Role] = frozenset({"investigator", "sponsor"})
"""The roles that can let a subject be infused before a stagger ends, where the protocol names them."""


class DltWindow(Element):
    """How long after the infusion a toxicity can be dose-limiting.

    Attributes:
        dose_at_least: Share of the planned dose, %, below which a subject without a DLT is not evaluable; any dose
            counts where the file does not say, and nothing is no dose.
    """

    days: Days = Field(ge=1)
    dose_at_least: int | None = Field(default=None, ge=1, le=100)


@lru_cache(maxsize=4096)
def _is_haematological(term: str, policy: HaematologicalPolicy) -> bool:
    """Whether a term is haematological; one that the scale does not have is not, and to look for it again is slow."""
    try:
        return is_haematological(ctcae_term=term, haematological_policy=policy) is True
    except InputError:
        return False


class DltDefinition(Element):
    """Which adverse events in the window are dose-limiting.

    Attributes:
        scale: The scale of the trial, in a file that names it here and not under `adverse events`.
        grade_at_least: The grade from which an event counts.
        haematological_grade_at_least: The same for haematological events, where it differs.
        haematological: Which terms are haematological; see `trialwright.clinical.ctcae_dictionary.is_haematological`.
    """

    scale: Scale | None = None
    grade_at_least: int = Field(ge=1, le=5)
    haematological_grade_at_least: int | None = Field(default=None, ge=1, le=5)
    haematological: HaematologicalPolicy | None = None
    related: bool

    def counts(self, *, term: str, grade: int, related: bool) -> bool:
        """Whether an adverse event in the window is dose-limiting by its grade and relatedness.

        A term that the scale does not have is judged by the grade for all other events, which is the lower one.
        """
        limit = self.grade_at_least
        if self.haematological_grade_at_least is not None and self._haematological(term):
            limit = self.haematological_grade_at_least
        return grade >= limit and (related or not self.related)

    def _haematological(self, term: str) -> bool:
        return self.haematological is not None and _is_haematological(term, self.haematological)


class Stagger(Element):
    """The least interval between the first infusion of one subject and that of the next, in a cohort or an arm.

    Attributes:
        after: After every subject's infusion, or after that of the first subject there, the sentinel, only.
        override_by: Roles that may let a subject be infused earlier, with a reason; absent, nobody may.
    """

    interval: Days = Field(ge=1)
    after: Literal["every subject", "first subject"] = "every subject"
    override_by: tuple[Role, ...] = ()


class DoseStagger(Stagger):
    """The least interval between one infusion and the next at a dose level.

    Attributes:
        after: After every subject's infusion, or after that of the level's first subject, the sentinel, only.
        override_by: Roles that may let a subject be infused earlier, with a reason; absent, nobody may.
    """

    dose: Text


class OpenLevels(Element):
    """How many dose levels may be open at once."""

    at_once: int = Field(ge=1, le=1)


class DecidedBy(Element):
    """Whose signatures a dose decision needs."""

    by: Annotated[tuple[Role, ...], Field(min_length=1)]


if TYPE_CHECKING:
    DoseRule = DesignRule
else:
    DoseRule = Annotated[reduce(or_, RULES.values()), Field(discriminator="design")]


class DoseEscalation(Part):
    """How doses are chosen and guarded."""

    rule: DoseRule
    dlt_window: DltWindow
    dlt: DltDefinition
    stagger: tuple[DoseStagger, ...] = ()
    open_dose_levels: OpenLevels
    decision: DecidedBy
