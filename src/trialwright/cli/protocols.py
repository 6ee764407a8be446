"""The verbs for a protocol: check, explain, screen, export, diff, schema."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from trialwright.cli.console import (
    AsJson,
    ProtocolFile,
    app,
    digest,
    exports,
    print_json,
    say,
    study_of,
    text_of,
    write,
)
from trialwright.conduct.amendment import Touched
from trialwright.conduct.cases import run_cases
from trialwright.errors import InputError
from trialwright.protocol.check import check_text
from trialwright.protocol.diff import diff
from trialwright.protocol.editor_schema import editor_schema
from trialwright.protocol.explain import explain as explain_study
from trialwright.protocol.explain import explain_html
from trialwright.protocol.explain_words import counted
from trialwright.protocol.finding import Finding
from trialwright.protocol.screen import screen as screen_subject
from trialwright.protocol.screen_report import describe_screening, screening_data
from trialwright.protocol.study import Study
from trialwright.protocol.subject import parse_subject, read_subject
from trialwright.registry import locate, read_record
from trialwright.trial import Trial


@app.command()
def check(
    file: ProtocolFile,
    *,
    record: Annotated[
        Path | None, typer.Option(metavar="RECORD", help="Prove every pointer and number against this record.")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option(metavar="CASES", help="The protocol's own cases; else cases/FILE beside it, if any.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a protocol: every fault with file, line and mend. Leaves with 2 when there is an error.

    The protocol's own cases are run too: subjects, visit windows and doses, each with what the author expects.

    Example: `trialwright check protocols/NCT05962762.yaml --record NCT05962762.txt`
    """
    reading = read_record(text_of(record), str(record)) if record else None
    study, findings = check_text(text_of(file), (lambda pointer: locate(reading, pointer)) if reading else None)
    beside = file.parent / "cases" / file.name
    cases = cases or (beside if beside.is_file() else None)
    run, failed = run_cases(study, text_of(cases)) if cases and study else (0, [])
    errors = sum(finding.severity == "error" for finding in (*findings, *failed))
    if as_json:
        held = {"file": str(cases), "run": run, "findings": [one.to_dict() for one in failed]} if cases else None
        found = [finding.to_dict() for finding in findings]
        print_json(
            {"schema": "trialwright.check/1", "file": str(file), "ok": not errors, "findings": found, "cases": held}
        )
    else:
        _tell_cases(cases, run, failed)
        for finding in findings:
            typer.echo(finding.text(str(file)))
        next_step = "" if errors or study is None else f"; next: trialwright explain {file}"
        typer.echo(f"{file}: {_summed(findings)}{next_step}")
    if errors:
        raise typer.Exit(2)


def _tell_cases(cases: Path | None, run: int, failed: list[Finding]) -> None:
    if not cases:
        return
    for finding in failed:
        typer.echo(finding.text(str(cases)))
    came = "all as expected" if not failed else f"{len(failed)} otherwise than expected or unreadable"
    say(f"{cases}: {counted(run, 'case')}, {came}")


def _summed(findings: list[Finding]) -> str:
    errors = sum(finding.severity == "error" for finding in findings)
    both = f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'warning')}"
    return both if findings else "no findings"


@app.command()
def explain(
    file: ProtocolFile,
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the Markdown to a file.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one self-contained HTML page.")] = None,
) -> None:
    """Write the protocol's prose in the chapters of ICH M11, with its assumption ledger: Markdown, or an HTML page.

    Example: `trialwright explain protocols/NCT05962762.yaml --html protocol.html`
    """
    study = study_of(file)
    markdown = explain_study(study)
    if html:
        write(html, explain_html(study).encode())
        say(f"wrote {html}")
    if out:
        write(out, markdown.encode())
        say(f"wrote {out}")
    if not (html or out):
        typer.echo(markdown, nl=False)


