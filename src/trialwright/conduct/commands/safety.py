"""What is asked for: adverse events, DLTs and their window."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from trialwright.conduct.commands.base import Command, Grade, Id, Words

AeOutcome = Literal[
    "recovered/resolved",
    "recovered/resolved with sequelae",
    "recovering/resolving",
    "not recovered/not resolved",
    "fatal",
    "unknown",
]
"""How an adverse event went: terms of the CDISC codelist of outcomes (NCI C66768)."""

SeriousnessCriterion = Literal[
    "death",
    "life threatening",
    "hospitalisation",
    "disability",
    "congenital anomaly",
    "medically important",
]
"""What makes an adverse event serious: ICH E2A section II.B, as SDTM names it (AESDTH to AESMIE)."""


Related = bool | Literal["unknown"]
"""Whether an adverse event is related to the product; a serious one is reported before that is known (ICH E2A)."""


class ReportAdverseEvent(Command):
    """Report an adverse event with its first grade, and say whether it is serious.

    Attributes:
        related: Whether it is related to the product, as far as the reporter knows; an investigator assesses it.
        serious: Whether it is; may be left out where the criteria say so, and at grade 5, which is death.
        criteria: By which it is serious, as far as that is known; none of an event that is not.
    """

    subject: Id
    term: Words
    onset_on: date
    grade: Grade
    related: Related
    serious: bool | None = None
    criteria: tuple[SeriousnessCriterion, ...] = ()


class GradeAdverseEvent(Command):
    """Change the grade of an adverse event, with the reason."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    grade: Grade
    reason: Words


class CorrectAdverseEvent(Command):
    """Correct the term or the onset of an adverse event, with the reason; an adjudication of the old no longer stands.

    Attributes:
        term: The right term; the one that stands there unless told.
        onset_on: The right day of onset; the one that stands there unless told.
    """

    subject: Id
    event: Annotated[int, Field(ge=1)]
    term: Words | None = None
    onset_on: date | None = None
    reason: Words


class VoidAdverseEvent(Command):
    """Say that an adverse event was entered in error and counts for nothing; its entries stay in the record."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    reason: Words


class FollowUpAdverseEvent(Command):
    """Say how an adverse event went, and when it ended."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    outcome: AeOutcome
    ended_on: date | None = None


class AssessSeriousness(Command):
    """Say by which criteria an adverse event is serious; by none, it is not."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    criteria: tuple[SeriousnessCriterion, ...]
    reason: Words


class AssessRelatedness(Command):
    """Change whether an adverse event is related to the product, with the reason."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    related: bool
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
