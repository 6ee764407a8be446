"""The verbs for a design: next, simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialwright import __version__
from trialwright.analysis import operating_characteristics_figure
from trialwright.analysis.characteristics import characteristics_data, characteristics_text
from trialwright.cli.console import (
    AsJson,
    ProtocolFile,
    Truth,
    app,
    digest,
    print_json,
    rates_of,
    say,
    study_of,
    write,
)
from trialwright.design import Outcomes, operating_characteristics


@app.command("next")
def next_dose(
    file: ProtocolFile,
    path: Annotated[str, typer.Argument(metavar="PATH", help="Outcomes such as '1NNN 2NTN' (N, T = DLT, P pending).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Say which dose comes next, and why, in one sentence.

    Example: `trialwright next protocols/NCT05962762.yaml "1NNN 2NTN"`
    """
    study = study_of(file)
    outcomes = Outcomes.parse(path)
    answer = study.rule.recommend(outcomes)
    departures = study.rule.departures(outcomes)
    if as_json:
        print_json(
            {
                "schema": "trialwright.next/1",
                "path": str(outcomes),
                "dose": answer.dose,
                "decision": answer.decision.value,
                "mtd": answer.mtd,
                "why": answer.why,
                "rule": answer.rule,
                "subjects": answer.subjects,
                "waits_for": answer.waits_for,
                "departures": list(departures),
            }
        )
        return
    named = f"Dose {answer.dose} ({study.dose(answer.dose)})" if answer.dose else "No further dose"
    typer.echo(f"{named}, {answer.decision.value}: {answer.why}")
    for departure in departures:
        typer.echo(f"note: the path departs from the rule: {departure}")


@app.command()
def simulate(
    file: ProtocolFile,
    *,
    truth: Truth = None,
    figure: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the result: .svg or .png.")] = None,
    as_json: AsJson = False,
) -> None:
    """Give the design's operating characteristics: exact, so no seed and no Monte Carlo error.

    Example: `trialwright simulate protocols/NCT05962762.yaml --truth 0.05,0.12,0.30`
    """
    study = study_of(file)
    result = operating_characteristics(study.rule, rates_of(truth, study))
    if figure:
        drawn = operating_characteristics_figure(result, [str(dose) for dose in study.doses])
        write(figure, drawn.png() if figure.suffix == ".png" else drawn.svg().encode())
    if as_json:
        print_json(characteristics_data(study, result))
    else:
        typer.echo(characteristics_text(study, result))
    say(f"exact; trialwright {__version__}, protocol {study.id} sha256 {digest(file)}")
