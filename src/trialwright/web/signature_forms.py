"""Forms of signatures beside the dose decision's: over data, over the review of a cohort, over a resumption."""

from __future__ import annotations

from django import forms

from trialwright.conduct import commands as cmd
from trialwright.web.entry_forms import EntryForm, entry_form
from trialwright.web.form_fields import choice
from trialwright.web.signature import SignatureForm


def signed(form: type[EntryForm]) -> type[EntryForm]:
    """The same form, which whoever is signed in signs."""
    return type(form.__name__, (SignatureForm, form), {})


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
        user = self.request.user
        self.initial.setdefault("name", user.get_full_name() or user.get_username())
        self.order_fields(["visit", "meaning", "name"])
