"""The typed study: what a protocol file becomes when it is loaded. Everything in it is frozen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from trialwright.design import Rule
from trialwright.errors import ProtocolError
from trialwright.protocol.adverse_events import AdverseEvents, Grading
from trialwright.protocol.criteria import Condition, Several
from trialwright.protocol.element import Conditions, Element, Part, Text
from trialwright.protocol.escalation import ROLES, STAGGER_OVERRIDERS, DoseEscalation, DoseRule, DoseStagger, Role
from trialwright.protocol.oversight import Endorsement
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.schedule import Endpoint, Endpoints, Item, Population, Visit
from trialwright.protocol.treatment_plan import (
    Allocation,
    Arm,
    Cohort,
    Dose,
    Enrolment,
    Medicine,
    Planning,
    Preparation,
    Product,
    Rescue,
    Sites,
    StoppingRule,
)

__all__ = [
    "ROLES",
    "STAGGER_OVERRIDERS",
    "Criterion",
    "Dose",
    "Endpoint",
    "Exclusion",
    "Inclusion",
    "Item",
    "Role",
    "Study",
    "Visit",
]


class _CriterionBase(Element):
    """What inclusion and exclusion criteria share.

    Attributes:
        id: The criterion's own name, such as I01 or E07.
        say: The criterion in words.
        again: When the criterion is evaluated once more after enrolment, on what is then known.
        query: Conditions that call for a question to the site when they hold, whatever the verdict.
    """

    id: Text
    say: Text
    again: Literal["before each treatment"] | None = None
    query: Conditions = Field(default_factory=dict)


class Inclusion(_CriterionBase):
    """What a subject must be."""

    need: Conditions

    @property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by name, all of which must hold."""
        return self.need

    @property
    def condition(self) -> Condition:
        """All of them as one."""
        return _joined("and", self.need)


class Exclusion(_CriterionBase):
    """What a subject must not be."""

    exclude: Conditions

    @property
    def conditions(self) -> dict[str, Condition]:
        """The conditions by name, none of which may hold."""
        return self.exclude

    @property
    def condition(self) -> Condition:
        """Any of them as one."""
        return _joined("or", self.exclude)


Criterion = Inclusion | Exclusion


class Criteria(Part):
    """Who may take part."""

    inclusion: tuple[Inclusion, ...] = ()
    exclusion: tuple[Exclusion, ...] = ()

    def __iter__(self) -> Iterator[Criterion]:  # type: ignore[override]  # criteria, not pydantic's fields
        yield from self.inclusion
        yield from self.exclusion


Phase = Literal[
    "Early Phase 1", "Phase 1", "Phase 1a", "Phase 1b", "Phase 1/Phase 2", "Phase 1/Phase 2/Phase 3", "Phase 1/Phase 3",
    "Phase 2", "Phase 2a", "Phase 2b", "Phase 2/Phase 3", "Phase 3", "Phase 3a", "Phase 3b", "Phase 4", "Phase 5",
    "Not Applicable",
]  # fmt: skip
"""The phases of ClinicalTrials.gov and of CDISC's codelist C66737, Trial Phase Response (SDTM, 2025-03-28)."""


