"""Playing a story: each step is given to the trial, and what comes back is held against what the story expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol

from trialwright.conduct import Refusal, View
from trialwright.conduct import commands as cmd
from trialwright.conduct.commands import Command
from trialwright.conduct.events import Event
from trialwright.conduct.events.base import OPEN, EventBase
from trialwright.conduct.local_time import local_day
from trialwright.conduct.signatures import content
from trialwright.conduct.weights import weighed
from trialwright.errors import InputError
from trialwright.protocol.facts import visit_name
from trialwright.rehearse.desk import Conductor, VirtualClock
from trialwright.rehearse.measures import Reading
from trialwright.rehearse.story.facts import Made, holds, look
from trialwright.rehearse.story.fields import dated
from trialwright.rehearse.story.steps import INPUT
from trialwright.rehearse.story.story import Named, Seen, Step, Story, Typical
from trialwright.rehearse.story.typical import TYPICAL, Wanted, product_due, typical_subject
from trialwright.rehearse.story.words import fields_of
from trialwright.rehearse.virtual import VirtualSubject

Outcome = Literal["accepted", "refused", "not given", "looked"]


class Stage(Conductor, Protocol):
    """What a story is played on: `trialwright.trial.Trial`, or anything that conducts and shows as it does."""

    def view(self, person: str) -> View:
        """The trial as a person sees it now."""


class Accepted(Protocol):
    """What a stage says of a command that is done."""

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened."""


