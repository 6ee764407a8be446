"""The verb for registered records: read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialwright.cli.console import (
    AsJson,
    app,
    print_json,
    text_of,
)
from trialwright.registry import describe, is_nct_id, read_fetched, read_record, to_json


@app.command()
def read(
    record: Annotated[
        str,
        typer.Argument(
            metavar="RECORD", help="A registered record: a copied page, the registry's JSON or XML, or an NCT number."
        ),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Read a registered record and print it normalised, with what is wrong with it.

    A registration number fetches the record from ClinicalTrials.gov; anything else is a file.

    Example: `trialwright read NCT05962762.txt --json`
    """
    file = Path(record)
    fetched = is_nct_id(record) and not file.exists()
    reading = read_fetched(record) if fetched else read_record(text_of(file), record)
    if as_json:
        print_json(to_json(reading))
    else:
        typer.echo(describe(reading))