class Study(Part):
    """One trial, as its protocol file says it."""

    trialwright: int = Field(ge=1, le=1)
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$")]
    version: Text
    record: Text | None = None
    title: Text
    condition: Text
    phase: Phase
    masking: Literal["none", "single", "double", "triple", "quadruple"]
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    doses: Annotated[tuple[Dose, ...], Field(min_length=1, max_length=20)]
    dose_escalation: DoseEscalation | None = None
    arms: tuple[Arm, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    allocation: Allocation | None = None
    enrolment: Enrolment
    sites: Sites
    preparation: Preparation | None = None
    medicines: tuple[Medicine, ...] = ()
    rescue: Rescue | None = None
    adverse_events: AdverseEvents | None = None
    stopping_rules: tuple[StoppingRule, ...] = ()
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    criteria: Criteria
    schedule: Annotated[tuple[Visit, ...], Field(min_length=1)]
    populations: tuple[Population, ...] = ()
    endpoints: Endpoints
    planning: Planning
    endorsements: tuple[Endorsement, ...] = ()

    @property
    def kind(self) -> str:
        """What the trial is called within a sentence: `Phase 1 trial`, or `trial` where no phase applies."""
        return "trial" if self.phase == "Not Applicable" else f"{self.phase} trial"

    @property
    def design(self) -> DoseEscalation:
        """The dose escalation.

        Raises:
            ProtocolError: The trial escalates no dose.
        """
        if self.dose_escalation is None:
            raise ProtocolError(f"{self.id} has no dose escalation, which is what was asked for")
        return self.dose_escalation

    @property
    def grading(self) -> Grading | None:
        """The scale by which adverse events are graded; None where the file names none."""
        if self.adverse_events:
            return Grading(self.adverse_events.scale, "adverse events > scale")
        scale = self.dose_escalation.dlt.scale if self.dose_escalation else None
        return Grading(scale, "dose escalation > dlt > scale") if scale else None

    @property
    def signers(self) -> tuple[Role, ...]:
        """Whose signatures a safety decision needs: those of the dose decision, else investigator and sponsor."""
        return self.dose_escalation.decision.by if self.dose_escalation else ("investigator", "sponsor")

    @property
    def rule(self) -> Rule:
        """The dose rule as the design room knows it: the one that simulation, rehearsal and conduct all ask.

        Raises:
            InputError: Its numbers do not fit together.
        """
        return _built(self.design.rule, tuple(dose.amount for dose in self.doses), self.design.dlt_window.days)

    @property
    def response_endpoint(self) -> Endpoint | None:
        """The endpoint whose response the dose rule looks at; None where DLTs alone decide, or there is no such one."""
        name = self.dose_escalation.rule.looks_at if self.dose_escalation else None
        every = (*self.endpoints.primary, *self.endpoints.secondary)
        return next((endpoint for endpoint in every if endpoint.name == name), None)

    @property
    def response_rates(self) -> tuple[float, ...]:
        """The response rates that planning assumes of the dose levels; empty where it does not say all of them."""
        rates = self.planning.true_response_rates
        return (
            tuple(rates[dose.name] for dose in self.doses) if {dose.name for dose in self.doses} == set(rates) else ()
        )

    @property
    def treatment_days(self) -> frozenset[str]:
        """What the first treatment's day is called: the infusion, and day 0 of the schedule if it gives anything."""
        given = (visit for visit in self.schedule if visit.day == 0 and visit.gives)
        return frozenset({"infusion", *(name for visit in given for name in (visit.name, visit.anchor))})

    def dose(self, level: int) -> Dose:
        """The dose of a level (1-based)."""
        return self.doses[level - 1]

    def staggers(self, level: int) -> tuple[DoseStagger, ...]:
        """What holds back the next infusion at a level."""
        return tuple(stagger for stagger in self.design.stagger if stagger.dose == self.dose(level).name)

    def stagger_days(self, level: int) -> int:
        """The least days between two infusions at a level; 0 where the protocol sets none."""
        return max((stagger.interval for stagger in self.staggers(level)), default=0)

    def item(self, name: str) -> Item | None:
        """The item of that name."""
        return next((item for item in self.items if item.name == name), None)

    def medicine_named(self, drug: str) -> str:
        """What the protocol calls a medicine: the class that it is listed in, or its own name."""
        return next((one.drug for one in self.medicines if one.called(drug)), drug)

    def medicine_rule(self, name: str, arm: str | None) -> Medicine | None:
        """What is said of a medicine in an arm; a rule of some arms says nothing where the arm is not known.

        Args:
            name: What the protocol calls it.
            arm: The arm, where it may be known.
        """
        there = (one for one in self.medicines if not one.arms or arm in one.arms)
        return next((one for one in there if one.drug.casefold() == name.casefold()), None)

    def items_told_by(self, drug: str, counts_as: str | None) -> tuple[Item, ...]:
        """The items of which a medicine tells, once it is taken down.

        Args:
            drug: Its name.
            counts_as: What it was said to count as; None where that was left to the protocol.
        """
        called = (drug, counts_as or self.medicine_named(drug))
        return tuple(item for item in self.items if item.is_told_by(*called))

    @property
    def collected(self) -> tuple[str, ...]:
        """The items that visits collect, in the order in which they first do."""
        return tuple(dict.fromkeys(name for visit in self.schedule for name in visit.collect))

    def visit(self, name: str) -> Visit | None:
        """The visit of that name, as the file or as criteria write it."""
        return next((visit for visit in self.schedule if name in {visit.visit, visit.name}), None)


@lru_cache(maxsize=16)
def _built(rule: DoseRule, doses: tuple[AmountOf, ...], window: int) -> Rule:
    return rule.build(doses, window)


def _joined(word: Literal["and", "or"], named: dict[str, Condition]) -> Condition:
    parts = tuple(named.values())
    return parts[0] if len(parts) == 1 else Several(word, parts)
