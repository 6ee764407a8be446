"""What somebody asks for: imperative, typed, with who asks and when. Nothing has happened yet."""

from trialwright.conduct.commands.administration import AdoptProtocol, GrantRole, OpenSite, RevokeRole
from trialwright.conduct.commands.allocation import ChooseArm, RandomiseSubject
from trialwright.conduct.commands.base import Command, Instant
from trialwright.conduct.commands.escalation import OpenDoseLevel, ProposeDoseDecision, SignDoseDecision
from trialwright.conduct.commands.medicine import PrescribeMedicine, StopMedicine
from trialwright.conduct.commands.product import (
    AssignLot,
    DisposeLot,
    QuarantineLot,
    ReceiveLot,
    ReleaseLot,
    ReportManufacturingFailure,
)
from trialwright.conduct.commands.safety import (
    AdjudicateDlt,
    CloseDltWindow,
    DeclareNotEvaluable,
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
    "AssessEligibility",
    "AssignLot",
    "ChooseArm",
    "CloseDltWindow",
    "Command",
    "CompleteInfusion",
    "CorrectWeight",
    "DeclareNotEvaluable",
    "DiscardPreparation",
    "DisposeLot",
    "EnrolSubject",
    "GradeAdverseEvent",
    "GrantRole",
    "Instant",
    "InterruptInfusion",
    "MatchIdentity",
    "OpenDoseLevel",
    "OpenSite",
    "OverrideStagger",
    "PrepareInfusion",
    "PrescribeDose",
    "PrescribeMedicine",
    "ProposeDoseDecision",
    "QuarantineLot",
    "RandomiseSubject",
    "ReceiveLot",
    "ReleaseLot",
    "ReportAdverseEvent",
    "ReportManufacturingFailure",
    "ResumeInfusion",
    "RevokeRole",
    "ScreenSubject",
    "SignDoseDecision",
    "StartInfusion",
    "StopMedicine",
]
