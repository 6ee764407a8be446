"""The verbs for the record as a whole: anchor, backup, restore, bundle, site-copy, database-role."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from trialwright.cli.console import AsJson, LogLocation, SealedFile, app, print_json, say
from trialwright.record import Copied, take_bundle, take_site_copy, write_copy
from trialwright.record import anchor as add_anchor
from trialwright.record import backup as copy_log
from trialwright.record import restore as restore_log
from trialwright.record.database_role import role_statements
from trialwright.trial import Trial, read_secret


@app.command()
def anchor(
    log: LogLocation,
    *,
    to: Annotated[Path, typer.Option(metavar="FILE", help="The anchors, one a line; kept away from the log.")],
    sealed: SealedFile = None,
    as_json: AsJson = False,
) -> None:
    """Verify a log, hold it against its anchors so far, and add where it ends now. Leaves with 6 where it fails.

    A log that was cut off at its end still verifies; its anchors say that it was longer. Keep them where whoever can
    write to the log cannot: on another machine, in another person's mail. `verify --anchors` holds a log against them.

    Example: `trialwright anchor rehearsal/trial.db --to anchors.jsonl`
    """
    made, before = add_anchor(log, to, secret=read_secret(log, sealed))
    if to.resolve().parent == Path(log).resolve().parent:
        say(f"{to} lies beside the log: whoever changes the one can change the other; keep a copy elsewhere")
    if as_json:
        print_json({**made.model_dump(mode="json", by_alias=True), "log": log, "file": str(to), "earlier": before})
        return
    for name, end in made.streams.items():
        typer.echo(f"{log}: stream {name!r} anchored at entry {end.entries}, head {end.head}")
    typer.echo(f"{to}: {before} earlier anchors hold")


AccountsFile = Annotated[
    Path | None,
    typer.Option("--accounts", metavar="FILE", help="The web app's accounts; left out: web.db beside LOG, if any."),
]


@app.command()
def backup(
    log: LogLocation,
    *,
    to: Annotated[Path, typer.Option(metavar="FILE", help="The backup; one that is there goes on from where it ends.")],
    sealed: SealedFile = None,
    accounts: AccountsFile = None,
    as_json: AsJson = False,
) -> None:
    """Copy a log and the accounts into a file that is a log itself, and verify both. Leaves with 6 where either fails.

    Run it every night with the same file: it adds what is new, and says so where the log lost or changed an entry. Two
    keys are not in it and are kept apart, each by another person: sealed.json, which opens the arms, and secret.key,
    which opens the devices. Neither ever changes: copy them once.

    Example: `trialwright backup rehearsal/trial.db --to backup.db`
    """
    done = copy_log(log, to, read_secret(log, sealed), accounts_file=accounts)
    _show("backup", str(to), done, {"log": log}, as_json=as_json)


@app.command()
def restore(
    source: Annotated[str, typer.Argument(metavar="BACKUP", help="What `backup` made, or `bundle`.")],
    *,
    to: Annotated[
        str, typer.Option(metavar="LOG", help="The log to make: a new file, or a PostgreSQL database without one.")
    ],
    sealed: SealedFile = None,
    accounts: AccountsFile = None,
    as_json: AsJson = False,
) -> None:
    """Make a log and its accounts from a backup, verify them, and say what is missing. What is there is kept.

    Put sealed.json and secret.key beside the new log first, and they are tried. An inspector's bundle serves too: it
    holds no accounts, and is no backup where words were redacted.

    Example: `trialwright restore backup.db --to restored/trial.db`
    """
    done = restore_log(source, to, read_secret(to, sealed), accounts_file=accounts)
    _show("restore", to, done, {"backup": source}, as_json=as_json)


TakenBy = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who takes the copy, as the log knows them.")]
CopyPlace = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Where it goes: a new folder, or one file with a name in .zip.")
]


@app.command()
def bundle(
    log: LogLocation, *, by: TakenBy, out: CopyPlace, sealed: SealedFile = None, as_json: AsJson = False
) -> None:
    """Write the inspector's bundle: every entry, the protocol, pages that open from a disk, a script that verifies.

    It needs no network: open index.html in a browser, run verify.py with Python alone. No arm of a masked trial is in
    it, unless whoever takes it is unblinded. That it was taken is recorded first.

    Example: `trialwright bundle rehearsal/trial.db --by sponsor --out inspection`
    """
    with Trial.open(log, secret=read_secret(log, sealed)) as trial:
        written = write_copy(out, lambda form: take_bundle(trial, by=by, form=form))
    _tell("bundle", log, out, written, "open index.html in it; run in it: python3 verify.py", as_json=as_json)


@app.command()
def site_copy(
    log: LogLocation, *, by: TakenBy, out: CopyPlace, sealed: SealedFile = None, as_json: AsJson = False
) -> None:
    """Write the copy of a site's own record: data and audit trail as CSV, the trail as JSON, HTML and PDF to print.

    It holds what the person may see: the subjects of their own site. That it was taken is recorded first.

    Example: `trialwright site-copy rehearsal/trial.db --by investigator --out site-01`
    """
    with Trial.open(log, secret=read_secret(log, sealed)) as trial:
        written = write_copy(out, lambda form: take_site_copy(trial, by=by, form=form))
    _tell("site-copy", log, out, written, "open copy.html in it, and print it", as_json=as_json)


@app.command()
def database_role(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="The name of the role, such as trialwright_web.")],
) -> None:
    """Print the SQL that makes the PostgreSQL role of the web process: it may read and add entries, and nothing else.

    The owner of the database runs it once; the web app is then told `TRIALWRIGHT_LOG=postgresql://ROLE:...`.

    Example: `trialwright database-role trialwright_web | psql postgresql://owner@host/trial`
    """
    typer.echo(role_statements(role), nl=False)


def _tell(verb: str, log: str, out: Path, written: int, then: str, *, as_json: bool) -> None:
    """Say what was written."""
    if as_json:
        print_json({"schema": f"trialwright.{verb}/1", "log": log, "out": str(out), "files": written})
        return
    typer.echo(f"{out}: {written} files")
    say(f"next: {then}")


def _show(verb: str, location: str, done: Copied, told: Mapping[str, Any], *, as_json: bool) -> None:
    """Say what a copy holds."""
    if as_json:
        streams = {name: {"entries": head.sequence, "head": head.hash.hex()} for name, head in done.heads.items()}
        newest = {"at": done.newest_at.isoformat(), "kind": done.newest} if done.newest_at else None
        keys = [{"file": key.file, "here": key.here, "told": key.told} for key in done.keys]
        accounts = {"copied": done.accounts, "lost": done.lost, "closed": done.closed}
        facts = {"to": location, "ok": True, "added": done.added, "streams": streams, "newest": newest}
        print_json({"schema": f"trialwright.{verb}/1", **told, **facts, "accounts": accounts, "kept_apart": keys})
        return
    for name, head in done.heads.items():
        typer.echo(f"{location}: stream {name!r} verifies, {head.sequence} entries, head {head.hash.hex()}")
    last = f"; the newest is {done.newest} of {done.newest_at:%Y-%m-%d %H:%M:%S} UTC" if done.newest_at else ""
    typer.echo(f"{location}: {done.added} entries added{last}")
    if done.accounts:
        typer.echo(f"accounts: {done.accounts} copied, without sessions")
    if done.lost:
        typer.echo(f"missing: the accounts of {', '.join(done.lost)}, which the log knows")
    if done.closed:
        typer.echo(f"closed: the accounts of {', '.join(done.closed)}, as the log says and the copy did not yet")
    for key in done.keys:
        typer.echo(f"{'kept apart' if key.here else 'missing'}: {key.file}: {key.told}")
