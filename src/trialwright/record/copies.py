"""Copies that leave the system: the inspector's bundle and a site's copy, recorded before they go out."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trialwright.conduct.commands.export import Copy
from trialwright.conduct.events.base import OPEN
from trialwright.conduct.trail import trail_rows
from trialwright.errors import ConflictError, InputError, VerificationError
from trialwright.exchange.bundle import Contents, bundle_files
from trialwright.exchange.bundle_verify import MANIFEST, read_bundle, read_stream
from trialwright.exchange.site_copy import site_copy_files
from trialwright.store import Part
from trialwright.trial import Trial

_MOST_TRIES = 20
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)

Files = Mapping[str, bytes]


def take_bundle(trial: Trial, *, by: str, form: str = "folder") -> Files:
    """Make the inspector's bundle of a trial, and take down that it goes out.

    Args:
        trial: The trial; with its sealed file, whoever is not blinded gets the sealed entries opened too.
        by: Who takes it; somebody who belongs to no site.
        form: How it goes out, folder or zip.

    Returns:
        The files by their paths. The record has the SHA-256 of `manifest.json`, which has that of each file.

    Raises:
        PermissionRefused: The person may not take it.
    """
    for _ in range(_MOST_TRIES):
        view, streams = trial.view(by), trial.entries()
        if len(streams[OPEN]) == view.sequence or view.viewer is None:
            break
    else:
        raise ConflictError("others wrote while the bundle was made; try again")
    contents = Contents(
        view=view, streams=streams, events=trial.events(), rows=trial.trail(by), opened=trial.opened(by)
    )
    files = bundle_files(contents)
    _recorded(trial, "bundle", files, by, form, rows=sum(map(len, streams.values())))
    return files


def take_site_copy(trial: Trial, *, by: str, form: str = "folder") -> Files:
    """Make the copy of a person's own site, and take down that it goes out.

    Args:
        trial: The trial.
        by: Who takes it; somebody of a site.
        form: How it goes out, folder or zip.

    Returns:
        The files by their names; of the record, see `take_bundle`.

    Raises:
        PermissionRefused: The person may not take it.
    """
    view, events = trial.view(by), trial.readable(by)
    files = site_copy_files(view, events)
    _recorded(trial, "site copy", files, by, form, rows=len(trail_rows(events)))
    return files


def write_copy(out: Path, make: Callable[[str], Files]) -> int:
    """Make a copy and write it, as a folder or, where the name ends in .zip, as one file; gives how many files.

    Args:
        out: Where it goes; nothing may be there.
        make: What makes the files, from the form that they are written in.

    Raises:
        InputError: There is something, which is kept, or it cannot be written.
    """
    if out.exists():
        raise InputError(f"{out}: is there already and is kept; choose another place with --out")
    form = "zip" if out.suffix == ".zip" else "folder"
    files = make(form)
    try:
        if form == "zip":
            out.write_bytes(zipped(files))
        else:
            _write_files(out, files)
    except OSError as fault:
        raise InputError(f"{out}: {fault.strerror}; choose another place with --out") from fault
    return len(files)


def zipped(files: Files) -> bytes:
    """Files as one ZIP; the same files give the same bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in sorted(files.items()):
            told = zipfile.ZipInfo(name, _FIRST_DAY)
            told.external_attr = 0o644 << 16
            archive.writestr(told, content, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def bundled_parts(source: Path) -> tuple[Part, ...]:
    """What a bundle holds of a log, every stream from its first entry, verified.

    Raises:
        VerificationError: The bundle does not verify.
        InputError: It cannot be read, or words of it were redacted, so that it does not hold the log.
    """
    with _unpacked(source) as folder:
        manifest, faults = read_bundle(folder)
        if faults:
            raise VerificationError(f"{source}: {'; '.join(faults)}; take the bundle from its source again")
        redacted = {name: due["redacted"] for name, due in manifest["streams"].items() if due["redacted"]}
        if redacted:
            raise InputError(
                f"{source}: words were redacted in it, {redacted}; restore the log from its backup instead"
            )
        return tuple(Part(name, 0, read_stream(folder, name)[0]) for name in sorted(manifest["streams"]))


def is_bundle(source: str | Path) -> bool:
    """Whether something is a bundle, by its name: a folder or a ZIP."""
    return Path(source).is_dir() or Path(source).suffix == ".zip"


def _recorded(trial: Trial, what: Copy, files: Files, by: str, form: str, *, rows: int) -> None:
    trial.record_export(what, files[MANIFEST], by=by, form=form, rows=rows)


def _write_files(folder: Path, files: Files) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
    if source.is_dir():
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(source) as archive:
                archive.extractall(folder)
        except (OSError, zipfile.BadZipFile) as fault:
            raise InputError(f"{source}: is no bundle that can be read; correct the path") from fault
        yield Path(folder)
