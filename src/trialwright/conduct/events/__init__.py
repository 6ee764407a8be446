"""What happened: past tense, versioned by name, small and flat. These bytes are the trial's record and never change.

A field is never renamed and a name never used again: a new shape is a new version, such as `SubjectEnrolled.v2`.
"""

from trialwright.conduct.events.administration import ProtocolAdopted, RoleGranted, RoleRevoked, SiteOpened
from trialwright.conduct.events.allocation import (
    ArmChosen,
    RandomisedInError,
    SubjectAllocated,
    SubjectRandomised,
)
from trialwright.conduct.events.base import CommandRefused, Event, EventBase, decode, encode
from trialwright.conduct.events.blinding import CodeBroken, EnvelopesPrinted, TrialUnblinded, UnblindingRequested
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
    "CodeBroken",
    "CohortExpanded",
    "CommandRefused",
    "DltAdjudicated",
    "DltWindowClosed",
    "DoseDecisionProposed",
    "DoseDecisionSigned",
    "DoseDecisionTaken",
    "DoseLevelClosed",
    "DoseLevelOpened",
    "EligibilityAssessed",
    "EnvelopesPrinted",
    "EscalationStopped",
    "Event",
    "EventBase",
    "InfusionAdministered",
    "ProtocolAdopted",
    "RandomisedInError",
    "RoleGranted",
    "RoleRevoked",
    "SiteOpened",
    "SubjectAllocated",
    "SubjectEnrolled",
    "SubjectNotEvaluable",
    "SubjectRandomised",
    "SubjectScreened",
    "TrialUnblinded",
    "UnblindingRequested",
    "decode",
    "encode",
]
