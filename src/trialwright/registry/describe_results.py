"""Posted results as text: a table for each period, measure and kind of event, with a column for each group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from trialwright.registry.page_results import POSTED
from trialwright.registry.reading import Reading, items_at, text_at, value_at
from trialwright.registry.vocabulary import unescape

_FLOW = "resultsSection.participantFlowModule"
_BASELINE = "resultsSection.baselineCharacteristicsModule"
_OUTCOMES = "resultsSection.outcomeMeasuresModule"
_EVENTS = "resultsSection.adverseEventsModule"
_MORE = "resultsSection.moreInfoModule"
_WIDTH = 100
_MOST_EVENTS = 10

Entry = Mapping[str, Any]
Row = tuple[str, Mapping[str, str]]


def describe_results(reading: Reading) -> list[str]:
    """The posted results of a record as lines; of the adverse events those that most participants had.

    Example:
        >>> from trialwright.registry.read import read_record
        >>> describe_results(read_record('{"hasResults": false, "protocolSection": {}}'))
        ['  (none: this source says that none are posted)']
    """
    record = reading.record
    if printed := items_at(record, POSTED):
        return [line for each in printed for line in (f"  {_text(each, 'heading')}", *_wrapped(str(each["text"]), 4))]
    if not isinstance(value_at(record, "resultsSection"), Mapping):
        has = value_at(record, "hasResults")
        said = {
            "True": "lost: this source says that they are posted, and does not have them",
            "False": "none: this source says that none are posted",
        }
        return [f"  ({said.get(str(has), 'absent: this source does not have them')})"]
    return [*_flow(record), *_baseline(record), *_outcomes(record), *_adverse_events(record), *_more(record)]


def _flow(record: Entry) -> Iterator[str]:
    groups = items_at(record, f"{_FLOW}.groups")
    yield from _heading("Participant flow", groups)
    for key in ("recruitmentDetails", "preAssignmentDetails"):
        yield from _wrapped(text_at(record, f"{_FLOW}.{key}"), 4)
    for period in items_at(record, f"{_FLOW}.periods"):
        rows = [
            (_text(each, "type"), _cells(each, counted, "numSubjects"))
            for steps, counted in (("milestones", "achievements"), ("dropWithdraws", "reasons"))
            for each in items_at(period, steps)
        ]
        yield from _table(_text(period, "title"), groups, rows)


def _baseline(record: Entry) -> Iterator[str]:
    groups = items_at(record, f"{_BASELINE}.groups")
    yield from _heading("Baseline characteristics", groups)
    yield from _wrapped(text_at(record, f"{_BASELINE}.populationDescription"), 4)
    yield from _table("", groups, _denominators(value_at(record, _BASELINE)))
    for measure in items_at(record, f"{_BASELINE}.measures"):
        yield from _table(f"{_text(measure, 'title')}{_measured(measure)}", groups, _values(measure))


def _outcomes(record: Entry) -> Iterator[str]:
    measures = items_at(record, f"{_OUTCOMES}.outcomeMeasures")
    yield from _heading(f"Outcome measures ({len(measures)})", [])
    for measure in measures:
        title = (
            f"{_term(measure, 'type')}: {_text(measure, 'title')} [{_text(measure, 'timeFrame')}]{_measured(measure)}"
        )
        groups = items_at(measure, "groups")
        rows = [*_denominators(measure), *_values(measure)]
        yield from _table(title.removeprefix(": "), groups, rows)
        yield from _legend(groups, 6)
        if not rows:
            yield from _wrapped(f"not posted yet; awaited {_text(measure, 'anticipatedPostingDate')}".rstrip(), 6)
        for analysis in items_at(measure, "analyses"):
            yield from _wrapped(_analysis(analysis), 6)


def _adverse_events(record: Entry) -> Iterator[str]:
    groups = items_at(record, f"{_EVENTS}.eventGroups")
    yield from _heading("Adverse events", groups)
    yield from _wrapped(f"time frame: {text_at(record, f'{_EVENTS}.timeFrame') or '(not stated)'}", 4)
    yield from _wrapped(text_at(record, f"{_EVENTS}.description"), 4)
    totals = {
        name: {
            _text(group, "id"): _of(group, f"{kind}NumAffected", f"{kind}NumAtRisk") or "not stated" for group in groups
        }
        for kind, name in (("deaths", "deaths of any cause"), ("serious", "serious events"), ("other", "other events"))
    }
    yield from _table("Participants affected, of those at risk", groups, list(totals.items()))
    for key, title in (("seriousEvents", "Serious events"), ("otherEvents", "Other events")):
        events = sorted(items_at(record, f"{_EVENTS}.{key}"), key=_affected, reverse=True)
        rest = len(events) - _MOST_EVENTS
        rows = [(_event(event), _event_cells(event)) for event in events[:_MOST_EVENTS]]
        yield from _table(f"{title} ({len(events)})" if events else "", groups, rows)
        if rest > 0:
            yield f"      and {rest} more, in the record (--json)"


def _more(record: Entry) -> Iterator[str]:
    yield from _heading("More information", [])
    limits = text_at(record, f"{_MORE}.limitationsAndCaveats.description")
    yield from _wrapped(f"limitations and caveats: {limits or '(none stated)'}", 4)
    agreement = value_at(record, f"{_MORE}.certainAgreement")
    for key, name in (
        ("piSponsorEmployee", "principal investigators are the sponsor's employees"),
        ("restrictiveAgreement", "an agreement restricts what they publish"),
    ):
        value = agreement.get(key) if isinstance(agreement, Mapping) else None
        if isinstance(value, bool):
            yield f"    {name}: {'yes' if value else 'no'}"
    yield from _wrapped(text_at(record, f"{_MORE}.certainAgreement.otherDetails"), 4)


def _heading(title: str, groups: Sequence[Entry]) -> Iterator[str]:
    yield f"  {title}"
    yield from _legend(groups, 4)


def _legend(groups: Sequence[Entry], indent: int) -> Iterator[str]:
    for group in groups:
        yield from _wrapped(f"{_text(group, 'id')} = {_text(group, 'title')}", indent)


def _table(title: str, groups: Sequence[Entry], rows: Sequence[Row]) -> Iterator[str]:
    """A titled table; one that is too wide gives a row for each of its cells."""
    yield from _wrapped(title, 4)
    ids = [_text(group, "id") for group in groups]
    columns = [(each, max([len(each), *(len(cells.get(each, "")) for _, cells in rows)])) for each in ids]
    label = max((len(name) for name, _ in rows), default=0)
    if not rows:
        return
    if 6 + label + sum(2 + width for _, width in columns) > _WIDTH:
        for name, cells in rows:
            yield from _wrapped(f"{name}: {'; '.join(f'{each} {text}' for each, text in cells.items() if text)}", 6)
        return
    for name, cells in [("", {each: each for each in ids}), *rows]:
        numbers = "".join(f"  {cells.get(each, ''):>{width}}" for each, width in columns)
        yield f"      {name:<{label}}{numbers}".rstrip()


def _wrapped(text: str, indent: int) -> list[str]:
    lead = " " * indent
    return [
        line
        for part in unescape(text).splitlines()
        for line in wrap(
            part,
            _WIDTH,
            initial_indent=lead,
            subsequent_indent=f"{lead}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def _text(entry: Entry, key: str) -> str:
    value = entry.get(key)
    return " ".join(unescape(str(value)).split()) if isinstance(value, str | int | float) else ""


def _term(entry: Entry, key: str) -> str:
    return _text(entry, key).replace("_", " ").lower()


def _cells(entry: Entry, key: str, value: str) -> dict[str, str]:
    return {_text(each, "groupId"): _text(each, value) for each in items_at(entry, key)}


def _of(entry: Entry, affected: str, at_risk: str) -> str:
    return "/".join(text for key in (affected, at_risk) if (text := _text(entry, key)))


def _denominators(entry: object) -> list[Row]:
    found = items_at(entry, "denoms") if isinstance(entry, Mapping) else []
    return [(f"analysed: {_text(each, 'units')}", _cells(each, "counts", "value")) for each in found]


def _measured(measure: Entry) -> str:
    """What the numbers of a measure are: their unit, the statistic, and the measure of spread."""
    spread = _term(measure, "dispersionType")
    statistic = f"{_term(measure, 'paramType')}{f' ({spread})' if spread else ''}"
    parts = [part for part in (_text(measure, "unitOfMeasure"), statistic) if part]
    return f", {', '.join(parts)}" if parts else ""


def _values(measure: Entry) -> list[Row]:
    return [
        (
            " / ".join(part for part in (_text(each, "title"), _text(category, "title")) if part) or "all",
            {_text(value, "groupId"): _value(value) for value in items_at(category, "measurements")},
        )
        for each in items_at(measure, "classes")
        for category in items_at(each, "categories")
    ]


def _value(measurement: Entry) -> str:
    limits = [_text(measurement, key) for key in ("lowerLimit", "upperLimit")]
    spread = _text(measurement, "spread")
    inside = f" ({spread})" if spread else f" ({' to '.join(limits)})" if any(limits) else ""
    return f"{_text(measurement, 'value')}{inside}"


def _analysis(analysis: Entry) -> str:
    ids = analysis.get("groupIds")
    groups = ", ".join(map(str, ids)) if isinstance(ids, list) else ""
    limits = [_text(analysis, key) for key in ("ciLowerLimit", "ciUpperLimit")]
    interval = f" ({_text(analysis, 'ciPctValue')} % CI {' to '.join(limits)})" if any(limits) else ""
    estimate = f"{_text(analysis, 'paramType')} {_text(analysis, 'paramValue')}{interval}".strip()
    tested = f"p {_text(analysis, 'pValue')}, {_text(analysis, 'statisticalMethod')}" if analysis.get("pValue") else ""
    return f"analysis of {groups or 'the groups'}: {'; '.join(part for part in (estimate, tested) if part)}"


def _event(event: Entry) -> str:
    system = _text(event, "organSystem")
    return f"{_text(event, 'term')}{f' [{system}]' if system else ''}"


def _event_cells(event: Entry) -> dict[str, str]:
    return {_text(each, "groupId"): _of(each, "numAffected", "numAtRisk") for each in items_at(event, "stats")}


def _affected(event: Entry) -> int:
    return sum(number for each in items_at(event, "stats") if isinstance(number := each.get("numAffected"), int))
