"""A protocol's own cases: what it must say of made-up subjects, of visit windows and of doses (ICH E6(R3), 4.3.4(e)).

A file of cases tests the configuration, not this program: whoever writes a protocol says what it shall come to, and
`check` compares. The form is documented in docs/write-a-protocol.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trialwright.conduct.dosing import planned
from trialwright.conduct.stock import Lot
from trialwright.errors import InputError
from trialwright.protocol.computed import with_computed
from trialwright.protocol.file import Path, Source, read_source
from trialwright.protocol.finding import Finding
from trialwright.protocol.quantity import plain
from trialwright.protocol.screen import Verdict, screen
from trialwright.protocol.study import Study
from trialwright.protocol.subject import read_subject
from trialwright.protocol.treatment_plan import Preparation

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False}
_WHY = "the protocol would decide otherwise than its author means"
_MEND = "correct the protocol, or what the case expects"

Positive = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]


class _Case(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class EligibilityCase(_Case):
    """A made-up subject and the verdict on it.

    Attributes:
        case: The case in words, by which others build on it.
        like: The case whose subject this one changes.
        subject: Days, values and answers as `screen` reads them; with `like`, those that differ.
        because: The criteria that are not met, where it is not eligible; with `undetermined`, those that are open.
    """

    case: str
    like: str | None = None
    subject: dict[str, Any] = Field(default_factory=dict)
    expect: Verdict
    because: tuple[str, ...] = ()


class WindowCase(_Case):
    """The window of a visit whose anchor was on a day."""

    visit: str
    anchored: date
    opens: date
    closes: date


class DoseCase(_Case):
    """A dose of the protocol, the lot and the weight, and what is drawn.

    Attributes:
        chosen: The dose that was chosen, where the protocol gives a range.
        weight: Body weight, kg, of a dose by weight.
        concentration: Of the lot, cells/mL.
        viability: Of the lot, %.
        cells: Viable cells that the subject shall receive.
        volume: mL of the lot that hold them.
    """

    dose: str
    chosen: Positive | None = None
    weight: Positive | None = None
    concentration: Positive
    viability: Positive
    cells: Positive
    volume: Positive


class Cases(_Case):
    """A file of cases."""

    eligibility: tuple[EligibilityCase, ...] = ()
    windows: tuple[WindowCase, ...] = ()
    doses: tuple[DoseCase, ...] = ()

    @property
    def count(self) -> int:
        """How many cases there are."""
        return len(self.eligibility) + len(self.windows) + len(self.doses)


def run_cases(study: Study, text: str) -> tuple[int, list[Finding]]:
    """Hold a protocol against its cases.

    Args:
        study: The protocol.
        text: The file of cases.

    Returns:
        How many cases were run, and a finding for each that came out otherwise, or that cannot be read.

    Example:
        >>> from tests.conductor import STUDY
        >>> run_cases(STUDY, "windows: [{visit: D28, anchored: 2026-01-05, opens: 2026-01-31, closes: 2026-02-04}]")
        (1, [])
    """
    source = read_source(text)
    if source.findings:
        return 0, source.findings
    try:
        cases = Cases.model_validate(source.data or {})
    except ValidationError as faults:
        return 0, [
            _finding(source, tuple(fault["loc"]), "form", fault["msg"], "see docs/write-a-protocol.md")
            for fault in faults.errors(include_url=False)
        ]
    found = [*_eligibility(study, cases, source), *_windows(study, cases, source), *_doses(study, cases, source)]
    return cases.count, found


def _eligibility(study: Study, cases: Cases, source: Source) -> Iterator[Finding]:
    subjects: dict[str, Mapping[str, Any]] = {}
    for place, case in enumerate(cases.eligibility):
        path = ("eligibility", place)
        if case.like is not None and case.like not in subjects:
            what = f"'{case.like}' is no case above this one"
            yield _finding(source, (*path, "like"), "form", what, "name a case that stands before it")
            continue
        subjects[case.case] = subject = _changed(subjects.get(case.like or "", {}), _typed(case.subject))
        try:
            found = screen(study, with_computed(study, read_subject(dict(subject), study)))
        except InputError as fault:
            yield _finding(source, path, "form", f"{case.case}: {fault}", "correct the subject")
            continue
        counts = {"not met"} if found.verdict == "not eligible" else {"unknown", "needs judgement", "deferred"}
        because = tuple(one.id for one in found.findings if one.status in counts)
        if (found.verdict, sorted(because)) != (case.expect, sorted(case.because)):
            what = f"{case.case}: {_said(found.verdict, because)}; the case expects {_said(case.expect, case.because)}"
            yield _finding(source, path, "eligibility", what)


def _windows(study: Study, cases: Cases, source: Source) -> Iterator[Finding]:
    for place, case in enumerate(cases.windows):
        path = ("windows", place)
        visit = next((one for one in study.schedule if one.visit == case.visit), None)
        if visit is None:
            yield _finding(source, (*path, "visit"), "form", f"there is no visit '{case.visit}'", "name a visit")
            continue
        opens, closes = (case.anchored + timedelta(days=day) for day in (visit.first_day, visit.last_day))
        if (opens, closes) != (case.opens, case.closes):
            what = f"{case.visit} is from {opens} to {closes}; the case expects {case.opens} to {case.closes}"
            yield _finding(source, path, "window", what)


def _doses(study: Study, cases: Cases, source: Source) -> Iterator[Finding]:
    rules = study.preparation or Preparation()
    for place, case in enumerate(cases.doses):
        path = ("doses", place)
        dose = next((one.amount for one in study.doses if one.name == case.dose), None)
        if dose is None:
            yield _finding(source, (*path, "dose"), "form", f"there is no dose '{case.dose}'", "name a dose")
            continue
        if (dose.unit == "cells/kg") != (case.weight is not None) or (dose.low != dose.high) != bool(case.chosen):
            what = f"{dose} needs a weight exactly if it is by weight, and a chosen dose exactly if it is a range"
            yield _finding(source, path, "form", what, "correct the case")
            continue
        found = planned(dose, case.chosen, case.weight, _lot(case), 1, rules)
        if (found.cells, found.suspension_ml) != (case.cells, case.volume):
            expected = f"{plain(case.cells)} cells in {case.volume:f} mL"
            yield _finding(source, path, "dose", f"{case.dose}: {found.formula}; the case expects {expected}")


def _lot(case: DoseCase) -> Lot:
    return Lot(
        id="case",
        product="case",
        site=None,
        containers=("case",),
        volume_ml=Decimal(1),
        expires_at=datetime.max.replace(tzinfo=UTC),
        concentration_per_ml=case.concentration,
        viability_pct=case.viability,
    )


def _changed(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """A subject with what differs: whole values, days and answers."""
    return {**before, **{part: {**before.get(part, {}), **new} for part, new in change.items()}}


def _typed(data: Any) -> Any:
    """What YAML writes as text, as JSON would have it: numbers, true and false."""
    if isinstance(data, dict):
        return {key: _typed(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_typed(value) for value in data]
    if isinstance(data, str) and _NUMBER.fullmatch(data):
        return Decimal(data)
    return _WORDS.get(data, data) if isinstance(data, str) else data


def _said(verdict: str, because: tuple[str, ...]) -> str:
    return f"{verdict} ({', '.join(because)})" if because else verdict


def _finding(source: Source, path: Path, rule: str, what: str, mend: str = _MEND) -> Finding:
    why = "it is not run" if rule == "form" else _WHY
    where, line = source.where(path), source.line(path)
    return Finding(rule=f"cases.{rule}", severity="error", line=line, where=where, what=what, why=why, mend=mend)
