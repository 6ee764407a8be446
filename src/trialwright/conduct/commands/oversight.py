"""What is asked for: pausing the trial by a stopping rule, and going on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trialwright.conduct.commands.base import Command, Words


class InvokeStoppingRule(Command):
    """Say that a stopping rule of the protocol is met; the trial pauses or stops at once.

    Attributes:
        rule: The rule's id in the protocol.
    """

    rule: Words
    reason: Words


class StopTrial(Command):
    """End the trial early and for good, whatever it waits for: nobody else is enrolled or treated."""

    reason: Words


class SignResumption(Command):
    """Sign that a paused trial goes on; the last signature that is needed lifts the pause.

    Attributes:
        pause: The pause's number.
        reason: What the review found.
        attendees: Who took part in it.
    """

    pause: Annotated[int, Field(ge=1)]
    reason: Words
    attendees: tuple[Words, ...] = ()
