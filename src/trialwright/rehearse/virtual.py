"""Virtual subjects: who they are when they come to screening. Everything is drawn from a generator of a given seed.

Each subject has streams of its own, so subject 7 is the same person under every truth and every course of the trial:
a subject has a DLT at a level when its tolerance, uniform on 0 to 1, lies below the level's true DLT rate, and responds
when its response, likewise, lies below the true rate of its arm.

A person is not found by drawing blindly. What is usual is drawn first; then every criterion that is not as it shall be
steers what it reads (`steer`), until all of them are; and then the protocol's own screening says the verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from trialwright.errors import InputError
from trialwright.protocol.criteria import (
    Among,
    Comparison,
    Condition,
    Deferred,
    Happened,
    Judged,
    Lasting,
    Not,
    Truth,
    items,
    leaves,
)
from trialwright.protocol.facts import Value
from trialwright.protocol.screen import Verdict, screen
from trialwright.protocol.study import Criterion, Exclusion, Item, Study, Visit
from trialwright.rehearse.draft import Draft
from trialwright.rehearse.measures import Reading, bounds, rounded
from trialwright.rehearse.steer import Steering

PEOPLE, COURSE, REACTIONS = 0, 1, 2
"""The streams of a subject: who it is, how its disease goes on, how it reacts and when it leaves."""

_ATTEMPTS = 60
_ROUNDS = 12
_AS_ASKED = 0.95
_NEXT_WORD = 0.6
_SHARED = 0.7
_WITHIN_SUBJECT = {True: 0.08, False: 0.04}
"""Spread of a number from visit to visit, a share of what is typical, if it follows the disease and if not."""

_BODY_WEIGHT = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualSubject:
    """A made-up subject.

    Attributes:
        number: Place in the order of screening, from 1.
        draft: Everything that screening finds, visit by visit.
        visits: The visits before treatment, each with its day.
        tolerance: Uniform on 0 to 1; a DLT happens where it lies below the true rate.
        response: Uniform on 0 to 1; the subject responds where it lies below the true rate.
        seed: Seed of the subject's streams.
    """

    number: int
    draft: Draft
    visits: Mapping[str, date]
    tolerance: float
    response: float
    seed: int

    @property
    def values(self) -> dict[str, Any]:
        """What screening found, item by item, as one assessment enters it."""
        return self.draft.entered(self.visits)

    @property
    def answers(self) -> dict[str, bool]:
        """Criteria that a person answers."""
        return dict(self.draft.answers)

    @property
    def days(self) -> dict[str, date]:
        """The days that windows hang on, but for consent, which the record knows."""
        return {name: day for name, day in self.draft.days.items() if name != "consent"}

    def stream(self, number: int) -> np.random.Generator:
        """One of the subject's own generators, from its beginning."""
        return np.random.default_rng([self.seed, self.number, number])

    def weight(self, rng: np.random.Generator) -> Decimal:
        """Body weight on a later day, kg; 70 kg where the protocol does not weigh."""
        known = list(self.draft.measured.get("weight", {}).values())
        base = known[-1] if known and isinstance(known[-1], Decimal) else Decimal(70)
        return base + Decimal(int(rng.integers(-10, 11))) / 10


CONTAINER_ML = 250
"""What a made-up container of a lot holds, mL."""


def drawn_product(study: Study, rng: np.random.Generator, dose_cells: Decimal) -> tuple[Decimal, Decimal]:
    """Draw a lot of the product: cells in each mL, and their viability in %.

    Args:
        study: The protocol.
        rng: From which it is drawn.
        dose_cells: Viable cells that the lot is brought for: they fit into one container, and into the final volume.
    """
    cells, viability = Decimal(int(rng.integers(40, 61))) * 100_000, Decimal(int(rng.integers(850, 981))) / 10
    rules = study.preparation
    room = rules.final_volume if rules and rules.final_volume else Decimal(CONTAINER_ML)
    while dose_cells / (cells * viability / 100) > room:
        cells *= 2
    return cells, viability


