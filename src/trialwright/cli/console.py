"""What every verb shares: the program, its arguments, and how it reads, writes and speaks."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from trialwright import __version__
from trialwright.errors import InputError, ProtocolError
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study

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
ctcae = typer.Typer(name="ctcae", help="Terms and grades of CTCAE 5.0.", no_args_is_help=True)

ProtocolFile = Annotated[Path, typer.Argument(metavar="PROTOCOL", help="A protocol file (YAML).")]
LogLocation = Annotated[str, typer.Argument(metavar="LOG", help="A log: a file, or postgresql://...")]
SealedFile = Annotated[
    Path | None,
    typer.Option(
        "--sealed",
        metavar="FILE",
        help="The sealed file of a randomised trial; left out: sealed.json beside LOG, if any.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON with a schema name and version.")]
Truth = Annotated[
    str | None,
    typer.Option(help="True DLT rate of each dose level, such as 0.05,0.12,0.30; else the protocol's planning rates."),
]

_PACKED = {b"\x1f\x8b": "a gzip archive", b"PK\x03\x04": "a zip archive or a workbook", b"%PDF": "a PDF"}


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


def study_of(file: Path) -> Study:
    """The study of a protocol file."""
    try:
        return load_study(text_of(file), str(file))
    except ProtocolError as fault:
        raise ProtocolError(f"{fault}\nnext: trialwright check {file}", fault.findings) from None


def text_of(file: Path) -> str:
    """The text of a file."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise InputError(f"{file}: {fault.strerror}; correct the path") from fault
    except UnicodeDecodeError as fault:
        packed = next((name for start, name in _PACKED.items() if fault.object.startswith(start)), None)
        if packed:
            raise InputError(f"{file}: this is {packed}; unpack it, or save it as text") from fault
        raise InputError(f"{file}: not UTF-8 text at byte {fault.start}; save it as UTF-8") from fault


def write(file: Path, content: bytes) -> None:
    """Write a file."""
    try:
        file.write_bytes(content)
    except OSError as fault:
        raise InputError(f"{file}: {fault.strerror}; choose another place") from fault


def write_private(file: Path, content: str) -> None:
    """Write a new file that its owner alone may read; one that is there is kept.

    Raises:
        InputError: There is such a file, or it cannot be written.
    """
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise InputError(f"{file}: is there already and is kept; choose another place") from None
    except OSError as fault:
        raise InputError(f"{file}: {fault.strerror}; choose another place") from fault
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(handle)


def digest(file: Path) -> str:
    """The first 16 digits of a file's SHA-256, to name it by."""
    return sha256(text_of(file).encode()).hexdigest()[:16]


def print_json(data: object) -> None:
    """Write data to standard output."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def say(message: str) -> None:
    """Write a message to standard error."""
    typer.echo(message, err=True)


def rates_of(truth: str | None, planned: tuple[float, ...], flag: str = "--truth") -> tuple[float, ...]:
    """The true rates that were written, or those that were planned with.

    Raises:
        InputError: What was written is no list of numbers, or nothing says the rates.
    """
    if truth is None:
        if planned:
            return planned
        what = "DLT" if flag == "--truth" else flag.removeprefix("--")
        raise InputError(f"no true {what} rates; give one for each level, such as {flag} 0.05,0.12,0.30")
    try:
        return tuple(float(rate) for rate in truth.split(","))
    except ValueError:
        raise InputError(f"{flag} {truth!r} is not a list of numbers; write it like 0.05,0.12,0.30") from None
