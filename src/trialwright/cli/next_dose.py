"""The verb next: which dose comes next, for every design, from a path of outcomes in its own letters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from trialwright.cli.console import AsJson, app, print_json
from trialwright.cli.question import (
    CohortSize,
    Decisions,
    DesignName,
    Levels,
    Question,
    Subjects,
    Target,
    flags,
    question_of,
)
from trialwright.design import BackfillBOIN, Design, Recommendation, Rule
from trialwright.design.late_onset import LateOnset
from trialwright.errors import InputError


@app.command("next")
def next_dose(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[PROTOCOL] PATH", help="Outcomes such as '1NNN 2NTN' (N, T = DLT, P pending)."),
    ],
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    decisions: Decisions = None,
    as_json: AsJson = False,
) -> None:
    """Say which dose comes next, and why, in one sentence.

    TITE-CRM and TITE-BOIN read times followed, `1NN 2P@14 2T@9`; BF-BOIN reads responses and backfilled subjects,
    `1NN+N 2NPP b1N`; BOIN12 reads N, T = toxicity, E = efficacy, B = both.

    Example: `trialwright next protocols/NCT05962762.yaml "1NNN 2NTN"`

    Example: `trialwright next --design boin --levels 5 --target 0.3 "1NNN 2NTN"`

    Example: `trialwright next --design "tite-boin window=28" --levels 5 --target 0.3 "1NNN 2NNP@14"`
    """
    file, path = _file_and_path(words, design or decisions)
    settings = flags(levels=levels, target=target, cohort=cohort, subjects=subjects, decisions=decisions)
    question = question_of(file, design, settings)
    said, answer, more = ask(question.design, path)
    if as_json:
        print_json(
            {
                "schema": "trialwright.next/1",
                "path": said,
                "dose": answer.dose,
                "decision": answer.decision.value,
                "mtd": answer.mtd,
                "why": answer.why,
                "rule": answer.rule,
                "subjects": answer.subjects,
                "waits_for": answer.waits_for,
                "departures": [],
                **more,
            }
        )
        return
    typer.echo(_said(question, answer, more))


def _said(question: Question, answer: Recommendation, more: dict[str, Any]) -> str:
    named = f"Dose {answer.dose} ({question.doses[answer.dose - 1]})" if answer.dose else "No further dose"
    lines = [f"{named}, {answer.decision.value}: {answer.why}"]
    if "backfill" in more:
        at = ", ".join(str(level) for level in more["backfill"])
        lines.append(f"backfill: {f'open at level {at}, the highest first' if at else 'no level is open'}")
    lines += [f"note: the path departs from the rule: {departure}" for departure in more.get("departures", ())]
    return "\n".join(lines)


def ask(design: Rule, path: str) -> tuple[str, Recommendation, dict[str, Any]]:
    """The path as it was understood, the answer, and what else the design says of it."""
    history = design.parse(path)
    found = design.next_dose(history)
    if design.seeks == "OBD":
        return design.write(history), found, {"obd": found.selected}
    if isinstance(design, BackfillBOIN):
        return design.write(history), found, {"backfill": list(design.backfill_levels(history))}
    if isinstance(design, LateOnset) and path:
        return design.write(history), found, {}
    departures = design.departures(history.outcomes) if isinstance(design, Design) else ()
    return design.write(history), found, {"departures": list(departures)}


def _file_and_path(words: list[str], named: object) -> tuple[Path | None, str]:
    if len(words) == (1 if named else 2):
        return (None, words[0]) if named else (Path(words[0]), words[1])
    raise InputError("write the protocol file and the path, or --design and the path; put the path in quotes")
