"""The audit trail as files: JSON that is exact, CSV that is safe to open in a spreadsheet, and PDF that prints.

In CSV a text that a spreadsheet would take for a formula gets an apostrophe before it, and a negative number stays one;
whoever needs the exact bytes takes the JSON, which says so itself.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields

from trialwright.conduct.trail import TrailRow
from trialwright.exchange.cohort import neutralised
from trialwright.exchange.record_pages import Part, moment
from trialwright.exchange.record_pdf import record_pdf

SCHEMA = "trialwright.trail/1"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_HEADER = (
    *("Entry", "Time, UTC", "Who", "Role", "Site", "What", "Subject", "Visit", "Item"),
    *("Was", "Is", "Why", "Protocol version", "Software"),
)
_COLUMNS = tuple(field.name for field in fields(TrailRow))


def trail_json(rows: Iterable[TrailRow]) -> str:
    """The trail as exact JSON, moments in UTC."""
    shown = [{**asdict(row), "at": row.at.isoformat()} for row in rows]
    return json.dumps({"schema": SCHEMA, "exact": True, "rows": shown}, ensure_ascii=False, indent=1) + "\n"


def trail_csv(rows: Iterable[TrailRow]) -> str:
    """The trail as CSV that is safe to open in a spreadsheet."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, _COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in {**asdict(row), "at": row.at.isoformat()}.items()})
    return file.getvalue()


def trail_pdf(rows: Sequence[TrailRow]) -> bytes:
    """The trail as PDF that prints, with every signature's printed name, moment in UTC and meaning."""
    part = Part(title="Entries", header=_HEADER, rows=[_told(row) for row in rows])
    lines = [f"{len(rows)} rows; each moment is UTC."]
    return record_pdf("Audit trail", lines, [part], rows[-1].at if rows else None)


def _told(row: TrailRow) -> tuple[str | int, ...]:
    names = ("by", "role", "site", "kind", "subject", "visit", "item", "was", "now", "why", "protocol", "software")
    return (row.sequence, moment(row.at), *(getattr(row, name) or "" for name in names))


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else neutralised(text)
