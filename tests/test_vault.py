"""Sealed entries: who has the key reads them where they stand, and nobody else learns anything."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from trialwright.errors import InputError, VerificationError
from trialwright.vault import LARGEST, Vault

KEY = bytes(range(32))
TEXT = st.text(min_size=1, max_size=2000).map(lambda text: ("{" + text + "}").encode())


@given(TEXT, st.integers(1, 10**9))
def test_what_was_sealed_opens(body, place):
    """An entry opens with its key, in its stream and at its place, to the bytes that were sealed."""
    vault = Vault(KEY)

    assert vault.open("sealed", place, vault.seal("sealed", place, body)) == body


@pytest.mark.parametrize(
    ("key", "stream", "place"),
    [(bytes(32), "sealed", 7), (KEY, "open", 7), (KEY, "sealed", 8)],
    ids=["another key", "another stream", "another place"],
)
def test_a_moved_entry_or_another_key_opens_nothing(key, stream, place):
    """An entry that was moved to another stream or place, or is opened with another key, is named and not shown."""
    sealed = Vault(KEY).seal("sealed", 7, b'{"arm":"cells"}')

    with pytest.raises(VerificationError, match=f"'{stream}', entry {place} does not open") as fault:
        Vault(key).open(stream, place, sealed)
    assert (fault.value.stream, fault.value.sequence) == (stream, place)


@given(st.binary(max_size=700))
def test_no_bytes_of_others_open(sealed):
    """Whatever stands in the place of an entry, it opens or it is refused by name."""
    with pytest.raises(VerificationError):
        Vault(KEY).open("sealed", 1, sealed)


@given(st.integers(0, 539), st.integers(1, 255))
def test_a_changed_byte_is_found(place, change):
    """An entry of which one byte was changed does not open."""
    sealed = bytearray(Vault(KEY).seal("sealed", 1, b"{}"))
    sealed[place] ^= change

    with pytest.raises(VerificationError):
        Vault(KEY).open("sealed", 1, bytes(sealed))


@given(st.integers(1, LARGEST), st.integers(1, LARGEST))
def test_the_length_tells_nothing(one, two):
    """Any two entries are stored in the same number of bytes."""
    vault = Vault(KEY)

    assert len(vault.seal("sealed", 1, b"x" * one)) == len(vault.seal("sealed", 1, b"y" * two))


def test_what_would_be_longer_than_the_others_is_refused():
    """An entry that one length does not hold is refused before anything is written, with the mend."""
    with pytest.raises(InputError, match="shorten the reason"):
        Vault(KEY).seal("sealed", 1, b"x" * (LARGEST + 1))


def test_an_entry_that_an_older_version_padded_to_a_multiple_of_4096_opens():
    """Entries that were padded to another length open as they always did."""
    nonce = bytes(12)
    older = nonce + AESGCM(KEY).encrypt(nonce, b'{"arm":"cells"}'.ljust(4096), b"sealed/1")

    assert Vault(KEY).open("sealed", 1, older) == b'{"arm":"cells"}'


def test_the_same_entry_is_never_the_same_bytes():
    """Sealing the same entry twice gives bytes that have nothing in common to see."""
    vault = Vault(KEY)

    assert vault.seal("sealed", 1, b"{}") != vault.seal("sealed", 1, b"{}")
