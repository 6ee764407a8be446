"""The verbs of a blinded trial: seal its list, print its envelopes, say who has seen an arm."""

from __future__ import annotations

import secrets
import sys
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from trialwright.cli.console import (
    AsJson,
    LogLocation,
    ProtocolFile,
    SealedFile,
    app,
    print_json,
    say,
    study_of,
    write_private,
)
from trialwright.cli.envelope import envelope
from trialwright.conduct import Secret
from trialwright.conduct.commands import PrintEnvelopes
from trialwright.errors import InputError, VerificationError
from trialwright.protocol.study import Study
from trialwright.trial import Trial, raise_refusal, read_secret


@app.command()
def seal(
    file: ProtocolFile,
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where the sealed file goes; it must not exist.")
    ] = None,
    blocks: Annotated[
        str | None, typer.Option(metavar="SIZES", help="Block sizes with commas; left out, they are asked for.")
    ] = None,
    minimise: Annotated[
        str | None,
        typer.Option(metavar="P", help="Minimise over the strata instead; the best arm is taken with probability P."),
    ] = None,
    check: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Make nothing: see that this sealed file is the protocol's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the sealed file of a randomised trial, which decides every arm, and print its commitment for the protocol.

    The file holds the seed of the list and the key of the sealed stream; its owner alone may read it. Name two block
    sizes or more. A size typed on the command line stays in the shell's history: leave --blocks out to be asked.

    Examples: `trialwright seal protocols/NCT03828344.yaml --blocks 4,8 --out sealed.json`;
    `trialwright seal protocols/NCT03828344.yaml --check sealed.json`
    """
    study = study_of(file)
    _ratio(study)
    if check is not None:
        _checked(study, file, check, as_json=as_json)
        return
    if out is None:
        raise InputError("say where the sealed file goes, such as --out sealed.json")
    made = _drawn(study, blocks, minimise)
    write_private(out, made.model_dump_json(indent=2) + "\n")
    if len(made.sizes) == 1:
        say("one block size: whoever learns past arms can tell the last of each block; two sizes or more are safer")
    say(f"{out} holds the secret of {study.id}: keep it, and a copy of it, from everybody who is blinded")
    say(f"write this line in {file} under allocation, before the trial begins:")
    if as_json:
        print_json({"schema": "trialwright.seal/1", "study": study.id, "file": str(out), "commitment": made.commitment})
    else:
        typer.echo(f"  commitment: {made.commitment}")


@app.command()
def unblinded(log: LogLocation, *, as_json: AsJson = False) -> None:
    """List everybody who has ever seen an arm, since when and why; it needs no sealed file and shows no arm.

    Example: `trialwright unblinded trial/trial.db`
    """
    with Trial.open(log) as trial:
        seen = trial.view(trial.sponsor).exposures
    if as_json:
        print_json({"schema": "trialwright.unblinded/1", "log": log, "people": [asdict(one) for one in seen]})
        return
    for one in seen:
        whose = one.subject or (f"every subject of site {one.site}" if one.site else "every subject")
        typer.echo(f"{one.at:%Y-%m-%d %H:%M} UTC  {one.person} ({one.role})  {whose}: {one.why}")
    say(f"{len({one.person for one in seen})} people have seen an arm")


@app.command()
def envelopes(
    log: LogLocation,
    *,
    by: Annotated[str, typer.Option(metavar="PERSON", help="The unblinded person who prints, as the log knows them.")],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the pages, one a subject; those there are kept.")
    ],
    sealed: SealedFile = None,
) -> None:
    """Write a page to print and seal for each randomised subject, to be opened when the system is down.

    Run it after each randomisation. The first half of the page is the cover and folds over the arm. It is recorded who
    printed for whom.

    Example: `trialwright envelopes trial/trial.db --by pharmacist --out envelopes`
    """
    with Trial.open(log, secret=read_secret(log, sealed)) as trial:
        raise_refusal(trial.do(PrintEnvelopes, by=by))
        view = trial.view(by)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    longest = max(len(arm.name.encode()) for arm in view.study.arms)
    written = 0
    for subject in view.subjects:
        page = out / f"{subject.id}.html"
        if subject.arm is not None and not page.exists():
            write_private(page, envelope(view.study, subject.id, subject.site, subject.arm, longest))
            written += 1
    say(f"wrote {written} pages in {out}; print each, fold it, seal it, and delete the file")


def _drawn(study: Study, blocks: str | None, minimise: str | None) -> Secret:
    """A new secret: seed and key from the machine's own source of randomness."""
    drawn = {"seed": secrets.token_hex(32), "key": secrets.token_hex(32)}
    if minimise is None:
        made = Secret(study=study.id, method="permuted blocks", sizes=_sizes(blocks), **drawn)
    else:
        made = Secret(study=study.id, method="minimisation", preference=_probability(minimise), **drawn)
    _fits(made, _ratio(study))
    return made


def _ratio(study: Study) -> tuple[tuple[str, int], ...]:
    if study.allocation is None or study.allocation.method != "randomised":
        raise InputError(f"{study.id} is not randomised: there is nothing to seal")
    return tuple(study.allocation.ratio.items())


def _sizes(blocks: str | None) -> tuple[int, ...]:
    if blocks is None:
        terminal = sys.stdin.isatty()
        blocks = typer.prompt("Block sizes, such as 4,8", hide_input=True) if terminal else sys.stdin.readline()
    try:
        return tuple(sorted({int(size) for size in blocks.split(",")}))
    except ValueError:
        raise InputError("block sizes are whole numbers with commas between, such as 4,8") from None


def _probability(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InputError(f"--minimise {text!r} is no probability; write it like 0.8") from None


def _fits(made: Secret, ratio: tuple[tuple[str, int], ...]) -> None:
    """See that sizes or preference fit the ratio; whoever seals may read what does not."""
    whole = sum(share for _, share in ratio)
    if any(size < 1 or size % whole for size in made.sizes):
        raise InputError(f"each block size is a multiple of {whole}, the sum of the ratio; write others")
    if made.method == "minimisation" and not Decimal("0.5") <= made.preference <= 1:
        raise InputError(f"--minimise {made.preference} does not lie from 0.5 to 1")
    made.source(ratio)


def _checked(study: Study, file: Path, sealed: Path, *, as_json: bool) -> None:
    """Compare the commitments, and draw the list again; of the list nothing is printed, not even a digest."""
    made = read_secret("", sealed)
    if made is None:
        raise InputError(f"{sealed}: there is no sealed file")
    committed = study.allocation.commitment if study.allocation else None
    if made.study != study.id or made.commitment != committed:
        raise VerificationError(
            f"{sealed} is not what {file} commits to: it has {made.commitment} for {made.study}, and the protocol of "
            f"{study.id} {committed or 'no commitment'}; use the file that was sealed for it"
        )
    _fits(made, _ratio(study))
    told: dict[str, Any] = {"schema": "trialwright.seal/1", "study": study.id, "file": str(sealed), "ok": True}
    if as_json:
        print_json({**told, "commitment": made.commitment})
    else:
        typer.echo(f"{sealed} is the sealed file that {study.id} commits to: {made.commitment}")
