"""The one joint: a trial in its log. Open it, do a command, view it. The only place with a clock and I/O.

trial = Trial.begin("trial.db", protocol_text, by="sponsor")
done = trial.do(OpenSite, by="sponsor", site="01", name="First site")
trial.view("sponsor").status
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from trialwright import __version__
from trialwright.analysis import Provenance, report
from trialwright.conduct import (
    Event,
    Kind,
    Refusal,
    Sealed,
    Secret,
    State,
    View,
    Viewer,
    decide,
    decode,
    encode,
    evolve,
    refused,
    replay,
    view,
)
from trialwright.conduct.amendment import Touched, screening_facts, touched
from trialwright.conduct.commands import AdoptProtocol, Command
from trialwright.conduct.events import ProtocolAdopted
from trialwright.conduct.events.base import OPEN as OPEN_STREAM
from trialwright.conduct.events.base import SEALED
from trialwright.errors import (
    ConflictError,
    InputError,
    PermissionRefused,
    RefusedError,
    StoreError,
    TrialwrightError,
    VerificationError,
)
from trialwright.protocol.criteria import items
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study
from trialwright.store import Head, Log, Part, on_server, open_log
from trialwright.store import verify as verify_log
from trialwright.vault import Vault

_MOST_TRIES = 20
_CLOCK_MAY_LAG = timedelta(seconds=5)

Clock = Callable[[], datetime]


def now() -> datetime:
    """The server's clock, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was done: its events, and the sequence number of the last one, which is on disk."""

    events: tuple[Event, ...]
    sequence: int


