"""The sealed side: what the secret commits to, what it gives, and that it shows nothing."""

import copy
import pickle
from hashlib import sha256

import pytest

from tests.blinded import secret
from trialwright.conduct import Sealed, Secret
from trialwright.errors import InputError

RATIO = (("cells", 3), ("vehicle", 1))


def test_a_sealed_file_comes_back_as_it_was():
    """A sealed file that is written and read is the same, with the same commitment."""
    made = secret()
    again = Secret.read(made.model_dump_json())

    assert again == made
    assert again.commitment == made.commitment


@pytest.mark.parametrize("text", ["", "{}", "[]", secret().model_dump_json()[:-3], "\x00"])
def test_what_is_no_sealed_file_is_said_without_repeating_it(text):
    """A file that is none, or was cut, is refused in words that hold nothing of it."""
    with pytest.raises(InputError, match="no sealed file") as fault:
        Secret.read(text)
    assert fault.value.__cause__ is None
    assert "seed" not in str(fault.value)


@pytest.mark.parametrize("change", [{"seed": "f" * 64}, {"sizes": (4,)}, {"study": "NCT03828344"}])
def test_the_commitment_binds_all_that_decides_the_list(change):
    """Another seed, other sizes or another study have another commitment."""
    assert secret().model_copy(update=change).commitment != secret().commitment


def test_the_key_may_change_and_the_list_not():
    """The key of the stream is no part of the commitment."""
    assert secret(key=1).commitment == secret(key=2).commitment


def test_bl_02_the_commitment_is_a_plain_digest():
    """Anybody with the sealed file can compute the commitment with a standard tool."""
    seed = f"{1:064x}"
    content = f'{{"method":"permuted blocks","preference":"0.8","seed":"{seed}","sizes":[4,8],"study":"NCT05962762",'

    assert sha256(f'{content}"trialwright":1}}'.encode()).hexdigest() == secret().commitment


@pytest.mark.parametrize("shown", [secret(), Sealed(secret())], ids=["secret", "sealed"])
def test_what_is_sealed_prints_nothing(shown):
    """Text of the sealed side holds no seed, key, size or arm, however it is asked for."""
    for text in (repr(shown), str(shown), f"{shown}", f"{[shown]}"):
        assert text.strip("[]") == f"<{type(shown).__name__}>"


def test_the_sealed_side_is_not_copied():
    """The sealed side refuses to be pickled, copied and encoded."""
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            way(Sealed(secret()))


def test_without_the_secret_nothing_is_drawn():
    """The sealed side of whoever lacks the sealed file gives no arm."""
    assert not Sealed().can_allocate
    with pytest.raises(InputError, match="sealed file is not here"):
        Sealed().next_arm(RATIO, "all", {})


def test_a_ratio_that_does_not_fit_is_said_without_the_sizes():
    """Where block sizes and ratio do not fit, the refusal names the protocol's ratio and no size."""
    with pytest.raises(InputError, match="cells 2, vehicle 1") as fault:
        secret().source((("cells", 2), ("vehicle", 1)))
    assert "4" not in str(fault.value)
    assert fault.value.__suppress_context__
