"""What happened: past tense, versioned by name, small and flat. These bytes are the trial's record and never change.

A field is never renamed and a name never used again: a new shape is a new version, such as `SubjectEnrolled.v2`.
"""

from trialwright.conduct.events.administration import (
    ProtocolAdopted,
    RoleGranted,
    RoleRequested,
    RoleRevoked,
    SiteOpened,
)
from trialwright.conduct.events.allocation import ArmChosen, RandomisedInError, SubjectAllocated, SubjectRandomised
from trialwright.conduct.events.amendment import AmendmentApproved, ProtocolAmended
from trialwright.conduct.events.base import CommandRefused, Event, EventBase, decode, encode
from trialwright.conduct.events.blinding import CodeBroken, EnvelopesPrinted, TrialUnblinded, UnblindingRequested
from trialwright.conduct.events.data import DataCorrected, DataRecorded, TimeZoneSet, VisitHeld, VisitMissed
from trialwright.conduct.events.enrolment import (
    CohortOpened,
    CohortReviewed,
    SlotReleased,
    SlotReserved,
    SubjectEnrolledV2,
)
from trialwright.conduct.events.escalation import (
    CohortExpanded,
    DoseDecisionProposed,
    DoseDecisionProposedV2,
    DoseDecisionSigned,
    DoseDecisionSuperseded,
    DoseDecisionTaken,
    DoseLevelClosed,
    DoseLevelOpened,
    EscalationStopped,
)
from trialwright.conduct.events.oversight import ResumptionSigned, TrialPaused, TrialResumed
from trialwright.conduct.events.participation import (
    DispositionRecorded,
    RescueStarted,
    SubjectReconsented,
    SubjectScreenedV2,
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
    AdverseEventFollowedUp,
    AdverseEventGraded,
    AdverseEventReported,
    DltAdjudicated,
    DltWindowClosed,
    RelatednessAssessed,
    SeriousnessAssessed,
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
    "AdverseEventFollowedUp",
    "AdverseEventGraded",
    "AdverseEventReported",
    "AmendmentApproved",
    "ArmChosen",
    "CodeBroken",
    "CohortExpanded",
    "CohortOpened",
    "CohortReviewed",
    "CommandRefused",
    "ContentSigned",
    "DataCorrected",
    "DataLocked",
    "DataRecorded",
    "DataUnlocked",
    "DispositionRecorded",
    "DltAdjudicated",
    "DltWindowClosed",
    "DoseDecisionProposed",
    "DoseDecisionProposedV2",
    "DoseDecisionSigned",
    "DoseDecisionSuperseded",
    "DoseDecisionTaken",
    "DoseLevelClosed",
    "DoseLevelOpened",
    "EligibilityAssessed",
    "EligibilityAssessedV2",
    "EligibilityOutdated",
    "EnvelopesPrinted",
    "EscalationStopped",
    "Event",
    "EventBase",
    "InfusionAdministered",
    "ProtocolAdopted",
    "ProtocolAmended",
    "QueryAnswered",
    "QueryClosed",
    "QueryOpened",
    "RandomisedInError",
    "RelatednessAssessed",
    "RescueStarted",
    "ResumptionSigned",
    "RoleGranted",
    "RoleRequested",
    "RoleRevoked",
    "SeriousnessAssessed",
    "SiteOpened",
    "SlotReleased",
    "SlotReserved",
    "SourceVerified",
    "SubjectAllocated",
    "SubjectEnrolled",
    "SubjectEnrolledV2",
    "SubjectNotEvaluable",
    "SubjectRandomised",
    "SubjectReconsented",
    "SubjectScreened",
    "SubjectScreenedV2",
    "TextRedacted",
    "TimeZoneSet",
    "TrailReviewed",
    "TrialPaused",
    "TrialResumed",
    "TrialUnblinded",
    "UnblindingRequested",
    "VisitHeld",
    "VisitMissed",
    "decode",
    "encode",
]
