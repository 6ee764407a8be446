"""The verb for registered records: read."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from trialwright.cli.console import (
    AsJson,
    app,
    print_json,
    text_of,
)
from trialwright.errors import InputError
from trialwright.registry import (
    Reading,
    compare,
    describe,
    describe_comparison,
    describe_pointers,
    is_nct_id,
    pointers,
    read_fetched,
    read_record,
    to_json,
)


@app.command()
def read(
    record: Annotated[
        str,
        typer.Argument(
            metavar="RECORD", help="A registered record: a copied page, the registry's JSON or XML, or an NCT number."
        ),
    ],
    *,
    against: Annotated[
        str | None,
        typer.Option(metavar="OLDER", help="Say too what moved since this earlier version of the same record."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="The day by which a status counts as stale; else the record's own last update.",
        ),
    ] = None,
    show_pointers: Annotated[
        bool, typer.Option("--pointers", help="Print every place that a protocol's 'at:' can name, with its text.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a registered record and print it normalised, with what is wrong with it.

    A registration number fetches the record from ClinicalTrials.gov; anything else is a file.

    Example: `trialwright read NCT05962762.txt --json`
    """
    day = as_of.date() if as_of else None
    reading = _read(record, day)
    if show_pointers:
        _print_pointers(reading, as_json=as_json)
        return
    comparison = compare(reading, _read(against, day)) if against else None
    if as_json:
        print_json(to_json(reading, comparison))
        return
    typer.echo(describe(reading))
    if comparison:
        typer.echo(describe_comparison(comparison))


def _print_pointers(reading: Reading, *, as_json: bool) -> None:
    if as_json:
        places = [{"at": pointer, "text": text} for pointer, text in pointers(reading)]
        print_json({"schema": "trialwright.pointers/1", "source": reading.source, "pointers": places})
    else:
        typer.echo(describe_pointers(reading))


def _read(record: str, as_of: date | None) -> Reading:
    file = Path(record)
    if is_nct_id(record) and not file.exists():
        return read_fetched(record, as_of=as_of)
    if record.upper().startswith("NCT") and not file.suffix and not file.exists():
        raise InputError(
            f"{record}: no such file, and no registration number, which is NCT and eight digits; correct it"
        )
    return read_record(text_of(file), record, as_of)
