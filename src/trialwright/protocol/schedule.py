"""What is collected, when, and what it is for: items, visits, populations, endpoints."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialwright.protocol.element import ConditionText, Element, Name, Part, Range, Text
from trialwright.protocol.facts import visit_name
from trialwright.protocol.quantity import Days

ItemType = Literal["number", "yes or no", "word", "event", "drug"]
DAYS = ("consent", "screening", "baseline", "enrolment", "randomisation", "infusion")
"""The days of a subject that windows and visits hang on, beside the visits by their names."""


class Computed(Part):
    """How an item is computed from others.

    Attributes:
        by: The formula, by its name in the catalogue of `trialwright compute`.
        inputs: The item that each input of the formula is taken from.
    """

    by: Text
    inputs: Annotated[dict[str, Name], Field(min_length=1)]


class Item(Element):
    """Something collected from a subject.

    Attributes:
        type: A number, yes or no, a word of a list, an event with its days, or a drug with dose and days.
        unit: UCUM unit of a number, or of a drug's dose at each administration.
        range: What can be: a value outside it is refused.
        typical: Where most subjects of this trial lie before they are treated; rehearsal draws from it, and a value
            outside it at a visit up to day 0 is asked about.
        typical_later: Where most lie at visits after day 0; there nothing is asked where the file does not say.
        choices: The words that a word item can be.
        instrument: Name and version of the instrument or formula that gives the number.
        computed: How it is computed from other items; then nobody enters it.
        medicines: Medicines, or classes of the protocol, of which what is taken down as medicine tells of the item, as
            what is taken down under the item's own name or label does.
        other_than: Medicines of those classes of which it does not.
    """

    name: Name
    label: Text
    type: ItemType
    unit: Text | None = None
    range: Range | None = None
    typical: Range | None = None
    typical_later: Range | None = None
    choices: tuple[Text, ...] = ()
    instrument: Text | None = None
    computed: Computed | None = None
    medicines: tuple[Text, ...] = ()
    other_than: tuple[Text, ...] = ()

    @property
    def tells_of_death(self) -> bool:
        """Whether it is an event that a death is, alone or among others; one before consent cannot be."""
        return self.type == "event" and "death" in self.label.casefold()

    def is_told_by(self, *names: str) -> bool:
        """Whether a medicine of these names, its own and that of its class, tells of the item, an event or a drug.

        Example:
            >>> bdmard = Item(name="other_bdmard", label="Biologic DMARD other than rituximab", type="event",
            ...               medicines=["biologic DMARDs"], other_than=["rituximab"])
            >>> bdmard.is_told_by("adalimumab", "biologic DMARDs"), bdmard.is_told_by("rituximab", "biologic DMARDs")
            (True, False)
        """
        told = {name.casefold() for name in (self.name, self.label, *self.medicines)}
        called = {name.casefold() for name in names}
        other = called & {name.casefold() for name in self.other_than}
        return self.type in {"event", "drug"} and bool(called & told) and not other

    def typical_at(self, visit: Visit) -> Range | None:
        """Where most subjects lie at a visit; None where the file does not say, or the item is no number.

        Example:
            >>> crp = Item(name="crp", label="CRP", type="number", typical="2 to 40", typical_later="0 to 20")
            >>> [str(limit) for limit in crp.typical_at(Visit(visit="Week 4", day=28))]
            ['0', '20']
        """
        if self.type != "number":
            return None
        return self.typical if visit.day <= 0 else self.typical_later


class Visit(Element):
    """A visit, by its day after an anchor, give or take its window.

    Attributes:
        day: Day after the anchor; negative before it.
        window: Days allowed on both sides; before day 0 the visit runs from `day` towards the anchor.
        anchor: What day 0 is: the first infusion, unless another day is named.
        gives: Products that are given at this visit, to the subjects whose arm receives them.
    """

    visit: Text
    day: int = Field(ge=-365, le=3650)
    window: Days = 0
    anchor: Name = "infusion"
    collect: tuple[Name, ...] = ()
    gives: tuple[Text, ...] = ()

    @property
    def name(self) -> str:
        """The visit's name as criteria write it: small letters and underscores."""
        return visit_name(self.visit)

    @property
    def first_day(self) -> int:
        """First day of the window."""
        return self.day if self.day < 0 else self.day - (self.window if self.day else 0)

    @property
    def last_day(self) -> int:
        """Last day of the window."""
        return self.day + self.window if self.day >= 0 else min(self.day + self.window, -1)


class Population(Element):
    """Which subjects an analysis counts."""

    name: Text
    say: Text


class Endpoint(Element):
    """What the trial measures.

    Attributes:
        of: DLTs, adverse events, an item's value, a response (a condition that holds or not), or a time to an event.
        item: The item, for a value or for the event of a time.
        response: The condition that makes a responder.
        visit: The visit at which it is taken; the whole time where none is named.
        within: Until when after the first infusion.
        population: Name of the population it is counted in.
        missing: What a missing value counts as.
    """

    name: Text
    of: Literal["dlt", "adverse events", "item", "response", "time to event"]
    item: Name | None = None
    response: ConditionText | None = None
    visit: Text | None = None
    within: Days
    population: Text | None = None
    missing: Literal["not counted", "non-responder", "censored"] = "not counted"


class Endpoints(Part):
    """What the trial measures, by rank."""

    primary: Annotated[tuple[Endpoint, ...], Field(min_length=1)]
    secondary: tuple[Endpoint, ...] = ()