@dataclass(frozen=True, slots=True)
class SeenFact:
    """A fact as it was found, and as the story expects it."""

    fact: str
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedStep:
    """What came of a step.

    Attributes:
        number: Place in the story, from 1, macros and repetitions written out; of a course that ended by the refusal
            that the story expects, the steps after it are left out.
        role: The role of the giver at that moment.
        fields: The command's fields as they were given.
        goes_on: Whether it is a step of a course, before the last, that may end by the refusal that the story expects.
        outcome: A step is not given where something is missing that an earlier step did not make.
        refusal: Why not, where it was refused or not given.
        events: The kinds of events that followed, in the open stream.
        facts: What was looked at afterwards.
    """

    number: int
    step: Step
    goes_on: bool = False
    role: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    outcome: Outcome = "looked"
    refusal: Refusal | None = None
    events: tuple[str, ...] = ()
    facts: tuple[SeenFact, ...] = ()

    @property
    def as_expected(self) -> bool:
        """Whether the command came to what the story expects, whatever is seen afterwards."""
        expect = self.step.expect
        if self.outcome in {"looked", "not given"} or expect.accepted or (self.goes_on and self.outcome == "accepted"):
            return self.outcome in {"looked", "accepted"}
        refusal = self.refusal
        return (
            refusal is not None
            and expect.code in {None, refusal.code}
            and (expect.rule or "").lower() in refusal.rule.lower()
            and (expect.reason or "").lower() in refusal.reason.lower()
        )

    @property
    def expected(self) -> str:
        """What the step was to come to, in words."""
        way = "accepted, or " if self.goes_on else ""
        return f"{way}{self.step.expect}"

    @property
    def holds(self) -> bool:
        """Whether everything that the story expects of the step holds."""
        return self.as_expected and all(fact.holds for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Played:
    """A story that was played to its end."""

    story: Story
    steps: tuple[PlayedStep, ...]
    sequence: int
    status: str

    @property
    def failed(self) -> tuple[PlayedStep, ...]:
        """The steps that did not come to what the story expects."""
        return tuple(step for step in self.steps if not step.holds)

    @property
    def holds(self) -> bool:
        """Whether every expectation holds."""
        return not self.failed


def play(story: Story, stage: Stage, clock: VirtualClock) -> Played:
    """Play a story on a trial that has adopted its protocol and is otherwise empty.

    Args:
        story: The story.
        stage: The trial.
        clock: The clock that the trial reads.

    Raises:
        InputError: The people or sites of the story cannot be so.
    """
    _set_up(story, stage)
    player = _Play(story, stage)
    steps: list[PlayedStep] = []
    ended = 0
    for number, step in enumerate(story.steps, start=1):
        clock.move(step.at)
        if number <= ended:
            continue
        steps.append(replace(player.step(number, step), number=len(steps) + 1))
        ended = step.course if steps[-1].outcome == "refused" else 0
    seen = stage.view(story.founder)
    return Played(story, tuple(steps), seen.sequence, seen.status)


def _set_up(story: Story, stage: Stage) -> None:
    def must(command: type[Command], **fields: Any) -> None:
        refusal = stage.do(command, by=story.founder, **fields)
        if isinstance(refusal, Refusal):
            raise InputError(f"the people of the story cannot be so: {refusal}")

    for site, name in story.sites.items():
        must(cmd.OpenSite, site=site, name=name)
    for person in story.people.values():
        if person.role is not None and person.id != story.founder:
            must(cmd.GrantRole, person=person.id, role=person.role, site=person.site)


class _MissingError(Exception):
    """Something that an earlier step was to make is not there."""


class _Play:
    def __init__(self, story: Story, stage: Stage) -> None:
        self.story = story
        self.stage = stage
        self.reading = Reading(story.study)
        self.made: dict[str, Made] = {}
        self.persons: dict[str, VirtualSubject] = {}

    def step(self, number: int, step: Step) -> PlayedStep:
        if step.command is None:
            return PlayedStep(number=number, step=step, facts=self._facts(step))
        held = self.stage.state.people.get(step.by)
        role = held.role if held else None
        played = PlayedStep(number=number, step=step, goes_on=number < step.course, role=role)
        try:
            fields = self._fields(number, step, step.command)
        except _MissingError as fault:
            return replace(played, outcome="not given", refusal=_not_given(str(fault)))
        result = self._give(step, step.command, fields)
        played = replace(played, fields=fields)
        if isinstance(result, Refusal):
            last = self.story.steps[step.course - 1] if step.course else step
            return replace(played, outcome="refused", refusal=result, facts=self._facts(last))
        if step.saved:
            self.made[step.saved] = fields | _merged(result)
        kinds = tuple(event.kind for event in result)
        return replace(played, outcome="accepted", events=kinds, facts=self._facts(step))

    def _give(self, step: Step, command: type[Command], fields: Mapping[str, Any]) -> tuple[Event, ...] | Refusal:
        try:
            result: Any = self.stage.do(command, by=step.by, **fields)
        except InputError as fault:
            rule, mend = "form of the input", "Correct the values."
            return Refusal(code=INPUT, reason=str(fault), rule=rule, mend=mend, recorded=False)
        if isinstance(result, Refusal):
            return result
        accepted: Accepted = result
        return tuple(event for event in accepted.events if event.stream == OPEN)

    def _fields(self, number: int, step: Step, command: type[Command]) -> dict[str, Any]:
        known = fields_of(command)
        filled = self._thing(step.of) if step.of else {}
        if command is cmd.SignContent and "subject" in filled:
            visit = self._known(step.by, "visit", step.fields.get("visit", filled.get("visit")))
            filled = {**filled, **self._signable(filled["subject"], visit)}
        fields = {name: value for name, value in filled.items() if name in known and name not in step.fields}
        fields |= {name: self._known(step.by, name, value) for name, value in step.fields.items()}
        missing = [name.replace("_", " ") for name, needed in known.items() if needed and name not in fields]
        if missing:
            raise _MissingError(f"'{step.of}' has no {', '.join(missing)}, and the step does not say it.")
        subject = str(fields.get("subject", filled.get("subject", "")))
        today = self._today(step, subject)
        weighed_on = dated(fields.get("weighed_on", today), today)
        wanted = self._wanted(number, step.by, subject, today, weighed_on)
        try:
            whole = _whole(wanted, fields)
        except InputError as fault:
            raise _MissingError(f"There is no typical value: {fault}. Write the values out.") from None
        return {name: dated(value, today) for name, value in whole.items() if value is not None}

    def _today(self, step: Step, subject: str) -> date:
        """The day where the subject of a step is, or else where its giver is."""
        state = self.stage.state
        placed = state.subjects.get(subject) or state.people.get(step.by)
        return local_day(state, (placed and placed.site) or "", step.at)

    def _signable(self, subject: str, visit: str | None) -> dict[str, Any]:
        """What a signature over a subject or a visit binds now, as the page that asks for it shows."""
        bound = content(self.stage.state.subjects[subject], visit_name(visit) if visit else None)
        return {"content": bound.sha256, "sequence": max(bound.sequence, 1)}

    def _known(self, by: str, name: str, value: Any) -> Any:
        match value:
            case Named(said):
                made = self._thing(said)
                return made.get(name, made.get(name.rpartition("_")[2], said))
            case Seen(fact):
                return self._seen(by, fact)
            case list():
                return [self._known(by, name, one) for one in value]
            case dict():
                return {key: self._known(by, key, one) for key, one in value.items()}
        return value

    def _seen(self, by: str, fact: str) -> str:
        try:
            return look(fact, self.stage.view(by), self.made)
        except LookupError as fault:
            raise _MissingError(f"{by} does not see '{fact}': {fault.args[0]}.") from None

    def _thing(self, name: str) -> Made:
        if name not in self.made:
            raise _MissingError(f"No step made '{name}': the one that was to was not accepted.")
        return self.made[name]

    def _wanted(self, step: int, by: str, subject: str, today: date, weighed_on: date) -> Wanted:
        study, seed = self.story.study, self.story.seed

        def person() -> VirtualSubject:
            drawn, held = self.persons.get(subject), self._screened_on(subject)
            number = drawn.number if drawn else len(self.persons) + 1
            if drawn is None or (held is not None and held > min(drawn.visits.values())):
                self.persons[subject] = typical_subject(self.reading, seed, number, held if drawn and held else today)
            return self.persons[subject]

        def weight() -> Decimal | None:
            there = self.stage.state.subjects.get(subject)
            known = weighed(self.story.study, there) if there else ()
            return next((kg for on, kg in reversed(known) if on == weighed_on), None)

        def due() -> str:
            return product_due(study, self.stage.view(by).subject(subject))

        return Wanted(study, seed, step, person, weight, due)

    def _screened_on(self, subject: str) -> date | None:
        """The day on which the screening visit of a subject was last held."""
        there = self.stage.state.subjects.get(subject)
        held = there.visits.get("screening") if there else None
        return held.on if held else None

    def _facts(self, step: Step) -> tuple[SeenFact, ...]:
        if not step.facts:
            return ()
        seen = self.stage.view(step.seen_by)
        return tuple(self._fact(fact, expected, seen) for fact, expected in step.facts.items())

    def _fact(self, fact: str, expected: str, seen: View) -> SeenFact:
        try:
            found = look(fact, seen, self.made)
        except LookupError as fault:
            return SeenFact(fact, expected, f"({fault.args[0]})", holds=False)
        return SeenFact(fact, expected, found, holds(found, expected))


def _whole(wanted: Wanted, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with their typical values; those of a lot follow from its product, a simulation from its protocol."""
    wanted = replace(wanted, text=str(fields.get("text", "")))
    if "product" in fields:
        product = _typical(wanted, "product", fields["product"])
        fields, wanted = {**fields, "product": product}, replace(wanted, product=product)
    return {name: _typical(wanted, name, value) for name, value in fields.items()}


def _typical(wanted: Wanted, name: str, value: Any) -> Any:
    if not isinstance(value, Typical):
        return value
    found = TYPICAL[name](wanted)
    if not value.otherwise:
        return found
    said = {key: _measured_as(found.get(key), one) for key, one in value.otherwise.items()}
    said_first = {**said, **{key: one for key, one in found.items() if key not in said}}
    return {key: one for key, one in said_first.items() if one is not None}


def _measured_as(typical: Any, said: Any) -> Any:
    """A value that is said in the place of a typical one, of the day and visit of that one; limits are not taken on."""
    own = said if isinstance(said, dict) else {"value": said}
    if said is None or isinstance(said, list) or "value" not in own:
        return said
    match typical:
        case {"value": _}:
            return _moment_of(typical) | own
        case [{"value": _}, *_]:
            return [_moment_of(one) | own for one in typical]
    return said


def _moment_of(measured: Mapping[str, Any]) -> dict[str, Any]:
    return {key: measured[key] for key in ("on", "visit") if key in measured}


def _merged(events: tuple[Event, ...]) -> dict[str, Any]:
    """The own fields of events, the first event's first."""
    common = {*EventBase.model_fields, "type"}
    return {
        name: getattr(event, name)
        for event in reversed(events)
        for name in type(event).model_fields
        if name not in common
    }


def _not_given(reason: str) -> Refusal:
    return Refusal(code="story.not_given", reason=reason, rule="the story", mend="Look at that step.", recorded=False)
