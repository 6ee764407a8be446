"""What is asked for: consent, how a subject leaves, and rescue."""

from __future__ import annotations

from datetime import date
from typing import Literal

from trialwright.conduct.commands.base import Command, Id, Words

DispositionTerm = Literal[
    "screen failure",
    "withdrawal by subject",
    "physician decision",
    "adverse event",
    "lost to follow-up",
    "death",
    "completed",
]
"""How a subject leaves: terms of the CDISC codelist of completion and reason for non-completion (NCI C66727)."""


class RecordReconsent(Command):
    """Take down a subject's consent to a later version of the protocol, under which the subject goes on.

    Attributes:
        version: The version that the subject consented to.
    """

    subject: Id
    consented_on: date
    version: Words


class RecordDisposition(Command):
    """Take down how a subject left the trial, or completed it.

    Attributes:
        occurred_on: The day on which it happened; of a subject lost to follow-up the day of the last contact.
        despite: Why a subject completed although treatment or visits of the protocol are open.
    """

    subject: Id
    disposition: DispositionTerm
    occurred_on: date
    reason: Words
    despite: Words | None = None


class CorrectDisposition(Command):
    """Correct how a subject left, or that it left at all, with the reason; nothing is deleted.

    Attributes:
        was: How the subject left by what stands there.
        disposition: How it left; nothing where it has not left, because it was found again or another one was meant.
        occurred_on: The right day; the one that stands there unless told.
        despite: Why a subject completed although treatment or visits of the protocol are open.
    """

    subject: Id
    was: DispositionTerm
    disposition: DispositionTerm | None = None
    occurred_on: date | None = None
    reason: Words
    despite: Words | None = None


class StartRescue(Command):
    """Take down that a subject begins other treatment by the protocol's rescue rule.

    Attributes:
        started_on: The day on which it begins.
        treatment: What is given.
        reason: The investigator's judgement; needed where the data do not settle the condition, and where it begins
            after the window of its visit and after the day on which that was held.
    """

    subject: Id
    started_on: date
    treatment: Words
    reason: Words | None = None
