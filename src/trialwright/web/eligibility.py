"""The eligibility form: one field for each collected item, one for each criterion that a person answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from trialwright.conduct import commands as cmd
from trialwright.conduct.views import SubjectView
from trialwright.protocol.criteria import Condition, Judged, leaves
from trialwright.protocol.quantity import plain
from trialwright.protocol.study import Exclusion, Inclusion, Item
from trialwright.web.forms import CommandForm, number, text, yes_no


class EligibilityForm(CommandForm):
    """What screening found; what is not known yet may stay open."""

    command = cmd.AssessEligibility
    title = "Assess eligibility"
    button = "Compute eligibility"
    intro = "Leave open what is not known yet: the assessment says what is missing and can be repeated."

    def build(self) -> None:
        """One field for each item that a criterion or the dose reads, one for each question to a person."""
        study = self.trial_view.study
        self.groups: list[tuple[str, list[str]]] = []
        items = {f"value_{item.name}": field for item in study.items if (field := _item_field(item))}
        asked = [criterion for criterion in study.criteria if asks_a_person(criterion.condition)]
        answers = {f"answer_{criterion.id}": _answer_field(criterion) for criterion in asked}
        again = {"reason": text("Why something entered before changes", required=False)}
        self.fields.update({**items, **answers, **again})
        self.groups = [
            ("Findings", list(items)),
            ("Statements that a person answers", list(answers)),
            ("Changes", list(again)),
        ]
        if self.subject:
            self.initial.update(_known(self.subject, asked))

    @property
    def field_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.groups if names]

    def command_fields(self) -> dict[str, Any]:
        """Values and answers by name; what stays open is left out."""
        reason = self.cleaned_data.get("reason") or None
        return {**self.fixed, "values": self._given("value_"), "answers": self._given("answer_"), "reason": reason}

    def done(self) -> str:
        """Name the subject."""
        return f"Eligibility of {self.fixed['subject']} is assessed."

    def _given(self, prefix: str) -> dict[str, Any]:
        return {
            name.removeprefix(prefix): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix) and value not in (None, "")
        }


def asks_a_person(condition: Condition) -> bool:
    """Whether a condition needs somebody's judgement or word."""
    return any(isinstance(leaf, Judged) for leaf in leaves(condition))


def _item_field(item: Item) -> forms.Field | None:
    """The field of an item; none for a drug, whose dose, frequency and days do not fit in one."""
    if item.type in {"yes or no", "event"}:
        return yes_no(item.label, required=False)
    if item.type == "word":
        return text(item.label, f"One of: {', '.join(item.choices)}." if item.choices else "", required=False)
    if item.type == "drug":
        return None
    low, high = item.range or (None, None)
    hint = "" if low is None or high is None else f"From {plain(low)} to {plain(high)}."
    return number(item.label, hint, unit=item.unit, required=False, min_value=low, max_value=high)


def _answer_field(criterion: Inclusion | Exclusion) -> forms.Field:
    kind = "Exclusion" if isinstance(criterion, Exclusion) else "Inclusion"
    condition = str(criterion.condition)
    return yes_no(f"{criterion.id} {criterion.say}", f"{kind} criterion, {condition}.", required=False)


def _known(subject: SubjectView, asked: list[Inclusion | Exclusion]) -> dict[str, str]:
    known = {f"value_{name}": _shown(value) for name, value in subject.values.items()}
    for criterion in asked:
        finding = subject.findings.get(criterion.id)
        if finding in {"met", "not met"}:
            holds = (finding == "met") != isinstance(criterion, Exclusion)
            known[f"answer_{criterion.id}"] = "yes" if holds else "no"
    return known


def _shown(value: bool | Decimal | str) -> str:
    if isinstance(value, str):
        return value
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value:f}"
