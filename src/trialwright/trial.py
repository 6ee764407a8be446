"""The one joint: a trial in its log. Open it, do a command, view it. The only place with a clock and I/O.

trial = Trial.begin("trial.db", protocol_text, by="sponsor")
done = trial.do(OpenSite, by="sponsor", site="01", name="First site")
trial.view("sponsor").status
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from trialwright import __version__
from trialwright.access import ACCESS, AccessEntry, TrainingDeclared, decode_access
from trialwright.analysis import Provenance, report
from trialwright.conduct import (
    NOTHING_SEALED,
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
    reads_sealed,
    refused,
    replay,
    view,
)
from trialwright.conduct.amendment import Touched, touched
from trialwright.conduct.case import sees
from trialwright.conduct.commands import AdoptProtocol, AmendProtocol, Command, RecordExport
from trialwright.conduct.commands.export import Copy
from trialwright.conduct.events import ProtocolAdopted, ProtocolAmended, SubjectAllocated, TextRedacted
from trialwright.conduct.events.base import OPEN as OPEN_STREAM
from trialwright.conduct.events.base import SEALED
from trialwright.conduct.signatures import SignedContent, content
from trialwright.conduct.trail import TrailFilter, TrailRow, redacted, trail_rows
from trialwright.conduct.versions import changes_dose_rules, simulation_hash, study_for, version_of_trial
from trialwright.conduct.views import opens_sealed, trail
from trialwright.errors import (
    ConflictError,
    InputError,
    PermissionRefused,
    RefusedError,
    StoreError,
    TrialwrightError,
    VerificationError,
)
from trialwright.protocol.check import load_checked
from trialwright.protocol.diff import diff
from trialwright.protocol.facts import visit_name
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study
from trialwright.store import Entry, Head, Log, Part, checked_rows, on_server, open_log
from trialwright.store import verify as verify_log
from trialwright.vault import Vault

SEALED_FILE = "sealed.json"
"""The name of the sealed file where it lies beside the log."""

_MOST_TRIES = 20
_CLOCK_MAY_LAG = timedelta(seconds=5)

Clock = Callable[[], datetime]


def now() -> datetime:
    """The server's clock, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was done: its open events, and the sequence number of the last one, which is on disk."""

    events: tuple[Event, ...]
    sequence: int


