"""What happened: past tense, versioned by name, small and flat. These bytes are the trial's record and never change.

A field is never renamed and a name never used again: a new shape is a new version, such as `SubjectEnrolled.v2`.
"""

from trialwright.conduct.events.administration import ProtocolAdopted, RoleGranted, RoleRevoked, SiteOpened
from trialwright.conduct.events.allocation import ArmChosen, SubjectAllocated, SubjectRandomised
from trialwright.conduct.events.base import CommandRefused, Event, EventBase, decode, encode
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
    DoseDecisionSigned,
    DoseDecisionTaken,
    DoseLevelClosed,
    DoseLevelOpened,
    EscalationStopped,
)
from trialwright.conduct.events.safety import (
    AdverseEventGraded,
    AdverseEventReported,
    DltAdjudicated,
    DltWindowClosed,
    SubjectNotEvaluable,
)
from trialwright.conduct.events.screening import EligibilityAssessed, SubjectEnrolled, SubjectScreened
from trialwright.conduct.events.treatment import InfusionAdministered

__all__ = [
    "AdverseEventGraded",
    "AdverseEventReported",
    "ArmChosen",
    "CohortExpanded",
    "CohortOpened",
    "CohortReviewed",
    "CommandRefused",
    "DltAdjudicated",
    "DltWindowClosed",
    "DoseDecisionProposed",
    "DoseDecisionSigned",
    "DoseDecisionTaken",
    "DoseLevelClosed",
    "DoseLevelOpened",
    "EligibilityAssessed",
    "EscalationStopped",
    "Event",
    "EventBase",
    "InfusionAdministered",
    "ProtocolAdopted",
    "RoleGranted",
    "RoleRevoked",
    "SiteOpened",
    "SlotReleased",
    "SlotReserved",
    "SubjectAllocated",
    "SubjectEnrolled",
    "SubjectEnrolledV2",
    "SubjectNotEvaluable",
    "SubjectRandomised",
    "SubjectScreened",
    "decode",
    "encode",
]
