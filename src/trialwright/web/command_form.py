"""A form that becomes one command: what every page of a command shows and gives."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest

from trialwright.conduct import Refusal
from trialwright.conduct import commands as cmd
from trialwright.conduct.views import SubjectView, View
from trialwright.trial import Done, Trial


class CommandForm(forms.Form):
    """A form that becomes one command.

    Attributes:
        command: The command that it gives.
        title: The page's heading.
        button: What the one button does.
        intro: A sentence before the fields.
        asks_first: What a second button shows before anything is recorded; most forms have none.
    """

    command: ClassVar[type[cmd.Command]]
    title: ClassVar[str]
    button: ClassVar[str]
    intro: str = ""
    asks_first: ClassVar[str] = ""

    def __init__(
        self,
        *args: Any,
        view: View,
        subject: SubjectView | None = None,
        fixed: dict[str, Any] | None = None,
        request: HttpRequest,
        **kwargs: Any,
    ) -> None:
        self.trial_view = view
        self.request = request
        self.subject = subject
        self.fixed = fixed or {}
        super().__init__(*args, **kwargs)
        self.build()

    def build(self) -> None:
        """Add fields that depend on the protocol or the subject."""

    @property
    def today(self) -> date:
        """The day where the subject is, or where whoever fills the form in is."""
        return self.subject.data.today if self.subject else self.trial_view.today

    def full_clean(self) -> None:
        """Check, and mark the widgets of wrong fields."""
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["class"] += " is-invalid"

    def command_fields(self) -> dict[str, Any]:
        """The command's fields, as pydantic reads them."""
        own = self.command.model_fields
        given = {n: value for n, value in self.cleaned_data.items() if n in own and value not in (None, "")}
        return {**self.fixed, **given}

    def give(self, trial: Trial, by: str) -> Done | Refusal:
        """Give the command."""
        return trial.do(self.command, by=by, **self.command_fields())

    def done(self) -> str:
        """What was recorded, in a sentence."""
        raise NotImplementedError
