"""Layout B's references, identifiers and other trials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.page import Draft, Line, Section, joined
from trialwright.registry.reading import EXTENSION, items_at

_REFERENCE_TYPE = re.compile(r"Reference Type:?\s+(BACKGROUND|RESULT|DERIVED)\s*$", re.IGNORECASE)
_PMID = re.compile(r"PMID:\s*(\d+)(?:\s*\(View on PubMed\))?\s*$")
_ID_TYPE = re.compile(r"Identifier Type:\s*(.*)$")
_ID_SOURCE = re.compile(r"Identifier Source:\s*(org_study_id|secondary_id|nct_alias|\S+)\s*(.*)$")
_NCT_ID = re.compile(r"(NCT\d{8})$")


def read_references(section: Section, draft: Draft) -> None:
    """Read the references: a citation, its type, its PubMed number; without types each other line is a citation."""
    typed = any(_REFERENCE_TYPE.match(line.text) for line in section.lines)
    citation: list[Line] = []
    reference: dict[str, Any] | None = None
    for line in section.lines:
        kind, pmid = _REFERENCE_TYPE.match(line.text), _PMID.match(line.text)
        if kind and citation:
            reference = {"type": kind[1].upper(), "citation": joined(citation)}
            draft.add("referencesModule.references", reference, *citation, line)
            citation = []
        elif pmid and reference is not None and not citation and "pmid" not in reference:
            reference["pmid"] = pmid[1]
            draft.place("referencesModule.references", [line])
        elif not typed:
            reference = {"citation": joined([line])}
            draft.add("referencesModule.references", reference, line)
        else:
            citation.append(line)


def read_identifiers(section: Section, draft: Draft) -> None:
    """Read the sponsor's own number and the secondary ones: an identifier, its type, its source."""
    block: list[Line] = []
    kind = ""
    for line in section.lines:
        if match := _ID_TYPE.match(line.text):
            kind = "" if match[1].strip() in {"", "-"} else match[1].strip()
            block.append(line)
        elif (match := _ID_SOURCE.match(line.text)) and block:
            _put_identifier(draft, [*block, line], kind, match[1])
            if match[2]:
                draft.keep(section.heading, [Line(line.number, match[2])])
            block, kind = [], ""
        else:
            block.append(line)


def _put_identifier(draft: Draft, block: Sequence[Line], kind: str, source: str) -> None:
    identifier = {"id": words.unescape(block[0].text)} | ({"type": kind} if kind else {})
    if source == "org_study_id":
        draft.put("identificationModule.orgStudyIdInfo", identifier, *block)
    elif source == "nct_alias":
        draft.add("identificationModule.nctIdAliases", identifier["id"], *block)
    else:
        domain = {} if source == "secondary_id" else {"domain": source}
        draft.add("identificationModule.secondaryIdInfos", identifier | domain, *block)


def read_titles_with_ids(section: Section, draft: Draft) -> None:
    """Read the page's list of other trials: a title, a registration number, and a status and a phase if printed."""
    path = f"{EXTENSION}.relatedTrials"
    title: list[Line] = []
    for line in section.lines:
        trials = items_at(draft.record, path)
        status, phases = words.code(line.text, words.STATUSES), words.phases(line.text)
        if number := _NCT_ID.match(line.text):
            trial: dict[str, Any] = {"nctId": number[1]} | ({"title": joined(title)} if title else {})
            draft.add(path, trial, *title, line)
            title = []
        elif trials and not title and status and "overallStatus" not in trials[-1]:
            trials[-1]["overallStatus"] = status
            draft.place(path, [line])
        elif trials and not title and phases and "phases" not in trials[-1]:
            trials[-1]["phases"] = phases
            draft.place(path, [line])
        else:
            title.append(line)
