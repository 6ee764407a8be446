"""The screening log: everybody who consented, how screening ended, and why; by what a person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from trialwright.conduct.views import SubjectView, View

Result = Literal["in screening", "enrolled", "not eligible", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningLine:
    """A line of the screening log.

    Attributes:
        version: The version of the protocol that the subject is on.
        ended_at: When the end of screening was taken down; None while it goes on.
        reasons: The criteria that failed, or why the subject left.
    """

    subject: str
    site: str
    version: str
    consented_on: date
    screened_at: datetime | None
    result: Result
    ended_at: datetime | None
    reasons: tuple[str, ...]


def screening_log(view: View) -> tuple[ScreeningLine, ...]:
    """Everybody of the view who consented, in the order of their numbers."""
    return tuple(_line(subject) for subject in view.subjects)


def _line(subject: SubjectView) -> ScreeningLine:
    result, ended, reasons = _end(subject)
    return ScreeningLine(
        subject=subject.id,
        site=subject.site,
        version=subject.consents[-1].version,
        consented_on=subject.consented_on,
        screened_at=subject.screened_at,
        result=result,
        ended_at=ended,
        reasons=reasons,
    )


def _end(subject: SubjectView) -> tuple[Result, datetime | None, tuple[str, ...]]:
    gone = subject.disposition
    if subject.enrolled:
        return "enrolled", subject.enrolled_at, ()
    if subject.verdict == "not eligible":
        failed = tuple(f"{name} {how}" for name, how in subject.findings.items() if how == "not met")
        return "not eligible", subject.assessed_at, failed
    if gone is not None:
        return "left", gone.at, (f"{gone.term}: {gone.reason}",)
    return "in screening", None, ()
