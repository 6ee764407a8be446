"""Encryption of entries that only some may read: AES-256-GCM, each entry bound to its stream and its place.

The length of what is stored says nothing of what it holds: text is padded to a multiple of 4096 bytes,
which what a pharmacy writes down of any arm, with its formula and a reason, fits into.
"""

from __future__ import annotations

from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trialwright.errors import VerificationError

_NONCE = 12
_PAD = 4096


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
        """Encrypt the body of an entry."""
        nonce = urandom(_NONCE)
        padded = body + b" " * (-len(body) % _PAD)
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


def _place(stream: str, sequence: int) -> bytes:
    return f"{stream}/{sequence}".encode()
