"""Layout A's sponsors: the lead and its collaborators on one line, which has lost the mark between them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from trialwright.registry import vocabulary as words
from trialwright.registry.layout_a_tables import columns_of, rows_of, run_together
from trialwright.registry.page import Draft, Section
from trialwright.registry.reading import EXTENSION, value_at

_LEGAL_FORM = re.compile(r"(?i:Ltd|Inc|L\.?L\.?C|LP|S\.?A|GmbH|Corp|Co|PLC|B\.?V|N\.?V|AG|Limited)\.?(?: [A-Z]\w+)?")
_COMPANY = re.compile(
    r"(?:\S+ ){0,2}\S+?,? (?:Ltd|Inc|L\.?L\.?C|LP|S\.?A(?:\.?U)?|GmbH|Corp|Co|PLC|B\.?V|N\.?V|AG|Limited|Sàrl)\b\.?"
    r"(?:,? Ltd\b\.?)?\s(?=\S)"
)
_WITHIN = re.compile(r"(?:School|Department|Dept|Division|Faculty|Inst\.)\b")
_STATE = re.compile(r"[A-Z]{2}")
_OUT_OF_ORDER = 4
_TITLE = r"(?:M\.?D\.?|Ph\.?\s?D\.?|M\.?P\.?H\.?|MBBS|DDS|DO|DPT|PT|MSc|RN|FRCPC?|Prof\.?)"
_PERSON = re.compile(
    r"(?:(?:Dr|Prof)\.? )?(?:(?:[A-Z]\.)+[A-Z]\w+|[A-Z][\w'’.-]+(?: [A-Z]\.?(?= [A-Z]))? [A-Z][\w'’-]+)"
    rf"(?:,? {_TITLE})*,?\s(?=\S)"
)
_ORGANISATION = re.compile(
    r"(?i)univ|hospi|ospedal|cent(?:er|re|ro)|clini|instit|found|fond|fund|colleg|academ|medic|health|pharm|therap|"
    r"research|labor|science|compan|group|associa|initiativ|network|minist|agenc|council|societ|school|bio|cell|assist|"
    r"north|south|east|west|national|general|royal|federal|state|city|saint|internation|\b(?:co|ltd|inc|llc|gmbh)\b"
)
_LISTED = re.compile(rf",(?! {_TITLE})")


def read_sponsors(section: Section, draft: Draft) -> None:
    """Read the lead sponsor and the collaborators; without column marks the page's source is the lead sponsor."""
    source = value_at(draft.record, "identificationModule.organization.fullName") or ""
    countries = value_at(draft.record, f"{EXTENSION}.countries") or ()
    stated = re.search(r"\((\d+)\)$", section.heading)
    for line in rows_of(section, draft):
        columns = columns_of(line)
        text = words.unescape(line.text)
        if len(columns) > 1:
            lead, rest = columns[0], columns[1]
        elif stated and stated[1] == "1":
            lead, rest = text, ""
        else:
            lead, rest = part_lead(text, source)
            if not rest:
                what = "lead sponsor and collaborators run together and are kept as one name"
                run_together(draft, section, what)
            elif lead != source:
                what = f"lead sponsor and collaborators run together; '{lead}' is told by its form, a proposal"
                run_together(draft, section, what)
        draft.put("sponsorCollaboratorsModule.leadSponsor", {"name": lead}, line)
        names = _names(rest, int(stated[1]) - 1 if stated else None, countries)
        for name in names:
            draft.add("sponsorCollaboratorsModule.collaborators", {"name": name}, line)
        if rest and stated and len(names) + 1 != int(stated[1]):
            what = f"the page counts {stated[1]} sponsors and {len(names) + 1} names were told apart"
            draft.find(
                "X09",
                "warning",
                section.place,
                what,
                "names that hold a comma were parted or joined",
                "compare with the registry",
            )


def part_lead(text: str, source: str) -> tuple[str, str]:
    """The lead sponsor at the start of a line and its collaborators; none where nothing tells where the lead ends.

    The lead is the page's source, or ends where the source follows as a collaborator; else it is a person, or ends with
    a legal form.

    >>> part_lead("Ada B. Nemo, MD Nowhere Hospital, Other Cells", "University of Erewhon")
    ('Ada B. Nemo, MD', 'Nowhere Hospital, Other Cells')
    >>> part_lead("Nowhere Hospital Other Cells", "University of Erewhon")
    ('Nowhere Hospital Other Cells', '')
    """
    if source and text.startswith(source):
        return source, text[len(source) :].strip()
    before = text.partition(f" {source}")[0] if source else text
    if before != text and not _LISTED.search(before):
        return before, text[len(before) :].strip()
    person, company = _PERSON.match(text), _COMPANY.match(text)
    end = company.end() if company else person.end() if person and not _ORGANISATION.search(person[0]) else 0
    return (text[:end].strip(), text[end:].strip()) if end else (text, "")


def _names(text: str, wanted: int | None = None, countries: Collection[str] = ()) -> list[str]:
    """Names separated by commas, where a legal form after a comma belongs to the name before it.

    Where the page counts fewer names, those are taken that keep their alphabetical order; a part that begins with `and`
    or is a country of the page, a single word or a part of a university rather belongs to the name before it.

    >>> _names("Alpha Co., Ltd., Beta Hospital"), _names("Ministry of Health, Brazil, Nowhere Hospital", 2)
    (['Alpha Co., Ltd.', 'Beta Hospital'], ['Ministry of Health, Brazil', 'Nowhere Hospital'])
    """
    parts: list[str] = []
    for part in (part.strip(" ,") for part in text.split(", ")):
        if parts and _LEGAL_FORM.fullmatch(part):
            parts[-1] = f"{parts[-1]}, {part}"
        elif part:
            parts.append(part)
    if wanted is None or not 0 < wanted < len(parts):
        return parts
    starts = _likeliest_starts(parts, wanted, countries)
    return [", ".join(parts[start:end]) for start, end in pairwise([*starts, len(parts)])]


def _likeliest_starts(parts: Sequence[str], wanted: int, countries: Collection[str]) -> list[int]:
    """Which parts begin a name, so many as are wanted: those that keep the order and look least like an addition."""
    found: dict[int, tuple[int, list[int]]] = {0: (0, [0])}
    for _ in range(wanted - 1):
        longer: dict[int, tuple[int, list[int]]] = {}
        for last, (cost, starts) in found.items():
            for at in range(last + 1, len(parts)):
                total = (
                    cost
                    + _oddness(parts[at], countries)
                    + _OUT_OF_ORDER * (parts[at].casefold() < parts[last].casefold())
                )
                if at not in longer or total < longer[at][0]:
                    longer[at] = (total, [*starts, at])
        found = longer
    return min(found.values(), key=lambda each: each[0])[1]


def _oddness(part: str, countries: Collection[str]) -> int:
    """How little a part looks like the beginning of a name."""
    if part.startswith("and ") or part[0].islower() or part.strip(".") in countries or _STATE.fullmatch(part):
        return _OUT_OF_ORDER
    return (" " not in part) + (_WITHIN.match(part) is not None) + (_ORGANISATION.search(part) is None)
