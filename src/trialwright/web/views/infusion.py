"""The pharmacy's lots, and the steps of an infusion."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from trialwright.conduct import Refusal
from trialwright.conduct.events import InfusionPrepared, ProductDispensed, SealedProductDispensed
from trialwright.conduct.views import SubjectView, View
from trialwright.web.command_form import CommandForm
from trialwright.web.infusion_forms import PrepareForm, QuarantineLotForm, ReceiveLotForm, ReleaseLotForm
from trialwright.web.page import Answer, gives, not_found, render_page, with_subject, with_view
from trialwright.web.trials import the_trial
from trialwright.web.views.commands import STATUS, answer_command, shown

_ASKED = ("lot", "containers", "weight_kg", "weighed_on")


@with_view
def pharmacy(request: HttpRequest, view: View) -> HttpResponse:
    """Every lot that the reader may know of."""
    return render_page(request, "pharmacy.html", view, lots=view.stock.lots.values())


@with_view
@gives(ReceiveLotForm.command)
def receive(request: HttpRequest, view: View) -> HttpResponse:
    """Take a lot into the pharmacy."""
    return answer_command(request, view, ReceiveLotForm, fixed={}, then=reverse("pharmacy"))


def for_lot(form_class: type[CommandForm]) -> Answer:
    """The page of a command about one lot."""

    @with_view
    @gives(form_class.command)
    def answer(request: HttpRequest, view: View, *, lot: str) -> HttpResponse:
        known = form_class.command.__name__ not in view.may or lot in view.stock.lots
        if not known:
            return not_found(request, view)
        stored = view.stock.lots.get(lot)
        return answer_command(request, view, form_class, fixed={"lot": lot}, then=reverse("pharmacy"), lot=stored)

    return answer


release, quarantine = for_lot(ReleaseLotForm), for_lot(QuarantineLotForm)


@with_subject
@gives(PrepareForm.command)
def prepare(request: HttpRequest, view: View, subject: SubjectView) -> HttpResponse:
    """Prepare an infusion in two steps: lot and weight, then, with the planned volume in sight, the volume drawn."""
    step = request.POST.get("step", "")
    form = PrepareForm(request.POST or None, view=view, subject=subject, fixed={"subject": subject.id}, request=request)
    context: dict[str, Any] = {"subject": subject, "fields": _ASKED}
    if step == "change":
        return shown(request, view, form, "command.html", 200, None, context)
    outcome = _foreseen(request, form) if step and form.is_valid() else None
    if isinstance(outcome, dict):
        context |= outcome
    if step == "compute" and isinstance(outcome, Refusal):
        return shown(request, view, form, "command.html", STATUS[outcome.kind], outcome, context)
    template = "infusion_confirm.html" if "prepared" in context else "command.html"
    if step == "compute" and outcome:
        return shown(request, view, form, template, 200, None, context)
    return answer_command(request, view, PrepareForm, fixed=form.fixed, template=template, **context)


def _foreseen(request: HttpRequest, form: CommandForm) -> dict[str, Any] | Refusal:
    """What would be recorded if the planned volume were drawn now, or what stands against it; nothing is recorded."""
    fields = {name: value for name, value in form.command_fields().items() if name not in {"prepared_ml", "reason"}}
    with the_trial() as trial:
        outcome = trial.foresee(form.command, by=request.user.get_username(), **fields)
    if isinstance(outcome, Refusal):
        return outcome
    return {
        "prepared": next(event for event in outcome if isinstance(event, InfusionPrepared)),
        "held": next(event for event in outcome if isinstance(event, ProductDispensed | SealedProductDispensed)),
    }
