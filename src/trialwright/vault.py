"""Encryption of entries that only some may read: AES-256-GCM, each entry bound to its stream and its place.

The length of what is stored says nothing of what it holds: every entry is padded to one length, `LARGEST`. A step
function of the length would not do, because a long reason could bring one arm's entry over a step and not the other's.
"""

from __future__ import annotations

from hashlib import sha256
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trialwright.errors import InputError, VerificationError

LARGEST = 16 * 1024
"""Bytes of every sealed entry before encryption: 2000 characters of reason, each 6 bytes at most in JSON, and 4 KiB."""

_NONCE = 12


class Vault:
    """Seals and opens entries with one key.

    Example:
        >>> vault = Vault(bytes(32))
        >>> vault.open("sealed", 1, vault.seal("sealed", 1, b"{}"))
        b'{}'
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, stream: str, sequence: int, body: bytes) -> bytes:
        """Encrypt the body of an entry.

        Raises:
            InputError: The body is longer than `LARGEST`, and its length would tell something of it.
        """
        if len(body) > LARGEST:
            raise InputError(
                f"a sealed entry holds {LARGEST} bytes and this one has {len(body)}; shorten the reason or name fewer "
                "containers; nothing was written"
            )
        nonce = urandom(_NONCE)
        padded = body.ljust(LARGEST)
        return nonce + self._cipher.encrypt(nonce, padded, _place(stream, sequence))

    def open(self, stream: str, sequence: int, sealed: bytes) -> bytes:
        """Decrypt the body of an entry.

        Raises:
            VerificationError: The key is another, or the entry was changed or moved.
        """
        try:
            padded = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(stream, sequence))
        except (InvalidTag, ValueError) as fault:
            message = f"stream {stream!r}, entry {sequence} does not open with this key, or was changed"
            raise VerificationError(message, stream, sequence) from fault
        return padded.rstrip(b" ")


def device_vault(server_key: str) -> Vault:
    """The vault of the web app's devices, whose key follows from the server's own."""
    return Vault(sha256(b"trialwright second factor" + server_key.encode()).digest())


def _place(stream: str, sequence: int) -> bytes:
    return f"{stream}/{sequence}".encode()
