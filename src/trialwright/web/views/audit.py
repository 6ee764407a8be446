"""The audit trail, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from trialwright.conduct.events import Event, EventBase
from trialwright.conduct.views import View, trail
from trialwright.web.page import render_page, with_view
from trialwright.web.trials import the_trial

_FRAME = frozenset(EventBase.model_fields) | {"type", "subject"}
_ROWS_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event on the page."""

    sequence: int
    event: Event
    subject: str
    details: tuple[tuple[str, str], ...]


@with_view
def audit(request: HttpRequest, view: View) -> HttpResponse:
    """Every event that the reader may see, the newest first, by type and subject if asked."""
    with the_trial() as trial:
        events = trail(trial.state, trial.events(), view.viewer)
    kind, about = request.GET.get("type", ""), request.GET.get("subject", "")
    rows = [_row(sequence, event) for sequence, event in reversed(events)]
    kept = [row for row in rows if kind in {"", row.event.kind} and about in {"", row.subject}]
    return render_page(
        request,
        "audit.html",
        view,
        page=Paginator(kept, _ROWS_ON_A_PAGE).get_page(request.GET.get("page")),
        types=sorted({row.event.kind for row in rows}),
        kind=kind,
        about=about,
        total=len(rows),
    )


def _row(sequence: int, event: Event) -> Row:
    return Row(sequence=sequence, event=event, subject=getattr(event, "subject", ""), details=tuple(_details(event)))


def _details(event: Event) -> Iterator[tuple[str, str]]:
    for name, value in event.model_dump(mode="json", exclude_none=True).items():
        if name in _FRAME:
            continue
        if isinstance(value, dict):
            yield name, ", ".join(f"{key}: {_words(entry)}" for key, entry in value.items())
        elif name == "text":
            yield name, f"protocol file of {len(value)} characters"
        else:
            yield name, _words(value)


def _words(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
