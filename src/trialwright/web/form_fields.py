"""The fields of forms: words, numbers with their unit, days, moments, choices; each with its label, hint and faults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from trialwright.clinical.ctcae_wording import grade_words
from trialwright.errors import InputError
from trialwright.exchange.ctcae_wording import load_wording
from trialwright.protocol.adverse_events import Grading

_ID_WORDS = "use letters, digits and . _ @ - only, beginning with a letter or digit"
ID = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$", f"{_ID_WORDS.capitalize()}.")
GRADES = (
    (1, "1 – mild"),
    (2, "2 – moderate"),
    (3, "3 – severe, not immediately life-threatening"),
    (4, "4 – life-threatening"),
    (5, "5 – death"),
)
MOST_IN_SIGHT = 8
_BEYOND = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
"""Limits by the name of their fault: where pydantic keeps the limit, and its words."""
YES_NO = (("yes", "Yes"), ("no", "No"))


def text(label: str, hint: str = "", *, rows: int = 0, required: bool = True, **more: Any) -> forms.CharField:
    """A field for words; `rows` makes it an area."""
    attrs = {"class": "form-control", "autocomplete": "off"}
    widget = forms.Textarea(attrs={**attrs, "rows": rows}) if rows else forms.TextInput(attrs=attrs)
    faults = {"required": f"Enter: {label.lower()}.", "invalid": f"{label}: {_ID_WORDS}."}
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=widget,
        required=required,
        error_messages=faults,
        **{"max_length": 2000, **more},
    )


def number(
    label: str, hint: str = "", *, unit: str | None = None, required: bool = True, **more: Any
) -> forms.DecimalField:
    """A field for a number with its unit beside it."""
    widget = forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal", "autocomplete": "off"})
    faults = {
        "required": f"Enter: {label.lower()}.",
        "invalid": f"{label} must be a number, such as 70.5.",
        "min_value": beyond(label, "at least", more.get("min_value"), unit).replace("%", "%%"),
        "max_value": beyond(label, "at most", more.get("max_value"), unit).replace("%", "%%"),
    }
    field = forms.DecimalField(
        label=label, help_text=hint, widget=widget, required=required, error_messages=faults, max_digits=24, **more
    )
    field.unit = unit
    return field


def beyond(label: str, how: str, limit: object, unit: str | None) -> str:
    """The fault of a number that lies beyond its limit."""
    return f"{label} must be {how} {limit}{f' {unit}' if unit else ''}."


def fault_words(label: str, fault: Mapping[str, Any], unit: str | None) -> str:
    """A fault that the command itself finds, in the words of a field.

    Args:
        label: The field's.
        fault: As pydantic gives it.
        unit: The field's unit, if it has one.

    Example:
        >>> fault_words("Viability", {"type": "greater_than_equal", "ctx": {"ge": 1}, "msg": ""}, "%")
        'Viability must be at least 1 %.'
    """
    key, how = _BEYOND.get(fault["type"], ("", ""))
    if key:
        return beyond(label, how, fault["ctx"][key], unit)
    if fault["type"] == "string_pattern_mismatch":
        return f"{label}: {_ID_WORDS}."
    said = str(fault["msg"]).removeprefix("Value error, ")
    return f"{label}: {said[:1].lower()}{said[1:]}" if label else said


def whole(label: str, hint: str = "", *, required: bool = True) -> forms.IntegerField:
    """A field for a whole number."""
    widget = forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "off"})
    faults = {"required": f"Enter: {label.lower()}.", "invalid": f"{label} must be a whole number, such as 3."}
    return forms.IntegerField(label=label, help_text=hint, widget=widget, required=required, error_messages=faults)


def day(label: str, hint: str = "", *, required: bool = True) -> forms.DateField:
    """A field for a date, written in the one way that is read alike everywhere."""
    faults = {
        "required": f"Enter: {label.lower()}.",
        "invalid": f"{label} must be a date, written year-month-day, such as 2026-01-31.",
    }
    widget = forms.DateInput(attrs={"class": "form-control", "autocomplete": "off"}, format="%Y-%m-%d")
    hint = f"Year-month-day, such as 2026-01-31. {hint}".strip()
    return forms.DateField(
        label=label, help_text=hint, widget=widget, required=required, error_messages=faults, input_formats=["%Y-%m-%d"]
    )


def moment(label: str, hint: str = "", *, required: bool = True) -> forms.DateTimeField:
    """A field for a moment in UTC."""
    faults = {
        "required": f"Enter: {label.lower()}.",
        "invalid": f"{label} must be a moment, written year-month-day hour:minute, such as 2026-01-31 18:00.",
    }
    widget = forms.DateTimeInput(attrs={"class": "form-control", "autocomplete": "off"}, format="%Y-%m-%d %H:%M")
    hint = f"Year-month-day hour:minute in UTC, such as 2026-01-31 18:00. {hint}".strip()
    return _Utc(
        label=label, help_text=hint, widget=widget, required=required, error_messages=faults,
        input_formats=["%Y-%m-%d %H:%M"],
    )  # fmt: skip


class _Utc(forms.DateTimeField):
    def clean(self, value: Any) -> Any:
        """Read the moment as UTC, whatever the server's zone."""
        found = super().clean(value)
        return found and found.replace(tzinfo=UTC)


