"""The command line: verbs, each a few lines over the rooms. Data to standard output, messages to standard error."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from trialwright import __version__
from trialwright.analysis import operating_characteristics_figure
from trialwright.analysis.characteristics import characteristics_data, characteristics_text
from trialwright.conduct.amendment import Touched
from trialwright.conduct.roles import matrix
from trialwright.design import Outcomes, operating_characteristics
from trialwright.errors import InputError, ProtocolError
from trialwright.protocol.check import check_text
from trialwright.protocol.diff import diff
from trialwright.protocol.editor_schema import editor_schema
from trialwright.protocol.explain import explain as explain_study
from trialwright.protocol.explain import explain_html
from trialwright.protocol.file import load_study
from trialwright.protocol.screen import screen as screen_subject
from trialwright.protocol.screen_report import describe_screening, screening_data
from trialwright.protocol.study import Study
from trialwright.protocol.subject import parse_subject, read_subject
from trialwright.registry import describe, is_nct_id, locate, read_fetched, read_record, to_json
from trialwright.rehearse import SPONSOR, Rehearsal, VirtualClock
from trialwright.trial import Done, Trial
from trialwright.trial import verify as verify_log

app = typer.Typer(
    name="trialwright",
    help="One protocol file runs the whole trial: read, check, explain, simulate, rehearse, conduct, report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
)

exports = typer.Typer(help="Write a protocol in the formats of other systems.", no_args_is_help=True)
app.add_typer(exports, name="export")

ProtocolFile = Annotated[Path, typer.Argument(metavar="PROTOCOL", help="A protocol file (YAML).")]
LogLocation = Annotated[str, typer.Argument(metavar="LOG", help="A log: a file, or postgresql://...")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON with a schema name and version.")]
Truth = Annotated[
    str | None,
    typer.Option(help="True DLT rate of each dose level, such as 0.05,0.12,0.30; else the protocol's planning rates."),
]


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"trialwright {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=lambda v: _version(wanted=v), is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read the options that stand before a verb."""


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
    reading = read_fetched(record) if fetched else read_record(_text(file), record)
    if as_json:
        _print_json(to_json(reading))
    else:
        typer.echo(describe(reading))


