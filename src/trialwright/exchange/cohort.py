"""Tables of subjects in, tables of verdicts out: CSV and Parquet, one row a subject.

CSV is read line by line, so that a bad row is named by its line and the others are done. What it writes is safe to open
in a spreadsheet: a cell that would be taken for a formula gets an apostrophe before it. Parquet is exact.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from trialwright.errors import InputError
from trialwright.protocol.computed import with_computed
from trialwright.protocol.screen import Screening, screen
from trialwright.protocol.screen_report import screening_data, verdict_columns, verdict_row
from trialwright.protocol.study import Study
from trialwright.protocol.subject import read_subject
from trialwright.protocol.subject_row import Column, read_columns, row_data

SUFFIXES = (".csv", ".parquet")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """One row of a table, screened.

    Attributes:
        line: The line of a CSV file, or the row of a Parquet file.
        screening: What screening found, or the faults for which the row cannot be used.
        place: What is counted, `line` or `row`.
    """

    line: int
    subject: str | None
    screening: Screening | tuple[str, ...]

    place: str = "line"

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the row cannot be used; empty where it can."""
        return () if isinstance(self.screening, Screening) else self.screening


def screen_cohort(file: Path, study: Study) -> Iterator[Screened]:
    """Screen every row of a table.

    Args:
        file: CSV or Parquet, by its ending.
        study: The protocol.

    Raises:
        InputError: The file cannot be read, or a column means nothing to the protocol.
    """
    is_parquet = is_table(file) == ".parquet"
    table = _parquet_rows(file) if is_parquet else _csv_rows(file)
    _, header = next(table, (0, None))
    if header is None:
        raise InputError(f"{file}: the file is empty; its first line names the columns")
    columns = _columns(file, header, study)
    seen: set[str] = set()
    for line, cells in table:
        row = _screened(line, cells, header, columns, study, seen)
        yield replace(row, place="row") if is_parquet else row


def is_table(file: Path) -> str:
    """The ending by which a file is a table of subjects, whatever its letters; empty where it is none.

    Example:
        >>> is_table(Path("COHORT.CSV")), is_table(Path("subject.json"))
        ('.csv', '')
    """
    return file.suffix.lower() if file.suffix.lower() in SUFFIXES else ""


def verdicts_json(study: Study, rows: Iterable[Screened]) -> dict[str, Any]:
    """The verdicts as plain data, for JSON."""
    done = list(rows)
    return {
        "schema": "trialwright.cohort/1",
        "protocol": study.id,
        "subjects": [
            screening_data(study, row.subject, row.screening) for row in done if isinstance(row.screening, Screening)
        ],
        "faults": [
            {"line": row.line, "subject": row.subject, "faults": list(row.faults)} for row in done if row.faults
        ],
    }


def verdicts_csv(study: Study, rows: Iterable[Screened]) -> str:
    """The verdicts as CSV that is safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, verdict_columns(study), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = verdict_row(study, row.subject, row.screening)
        writer.writerow({name: neutralised(cell) for name, cell in cells.items()})
    return text.getvalue()


def verdicts_parquet(study: Study, rows: Iterable[Screened]) -> bytes:
    """The verdicts as Parquet, every column a text, exactly as they are."""
    cells = [verdict_row(study, row.subject, row.screening) for row in rows]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(verdict_columns(study), pl.String))
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def neutralised(cell: str) -> str:
    """A text that no spreadsheet takes for a formula.

    Example:
        >>> neutralised("=1+1"), neutralised("S001")
        ("'=1+1", 'S001')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _screened(
    line: int,
    cells: list[str],
    header: list[str],
    columns: Mapping[str, Column],
    study: Study,
    seen: set[str],
) -> Screened:
    if len(cells) != len(header):
        fault = f"the row has {len(cells)} cells, the header {len(header)}; correct the row"
        return Screened(line=line, subject=None, screening=(fault,))
    data = row_data(dict(zip(header, cells, strict=True)), columns, study)
    subject = data["id"]
    if subject is None or subject in seen:
        fault = "the id is missing" if subject is None else f"{subject} stands in an earlier row as well"
        return Screened(line=line, subject=subject, screening=(f"{fault}; give every row its own id",))
    seen.add(subject)
    try:
        found: Screening | tuple[str, ...] = screen(study, with_computed(study, read_subject(data, study)))
    except InputError as fault:
        found = tuple(str(fault).splitlines())
    return Screened(line=line, subject=subject, screening=found)


def _columns(file: Path, header: list[str], study: Study) -> dict[str, Column]:
    other = next((mark for mark in (";", "\t") if len(header) == 1 and mark in header[0]), None)
    if other:
        raise InputError(f"{file}: its columns stand apart by {other!r}; save it as CSV with commas")
    try:
        return read_columns(header, study)
    except InputError as fault:
        raise InputError(f"{file} cannot be used:\n{fault}") from None


def _csv_rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """The header, then each row that is not empty, with the line on which it ends."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
    except OSError as fault:
        raise InputError(f"{file}: {fault.strerror}; correct the path") from fault
    except UnicodeDecodeError as fault:
        raise InputError(f"{file}: not UTF-8 text at byte {fault.start}; save it as CSV UTF-8") from fault
    except csv.Error as fault:
        raise InputError(f"{file}: line {reader.line_num}: {fault}; correct the CSV there") from fault


def _parquet_rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        frame = pl.read_parquet(file)
    except OSError as fault:
        raise InputError(f"{file}: {fault.strerror or fault}; correct the path") from fault
    except PolarsError as fault:
        what = f"not a Parquet file that can be read ({str(fault).splitlines()[0]})"
        raise InputError(f"{file}: {what}; write it again, or give the table as CSV") from fault
    yield 0, frame.columns
    for row, cells in enumerate(frame.iter_rows(), start=1):
        yield row, [_cell(cell) for cell in cells]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.date().isoformat() if value == datetime.combine(value, datetime.min.time()) else str(value)
        case date():
            return value.isoformat()
    return str(value)
