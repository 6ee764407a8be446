"""Forms of signatures beside the dose decision's: over data, over the review of a cohort, over a resumption."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms

from trialwright.conduct import commands as cmd
from trialwright.protocol.oversight import Meaning
from trialwright.web.entry_forms import EntryForm, entry_form, visits
from trialwright.web.form_fields import choice
from trialwright.web.signature import SignatureForm


class ReviewCohortForm(SignatureForm, entry_form(cmd.ReviewCohort)):  # type: ignore[misc]
    """Sign the review of the open cohort, on its adverse events exactly as they are shown."""

    def build(self) -> None:
        """The review, bound by the hash of what is reviewed; the password."""
        self.fields["listings"] = forms.CharField(widget=forms.HiddenInput, initial=self.trial_view.listings)
        super().build()


def signed(form: type[EntryForm]) -> type[EntryForm]:
    """The same form, which whoever is signed in signs."""
    return type(form.__name__, (SignatureForm, form), {})


MEANS: Mapping[Meaning, str] = {
    "authored": "I wrote or entered this",
    "reviewed": "I have read all of it",
    "approved": "I approve it as it stands",
    "responsibility": "I take responsibility for it as a whole",
}
"""What each meaning of a signature says of its signer (21 CFR 11.50(a)(3))."""


class SignContentForm(SignatureForm, entry_form(cmd.SignContent)):  # type: ignore[misc]
    """Sign what was taken down of a subject or of one of its visits, exactly as it is shown."""

    button = "Sign"
    asks_first = "Show what is signed"
    intro = "You sign the entries below, as they stand; a later change supersedes the signature."
    signs_content = True

    def build(self) -> None:
        """What is signed, bound by its hash; its meaning; the printed name; the password."""
        signable = [("", "Everything"), *visits(self.trial_view, self.subject)]
        self.fields["visit"] = choice("What is signed", signable, required=False)
        for name in ("content", "sequence"):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput)
        super().build()
        self.fields["name"].label = "Your name, as it is printed"
        self.fields["meaning"].choices = [(meaning, f"{meaning}: {MEANS[meaning]}") for meaning in MEANS]
        user = self.request.user
        self.initial.setdefault("name", user.get_full_name() or user.get_username())
        self.order_fields(["visit", "meaning", "name"])
