"""The exceptions of Trialwright, each leaf with the exit code and the HTTP status that it becomes.

TrialwrightError
├── InputError             2  422  what the user gave cannot be used
│   ├── ProtocolError      2  422  a protocol file with findings
│   ├── RecordError        2  422  a registered record that cannot be read
│   └── PathError          2  422  a string of outcomes that cannot be read
├── RefusedError           3  409  the protocol refuses the command
├── PermissionRefused      4  403  the role may not
├── ConflictError          5  409  somebody else wrote first; load again and decide again
├── VerificationError      6  500  a log does not verify
├── SelftestError          7  500  a published number is not met
├── StoryFailed            8  500  a story that was played did not come to what it expects
└── StoreError             1  500  the database cannot be used

A refusal inside the core is a value (`trialwright.conduct.Refusal`); the shells turn it into one of these leaves only
to leave with the right code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class TrialwrightError(Exception):
    """Whatever this package raises on purpose; the message says what, where, why and the mend."""

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500


class InputError(TrialwrightError):
    """What the user gave cannot be used; nothing was written."""

    exit_code = 2
    http_status = 422


class ProtocolError(InputError):
    """A protocol file has errors; `findings` holds every one of them, in the order of the file."""

    def __init__(self, message: str, findings: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class RecordError(InputError):
    """A registered record cannot be read at all."""


class PathError(InputError):
    """A string of outcomes such as `1NNN 2NTN` cannot be read, or leaves the design."""


class RefusedError(TrialwrightError):
    """The protocol refuses the command."""

    exit_code = 3
    http_status = 409


class PermissionRefused(TrialwrightError):
    """The role of the person may not give this command."""

    exit_code = 4
    http_status = 403


class ConflictError(TrialwrightError):
    """Somebody else appended first; the caller loads the log again and decides again."""

    exit_code = 5
    http_status = 409


class VerificationError(TrialwrightError):
    """A log does not verify; `sequence` is the first bad one, where it is known."""

    exit_code = 6

    def __init__(self, message: str, stream: str = "", sequence: int | None = None) -> None:
        super().__init__(message)
        self.stream = stream
        self.sequence = sequence


class SelftestError(TrialwrightError):
    """A number that ships with the package is not met on this machine: its results are not to be relied on."""

    exit_code = 7


class StoryFailed(TrialwrightError):
    """A story was played to its end, and did not come to what it expects."""

    exit_code = 8


class StoreError(TrialwrightError):
    """The database cannot be opened, read or written."""
