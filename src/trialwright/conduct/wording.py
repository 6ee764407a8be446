"""An entry of the log as a person reads it: on the audit trail, in every copy, and where it is signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from trialwright.conduct import events as ev
from trialwright.conduct.data_state import DataPoint, Query
from trialwright.conduct.signatures import SignedContent
from trialwright.protocol.quantity import plain
from trialwright.protocol.study import Exclusion, Study
from trialwright.protocol.subject import parse_subject
from trialwright.protocol.wording import finding_words, in_words, label, named, visit_label

TITLES = {
    "RecordReconsent": "Record a new consent",
    "RecordDisposition": "Record how the subject left",
    "CorrectDisposition": "Correct how the subject left",
    "PrescribeMedicine": "Prescribe a medicine",
    "FollowUpAdverseEvent": "Follow up an adverse event",
    "CorrectAdverseEvent": "Correct an adverse event",
    "VoidAdverseEvent": "Void an adverse event entered in error",
    "VoidMedicine": "Void a medicine entered in error",
    "AssessSeriousness": "Assess the seriousness",
    "AssessRelatedness": "Assess the relatedness",
    "HoldVisit": "Record that a visit was held",
    "HoldUnscheduledVisit": "Record an unscheduled visit",
    "MissVisit": "Record that a visit was missed",
    "PlanDay": "Plan a day anew",
    "CorrectGivenVolume": "Correct the volume given",
    "OverrideStagger": "Let the subject be infused before the stagger ends",
    "ReviewTrail": "Record a review of the audit trail",
    "SetTimeZone": "Set the time zone of a site",
    "SignResumption": "Sign that the trial goes on",
    "ReviewCohort": "Sign the review of the cohort",
    "RedactText": "Redact words",
    "RecordData": "Record the data of a visit",
    "CorrectData": "Correct a value",
    "VerifySource": "Verify against the source",
    "SignContent": "Sign what was taken down",
}
"""What commands are called whose name says too little."""
_ABBREVIATIONS = {"dlt": "DLT", "mtd": "MTD", "coi": "COI"}
_ABOVE = {*ev.EventBase.model_fields, "type", "subject", "visit"}
_LABELS = {
    "event": "Adverse event",
    "on": "Day",
    "was": "Before",
    "was_on": "Day before",
    "coi": "Chain of identity",
    "days_out": "Days outside the window",
    "granted": "Role granted",
    "opened_at": "Envelope opened at",
}
_WAS = {
    "AdverseEventGraded": "grade",
    "AdverseEventFollowedUp": "outcome",
    "RelatednessAssessed": "related",
    "VisitHeld": "on",
    "SubjectReconsented": "version",
    "ArmCorrected": "arm",
}
"""The field whose earlier value an entry keeps as `was`, by the entry's name without its version."""
_UNITS = {"_ml": "mL", "_kg": "kg", "_pct": "%", "_per_kg": "per kg"}
_PRESENCE = {"met": "absent", "not met": "present"}
"""How an exclusion criterion stands, as it is said on the subject's page: one that is met excludes nobody."""
_NOTHING = "–"
_MILLION = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that an entry says: what, what stood there before where something did, and what stands there since."""

    label: str
    now: str
    was: str = ""

    @property
    def says(self) -> bool:
        """Whether anything stands there, or stood there before."""
        return bool(self.was) or self.now != _NOTHING

    @property
    def change(self) -> str:
        """What stands there, after what stood there before."""
        return f"{self.was} → {self.now}" if self.was not in {"", _NOTHING} else self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """An entry of the log: its number, who made it and when, and everything that it says."""

    sequence: int
    event: ev.Event
    visit: str
    facts: tuple[Fact, ...]


def signed_entries(study: Study, bound: SignedContent) -> tuple[ReadEntry, ...]:
    """The entries that a signature binds, oldest first; nothing of them is left out."""
    lines = (line.partition(" ") for line in bound.text.splitlines())
    return tuple(read_entry(study, int(number), ev.decode(body.encode())) for number, _, body in lines)


def read_entry(study: Study, sequence: int, event: ev.Event) -> ReadEntry:
    """An entry in words."""
    visit = vars(event).get("visit")
    return ReadEntry(
        sequence=sequence,
        event=event,
        visit=visit_label(visit, study) if visit else "",
        facts=tuple(_facts(study, event)),
    )


def title_of(command: str) -> str:
    """A command's name as a person reads it."""
    return TITLES.get(command, spaced(command))


def spaced(name: str) -> str:
    """`SubjectEnrolled.v1` as `Subject enrolled`, `DltAdjudicated.v2` as `DLT adjudicated`."""
    stem = name.partition(".")[0]
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in stem).replace("_", " ").split()
    said = " ".join(_ABBREVIATIONS.get(word, word) for word in words)
    return said[:1].upper() + said[1:]


def utc(moment: datetime | None) -> str:
    """A moment to the minute, with its zone."""
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""


