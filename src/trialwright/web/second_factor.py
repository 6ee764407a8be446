"""Codes of six digits from a device (RFC 6238: SHA-1, 30 seconds), each taken once.

What everybody's authenticator app computes. A code of the step before or after is taken too, because clocks differ
(RFC 6238, 5.2); one that was taken, or is older than that one, is not.
"""

from __future__ import annotations

import secrets
from base64 import b32decode, b32encode
from hmac import compare_digest

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.contrib.auth.models import User

from trialwright.vault import Vault, device_vault
from trialwright.web.models import SecondFactor

STEP_SECONDS = 30
DIGITS = 6
_SECRET_BYTES = 20  # RFC 4226, 4 R6: the length of the hash
_STEPS_ASIDE = 1


def begin(user: User) -> str:
    """Give a person a new secret, in base 32; it counts once `enrol` has seen a code of it."""
    secret = secrets.token_bytes(_SECRET_BYTES)
    kept = {"sealed": _vault().seal("second factor", user.pk, secret.hex().encode()), "enrolled": False, "last_step": 0}
    SecondFactor.objects.update_or_create(user=user, defaults=kept)
    return b32encode(secret).decode()


def begun(user: User) -> str | None:
    """The secret that waits for its first code, in base 32; None where none does."""
    factor = SecondFactor.objects.filter(user=user, enrolled=False).first()
    return b32encode(_secret(factor)).decode() if factor else None


def enrol(user: User, code: str) -> bool:
    """Let a device count, if this is its code."""
    factor = SecondFactor.objects.filter(user=user, enrolled=False).first()
    if factor is None or not _takes(factor, code):
        return False
    SecondFactor.objects.filter(user=user).update(enrolled=True)
    return True


def enrolled(user: User) -> bool:
    """Whether a person's device gives codes."""
    return SecondFactor.objects.filter(user=user, enrolled=True).exists()


def forget(user: User) -> None:
    """Let a lost device count for nothing."""
    SecondFactor.objects.filter(user=user).delete()


def takes(user: User, code: str) -> bool:
    """Whether this is a code of the person's device that was not taken before; it is taken now."""
    factor = SecondFactor.objects.filter(user=user, enrolled=True).first()
    return factor is not None and _takes(factor, code)


def shown(user: User) -> str | None:
    """A code that was not taken and is taken for at least half a minute, for training alone; None without a device."""
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        return None
    step = max(_now(), factor.last_step + 1)
    return code_at(_secret(factor), step * STEP_SECONDS)


def provisioning_uri(user: User, secret: str, study: str) -> str:
    """The otpauth address by which an authenticator app takes a secret."""
    return _totp(b32decode(secret)).get_provisioning_uri(user.get_username(), f"Trialwright {study}")


def code_at(secret: bytes, seconds: int, digits: int = DIGITS) -> str:
    """The code of a secret at a moment in seconds since 1970."""
    return _totp(secret, digits).generate(seconds).decode()


def _takes(factor: SecondFactor, code: str) -> bool:
    """Take a code of a step that is later than any taken before; of two who bring the same one, one comes first."""
    typed = code.replace(" ", "")
    secret = _secret(factor)
    for step in _steps():
        if compare_digest(code_at(secret, step * STEP_SECONDS).encode(), typed.encode()):
            later = SecondFactor.objects.filter(pk=factor.pk, sealed=factor.sealed, last_step__lt=step)
            return bool(later.update(last_step=step))
    return False


def _steps() -> range:
    return range(_now() - _STEPS_ASIDE, _now() + _STEPS_ASIDE + 1)


def _now() -> int:
    return int(settings.CLOCK().timestamp()) // STEP_SECONDS


def _secret(factor: SecondFactor) -> bytes:
    return bytes.fromhex(_vault().open("second factor", factor.pk, bytes(factor.sealed)).decode())


def _vault() -> Vault:
    return device_vault(settings.SECRET_KEY)


def _totp(secret: bytes, digits: int = DIGITS) -> TOTP:
    return TOTP(secret, digits, SHA1(), STEP_SECONDS)  # noqa: S303 - what authenticator apps compute (RFC 4226)
