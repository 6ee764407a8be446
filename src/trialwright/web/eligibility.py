"""The eligibility form: the days that windows hang on, each collected item, each criterion that a person answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from trialwright.conduct import commands as cmd
from trialwright.conduct.views import SubjectView
from trialwright.conduct.wording import spaced
from trialwright.protocol.criteria import Condition, Judged, leaves
from trialwright.protocol.study import Exclusion, Inclusion, Study
from trialwright.protocol.subject import day_names
from trialwright.protocol.wording import words
from trialwright.web import item_fields
from trialwright.web.command_form import CommandForm
from trialwright.web.form_fields import day, text, yes_no


class EligibilityForm(CommandForm):
    """What screening found; what is not known yet may stay open, and only what changes is sent."""

    command = cmd.AssessEligibility
    title = "Assess eligibility"
    button = "Compute eligibility"
    intro = "Leave open what is not known yet: the assessment says what is missing and can be repeated."

    def build(self) -> None:
        """One field for each day and item that a criterion or the dose reads, one for each question to a person."""
        study = self.trial_view.study
        days = {f"day_{name}": day(spaced(name), required=False) for name in days_of(study)}
        items = {name: field for item in study.items for name, field in item_fields.item_fields(study, item).items()}
        asked = [criterion for criterion in study.criteria if asks_a_person(criterion.condition)]
        answers = {f"answer_{criterion.id}": _answer_field(criterion, study) for criterion in asked}
        again = {"reason": text("Why something entered before changes", required=False)}
        self.fields.update({**days, **items, **answers, **again})
        self.groups = [
            ("Findings", list(items)),
            ("Days that windows count from; one to come is planned", list(days)),
            ("Statements that a person answers", list(answers)),
            ("Changes", list(again)),
        ]
        if self.subject:
            self.initial.update(_known(study, self.subject))
            self._say_what_stays()

    def _say_what_stays(self) -> None:
        """Say of an item with several observations which the form changes, and what was taken down as medicine."""
        for name, field in self.fields.items():
            if said := item_fields.several(self._history(name.removeprefix("value_"))):
                field.help_text = f"{field.help_text} {said}".strip()
        study = self.trial_view.study
        for taken in self.subject.course.medicines.values() if self.subject else ():
            for item in study.items_told_by(taken.drug, taken.counts_as):
                field = self.fields[next(iter(item_fields.item_fields(study, item)))]
                field.help_text = f"{field.help_text} Taken down as medicine: {taken.drug}, {taken.days}.".strip()

    @property
    def field_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.groups if names]

    def command_fields(self) -> dict[str, Any]:
        """Days, values and answers by name; what does not change is left out, and what is emptied is unknown."""
        cleaned, changed = self.cleaned_data, set(self.changed_data)
        study = self.trial_view.study
        values = {
            item.name: item_fields.amended(
                study, item, self._history(item.name), item_fields.given(study, item, cleaned)
            )
            for item in study.items
            if changed & set(item_fields.item_fields(study, item))
        }
        return {
            **self.fixed,
            "days": {name: cleaned[f"day_{name}"] for name in days_of(study) if f"day_{name}" in changed},
            "values": values,
            "answers": {n.removeprefix("answer_"): cleaned[n] for n in cleaned if n in changed and n[:7] == "answer_"},
            "reason": cleaned.get("reason") or None,
        }

    def _history(self, name: str) -> Any:
        return self.subject.entered["values"].get(name) if self.subject else None

    def done(self) -> str:
        """Name the subject."""
        return f"Eligibility of {self.fixed['subject']} is assessed."


def days_of(study: Study) -> list[str]:
    """The days that are entered at screening: none of a visit after it, and not the consent, which is known."""
    visits = {visit.name for visit in study.schedule if visit.day > 0}
    return sorted(day_names(study) - visits - {"consent"})


def asks_a_person(condition: Condition) -> bool:
    """Whether a condition needs somebody's judgement or word."""
    return any(isinstance(leaf, Judged) for leaf in leaves(condition))


def _answer_field(criterion: Inclusion | Exclusion, study: Study) -> forms.Field:
    kind = "Exclusion" if isinstance(criterion, Exclusion) else "Inclusion"
    condition = words(criterion.condition, study)
    return yes_no(f"{criterion.id} {criterion.say}", f"{kind} criterion: {condition}.", required=False)


def _known(study: Study, subject: SubjectView) -> dict[str, Any]:
    known: dict[str, Any] = {f"day_{name}": date.fromisoformat(on) for name, on in subject.entered["days"].items()}
    for item in study.items:
        known |= item_fields.shown(item, subject.entered["values"].get(item.name))
    said = {True: "yes", False: "no"}
    return known | {f"answer_{name}": said[answer] for name, answer in subject.entered["answers"].items()}
