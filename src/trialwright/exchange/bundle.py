"""The inspector's bundle: everything that the log holds, with pages to read it and a script that verifies it.

| file | holds |
|---|---|
| `index.html`, `pages/` | the trial and each subject, and every entry, to be read in a browser |
| `events/open.jsonl` | every entry of the open stream, its exact bytes, one a line |
| `events/access.jsonl` | the same of who came in and who tried to |
| `events/sealed.base64` | every entry of the sealed stream, encrypted |
| `events/sealed-opened.jsonl` | the same, opened, for whoever is not blinded |
| `events/....sha256` | the hash of each entry |
| `protocol/` | every version of the protocol |
| `trail.csv` | the audit trail for a spreadsheet |
| `verify.py` | verifies all of it with Python alone |
| `manifest.json` | counts, ends of the chains, SHA-256 of every file |

It says nothing of when it was made: the same log gives the same bytes. Words that were redacted are not in it; of such
an entry the hash is taken as given.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from trialwright import __version__
from trialwright.access import ACCESS, decode_access
from trialwright.conduct import View, encode
from trialwright.conduct.events import Event, ProtocolAdopted, ProtocolAmended, TextRedacted
from trialwright.conduct.events.base import OPEN, SEALED
from trialwright.conduct.trail import TrailRow
from trialwright.exchange.bundle_verify import MANIFEST
from trialwright.exchange.record_pages import (
    ROWS_ON_A_PAGE,
    Link,
    Part,
    access_part,
    entry_part,
    moment,
    page,
    subject_parts,
)
from trialwright.exchange.trail_export import trail_csv
from trialwright.store import Entry

SCHEMA = "trialwright.bundle/1"
_VERIFIER = Path(__file__).with_name("bundle_verify.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a bundle is made of.

    Attributes:
        view: The trial as whoever takes the bundle sees it.
        streams: Every entry as it is stored, by stream; sealed ones encrypted.
        events: Every open event, without the words that were redacted.
        rows: The audit trail.
        opened: Every sealed event, for whoever is not blinded; None for whoever is.
    """

    view: View
    streams: Mapping[str, Sequence[Entry]]
    events: Sequence[Event]
    rows: Sequence[TrailRow]
    opened: Sequence[Event] | None

    @property
    def redacted(self) -> tuple[int, ...]:
        """The open entries of which words were redacted."""
        return tuple(sorted({event.entry for event in self.events if isinstance(event, TextRedacted)}))


def bundle_files(contents: Contents) -> dict[str, bytes]:
    """The files of a bundle, by their paths."""
    files = {**_events(contents), **_protocols(contents.events)}
    files["trail.csv"] = trail_csv(contents.rows).encode()
    files["verify.py"] = _VERIFIER.read_bytes()
    files |= _pages(contents)
    return with_manifest(files, _facts(contents))


def with_manifest(files: Mapping[str, bytes], facts: Mapping[str, object]) -> dict[str, bytes]:
    """Files and the manifest that holds facts and the SHA-256 of each."""
    sums = {path: {"bytes": len(held), "sha256": sha256(held).hexdigest()} for path, held in sorted(files.items())}
    manifest = json.dumps({**facts, "files": sums}, indent=1, ensure_ascii=False) + "\n"
    return {**files, MANIFEST: manifest.encode()}


def _facts(contents: Contents) -> dict[str, object]:
    study = contents.view.study
    return {
        "schema": SCHEMA,
        "software": __version__,
        "study": study.id,
        "title": study.title,
        "for": contents.view.role,
        "arms": "opened" if contents.opened is not None else "none that was sealed",
        "streams": {
            name: {
                "entries": len(entries),
                "head": entries[-1].hash.hex(),
                "redacted": list(contents.redacted) if name == OPEN else [],
            }
            for name, entries in contents.streams.items()
        },
    }


def _events(contents: Contents) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name, entries in contents.streams.items():
        files[f"events/{name}.sha256"] = _lines(entry.hash.hex().encode() for entry in entries)
        if name == SEALED:
            files[f"events/{name}.base64"] = _lines(base64.b64encode(entry.body) for entry in entries)
        else:
            shown = (_shown(contents, entry) if name == OPEN else entry.body for entry in entries)
            files[f"events/{name}.jsonl"] = _lines(shown)
    if contents.opened is not None:
        files[f"events/{SEALED}-opened.jsonl"] = _lines(map(encode, contents.opened))
    return files


def _shown(contents: Contents, entry: Entry) -> bytes:
    """The exact bytes of an entry, or what is left of one of which words were redacted."""
    return encode(contents.events[entry.sequence - 1]) if entry.sequence in contents.redacted else entry.body


