"""What is asked for: adverse events, DLTs and their window."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from trialwright.conduct.commands.base import Command, Grade, Id, Words


class ReportAdverseEvent(Command):
    """Report an adverse event with its first grade."""

    subject: Id
    term: Words
    onset_on: date
    grade: Grade
    related: bool
    serious: bool = False


class GradeAdverseEvent(Command):
    """Change the grade of an adverse event, with the reason."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    grade: Grade
    reason: Words


class AdjudicateDlt(Command):
    """Judge whether an adverse event is a dose-limiting toxicity."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    dlt: bool
    reason: Words


class CloseDltWindow(Command):
    """Confirm that a subject was followed to the end of the DLT window."""

    subject: Id


class DeclareNotEvaluable(Command):
    """Take a subject out of the dose decision, who cannot be followed to the end of the window; frees the slot."""

    subject: Id
    reason: Words
