"""The audit trail, as far as the reader may see it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from trialwright.conduct.events import Event
from trialwright.conduct.roles import SITE_ROLES
from trialwright.conduct.trail import TrailFilter
from trialwright.conduct.views import View
from trialwright.conduct.wording import read_entry
from trialwright.errors import InputError
from trialwright.exchange.trail_export import trail_csv, trail_json, trail_pdf
from trialwright.record import take_site_copy, zipped
from trialwright.web.page import open_to, render_page, with_view
from trialwright.web.trials import the_trial

_ROWS_ON_A_PAGE = 100
_FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "pdf": "application/pdf"}


@with_view
def audit(request: HttpRequest, view: View) -> HttpResponse:
    """Every event that the reader may see, the newest first, by type and subject if asked; as a file with `format`."""
    if request.GET.get("format") in _FORMATS:
        return _file(request, view)
    with the_trial() as trial:
        events = trial.readable(request.user.get_username())
    kind, about = request.GET.get("type", ""), request.GET.get("subject", "")
    kept = [one for one in reversed(events) if kind in {"", one[1].kind} and about in {"", _subject(one[1])}]
    page = Paginator(kept, _ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render_page(
        request,
        "audit.html",
        view,
        page=page,
        rows=[(_subject(event), read_entry(view.study, sequence, event)) for sequence, event in page],
        types=sorted({event.kind for _, event in events}),
        kind=kind,
        about=about if view.subject(about) else "",
        total=len(events),
    )


@with_view
@open_to(SITE_ROLES)
def site_copy(request: HttpRequest, view: View) -> HttpResponse:
    """The record of the reader's own site, as a ZIP; it is recorded before it goes out."""
    del view
    with the_trial() as trial:
        content = zipped(take_site_copy(trial, by=request.user.get_username(), form="zip"))
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="site-copy.zip"'},
    )


def _wanted(request: HttpRequest) -> TrailFilter:
    """The filter of the address: who, type, since, until, why, subject, visit and item; what is empty does not count.

    Raises:
        InputError: A moment that is none.
    """
    asked = {name: request.GET.get(name) or None for name in ("who", "why", "subject", "visit", "item")}
    since, until = (_moment(name, request.GET.get(name, "")) for name in ("since", "until"))
    return TrailFilter(what=request.GET.get("type") or None, since=since, until=until, **asked)


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{name}: {text!r} is no moment; write it like 2026-01-31T12:00+00:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _file(request: HttpRequest, view: View) -> HttpResponse:
    """The trail as a file; it is recorded before it goes out."""
    form, wanted, person = request.GET["format"], _wanted(request), request.user.get_username()
    with the_trial() as trial:
        rows = trial.trail(person, wanted)
        if form == "pdf":
            kept = {row.sequence for row in rows}
            content = trail_pdf(view.study, [one for one in trial.readable(person) if one[0] in kept])
        else:
            content = (trail_csv(rows) if form == "csv" else trail_json(rows)).encode()
        trial.record_export("trail", content, by=person, form=form, rows=len(rows), wanted=wanted.named())
    return HttpResponse(
        content, content_type=_FORMATS[form], headers={"Content-Disposition": f'attachment; filename="trail.{form}"'}
    )


def _subject(event: Event) -> str:
    return getattr(event, "subject", None) or ""
