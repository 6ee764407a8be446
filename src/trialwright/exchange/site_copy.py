"""The copy of a site's own record for its investigator: tables, and a page that prints, as HTML and as PDF."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from trialwright import __version__
from trialwright.conduct import View
from trialwright.conduct.events import Event
from trialwright.conduct.trail import trail_rows
from trialwright.exchange.bundle import with_manifest
from trialwright.exchange.cohort import neutralised
from trialwright.exchange.record_pages import DATA, Part, data_rows, moment, page, subject_parts
from trialwright.exchange.record_pdf import record_pdf
from trialwright.exchange.trail_export import trail_csv, trail_json

SCHEMA = "trialwright.site-copy/1"


def site_copy_files(view: View, events: Sequence[tuple[int, Event]]) -> dict[str, bytes]:
    """The files of a site copy, by their names.

    Args:
        view: The trial as somebody of the site sees it.
        events: The entries that they may read, each with its number.
    """
    site, rows = view.viewer.site if view.viewer else None, trail_rows(events)
    files = {
        "data.csv": _data(view),
        "trail.csv": trail_csv(rows).encode(),
        "trail.json": trail_json(rows).encode(),
        "copy.html": page(*_told(view, events)),
        "copy.pdf": record_pdf(*_told(view, events), rows[-1].at if rows else None),
    }
    facts = {"schema": SCHEMA, "software": __version__, "study": view.study.id, "site": site}
    return with_manifest(files, {**facts, "subjects": len(view.subjects), "entry": view.sequence})


def _data(view: View) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(DATA)
    for subject in view.subjects:
        writer.writerows(map(neutralised, row) for row in data_rows(subject))
    return file.getvalue().encode()


def _told(view: View, events: Sequence[tuple[int, Event]]) -> tuple[str, list[str], list[Part]]:
    """Title, lines and tables, for the page and for PDF."""
    site = view.viewer.site if view.viewer and view.viewer.site else ""
    lines = [
        f"{view.study.title}. Protocol version {view.study.version}.",
        f"Site {site}, {view.sites.get(site, '')}; as of entry {view.sequence} of the log, {moment(view.at)} UTC.",
    ]
    return f"{view.study.id}: record of site {site}", lines, list(_parts(view, events))


def _parts(view: View, events: Sequence[tuple[int, Event]]) -> Iterator[Part]:
    for subject in view.subjects:
        for place, part in enumerate(subject_parts(view.study, subject, events)):
            heading = f"Subject {subject.id}" if place == 0 else ""
            yield Part(title=part.title, header=part.header, rows=part.rows, heading=heading)
