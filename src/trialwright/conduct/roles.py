"""Which role may give which command: data, printed by `matrix` and held to a golden file by the tests."""

from __future__ import annotations

from trialwright.protocol.study import ROLES, STAGGER_OVERRIDERS, Role

MAY: dict[str, frozenset[Role]] = {
    "AdoptProtocol": frozenset({"sponsor"}),
    "OpenSite": frozenset({"sponsor"}),
    "AmendProtocol": frozenset({"sponsor"}),
    "ApproveAmendment": frozenset({"sponsor"}),
    "GrantRole": frozenset({"sponsor", "investigator"}),
    "ConfirmRole": frozenset({"sponsor", "investigator"}),
    "RevokeRole": frozenset({"sponsor", "investigator"}),
    "OpenDoseLevel": frozenset({"sponsor"}),
    "OpenCohort": frozenset({"sponsor"}),
    "ReviewCohort": frozenset({"investigator", "sponsor", "committee"}),
    "ScreenSubject": frozenset({"investigator", "coordinator"}),
    "AssessEligibility": frozenset({"investigator"}),
    "RecordReconsent": frozenset({"investigator", "coordinator"}),
    "RecordDisposition": frozenset({"investigator", "coordinator"}),
    "CorrectDisposition": frozenset({"investigator"}),
    "StartRescue": frozenset({"investigator"}),
    "ReserveSlot": frozenset({"investigator", "coordinator"}),
    "ReleaseSlot": frozenset({"investigator", "coordinator"}),
    "EnrolSubject": frozenset({"investigator"}),
    "RandomiseSubject": frozenset({"investigator"}),
    "ChooseArm": frozenset({"investigator"}),
    "DeclareRandomisedInError": frozenset({"investigator"}),
    "BreakCode": frozenset({"investigator"}),
    "RequestUnblinding": frozenset({"investigator", "sponsor"}),
    "ApproveUnblinding": frozenset({"investigator", "sponsor"}),
    "PrintEnvelopes": frozenset({"pharmacist"}),
    "ReceiveLot": frozenset({"pharmacist"}),
    "ReleaseLot": frozenset({"pharmacist"}),
    "QuarantineLot": frozenset({"pharmacist"}),
    "AssignLot": frozenset({"pharmacist"}),
    "DisposeLot": frozenset({"pharmacist"}),
    "ReportManufacturingFailure": frozenset({"investigator", "pharmacist"}),
    "PrescribeDose": frozenset({"investigator"}),
    "PrepareInfusion": frozenset({"pharmacist"}),
    "DiscardPreparation": frozenset({"pharmacist"}),
    "CorrectWeight": frozenset({"pharmacist"}),
    "MatchIdentity": frozenset({"investigator", "coordinator", "pharmacist"}),
    "OverrideStagger": STAGGER_OVERRIDERS,
    "StartInfusion": frozenset({"investigator", "coordinator"}),
    "InterruptInfusion": frozenset({"investigator", "coordinator"}),
    "ResumeInfusion": frozenset({"investigator", "coordinator"}),
    "CompleteInfusion": frozenset({"investigator", "coordinator"}),
    "AbortInfusion": frozenset({"investigator", "coordinator"}),
    "CorrectGivenVolume": frozenset({"investigator", "coordinator"}),
    "PrescribeMedicine": frozenset({"investigator"}),
    "StopMedicine": frozenset({"investigator"}),
    "VoidMedicine": frozenset({"investigator"}),
    "ReportAdverseEvent": frozenset({"investigator", "coordinator"}),
    "GradeAdverseEvent": frozenset({"investigator"}),
    "CorrectAdverseEvent": frozenset({"investigator"}),
    "VoidAdverseEvent": frozenset({"investigator"}),
    "FollowUpAdverseEvent": frozenset({"investigator", "coordinator"}),
    "AssessSeriousness": frozenset({"investigator"}),
    "AssessRelatedness": frozenset({"investigator"}),
    "AdjudicateDlt": frozenset({"investigator"}),
    "CloseDltWindow": frozenset({"investigator", "coordinator"}),
    "DeclareNotEvaluable": frozenset({"investigator"}),
    "InvokeStoppingRule": frozenset({"investigator", "sponsor", "committee"}),
    "StopTrial": frozenset({"sponsor", "committee"}),
    "SignResumption": frozenset({"investigator", "sponsor", "committee"}),
    "ProposeDoseDecision": frozenset({"investigator", "sponsor"}),
    "SignDoseDecision": frozenset({"investigator", "sponsor", "committee"}),
    "SetTimeZone": frozenset({"sponsor"}),
    "HoldVisit": frozenset({"investigator", "coordinator"}),
    "HoldUnscheduledVisit": frozenset({"investigator", "coordinator"}),
    "MissVisit": frozenset({"investigator", "coordinator"}),
    "PlanDay": frozenset({"investigator", "coordinator"}),
    "RecordData": frozenset({"investigator", "coordinator"}),
    "CorrectData": frozenset({"investigator", "coordinator"}),
    "OpenQuery": frozenset({"investigator", "monitor", "sponsor"}),
    "AnswerQuery": frozenset({"investigator", "coordinator"}),
    "CloseQuery": frozenset({"investigator", "monitor", "sponsor"}),
    "VerifySource": frozenset({"monitor"}),
    "LockData": frozenset({"sponsor"}),
    "UnlockData": frozenset({"sponsor"}),
    "SignContent": frozenset({"investigator", "monitor", "sponsor"}),
    "RedactText": frozenset({"investigator"}),
    "ReviewTrail": frozenset({"monitor", "sponsor"}),
    "RecordExport": frozenset(ROLES),
}
"""Command to the roles that may give it; a command that is not here may be given by nobody."""

SITE_ROLES: frozenset[Role] = frozenset({"investigator", "coordinator", "pharmacist"})
"""Roles that belong to one site and see that site's subjects only."""

UNBLINDED: frozenset[Role] = frozenset({"pharmacist"})
"""Roles that see the arms of a masked trial from the start; every other role is blinded."""


MAY_GRANT: dict[Role, frozenset[Role]] = {
    "sponsor": frozenset(ROLES),
    "investigator": frozenset({"coordinator"}),
}
"""Role to the roles that it grants and revokes; an investigator delegates at the own site (ICH E6(R3), 2.3)."""


SIGNING: frozenset[str] = frozenset({"SignDoseDecision", "SignResumption", "SignContent"})
"""Commands that are a signature: whoever gives one shows anew who they are."""

TWO_FACTORS: frozenset[Role] = (
    UNBLINDED | frozenset(MAY_GRANT) | frozenset(role for command in SIGNING for role in MAY[command])
)
"""Roles that sign in with a second factor: who sees arms, who gives roles, who signs (ICH E6(R3), 4.3.3)."""


def may(role: Role | None, command: str) -> bool:
    """Whether a role may give a command."""
    return role in MAY.get(command, frozenset())


def matrix() -> str:
    """The role x command matrix as text."""
    width = max(map(len, MAY))
    lines = [" ".join([" " * width, *ROLES])]
    for command, roles in MAY.items():
        marks = (("X" if role in roles else ".").center(len(role)) for role in ROLES)
        lines.append(" ".join([command.ljust(width), *marks]))
    return "\n".join(line.rstrip() for line in lines) + "\n"
