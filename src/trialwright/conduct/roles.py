"""Which role may give which command: data, printed by `matrix` and held to a golden file by the tests."""

from __future__ import annotations

from trialwright.protocol.study import ROLES, Role

MAY: dict[str, frozenset[Role]] = {
    "AdoptProtocol": frozenset({"sponsor"}),
    "OpenSite": frozenset({"sponsor"}),
    "GrantRole": frozenset({"sponsor"}),
    "RevokeRole": frozenset({"sponsor"}),
    "OpenDoseLevel": frozenset({"sponsor"}),
    "ScreenSubject": frozenset({"investigator", "coordinator"}),
    "AssessEligibility": frozenset({"investigator"}),
    "EnrolSubject": frozenset({"investigator"}),
    "RandomiseSubject": frozenset({"investigator"}),
    "ChooseArm": frozenset({"investigator"}),
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
    "OverrideStagger": frozenset({"investigator", "sponsor"}),
    "StartInfusion": frozenset({"investigator", "coordinator"}),
    "InterruptInfusion": frozenset({"investigator", "coordinator"}),
    "ResumeInfusion": frozenset({"investigator", "coordinator"}),
    "CompleteInfusion": frozenset({"investigator", "coordinator"}),
    "AbortInfusion": frozenset({"investigator", "coordinator"}),
    "PrescribeMedicine": frozenset({"investigator"}),
    "StopMedicine": frozenset({"investigator"}),
    "ReportAdverseEvent": frozenset({"investigator", "coordinator"}),
    "GradeAdverseEvent": frozenset({"investigator"}),
    "AdjudicateDlt": frozenset({"investigator"}),
    "CloseDltWindow": frozenset({"investigator", "coordinator"}),
    "DeclareNotEvaluable": frozenset({"investigator"}),
    "ProposeDoseDecision": frozenset({"investigator", "sponsor"}),
    "SignDoseDecision": frozenset({"investigator", "sponsor"}),
}
"""Command to the roles that may give it; a command that is not here may be given by nobody."""

SITE_ROLES: frozenset[Role] = frozenset({"investigator", "coordinator", "pharmacist"})
"""Roles that belong to one site and see that site's subjects only."""


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
