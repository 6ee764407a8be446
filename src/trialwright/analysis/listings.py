"""Listings: every subject and every adverse event by number, the decision table, and what the protocol assumes."""

from __future__ import annotations

from trialwright.analysis.endpoints import of_site
from trialwright.analysis.table import Column, Table, Value
from trialwright.clinical.item import Missing
from trialwright.conduct import View
from trialwright.conduct.adverse_event import AdverseEvent
from trialwright.conduct.views import SubjectView
from trialwright.design import ThreePlusThree
from trialwright.protocol.element import elements
from trialwright.protocol.explain_design import decision_table as decision_cells
from trialwright.protocol.explain_words import element_label
from trialwright.protocol.study import Study


def subject_listing(view: View) -> Table:
    """List every subject whom the viewer may know: dose, weight, volume, window and outcome."""
    columns = (
        Column(name="Subject"),
        Column(name="Site"),
        Column(name="Consented", format="day"),
        Column(name=_group_name(view.study)),
        Column(name="Infused at (UTC)", format="instant"),
        Column(name="Weight, kg", format="amount"),
        Column(name="Dose, cells", format="amount"),
        Column(name="Given, mL", format="amount"),
        Column(name="Window ends", format="day"),
        Column(name="Outcome"),
    )
    rows = tuple(_subject(view.study, subject) for subject in view.subjects)
    notes = (
        "Dose is the number of viable cells planned, from the weight on the day where the dose is by weight.",
        "A volume other than the planned one stands with the planned one.",
    )
    return Table(
        title=f"Each subject{of_site(view)}", columns=columns, rows=rows, notes=notes, empty="Nobody was screened yet."
    )


def adverse_event_listing(view: View) -> Table:
    """List every adverse event with its day, grade and, where a dose is escalated, what was judged of it as a DLT."""
    columns: tuple[Column, ...] = (
        Column(name="Subject"),
        Column(name=_group_name(view.study)),
        Column(name="No.", format="count"),
        Column(name="Term"),
        Column(name="Grade", format="count"),
        Column(name="Onset", format="day"),
        Column(name="Day", format="count"),
        Column(name="Related"),
        Column(name="Serious"),
    )
    if view.study.dose_escalation is not None:
        columns = (*columns, Column(name="DLT"))
    rows = tuple(
        _adverse_event(view.study, subject, event) for subject in view.subjects for event in subject.adverse_events
    )
    notes = ("Day counts from the first study treatment, which is on day 0. Grade is the present one.",)
    return Table(
        title=f"Each adverse event{of_site(view)}",
        columns=columns,
        rows=rows,
        notes=notes,
        empty="No adverse event was reported.",
    )


_IS_ARE = {True: "is", False: "are"}


def decision_table(view: View) -> Table:
    """Tabulate the dose rule at one level, the cell marked where the current level stands.

    DLTs run down and evaluable subjects across; a cell that cannot be is empty. Subjects whose window is open are not
    in the cell's counts.
    """
    header, cells = decision_cells(view.study) or (["DLTs"], [])
    used = [level for level in view.levels if level.status != "not opened"]
    here = used[-1] if used and used[-1].evaluable else None
    sizes = header[1:]
    inside = here is not None and str(here.evaluable) in sizes and here.dlts < len(cells)
    pending = sum(tile.mark == "pending" for tile in here.tiles) if here else 0
    note = (
        f"Level {here.level} stands at {here.dlts} with a DLT of {here.evaluable} evaluable"
        f"{f', and {pending} pending, who {_IS_ARE[pending == 1]} not in the table' if pending else ''}."
        if here
        else "No subject is evaluable at the current level yet."
    )
    return Table(
        title="Dose rule at one level: DLTs down, evaluable subjects across",
        columns=tuple(Column(name=name) for name in header),
        rows=tuple(tuple(row) for row in cells),
        notes=(note, *_top_dose(view), *_open_windows(view)),
        empty="This rule looks at more than one level; the recommendation says what it found.",
        current=(here.dlts, 1 + sizes.index(str(here.evaluable))) if here and inside else None,
    )


