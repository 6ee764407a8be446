"""What subjects receive: products, doses, arms, cohorts, allocation, other medicine, rescue and stopping rules."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from trialwright.errors import ProtocolError
from trialwright.protocol.element import ConditionText, Element, Part, PeriodText, Probability, Text
from trialwright.protocol.escalation import Stagger
from trialwright.protocol.quantity import Amount, Days, Percent, Volume, Weight

ArmType = Literal["experimental", "active comparator", "placebo comparator", "no intervention"]


class Product(Element):
    """Something that is given."""

    name: Text
    kind: Text
    route: Text


class Dose(Element):
    """A dose by its name; in a dose escalation the levels are numbered from 1 in the order of the file."""

    name: Text
    amount: Amount

    @property
    def can_be_escalated(self) -> bool:
        """Whether rehearsal and conduct can take it for a dose level: one number of cells, flat or by body weight."""
        return self.amount.unit in {"cells", "cells/kg"} and self.amount.low == self.amount.high

    @property
    def cells_per_kg(self) -> Decimal:
        """The dose of one level, viable cells per kg of body weight.

        Raises:
            ProtocolError: The dose is a range, or is not by body weight.
        """
        if self.amount.unit != "cells/kg" or self.amount.low != self.amount.high:
            raise ProtocolError(f"dose '{self.name}' is {self.amount}, not one number of cells/kg")
        return self.amount.low

    def __str__(self) -> str:
        return self.name if self.name == str(self.amount) else f"{self.name}, {self.amount}"


class Treatment(Element):
    """One product as an arm gives it.

    Attributes:
        product: Name of the product.
        dose: Name of a dose; `by level` and `by cohort` take it from where the subject is enrolled.
        times: How often it is given; None where it goes on.
        every: From one time to the next.
    """

    product: Text
    dose: Text | None = None
    times: int | None = Field(default=1, ge=1, le=1000)
    every: PeriodText | None = None


class Arm(Element):
    """A group of subjects who are treated alike.

    Attributes:
        stagger: The least interval from the first infusion of one subject of the arm to that of the next.
    """

    name: Text
    type: ArmType
    treatments: tuple[Treatment, ...] = ()
    stagger: tuple[Stagger, ...] = ()


class Cohort(Element):
    """Subjects who are enrolled together, one cohort after the other in the order of the file.

    Attributes:
        review_after: How long after its last infusion the cohort may be reviewed, which lets the next one open; as
            soon as every slot is taken where the file does not say.
        stagger: The least interval from the first infusion of one subject of the cohort to that of the next.
    """

    name: Text
    size: int = Field(ge=1, le=10_000)
    dose: Text | None = None
    review_after: Days | None = Field(default=None, ge=1)
    stagger: tuple[Stagger, ...] = ()


class Allocation(Element):
    """How a subject comes to an arm. Block sizes, seed and list are never in this file: only their commitment is.

    Attributes:
        ratio: Subjects to each arm, by the arm's name.
        commitment: SHA-256 of the sealed list, once it is made.
    """

    method: Literal["randomised", "by choice", "single arm"]
    ratio: dict[str, Annotated[int, Field(ge=1, le=99)]] = Field(default_factory=dict)
    strata: tuple[Text, ...] = ()
    commitment: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


_ABOVE_PLANNED = Decimal(10)


class Preparation(Element):
    """How an infusion is prepared from a lot, and what may differ from the plan.

    Attributes:
        weight_within: How old a body weight may be at preparation and infusion; absent, it is of the day itself.
        weight_cap: Above this body weight, kg, the dose no longer grows; absent, it always does.
        final_volume: Volume to which every infusion is made up, mL, the same for every arm; absent, the suspension of
            cells is given as it is. A masked trial needs it.
        use_within: How long a preparation may be used; absent, until its lot expires. A masked trial needs it.
        deviation: Up to which difference between the planned, the prepared and the given volume no reason is asked, %;
            absent, any difference asks for one.
        at_most_above: By how much more than planned may be prepared, whatever the reason, %; absent, 10, or `deviation`
            where that is more. No guideline gives the number: it is the project's own assumption.
        manufacturing_failure: Whether a subject for whom no product could be made is replaced, or keeps the slot and
            waits for the next lot.
    """

    weight_within: Days = 0
    weight_cap: Weight | None = None
    final_volume: Volume | None = None
    use_within: PeriodText | None = None
    deviation: Percent = Decimal(0)
    at_most_above: Percent | None = None
    manufacturing_failure: Literal["replaced", "waits"] | None = None

    @property
    def ceiling(self) -> Decimal:
        """By how much more than planned may be prepared, %.

        Example:
            >>> Preparation(deviation="5 %").ceiling
            Decimal('10')
        """
        return max(_ABOVE_PLANNED, self.deviation) if self.at_most_above is None else self.at_most_above


class AroundTreatment(Part):
    """How long before and after each treatment something holds, in days; a side that is left out is none."""

    before: Days = 0
    after: Days = 0

    @model_validator(mode="after")
    def _names_a_side(self) -> Self:
        if not self.before and not self.after:
            raise ValueError("say how long: `before: 28 days`, `after: 90 days`, or both")
        return self

    def holds(self, first: date, last: date | None, treated: date) -> bool:
        """Whether something from a day to another, or still going on, lies so near to a treatment.

        Example:
            >>> washout = AroundTreatment(before="28 days")
            >>> washout.holds(date(2026, 1, 1), date(2026, 1, 8), date(2026, 2, 5))
            True
            >>> washout.holds(date(2026, 1, 1), date(2026, 1, 7), date(2026, 2, 5))
            False
        """
        ended = last is not None and last < treated - timedelta(days=self.before)
        return first <= treated + timedelta(days=self.after) and not ended

    def __str__(self) -> str:
        sides = (("before", self.before), ("after", self.after))
        return " and ".join(f"{days} days {side}" for side, days in sides if days) + " a treatment"


class Medicine(Element):
    """Medicine beside the product.

    Attributes:
        within: How near to a treatment it is forbidden; where the file does not say, it is forbidden from consent on.
        treatment: Whether a treatment waits until so many days before it are free of the medicine, or goes on, and the
            medicine is marked only.
        includes: Medicines that are known to be of it, where it is a class: they count as it by their names.
        arms: The arms for which the rule holds; every arm where the file does not say.
        outside: What becomes of a dose outside the amount: it is refused, or taken down with its reason.
        until: What ends the rule for a subject; None where it holds throughout.
    """

    drug: Text
    use: Literal["given", "allowed", "forbidden"]
    amount: Amount | None = None
    outside: Literal["refused", "with reason"] = "refused"
    until: Literal["rescue"] | None = None
    within: AroundTreatment | None = None
    treatment: Literal["waits", "goes on"] = "waits"
    includes: tuple[Text, ...] = ()
    arms: tuple[Text, ...] = ()
    say: Text

    @model_validator(mode="after")
    def _forbids_within(self) -> Self:
        if self.within is not None and self.use != "forbidden":
            raise ValueError(
                f"`within` says when a medicine is forbidden, and the use is {self.use}; leave one of them out"
            )
        if self.treatment == "goes on" and (self.within is None or not self.within.before):
            raise ValueError("`treatment: goes on` is for a medicine that is forbidden days before a treatment")
        return self

    def called(self, name: str) -> bool:
        """Whether a medicine of that name is this one, or one of its class."""
        return name.casefold() in {one.casefold() for one in (self.drug, *self.includes)}


class Rescue(Element):
    """When a subject may receive other treatment, and what follows."""

    visit: Text
    when: ConditionText
    then: Text


class EventPattern(Part):
    """Which adverse events meet a stopping rule: those that have everything that is named here.

    Attributes:
        grade_at_least: The CTCAE grade from which an event counts.
    """

    related: bool | None = None
    serious: bool | None = None
    grade_at_least: Annotated[int, Field(ge=1, le=5)] | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.related is self.serious is self.grade_at_least is None:
            raise ValueError("name what an adverse event must be: `related`, `serious` or `grade at least`")
        return self

    def holds(self, *, related: bool, serious: bool, grade: int) -> bool:
        """Whether an adverse event is one of these.

        Example:
            >>> EventPattern(related=True, grade_at_least=4).holds(related=True, serious=False, grade=4)
            True
        """
        named = ((self.related, related), (self.serious, serious))
        return grade >= (self.grade_at_least or 1) and all(asked in {None, found} for asked, found in named)


class StoppingRule(Element):
    """What pauses or ends the trial.

    Attributes:
        adverse_events: An adverse event of any of these kinds meets the rule at once; where the file does not say, a
            person judges whether the rule is met.
    """

    id: Text
    say: Text
    adverse_events: tuple[EventPattern, ...] = ()
    then: Literal["pause", "stop"]


class Enrolment(Element):
    """How many subjects are planned.

    Attributes:
        reservation: For how long a slot can be kept for a subject in screening; where the file does not say, a slot is
            claimed at enrolment only.
        replaced: Whether a subject who leaves before the first infusion is replaced; nobody is where the file does not
            say. In a dose escalation whoever is not evaluable is replaced.
    """

    planned: Annotated[int, Field(ge=1, le=1_000_000)]
    reservation: Days | None = Field(default=None, ge=1)
    replaced: Literal["untreated"] | None = None


class Sites(Element):
    """At how many sites."""

    planned: Annotated[int, Field(ge=1, le=10_000)]


class Planning(Element):
    """What simulation and rehearsal start from.

    Attributes:
        true_dlt_rates: One for each dose level.
        true_response_rates: The chance of the primary response, by arm; by dose, of the response that the dose rule
            looks at, in a dose escalation whose rule does so.
        screened_per_month: People who come to screening in a month, over all sites.
        screen_failure: Share of them who are not eligible.
        drop_out: Share of the treated who are lost before the last visit.
    """

    true_dlt_rates: tuple[Probability, ...] = ()
    true_response_rates: dict[str, Probability] = Field(default_factory=dict)
    screened_per_month: Annotated[float, Field(gt=0, le=1000)]
    screen_failure: Probability
    drop_out: Probability = 0
