"""Accounts: an id is one person's for ever. What is done to one is in the log, with who did it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from trialwright.access import (
    AccountClosed,
    AccountCreated,
    AccountRenamed,
    PasswordChanged,
    SecondFactorEnrolled,
    SecondFactorForgotten,
)
from trialwright.errors import InputError
from trialwright.web import lockout, second_factor
from trialwright.web.trials import note, the_trial


def create(person: str, password: str, name: str, *, by: str) -> User:
    """Let a person sign in.

    Raises:
        InputError: The id is or was somebody's, or the password is too weak.
    """
    with the_trial() as trial:
        given = {getattr(e, "person", "").lower() for e in trial.accesses() if isinstance(e, AccountCreated)}
    if person.lower() in given or User.objects.filter(username__iexact=person).exists():
        raise InputError(f"{person} is somebody's id already, and stays theirs for ever; choose another id")
    user = User(username=person, first_name=name)
    _set_password(user, password)
    note(AccountCreated, person=person, name=name, by=by)
    user.save()
    return user


def rename(user: User, name: str, *, by: str) -> None:
    """Change the name that is printed with signatures from now on; the id stays."""
    was, user.first_name = user.first_name, name
    note(AccountRenamed, person=user.get_username(), name=name, was=was, by=by)
    user.save()


def renew_password(user: User, password: str, *, by: str) -> None:
    """Replace a forgotten password; the device stays, so that this alone lets nobody in.

    Raises:
        InputError: The password is too weak.
    """
    _set_password(user, password)
    note(PasswordChanged, person=user.get_username(), by=by)
    user.save()
    lockout.forget_failures(user.get_username())


def forget_device(user: User, *, by: str, reason: str) -> None:
    """Let a lost device count for nothing; its owner signs in with the password and enrols another.

    Raises:
        InputError: It is one's own, because a second person looks at who asks.
    """
    if user.get_username() == by:
        raise InputError("another person forgets your device; ask another administrator, or whoever runs the server")
    note(SecondFactorForgotten, person=user.get_username(), by=by, reason=reason)
    second_factor.forget(user)


def close(user: User, *, by: str, reason: str) -> None:
    """Let a person sign in no more; the account stays, so that nobody else ever has its id.

    Raises:
        InputError: It is one's own.
    """
    if user.get_username() == by:
        raise InputError("another person closes your account; ask another administrator")
    note(AccountClosed, person=user.get_username(), by=by, reason=reason)
    user.is_active = False
    user.save()


def enrol_for_training(user: User) -> None:
    """Give a made-up person a device whose codes stand on the page.

    Raises:
        InputError: The log is not for training.
    """
    with the_trial() as trial:
        if not trial.training:
            raise InputError("codes stand on the page in a log for training only")
    second_factor.begin(user)
    second_factor.enrol(user, second_factor.shown(user) or "")
    note(SecondFactorEnrolled, person=user.get_username())


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as fault:
        message = f"The password of {user.get_username()} will not do: {' '.join(fault.messages)}"
        raise InputError(message) from fault
    user.set_password(password)