class ListedField(forms.CharField):
    """A field for several entries in one line, such as the ids of containers or the names of people."""

    separator = r"[,;]"

    def clean(self, value: Any) -> Any:
        """The entries one by one."""
        return tuple(filter(None, map(str.strip, re.split(self.separator, super().clean(value)))))


class IdsField(ListedField):
    """A field for several ids, which hold no spaces."""

    separator = r"[,;\s]"


def listed(label: str, hint: str = "", *, required: bool = True, kind: type[ListedField] = ListedField) -> ListedField:
    """A field for several entries with commas between them."""
    widget = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
    missing = {"required": f"Enter: {label.lower()}."}
    hint = f"{hint} With commas between them.".strip()
    return kind(label=label, help_text=hint, widget=widget, required=required, error_messages=missing)


def several(label: str, choices: Any, hint: str = "", *, required: bool = True) -> forms.MultipleChoiceField:
    """A field for any number of answers, all in sight."""
    widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    faults = {
        "required": f"Choose: {label.lower()}.",
        "invalid_choice": f"{label}: choose among those that are offered.",
    }
    return forms.MultipleChoiceField(
        label=label, help_text=hint, choices=choices, widget=widget, required=required, error_messages=faults
    )


class GradeField(forms.TypedChoiceField):
    """A field that offers the grades of a term; it is the trial that refuses another, with its rule."""

    def valid_value(self, value: str) -> bool:
        """Let every grade pass."""
        return value in {str(grade) for grade, _ in GRADES}

    def offer(self, term: str, grading: Grading) -> None:
        """Offer the grades that a term has, in the NCI's words where they were added; any grade for other words."""
        wording = load_wording(grading.version)
        try:
            words = grade_words(term, wording, grading.version)
        except InputError:
            self.help_text = f"{grading.scale}, at its worst so far; in general words until the event is a term of it."
            return
        source = "in the words of the NCI" if wording else "in short words, for the NCI's were not added to this server"
        self.help_text = f"{grading.scale}, at its worst so far: {term}, {source}."
        self.choices = [(grade, f"{grade} – {said}") for grade, said in words.items()]


def choice(
    label: str,
    choices: Any,
    hint: str = "",
    *,
    required: bool = True,
    coerce: Any = str,
    kind: type[forms.TypedChoiceField] = forms.TypedChoiceField,
    in_sight: int = MOST_IN_SIGHT,
) -> forms.TypedChoiceField:
    """A field for one of several answers: all in sight, or where they are many in a list that opens."""
    choices = tuple(choices)
    widget: forms.Widget = forms.RadioSelect(attrs={"class": "form-check-input"})
    if len(choices) > in_sight:
        widget = forms.Select(attrs={"class": "form-select"})
        choices = choices if any(value == "" for value, _ in choices) else (("", "Choose"), *choices)
    faults = {"required": f"Choose: {label.lower()}.", "invalid_choice": f"{label}: choose one that is offered."}
    return kind(
        label=label, help_text=hint, choices=choices, widget=widget, required=required, coerce=coerce,
        error_messages=faults, empty_value=None,
    )  # fmt: skip


def yes_no(label: str, hint: str = "", *, required: bool = True) -> forms.TypedChoiceField:
    """A field for yes or no, and for not known where it may stay open."""
    choices = YES_NO if required else (*YES_NO, ("", "Not known yet"))
    return choice(label, choices, hint, required=required, coerce=lambda value: value == "yes")
