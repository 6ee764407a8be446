"""The pages of a bundle and of a site copy: HTML that opens from a disk and prints, without script or address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from jinja2 import Environment, StrictUndefined

from trialwright.access import AccessEntry
from trialwright.analysis.report_page import STYLE
from trialwright.conduct.data_state import Signature
from trialwright.conduct.events import Event
from trialwright.conduct.views import SubjectView
from trialwright.conduct.wording import read_entry, spaced, stands
from trialwright.protocol.study import Study
from trialwright.protocol.subject_text import canonical
from trialwright.protocol.wording import label, unit_words, visit_label

ROWS_ON_A_PAGE = 500
_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
_PAGE = _ENVIRONMENT.from_string("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>{{ style | safe }}</style>
<style>
@page { size: A4 landscape; margin: 14mm }
@media screen { body { max-width: 100rem } }
td { overflow-wrap: anywhere; min-width: 4rem }
</style>
</head>
<body>
<header>
<h1>{{ title }}</h1>
{% for line in lines %}
<p>{{ line }}</p>
{% endfor %}
{% if links %}
<nav aria-label="Pages"><p>{% for link in links %}<a href="{{ link.to }}">{{ link.text }}</a> {% endfor %}</p></nav>
{% endif %}
</header>
<main>
{% for part in parts %}
{% if part.heading %}
<h2>{{ part.heading }}</h2>
{% endif %}
{% if part.rows %}
<div class="tw-scroll" role="region" tabindex="0" aria-label="{{ part.title }}">
<table class="tw-table"><caption>{{ part.title }}</caption>
<thead><tr>{% for name in part.header %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in part.rows %}
<tr>{% for cell in row %}{% if loop.first %}<th scope="row">{% else %}<td>{% endif %}\
{% if cell.to is defined %}<a href="{{ cell.to }}">{{ cell.text }}</a>{% else %}{{ cell }}{% endif %}\
{% if loop.first %}</th>{% else %}</td>{% endif %}{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
{% else %}
<p>{{ part.title }}: none.</p>
{% endif %}
{% endfor %}
</main>
</body>
</html>
""")


class Link(NamedTuple):
    """Words that lead to another page."""

    text: str
    to: str


Cell = str | int | Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table of a page, under a heading if it has one."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    heading: str = ""


def page(title: str, lines: Iterable[str], parts: Iterable[Part], links: Iterable[Link] = ()) -> bytes:
    """Write a page."""
    return _PAGE.render(title=title, lines=lines, parts=tuple(parts), links=tuple(links), style=STYLE).encode()


def entry_part(study: Study, events: Iterable[tuple[int, Event]], hashes: Mapping[int, str] | None = None) -> Part:
    """The table of entries in the words of the audit trail's page: who did what, when, where; with hashes if given."""
    header = ("Entry", "Time, UTC", "Who", "Role", "Site", "What", "Subject", "Visit", "Details", "Protocol, software")
    rows = []
    for sequence, event in events:
        read, about = read_entry(study, sequence, event), str(getattr(event, "subject", None) or "")
        details = "; ".join(f"{fact.label}: {fact.change}" for fact in read.facts if fact.says)
        who = (event.by, event.role or "", event.site or "")
        row = (
            sequence,
            moment(event.at),
            *who,
            spaced(event.kind),
            about,
            read.visit,
            details,
            f"{event.protocol}, {event.software}",
        )
        rows.append((*row, hashes[sequence]) if hashes else row)
    return Part(title="Entries", header=(*header, "SHA-256") if hashes else header, rows=rows)


def access_part(entries: Iterable[tuple[int, AccessEntry]]) -> Part:
    """The table of who came in, who tried to, and whose account changed."""
    rows = [
        (
            sequence,
            moment(entry.at),
            spaced(entry.kind),
            "; ".join(f"{spaced(name)}: {said}" for name, said in entry.in_words().items()),
        )
        for sequence, entry in entries
    ]
    return Part(title="Access", header=("Entry", "Time, UTC", "What", "Details"), rows=rows)


def subject_parts(study: Study, subject: SubjectView, events: Iterable[tuple[int, Event]]) -> Iterator[Part]:
    """The tables of one subject: data, adverse events, signatures, and its entries among those that may be read."""
    yield _data_part(study, subject)
    yield Part(
        title="Adverse events",
        header=("No.", "Term", "Onset", "Grade", "Related", "Serious"),
        rows=[
            (
                one.number,
                one.term,
                one.onset_on.isoformat(),
                one.grade,
                one.related_in_words,
                _yes(value=one.serious),
            )
            for one in subject.adverse_events
        ],
    )
    yield signature_part(study, subject.data.signatures)
    own = ((sequence, event) for sequence, event in events if getattr(event, "subject", None) == subject.id)
    yield replace(entry_part(study, own), title="Audit trail")


def _data_part(study: Study, subject: SubjectView) -> Part:
    """What the record holds of a subject, in words."""
    units = {item.name: unit_words(item.unit) for item in study.items}
    rows = [
        ("screening", label(name, study), "", f"{_value(value)} {units.get(name, '')}".strip(), *[""] * 4)
        for name, value in subject.values.items()
    ]
    for visit, points in subject.data.points.items():
        for name, point in points.items():
            told = (point.by, moment(point.at), str(point.corrected or ""), point.verified[0] if point.verified else "")
            rows.append((visit_label(visit, study), label(name, study), point.on.isoformat(), stands(point), *told))
    header = ("Visit", "Item", "Day", "Value", "By", "Recorded, UTC", "Corrected", "Verified by")
    return Part(title="Data", header=header, rows=rows)


DATA = ("Subject", "Visit", "Item", "Day", "Value", "Missing", "By", "Recorded, UTC", "Corrected", "Verified by")
"""The columns of data in the table for machines."""


def data_rows(subject: SubjectView) -> Iterator[tuple[str, ...]]:
    """What the record holds of a subject, by names: each item of screening, and each data point of each visit."""
    for item, value in subject.values.items():
        yield (subject.id, "screening", item, "", _value(value), "", "", "", "", "")
    for visit, points in subject.data.points.items():
        for item, point in points.items():
            value = "" if point.value is None else canonical(point.value)
            told = (point.by, moment(point.at), str(point.corrected), point.verified[0] if point.verified else "")
            yield (subject.id, visit, item, point.on.isoformat(), value, point.missing or "", *told)


def signature_part(study: Study, signatures: Iterable[Signature]) -> Part:
    """The table of a subject's signatures: printed name, moment and meaning, and whether they stand (21 CFR 11.50)."""
    return Part(
        title="Signatures",
        header=("Name", "Who", "Role", "Time, UTC", "Meaning", "Over", "Superseded by entry"),
        rows=[
            (
                *(one.name, one.by, one.role or "", moment(one.at), one.meaning),
                visit_label(one.visit, study) if one.visit else "the subject",
                one.superseded_by or "",
            )
            for one in signatures
        ],
    )


def moment(at: datetime) -> str:
    """A moment as it is shown, to the second, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _value(value: object) -> str:
    return _yes(value=value) if isinstance(value, bool) else str(value)


def _yes(*, value: bool) -> str:
    return "yes" if value else "no"
