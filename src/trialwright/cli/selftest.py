"""The verb selftest: the published numbers that ship with the package, met on the user's machine or not."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import typer

from trialwright import __version__
from trialwright.cli.console import AsJson, app, print_json
from trialwright.errors import SelftestError

if TYPE_CHECKING:
    from trialwright.analysis.selftest import ItemResult

COMPUTING = ("numpy", "scipy", "numba")
"""The libraries on which numbers depend."""


@app.command()
def selftest(*, as_json: AsJson = False) -> None:
    """Compute the published numbers that ship with the package, and compare: for your own validation.

    A line for each item says how many of its published results are met, the worst deviation and its tolerance. The exit
    code is 0 when all are met and 7 when one is not. It takes some twenty seconds.

    Example: `trialwright selftest --json`
    """
    from trialwright.analysis.compute import plain
    from trialwright.analysis.selftest import packaged_vectors
    from trialwright.analysis.selftest import selftest as run

    results = run(packaged_vectors())
    met, vectors = sum(result.met for result in results), sum(result.vectors for result in results)
    if as_json:
        items = [plain(_as_data(result)) for result in results]
        print_json({"schema": "trialwright.selftest/1", **_machine(), "met": met, "vectors": vectors, "items": items})
    else:
        typer.echo(", ".join(f"{name} {value}" for name, value in _machine().items()))
        typer.echo(f"{'item':<40}{'met':>12}{'worst deviation':>18}  tolerance")
        for result in results:
            typer.echo(_line(result))
        typer.echo(f"{met} of {vectors} published results are met")
    if met < vectors:
        unmet = [vector.id for result in results for vector in result.unmet]
        raise SelftestError(
            f"{len(unmet)} of {vectors} published results are not met on this machine: {', '.join(unmet)}; `--json` "
            "shows what was found; do not rely on these items, and report it with the first line above"
        )


def _machine() -> dict[str, str]:
    """The program, and what its numbers depend on."""
    return {
        "trialwright": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in COMPUTING},
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _line(result: ItemResult) -> str:
    name = f"{result.name} (design)" if result.is_design else result.name
    worst = f"{result.worst:.2g}" if result.worst else "0"
    mark = "" if not result.unmet else "  NOT MET: " + ", ".join(vector.id for vector in result.unmet)
    return f"{name:<40}{f'{result.met} of {result.vectors}':>12}{worst:>18}  {result.tolerance}{mark}"


def _as_data(result: ItemResult) -> dict[str, Any]:
    return {
        "kind" if result.is_design else "item": result.name,
        "source": result.source,
        "met": result.met,
        "vectors": result.vectors,
        "worst_deviation": result.worst,
        "tolerance": {"abs": result.tolerance.absolute, "rel": result.tolerance.relative},
        "unmet": result.unmet,
    }