def before_treatment(study: Study) -> tuple[Visit, ...]:
    """The visits before the treatment in the order of their days; the protocol's first visit where there is none.

    A visit on the day of the treatment is one of them where a criterion reads what it found.
    """
    every = (leaf for criterion in study.criteria for leaf in leaves(criterion.condition))
    read = {name for leaf in every if isinstance(leaf, Comparison | Among) for name in leaf.when.visits}
    early = (visit for visit in study.schedule if visit.day < 0 or (visit.day == 0 and visit.name in read))
    return tuple(sorted(early, key=lambda visit: visit.day)) or study.schedule[:1]


def anchors(study: Study) -> tuple[str, ...]:
    """The days that windows of criteria and visits hang on, but for consent and the visits before treatment."""
    known = {"consent", *(visit.name for visit in before_treatment(study))}
    found = {visit.anchor for visit in study.schedule}
    for criterion in study.criteria:
        for leaf in leaves(criterion.condition):
            if isinstance(leaf, Lasting):
                found.add(leaf.anchor)
            elif isinstance(leaf, Comparison | Happened) and leaf.when.anchor:
                found.add(leaf.when.anchor)
    return tuple(sorted(found - known))


def on_one_day(study: Study, today: date) -> tuple[dict[str, date], dict[str, date]]:
    """The days of somebody who is screened and to be treated today: those of the visits before it, and the others."""
    visits = {visit.name: today for visit in before_treatment(study)}
    return visits, dict.fromkeys(("consent", *anchors(study)), today)


def virtual_subject(
    reading: Reading, seed: int, number: int, visits: Mapping[str, date], days: Mapping[str, date]
) -> VirtualSubject:
    """Draw the `number`-th subject of a rehearsal.

    Args:
        reading: The protocol whose items and criteria the subject fits.
        seed: The rehearsal's seed.
        number: Place in the order of screening, from 1.
        visits: The visits before treatment, each with its day.
        days: The other days that windows hang on, of what is to come as planned.

    Raises:
        InputError: No subject that the criteria allow could be found.
    """
    rng = np.random.default_rng([seed, number, PEOPLE])
    tolerance, response = float(rng.random()), float(rng.random())
    fails = rng.random() < reading.study.planning.screen_failure
    draft = drawn(reading, rng, visits, days, "not eligible" if fails else "eligible")
    return VirtualSubject(number=number, draft=draft, visits=visits, tolerance=tolerance, response=response, seed=seed)


def drawn(
    reading: Reading, rng: np.random.Generator, visits: Mapping[str, date], days: Mapping[str, date], verdict: Verdict
) -> Draft:
    """Draw what screening finds of somebody on whom it comes to a verdict.

    Raises:
        InputError: Nobody was found; the criteria contradict each other, or cannot fail.
    """
    study = reading.study
    broken = tuple(one for one in study.criteria if _can_fail(one)) if verdict == "not eligible" else ()
    for _ in range(_ATTEMPTS):
        draft = _usual(reading, rng, {**days, **visits})
        wrong = broken[int(rng.integers(len(broken)))].id if broken else ""
        _settle(draft, rng, tuple(visits), wrong)
        _leave_out_what_is_not_asked(draft)
        if screen(study, draft.facts()).verdict == verdict:
            return draft
    raise InputError(
        f"no virtual subject came out {verdict} in {_ATTEMPTS} attempts; widen the 'typical' ranges of the items, or "
        "check that the criteria can be met"
    )


def _settle(draft: Draft, rng: np.random.Generator, visits: tuple[str, ...], wrong: str) -> None:
    """Steer until every criterion is as it shall be: one of them fails on purpose, where there is such a one."""
    steering, criteria = Steering(draft, rng, visits), draft.reading.study.criteria
    for _ in range(_ROUNDS):
        before = draft.copy()
        for criterion in criteria:
            wanted = isinstance(criterion, Exclusion) == (criterion.id == wrong)
            steering.steer(_alone(criterion.condition), wanted=wanted, criterion=criterion.id)
        for criterion in criteria:
            for query in criterion.query.values():
                steering.steer(query, wanted=False, criterion=criterion.id)
        draft.derive()
        if before == draft:
            return


