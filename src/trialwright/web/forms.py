"""The forms of the conduct commands: what is asked on screen, in the words of a trial."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator

from trialwright.clinical.ctcae_dictionary import dictionary
from trialwright.clinical.ctcae_wording import grade_words
from trialwright.conduct import commands as cmd
from trialwright.conduct.roles import SITE_ROLES
from trialwright.conduct.views import SubjectView, View
from trialwright.errors import InputError
from trialwright.exchange.ctcae_wording import load_wording
from trialwright.protocol.escalation import DltDefinition
from trialwright.protocol.study import ROLES

ID = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$", "Use letters, digits and . _ @ - only, beginning with a letter or digit."
)
GRADES = (
    (1, "1 – mild"),
    (2, "2 – moderate"),
    (3, "3 – severe, not immediately life-threatening"),
    (4, "4 – life-threatening"),
    (5, "5 – death"),
)
YES_NO = (("yes", "Yes"), ("no", "No"))


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
    intro: ClassVar[str] = ""
    asks_first: ClassVar[str] = ""

    def __init__(
        self,
        *args: Any,
        view: View,
        subject: SubjectView | None = None,
        fixed: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.trial_view = view
        self.subject = subject
        self.fixed = fixed or {}
        super().__init__(*args, **kwargs)
        self.build()

    def build(self) -> None:
        """Add fields that depend on the protocol or the subject."""

    def full_clean(self) -> None:
        """Check, and mark the widgets of wrong fields."""
        super().full_clean()
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["class"] += " is-invalid"

    def command_fields(self) -> dict[str, Any]:
        """The command's fields, as pydantic reads them."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        return {**self.fixed, **given}

    def done(self) -> str:
        """What was recorded, in a sentence."""
        raise NotImplementedError


def text(label: str, hint: str = "", *, rows: int = 0, required: bool = True, **more: Any) -> forms.CharField:
    """A field for words; `rows` makes it an area."""
    attrs = {"class": "form-control", "autocomplete": "off"}
    widget = forms.Textarea(attrs={**attrs, "rows": rows}) if rows else forms.TextInput(attrs=attrs)
    missing = {"required": f"Enter: {label.lower()}."}
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=widget,
        required=required,
        error_messages=missing,
        **{"max_length": 2000, **more},
    )


def number(
    label: str, hint: str = "", *, unit: str | None = None, required: bool = True, **more: Any
) -> forms.DecimalField:
    """A field for a number with its unit beside it."""
    widget = forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal", "autocomplete": "off"})
    faults = {"required": f"Enter: {label.lower()}.", "invalid": f"{label} must be a number, such as 70.5."}
    field = forms.DecimalField(
        label=label, help_text=hint, widget=widget, required=required, error_messages=faults, max_digits=24, **more
    )
    field.unit = unit
    return field


def day(label: str, hint: str = "") -> forms.DateField:
    """A field for a date, written in the one way that is read alike everywhere."""
    faults = {
        "required": f"Enter: {label.lower()}.",
        "invalid": f"{label} must be a date, written year-month-day, such as 2026-01-31.",
    }
    widget = forms.DateInput(attrs={"class": "form-control", "autocomplete": "off"}, format="%Y-%m-%d")
    hint = f"Year-month-day, such as 2026-01-31. {hint}".strip()
    return forms.DateField(
        label=label, help_text=hint, widget=widget, error_messages=faults, input_formats=["%Y-%m-%d"]
    )


class GradeField(forms.TypedChoiceField):
    """A field that offers the grades of a term; it is the trial that refuses another, with its rule."""

    def valid_value(self, value: str) -> bool:
        """Let every grade pass."""
        return value in {str(grade) for grade, _ in GRADES}

    def offer(self, term: str, scale: DltDefinition) -> None:
        """Offer the grades that a term has, in the NCI's words where they were added; any grade for other words."""
        wording = load_wording(scale.version)
        try:
            words = grade_words(term, wording, scale.version)
        except InputError:
            self.help_text = f"{scale.scale}, at its worst so far; in general words until the event is a term of it."
            return
        source = "in the words of the NCI" if wording else "in short words, for the NCI's were not added to this server"
        self.help_text = f"{scale.scale}, at its worst so far: {term}, {source}."
        self.choices = [(grade, f"{grade} – {said}") for grade, said in words.items()]


