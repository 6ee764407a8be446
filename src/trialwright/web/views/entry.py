"""The pages of commands that have no address of their own: one for each, about a subject or about the trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from trialwright.conduct import commands as cmd
from trialwright.conduct.views import SubjectView, View
from trialwright.web import data_forms, signature
from trialwright.web.addresses import FOUNDING, OWN, about_subject
from trialwright.web.entry_forms import COMMANDS, EntryForm, entry_form
from trialwright.web.page import not_found, render_page, with_subject, with_view
from trialwright.web.trials import the_trial
from trialwright.web.views.commands import answer_command

FORMS: Mapping[str, type[EntryForm]] = {
    "RecordData": data_forms.RecordDataForm,
    "CorrectData": data_forms.CorrectDataForm,
    "VerifySource": data_forms.VerifySourceForm,
    "AmendProtocol": data_forms.AmendForm,
    "SignContent": signature.SignContentForm,
    "SignResumption": signature.signed(entry_form(cmd.SignResumption)),
    "ReviewCohort": signature.signed(entry_form(cmd.ReviewCohort)),
}
"""Commands whose form knows more than their fields."""

_AT_THE_END = {"PrintEnvelopes": "envelopes"}
"""The page that follows, where it is not the trial's."""


def form_of(command: type[cmd.Command]) -> type[EntryForm]:
    """The form of a command that has no address of its own."""
    return FORMS.get(command.__name__) or entry_form(command)


def has_entry(command: type[cmd.Command] | None, *, subject: bool) -> bool:
    """Whether a command has its page here: about a subject, or about the trial."""
    return command is not None and command.__name__ not in {*OWN, FOUNDING} and about_subject(command) == subject


@with_subject
def for_subject(request: HttpRequest, view: View, subject: SubjectView, *, command: str) -> HttpResponse:
    """A command about one subject."""
    kind = COMMANDS.get(command)
    if kind is None or not has_entry(kind, subject=True):
        return not_found(request, view)
    context: dict[str, Any] = {"subject": subject, "initial": request.GET.dict()}
    if kind is cmd.SignContent:
        context |= _signable(request, subject)
    return answer_command(request, view, form_of(kind), fixed={"subject": subject.id}, **context)


@with_view
def for_trial(request: HttpRequest, view: View, *, entry: str) -> HttpResponse:
    """A command about the trial as a whole."""
    kind = COMMANDS.get(entry)
    if kind is None or not has_entry(kind, subject=False):
        return not_found(request, view)
    then = reverse(_AT_THE_END.get(kind.__name__, "trial"))
    return answer_command(request, view, form_of(kind), fixed={}, then=then, initial=request.GET.dict())


@with_view
def envelopes(request: HttpRequest, view: View) -> HttpResponse:
    """The arm of each subject on a sheet of its own, for whoever may print them."""
    may = "PrintEnvelopes" in view.may
    sheets = [one for one in view.subjects if may and one.randomised and one.arm]
    return render_page(request, "envelopes.html", view, sheets=sheets)


def _signable(request: HttpRequest, subject: SubjectView) -> dict[str, Any]:
    """What is signed, as it is shown: the hash of its content, and its entries."""
    visit = (request.POST if request.method == "POST" else request.GET).get("visit") or None
    with the_trial() as trial:
        bound = trial.signable(request.user.get_username(), subject.id, visit)
        rows = trial.trail(request.user.get_username())
    if bound is None or not bound.sequence:
        return {"entries": ()}
    numbers = {int(line.partition(" ")[0]) for line in bound.text.splitlines()}
    shown = {"content": bound.sha256, "sequence": bound.sequence}
    return {"fresh": shown, "entries": [row for row in rows if row.sequence in numbers]}
