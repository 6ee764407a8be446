"""Who came in, who tried to, and what was taken out: the stream `access` of a trial's log.

It is no part of the trial's state: nothing is decided by it. It is chained and append-only like every stream, `verify`
covers it, and nothing in it depends on an arm. Names of events are past tense, and are read for ever.
"""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from trialwright import __version__
from trialwright.conduct.commands.base import Instant

ACCESS = "access"
"""The stream of a log that holds these entries."""

COMMAND_LINE = "the server's command line"
"""Who acted, where it was whoever has the machine itself."""


Change = Literal["name", "password", "device", "closed"]
"""What can change of an account: the printed name, the password, the lost device, whether it is open."""


class AccessEntry(BaseModel):
    """What all entries carry: the moment, by the server's clock, and the software."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Instant
    software: str = __version__

    @property
    def kind(self) -> str:
        """Name and version, such as `SignedIn.v1`."""
        return str(getattr(self, "type", ""))

    def in_words(self) -> dict[str, str]:
        """Everything that it says besides what it is and when, by the names of its fields."""
        said = self.model_dump(mode="json", exclude={"at", "type", "software"}, exclude_none=True)
        return {name: _words(value) for name, value in said.items()}


class TrainingDeclared(AccessEntry):
    """The log is for training, from its first entry on: whatever is in it is made up."""

    type: Literal["TrainingDeclared.v1"] = "TrainingDeclared.v1"


class AccountCreated(AccessEntry):
    """Somebody can sign in; the id is theirs for ever."""

    type: Literal["AccountCreated.v1"] = "AccountCreated.v1"
    person: str
    name: str
    by: str


class AccountRenamed(AccessEntry):
    """The printed name of a person changed; the id stays."""

    type: Literal["AccountRenamed.v1"] = "AccountRenamed.v1"
    person: str
    name: str
    was: str
    by: str


class AccountClosed(AccessEntry):
    """Somebody cannot sign in any more; the id is given to nobody else."""

    type: Literal["AccountClosed.v1"] = "AccountClosed.v1"
    person: str
    by: str
    reason: str


class PasswordChanged(AccessEntry):
    """A password was replaced, by the person or for them."""

    type: Literal["PasswordChanged.v1"] = "PasswordChanged.v1"
    person: str
    by: str


class SecondFactorEnrolled(AccessEntry):
    """A person's device gives the codes from now on."""

    type: Literal["SecondFactorEnrolled.v1"] = "SecondFactorEnrolled.v1"
    person: str


class SecondFactorForgotten(AccessEntry):
    """A device is lost: its codes are worth nothing, and the person enrols another."""

    type: Literal["SecondFactorForgotten.v1"] = "SecondFactorForgotten.v1"
    person: str
    by: str
    reason: str


class SignedIn(AccessEntry):
    """Somebody came in."""

    type: Literal["SignedIn.v1"] = "SignedIn.v1"
    person: str
    address: str
    second_factor: bool


class SignInFailed(AccessEntry):
    """Somebody did not come in; a name that no account has is not kept, because it may be a password."""

    type: Literal["SignInFailed.v1"] = "SignInFailed.v1"
    person: str | None
    address: str


class LockedOut(AccessEntry):
    """After too many failures a name waits."""

    type: Literal["LockedOut.v1"] = "LockedOut.v1"
    person: str | None
    address: str
    until: Instant


class LockoutsReviewed(AccessEntry):
    """An administrator has looked at every lockout before this entry."""

    type: Literal["LockoutsReviewed.v1"] = "LockoutsReviewed.v1"
    person: str


class SignedOut(AccessEntry):
    """Somebody left."""

    type: Literal["SignedOut.v1"] = "SignedOut.v1"
    person: str


class SessionEnded(AccessEntry):
    """A session was ended by the server."""

    type: Literal["SessionEnded.v1"] = "SessionEnded.v1"
    person: str
    address: str
    why: str


class SignatureFailed(AccessEntry):
    """Somebody signed in did not show to be who they are; nothing was signed."""

    type: Literal["SignatureFailed.v1"] = "SignatureFailed.v1"
    person: str
    address: str
    command: str


class ArmsShown(AccessEntry):
    """A person's pages showed arms, for the first time in this session."""

    type: Literal["ArmsShown.v1"] = "ArmsShown.v1"
    person: str
    subjects: tuple[str, ...]


class ClockChecked(AccessEntry):
    """How far the server's clock is off, where something can tell.

    Attributes:
        offset_seconds: By which it is ahead or behind; None where nothing measures it.
        by: What measured it, or why nothing does.
    """

    type: Literal["ClockChecked.v1"] = "ClockChecked.v1"
    outcome: Literal["right", "off", "not measurable"]
    offset_seconds: Decimal | None
    by: str


class InstallationChecked(AccessEntry):
    """What `doctor` found: each point with how it stands and what was seen."""

    type: Literal["InstallationChecked.v1"] = "InstallationChecked.v1"
    sound: bool
    points: tuple[tuple[str, str, str], ...]


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items()) or "everything"
    return ", ".join(map(_words, value)) if isinstance(value, list) else str(value)


_Any: Any = Annotated[reduce(or_, AccessEntry.__subclasses__()), Field(discriminator="type")]
_ADAPTER: TypeAdapter[Any] = TypeAdapter(_Any)


def decode_access(body: bytes) -> AccessEntry:
    """Read an entry back.

    Raises:
        pydantic.ValidationError: The bytes are not an entry that this version knows.

    Example:
        >>> from trialwright.conduct.events import encode
        >>> entry = SignedOut(at="2026-01-05T09:00:00Z", person="monitor")
        >>> decode_access(encode(entry)) == entry
        True
    """
    entry: AccessEntry = _ADAPTER.validate_json(body)
    return entry
