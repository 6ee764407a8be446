"""A form for every command, made from its own fields: their types, their words, and choices from the trial."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from django import forms
from pydantic import ValidationError

from trialwright.conduct import commands as cmd
from trialwright.conduct.medicine import OF_NO_CLASS
from trialwright.conduct.roles import MAY
from trialwright.conduct.views import SubjectView, View
from trialwright.conduct.visits import plannable
from trialwright.conduct.wording import query_words, spaced, title_of
from trialwright.protocol.study import ROLES
from trialwright.web import form_fields as fields
from trialwright.web.command_form import CommandForm

_ATTRIBUTE = re.compile(r"^        (\w+): (.+?)(?=^        \w+: |\Z)", re.MULTILINE | re.DOTALL)
_UNITS = {"_kg": "kg", "_ml": "mL", "_pct": "%"}
_FOR_SEVERAL, _SEVERAL = frozenset({"preparation", "version"}), 2
"""Fields that are asked only where there are several to choose from."""
_LONG = frozenset({"reason", "out_of_window", "text", "finding", "treatment"})
_LABELS = {
    "on": "Day",
    "event": "Adverse event",
    "version": "Version of the protocol",
    "zone": "Time zone",
    "opened_at": "Envelope opened at",
}
Choices = list[tuple[Any, str]]

_NONE = "None of these"
_LEFT_OUT = {
    ("LockData", "subject"): "The whole study",
    ("LockData", "visit"): "Every visit",
    ("UnlockData", "subject"): "The whole study",
    ("UnlockData", "visit"): "Every visit",
    ("SignContent", "visit"): "Everything about the subject",
}
"""What it means that nothing is chosen, by command and field; of every other it means none."""


def slug_of(command: str) -> str:
    """A command's name in an address: `RecordReconsent` is `record-reconsent`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", command).lower()


COMMANDS: Mapping[str, type[cmd.Command]] = {slug_of(name): getattr(cmd, name) for name in MAY}
"""Every command of the role matrix, by its name in an address."""


class EntryForm(CommandForm):
    """The form of any command: a field for each of its fields that the address does not say."""

    def build(self) -> None:
        """Make the fields."""
        hints = _hints(self.command)
        for name, info in self.command.model_fields.items():
            if name in cmd.Command.model_fields or name in self.fixed or name in self.fields:
                continue
            required, offered = info.is_required(), self._offered(name)
            if name in _FOR_SEVERAL and not required and offered is not None and len(offered) < _SEVERAL:
                continue
            annotation, hint = info.annotation, hints.get(name, "")
            if offered is not None and not required:
                offered = [("", _LEFT_OUT.get((self.command.__name__, name), _NONE)), *offered]
            self.fields[name] = _field(name, annotation, hint, offered=offered, required=required)

    def clean(self) -> dict[str, Any]:
        """Hold what was typed against the command, and say each fault beside its field."""
        cleaned = super().clean() or {}
        if not self.errors:
            self.check_command()
        return cleaned

    def check_command(self) -> None:
        """Say what the command's own form does not take."""
        try:
            self.command(at=self.trial_view.at, by="somebody", **self.command_fields())
        except ValidationError as faults:
            for fault in faults.errors(include_url=False):
                name = str(fault["loc"][0]) if fault["loc"] else ""
                field = self.fields.get(name)
                label, unit = (field.label or "", getattr(field, "unit", None)) if field else ("", None)
                self.add_error(name if field else None, fields.fault_words(label, fault, unit))

    def done(self) -> str:
        """Name the command, and the subject where it has one."""
        about = f" for {self.fixed['subject']}" if "subject" in self.fixed else ""
        return f"{self.title}: recorded{about}."

    def _offered(self, name: str) -> Choices | None:
        offer = _OFFERED.get((self.command.__name__, name)) or _OFFERED.get(("", name))
        return None if offer is None else offer(self.trial_view, self.subject)


def entry_form(command: type[cmd.Command]) -> type[EntryForm]:
    """The form of a command that has none of its own."""
    title = title_of(command.__name__)
    intro = (command.__doc__ or "").split("\n\n", 1)[0]
    words = {"command": command, "title": title, "button": title, "intro": " ".join(intro.split())}
    return type(f"{command.__name__}Form", (EntryForm,), words)


def _hints(command: type[cmd.Command]) -> dict[str, str]:
    """What a command's own words say of its fields."""
    _, _, attributes = (command.__doc__ or "").partition("Attributes:\n")
    lines = "\n".join(line if line.startswith("        ") else f"    {line}" for line in attributes.splitlines())
    return {name: " ".join(said.split()) for name, said in _ATTRIBUTE.findall(lines)}


