"""Golden logs: logs that some version wrote, and what they fold to, as one digest that new fields do not change."""

import json
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any

from trialwright.conduct import Event, Sealed, decode, replay
from trialwright.conduct.trail import redacted

FOLDER = Path(__file__).parent
DIGESTS = "digests.json"


def golden_logs(folder: Path) -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    """Each log of a folder by name: the bodies of its streams, the sealed ones opened."""
    for file in sorted(folder.glob("*.jsonl.xz")):
        found: dict[str, dict[str, list[bytes]]] = {}
        for line in lzma.decompress(file.read_bytes()).splitlines():
            name, stream, body = line.split(b"\t", 2)
            found.setdefault(name.decode(), {"open": [], "sealed": []})[stream.decode()].append(body)
        for name, streams in found.items():
            yield f"{file.name.partition('.')[0]}/{name}", streams


def digest_of(streams: Mapping[str, list[bytes]]) -> dict[str, Any]:
    """What a log folds to: how many events, and the digests of the open and the sealed side."""
    shown, hidden = ([decode(body) for body in streams[name]] for name in ("open", "sealed"))
    sealed = Sealed().after(hidden)
    drawn = {subject: sealed.arm(subject) for subject in sealed.subjects}
    return {
        "open": len(shown),
        "sealed": len(hidden),
        "state": digest(replay(redacted(shown))),
        "arms and lots": digest([drawn, sealed.stock]),
    }


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical form."""
    return sha256(json.dumps(plain(value), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def plain(value: Any) -> Any:
    """A value as plain data: of a record the fields that differ from their defaults, of an event those it holds."""
    match value:
        case Event():
            return value.model_dump(mode="json", exclude_unset=True)
        case Enum():
            return value.name
        case Decimal() | date():
            return str(value)
        case Mapping():
            return {json.dumps(plain(key)): plain(there) for key, there in value.items()}
        case set() | frozenset():
            return sorted((plain(one) for one in value), key=json.dumps)
        case tuple() | list():
            return [plain(one) for one in value]
    if is_dataclass(value):
        there = {
            one.name: getattr(value, one.name) for one in fields(value) if getattr(value, one.name) != default(one)
        }
        return {name: plain(held) for name, held in there.items()}
    return value


def default(field: Any) -> Any:
    """The default of a record's field; a value that equals nothing where it has none."""
    return field.default_factory() if field.default_factory is not MISSING else field.default
