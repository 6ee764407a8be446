"""The verbs of the clinical room: compute, ctcae."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from trialwright.analysis.protocol_items import ProtocolItems
from trialwright.cli.console import AsJson, app, ctcae, print_json, say, text_of
from trialwright.errors import InputError


@app.command()
def compute(
    item: Annotated[str | None, typer.Argument(metavar="ITEM", help="The item's name; --list shows them all.")] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE", help="Its inputs: numbers, true, false, null, text, JSON."),
    ] = None,
    *,
    batch: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Lines of {id, item or kind, inputs}, answered line by line.")
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List every item with its inputs.")] = False,
    protocols: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of protocols whose items.json names the items that they answer.")
    ] = Path("protocols"),
    as_json: AsJson = False,
) -> None:
    """Compute a clinical, statistical or design item: scores, CTCAE grades, response, tests, BOIN boundaries.

    A batch answers every line; a line that cannot be answered says why, is counted at the end, and stops nothing.

    Example: `trialwright compute ctcae_v5_grade term="CPK increased" value=501 uln=200`
    """
    from trialwright.analysis.compute import answer, catalogue, read_pairs
    from trialwright.exchange.protocol_folder import protocol_items

    if sum([item is not None, batch is not None, show_list]) != 1:
        raise InputError("compute needs an ITEM, --batch FILE or --list: one of them")
    known = protocol_items(protocols)
    if batch:
        _answer_batch(batch, known)
    elif item is None:
        items = catalogue(known)
        if as_json:
            print_json({"schema": "trialwright.compute-list/1", "items": items})
        else:
            for one in items:
                asked = f"({', '.join(one['inputs'])})" if "inputs" in one else ""
                typer.echo(f"{one['item']}{asked}\n    {one['about']}")
    elif as_json:
        found = answer(item, read_pairs(inputs or []), known)
        print_json({"schema": "trialwright.compute/1", "item": item, **found})
    else:
        found = answer(item, read_pairs(inputs or []), known)
        typer.echo(json.dumps(found["result"], ensure_ascii=False))
        if "missing" in found:
            say(f"missing: {found['missing']}")


def _answer_batch(file: Path, known: ProtocolItems | None) -> None:
    from trialwright.analysis.compute import answer_lines

    asked = errors = 0
    for line in answer_lines(text_of(file).split("\n"), known):
        asked, errors = asked + 1, errors + ("error" in line)
        typer.echo(json.dumps(line, ensure_ascii=False))
    if errors:
        say(f"{errors} of {asked} lines could not be answered; each says why under `error`")


app.add_typer(ctcae)


@ctcae.command("add")
def ctcae_add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The NCI's table of CTCAE 5.0, saved as CSV.")],
) -> None:
    """Load the NCI's own wording of the grades, to be shown wherever a grade is chosen.

    Example: `trialwright ctcae add ctcae_v5.0.csv`
    """
    from trialwright.exchange.ctcae_wording import add_wording

    say(f"kept in {add_wording(text_of(file))}")


@ctcae.command("show")
def ctcae_show(term: Annotated[str, typer.Argument(metavar="TERM", help="A term of CTCAE 5.0.")]) -> None:
    """Show a term's grades: in the NCI's words where they are loaded, else in short words of ours.

    Example: `trialwright ctcae show "Neutrophil count decreased"`
    """
    from trialwright.clinical.ctcae_wording import describe_term
    from trialwright.exchange.ctcae_wording import load_wording

    typer.echo(describe_term(term, load_wording()))


@ctcae.command("grade")
def ctcae_grade(
    term: Annotated[str, typer.Argument(metavar="TERM", help="A term that is graded by value.")],
    inputs: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE", help="value, unit, lln, uln, baseline, answers.")
    ],
) -> None:
    """Grade a finding and say which rule fired, or what is not known.

    Example: `trialwright ctcae grade Anemia value=79 unit=g/L lln=120`
    """
    from trialwright.analysis.compute import read_pairs
    from trialwright.clinical.ctcae import grade

    typer.echo(grade(term, read_pairs(inputs)))