@app.command()
def check(
    file: ProtocolFile,
    *,
    record: Annotated[
        Path | None, typer.Option(metavar="RECORD", help="Prove every pointer and number against this record.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a protocol: every fault with file, line and mend. Leaves with 2 when there is an error.

    Example: `trialwright check protocols/NCT05962762.yaml --record NCT05962762.txt`
    """
    reading = read_record(_text(record), str(record)) if record else None
    study, findings = check_text(_text(file), (lambda pointer: locate(reading, pointer)) if reading else None)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        found = [finding.to_dict() for finding in findings]
        _print_json({"schema": "trialwright.check/1", "file": str(file), "ok": not errors, "findings": found})
    else:
        for finding in findings:
            typer.echo(finding.text(str(file)))
        what = f"{errors} errors, {len(findings) - errors} warnings" if findings else "no findings"
        typer.echo(f"{file}: {what}" + ("" if errors or study is None else f"; next: trialwright explain {file}"))
    if errors:
        raise typer.Exit(2)


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
    study = _study(file)
    markdown = explain_study(study)
    if html:
        _write(html, explain_html(study).encode())
        _say(f"wrote {html}")
    if out:
        _write(out, markdown.encode())
        _say(f"wrote {out}")
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
    study = _study(file)
    if subjects.suffix in {".csv", ".parquet"}:
        _screen_many(study, subjects, out, as_json=as_json)
        return
    if out:
        raise InputError("--out is for many subjects, in a .csv or .parquet file; leave it out for one")
    try:
        data = parse_subject(_text(subjects))
        facts = read_subject(data, study)
    except InputError as fault:
        raise InputError(f"{subjects} cannot be used:\n{fault}") from None
    found = screen_subject(study, facts)
    if as_json:
        said = screening_data(study, data.get("id"), found)
        _print_json({"schema": "trialwright.screen/1", "protocol": study.id, **said})
    else:
        typer.echo(describe_screening(study, data.get("id"), found))


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

    _write(out, usdm_json(_study(file)).encode())
    _say(f"wrote {out}")


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
    before, after = _study(old), _study(new)
    changes = diff(before, after)
    subjects = None if log is None else _touched(log, before, after, str(old))
    if as_json:
        _print_json(
            {
                "schema": "trialwright.diff/1",
                "old": {"id": before.id, "version": before.version, "sha256": _digest(old)},
                "new": {"id": after.id, "version": after.version, "sha256": _digest(new)},
                "changes": [asdict(change) for change in changes],
                "touched": None if subjects is None else [asdict(one) for one in subjects],
            }
        )
        return
    for one in (*changes, *(subjects or ())):
        typer.echo(str(one))
    people = "" if subjects is None else f", {len({one.subject for one in subjects})} subjects touched"
    typer.echo(f"{old} -> {new}: {len(changes)} changes{people}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the protocol file, for editors that complete and check YAML.

    Example: `trialwright schema > trialwright.schema.json`
    """
    _print_json(editor_schema())


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
    study = _study(file)
    outcomes = Outcomes.parse(path)
    answer = study.rule.recommend(outcomes)
    departures = study.rule.departures(outcomes)
    if as_json:
        _print_json(
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
        _say(f"note: the path departs from the rule: {departure}")


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
    study = _study(file)
    result = operating_characteristics(study.rule, _rates(truth, study))
    if figure:
        drawn = operating_characteristics_figure(result, [str(dose) for dose in study.doses])
        _write(figure, drawn.png() if figure.suffix == ".png" else drawn.svg().encode())
    if as_json:
        _print_json(characteristics_data(study, result))
    else:
        typer.echo(characteristics_text(study, result))
    _say(f"exact; trialwright {__version__}, protocol {study.id} sha256 {_digest(file)}")


@app.command()
def rehearse(
    file: ProtocolFile,
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the log, DIR/trial.db.")],
    truth: Truth = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn.")] = 1,
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="Days of the trial in a second; left out: as fast as it goes.")
    ] = None,
    follow: Annotated[bool, typer.Option(help="Print each event once it is on disk.")] = False,
    as_json: AsJson = False,
) -> None:
    """Rehearse the whole trial on virtual subjects, through the same decisions that conduct it, into a real log.

    Example: `trialwright rehearse protocols/NCT05962762.yaml --truth 0.05,0.12,0.30 --seed 7 --out rehearsal`
    """
    study = _study(file)
    rates = _rates(truth, study)
    location = out / "trial.db"
    if location.exists():
        raise InputError(f"{location} already holds a trial, which is kept; choose another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    clock = VirtualClock(pace=(lambda step: time.sleep(step / timedelta(days=speed))) if speed else None)
    with Trial.begin(location, _text(file), by=SPONSOR, clock=clock) as trial, _progress(trial, follow=follow) as step:
        Rehearsal(study, rates, seed, step, clock).run()
        seen = trial.view(SPONSOR)
        if as_json:
            _print_json(
                {
                    "schema": "trialwright.rehearse/1",
                    "log": str(location),
                    "seed": seed,
                    "truth": list(rates),
                    "events": seen.sequence,
                    "outcomes": seen.outcomes,
                    "mtd": seen.mtd,
                    "status": seen.status,
                }
            )
            return
        for decision in seen.decisions:
            typer.echo(f"{decision.at:%Y-%m-%d}  {decision.decision:<9} {decision.why}")
        typer.echo(f"{seen.status}\n{seen.sequence} events in {location}")
        _say(f"next: trialwright verify {location}; trialwright report {location} --out report.html")


@app.command()
def verify(log: LogLocation, *, as_json: AsJson = False) -> None:
    """Verify a log: recompute every hash. Leaves with 6 and names the first bad entry.

    Example: `trialwright verify rehearsal/trial.db`
    """
    heads = verify_log(log)
    if as_json:
        streams = {name: {"entries": head.sequence, "head": head.hash.hex()} for name, head in heads.items()}
        _print_json({"schema": "trialwright.verify/1", "log": log, "ok": True, "streams": streams})
        return
    for name, head in heads.items():
        typer.echo(f"{log}: stream {name!r} verifies, {head.sequence} entries, head {head.hash.hex()}")


@app.command()
def report(
    log: LogLocation,
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the page goes.")] = Path("report.html"),
) -> None:
    """Write the trial's report: one HTML page that needs nothing else.

    Example: `trialwright report rehearsal/trial.db --out report.html`
    """
    with Trial.open(log) as trial:
        page = trial.report()
    _write(out, page.encode())
    _say(f"wrote {out}")


@app.command()
def roles() -> None:
    """Print which role may give which command.

    Example: `trialwright roles`
    """
    typer.echo(matrix(), nl=False)


def _screen_many(study: Study, subjects: Path, out: Path | None, *, as_json: bool) -> None:
    from trialwright.exchange import cohort

    if out and (as_json or out.suffix not in cohort.SUFFIXES):
        raise InputError(f"{out}: verdicts go to a .csv or .parquet file, or with --json to standard output alone")
    console = Console(stderr=True)
    progress = Progress(SpinnerColumn(), TextColumn("{task.completed} subjects"), console=console, transient=True)
    progress.disable = not console.is_terminal
    with progress:
        rows = list(progress.track(cohort.screen_cohort(subjects, study)))
    if as_json:
        _print_json(cohort.verdicts_json(study, rows))
    elif out:
        table = cohort.verdicts_parquet(study, rows) if out.suffix == ".parquet" else cohort.verdicts_csv(study, rows)
        _write(out, table if isinstance(table, bytes) else table.encode())
        _say(f"wrote {out}, {len(rows)} subjects")
    else:
        typer.echo(cohort.verdicts_csv(study, rows), nl=False)
    faults = [f"line {row.line} ({row.subject or 'no id'}): {fault}" for row in rows for fault in row.faults]
    if faults:
        bad = sum(bool(row.faults) for row in rows)
        raise InputError(
            "\n".join([f"{subjects}: {bad} of {len(rows)} rows cannot be used, the others are done:", *faults])
        )


@app.command()
def compute(
    item: Annotated[str | None, typer.Argument(metavar="ITEM", help="The item's name; --list shows them all.")] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE", help="Its inputs: numbers, true, false, null, text, JSON."),
    ] = None,
    *,
    batch: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Lines of {id, item, inputs}, answered line by line.")
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List every item with its inputs.")] = False,
    protocols: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of protocols whose items.json names the items that they answer.")
    ] = Path("protocols"),
) -> None:
    """Compute a clinical or statistical item: formulas, scores, CTCAE grades, response, intervals, tests.

    Example: `trialwright compute ctcae_v5_grade term="CPK increased" value=501 uln=200`
    """
    from trialwright.analysis.compute import answer, answer_lines, listing, read_pairs
    from trialwright.exchange.protocol_folder import protocol_items

    known = protocol_items(protocols)
    if show_list:
        typer.echo(listing(known))
    elif batch:
        for line in answer_lines(_text(batch).splitlines(), known):
            typer.echo(json.dumps(line, ensure_ascii=False))
    elif item:
        found = answer(item, read_pairs(inputs or []), known)
        typer.echo(json.dumps(found["result"], ensure_ascii=False))
        if "missing" in found:
            _say(f"missing: {found['missing']}")
    else:
        raise InputError("compute needs an ITEM, --batch FILE or --list")


ctcae_app = typer.Typer(name="ctcae", help="Terms and grades of CTCAE 5.0.", no_args_is_help=True)
app.add_typer(ctcae_app)


@ctcae_app.command("add")
def ctcae_add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The NCI's table of CTCAE 5.0, saved as CSV.")],
) -> None:
    """Load the NCI's own wording of the grades, to be shown wherever a grade is chosen.

    Example: `trialwright ctcae add ctcae_v5.0.csv`
    """
    from trialwright.exchange.ctcae_wording import add_wording

    _say(f"kept in {add_wording(_text(file))}")


