"""What somebody asks for: imperative, typed, with who asks and when. Nothing has happened yet."""

from trialwright.conduct.commands.administration import AdoptProtocol, GrantRole, OpenSite, RevokeRole
from trialwright.conduct.commands.allocation import ChooseArm, DeclareRandomisedInError, RandomiseSubject
from trialwright.conduct.commands.base import Command, Instant
from trialwright.conduct.commands.blinding import ApproveUnblinding, BreakCode, PrintEnvelopes, RequestUnblinding
from trialwright.conduct.commands.escalation import OpenDoseLevel, ProposeDoseDecision, SignDoseDecision
from trialwright.conduct.commands.safety import (
    AdjudicateDlt,
    CloseDltWindow,
    DeclareNotEvaluable,
    GradeAdverseEvent,
    ReportAdverseEvent,
)
from trialwright.conduct.commands.screening import AssessEligibility, EnrolSubject, ScreenSubject
from trialwright.conduct.commands.treatment import AdministerInfusion

__all__ = [
    "AdjudicateDlt",
    "AdministerInfusion",
    "AdoptProtocol",
    "ApproveUnblinding",
    "AssessEligibility",
    "BreakCode",
    "ChooseArm",
    "CloseDltWindow",
    "Command",
    "DeclareNotEvaluable",
    "DeclareRandomisedInError",
    "EnrolSubject",
    "GradeAdverseEvent",
    "GrantRole",
    "Instant",
    "OpenDoseLevel",
    "OpenSite",
    "PrintEnvelopes",
    "ProposeDoseDecision",
    "RandomiseSubject",
    "ReportAdverseEvent",
    "RequestUnblinding",
    "RevokeRole",
    "ScreenSubject",
    "SignDoseDecision",
]
