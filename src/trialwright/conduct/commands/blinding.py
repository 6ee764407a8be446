"""What is asked for: to see an arm."""

from __future__ import annotations

from trialwright.conduct.commands.base import Command, Id, Instant, Words


class BreakCode(Command):
    """See the arm of one subject, at once and alone, in an emergency.

    Attributes:
        opened_at: When the subject's paper envelope was opened, where the system was down; recorded afterwards.
    """

    subject: Id
    reason: Words
    opened_at: Instant | None = None


class RequestUnblinding(Command):
    """Ask that everybody sees the arms, once the data are locked; a person of another role approves."""

    reason: Words


class ApproveUnblinding(Command):
    """Agree to the unblinding that somebody of another role asked for."""


class PrintEnvelopes(Command):
    """Write the arm of each subject whom the giver may know of on a paper to be sealed."""