def choice(
    label: str,
    choices: Any,
    hint: str = "",
    *,
    required: bool = True,
    coerce: Any = str,
    kind: type[forms.TypedChoiceField] = forms.TypedChoiceField,
) -> forms.TypedChoiceField:
    """A field for one of several answers, all in sight."""
    widget = forms.RadioSelect(attrs={"class": "form-check-input"})
    missing = {"required": f"Choose: {label.lower()}."}
    return kind(
        label=label, help_text=hint, choices=choices, widget=widget, required=required, coerce=coerce,
        error_messages=missing, empty_value=None,
    )  # fmt: skip


def yes_no(label: str, hint: str = "", *, required: bool = True) -> forms.TypedChoiceField:
    """A field for yes or no, and for not known where it may stay open."""
    choices = YES_NO if required else (*YES_NO, ("", "Not known yet"))
    return choice(label, choices, hint, required=required, coerce=lambda value: value == "yes")


class ScreenForm(CommandForm):
    """Take a consented person into screening."""

    command = cmd.ScreenSubject
    title = "Screen a subject"
    button = "Give the subject a number"
    intro = "The subject receives the next number of the trial and belongs to your site."
    consented_on = day("Date of consent", "The day on which the subject signed the consent form.")

    def done(self) -> str:
        """Name the consent."""
        return f"A subject who consented on {self.cleaned_data['consented_on']} is in screening."


class EnrolForm(CommandForm):
    """Claim a slot."""

    command = cmd.EnrolSubject
    title = "Enrol"
    button = "Enrol the subject"
    intro = "The subject takes a free slot at the open dose level."

    def done(self) -> str:
        """Name the subject."""
        return f"{self.fixed['subject']} is enrolled."


class ReportForm(CommandForm):
    """Report an adverse event."""

    command = cmd.ReportAdverseEvent
    title = "Report an adverse event"
    button = "Report the adverse event"
    asks_first = "Show the grades of this event"
    term = text(
        "Adverse event",
        "The diagnosis, or the symptom where there is no diagnosis: a CTCAE term, or your own words.",
    )
    onset_on = day("Date of onset")
    grade = choice("Grade", GRADES, coerce=int, kind=GradeField)
    related = yes_no("Related to the product", "Whether a causal relation to the infusion is a reasonable possibility.")
    serious = yes_no(
        "Serious", "Death, danger to life, admission to hospital or a longer stay, lasting disability, birth defect."
    )

    def build(self) -> None:
        """Suggest the terms of the scale; offer the grades of the term that was typed."""
        scale = self.trial_view.study.design.dlt
        self.fields["term"].suggestions = tuple(dictionary(scale.version))
        self.fields["term"].widget.attrs["list"] = "terms"
        self.fields["grade"].offer((self.data if self.is_bound else self.initial).get("term", "").strip(), scale)

    def done(self) -> str:
        """Name the event."""
        given = self.cleaned_data
        return f"{given['term']}, grade {given['grade']}, of {self.fixed['subject']} is recorded."


class GradeForm(CommandForm):
    """Change a grade."""

    command = cmd.GradeAdverseEvent
    title = "Change the grade"
    button = "Change the grade"
    intro = "An earlier DLT adjudication of this event no longer stands once the grade is changed."
    grade = choice("New grade", GRADES, coerce=int, kind=GradeField)
    reason = text("Reason for the change", rows=3)

    def build(self) -> None:
        """Offer the grades of the event's term."""
        events = self.subject.adverse_events if self.subject else ()
        term = next((event.term for event in events if event.number == self.fixed["event"]), "")
        self.fields["grade"].offer(term, self.trial_view.study.design.dlt)

    def done(self) -> str:
        """Name the grade."""
        grade = self.cleaned_data["grade"]
        return f"Adverse event {self.fixed['event']} of {self.fixed['subject']} now has grade {grade}."