def _top_dose(view: View) -> tuple[str, ...]:
    if not isinstance(view.study.rule, ThreePlusThree):
        return ()
    return (f"At level {len(view.levels)}, the top dose, 'escalate' reads 'consult'.",)


def _open_windows(view: View) -> tuple[str, ...]:
    if not view.study.rule.weighs_follow_up:
        return ()
    return (
        "Every DLT window is closed in this table; open ones count by the time followed, as the recommendation says.",
    )


def assumption_ledger(study: Study) -> Table:
    """List every element of the protocol that rests on what the registered record does not say."""
    owed = tuple(elements(study))
    rows = tuple(
        (element_label(path, element), ", ".join(element.at) or "not stated", " ".join(element.assumed.split()))
        for path, element in owed
        if element.assumed
    )
    columns = (Column(name="Element"), Column(name="In the record at"), Column(name="Assumed"))
    note = f"{len(rows)} of {len(owed)} elements rest, in whole or in part, on what the record does not say."
    return Table(
        title="Elements that rest on an assumption",
        columns=columns,
        rows=rows,
        notes=(note,),
        empty="Nothing is assumed.",
    )


def _subject(study: Study, subject: SubjectView) -> tuple[Value, ...]:
    who: tuple[Value, ...] = (subject.id, subject.site, subject.consented_on, _group(study, subject))
    infusion = subject.infusion
    if infusion is None:
        outcome = _outcome(subject) if subject.enrolled else subject.verdict
        return (*who, *(Missing("not infused"),) * 5, outcome)
    given: Value = Missing("not ended") if infusion.given_ml is None else infusion.given_ml
    if infusion.given_ml is not None and infusion.given_ml != infusion.planned_ml:
        given = f"{infusion.given_ml:f} of {infusion.planned_ml:f} planned"
    ends = subject.window_ends or Missing("no DLT window")
    weight = infusion.weight_kg or Missing("not by weight")
    cells = infusion.planned_cells or Missing("not counted")
    return (*who, infusion.at, weight, cells, given, ends, _outcome(subject))


def _group_name(study: Study) -> str:
    """What subjects are told apart by: their dose level, their arm, or their cohort where the arm is masked."""
    if study.dose_escalation is not None:
        return "Dose level"
    return "Cohort and arm" if study.cohorts else "Arm"


def _group(study: Study, subject: SubjectView) -> Value:
    """Where a subject was enrolled; the arm of somebody whose arm the viewer does not see is left out."""
    if not subject.enrolled:
        return Missing("not enrolled")
    if study.dose_escalation is not None:
        level = subject.level
        return Missing("no level") if level is None else f"{level} {study.dose(level).name}"
    said = [one for one in (subject.group, subject.arm) if one]
    return ", ".join(said) or Missing("no arm shown")


def _outcome(subject: SubjectView) -> Value:
    if subject.not_evaluable is not None and subject.mark == "not evaluable":
        return f"not evaluable: {subject.not_evaluable}"
    if subject.mark is not None:
        return str(subject.mark)
    return subject.disposition.term if subject.disposition else "in the trial"


def _adverse_event(study: Study, subject: SubjectView, event: AdverseEvent) -> tuple[Value, ...]:
    began = subject.treated_on
    return (
        subject.id,
        _group(study, subject),
        event.number,
        event.term,
        event.grade,
        event.onset_on,
        (event.onset_on - began).days if began else Missing("not treated"),
        event.related_in_words,
        "yes" if event.serious else "no",
        *([] if study.dose_escalation is None else [_adjudication(subject, event)]),
    )


def _adjudication(subject: SubjectView, event: AdverseEvent) -> str:
    judged = event.adjudication
    if judged is not None:
        differs = ", which differs from the protocol's definition" if judged.differs else ""
        return f"{'DLT' if judged.dlt else 'not a DLT'} ({judged.by}, {judged.at:%Y-%m-%d}){differs}: {judged.reason}"
    return "awaits adjudication" if event.number in subject.candidates else "outside the definition"