class Trial:
    """A trial and its log; reads what others appended before it decides or shows anything."""

    def __init__(self, log: Log, clock: Clock = now, secret: Secret | None = None) -> None:
        self._log = log
        self._clock = clock
        self._state = State()
        self._studies: dict[str, Study] = {}
        self._sealed = Sealed(secret)
        self._vault = Vault(bytes.fromhex(secret.key)) if secret else None
        self._accesses: list[AccessEntry] = []
        self._events: list[Event] = []

    @classmethod
    def begin(
        cls,
        location: str | Path,
        protocol: str,
        *,
        by: str,
        clock: Clock = now,
        secret: Secret | None = None,
        training: bool = False,
    ) -> Self:
        """Make a log and adopt a protocol in it.

        Args:
            location: Where the log is made.
            protocol: The protocol's text.
            by: The first person, who becomes the sponsor.
            clock: What tells the time.
            secret: The sealed side of a randomised trial, as `seal` made it.
            training: Say in the log's first entry that all of it is made up; it stays so for ever.

        Raises:
            ProtocolError: The protocol has errors; nothing was written.
            InputError: The protocol asks for what this version does not conduct.
            RefusedError: The log already holds a trial.
            StoreError: The log cannot be made.
        """
        study = load_checked(protocol)
        _check_conductable(study)
        _command(AdoptProtocol, {"text": protocol, "by": by, "at": clock()})
        _check_secret(study, secret)
        trial = cls(open_log(location, create=True), clock, secret)
        trial._studies = {study.version: study}
        try:
            if training and not trial._log.streams():
                trial.note(TrainingDeclared)
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
            trial._read_open()
            _check_secret(trial.study, secret)
            trial._read_sealed()
        except BaseException:
            trial.close()
            raise
        return trial

    @property
    def study(self) -> Study:
        """The protocol in the version that is in force in the trial."""
        if not self._studies:
            raise StoreError(f"{self._log.location}: no protocol was adopted yet")
        if not self._state.versions:
            return next(iter(self._studies.values()))
        return self._studies[version_of_trial(self._state, self._clock().date())]

    @property
    def state(self) -> State:
        """Where the trial stands after everything that is in the log."""
        self._refresh()
        return self._state

    @property
    def sponsor(self) -> str:
        """The first person with the sponsor's role."""
        return next(person.id for person in self.state.people.values() if person.role == "sponsor")

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
            study = self._study_for(asked)
            decided = decide(study, self._state, self._sealed, asked)
            if isinstance(decided, Refusal) and not (decided.recorded and self._state.sequence):
                return decided
            try:
                if isinstance(decided, Refusal):
                    self._append((refused(study, self._state, asked, decided),))
                else:
                    self._append(decided)
            except ConflictError:
                continue
            return decided if isinstance(decided, Refusal) else Done(_in(OPEN_STREAM, decided), self._state.sequence)
        raise ConflictError(f"{self._log.location}: others were first {_MOST_TRIES} times; try again")

    def foresee(self, command: type[Command], *, by: str, **fields: Any) -> tuple[Event, ...] | Refusal:
        """What a command would do if it were given now; nothing is written, not even a refusal.

        Raises:
            InputError: Naming every field that cannot be so.
        """
        self._refresh()
        asked = _command(command, {**fields, "by": by, "at": self._time()})
        return decide(self._study_for(asked), self._state, self._sealed, asked)

    def view(self, person: str) -> View:
        """The trial as a person may see it now."""
        self._refresh()
        return self._seen_by(person, self._clock())

    def report(self) -> str:
        """The trial's report as one HTML page: what its sponsor may see at the last entry of the log."""
        state = self.state
        cut = state.last_at or self._clock()
        provenance = Provenance(
            sequence=state.sequence,
            at=cut,
            head=self._log.head(OPEN_STREAM).hash.hex(),
            software=__version__,
            protocol_sha256=state.protocol_sha256,
        )
        return report(self._seen_by(self.sponsor, cut), provenance)

    def amend(self, protocol: str, *, by: str, reason: str) -> Done | Refusal:
        """Adopt a new version of the protocol; changed dose rules are simulated, and the result's hash is kept.

        Raises:
            ProtocolError: The new version has errors; nothing was written.
            InputError: It asks for what this version does not conduct, or its dose rules have no exact result.
        """
        new = load_checked(protocol)
        _check_conductable(new)
        newest = self._studies[self.state.versions[-1].name]
        simulation = None
        if new.dose_escalation is not None and changes_dose_rules(diff(newest, new)):
            simulation = simulation_hash(new)
        return self.do(AmendProtocol, by=by, text=protocol, reason=reason, simulation=simulation)

    def touched(self, new: Study) -> tuple[Touched, ...]:
        """Say which subjects a new version of the protocol would touch, at the last entry of the log."""
        return touched(self.study, new, self.state)

    def events(self) -> tuple[Event, ...]:
        """Every event of the open stream, without the words that were redacted."""
        self._events += _events(self._log, len(self._events))
        return redacted(self._events)

    def readable(self, person: str) -> tuple[tuple[int, Event], ...]:
        """The entries that a person may read, oldest first, each with its number."""
        state = self.state
        return trail(state, self.events(), state.people.get(person))

    def trail(self, person: str, wanted: TrailFilter | None = None) -> tuple[TrailRow, ...]:
        """The audit trail that a person may read, row by row, oldest first."""
        return trail_rows(self.readable(person), wanted)

    def signable(self, person: str, subject: str, visit: str | None) -> SignedContent | None:
        """What a person would sign of a subject, or of one of its visits; None where there is nothing to see."""
        known = self.state.subjects.get(subject)
        if known is None or not sees(self.state.people.get(person), known):
            return None
        return content(known, visit_name(visit) if visit else None)

    def entries(self) -> dict[str, tuple[Entry, ...]]:
        """Every entry of every stream exactly as it is stored at this moment, the sealed ones encrypted."""
        rows = groupby(checked_rows(self._log), key=lambda row: row.stream)
        return {name: tuple(Entry(*row[1:]) for row in there) for name, there in rows}

    def opened(self, person: str) -> tuple[Event, ...] | None:
        """Every sealed event, for whoever may take a copy of them; None for others, and where the sealed file is not.

        An event of the sealed stream tells an arm.
        """
        self._refresh()
        if self._vault is None or not opens_sealed(self.study, self._state, person):
            return None
        return tuple(_opened(self._log.location, entry, self._vault) for entry in self._log.read(SEALED))

    def record_export(
        self, what: Copy, content: bytes, *, by: str, form: str, rows: int, wanted: Mapping[str, str] | None = None
    ) -> Done:
        """Take down a copy that is about to go out; whoever made it hands it out only after this.

        Args:
            what: What goes out.
            content: The bytes that go out.
            by: Who takes it.
            form: The format, such as csv.
            rows: How many rows go out.
            wanted: The filter by which they were chosen.

        Raises:
            PermissionRefused: The person may not take it.
        """
        told = {"what": what, "form": form, "rows": rows, "wanted": wanted or {}}
        return raise_refusal(self.do(RecordExport, by=by, sha256=sha256(content).hexdigest(), **told))

    def note(self, kind: type[AccessEntry], **fields: Any) -> None:
        """Append an entry about access, stamped with the clock; it decides nothing, so that any other may come first.

        Raises:
            ConflictError: Others were first too often.
        """
        body = encode(kind(at=self._clock(), **fields))
        for _ in range(_MOST_TRIES):
            try:
                self._log.append(ACCESS, self._log.head(ACCESS).sequence, [body])
            except ConflictError:
                continue
            return
        raise ConflictError(f"{self._log.location}: others were first {_MOST_TRIES} times; try again")

    def accesses(self) -> tuple[AccessEntry, ...]:
        """Every entry about access, oldest first."""
        for entry in self._log.read(ACCESS, len(self._accesses)):
            self._accesses.append(_access(self._log.location, entry))
        return tuple(self._accesses)

    @property
    def training(self) -> bool:
        """Whether the log says from its first entry about access on that all of it is made up."""
        first = next(iter(self.accesses()), None)
        return isinstance(first, TrainingDeclared)

    def faults(self) -> tuple[str, ...]:
        """What the database itself says is wrong with the log: its structure, or its guards against change."""
        return self._log.faults()

    def close(self) -> None:
        """Let the log go."""
        self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _seen_by(self, person: str, at: datetime) -> View:
        """What a person sees; for whoever is blinded it is computed without the sealed side."""
        sealed = self._sealed if reads_sealed(self.study, self._state, person) else NOTHING_SEALED
        return view(self.study, self._state, sealed, Viewer(id=person, at=at))

    def _study_for(self, asked: Command) -> Study:
        """The version of the protocol by which a command is decided."""
        return study_for(self._studies, self._state, asked) if self._state.versions else self.study

    def _refresh(self) -> None:
        self._read_open()
        self._read_sealed()

    def _read_open(self) -> None:
        news = _events(self._log, self._state.sequence)
        if not news:
            return
        for event in news:
            self._keep_version(event)
        redacts = any(isinstance(event, TextRedacted) for event in news)
        self._state = replay(self.events()) if redacts else replay(news, self._state)

    def _keep_version(self, event: Event) -> None:
        if isinstance(event, ProtocolAdopted | ProtocolAmended):
            study = load_study(event.text)
            self._studies[study.version] = study

    def _read_sealed(self) -> None:
        """Read on in the sealed stream, after the open one: what is open and not sealed was cut off."""
        if self._vault:
            self._sealed = self._sealed.after(
                _opened(self._log.location, entry, self._vault)
                for entry in self._log.read(SEALED, self._sealed.sequence)
            )
            _check_complete(self._log.location, self._state, self._sealed)

    def _append(self, events: tuple[Event, ...]) -> None:
        shown, hidden = _in(OPEN_STREAM, events), _in(SEALED, events)
        parts = [Part(OPEN_STREAM, self._state.sequence, [encode(event) for event in shown])]
        if hidden:
            if self._vault is None:
                raise InputError(f"{self._log.location}: the sealed file is needed; open the trial with it")
            first = self._sealed.sequence + 1
            bodies = [self._vault.seal(SEALED, place, encode(event)) for place, event in enumerate(hidden, first)]
            parts.append(Part(SEALED, self._sealed.sequence, bodies))
        self._log.append_all(parts)
        for event in shown:
            self._keep_version(event)
        redacts = any(isinstance(event, TextRedacted) for event in shown)
        self._state = replay(self.events()) if redacts else replay(shown, self._state)
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


