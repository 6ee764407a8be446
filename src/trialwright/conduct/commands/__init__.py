"""What somebody asks for: imperative, typed, with who asks and when. Nothing has happened yet."""

from trialwright.conduct.commands.administration import AdoptProtocol, ConfirmRole, GrantRole, OpenSite, RevokeRole
from trialwright.conduct.commands.allocation import ChooseArm, DeclareRandomisedInError, RandomiseSubject
from trialwright.conduct.commands.amendment import AmendProtocol, ApproveAmendment
from trialwright.conduct.commands.base import Command, Instant
from trialwright.conduct.commands.blinding import ApproveUnblinding, BreakCode, PrintEnvelopes, RequestUnblinding
from trialwright.conduct.commands.data import CorrectData, HoldVisit, MissVisit, RecordData, Said, SetTimeZone
from trialwright.conduct.commands.enrolment import OpenCohort, ReleaseSlot, ReserveSlot, ReviewCohort
from trialwright.conduct.commands.escalation import OpenDoseLevel, ProposeDoseDecision, SignDoseDecision
from trialwright.conduct.commands.oversight import InvokeStoppingRule, SignResumption
from trialwright.conduct.commands.participation import RecordDisposition, RecordReconsent, StartRescue
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
    AssessRelatedness,
    AssessSeriousness,
    CloseDltWindow,
    DeclareNotEvaluable,
    FollowUpAdverseEvent,
    GradeAdverseEvent,
    ReportAdverseEvent,
)
from trialwright.conduct.commands.screening import AssessEligibility, EnrolSubject, ScreenSubject
from trialwright.conduct.commands.treatment import AdministerInfusion

__all__ = [
    "AdjudicateDlt",
    "AdministerInfusion",
    "AdoptProtocol",
    "AmendProtocol",
    "AnswerQuery",
    "ApproveAmendment",
    "ApproveUnblinding",
    "AssessEligibility",
    "AssessRelatedness",
    "AssessSeriousness",
    "BreakCode",
    "ChooseArm",
    "CloseDltWindow",
    "CloseQuery",
    "Command",
    "ConfirmRole",
    "CorrectData",
    "DeclareNotEvaluable",
    "DeclareRandomisedInError",
    "EnrolSubject",
    "FollowUpAdverseEvent",
    "GradeAdverseEvent",
    "GrantRole",
    "HoldVisit",
    "Instant",
    "InvokeStoppingRule",
    "LockData",
    "MissVisit",
    "OpenCohort",
    "OpenDoseLevel",
    "OpenQuery",
    "OpenSite",
    "PrintEnvelopes",
    "ProposeDoseDecision",
    "RandomiseSubject",
    "RecordData",
    "RecordDisposition",
    "RecordReconsent",
    "RedactText",
    "ReleaseSlot",
    "ReportAdverseEvent",
    "RequestUnblinding",
    "ReserveSlot",
    "ReviewCohort",
    "ReviewTrail",
    "RevokeRole",
    "Said",
    "ScreenSubject",
    "SetTimeZone",
    "SignContent",
    "SignDoseDecision",
    "SignResumption",
    "StartRescue",
    "UnlockData",
    "VerifySource",
]
