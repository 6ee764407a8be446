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

from trialwright.conduct.events import Event
from trialwright.conduct.trail import TrailRow
from trialwright.exchange.cohort import neutralised
from trialwright.exchange.record_pages import entry_part
from trialwright.exchange.record_pdf import record_pdf
from trialwright.protocol.study import Study

SCHEMA = "trialwright.trail/1"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
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


def trail_pdf(study: Study, events: Sequence[tuple[int, Event]]) -> bytes:
    """The trail as PDF that prints, entry by entry in the words of its page, with everything that each says."""
    lines = [f"{study.id}: {study.title}", f"{len(events)} entries; each moment is UTC."]
    return record_pdf("Audit trail", lines, [entry_part(study, events)], events[-1][1].at if events else None)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else neutralised(text)