def verify(location: str | Path, secret: Secret | None = None) -> dict[str, Head]:
    """Verify a log: every hash, every sequence number, the database's own guards, and that the events read.

    Args:
        location: Where the log is.
        secret: The sealed side of a randomised trial: then every sealed entry is opened, and every arm is drawn again
            from the list and compared.

    Raises:
        VerificationError: Naming the first bad entry.
        InputError: The secret belongs to another trial.
        StoreError: There is no log there.
    """
    try:
        with open_log(location) as log:
            heads = verify_log(log)
            events = _events(log)
            for entry in log.read(ACCESS):
                _access(log.location, entry)
            if secret:
                _verify_sealed(log, events, secret)
            return heads
    except StoreError as fault:
        if on_server(location) or not Path(location).is_file():
            raise
        raise VerificationError(str(fault)) from fault


def _verify_sealed(log: Log, events: list[Event], secret: Secret) -> None:
    study = next((load_study(event.text) for event in events if isinstance(event, ProtocolAdopted)), None)
    if study is None or study.allocation is None:
        raise InputError(f"{log.location}: nobody is randomised in this trial; verify it without a sealed file")
    _check_secret(study, secret)
    vault, sealed, ratio = Vault(bytes.fromhex(secret.key)), Sealed(secret), tuple(study.allocation.ratio.items())
    for entry in log.read(SEALED):
        event = _opened(log.location, entry, vault)
        if isinstance(event, SubjectAllocated) and not sealed.drew(event, ratio):
            message = f"{log.location}: stream 'sealed', entry {entry.sequence}: it is not what the list gives there"
            raise VerificationError(message, SEALED, entry.sequence)
        sealed = sealed.after([event])
    _check_complete(log.location, replay(events), sealed)


