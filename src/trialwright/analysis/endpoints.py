"""The trial's endpoints by dose level: DLT rates, and adverse events by worst grade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from trialwright.analysis.intervals import clopper_pearson
from trialwright.analysis.table import Column, Interval, Table, Value
from trialwright.clinical.item import Missing
from trialwright.conduct import View
from trialwright.conduct.adverse_event import AdverseEvent
from trialwright.conduct.views import LevelView, SubjectView

Group = tuple[str, frozenset[str]]
"""A column of subjects: its name, and their numbers."""

GRADES = range(1, 6)
"""CTCAE grades, mild to death."""

_RATE_NOTE = (
    "Rates are of evaluable subjects. Intervals are exact (Clopper-Pearson) for a number of subjects fixed beforehand; "
    "they do not account for the dose rule, which chooses that number."
)
_PENDING_NOTE = (
    "A DLT counts at once, its absence only when the window has closed: with subjects pending, a rate can be too high "
    "and settles when their windows close."
)
_COUNT_NOTE = (
    "A subject counts once for a term, by its worst grade; events count each at its own grade. N is the number of "
    "subjects who received any study treatment."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRate:
    """How a dose level stands: who is enrolled there, who is evaluable, and the DLT rate among the evaluable."""

    level: int
    dose: str
    enrolled: int
    pending: int
    not_evaluable: int
    evaluable: int
    dlts: int
    rate: float | Missing
    interval: Interval | Missing


def level_rates(view: View) -> tuple[LevelRate, ...]:
    """Count each dose level; a rate without an evaluable subject is missing, with the reason."""
    return tuple(_level_rate(view, level) for level in view.levels)


def _level_rate(view: View, level: LevelView) -> LevelRate:
    interval = clopper_pearson(level.dlts, level.evaluable)
    rate: float | Missing = level.dlts / level.evaluable if level.evaluable else Missing("no evaluable subject")
    if level.status == "not opened":
        rate = interval = Missing("level not opened")
    return LevelRate(
        level=level.level,
        dose=str(view.study.dose(level.level)),
        enrolled=len(level.tiles),
        pending=sum(tile.mark == "pending" for tile in level.tiles),
        not_evaluable=sum(tile.mark == "not evaluable" for tile in level.tiles),
        evaluable=level.evaluable,
        dlts=level.dlts,
        rate=rate,
        interval=interval,
    )


def dlt_rates(view: View) -> Table:
    """Tabulate the DLT rate by dose level with its Clopper-Pearson 95% interval.

    A subject is evaluable with a DLT, or with none at the end of the window; whoever is pending or not evaluable is
    counted apart and is in no rate.
    """
    rates = level_rates(view)
    columns = (
        Column(name="Dose level", format="text"),
        Column(name="Enrolled", format="count"),
        Column(name="Pending", format="count"),
        Column(name="Not evaluable", format="count"),
        Column(name="Evaluable", format="count"),
        Column(name="With DLT", format="count"),
        Column(name="DLT rate", format="percent"),
        Column(name="95% interval", format="interval"),
    )
    rows = tuple(
        (f"{r.level} {r.dose}", r.enrolled, r.pending, r.not_evaluable, r.evaluable, r.dlts, r.rate, r.interval)
        for r in rates
    )
    notes = [_RATE_NOTE]
    if any(rate.pending for rate in rates):
        notes.append(_PENDING_NOTE)
    return Table(title="DLT rate by dose level", columns=columns, rows=rows, notes=tuple(notes))


def adverse_events(view: View) -> Table:
    """Tabulate adverse events by term and worst grade: subjects at each dose level or in each arm, and events.

    Events count from the day of the first study treatment onwards, in whoever received any: an infusion, or a
    prescription of what the arm gives. Arms have columns once everybody's is seen. A subject counts once for a term, by
    its worst grade; an event counts at its own grade. Spellings of a term that differ in case or spaces are one term.
    """
    treated = tuple(subject for subject in view.subjects if subject.treated_at)
    groups = groups_of(view, treated)
    columns = (
        Column(name="Adverse event"),
        Column(name="Worst grade"),
        *(Column(name=f"{name} (N\u00a0=\u00a0{len(there)})", format="count") for name, there in groups),
        Column(name=f"All subjects (N\u00a0=\u00a0{len(treated)})", format="count"),
        Column(name="Events", format="count"),
    )
    terms = _terms(treated)
    rows = [*_rows("Any adverse event", None, treated, groups)] if terms else []
    for term in terms:
        rows += _rows(term, _same(term), treated, groups)
    return Table(
        title=f"Adverse events by term and worst grade{of_site(view)}",
        columns=columns,
        rows=tuple(rows),
        notes=_adverse_event_notes(view, treated),
        empty="No adverse event was reported after a study treatment.",
    )


def of_site(view: View) -> str:
    """What a heading adds where the viewer knows the subjects of one site only."""
    return f", site {view.viewer.site}" if view.viewer and view.viewer.site else ""


def after_treatment(subject: SubjectView) -> tuple[AdverseEvent, ...]:
    """A subject's adverse events with onset on the day of the first study treatment or later."""
    day = subject.treated_on
    return tuple(event for event in subject.adverse_events if day and event.onset_on >= day)