@ctcae_app.command("show")
def ctcae_show(term: Annotated[str, typer.Argument(metavar="TERM", help="A term of CTCAE 5.0.")]) -> None:
    """Show a term's grades: in the NCI's words where they are loaded, else in short words of ours.

    Example: `trialwright ctcae show "Neutrophil count decreased"`
    """
    from trialwright.clinical.ctcae_wording import describe_term
    from trialwright.exchange.ctcae_wording import load_wording

    typer.echo(describe_term(term, load_wording()))


@ctcae_app.command("grade")
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


class _Followed:
    """A trial whose every command is shown as soon as it is on disk."""

    def __init__(self, trial: Trial, progress: Progress | None, *, follow: bool) -> None:
        self.trial = trial
        self._progress = progress
        self._follow = follow
        self._task = progress.add_task("rehearsing") if progress else None

    def __enter__(self) -> Self:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._progress:
            self._progress.stop()

    @property
    def state(self) -> Any:
        return self.trial.state

    def do(self, command: Any, *, by: str, **fields: Any) -> object:
        result = self.trial.do(command, by=by, **fields)
        if self._follow and isinstance(result, Done):
            first = result.sequence - len(result.events) + 1
            for sequence, event in enumerate(result.events, start=first):
                typer.echo(f"{sequence} {event.at:%Y-%m-%dT%H:%M:%SZ} {event.type} {event.by}")
            sys.stdout.flush()
        if self._progress and self._task is not None:
            state = self.trial.state
            self._progress.update(self._task, description=f"{state.last_at:%Y-%m-%d}, {len(state.subjects)} subjects")
        return result


def _progress(trial: Trial, *, follow: bool) -> _Followed:
    console = Console(stderr=True)
    shown = Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True)
    return _Followed(trial, shown if console.is_terminal and not follow else None, follow=follow)


def _rates(truth: str | None, study: Study) -> tuple[float, ...]:
    if truth is None:
        return study.planning.true_dlt_rates
    try:
        return tuple(float(rate) for rate in truth.split(","))
    except ValueError:
        raise InputError(f"--truth {truth!r} is not a list of numbers; write it like 0.05,0.12,0.30") from None


def _touched(log: str, before: Study, after: Study, name: str) -> tuple[Touched, ...]:
    with Trial.open(log) as trial:
        if trial.study != before:
            raise InputError(
                f"{log} runs under version {trial.study.version} of {trial.study.id}, which is not what {name} says; "
                "give the adopted protocol as A"
            )
        return trial.touched(after)


def _study(file: Path) -> Study:
    try:
        return load_study(_text(file), str(file))
    except ProtocolError as fault:
        raise ProtocolError(f"{fault}\nnext: trialwright check {file}", fault.findings) from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise InputError(f"{file}: {fault.strerror}; correct the path") from fault
    except UnicodeDecodeError as fault:
        raise InputError(f"{file}: not UTF-8 text at byte {fault.start}; save it as UTF-8") from fault


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as fault:
        raise InputError(f"{file}: {fault.strerror}; choose another place") from fault


def _digest(file: Path) -> str:
    return sha256(_text(file).encode()).hexdigest()[:16]


def _print_json(data: object) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def _say(message: str) -> None:
    typer.echo(message, err=True)