def _lines(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _protocols(events: Iterable[Event]) -> dict[str, bytes]:
    found = {}
    for event in events:
        if isinstance(event, ProtocolAdopted | ProtocolAmended):
            version = event.version if isinstance(event, ProtocolAmended) else event.protocol
            found[_protocol(version)] = event.text.encode()
    return found


def _protocol(version: str) -> str:
    return f"protocol/{re.sub(r'[^A-Za-z0-9._-]', '_', version)}.yaml"


def _pages(contents: Contents) -> dict[str, bytes]:
    study, numbered = contents.view.study, list(enumerate(contents.events, start=1))
    hashes = {entry.sequence: entry.hash.hex() for entry in contents.streams[OPEN]}
    home = Link("Overview", "../index.html")
    starts = range(0, len(numbered), ROWS_ON_A_PAGE)
    links = [
        Link(f"Entries {start + 1} to {min(start + ROWS_ON_A_PAGE, len(numbered))}", f"pages/entries-{place:04}.html")
        for place, start in enumerate(starts, start=1)
    ]
    files = {}
    for place, (link, start) in enumerate(zip(links, starts, strict=True)):
        part = entry_part(study, numbered[start : start + ROWS_ON_A_PAGE], hashes)
        around = [one._replace(to=Path(one.to).name) for one in links[max(place - 1, 0) : place + 2] if one != link]
        files[link.to] = page(f"{study.id}: {link.text}", (), [part], [home, *around])
    for subject in contents.view.subjects:
        parts = subject_parts(study, subject, numbered)
        files[f"pages/{subject.id}.html"] = page(f"{study.id}: subject {subject.id}", (), parts, [home])
    if contents.opened is not None:
        part = entry_part(study, enumerate(contents.opened, start=1))
        files["pages/sealed.html"] = page(f"{study.id}: sealed entries, opened", (), [part], [home])
        links.append(Link("Sealed entries", "pages/sealed.html"))
    if ACCESS in contents.streams:
        part = access_part((entry.sequence, decode_access(entry.body)) for entry in contents.streams[ACCESS])
        files["pages/access.html"] = page(f"{study.id}: access", (), [part], [home])
        links.append(Link("Access", "pages/access.html"))
    files["index.html"] = _index(contents, links)
    return files


def _index(contents: Contents, links: Sequence[Link]) -> bytes:
    view = contents.view
    lines = [
        view.study.title,
        view.status,
        "Everything that the log of this trial holds. It opens from a disk and needs no network.",
        "To verify it, run in this folder: python3 verify.py",
    ]
    if contents.opened is None and SEALED in contents.streams:
        lines.append("What was sealed is encrypted in events/sealed.base64: no arm is in this copy.")
    return page(f"{view.study.id}: inspector's copy", lines, _overview(contents), links)


def _overview(contents: Contents) -> Iterator[Part]:
    view = contents.view
    streams = [(name, len(entries), entries[-1].hash.hex()) for name, entries in contents.streams.items()]
    yield Part(title="Streams", header=("Stream", "Entries", "Hash of the last"), rows=streams)
    versions = [(Link(one.name, _protocol(one.name)), one.sha256) for one in view.versions]
    yield Part(title="Protocol", header=("Version", "SHA-256"), rows=versions)
    yield Part(title="Sites", header=("Site", "Name"), rows=sorted(view.sites.items()))
    people = [(person.id, str(person.role), person.site or "all") for person in view.people]
    yield Part(title="People who have a role now", header=("Person", "Role", "Site"), rows=people)
    exposures = [
        (one.person, str(one.role), one.site or "all", one.subject or "all", moment(one.at), one.why)
        for one in view.exposures
    ]
    if exposures:
        header = ("Person", "Role", "Site", "Subject", "Since, UTC", "Why")
        yield Part(title="Who has seen an arm", header=header, rows=exposures)
    yield _subjects(contents)


def _subjects(contents: Contents) -> Part:
    return Part(
        title="Subjects",
        header=(
            "Subject",
            "Site",
            "Consented",
            "Verdict",
            "Enrolled",
            "Dose level",
            "Cohort",
            "Arm",
            "Left",
            "Entries",
        ),
        rows=[
            (
                Link(subject.id, f"pages/{subject.id}.html"),
                subject.site,
                subject.consented_on.isoformat(),
                subject.verdict,
                "yes" if subject.enrolled else "no",
                subject.level or "",
                subject.group or "",
                (subject.arm or "") if subject.arm_shown else "not shown",
                subject.disposition.term if subject.disposition else "",
                len({row.sequence for row in contents.rows if row.subject == subject.id}),
            )
            for subject in contents.view.subjects
        ],
    )
