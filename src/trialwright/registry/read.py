"""Read a registered record: a copied page in either layout, or the registry's own JSON or XML."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from trialwright.errors import RecordError
from trialwright.registry import layout_a, layout_b
from trialwright.registry.api import api_sections, read_json
from trialwright.registry.classic_xml import read_xml
from trialwright.registry.eligibility import criteria_sections
from trialwright.registry.fetch import STUDIES, fetch_study
from trialwright.registry.fields import CARRYING_SECTIONS, field_states
from trialwright.registry.lint import lint
from trialwright.registry.page import Draft, Section, keep_rest, lines_of
from trialwright.registry.page_results import posted_results
from trialwright.registry.reading import EXTENSION, Reading, items_at, value_at
from trialwright.registry.versions import Comparison, updated

LONGEST_DATA = 50_000_000
LONGEST_PAGE = 2_000_000
SCHEMA = "trialwright.read/1"
_SEVERITIES = ("error", "warning", "note")


def read_record(text: str, source: str = "<text>", as_of: date | None = None) -> Reading:
    r"""Read one registered record, keep every line of it, and say what is wrong with it.

    A text that begins with `{` is a study in the registry's JSON: one of the API v2 is passed through unchanged and
    only the key `trialwright` is added, one of the API v1 is carried over, as is the classic XML. Any other text is a
    copied page; its layout is told by its headings.

    Args:
        text: The page or the JSON.
        source: What to call it in messages, such as the file's name.
        as_of: The day by which a status counts as stale; without it, the record's own last update.

    Returns:
        The record with its sections, the state of its fields, and the findings, errors first.

    Raises:
        RecordError: The text is empty, longer than any record (2 million characters for a page, 50 million for JSON or
            XML), no study of this registry, or of no known layout.

    Example:
        >>> page = "A trial\nNCT ID: NCT00000001\nLast Updated: 2024-02-01\nBasic Information\nRECRUITING"
        >>> reading = read_record(page)
        >>> reading.nct_id, reading.record["protocolSection"]["statusModule"]["overallStatus"]
        ('NCT00000001', 'RECRUITING')
    """
    if not text.strip("\ufeff \t\r\n"):
        raise RecordError(f"{source}: there is no text; give the copied page or the registry's JSON")
    content = text.lstrip("\ufeff \t\r\n")
    is_data = content.startswith(("{", "<?xml", "<clinical_study"))
    longest = LONGEST_DATA if is_data else LONGEST_PAGE
    if len(text) > longest:
        raise RecordError(f"{source}: {len(text)} characters are more than one record has ({longest}); give one record")
    reading = _read_data(content, source) if is_data else _read_page(text, source)
    found = sorted((*reading.findings, *lint(reading, as_of)), key=lambda finding: _SEVERITIES.index(finding.severity))
    return replace(reading, findings=tuple(found))


def read_fetched(nct_id: str, studies: str = STUDIES, as_of: date | None = None) -> Reading:
    """Fetch one study from the registry and read it; the answer must be of the study that was asked for.

    Args:
        nct_id: The registration number, such as `NCT05962762`.
        studies: The address under which the studies lie.
        as_of: The day by which a status counts as stale; without it, the record's own last update.

    Raises:
        RecordError: The study cannot be had, or the answer is another one; an alias of the number is accepted.
    """
    number = nct_id.upper()
    reading = read_record(fetch_study(number, studies), f"{studies}/{number}", as_of)
    aliases = value_at(reading.record, "identificationModule.nctIdAliases") or []
    if number not in (reading.nct_id, *aliases):
        raise RecordError(
            f"{number}: the registry answered with {reading.nct_id or 'a study without a number'}; correct the number"
        )
    return reading


def _read_data(text: str, source: str) -> Reading:
    if text.startswith("{"):
        record, layout, findings = read_json(text, source)
    else:
        record, findings = read_xml(text, source)
        layout = "classic XML"
    sections = api_sections(record) | criteria_sections(items_at(record, f"{EXTENSION}.eligibilityItems"))
    states = field_states(record)
    return Reading(
        source=source, layout=layout, record=record, sections=sections, field_states=states, findings=findings
    )


_LAYOUTS = (layout_a.LAYOUT, layout_b.LAYOUT)


def _read_page(text: str, source: str) -> Reading:
    lines = lines_of(text)
    layout = max(_LAYOUTS, key=lambda each: each.score(lines))
    if layout.score(lines) == 0:
        raise RecordError(
            f"{source}: none of the {len(lines)} lines is a heading of a known page layout, and the text is no JSON; "
            "copy the whole page from its top, or download the study as JSON from the registry"
        )
    draft = Draft()
    rest, results = posted_results(lines, layout.is_heading, draft)
    printed_parts = layout.sections(rest, draft)
    for section in layout.in_reading_order(printed_parts):
        layout.read_section(section, draft)
    found = (*printed_parts, *results)
    layout.complete(draft)
    for section in found:
        keep_rest(draft, section)
    printed = _passages(found, draft)
    empty = {name for name, passages in printed.items() if not passages}
    _report_headings(draft, found, empty, layout.always_printed)
    return Reading(
        source=source,
        layout=layout.name,
        record=draft.record,
        sections=printed | criteria_sections(items_at(draft.record, f"{EXTENSION}.eligibilityItems")),
        field_states=field_states(draft.record, empty, draft.labels_without_value, draft.said_to_be_none),
        findings=tuple(draft.findings),
        places=draft.places(),
    )


def _passages(found: Sequence[Section], draft: Draft) -> dict[str, tuple[str, ...]]:
    title = value_at(draft.record, "identificationModule.briefTitle")
    passages: dict[str, list[str]] = {"title": [title]} if title else {}
    for section in found:
        passages.setdefault(section.name or section.heading.casefold(), []).extend(line.text for line in section.lines)
    return {name: tuple(texts) for name, texts in passages.items()}


def _report_headings(draft: Draft, found: Sequence[Section], empty: Collection[str], always: Sequence[str]) -> None:
    for section in found:
        if section.name in empty:
            draft.find(
                "X02",
                "warning" if section.name in CARRYING_SECTIONS else "note",
                section.place,
                f"the heading '{section.heading}' stands over no text",
                "its text was lost before this page was copied, or was never given: lost is not none",
                "take it from the registry",
            )
    names = [section.name for section in found]
    missing = next((name for name in always if not any(later in names for later in always[always.index(name) :])), None)
    if missing:
        draft.find(
            "K05",
            "error",
            "end of the page",
            f"the page has nothing from '{missing}' on: it may be cut short",
            "whole pages of this layout go on from there",
            "copy the whole page again",
        )


def to_json(reading: Reading, comparison: Comparison | None = None) -> dict[str, Any]:
    r"""The reading as plain data for a file or another program.

    Returns:
        `schema`, `source`, `layout`, `record`, `fieldStates` and `findings`, each of the latter with its six parts;
        with a comparison also `versions`: the two sources, `changes` and `findings`.

    Example:
        >>> page = "A trial\nNCT ID: NCT00000001\nBasic Information\nRECRUITING"
        >>> sorted(to_json(read_record(page)))
        ['fieldStates', 'findings', 'layout', 'record', 'schema', 'source']
    """
    versions = {} if comparison is None else {"versions": _comparison_json(comparison)}
    return {
        "schema": SCHEMA,
        "source": reading.source,
        "layout": reading.layout,
        "record": reading.record,
        "fieldStates": dict(reading.field_states),
        "findings": [asdict(finding) for finding in reading.findings],
        **versions,
    }


def _comparison_json(comparison: Comparison) -> dict[str, Any]:
    return {
        "earlier": {"source": comparison.earlier.source, "updated": updated(comparison.earlier) or None},
        "later": {"source": comparison.later.source, "updated": updated(comparison.later) or None},
        "changes": [asdict(change) for change in comparison.changes],
        "findings": [asdict(finding) for finding in comparison.findings],
    }