def stands(point: DataPoint) -> str:
    """What stands at a data point, in words."""
    return f"missing: {point.missing}" if point.missing else in_words(point.value or ())


def about(query: Query, study: Study) -> tuple[str, str]:
    """The visit and the item that a query is about, in words; empty where it names none."""
    return visit_label(query.visit, study) if query.visit else "", label(query.item, study) if query.item else ""


def query_words(query: Query, study: Study) -> str:
    """A query in one line: its number, what it is about, and what is asked."""
    return f"{query.number}, {', '.join(filter(None, about(query, study))) or 'the subject'}: {query.text}"


def _facts(study: Study, event: ev.Event) -> Iterator[Fact]:
    """Values under the names that forms give them; then every other field."""
    told: set[str] = set()
    match event:
        case ev.DataRecorded():
            told = {"entered", "missing", "confirmed"}
            for item, value in parse_subject(event.entered).items():
                yield Fact(label=_label(study, item), now=_confirmed(in_words(value), event.confirmed.get(item)))
            yield from (Fact(label=_label(study, item), now=f"missing: {why}") for item, why in event.missing.items())
        case ev.DataCorrected():
            told = {"item", "was", "was_missing", "now", "now_missing", "confirmed"}
            was, now = _stood(event.was, event.was_missing), _stood(event.now, event.now_missing)
            yield Fact(label=_label(study, event.item), was=was, now=_confirmed(now, event.confirmed))
        case ev.EligibilityAssessedV2():
            told = {"entered", "changed", "findings"}
            yield from _assessed(study, event)
        case ev.ProtocolAdopted() | ev.ProtocolAmended():
            told = {"text"}
            yield Fact(label="Text", now=f"protocol file of {len(event.text)} characters")
        case ev.CommandRefused():
            told = {"command"}
            yield Fact(label="Asked", now=title_of(event.command))
    changed = _WAS.get(event.kind.partition(".")[0])
    told |= {"was"} if changed else set()
    for name in type(event).model_fields:
        if name not in _ABOVE | told:
            was = _said(vars(event)["was"], name) if name == changed else ""
            yield Fact(label=_name(name), was=was, now=_named(study, getattr(event, name), name))


def _assessed(study: Study, event: ev.EligibilityAssessedV2) -> Iterator[Fact]:
    entered, sayings = parse_subject(event.entered), {one.id: one.say for one in study.criteria}
    for part, known in entered.items():
        for name, value in known.items():
            label = {"days": f"Day of {name}", "answers": _criterion(name, sayings)}.get(part, _label(study, name))
            yield Fact(label=label, now=_entered(value), was=_before(event.changed.get(name)))
    excludes = {one.id for one in study.criteria if isinstance(one, Exclusion)}
    for criterion, finding in event.findings.items():
        found = finding_words(finding, study)
        now = _PRESENCE.get(found, found) if criterion in excludes else found
        yield Fact(label=_criterion(criterion, sayings), now=now)


def _before(changed: str | None) -> str:
    """What stood there before, of which the entry keeps the JSON."""
    return "" if changed is None else _entered(parse_subject(changed))


def _entered(value: Any) -> str:
    """A day, an answer, or the observations of an item."""
    return in_words(value) if isinstance(value, list) else _said(value)


def _stood(value: str | None, missing: str | None) -> str:
    return f"missing: {missing}" if value is None else in_words(parse_subject(value))


def _confirmed(now: str, why: str | None) -> str:
    return f"{now}; unusual, and confirmed: {why}" if why else now


def _criterion(name: str, sayings: Mapping[str, str]) -> str:
    return f"{name}: {sayings[name]}" if name in sayings else name


def _label(study: Study, name: str) -> str:
    item = study.item(name)
    return item.label if item else spaced(name)


def _named(study: Study, value: Any, field: str) -> str:
    """A value in words; items by their labels."""
    match field, value:
        case "item", str():
            return _label(study, value)
        case "items", tuple():
            return ", ".join(_label(study, item) for item in value)
        case "to_obtain", tuple():
            return ", ".join(named(one, study) for one in value) or _NOTHING
    return _said(value, field)


def _name(field: str) -> str:
    stem = next((field.removesuffix(end) for end in _UNITS if field.endswith(end)), field)
    return _LABELS.get(field, spaced(stem))


def _said(value: Any, field: str = "") -> str:
    """A value in words, with the unit that the field's name ends in."""
    match value:
        case None:
            return _NOTHING
        case bool():
            return "yes" if value else "no"
        case datetime():
            return utc(value)
        case date():
            return value.isoformat()
        case Decimal():
            unit = next((f" {unit}" for end, unit in _UNITS.items() if field.endswith(end)), "")
            return f"{plain(value) if abs(value) >= _MILLION else f'{value:f}'}{unit}"
        case Mapping():
            return "; ".join(f"{key}: {_said(said)}" for key, said in value.items()) or _NOTHING
        case tuple() | list() | frozenset():
            return ", ".join(map(_said, value)) or _NOTHING
        case _:
            return str(value)