class Trial:
    """A trial and its log; reads what others appended before it decides or shows anything."""

    def __init__(self, log: Log, clock: Clock = now, secret: Secret | None = None) -> None:
        self._log = log
        self._clock = clock
        self._state = State()
        self._study: Study | None = None
        self._sealed = Sealed(secret)
        self._vault = Vault(bytes.fromhex(secret.key)) if secret else None

    @classmethod
    def begin(
        cls, location: str | Path, protocol: str, *, by: str, clock: Clock = now, secret: Secret | None = None
    ) -> Self:
        """Make a log and adopt a protocol in it.

        Args:
            location: Where the log is made.
            protocol: The protocol's text.
            by: The first person, who becomes the sponsor.
            clock: What tells the time.
            secret: The sealed side of a randomised trial, as `seal` made it.

        Raises:
            ProtocolError: The protocol has errors; nothing was written.
            InputError: The protocol asks for what this version does not conduct.
            RefusedError: The log already holds a trial.
            StoreError: The log cannot be made.
        """
        study = load_study(protocol)
        _check_conductable(study)
        _command(AdoptProtocol, {"text": protocol, "by": by, "at": clock()})
        _check_secret(study, secret)
        trial = cls(open_log(location, create=True), clock, secret)
        trial._study = study
        try:
            raise_refusal(trial.do(AdoptProtocol, by=by, text=protocol))
        except BaseException:
            trial.close()
            raise
        return trial

    @classmethod
    def open(cls, location: str | Path, *, clock: Clock = now, secret: Secret | None = None) -> Self:
        """Open the trial in a log; the sealed side of a blinded one opens with its secret only.

        Raises:
            StoreError: There is no log, or no trial in it.
            InputError: The secret belongs to another trial.
            VerificationError: The secret does not open the sealed stream.
        """
        trial = cls(open_log(location), clock, secret)
        try:
            trial._refresh()
            _check_secret(trial.study, secret)
        except BaseException:
            trial.close()
            raise
        return trial

    @property
    def study(self) -> Study:
        """The adopted protocol."""
        if self._study is None:
            raise StoreError(f"{self._log.location}: no protocol was adopted yet")
        return self._study

    @property
    def state(self) -> State:
        """Where the trial stands after everything that is in the log."""
        self._refresh()
        return self._state

    def do(self, command: type[Command], *, by: str, **fields: Any) -> Done | Refusal:
        """Give a command: load, decide, append; again when somebody else was first.

        A refusal that bears on safety or rights is appended too, before it is returned.

        Args:
            command: The kind of command.
            by: Who gives it.
            **fields: The command's own fields.

        Raises:
            InputError: Naming every field that cannot be so.
            ConflictError: Others were first too often.
        """
        for _ in range(_MOST_TRIES):
            self._refresh()
            asked = _command(command, {**fields, "by": by, "at": self._time()})
            decided = decide(self.study, self._state, self._sealed, asked)
            if isinstance(decided, Refusal) and not (decided.recorded and self._state.sequence):
                return decided
            try:
                if isinstance(decided, Refusal):
                    self._append((refused(self.study, self._state, asked, decided),))
                else:
                    self._append(decided)
            except ConflictError:
                continue
            return decided if isinstance(decided, Refusal) else Done(decided, self._state.sequence)
        raise ConflictError(f"{self._log.location}: others were first {_MOST_TRIES} times; try again")

    def foresee(self, command: type[Command], *, by: str, **fields: Any) -> tuple[Event, ...] | Refusal:
        """What a command would do if it were given now; nothing is written, not even a refusal.

        Raises:
            InputError: Naming every field that cannot be so.
        """
        self._refresh()
        return decide(
            self.study, self._state, self._sealed, _command(command, {**fields, "by": by, "at": self._time()})
        )

    def view(self, person: str) -> View:
        """The trial as a person may see it now."""
        self._refresh()
        return view(self.study, self._state, self._sealed, Viewer(id=person, at=self._clock()))

    def report(self) -> str:
        """The trial's report as one HTML page: what its sponsor may see at the last entry of the log."""
        state = self.state
        sponsor = next(person.id for person in state.people.values() if person.role == "sponsor")
        cut = state.last_at or self._clock()
        provenance = Provenance(
            sequence=state.sequence,
            at=cut,
            head=self._log.head(OPEN_STREAM).hash.hex(),
            software=__version__,
            protocol_sha256=state.protocol_sha256,
        )
        return report(view(self.study, state, self._sealed, Viewer(id=sponsor, at=cut)), provenance)

    def touched(self, new: Study) -> tuple[Touched, ...]:
        """Say which subjects a new version of the protocol would touch, at the last entry of the log."""
        return touched(self.study, new, self.state, screening_facts(self.events()))

    def events(self) -> tuple[Event, ...]:
        """Every event of the open stream."""
        return tuple(decode(entry.body) for entry in self._log.read(OPEN_STREAM))

    def close(self) -> None:
        """Let the log go."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _refresh(self) -> None:
        for entry in self._log.read(OPEN_STREAM, self._state.sequence):
            event = _event(self._log.location, entry.sequence, entry.body)
            if isinstance(event, ProtocolAdopted):
                self._study = load_study(event.text)
            self._state = evolve(self._state, event)
        if self._vault:
            self._sealed = self._sealed.after(
                _event(self._log.location, entry.sequence, self._vault.open(SEALED, entry.sequence, entry.body))
                for entry in self._log.read(SEALED, self._sealed.sequence)
            )

    def _append(self, events: tuple[Event, ...]) -> None:
        shown = [event for event in events if event.stream == OPEN_STREAM]
        hidden = [event for event in events if event.stream == SEALED]
        parts = [Part(OPEN_STREAM, self._state.sequence, [encode(event) for event in shown])]
        if hidden:
            if self._vault is None:
                raise InputError(f"{self._log.location}: the sealed file is needed; open the trial with it")
            first = self._sealed.sequence + 1
            bodies = [self._vault.seal(SEALED, place, encode(event)) for place, event in enumerate(hidden, first)]
            parts.append(Part(SEALED, self._sealed.sequence, bodies))
        self._log.append_all(parts)
        self._state = replay(shown, self._state)
        self._sealed = self._sealed.after(hidden)

    def _time(self) -> datetime:
        at, last = self._clock(), self._state.last_at
        if last is None or at >= last:
            return at
        if last - at > _CLOCK_MAY_LAG:
            raise StoreError(
                f"the clock says {at:%Y-%m-%d %H:%M:%S} UTC, before the last entry at {last:%Y-%m-%d %H:%M:%S} UTC; "
                "nothing was written; set the server's clock"
            )
        return last


def verify(location: str | Path) -> dict[str, Head]:
    """Verify a log: every hash, every sequence number, the database's own guards, and that the events read.

    Raises:
        VerificationError: Naming the first bad entry.
        StoreError: There is no log there.
    """
    try:
        with open_log(location) as log:
            heads = verify_log(log)
            for entry in log.read(OPEN_STREAM):
                _event(log.location, entry.sequence, entry.body)
            return heads
    except StoreError as fault:
        if on_server(location) or not Path(location).is_file():
            raise
        raise VerificationError(str(fault)) from fault


def raise_refusal(result: Done | Refusal) -> Done:
    """Turn a refusal into the exception that carries its exit code and HTTP status.

    Raises:
        RefusedError: The protocol refuses.
        PermissionRefused: The role may not.
        InputError: The input cannot be so.
    """
    if isinstance(result, Done):
        return result
    leaves: dict[Kind, type[TrialwrightError]] = {
        Kind.PROTOCOL: RefusedError,
        Kind.PERMISSION: PermissionRefused,
        Kind.INPUT: InputError,
    }
    raise leaves[result.kind](str(result))


def _check_secret(study: Study, secret: Secret | None) -> None:
    if secret is None:
        return
    committed = study.allocation.commitment if study.allocation else None
    if secret.study != study.id or committed != secret.commitment:
        raise InputError(
            f"the sealed file is not the one that {study.id} commits to; use the file that `seal` made for it, or "
            "write its commitment under allocation > commitment before the trial begins"
        )


def _check_conductable(study: Study) -> None:
    if study.dose_escalation is None:
        raise InputError(f"this version conducts dose escalation, and {study.id} has none; nothing was written")
    for dose in study.doses:
        if dose.amount.unit != "cells/kg" or dose.amount.low != dose.amount.high:
            raise InputError(f"this version gives doses in cells/kg, and {study.id} has {dose}; nothing was written")
    read = frozenset[str]().union(*(items(criterion.condition) for criterion in study.criteria))
    unfit = [item.name for item in study.items if item.name in read and item.type not in {"number", "yes or no"}]
    if unfit:
        raise InputError(
            f"this version takes numbers and yes or no at screening, and the criteria of {study.id} read words, events "
            f"or drugs ({', '.join(unfit)}); nothing was written. `trialwright screen` takes them"
        )


def _command(command: type[Command], fields: dict[str, Any]) -> Command:
    try:
        return command(**fields)
    except ValidationError as faults:
        lines = [f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in faults.errors(include_url=False)]
        raise InputError(f"{command.__name__} cannot be given so: {'; '.join(lines)}") from faults


def _event(location: str, sequence: int, body: bytes) -> Event:
    try:
        return decode(body)
    except ValidationError as fault:
        raise VerificationError(
            f"{location}: entry {sequence} is not an event that this version can read; verify the log", "open", sequence
        ) from fault
