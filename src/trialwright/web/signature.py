"""A signature on screen: the signer shows anew who they are (21 CFR 11.200).

The first signature of a session asks for every component of the person's signature: id, password and, where a device is
enrolled, its code. Each later one asks for the password, which only its owner knows. A session ends with a sign-out, a
quarter of an hour without a request, and another address or browser; then everything is asked for again.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from trialwright.web import lockout, second_factor
from trialwright.web.command_form import CommandForm
from trialwright.web.views.accounts import code_field, codes_for_training

_SIGNED = "has signed"


class SignatureForm(CommandForm):
    """A form whose command is a signature; a subclass names the command and what is signed."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        again = bool(request.session.get(_SIGNED))
        if not again:
            self.fields["signer"] = _field("Your user id", forms.TextInput, "username", "Enter your user id to sign.")
        self.fields["password"] = _field(
            "Your password", forms.PasswordInput, "current-password", "Enter your password to sign."
        )
        self.fields[
            "password"
        ].help_text = "Entered again, it makes this your signature, with the same force as one by hand."
        if not again and second_factor.enrolled(request.user):
            self.fields["code"] = code_field("Six digits from your authenticator app.", required=True)

    @property
    def codes(self) -> list[tuple[str, str]]:
        """The codes that stand on the page, in training, where one is asked for."""
        return codes_for_training(self.request.user) if "code" in self.fields else []

    def clean(self) -> dict[str, Any]:
        """Hold every component against the account of whoever is signed in; a wrong one counts and is recorded."""
        cleaned = super().clean() or self.cleaned_data
        name = self.request.user.get_username()
        if self.errors:
            return cleaned
        if lockout.locked(name):
            raise forms.ValidationError(lockout.LOCKED)
        if not self._is_the_signer(cleaned):
            lockout.signature_failed(self.request, self.command.__name__)
            raise forms.ValidationError("What you entered does not belong to your account. Nothing was signed.")
        lockout.forget_failures(name)
        self.request.session[_SIGNED] = True
        return {name: value for name, value in cleaned.items() if name not in {"signer", "password", "code"}}

    def _is_the_signer(self, cleaned: dict[str, Any]) -> bool:
        user = self.request.user
        return (
            cleaned.get("signer", user.get_username()) == user.get_username()
            and user.check_password(cleaned["password"])
            and ("code" not in self.fields or second_factor.takes(user, cleaned["code"]))
        )


def _field(label: str, widget: type[forms.Widget], autocomplete: str, missing: str) -> forms.CharField:
    attrs = {"class": "form-control", "autocomplete": autocomplete}
    return forms.CharField(
        label=label, widget=widget(attrs=attrs), strip=False, max_length=200, error_messages={"required": missing}
    )
