"""What happened: past tense, versioned by name, small and flat. These bytes are the trial's record and never change.

A field is never renamed and a name never used again: a new shape is a new version, such as `SubjectEnrolled.v2`.
"""

from trialwright.conduct.events.administration import ProtocolAdopted, RoleGranted, RoleRevoked, SiteOpened
from trialwright.conduct.events.allocation import ArmChosen, SubjectAllocated, SubjectRandomised
from trialwright.conduct.events.base import CommandRefused, Event, EventBase, decode, encode
from trialwright.conduct.events.data import DataCorrected, DataRecorded, TimeZoneSet, VisitHeld, VisitMissed
from trialwright.conduct.events.escalation import (
    CohortExpanded,
    DoseDecisionProposed,
    DoseDecisionSigned,
    DoseDecisionTaken,
    DoseLevelClosed,
    DoseLevelOpened,
    EscalationStopped,
)
from trialwright.conduct.events.review import (
    ContentSigned,
    DataLocked,
    DataUnlocked,
    QueryAnswered,
    QueryClosed,
    QueryOpened,
    SourceVerified,
    TextRedacted,
    TrailReviewed,
)
from trialwright.conduct.events.safety import (
    AdverseEventGraded,
    AdverseEventReported,
    DltAdjudicated,
    DltWindowClosed,
    SubjectNotEvaluable,
)
from trialwright.conduct.events.screening import (
    EligibilityAssessed,
    EligibilityAssessedV2,
    EligibilityOutdated,
    SubjectEnrolled,
    SubjectScreened,
)
from trialwright.conduct.events.treatment import InfusionAdministered

__all__ = [
    "AdverseEventGraded",
    "AdverseEventReported",
    "ArmChosen",
    "CohortExpanded",
    "CommandRefused",
    "ContentSigned",
    "DataCorrected",
    "DataLocked",
    "DataRecorded",
    "DataUnlocked",
    "DltAdjudicated",
    "DltWindowClosed",
    "DoseDecisionProposed",
    "DoseDecisionSigned",
    "DoseDecisionTaken",
    "DoseLevelClosed",
    "DoseLevelOpened",
    "EligibilityAssessed",
    "EligibilityAssessedV2",
    "EligibilityOutdated",
    "EscalationStopped",
    "Event",
    "EventBase",
    "InfusionAdministered",
    "ProtocolAdopted",
    "QueryAnswered",
    "QueryClosed",
    "QueryOpened",
    "RoleGranted",
    "RoleRevoked",
    "SiteOpened",
    "SourceVerified",
    "SubjectAllocated",
    "SubjectEnrolled",
    "SubjectNotEvaluable",
    "SubjectRandomised",
    "SubjectScreened",
    "TextRedacted",
    "TimeZoneSet",
    "TrailReviewed",
    "VisitHeld",
    "VisitMissed",
    "decode",
    "encode",
]
