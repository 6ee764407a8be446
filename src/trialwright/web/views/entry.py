"""The pages of commands that have no address of their own: one for each, about a subject or about the trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from trialwright.analysis import adverse_event_listing
from trialwright.conduct import commands as cmd
from trialwright.conduct.views import SubjectView, View
from trialwright.conduct.wording import signed_entries
from trialwright.web import data_forms, signature_forms
from trialwright.web.addresses import about_subject
from trialwright.web.entry_forms import EntryForm, entry_form
from trialwright.web.page import Answer, gives, render_page, with_subject, with_view
from trialwright.web.trials import the_trial
from trialwright.web.views.commands import answer_command, forbidden

FORMS: Mapping[str, type[EntryForm]] = {
    "RecordData": data_forms.RecordDataForm,
    "CorrectData": data_forms.CorrectDataForm,
    "VerifySource": data_forms.VerifySourceForm,
    "AmendProtocol": data_forms.AmendForm,
    "SignContent": signature_forms.SignContentForm,
    "SignResumption": signature_forms.signed(entry_form(cmd.SignResumption)),
    "ReviewCohort": signature_forms.ReviewCohortForm,
}
"""Commands whose form knows more than their fields."""

_AT_THE_END = {"PrintEnvelopes": "envelopes"}
"""The page that follows, where it is not the trial's."""


def form_of(command: type[cmd.Command]) -> type[EntryForm]:
    """The form of a command that has no address of its own."""
    return FORMS.get(command.__name__) or entry_form(command)


def page(command: type[cmd.Command]) -> Answer:
    """The page of a command: about one subject, or about the trial as a whole."""
    return _for_subject(command) if about_subject(command) else _for_trial(command)


def _for_subject(command: type[cmd.Command]) -> Answer:
    @with_subject
    @gives(command)
    def answer(request: HttpRequest, view: View, subject: SubjectView) -> HttpResponse:
        context: dict[str, Any] = {"subject": subject, "initial": request.GET.dict()}
        if command is cmd.SignContent:
            context |= _signable(request, view, subject)
        return answer_command(request, view, form_of(command), fixed={"subject": subject.id}, **context)

    return answer


def _for_trial(command: type[cmd.Command]) -> Answer:
    @with_view
    @gives(command)
    def answer(request: HttpRequest, view: View) -> HttpResponse:
        then = reverse(_AT_THE_END.get(command.__name__, "trial"))
        shown = {"initial": request.GET.dict(), **_signed(view, command)}
        return answer_command(request, view, form_of(command), fixed={}, then=then, **shown)

    return answer


@with_view
@gives(cmd.PrintEnvelopes)
def envelopes(request: HttpRequest, view: View) -> HttpResponse:
    """The arm of each subject on a sheet of its own, for whoever may print them."""
    if "PrintEnvelopes" not in view.may:
        return forbidden(request, view, form_of(cmd.PrintEnvelopes))
    sheets = [one for one in view.subjects if one.randomised and one.arm]
    return render_page(request, "envelopes.html", view, sheets=sheets)


def _signed(view: View, command: type[cmd.Command]) -> dict[str, Any]:
    """What a signature about the whole trial is given on: the cohort's adverse events, or what paused the trial."""
    if command is cmd.ReviewCohort and view.cohorts:
        members = tuple(one for one in view.subjects if one.group == view.cohorts[-1].name)
        return {"listing": adverse_event_listing(replace(view, subjects=members)), "listings": view.listings}
    if command is cmd.SignResumption:
        return {"pauses": [one for one in view.pauses if one.lifted_at is None]}
    return {}


def _signable(request: HttpRequest, view: View, subject: SubjectView) -> dict[str, Any]:
    """What is signed, as it is shown: the hash of its content, and its entries."""
    visit = (request.POST if request.method == "POST" else request.GET).get("visit") or None
    with the_trial() as trial:
        bound = trial.signable(request.user.get_username(), subject.id, visit)
    if bound is None or not bound.sequence:
        return {"signed": ()}
    shown = {"content": bound.sha256, "sequence": bound.sequence}
    return {"fresh": shown, "bound": bound, "signed": signed_entries(view.study, bound)}
