"""The audit trail as rows: who changed what, when, why, from what to what; filtered, redacted and reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.events import Event
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.protocol.subject import parse_subject
from trialwright.protocol.subject_text import canonical

FREE_TEXT = frozenset({"reason", "text", "term", "finding"})
"""Fields of entries that hold words of people, and so can hold a name typed by mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """One change, or one entry that changed no item.

    Attributes:
        sequence: The entry's sequence number.
        was: What stood there before: JSON, or why it was missing; None where there was nothing.
        now: What stands there since, likewise.
        why: The reasons that were given.
    """

    sequence: int
    at: datetime
    by: str
    role: str | None
    site: str | None
    protocol: str
    software: str
    kind: str
    subject: str | None = None
    visit: str | None = None
    item: str | None = None
    was: str | None = None
    now: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailFilter:
    """Which rows are wanted; what is None does not count.

    Attributes:
        who: The person.
        what: The kind of entry, with or without its version.
        since: The first moment.
        until: The last moment.
        why: Words that the reason contains, capitals or not.
    """

    who: str | None = None
    what: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    why: str | None = None
    subject: str | None = None
    visit: str | None = None
    item: str | None = None

    def named(self) -> dict[str, str]:
        """What is asked for, by name."""
        asked = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asked.items()
            if value is not None
        }

    def takes(self, row: TrailRow) -> bool:
        """Whether a row is wanted."""
        return (
            self.who in {None, row.by}
            and self.what in {None, row.kind, row.kind.partition(".")[0]}
            and (self.since is None or row.at >= self.since)
            and (self.until is None or row.at <= self.until)
            and (self.why is None or self.why.casefold() in (row.why or "").casefold())
            and self.subject in {None, row.subject}
            and self.visit in {None, row.visit}
            and self.item in {None, row.item}
        )


def trail_rows(events: Iterable[tuple[int, Event]], wanted: TrailFilter | None = None) -> tuple[TrailRow, ...]:
    """The rows of a trail: one for each item that an entry changes, or one for the entry.

    Args:
        events: What the reader may see, as `views.trail` gives it.
        wanted: Which rows; all where none is given.
    """
    wanted = wanted or TrailFilter()
    return tuple(row for sequence, event in events for row in _rows(sequence, event) if wanted.takes(row))


def redacted(events: Iterable[Event]) -> tuple[Event, ...]:
    """Events as they may be read: words that were redacted are replaced by the entry that did so."""
    shown = list(events)
    for sequence, event in enumerate(tuple(shown), start=1):
        if isinstance(event, ev.TextRedacted):
            mark = f"[redacted by entry {sequence}]"
            shown[event.entry - 1] = shown[event.entry - 1].model_copy(update={event.field: mark})
    return tuple(shown)


def redact_text(case: Case, command: cmd.RedactText) -> Decided:
    """Take words of one entry out of sight, and keep the hash of what they were."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    event = next((event for sequence, event in subject.record if sequence == command.entry), None)
    if event is None:
        what = f"Entry {command.entry} is not one about {subject.id}."
        return invalid("redaction.entry", what, "Check the entry's number.")
    words = getattr(event, command.field, None)
    if command.field not in FREE_TEXT or not isinstance(words, str):
        return invalid(
            "redaction.field",
            f"{event.kind} has no words of people in {command.field}.",
            f"Words are in {', '.join(sorted(FREE_TEXT))}; a value is corrected and not redacted.",
        )
    gone = {(one.entry, one.field) for _, one in subject.record if isinstance(one, ev.TextRedacted)}
    if (command.entry, command.field) in gone:
        return invalid("redaction.done", "These words are redacted already.", "Nothing to do.")
    return (
        case.stamp(
            ev.TextRedacted,
            subject=subject.id,
            entry=command.entry,
            field=command.field,
            removed=sha256(words.encode()).hexdigest(),
            reason=command.reason,
        ),
    )


def review_trail(case: Case, command: cmd.ReviewTrail) -> Decided:
    """Take down that somebody read a subject's trail who wrote none of what is reviewed."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    due = [
        (sequence, event)
        for sequence, event in subject.record
        if subject.reviewed_through < sequence <= command.through and not isinstance(event, ev.TrailReviewed)
    ]
    if not due or due[-1][0] != command.through:
        what = f"Entry {command.through} is not one about {subject.id} that waits for review."
        return invalid("review.entry", what, "Name the last entry that you read.")
    if own := [str(sequence) for sequence, event in due if event.by == command.by]:
        return Refusal(
            code="review.author",
            reason=f"{command.by} wrote entries {', '.join(own)}.",
            rule="trail review: nobody reviews what they wrote",
            mend="Somebody else reviews it.",
            kind=Kind.PERMISSION,
        )
    return (case.stamp(ev.TrailReviewed, subject=subject.id, through=command.through, finding=command.finding),)


def _rows(sequence: int, event: Event) -> Iterator[TrailRow]:
    about = {"subject": getattr(event, "subject", None), "visit": getattr(event, "visit", None)}
    changes = tuple(_changes(event))
    for item, was, now, why in changes or ((getattr(event, "item", None), None, None, _why(event)),):
        yield TrailRow(
            sequence=sequence,
            at=event.at,
            by=event.by,
            role=event.role,
            site=event.site,
            protocol=event.protocol,
            software=event.software,
            kind=event.kind,
            item=item,
            was=was,
            now=now,
            why=why,
            **about,
        )


def _changes(event: Event) -> Iterator[tuple[str, str | None, str | None, str | None]]:
    """Item, what it was, what it is now, and why, for each item that an event changes."""
    match event:
        case ev.DataRecorded():
            for item, value in parse_subject(event.entered).items():
                yield item, None, canonical(value), event.confirmed.get(item)
            yield from ((item, None, f"missing: {why}", None) for item, why in event.missing.items())
        case ev.DataCorrected():
            was = _stood(event.was, event.was_missing)
            yield event.item, was, _stood(event.now, event.now_missing), f"{event.reason}: {event.text}"
        case ev.EligibilityAssessedV2():
            entered = parse_subject(event.entered)
            for item, value in _named(entered):
                yield item, event.changed.get(item), canonical(value), event.reason
        case ev.AdverseEventGraded():
            yield f"adverse event {event.event} grade", str(event.was), str(event.grade), event.reason
        case ev.VisitHeld() | ev.UnscheduledVisitHeld():
            earlier = event.was.isoformat() if isinstance(event, ev.VisitHeld) and event.was else None
            yield "day of visit", earlier, event.on.isoformat(), event.reason
        case ev.ArmCorrected():
            yield "arm", event.was, event.arm, event.reason
        case ev.ContentSigned() | ev.DoseDecisionSigned() | ev.ResumptionSigned() | ev.CohortReviewed():
            signer = f"{event.name} ({event.by})" if isinstance(event, ev.ContentSigned) else event.by
            yield "signature", None, f"{signer}, {event.meaning}", _why(event)
        case ev.TimeZoneSet() | ev.TimeZoneSetV2():
            yield "time zone", event.was, event.zone, None


def _named(entered: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, object]]:
    for named in entered.values():
        yield from named.items()


def _stood(value: str | None, missing: str | None) -> str:
    return f"missing: {missing}" if value is None else value


def _why(event: Event) -> str | None:
    whole = isinstance(event, ev.ProtocolAdopted | ev.ProtocolAmended)  # its text is the protocol, and says no reason
    names = ("reason", "finding") if whole else ("reason", "text", "finding")
    said = [str(words) for name in names if (words := getattr(event, name, None))]
    return ": ".join(said) or None
