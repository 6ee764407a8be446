"""The typed study: what a protocol file becomes when it is loaded. Everything in it is frozen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from trialwright.design import ThreePlusThree
from trialwright.protocol.criteria import Condition, parse_condition
from trialwright.protocol.quantity import CellsPerKg, Days, plain

Role = Literal["sponsor", "investigator", "coordinator", "pharmacist", "monitor"]
"""A part that a person plays in a study."""

ROLES: tuple[Role, ...] = get_args(Role)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _condition(value: object) -> Condition:
    if not isinstance(value, str):
        raise ValueError("a condition is text such as 'basdai >= 4'")  # noqa: TRY004 - pydantic collects ValueError
    return parse_condition(value)


def _range(value: object) -> object:
    if not isinstance(value, str):
        return value
    low, separator, high = value.partition(" to ")
    if not separator:
        raise ValueError(f"{value!r} is not a range; write it like '0 to 10'")
    return low.strip(), high.strip()


def _rising(value: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    if value[0] > value[1]:
        raise ValueError(f"the range runs from {value[0]} down to {value[1]}; write the lower limit first")
    return value


Text = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Pointers = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more)]
Written = Annotated[Condition, PlainValidator(_condition)]
Range = Annotated[tuple[Decimal, Decimal], BeforeValidator(_range), AfterValidator(_rising)]
Probability = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """Anything in a protocol file: keys are written with spaces, unknown keys are faults, nothing changes later."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=_words, populate_by_name=True, arbitrary_types_allowed=True
    )


class Element(Part):
    """A part that owes its reader a source: a place in the registered record, or an assumption with its reason.

    Attributes:
        at: Where the record says it: a section, and a sentence or item.
        assumed: Why it is so although the record does not say it.
    """

    at: Pointers = ()
    assumed: Text | None = None


class Product(Element):
    """What is given."""

    name: Text
    kind: Text
    route: Text


class Dose(Element):
    """One dose level; levels are numbered from 1 in the order of the file."""

    name: Text
    amount: CellsPerKg

    def __str__(self) -> str:
        return f"{self.name}, {plain(self.amount)} cells/kg"


class DoseEscalation(Element):
    """The dose rule and its numbers."""

    rule: Literal["3+3"]
    cohort: int = Field(ge=1, le=12)
    expand_to: int = Field(ge=2, le=24)
    stop_at: int = Field(ge=1, le=12)
    past_the_top_dose: Literal["consult"]


class DltWindow(Element):
    """How long after the infusion a toxicity can be dose-limiting."""

    days: Days = Field(ge=1)


class DltDefinition(Element):
    """Which adverse events in the window are dose-limiting."""

    scale: Literal["CTCAE 5.0"]
    grade_at_least: int = Field(ge=1, le=5)
    related: bool


class Stagger(Element):
    """The least interval between one infusion and the next at a dose level."""

    dose: Text
    interval: Days = Field(ge=1)


class OpenLevels(Element):
    """How many dose levels may be open at once."""

    at_once: int = Field(ge=1, le=1)


class DecidedBy(Element):
    """Whose signatures a dose decision needs."""

    by: Annotated[tuple[Role, ...], Field(min_length=1)]


class DesignPart(Part):
    """How doses are chosen and guarded."""

    dose_escalation: DoseEscalation
    dlt_window: DltWindow
    dlt: DltDefinition
    stagger: tuple[Stagger, ...] = ()
    open_dose_levels: OpenLevels
    decision: DecidedBy


class Item(Element):
    """Something collected from a subject.

    Attributes:
        range: What can be: a value outside it is refused.
        typical: Where most subjects of this trial lie; rehearsal draws from it.
    """

    name: Name
    label: Text
    type: Literal["number", "yes or no"]
    unit: Text | None = None
    range: Range | None = None
    typical: Range | None = None


class Inclusion(Element):
    """What a subject must be."""

    id: Text
    say: Text
    need: Written


class Exclusion(Element):
    """What a subject must not be."""

    id: Text
    say: Text
    exclude: Written


class Criteria(Part):
    """Who may take part."""

    inclusion: tuple[Inclusion, ...] = ()
    exclusion: tuple[Exclusion, ...] = ()

    def __iter__(self) -> Iterator[Inclusion | Exclusion]:  # type: ignore[override]  # criteria, not pydantic's fields
        yield from self.inclusion
        yield from self.exclusion


class Visit(Element):
    """A visit, by its day after the infusion (day 0), give or take its window."""

    visit: Text
    day: int = Field(ge=-365, le=3650)
    window: Days = 0
    collect: Annotated[tuple[Name, ...], Field(min_length=1)]


class Endpoint(Element):
    """What the trial measures; `within` says until when after the infusion."""

    name: Text
    of: Literal["dlt", "adverse events", "item"]
    item: Name | None = None
    within: Days


class Endpoints(Part):
    """What the trial measures, by rank."""

    primary: Annotated[tuple[Endpoint, ...], Field(min_length=1)]
    secondary: tuple[Endpoint, ...] = ()


class Planning(Element):
    """What simulation and rehearsal start from."""

    true_dlt_rates: tuple[Probability, ...]
    screened_per_month: Annotated[float, Field(gt=0, le=1000)]
    screen_failure: Probability


class Study(Part):
    """One trial, as its protocol file says it."""

    trialwright: int = Field(ge=1, le=1)
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,39}$")]
    version: Text
    record: Text | None = None
    title: Text
    condition: Text
    phase: Literal["Phase 1", "Phase 1/Phase 2", "Phase 2"]
    masking: Literal["none"]
    product: Product
    doses: Annotated[tuple[Dose, ...], Field(min_length=1, max_length=20)]
    design: DesignPart
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    criteria: Criteria
    schedule: Annotated[tuple[Visit, ...], Field(min_length=1)]
    endpoints: Endpoints
    planning: Planning

    @property
    def rule(self) -> ThreePlusThree:
        """The dose rule as the design room knows it: the one that simulation, rehearsal and conduct all ask."""
        numbers = self.design.dose_escalation
        return ThreePlusThree(
            levels=len(self.doses), cohort=numbers.cohort, expand_to=numbers.expand_to, stop_at=numbers.stop_at
        )

    def dose(self, level: int) -> Dose:
        """The dose of a level (1-based)."""
        return self.doses[level - 1]

    def stagger_days(self, level: int) -> int:
        """The least days between two infusions at a level; 0 where the protocol sets none."""
        return max((s.interval for s in self.design.stagger if s.dose == self.dose(level).name), default=0)

    def item(self, name: str) -> Item | None:
        """The item of that name."""
        return next((item for item in self.items if item.name == name), None)