def _alone(condition: Condition) -> Condition:
    """What a deferred criterion waits for must hold for somebody who is not to wait, inclusion or exclusion."""
    return Not(condition.part) if isinstance(condition, Deferred) else condition


def _can_fail(criterion: Criterion) -> bool:
    """Whether somebody may come to screening who fails this: not one who takes no part by the own will, or waits."""
    parts = list(leaves(criterion.condition))
    own_will = any(isinstance(part, Judged) and part.by == "subject" for part in parts)
    return not own_will and not isinstance(criterion.condition, Deferred) and bool(parts)


def _usual(reading: Reading, rng: np.random.Generator, days: dict[str, date]) -> Draft:
    """What is usual, whatever the criteria say of it together."""
    study, draft = reading.study, Draft(reading=reading, days=dict(days))
    severity = float(rng.normal())
    visits = before_treatment(study)
    strata = study.allocation.strata if study.allocation else ()
    read = frozenset(strata).union(*(items(criterion.condition) for criterion in study.criteria))
    for item in study.items:
        places = [visit.name for visit in visits if item.name in visit.collect and visit.name in days]
        if not places and item.name in read and not item.computed:
            places = [visits[0].name]
        if places:
            _draw(draft, item, places, severity, rng)
    for criterion in study.criteria:
        if any(isinstance(leaf, Judged) for leaf in leaves(criterion.condition)):
            draft.answers[criterion.id] = not isinstance(criterion, Exclusion)
    draft.derive()
    return draft


def _draw(draft: Draft, item: Item, places: list[str], severity: float, rng: np.random.Generator) -> None:
    match item.type:
        case "event":
            draft.happened[item.name] = ()
        case "drug":
            draft.taken[item.name] = None
        case "number" if not item.computed:
            follows = -draft.reading.better(item)
            found = dict(zip(places, _numbers(item, follows * severity, places, rng), strict=True))
            weighed = {draft.days[place]: kg for place, kg in found.items()} if item.unit == "kg" else {}
            draft.measured[item.name] = {place: weighed.get(draft.days[place], kg) for place, kg in found.items()}
        case "yes or no":
            said = bool(rng.random() < _share_of_yes(draft.reading, item.name))
            draft.measured[item.name] = dict.fromkeys(places, said)
        case "word":
            draft.measured[item.name] = dict.fromkeys(places, _word(item, rng))


def _numbers(item: Item, severity: float, places: list[str], rng: np.random.Generator) -> Iterator[Value]:
    """A number at each visit: normal about what is typical, with a part that all measures of the disease share."""
    low, high = map(float, bounds(item))
    own = float(rng.normal())
    shared = _SHARED if severity else 0.0
    place = shared * severity + (1 - shared**2) ** 0.5 * own
    base = min(max((low + high) / 2 + place * (high - low) / 4, low), high)
    once = item.name == "age" or len(places) == 1
    spread = _BODY_WEIGHT if item.unit == "kg" else _WITHIN_SUBJECT[bool(severity)]
    for _ in places:
        noise = 0.0 if once else float(rng.normal()) * spread * (high - low)
        yield rounded(item, min(max(base + noise, low), high))


def _word(item: Item, rng: np.random.Generator) -> str:
    """A word of the list; the earlier ones are the more usual, each 0.6 times as likely as the one before."""
    shares = np.array([_NEXT_WORD**place for place in range(len(item.choices))])
    return str(rng.choice(list(item.choices), p=shares / shares.sum()))


def _share_of_yes(reading: Reading, item: str) -> float:
    """Mostly what the criteria ask for: people who come to screening know roughly what the trial is about."""
    wants = {
        (leaf.value is True) == (wanted == (leaf.op == "="))
        for leaf, wanted in reading.asked
        if isinstance(leaf, Comparison) and leaf.item == item
    }
    if len(wants) != 1:
        return 0.5
    return _AS_ASKED if wants.pop() else 1 - _AS_ASKED


def _leave_out_what_is_not_asked(draft: Draft) -> None:
    """Take out what is asked only of whom a premise holds for: nobody asks a man whether he is pregnant."""
    for item, premises in draft.reading.premises.items():
        if all(draft.truth(premise) is Truth.FALSE for premise in premises):
            draft.measured.pop(item, None)