def _same(term: str) -> str:
    return " ".join(term.split()).casefold()


def groups_of(view: View, treated: Sequence[SubjectView]) -> tuple[Group, ...]:
    """The treated subjects of each dose level, or of each arm where the viewer sees everybody's."""
    if view.levels:
        named = [(f"Level {level.level} {level.name}", level.level) for level in view.levels]
        return tuple((name, frozenset(one.id for one in treated if one.level == level)) for name, level in named)
    if len(view.study.arms) < 2 or not treated or not all(one.arm for one in treated):
        return ()
    return tuple((arm.name, frozenset(one.id for one in treated if one.arm == arm.name)) for arm in view.study.arms)


def _of(subject: SubjectView, term: str | None) -> tuple[AdverseEvent, ...]:
    return tuple(event for event in after_treatment(subject) if term is None or _same(event.term) == term)


def _terms(treated: Sequence[SubjectView]) -> tuple[str, ...]:
    """The terms, those of the most subjects first; each as it was first spelt."""
    spelt: dict[str, str] = {}
    subjects: dict[str, set[str]] = {}
    for subject in treated:
        for event in after_treatment(subject):
            spelt.setdefault(_same(event.term), " ".join(event.term.split()))
            subjects.setdefault(_same(event.term), set()).add(subject.id)
    return tuple(spelt[key] for key in sorted(spelt, key=lambda key: (-len(subjects[key]), key)))


def _rows(
    label: str, term: str | None, treated: Sequence[SubjectView], groups: Sequence[Group]
) -> Iterator[tuple[Value, ...]]:
    """One row for any grade, then one for each grade that an event of the term has."""
    events = [event for subject in treated for event in _of(subject, term)]
    worst = {s.id: max(map(attrgetter("grade"), _of(s, term))) for s in treated if _of(s, term)}
    for grade in (None, *(grade for grade in GRADES if any(event.grade == grade for event in events))):
        counted = {s.id for s in treated if s.id in worst and grade in {None, worst[s.id]}}
        yield (
            label,
            "any" if grade is None else str(grade),
            *(len(counted & there) for _, there in groups),
            len(counted),
            sum(grade in {None, event.grade} for event in events),
        )


def _adverse_event_notes(view: View, treated: Sequence[SubjectView]) -> tuple[str, ...]:
    left_out = sum(len(s.adverse_events) for s in view.subjects) - sum(len(after_treatment(s)) for s in treated)
    scale = [f"Grades are by {view.study.design.dlt.scale}."] if view.study.dose_escalation else []
    notes = [*scale, _COUNT_NOTE]
    if left_out:
        events = "1 event" if left_out == 1 else f"{left_out} events"
        notes.append(f"{events} before a first study treatment, or without one, stand in the listing only.")
    return tuple(notes)
