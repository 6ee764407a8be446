"""The pages that show the trial."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from trialwright.analysis import decision_table, dose_escalation_figure
from trialwright.conduct.views import SubjectView, View
from trialwright.protocol.explain import explain
from trialwright.protocol.study import Exclusion
from trialwright.web.filters import powers
from trialwright.web.page import render_page, with_subject, with_view
from trialwright.web.prose import rendered
from trialwright.web.worklist import STEPS, level_due, may_sign, stopping_rule_met, tasks, window_over


@with_view
def trial(request: HttpRequest, view: View) -> HttpResponse:
    """The trial at a glance: dose board, next dose, what remains to be done, the plot."""
    return render_page(
        request,
        "trial.html",
        view,
        tasks=list(tasks(view)),
        table=decision_table(view),
        figure=dose_escalation_figure(view),
        may_sign=may_sign(view),
        stopping=stopping_rule_met(view),
    )


@with_view
def plot(request: HttpRequest, view: View) -> HttpResponse:
    """The dose-escalation plot."""
    return HttpResponse(powers(dose_escalation_figure(view).svg()), content_type="image/svg+xml")


@with_view
def subjects(request: HttpRequest, view: View) -> HttpResponse:
    """Every subject whom the reader may know of."""
    rows = [{"subject": subject, "over": window_over(view, subject)} for subject in view.subjects]
    return render_page(request, "subjects.html", view, rows=rows)


@with_subject
def subject(request: HttpRequest, view: View, subject: SubjectView) -> HttpResponse:
    """One subject: eligibility, infusion, DLT window, adverse events, next steps."""
    return render_page(
        request,
        "subject.html",
        view,
        subject=subject,
        steps=list(_steps(subject)),
        criteria=[(c, isinstance(c, Exclusion), _finding(view, subject, c.id)) for c in view.study.criteria],
        values=[(item, subject.values[item.name]) for item in view.study.items if item.name in subject.values],
        dose=view.study.dose(subject.level) if subject.level else None,
        over=window_over(view, subject),
    )


@with_view
def decisions(request: HttpRequest, view: View) -> HttpResponse:
    """Every dose decision, the newest first, with its signatures."""
    return render_page(
        request,
        "decisions.html",
        view,
        decisions=tuple(reversed(view.decisions)),
        table=decision_table(view),
        may_sign=may_sign(view),
        may_propose=view.can_propose and "ProposeDoseDecision" in view.may,
        level_due=level_due(view) if "OpenDoseLevel" in view.may else None,
    )


@with_view
def sites(request: HttpRequest, view: View) -> HttpResponse:
    """Who takes part, and where."""
    return render_page(request, "sites.html", view, sites=sorted(view.sites.items()))


@with_view
def blinding(request: HttpRequest, view: View) -> HttpResponse:
    """Everybody who has ever seen an arm, and the planned unblinding."""
    return render_page(request, "blinding.html", view)


@with_view
def protocol(request: HttpRequest, view: View) -> HttpResponse:
    """The protocol's prose, from the objects that run the trial."""
    return render_page(request, "protocol.html", view, prose=rendered(explain(view.study)))


def _steps(subject: SubjectView) -> Iterator[tuple[str, str]]:
    """The addresses of a subject's next steps and their names on buttons, the most urgent first."""
    for name in subject.next_steps:
        if name == "AdjudicateDlt":
            first = next(event for event in subject.adverse_events if event.number in subject.candidates)
            places = {"subject_id": subject.id, "number": first.number}
            yield reverse("adjudicate", kwargs=places), f"Adjudicate: {first.term}"
        else:
            address, label = STEPS[name]
            yield reverse(address, kwargs={"subject_id": subject.id}), label


def _finding(view: View, subject: SubjectView, criterion: str) -> str:
    """How a criterion stands, with what is missing named as on the forms."""
    how, separator, missing = subject.findings.get(criterion, "").partition(": needs ")
    labels = {item.name: item.label for item in view.study.items}
    return how + separator + ", ".join(labels.get(name, name) for name in missing.split(", "))
