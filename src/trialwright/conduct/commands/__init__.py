"""What somebody asks for: imperative, typed, with who asks and when. Nothing has happened yet."""

from trialwright.conduct.commands.administration import AdoptProtocol, ConfirmRole, GrantRole, OpenSite, RevokeRole
from trialwright.conduct.commands.allocation import ChooseArm, DeclareRandomisedInError, RandomiseSubject
from trialwright.conduct.commands.amendment import AmendProtocol, ApproveAmendment
from trialwright.conduct.commands.base import Command, Instant
from trialwright.conduct.commands.blinding import ApproveUnblinding, BreakCode, PrintEnvelopes, RequestUnblinding
from trialwright.conduct.commands.data import CorrectData, HoldVisit, MissVisit, RecordData, Said, SetTimeZone
from trialwright.conduct.commands.enrolment import OpenCohort, ReleaseSlot, ReserveSlot, ReviewCohort
from trialwright.conduct.commands.escalation import OpenDoseLevel, ProposeDoseDecision, SignDoseDecision
from trialwright.conduct.commands.export import RecordExport
from trialwright.conduct.commands.medicine import PrescribeMedicine, StopMedicine
from trialwright.conduct.commands.oversight import InvokeStoppingRule, SignResumption
from trialwright.conduct.commands.participation import RecordDisposition, RecordReconsent, StartRescue
from trialwright.conduct.commands.product import (
    AssignLot,
    DisposeLot,
    QuarantineLot,
    ReceiveLot,
    ReleaseLot,
    ReportManufacturingFailure,
)
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
from trialwright.conduct.commands.treatment import (
    AbortInfusion,
    CompleteInfusion,
    CorrectWeight,
    DiscardPreparation,
    InterruptInfusion,
    MatchIdentity,
    OverrideStagger,
    PrepareInfusion,
    PrescribeDose,
    ResumeInfusion,
    StartInfusion,
)

__all__ = [
    "AbortInfusion",
    "AdjudicateDlt",
    "AdoptProtocol",
    "AmendProtocol",
    "AnswerQuery",
    "ApproveAmendment",
    "ApproveUnblinding",
    "AssessEligibility",
    "AssessRelatedness",
    "AssessSeriousness",
    "AssignLot",
    "BreakCode",
    "ChooseArm",
    "CloseDltWindow",
    "CloseQuery",
    "Command",
    "CompleteInfusion",
    "ConfirmRole",
    "CorrectData",
    "CorrectWeight",
    "DeclareNotEvaluable",
    "DeclareRandomisedInError",
    "DiscardPreparation",
    "DisposeLot",
    "EnrolSubject",
    "FollowUpAdverseEvent",
    "GradeAdverseEvent",
    "GrantRole",
    "HoldVisit",
    "Instant",
    "InterruptInfusion",
    "InvokeStoppingRule",
    "LockData",
    "MatchIdentity",
    "MissVisit",
    "OpenCohort",
    "OpenDoseLevel",
    "OpenQuery",
    "OpenSite",
    "OverrideStagger",
    "PrepareInfusion",
    "PrescribeDose",
    "PrescribeMedicine",
    "PrintEnvelopes",
    "ProposeDoseDecision",
    "QuarantineLot",
    "RandomiseSubject",
    "ReceiveLot",
    "RecordData",
    "RecordDisposition",
    "RecordExport",
    "RecordReconsent",
    "RedactText",
    "ReleaseLot",
    "ReleaseSlot",
    "ReportAdverseEvent",
    "ReportManufacturingFailure",
    "RequestUnblinding",
    "ReserveSlot",
    "ResumeInfusion",
    "ReviewCohort",
    "ReviewTrail",
    "RevokeRole",
    "Said",
    "ScreenSubject",
    "SetTimeZone",
    "SignContent",
    "SignDoseDecision",
    "SignResumption",
    "StartInfusion",
    "StartRescue",
    "StopMedicine",
    "UnlockData",
    "VerifySource",
]