def _bare(annotation: Any) -> Any:
    """The type of a field, without its limits and the word for nothing."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, UnionType}:
        inner = [one for one in get_args(annotation) if one is not type(None)]
        return _bare(inner[0]) if len(inner) == 1 else annotation
    return annotation


def _field(name: str, annotation: Any, hint: str, *, offered: Choices | None, required: bool) -> forms.Field:
    kind, label = _bare(annotation), _LABELS.get(name, spaced(name.removesuffix("_ml").removesuffix("_kg")))
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), None)
    if get_origin(kind) is Literal:
        offered = [*([] if required else [("", _NONE)]), *((one, str(one)) for one in get_args(kind))]
    if get_origin(kind) is tuple:
        return _several(label, _bare(get_args(kind)[0]), hint, offered=offered, required=required)
    if offered is not None:
        coerce = int if kind is int else str
        return fields.choice(label, offered, hint, required=required, coerce=coerce)
    if kind is bool:
        return fields.yes_no(label, hint, required=required)
    if kind is date:
        return fields.day(label, hint, required=required)
    if kind is datetime:
        return fields.moment(label, hint, required=required)
    if kind is Decimal:
        return fields.number(label, hint, unit=unit, required=required)
    if kind is int:
        return fields.whole(label, hint, required=required)
    return fields.text(label, hint, rows=3 if name in _LONG else 0, required=required)


def _several(label: str, kind: Any, hint: str, *, offered: Choices | None, required: bool) -> forms.Field:
    if get_origin(kind) is Literal:
        offered = [(one, str(one)) for one in get_args(kind)]
        required = False
    if offered is not None:
        return fields.several(label, offered, hint, required=required)
    return fields.listed(label, hint, required=required)


def visits(view: View, subject: SubjectView | None) -> Choices:
    """The visits of a subject, those between the scheduled ones last; of nobody, those of all, with whose these are."""
    if subject:
        return [(one.visit.visit, one.visit.visit) for one in subject.data.plan]
    scheduled = [visit.visit for visit in view.study.schedule]
    whose: dict[str, list[str]] = {}
    for other in view.subjects:
        for one in other.data.plan:
            if one.visit.visit not in scheduled:
                whose.setdefault(one.visit.visit, []).append(other.id)
    between = [(visit, f"{visit} of {', '.join(whose[visit])}") for visit in sorted(whose)]
    return [*((visit, visit) for visit in scheduled), *between]


def _events(view: View, subject: SubjectView | None) -> Choices:
    events = subject.adverse_events if subject else ()
    return [(e.number, f"{e.number}: {e.term}, grade {e.grade}, onset {e.onset_on}") for e in events]


def _items(view: View, subject: SubjectView | None) -> Choices:
    return [(item.name, item.label) for item in view.study.items if item.name in view.study.collected]


def _queries(view: View, subject: SubjectView | None) -> Choices:
    waiting = subject.data.waiting if subject else ()
    return [(one.query.number, f"{query_words(one.query, view.study)} ({one.query.status})") for one in waiting]


def _preparations(view: View, subject: SubjectView | None) -> Choices:
    prepared = subject.course.preparations if subject else ()
    return [(one.number, f"{one.number}: {one.coi}") for one in prepared]


def _waiting(view: View, subject: SubjectView | None) -> Choices:
    return [(one.number, f"{one.number}: {one.coi}") for one in subject.course.waiting] if subject else []


def _medicines(view: View, subject: SubjectView | None) -> Choices:
    return [(one.drug, one.drug) for one in subject.course.medicines.values()] if subject else []


def _taken_still(view: View, subject: SubjectView | None) -> Choices:
    taken = subject.course.medicines.values() if subject else ()
    return [(one.drug, one.drug) for one in taken if one.stopped_at is None]


def _classes(view: View, subject: SubjectView | None) -> Choices:
    given = (one.product for arm in view.study.arms for one in arm.treatments if one.times is None)
    named = [(one, one) for one in dict.fromkeys((*(m.drug for m in view.study.medicines), *given))]
    return [*named, (OF_NO_CLASS, "none of these")]


def _pauses(view: View, subject: SubjectView | None) -> Choices:
    return [(one.number, f"{one.number}: {one.reason}") for one in view.pauses if one.lifted_at is None]


def _lots(view: View, subject: SubjectView | None) -> Choices:
    return [(lot.id, f"{lot.id}: {lot.product}, {lot.status}") for lot in view.stock.lots.values()]


_OFFERED: Mapping[tuple[str, str], Callable[[View, SubjectView | None], Choices]] = {
    ("", "visit"): visits,
    ("", "event"): _events,
    ("", "item"): _items,
    ("", "query"): _queries,
    ("", "preparation"): _preparations,
    ("", "pause"): _pauses,
    ("", "counts_as"): _classes,
    ("", "arm"): lambda view, _: [(arm.name, arm.name) for arm in view.study.arms],
    ("", "product"): lambda view, _: [(one.name, one.name) for one in view.study.products],
    ("", "cohort"): lambda view, _: [(one.name, one.name) for one in view.study.cohorts],
    ("", "rule"): lambda view, _: [(one.id, f"{one.id}: {one.say}") for one in view.study.stopping_rules],
    ("", "version"): lambda view, _: [(one.name, one.name) for one in view.versions],
    ("", "lot"): _lots,
    ("", "role"): lambda view, _: [(role, role) for role in ROLES],
    ("", "subject"): lambda view, _: [(one.id, one.id) for one in view.subjects],
    ("", "for_subject"): lambda view, _: [(one.id, one.id) for one in view.subjects],
    ("StopMedicine", "drug"): _taken_still,
    ("VoidMedicine", "drug"): _medicines,
    ("PlanDay", "anchor"): lambda view, _: [(name, spaced(name)) for name in plannable(view.study)],
    ("StartInfusion", "preparation"): _waiting,
    ("DiscardPreparation", "preparation"): _waiting,
    ("ApproveAmendment", "site"): lambda view, _: [(site, f"{site} {name}") for site, name in view.sites.items()],
    ("SetTimeZone", "site"): lambda view, _: [(site, f"{site} {name}") for site, name in view.sites.items()],
}
"""What a field offers, by its command, or for every command under an empty name."""
