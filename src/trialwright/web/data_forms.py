"""The forms of data: what a visit collects, corrections, source verification, a new version of the protocol."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

from django import forms

from trialwright.conduct import commands as cmd
from trialwright.conduct.commands.data import Missing
from trialwright.conduct.data_state import DataPoint
from trialwright.conduct.wording import stands, title_of
from trialwright.protocol.study import Item, Visit
from trialwright.protocol.subject import parse_subject
from trialwright.protocol.subject_text import canonical
from trialwright.web import item_fields
from trialwright.web.entry_forms import EntryForm, entry_form, visits
from trialwright.web.form_fields import choice, day, several, text

_MISSING = (("", "It has a value"), *((why, why) for why in get_args(Missing)))


class VisitForm(EntryForm):
    """A form about what one visit collected; another visit is chosen first.

    Attributes:
        asks_first: Shows the items of the visit that was chosen.
    """

    asks_first = "Show the items of this visit"

    def typed(self, name: str) -> Any:
        """What was typed in a field, or what it shows at first."""
        return (self.data if self.is_bound else self.initial).get(name)

    @property
    def visit(self) -> Visit | None:
        """The visit that was chosen; at first the one that is due or has something to say."""
        plan = [one.visit for one in self.subject.data.plan] if self.subject else []
        chosen = self.typed("visit") or next((one.name for one in plan if self.is_open(one)), "")
        return next((one for one in plan if chosen in {one.visit, one.name}), None)

    def is_open(self, visit: Visit) -> bool:
        """Whether a visit has something for this form."""
        return bool(self.points(visit))

    def points(self, visit: Visit | None) -> dict[str, DataPoint]:
        """The data points of a visit."""
        return dict(self.subject.data.points.get(visit.name, {})) if self.subject and visit else {}

    def item(self, name: str) -> Item | None:
        """An item of the protocol."""
        return self.trial_view.study.item(name)

    def label(self, name: str) -> str:
        """An item's name for people."""
        item = self.item(name)
        return item.label if item else name

    def _choose_visit(self) -> None:
        self.fields["visit"] = choice("Visit", visits(self.trial_view, self.subject))
        if self.visit:
            self.initial.setdefault("visit", self.visit.visit)


class RecordDataForm(VisitForm):
    """Take down what a visit collected: for each item a value, or why there is none."""

    command = cmd.RecordData
    title = title_of("RecordData")
    button = "Record the data"
    intro = "What is not known yet may stay open and be recorded later. What is saved is corrected, not overwritten."

    def build(self) -> None:
        """The visit and its day, then each item that is outstanding."""
        self._choose_visit()
        self.fields["on"] = day("Day on which it was collected")
        self.fields["reason"] = text(
            "Reason", "Needed when the visit was held outside its window.", rows=2, required=False
        )
        self.fields["confirmed"] = text(
            "Why unusual values are right",
            "Left empty, an unusual value is saved with a query.",
            rows=2,
            required=False,
        )
        self.initial.setdefault("on", self._held_on() or self.today)
        for item in self.outstanding:
            self.fields.update(item_fields.item_fields(self.trial_view.study, item))
            self.fields[f"missing_{item.name}"] = _missing(item)

    def _held_on(self) -> date | None:
        """The day of a visit that was held between those of the schedule: it was taken down before its data."""
        plan = self.subject.data.plan if self.subject else ()
        return next((one.held_on for one in plan if one.visit == self.visit and one.status == "unscheduled"), None)

    def is_open(self, visit: Visit) -> bool:
        """Whether something of a visit is outstanding, and the visit has come."""
        plan = self.subject.data.plan if self.subject else ()
        due = {one.visit.name for one in plan if one.status not in {"to come", "missed", "no day yet", "no longer due"}}
        return visit.name in due and bool(self._outstanding(visit))

    @property
    def outstanding(self) -> list[Item]:
        """The items that the visit still lacks."""
        return self._outstanding(self.visit) if self.visit else []

    def _outstanding(self, visit: Visit) -> list[Item]:
        there = self.points(visit)
        found = (self.item(name) for name in visit.collect if name not in there)
        return [item for item in found if item is not None and not item.computed]

    @property
    def field_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        last, first = ["reason", "confirmed"], ["visit", "on"]
        items = [name for name in self.fields if name not in {*last, *first}]
        groups = (("Visit", first), ("Items", items), ("Where it is asked for", last))
        return [(heading, [self[name] for name in names]) for heading, names in groups if names]

    def command_fields(self) -> dict[str, Any]:
        """Values and reasons by item; what stays open is left out."""
        cleaned, study = self.cleaned_data, self.trial_view.study
        given = {item.name: item_fields.given(study, item, cleaned) for item in self.outstanding}
        values = {name: value for name, value in given.items() if value not in (None, "")}
        missing = {item.name: why for item in self.outstanding if (why := cleaned.get(f"missing_{item.name}"))}
        return {
            **self.fixed,
            "visit": cleaned["visit"],
            "on": cleaned["on"],
            "values": values,
            "missing": missing,
            "confirmed": dict.fromkeys(values, cleaned["confirmed"]) if cleaned.get("confirmed") else {},
            "reason": cleaned.get("reason") or None,
        }


