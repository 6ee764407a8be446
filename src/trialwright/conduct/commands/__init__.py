"""What somebody asks for: imperative, typed, with who asks and when. Nothing has happened yet."""

from trialwright.conduct.commands.administration import AdoptProtocol, GrantRole, OpenSite, RevokeRole
from trialwright.conduct.commands.allocation import ChooseArm, RandomiseSubject
from trialwright.conduct.commands.base import Command, Instant
from trialwright.conduct.commands.data import CorrectData, HoldVisit, MissVisit, RecordData, Said, SetTimeZone
from trialwright.conduct.commands.escalation import OpenDoseLevel, ProposeDoseDecision, SignDoseDecision
from trialwright.conduct.commands.review import (
    AnswerQuery,
    CloseQuery,
    LockData,
    OpenQuery,
    RedactText,
    ReviewTrail,
    SignContent,
    UnlockData,
    VerifySource,
)
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
    "AnswerQuery",
    "AssessEligibility",
    "ChooseArm",
    "CloseDltWindow",
    "CloseQuery",
    "Command",
    "CorrectData",
    "DeclareNotEvaluable",
    "EnrolSubject",
    "GradeAdverseEvent",
    "GrantRole",
    "HoldVisit",
    "Instant",
    "LockData",
    "MissVisit",
    "OpenDoseLevel",
    "OpenQuery",
    "OpenSite",
    "ProposeDoseDecision",
    "RandomiseSubject",
    "RecordData",
    "RedactText",
    "ReportAdverseEvent",
    "ReviewTrail",
    "RevokeRole",
    "Said",
    "ScreenSubject",
    "SetTimeZone",
    "SignContent",
    "SignDoseDecision",
    "UnlockData",
    "VerifySource",
]
