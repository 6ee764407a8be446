"""Where each command is given: at an address of its own, or at the one of all the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.urls import reverse

from trialwright.conduct.commands import Command
from trialwright.conduct.exposure import masked
from trialwright.conduct.next_steps import Step
from trialwright.conduct.views import View
from trialwright.conduct.wording import title_of
from trialwright.protocol.study import Study
from trialwright.web.entry_forms import COMMANDS, slug_of

OWN = {
    "AssessEligibility": "eligibility",
    "EnrolSubject": "enrol",
    "RandomiseSubject": "randomise",
    "DeclareRandomisedInError": "randomised-in-error",
    "BreakCode": "break-code",
    "PrepareInfusion": "prepare",
    "DiscardPreparation": "discard",
    "MatchIdentity": "match",
    "StartInfusion": "start-infusion",
    "CompleteInfusion": "complete-infusion",
    "AbortInfusion": "abort-infusion",
    "ReportAdverseEvent": "report",
    "CloseDltWindow": "close-window",
    "DeclareNotEvaluable": "not-evaluable",
    "GradeAdverseEvent": "grade",
    "AdjudicateDlt": "adjudicate",
    "ScreenSubject": "screen",
    "ReceiveLot": "receive-lot",
    "ReleaseLot": "release-lot",
    "QuarantineLot": "quarantine-lot",
    "OpenDoseLevel": "open-level",
    "ProposeDoseDecision": "propose",
    "SignDoseDecision": "sign",
    "OpenSite": "open-site",
    "GrantRole": "grant",
    "RevokeRole": "revoke",
    "RequestUnblinding": "request-unblinding",
    "ApproveUnblinding": "approve-unblinding",
}
"""Commands that have an address of their own, and its name."""

BY_ITSELF = frozenset({"AdoptProtocol", "RecordExport"})
"""Commands that no form gives: the one that begins a trial, and the one that goes with each copy that is handed out."""

_PLACED = {
    "grade": ("event", "number"),
    "adjudicate": ("event", "number"),
    "release-lot": ("lot", "lot"),
    "quarantine-lot": ("lot", "lot"),
    "revoke": ("person", "person"),
}
"""Addresses in which a field of the command stands: the field, and its name there."""

LABELS = {
    "AssessEligibility": "Assess eligibility",
    "EnrolSubject": "Enrol",
    "RandomiseSubject": "Randomise",
    "PrepareInfusion": "Prepare the infusion",
    "DiscardPreparation": "Discard the preparation",
    "MatchIdentity": "Match the identity",
    "StartInfusion": "Begin the infusion",
    "CompleteInfusion": "Complete the infusion",
    "AbortInfusion": "Abort the infusion",
    "ReportAdverseEvent": "Report an adverse event",
    "CloseDltWindow": "Close the DLT window",
    "DeclareNotEvaluable": "Declare not evaluable",
    "AdjudicateDlt": "Adjudicate a possible DLT",
    "ChooseArm": "Choose the arm",
    "RecordData": "Record data",
    "RecordDisposition": "Record the disposition",
    "FollowUpAdverseEvent": "Follow up an adverse event",
}
"""What a command is called on a button and on the list of what is to do, where its heading is too long."""


_ESCALATES = (
    "OpenDoseLevel",
    "ProposeDoseDecision",
    "SignDoseDecision",
    "AdjudicateDlt",
    "CloseDltWindow",
    "DeclareNotEvaluable",
)
_MASKED = ("BreakCode", "RequestUnblinding", "ApproveUnblinding")
_NEEDS: Mapping[str, Callable[[Study], bool]] = {
    **dict.fromkeys(_ESCALATES, lambda study: study.dose_escalation is not None),
    **dict.fromkeys(_MASKED, masked),
    "RandomiseSubject": lambda study: study.allocation is not None and study.allocation.method == "randomised",
    "DeclareRandomisedInError": lambda study: study.allocation is not None and study.allocation.method == "randomised",
    "ChooseArm": lambda study: study.allocation is not None and study.allocation.method == "by choice",
    "ReviewCohort": lambda study: bool(study.cohorts),
    "StartRescue": lambda study: study.rescue is not None,
}
"""Commands that only some trials know, and what the protocol must have for them."""


def label_of(command: str) -> str:
    """What a command is called on a button."""
    return LABELS.get(command, title_of(command))


def address_of(step: Step, subject: str | None = None) -> str:
    """Where a step is taken, with what it is about filled in."""
    fields: dict[str, object] = dict(step.fields)
    name, about = OWN.get(step.command), {"subject_id": subject} if subject else {}
    if name is None:
        address = reverse(slug_of(step.command), kwargs=about)
    else:
        field, place_name = _PLACED.get(name, ("", ""))
        place = {place_name: str(fields.pop(field))} if field in fields else {}
        address = reverse(name, kwargs={**about, **place})
    return f"{address}?{urlencode(fields)}" if fields else address


def about_subject(command: type[Command]) -> bool:
    """Whether a command is always about one subject."""
    field = command.model_fields.get("subject")
    return field is not None and field.is_required()


def other_entries(view: View, subject: str | None) -> list[tuple[str, str]]:
    """Addresses and names of all commands of the trial that its viewer may give about a subject, or about the whole."""
    known = {name for name in view.may if name not in _NEEDS or _NEEDS[name](view.study)}
    allowed = known - BY_ITSELF
    kinds = [kind for kind in COMMANDS.values() if kind.__name__ in allowed and about_subject(kind) == bool(subject)]
    names = [kind.__name__ for kind in kinds if OWN.get(kind.__name__) not in _PLACED]
    found = [(address_of(Step(command=name), subject), title_of(name)) for name in names]
    return sorted(found, key=lambda one: one[1])


def entries() -> list[type[Command]]:
    """The commands that have a form and no address of their own."""
    return [kind for kind in COMMANDS.values() if kind.__name__ not in BY_ITSELF | OWN.keys()]
