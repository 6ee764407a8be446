"""The pages that show the trial."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from trialwright.analysis import decision_table, dose_escalation_figure
from trialwright.conduct.data_state import DataPoint
from trialwright.conduct.exposure import masked
from trialwright.conduct.views import SubjectView, View
from trialwright.conduct.wording import about, stands
from trialwright.protocol.explain import explain
from trialwright.protocol.study import Exclusion
from trialwright.protocol.wording import finding_words, unit_words
from trialwright.web.addresses import other_entries
from trialwright.web.filters import powers
from trialwright.web.page import not_found, render_page, with_subject, with_view
from trialwright.web.prose import rendered
from trialwright.web.worklist import (
    level_due,
    steps_of,
    steps_of_others,
    stopping_rule_met,
    takes,
    tasks,
    window_over,
)


@with_view
def trial(request: HttpRequest, view: View) -> HttpResponse:
    """The trial at a glance: where subjects stand, the next dose, what remains to be done, the plot."""
    mine, others = tasks(view)
    escalates = view.study.dose_escalation is not None
    return render_page(
        request,
        "trial.html",
        view,
        tasks=mine,
        others=others,
        entries=other_entries(view, None),
        places=() if escalates else places(view),
        table=decision_table(view) if escalates else None,
        figure=dose_escalation_figure(view) if escalates else None,
        may_sign=takes(view, "SignDoseDecision"),
        stopping=stopping_rule_met(view),
        code_breaks=[seen for seen in view.exposures if seen.subject],
    )


def places(view: View) -> list[tuple[str, int, int, int, int]]:
    """Where subjects are, in a trial without dose levels: by cohort, by arm as far as it is seen, or in the whole.

    Returns:
        Name, and how many are enrolled, infused, have an adverse event, have left.
    """
    arms = _arms_are_open(view)
    found: dict[str, list[SubjectView]] = {} if arms else {cohort.name: [] for cohort in view.cohorts}
    for subject in view.subjects:
        if subject.enrolled:
            where = (subject.group, (subject.arm or "no arm yet") if arms else None)
            found.setdefault(", ".join(filter(None, where)) or "enrolled", []).append(subject)
    return [
        (
            name,
            len(there),
            sum(one.infusion is not None for one in there),
            sum(bool(one.adverse_events) for one in there),
            sum(one.disposition is not None for one in there),
        )
        for name, there in found.items()
    ]


def _arms_are_open(view: View) -> bool:
    """Whether everybody sees the arms of a trial that has several."""
    return len(view.study.arms) > 1 and (view.unblinded or not masked(view.study))


@with_view
def plot(request: HttpRequest, view: View) -> HttpResponse:
    """The dose-escalation plot."""
    if view.study.dose_escalation is None:
        return not_found(request, view)
    return HttpResponse(powers(dose_escalation_figure(view).svg()), content_type="image/svg+xml")


@with_view
def subjects(request: HttpRequest, view: View) -> HttpResponse:
    """Every subject whom the reader may know of."""
    rows = [{"subject": subject, "over": window_over(view, subject)} for subject in view.subjects]
    return render_page(request, "subjects.html", view, rows=rows, arms=_arms_are_open(view))


@with_subject
def subject(request: HttpRequest, view: View, subject: SubjectView) -> HttpResponse:
    """One subject: eligibility, infusions, medicines, visits, data, adverse events, next steps."""
    mine = list(steps_of(subject, view))
    return render_page(
        request,
        "subject.html",
        view,
        subject=subject,
        steps=[step for step in mine if step[2].due],
        open_steps=[step for step in mine if not step[2].due],
        others=steps_of_others(subject, view),
        entries=other_entries(view, subject.id),
        data=_points(view, subject),
        queries=[(query, *about(query, view.study)) for query in subject.data.queries],
        criteria=[
            (c, isinstance(c, Exclusion), finding_words(subject.findings.get(c.id, ""), view.study))
            for c in view.study.criteria
        ],
        values=[
            (item.label, subject.values[item.name], unit_words(item.unit))
            for item in view.study.items
            if item.name in subject.values
        ],
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
        table=decision_table(view) if view.study.dose_escalation else None,
        may_sign=takes(view, "SignDoseDecision"),
        may_propose=bool(view.decisions_open) and "ProposeDoseDecision" in view.may,
        level_due=level_due(view) if "OpenDoseLevel" in view.may else None,
    )


@with_view
def sites(request: HttpRequest, view: View) -> HttpResponse:
    """Who takes part, and where."""
    return render_page(request, "sites.html", view, sites=sorted(view.sites.items()))


@with_view
def blinding(request: HttpRequest, view: View) -> HttpResponse:
    """Everybody who has ever seen an arm, and the planned unblinding."""
    asks, approves = takes(view, "RequestUnblinding"), takes(view, "ApproveUnblinding")
    return render_page(request, "blinding.html", view, asks=asks, approves=approves)


@with_view
def protocol(request: HttpRequest, view: View) -> HttpResponse:
    """The protocol's prose, from the objects that run the trial; conditions in words alone."""
    return render_page(request, "protocol.html", view, prose=rendered(explain(view.study, computed=False)))


def _points(view: View, subject: SubjectView) -> list[tuple[str, str, str, DataPoint]]:
    """Every data point: its visit, its item, what stands there."""
    labels = {item.name: item.label for item in view.study.items}
    found = []
    for one in subject.data.plan:
        for name, point in subject.data.points.get(one.visit.name, {}).items():
            found.append((one.visit.visit, labels.get(name, name), stands(point), point))
    return found