class AdjudicateForm(CommandForm):
    """Judge a possible DLT."""

    command = cmd.AdjudicateDlt
    title = "Adjudicate: dose-limiting toxicity?"
    button = "Record the adjudication"
    dlt = yes_no("Is this adverse event a dose-limiting toxicity?")
    reason = text("Reason", "What the judgement rests on.", rows=3)

    def done(self) -> str:
        """Name the judgement."""
        verdict = "a DLT" if self.cleaned_data["dlt"] else "not a DLT"
        return f"Adverse event {self.fixed['event']} of {self.fixed['subject']} is adjudicated: {verdict}."


class CloseWindowForm(CommandForm):
    """Confirm the follow-up."""

    command = cmd.CloseDltWindow
    title = "Close the DLT window"
    button = "Confirm the follow-up and close the window"
    intro = (
        "You confirm that the subject was followed to the end of the window and that every adverse event is reported."
    )

    def done(self) -> str:
        """Name the subject."""
        return f"The DLT window of {self.fixed['subject']} is closed."


class NotEvaluableForm(CommandForm):
    """Take a subject out of the dose decision."""

    command = cmd.DeclareNotEvaluable
    title = "Declare not evaluable"
    button = "Declare not evaluable"
    intro = (
        "The subject no longer counts for the dose decision and the slot is free for another. This cannot be undone."
    )
    reason = text("Reason", "Why the subject cannot be followed to the end of the DLT window.", rows=3)

    def done(self) -> str:
        """Name the subject."""
        return f"{self.fixed['subject']} is not evaluable."


class OpenLevelForm(CommandForm):
    """Open the dose level that is due."""

    command = cmd.OpenDoseLevel
    title = "Open a dose level"
    button = "Open the dose level"

    def done(self) -> str:
        """Name the level."""
        return f"Dose level {self.fixed['level']} is open."


class OpenSiteForm(CommandForm):
    """Let a site take part."""

    command = cmd.OpenSite
    title = "Open a site"
    button = "Open the site"
    site = text("Site number", "Such as 01.", max_length=64, validators=[ID])
    name = text("Name of the site")

    def done(self) -> str:
        """Name the site."""
        return f"Site {self.cleaned_data['site']} is open."


class GrantForm(CommandForm):
    """Give somebody a role."""

    command = cmd.GrantRole
    title = "Grant a role"
    button = "Grant the role"
    person = text("Person", "The name with which the person signs in.", max_length=64, validators=[ID])
    role = choice("Role", tuple((role, role.capitalize()) for role in ROLES))

    def build(self) -> None:
        """Offer the open sites."""
        sites = [(site, f"{site} {name}") for site, name in self.trial_view.sites.items()]
        hint = f"For the roles {', '.join(sorted(SITE_ROLES))}; the others belong to no site."
        self.fields["site"] = choice("Site", (("", "No site"), *sites), hint, required=False)
        self.initial.setdefault("site", "")

    def done(self) -> str:
        """Name person and role."""
        return f"{self.cleaned_data['person']} has the role {self.cleaned_data['role']}."


class RevokeForm(CommandForm):
    """Take a role away."""

    command = cmd.RevokeRole
    title = "Revoke a role"
    button = "Revoke the role"
    reason = text("Reason", rows=3)

    def done(self) -> str:
        """Name the person."""
        return f"{self.fixed['person']} has no role any more."


class ProposeForm(CommandForm):
    """Put a dose decision up for signature."""

    command = cmd.ProposeDoseDecision
    title = "Propose a dose decision"
    button = "Propose the decision"
    decision = choice("Decision", ())
    reason = text(
        "Reason", "Needed when the decision is more cautious than the recommendation.", rows=3, required=False
    )

    def build(self) -> None:
        """Mark the recommendation among the decisions; choose none beforehand."""
        recommended = self.trial_view.next_dose.decision.value if self.trial_view.next_dose else None
        words = {
            "escalate": "Escalate: open the next dose level",
            "expand": "Expand: treat more subjects at this level",
            "stay": "Stay: treat more subjects at this level",
            "de-escalate": "De-escalate: open the dose level below",
            "stop": "Stop: end dose escalation",
            "consult": "Consult: the top dose is tolerated",
        }
        self.fields["decision"].choices = [
            (name, f"{words[name]} (recommended)" if name == recommended else words[name])
            for name in self.trial_view.decisions_open
        ]

    def done(self) -> str:
        """Name the decision."""
        return f"The decision to {self.cleaned_data['decision']} is proposed and waits for signatures."