def read_secret(location: str | Path, file: Path | None = None) -> Secret | None:
    """Read the sealed file of a trial.

    Args:
        location: Where the log is.
        file: The sealed file; left out, `sealed.json` beside a log that is a file, if it is there.

    Raises:
        InputError: It cannot be read, is no sealed file, or others than its owner may read it.
    """
    if file is None:
        beside = Path(location).parent / SEALED_FILE
        if on_server(location) or not beside.exists():
            return None
        file = beside
    try:
        text, mode = file.read_text(encoding="utf-8"), file.stat().st_mode
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{file}: the sealed file cannot be read; correct the path") from fault
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"{file}: others than its owner may read this sealed file; run: chmod 600 {file}")
    return Secret.read(text)


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
    secret.source(tuple(study.allocation.ratio.items()) if study.allocation else ())


def _check_complete(location: str, state: State, sealed: Sealed) -> None:
    """See that what the open stream says is sealed is there: the arm of whoever was randomised, each preparation."""
    prepared = {
        f"preparation {one.number} of {subject.id}"
        for subject in state.subjects.values()
        for one in subject.course.preparations
        if one.dispensed is None and (subject.id, one.number) not in sealed.stock.dispensed
    }
    lost = sorted({f"the arm of {subject}" for subject in state.randomised - sealed.subjects} | prepared)
    if lost:
        raise VerificationError(
            f"{location}: the sealed stream ends after entry {sealed.sequence}, and these are missing: "
            f"{', '.join(lost)}; restore the log from its backup, and randomise nobody until then",
            SEALED,
            sealed.sequence + 1,
        )


def _in(stream: str, events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(event for event in events if event.stream == stream)


def _opened(location: str, entry: Entry, vault: Vault) -> Event:
    """A sealed event; of one that cannot be read nothing is repeated."""
    try:
        return decode(vault.open(SEALED, entry.sequence, entry.body))
    except ValidationError:
        raise VerificationError(
            f"{location}: stream 'sealed', entry {entry.sequence} is not an event that this version can read",
            SEALED,
            entry.sequence,
        ) from None


def _check_conductable(study: Study) -> None:
    """See that the levels of an escalation are single doses of cells, flat or by body weight."""
    for dose in study.doses:
        if study.dose_escalation is not None and not dose.can_be_escalated:
            raise InputError(
                f"this version escalates doses that are one number of cells or of cells/kg, and {study.id} has {dose}; "
                "nothing was written"
            )


def _command(command: type[Command], fields: dict[str, Any]) -> Command:
    try:
        return command(**fields)
    except ValidationError as faults:
        lines = [f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in faults.errors(include_url=False)]
        raise InputError(f"{command.__name__} cannot be given so: {'; '.join(lines)}") from faults


def _events(log: Log, after: int = 0) -> list[Event]:
    """The open events after a sequence number."""
    found = []
    for entry in log.read(OPEN_STREAM, after):
        try:
            found.append(decode(entry.body))
        except ValidationError as fault:
            what = f"{log.location}: entry {entry.sequence} is not an event that this version can read; verify the log"
            raise VerificationError(what, OPEN_STREAM, entry.sequence) from fault
    return found


def _access(location: str, entry: Entry) -> AccessEntry:
    try:
        return decode_access(entry.body)
    except ValidationError as fault:
        raise VerificationError(
            f"{location}: stream {ACCESS!r}, entry {entry.sequence} is not one that this version can read; "
            "verify the log",
            ACCESS,
            entry.sequence,
        ) from fault
