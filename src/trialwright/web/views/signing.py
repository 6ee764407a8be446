"""Proposing a dose decision, and signing it with the password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from trialwright.analysis import decision_table
from trialwright.conduct import Refusal
from trialwright.conduct import commands as cmd
from trialwright.conduct.state import DoseDecision
from trialwright.conduct.views import View
from trialwright.errors import InputError
from trialwright.web import lockout
from trialwright.web.forms import ProposeForm
from trialwright.web.page import gives, not_found, render_page, with_view
from trialwright.web.signature import SignatureForm
from trialwright.web.views.commands import STATUS, answer_command, forbidden, give, recorded


class SignForm(SignatureForm):
    """The signature under a dose decision: the number and content that were shown."""

    command = cmd.SignDoseDecision
    title = "Sign the dose decision"
    button = "Sign: I approve this decision"
    number = forms.IntegerField(widget=forms.HiddenInput)
    content = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def done(self) -> str:
        """Name the decision."""
        return f"Dose decision {self.cleaned_data['number']} is signed by {self.request.user.get_username()}."


@with_view
@gives(ProposeForm.command)
def propose(request: HttpRequest, view: View) -> HttpResponse:
    """Propose a dose decision beside what the rule says."""
    if view.study.dose_escalation is None:
        return not_found(request, view)
    return answer_command(
        request,
        view,
        ProposeForm,
        fixed={},
        then=reverse("decisions"),
        template="propose.html",
        table=decision_table(view),
    )


@with_view
@gives(SignForm.command)
def sign(request: HttpRequest, view: View) -> HttpResponse:
    """Sign the decision that stands, exactly as it is shown."""
    decision = view.open_decision
    if "SignDoseDecision" not in view.may and request.method != "POST":
        return forbidden(request, view, SignForm)
    if request.method != "POST":
        return _shown(request, view, _form(request, view, decision), decision, 200)
    form = _form(request, view, decision, request.POST)
    if not form.is_valid():
        if lockout.locked(request.user.get_username()):
            logout(request)
            return HttpResponseRedirect(reverse("sign-in"))
        return _shown(request, view, form, decision, InputError.http_status)
    outcome = give(request, form)
    if isinstance(outcome, Refusal):
        return _shown(request, view, form, decision, STATUS[outcome.kind], outcome)
    return recorded(request, form, outcome, reverse("decisions"))


def _form(request: HttpRequest, view: View, decision: DoseDecision | None, typed: Any = None) -> SignForm:
    shown = {"number": decision.number, "content": decision.content} if decision else {}
    return SignForm(typed, view=view, request=request, initial=shown)


def _shown(
    request: HttpRequest,
    view: View,
    form: SignForm,
    decision: DoseDecision | None,
    status: int,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = {"decision": decision, "refusal": refusal}
    return render_page(request, "sign.html", view, status=status, form=form, **context)
