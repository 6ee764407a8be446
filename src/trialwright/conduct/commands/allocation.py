"""What is asked for: allocation to an arm."""

from __future__ import annotations

from trialwright.conduct.commands.base import Command, Id, Words


class RandomiseSubject(Command):
    """Draw the arm of an enrolled subject; the giver does not learn it in a blinded trial."""

    subject: Id


class DeclareRandomisedInError(Command):
    """Say that a subject should not have been randomised; it keeps its place in the list, and nothing more is given.

    Attributes:
        treated_because: Why it is treated all the same; it can be said later as well.
    """

    subject: Id
    reason: Words
    treated_because: Words | None = None


class ChooseArm(Command):
    """Say which arm a subject of an open trial is in, or correct it before anything of it is given.

    Attributes:
        reason: Why; needed to correct.
    """

    subject: Id
    arm: Words
    reason: Words | None = None