class CorrectDataForm(VisitForm):
    """Change one value, with what stands there in sight."""

    command = cmd.CorrectData
    title = title_of("CorrectData")
    button = "Correct the value"
    asks_first = "Show what stands there"
    intro = "What stood there stays in the audit trail, with the reason."

    def build(self) -> None:
        """The visit and item, what stands there, and what is to stand there."""
        self._choose_visit()
        points = self.points(self.visit)
        self.fields["item"] = choice("Item", [(name, self.label(name)) for name in points])
        point = points.get(self.typed("item") or next(iter(points), ""))
        if point is not None:
            self.initial.setdefault("item", point.item)
            self._what_stands(point)
        super().build()
        for name in ("now", "confirmed"):
            self.fields.pop(name, None)
        self.fields["text"].label = "Why, in words"
        self.fields["confirmed"] = text("Why the new value is right although it is unusual", required=False)

    def _what_stands(self, point: DataPoint) -> None:
        item = self.item(point.item)
        said = (f"There stands now: {stands(point)}, of {point.on}.", item_fields.several(point.value))
        self.fields["item"].help_text = " ".join(said).strip()
        self.fields["saw"] = forms.CharField(widget=forms.HiddenInput)
        self.initial["saw"] = f"missing: {point.missing}" if point.missing else canonical(point.value)
        if item:
            self.fields.update(item_fields.item_fields(self.trial_view.study, item))
            self.fields[f"value_{item.name}"].label = f"{item.label}: what is to stand there"
            self.initial.update(item_fields.shown(item, point.value))
            self.fields[f"missing_{item.name}"] = _missing(item)

    def check_command(self) -> None:
        """Ask for the item to be shown first."""
        if "saw" not in self.cleaned_data:
            self.add_error("item", "Show what stands there first.")
            return
        super().check_command()

    def command_fields(self) -> dict[str, Any]:
        """What was seen, and what is to stand there."""
        cleaned = dict(self.cleaned_data)
        item, saw = self.item(cleaned["item"]), cleaned.pop("saw")
        missing = cleaned.get(f"missing_{cleaned['item']}")
        study, value = self.trial_view.study, None
        seen = {"missing": saw.removeprefix("missing: ")} if saw[:9] == "missing: " else {"value": parse_subject(saw)}
        if item and not missing:
            value = item_fields.amended(study, item, seen.get("value"), item_fields.given(study, item, cleaned))
        own = {name: cleaned[name] for name in ("visit", "item", "on", "reason", "text", "confirmed")}
        now = {} if value in (None, "") else {"value": value}
        now |= {"missing": missing} if missing else {}
        return {**self.fixed, **{n: one for n, one in own.items() if one not in (None, "")}, "saw": seen, "now": now}


class VerifySourceForm(VisitForm):
    """Say which data points of a visit agree with the source."""

    command = cmd.VerifySource
    title = title_of("VerifySource")
    button = "They agree with the source"
    intro = "Mark what you held against the source documents and found to agree."

    def build(self) -> None:
        """The visit, and its data points with what stands there."""
        self._choose_visit()
        points = self.points(self.visit).items()
        self.fields["items"] = several("Data points", [(name, self._stands(name, point)) for name, point in points])

    def _stands(self, name: str, point: DataPoint) -> str:
        return f"{self.label(name)}: {stands(point)}{', verified' if point.verified else ''}"


class AmendForm(entry_form(cmd.AmendProtocol)):  # type: ignore[misc]
    """Adopt a new version of the protocol; its operating characteristics are computed by the trial."""

    def build(self) -> None:
        """The file's text and the reason; the hash of the simulation is the trial's to make."""
        self.fields["text"] = text("The new version's protocol file", rows=16, max_length=1_000_000)
        super().build()
        self.fields.pop("simulation")

    def give(self, trial: Any, by: str) -> Any:
        """Adopt it."""
        cleaned = self.cleaned_data
        return trial.amend(cleaned["text"], by=by, reason=cleaned["reason"])


def _missing(item: Item) -> forms.Field:
    """Why an item has no value."""
    field = choice(f"{item.label}: or why it has none", _MISSING, required=False, in_sight=0)
    field.part = True
    return field
