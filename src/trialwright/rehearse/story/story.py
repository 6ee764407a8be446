"""A story, read and checked: people, and steps in the order of time, each with what it expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from trialwright.conduct import Secret
from trialwright.conduct.commands import Command
from trialwright.protocol.study import Role, Study


@dataclass(frozen=True, slots=True)
class Named:
    """A value that an earlier step made, by the name that the story gave it."""

    name: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A value that the giver of the command sees at that moment, as a fact in words."""

    fact: str


@dataclass(frozen=True, slots=True)
class Near:
    """A day so many days after today, where the subject of the step is, or where its giver is."""

    days: int


@dataclass(frozen=True, slots=True)
class Typical:
    """A typical value of the protocol, with what the story says otherwise; None where it leaves a value out."""

    otherwise: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody in a story; no role is somebody whom the trial does not know."""

    id: str
    role: Role | None
    site: str | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a step must come to.

    Attributes:
        accepted: Whether the command is done.
        code: The refusal's code; None where any will do.
        rule: Words that the refusal's rule holds.
        reason: Words that the refusal's reason holds.
    """

    accepted: bool = True
    code: str | None = None
    rule: str | None = None
    reason: str | None = None

    def __str__(self) -> str:
        if self.accepted:
            return "accepted"
        parts = [f"{key} '{words}'" for key, words in (("rule", self.rule), ("reason", self.reason)) if words]
        return " with ".join([f"refused: {self.code or 'any rule'}", *parts])


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step; a step without a command only looks.

    Attributes:
        line: Line in the story.
        at: When it happens.
        say: What the story says of it.
        by: Who gives the command.
        do: The command in words.
        fields: The command's fields, some of which wait for what earlier steps made.
        of: The name of what an earlier step made, whose fields fill in what is left out.
        saved: The name under which the story keeps what the step made.
        facts: What must be seen afterwards, by its words.
        seen_by: Who looks.
        course: The number of the last step of the course that a refusal of this step ends, as the story expects of the
            macro; 0 where it ends none.
    """

    line: int
    at: datetime
    say: str = ""
    by: str = ""
    do: str = ""
    command: type[Command] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    of: str | None = None
    saved: str | None = None
    expect: Expectation = Expectation()
    facts: Mapping[str, str] = field(default_factory=dict)
    seen_by: str = ""
    course: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A scripted trial.

    Attributes:
        protocol: The text of its protocol, with the commitment of the throw-away secret where it has one.
        begins: Day 1.
        seed: Seed of typical values.
        secret: The throw-away sealed side of a randomised trial.
    """

    title: str
    about: str
    study: Study
    protocol: str
    begins: date
    seed: int
    secret: Secret | None
    sites: Mapping[str, str]
    people: Mapping[str, Player]
    steps: tuple[Step, ...]

    @property
    def founder(self) -> str:
        """The first sponsor, who adopts the protocol."""
        return next(person.id for person in self.people.values() if person.role == "sponsor")
