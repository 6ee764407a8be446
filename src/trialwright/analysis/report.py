"""The trial's report: one page of HTML that stands alone, made from what one person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, StrictUndefined

from trialwright.analysis.endpoints import adverse_events, dlt_rates, of_site
from trialwright.analysis.escalation_figure import dose_escalation_figure
from trialwright.analysis.figures import dlt_rate_figure
from trialwright.analysis.listings import adverse_event_listing, assumption_ledger, decision_table, subject_listing
from trialwright.analysis.report_page import PAGE, STYLE
from trialwright.analysis.response_rates import response_rates
from trialwright.analysis.survival_figure import survival_endpoints
from trialwright.analysis.table import Column, Table
from trialwright.conduct import View
from trialwright.conduct.events import DoseDecisionSigned
from trialwright.conduct.state import DoseDecision
from trialwright.errors import InputError

_MEANING = str(DoseDecisionSigned.model_fields["meaning"].default)
_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
_PAGE = _ENVIRONMENT.from_string(PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Which data a report shows, and what made it.

    Attributes:
        sequence: Number of the last entry of the log that is in the report.
        at: When that entry was written, or the report was made, UTC.
        head: Hash of that entry, in hexadecimal: it fixes every entry up to it.
        software: The version of Trialwright.
        protocol_sha256: SHA-256 of the protocol file.
    """

    sequence: int
    at: datetime
    head: str
    software: str
    protocol_sha256: str


def report(view: View, provenance: Provenance) -> str:
    """Write the report on what a person may see of a trial.

    The page holds its style and drawings, no script and no address, and prints on A4. It serves every stage, from a
    trial without a subject to one whose dose escalation has ended.

    Args:
        view: What the reader may see.
        provenance: The data cut that the view was taken at.

    Returns:
        HTML; the same view and provenance always give the same bytes.

    Raises:
        InputError: The view and the provenance are of different data cuts.
    """
    if view.sequence != provenance.sequence:
        raise InputError(
            f"the view is of entry {view.sequence} and the provenance of entry {provenance.sequence}; take both at once"
        )
    escalates = view.study.dose_escalation is not None
    return _PAGE.render(
        style=STYLE,
        head=provenance.head[:12],
        study=view.study,
        view=view,
        provenance=provenance,
        scope=_scope(view),
        numbers=_numbers(view),
        escalates=escalates,
        escalation=escalates and dose_escalation_figure(view),
        decisions=[(decision, _standing(view, decision), _signatures(decision)) for decision in view.decisions],
        rates=escalates and dlt_rates(view),
        rate_figure=escalates and dlt_rate_figure(view),
        responses=response_rates(view),
        survivals=survival_endpoints(view),
        adverse_events=adverse_events(view),
        adverse_event_listing=adverse_event_listing(view),
        subjects=subject_listing(view),
        rule=escalates and view.study.rule.explain(),
        decision_table=escalates and decision_table(view),
        ledger=assumption_ledger(view.study),
    )


def _scope(view: View) -> str:
    """Whose report it is, and what that leaves out."""
    if view.viewer is None:
        return "The reader has no role in this trial: no subject, outcome or decision is shown."
    shown = sum(subject.enrolled for subject in view.subjects)
    enrolled = sum(len(level.tiles) for level in view.levels) if view.study.dose_escalation else shown
    where = f"site {view.viewer.site}" if view.viewer.site else "all sites"
    hidden = enrolled - shown
    rest = (
        f" {hidden} of {enrolled} enrolled subjects belong to other sites: they count in doses and DLTs and are in no "
        "listing, adverse event or subject number here."
        if hidden
        else ""
    )
    return f"Made for {view.viewer.id}, in the role of {view.viewer.role}, {where}.{rest}"


def _numbers(view: View) -> tuple[tuple[str, str], ...]:
    if view.study.dose_escalation is None:
        return _numbers_without_escalation(view)
    tiles = [tile for level in view.levels for tile in level.tiles]
    events = [event for subject in view.subjects for event in subject.adverse_events]
    severe = view.study.design.dlt.grade_at_least
    site = of_site(view)
    return (
        (f"Screened{site}", str(len(view.subjects))),
        ("Enrolled", str(len(tiles))),
        ("Infused", str(sum(tile.infused_at is not None for tile in tiles))),
        ("Evaluable for DLT", str(sum(level.evaluable for level in view.levels))),
        ("With DLT", str(sum(level.dlts for level in view.levels))),
        ("DLT windows open", str(sum(tile.days_left is not None for tile in tiles))),
        (f"Adverse events{site}", str(len(events))),
        (f"Of grade {severe} or more{site}", str(sum(event.grade >= severe for event in events))),
        (f"Serious{site}", str(sum(event.serious for event in events))),
        (f"Awaiting DLT adjudication{site}", str(sum(len(subject.candidates) for subject in view.subjects))),
    )


def _numbers_without_escalation(view: View) -> tuple[tuple[str, str], ...]:
    site, subjects = of_site(view), view.subjects
    events = [event for subject in subjects for event in subject.adverse_events]
    return (
        (f"Screened{site}", str(len(subjects))),
        (f"Enrolled{site}", str(sum(subject.enrolled for subject in subjects))),
        (f"Treated{site}", str(sum(subject.treated_at is not None for subject in subjects))),
        (f"Left the trial{site}", str(sum(subject.disposition is not None for subject in subjects))),
        (f"Adverse events{site}", str(len(events))),
        (f"Serious{site}", str(sum(event.serious for event in events))),
    )


def _standing(view: View, decision: DoseDecision) -> str:
    if decision.taken:
        return "in force"
    if decision == view.open_decision:
        signed = {role for role, _, _ in decision.signatures}
        due = [role for role in view.study.design.decision.by if role not in signed]
        return f"proposed, awaits the {' and the '.join(due)}"
    return "proposed, never in force"


def _signatures(decision: DoseDecision) -> Table:
    columns = (
        Column(name="Person"),
        Column(name="Role"),
        Column(name="Signed at (UTC)", format="instant"),
        Column(name="Meaning"),
        Column(name="SHA-256 of the content signed", format="code"),
    )
    return Table(
        title=f"Signatures of decision {decision.number}",
        columns=columns,
        rows=tuple((person, role, at, _MEANING, decision.content) for role, person, at in decision.signatures),
        empty="Nobody has signed yet.",
    )
