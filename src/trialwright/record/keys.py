"""The two keys that no backup holds, because whoever has a backup would read arms or make codes with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trialwright.conduct import Secret
from trialwright.errors import InputError
from trialwright.record.accounts import KEY_FILE, Accounts, opens_devices
from trialwright.trial import SEALED_FILE, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that is kept apart from every backup.

    Attributes:
        file: Its usual name.
        here: Whether it was there, and opened what it is for.
        told: What it is for, who keeps it, and what to do.
    """

    file: str
    here: bool
    told: str


def keys_apart(
    location: str | Path, secret: Secret | None, accounts: Accounts | None, key: Path | None
) -> tuple[Key, ...]:
    """The keys that a trial needs beside its log and accounts.

    Args:
        location: A log that verified, with the secret where there is one.
        secret: The sealed side of a randomised trial.
        accounts: The accounts that were copied.
        key: Where the server's key would be.

    Raises:
        InputError: There is a server's key, and it is not that of the accounts' devices.
    """
    with Trial.open(location, secret=secret) as trial:
        allocation = trial.study.allocation
    found = []
    if allocation is not None and allocation.method == "randomised":
        found.append(_sealed_file(str(allocation.commitment), here=secret is not None))
    if accounts is not None and accounts.devices:
        found.append(_server_key(accounts, key))
    return tuple(found)


def _sealed_file(commitment: str, *, here: bool) -> Key:
    keeps = "whoever sealed the trial keeps a copy, out of reach of the blinded and apart from the backups"
    if here:
        return Key(file=SEALED_FILE, here=True, told=f"opens every sealed entry; {keeps}")
    lack = f"the one with commitment {commitment}; until it is there nobody is randomised and no arm is shown"
    return Key(file=SEALED_FILE, here=False, told=f"{lack}; {keeps}")


def _server_key(accounts: Accounts, key: Path | None) -> Key:
    many, keeps = len(accounts.devices), "whoever runs the server keeps a copy, apart from the backups"
    if key is not None and key.exists():
        check_server_key(accounts, key)
        return Key(file=KEY_FILE, here=True, told=f"opens the secrets of {many} devices; {keeps}")
    return Key(
        file=KEY_FILE,
        here=False,
        told=f"until it is there no code of {many} devices is taken; {keeps}; where it is lost, each enrols another "
        "device after: trialwright account DIR PERSON --change device --reason '...'",
    )


def check_server_key(accounts: Accounts, key: Path) -> None:
    """See that a server's key is the one of the accounts' devices.

    Raises:
        InputError: It is another one.
    """
    if not opens_devices(accounts, key):
        raise InputError(f"{key}: this is not the key of these accounts' devices; put theirs there, or move it away")
