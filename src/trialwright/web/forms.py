"""The forms of the conduct commands: what is asked on screen, in the words of a trial."""

from __future__ import annotations

from django.contrib.auth.models import User

from trialwright.clinical.ctcae_dictionary import dictionary
from trialwright.conduct import commands as cmd
from trialwright.conduct.roles import SITE_ROLES
from trialwright.protocol.study import ROLES
from trialwright.web.entry_forms import EntryForm
from trialwright.web.filters import powers
from trialwright.web.form_fields import GRADES, ID, YES_NO, GradeField, choice, day, text, yes_no
from trialwright.web.page import ADMINISTRATORS


class ScreenForm(EntryForm):
    """Take a consented person into screening."""

    command = cmd.ScreenSubject
    title = "Screen a subject"
    button = "Give the subject a number"
    intro = "The subject receives the next number of the trial and belongs to your site."
    consented_on = day("Date of consent", "The day on which the subject signed the consent form.")

    def done(self) -> str:
        """Name the consent."""
        return f"A subject who consented on {self.cleaned_data['consented_on']} is in screening."


class EnrolForm(EntryForm):
    """Claim a slot."""

    command = cmd.EnrolSubject
    title = "Enrol"
    button = "Enrol the subject"

    def build(self) -> None:
        """Say where the slot is."""
        super().build()
        self.intro = f"The subject takes a free slot. {powers(self.trial_view.status)}"

    def done(self) -> str:
        """Name the subject."""
        return f"{self.fixed['subject']} is enrolled."


class ReportForm(EntryForm):
    """Report an adverse event."""

    command = cmd.ReportAdverseEvent
    title = "Report an adverse event"
    button = "Report the adverse event"
    asks_first = "Show the grades of this event"
    term = text(
        "Adverse event",
        "The diagnosis, or the symptom where there is no diagnosis: a CTCAE term; where it has none, its class, "
        "' - Other, specify: ' and your own words.",
    )
    onset_on = day("Date of onset")
    grade = choice("Grade", GRADES, coerce=int, kind=GradeField)
    related = choice(
        "Related to the product",
        (*YES_NO, ("unknown", "Not known yet")),
        "Whether a causal relation to the infusion is a reasonable possibility. Not known counts as possible.",
        coerce=lambda value: {"yes": True, "no": False}.get(value, value),
    )
    serious = yes_no(
        "Serious",
        "Death, danger to life, admission to hospital or a longer stay, lasting disability, birth defect, or another "
        "medically important condition.",
    )

    def build(self) -> None:
        """Suggest the terms of the scale; offer the grades of the term that was typed."""
        super().build()
        grading = self.trial_view.study.grading
        self.fields["term"].suggestions = tuple(dictionary(grading.version) if grading else dictionary())
        self.fields["term"].widget.attrs["list"] = "terms"
        if grading is None:
            return
        self.fields["grade"].offer((self.data if self.is_bound else self.initial).get("term", "").strip(), grading)

    def done(self) -> str:
        """Name the event."""
        given = self.cleaned_data
        return f"{given['term']}, grade {given['grade']}, of {self.fixed['subject']} is recorded."


class GradeForm(EntryForm):
    """Change a grade."""

    command = cmd.GradeAdverseEvent
    title = "Change the grade"
    button = "Change the grade"
    intro = "An earlier DLT adjudication of this event no longer stands once the grade is changed."
    grade = choice("New grade", GRADES, coerce=int, kind=GradeField)
    reason = text("Reason for the change", rows=3)

    def build(self) -> None:
        """Offer the grades of the event's term."""
        super().build()
        events = self.subject.adverse_events if self.subject else ()
        term = next((event.term for event in events if event.number == self.fixed["event"]), "")
        if grading := self.trial_view.study.grading:
            self.fields["grade"].offer(term, grading)

    def done(self) -> str:
        """Name the grade."""
        grade = self.cleaned_data["grade"]
        return f"Adverse event {self.fixed['event']} of {self.fixed['subject']} now has grade {grade}."


class AdjudicateForm(EntryForm):
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


class CloseWindowForm(EntryForm):
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


class NotEvaluableForm(EntryForm):
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


class OpenLevelForm(EntryForm):
    """Open the dose level that is due."""

    command = cmd.OpenDoseLevel
    title = "Open a dose level"
    button = "Open the dose level"

    def done(self) -> str:
        """Name the level."""
        return f"Dose level {self.fixed['level']} is open."


class OpenSiteForm(EntryForm):
    """Let a site take part."""

    command = cmd.OpenSite
    title = "Open a site"
    button = "Open the site"
    site = text("Site number", "Such as 01.", max_length=64, validators=[ID])
    name = text("Name of the site")

    def done(self) -> str:
        """Name the site."""
        return f"Site {self.cleaned_data['site']} is open."


class GrantForm(EntryForm):
    """Give somebody a role."""

    command = cmd.GrantRole
    title = "Grant a role"
    button = "Grant the role"
    person = text(
        "Person",
        "The name with which the person signs in. Who has an account and no role is suggested to the sponsor.",
        max_length=64,
        validators=[ID],
    )
    role = choice("Role", tuple((role, role.capitalize()) for role in ROLES))

    def build(self) -> None:
        """Offer the open sites."""
        sites = [(site, f"{site} {name}") for site, name in self.trial_view.sites.items()]
        hint = f"For the roles {', '.join(sorted(SITE_ROLES))}; the others belong to no site."
        self.fields["site"] = choice("Site", (("", "No site"), *sites), hint, required=False)
        if self.trial_view.role in ADMINISTRATORS:
            held = [person.id for person in self.trial_view.people]
            waiting = User.objects.filter(is_active=True).exclude(username__in=held).order_by("username")
            self.fields["person"].suggestions = tuple(one.get_username() for one in waiting)
            self.fields["person"].widget.attrs["list"] = "people"
        self.initial.setdefault("site", "")
        super().build()

    def done(self) -> str:
        """Name person and role."""
        person = self.cleaned_data["person"]
        account = User.objects.filter(username=person, is_active=True).exists()
        said = f"{person} has the role {self.cleaned_data['role']}."
        return said if account else f"{said} {person} has no account yet: whoever runs the server makes it."


class RevokeForm(EntryForm):
    """Take a role away."""

    command = cmd.RevokeRole
    title = "Revoke a role"
    button = "Revoke the role"

    def done(self) -> str:
        """Name the person."""
        return f"{self.fixed['person']} has no role any more."


class ProposeForm(EntryForm):
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
        super().build()
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
