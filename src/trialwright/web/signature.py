"""Signatures: whoever signs types the password again, and what is signed is bound by its content."""

from __future__ import annotations

from django import forms

from trialwright.conduct import commands as cmd
from trialwright.web import lockout
from trialwright.web.command_form import CommandForm
from trialwright.web.entry_forms import EntryForm, entry_form
from trialwright.web.form_fields import choice


def password_field() -> forms.CharField:
    """The field that makes an entry a signature (21 CFR 11.200(a)(1))."""
    return forms.CharField(
        label="Your password",
        help_text="Entered again, it makes this your signature, with the same force as one by hand.",
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "current-password"}),
        strip=False,
        error_messages={"required": "Enter your password to sign."},
    )


class SignatureForm(CommandForm):
    """A form that is signed with the password of whoever is signed in; its last field is `password`."""

    def clean_password(self) -> str:
        """Hold the password against the account of whoever is signed in."""
        name = self.user.get_username()
        if lockout.locked(name):
            raise forms.ValidationError(lockout.LOCKED)
        if not self.user.check_password(self.cleaned_data["password"]):
            lockout.note_failure(name)
            raise forms.ValidationError("This is not your password. Nothing was signed.")
        lockout.forget_failures(name)
        return ""


def signed(form: type[EntryForm]) -> type[EntryForm]:
    """The same form with a password at its end."""

    def build(self: EntryForm) -> None:
        form.build(self)
        self.fields["password"] = password_field()

    return type(form.__name__, (SignatureForm, form), {"build": build})


class SignContentForm(SignatureForm, entry_form(cmd.SignContent)):  # type: ignore[misc]
    """Sign what was taken down of a subject or of one of its visits, exactly as it is shown."""

    button = "Sign"
    asks_first = "Show what is signed"
    intro = "You sign the entries below, as they stand; a later change supersedes the signature."

    def build(self) -> None:
        """What is signed, bound by its hash; its meaning; the printed name; the password."""
        visits = [("", "Everything"), *((one.visit, one.visit) for one in self.trial_view.study.schedule)]
        self.fields["visit"] = choice("What is signed", visits, required=False)
        for name in ("content", "sequence"):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)
        super().build()
        self.fields["name"].label = "Your name, as it is printed"
        self.initial.setdefault("name", self.user.get_full_name() or self.user.get_username())
        self.fields["password"] = password_field()
        self.order_fields(["visit", "meaning", "name", "password"])
