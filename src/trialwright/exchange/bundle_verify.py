"""Verify a bundle: every file is what the manifest says, and every entry follows from the one before it.

Run it in the bundle's folder: python3 verify.py. It needs Python 3.10 or newer and nothing else. It leaves with 0 where
everything is as it was written, and with 6 where it names what is not.

An entry's hash is SHA-256 over the hash before it (32 zero bytes before the first), the length of the stream's name as
8 bytes, the name, the entry's number as 8 bytes, and the entry's bytes; numbers are big-endian.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"


def read_stream(folder: Path, name: str) -> tuple[list[bytes], list[bytes]]:
    """Give the bodies and the hashes of a stream, as the bundle holds them.

    Raises:
        OSError: A file is missing.
        ValueError: A line cannot be read.
    """
    clear, sealed = folder / "events" / f"{name}.jsonl", folder / "events" / f"{name}.base64"
    if clear.exists():
        bodies = clear.read_bytes().split(b"\n")[:-1]
    else:
        bodies = [base64.b64decode(line, validate=True) for line in sealed.read_bytes().split(b"\n")[:-1]]
    hashes = (folder / "events" / f"{name}.sha256").read_text(encoding="ascii").split()
    return bodies, [bytes.fromhex(line) for line in hashes]


def chain(previous: bytes, stream: str, number: int, body: bytes) -> bytes:
    """Compute the hash of an entry."""
    name = stream.encode()
    parts = (previous, len(name).to_bytes(8, "big"), name, number.to_bytes(8, "big"), body)
    return hashlib.sha256(b"".join(parts)).digest()


def faults_of_files(folder: Path, files: dict[str, Any]) -> Iterator[str]:
    """Name each file that is missing, was changed or was added."""
    for path, due in sorted(files.items()):
        file = folder / path
        if not file.is_file():
            yield f"{path}: is missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != due["sha256"]:
            yield f"{path}: is not what the manifest says"
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    for path in sorted(there - set(files) - {MANIFEST}):
        yield f"{path}: is no part of the bundle"


def faults_of_stream(folder: Path, name: str, due: dict[str, Any]) -> Iterator[str]:
    """Name the first entry of a stream that does not follow from the one before it."""
    try:
        bodies, hashes = read_stream(folder, name)
    except (OSError, ValueError) as fault:
        yield f"stream {name}: cannot be read: {fault}"
        return
    if not len(bodies) == len(hashes) == due["entries"]:
        yield f"stream {name}: has {len(bodies)} entries and {len(hashes)} hashes, and not {due['entries']}"
        return
    said = {json.loads(body)["entry"] for body in bodies if b'"type":"TextRedacted.v1"' in body}
    previous, redacted = bytes(32), said & set(due["redacted"])
    for number, (body, given) in enumerate(zip(bodies, hashes, strict=True), start=1):
        if number not in redacted and chain(previous, name, number, body) != given:
            yield f"stream {name}, entry {number}: its content does not match its hash"
            return
        previous = given
    if previous.hex() != due["head"]:
        yield f"stream {name}: its end is not what the manifest says"


def read_bundle(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Give the manifest of a bundle, and everything that is wrong with it."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = list(faults_of_files(folder, manifest["files"]))
        for name, due in sorted(manifest["streams"].items()):
            found += faults_of_stream(folder, name, due)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        return {}, [f"{MANIFEST}: cannot be read: {fault!r}"]
    return manifest, found


def main(folder: Path) -> int:
    """Say what holds, or what does not."""
    manifest, found = read_bundle(folder)
    if found:
        sys.stderr.write("".join(f"{one}\n" for one in found))
        return 6
    said = [f"{manifest['study']}: {len(manifest['files'])} files as they were written"]
    for name, due in sorted(manifest["streams"].items()):
        said.append(f"stream {name}: {due['entries']} entries verify, head {due['head']}")
        if due["redacted"]:
            numbers = ", ".join(map(str, due["redacted"]))
            said.append(f"stream {name}: words of entry {numbers} were redacted; its hash is taken as given")
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    said.append(f"SHA-256 of {MANIFEST}: {digest}; the log's entry of this export says the same")
    sys.stdout.write("\n".join(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