@app.command()
def screen(
    file: ProtocolFile,
    subjects: Annotated[
        Path, typer.Argument(metavar="SUBJECTS", help="One subject as JSON, or many as .csv or .parquet, one a row.")
    ],
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the verdicts on many go: .csv or .parquet.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Screen subjects: eligible, not eligible or undetermined, each criterion, and what to obtain next.

    Example: `trialwright screen protocols/NCT05962762.yaml subject.json`
    """
    study = study_of(file)
    if subjects.suffix.lower() in {".csv", ".parquet"}:
        _screen_many(study, subjects, out, as_json=as_json)
        return
    if out:
        raise InputError("--out is for many subjects, in a .csv or .parquet file; leave it out for one")
    text = text_of(subjects)
    try:
        data = parse_subject(text)
        facts = read_subject(data, study)
    except InputError as fault:
        raise InputError(f"{subjects} cannot be used:\n{fault}") from None
    found = screen_subject(study, facts)
    if as_json:
        said = screening_data(study, data.get("id"), found)
        print_json({"schema": "trialwright.screen/1", "protocol": study.id, **said})
    else:
        typer.echo(describe_screening(study, data.get("id"), found))


def _screen_many(study: Study, subjects: Path, out: Path | None, *, as_json: bool) -> None:
    from trialwright.exchange import cohort

    if out and (as_json or not cohort.is_table(out)):
        raise InputError(f"{out}: verdicts go to a .csv or .parquet file, or with --json to standard output alone")
    console = Console(stderr=True)
    progress = Progress(SpinnerColumn(), TextColumn("{task.completed} subjects"), console=console, transient=True)
    progress.disable = not console.is_terminal
    with progress:
        rows = list(progress.track(cohort.screen_cohort(subjects, study)))
    if as_json:
        print_json(cohort.verdicts_json(study, rows))
    elif out:
        table = (
            cohort.verdicts_parquet(study, rows)
            if cohort.is_table(out) == ".parquet"
            else cohort.verdicts_csv(study, rows)
        )
        write(out, table if isinstance(table, bytes) else table.encode())
        say(f"wrote {out}, {len(rows)} subjects")
    else:
        typer.echo(cohort.verdicts_csv(study, rows), nl=False)
    faults = [f"{row.place} {row.line} ({row.subject or 'no id'}): {fault}" for row in rows for fault in row.faults]
    if faults:
        bad = sum(bool(row.faults) for row in rows)
        raise InputError(
            "\n".join([f"{subjects}: {bad} of {len(rows)} rows cannot be used, the others are done:", *faults])
        )


@exports.command("usdm")
def export_usdm(
    file: ProtocolFile,
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the JSON goes.")],
) -> None:
    """Write the protocol as CDISC's Unified Study Definitions Model (USDM) 4.0 in JSON.

    Example: `trialwright export usdm protocols/NCT05962762.yaml --out usdm.json`
    """
    from trialwright.exchange.usdm import usdm_json

    write(out, usdm_json(study_of(file)).encode())
    say(f"wrote {out}")


@app.command("diff")
def diff_protocols(
    old: Annotated[Path, typer.Argument(metavar="A", help="The protocol file before.")],
    new: Annotated[Path, typer.Argument(metavar="B", help="The protocol file after.")],
    *,
    log: Annotated[
        str | None, typer.Option(metavar="LOG", help="Say too which subjects of this log, run under A, it touches.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what an amendment changes, element by element, and which subjects of a log it touches.

    Example: `trialwright diff protocols/NCT05962762.yaml amended.yaml --log rehearsal/trial.db`
    """
    before, after = study_of(old), study_of(new)
    changes = diff(before, after)
    subjects = None if log is None else _touched(log, before, after, str(old))
    if as_json:
        print_json(
            {
                "schema": "trialwright.diff/1",
                "old": {"id": before.id, "version": before.version, "sha256": digest(old)},
                "new": {"id": after.id, "version": after.version, "sha256": digest(new)},
                "changes": [asdict(change) for change in changes],
                "touched": None if subjects is None else [asdict(one) for one in subjects],
            }
        )
        return
    for one in (*changes, *(subjects or ())):
        typer.echo(str(one))
    people = "" if subjects is None else f", {counted(len({one.subject for one in subjects}), 'subject')} touched"
    typer.echo(f"{old} -> {new}: {counted(len(changes), 'change')}{people}")


def _touched(log: str, before: Study, after: Study, name: str) -> tuple[Touched, ...]:
    with Trial.open(log) as trial:
        if trial.study != before:
            raise InputError(
                f"{log} runs under version {trial.study.version} of {trial.study.id}, which is not what {name} says; "
                "give the adopted protocol as A"
            )
        return trial.touched(after)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the protocol file, for editors that complete and check YAML.

    Example: `trialwright schema > trialwright.schema.json`
    """
    print_json(editor_schema())
