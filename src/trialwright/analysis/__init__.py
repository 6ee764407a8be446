"""What the trial shows: endpoints, intervals, tables, figures, report. It reads a view, never the log."""

from trialwright.analysis.endpoints import adverse_events, dlt_rates
from trialwright.analysis.escalation_figure import dose_escalation_figure
from trialwright.analysis.figure import Figure
from trialwright.analysis.figures import dlt_rate_figure, operating_characteristics_figure
from trialwright.analysis.intervals import clopper_pearson
from trialwright.analysis.listings import adverse_event_listing, decision_table
from trialwright.analysis.report import Provenance, report
from trialwright.analysis.table import Column, Interval, Table
from trialwright.clinical.item import Missing

__all__ = [
    "Column",
    "Figure",
    "Interval",
    "Missing",
    "Provenance",
    "Table",
    "adverse_event_listing",
    "adverse_events",
    "clopper_pearson",
    "decision_table",
    "dlt_rate_figure",
    "dlt_rates",
    "dose_escalation_figure",
    "operating_characteristics_figure",
    "report",
]
