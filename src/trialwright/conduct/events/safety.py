"""What happened: adverse events, DLTs and their window."""

from __future__ import annotations

from datetime import date
from typing import Literal

from trialwright.conduct.commands.safety import AeOutcome, Related, SeriousnessCriterion
from trialwright.conduct.events.base import EventBase


class AdverseEventReported(EventBase):
    """Something untoward happened to a subject."""

    type: Literal["AdverseEventReported.v1"] = "AdverseEventReported.v1"
    subject: str
    event: int
    term: str
    onset_on: date
    grade: int
    related: bool
    serious: bool


class AdverseEventReportedV2(EventBase):
    """Something untoward happened to a subject.

    Attributes:
        related: Whether it is related to the product, by the word of the reporter, whose role the entry has.
    """

    type: Literal["AdverseEventReported.v2"] = "AdverseEventReported.v2"
    subject: str
    event: int
    term: str
    onset_on: date
    grade: int
    related: Related
    serious: bool


class AdverseEventGraded(EventBase):
    """The grade of an adverse event changed; an earlier adjudication no longer stands."""

    type: Literal["AdverseEventGraded.v1"] = "AdverseEventGraded.v1"
    subject: str
    event: int
    was: int
    grade: int
    reason: str


class AdverseEventCorrected(EventBase):
    """The term or the onset of an adverse event was wrong; an earlier adjudication no longer stands."""

    type: Literal["AdverseEventCorrected.v1"] = "AdverseEventCorrected.v1"
    subject: str
    event: int
    was_term: str
    was_onset_on: date
    term: str
    onset_on: date
    reason: str


class AdverseEventVoided(EventBase):
    """An adverse event was entered in error; it counts for nothing, and its number is not given again."""

    type: Literal["AdverseEventVoided.v1"] = "AdverseEventVoided.v1"
    subject: str
    event: int
    reason: str


class AdverseEventFollowedUp(EventBase):
    """How an adverse event went, and when it ended."""

    type: Literal["AdverseEventFollowedUp.v1"] = "AdverseEventFollowedUp.v1"
    subject: str
    event: int
    was: AeOutcome | None
    outcome: AeOutcome
    ended_on: date | None


class SeriousnessAssessed(EventBase):
    """By which criteria an adverse event is serious; by none, it is not."""

    type: Literal["SeriousnessAssessed.v1"] = "SeriousnessAssessed.v1"
    subject: str
    event: int
    was: bool
    criteria: tuple[SeriousnessCriterion, ...]
    reason: str


class RelatednessAssessed(EventBase):
    """Whether an adverse event is related changed; an earlier adjudication no longer stands."""

    type: Literal["RelatednessAssessed.v1"] = "RelatednessAssessed.v1"
    subject: str
    event: int
    was: bool
    related: bool
    reason: str


class RelatednessAssessedV2(EventBase):
    """An investigator said whether an adverse event is related; an earlier adjudication no longer stands."""

    type: Literal["RelatednessAssessed.v2"] = "RelatednessAssessed.v2"
    subject: str
    event: int
    was: Related
    related: bool
    reason: str


class DltAdjudicated(EventBase):
    """An adverse event was judged to be, or not to be, dose-limiting."""

    type: Literal["DltAdjudicated.v1"] = "DltAdjudicated.v1"
    subject: str
    event: int
    dlt: bool
    reason: str


class DltAdjudicatedV2(EventBase):
    """An adverse event was judged to be, or not to be, dose-limiting.

    Attributes:
        defined: Whether the protocol's definition counts it; a judgement may differ, with its reason.
    """

    type: Literal["DltAdjudicated.v2"] = "DltAdjudicated.v2"
    subject: str
    event: int
    dlt: bool
    defined: bool
    reason: str


class DltWindowClosed(EventBase):
    """A subject was followed to the end of the DLT window."""

    type: Literal["DltWindowClosed.v1"] = "DltWindowClosed.v1"
    subject: str


class SubjectEvaluable(EventBase):
    """A subject counts for the dose decision again, which it did not by a disposition that was wrong."""

    type: Literal["SubjectEvaluable.v1"] = "SubjectEvaluable.v1"
    subject: str
    reason: str


class SubjectNotEvaluable(EventBase):
    """A subject does not count for the dose decision; the slot is free again."""

    type: Literal["SubjectNotEvaluable.v1"] = "SubjectNotEvaluable.v1"
    subject: str
    reason: str
