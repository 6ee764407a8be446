"""Rules that look for fields of a record which contradict one another."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date

from trialwright.registry.lint_text import items_of
from trialwright.registry.reading import Finding, Reading, items_at, text_at
from trialwright.registry.vocabulary import unescape

Rule = Callable[[Reading], Iterator[Finding]]

_ANCHOR = re.compile(
    r"\b(?:prior to|before|after|since|from|until|of|at)(?: the)?(?: time of)? randomi[sz]ation\b", re.IGNORECASE
)
_DAILY_METHOTREXATE = re.compile(
    r"\bmethotrexate\b[^.;,]{0,40}?\bmg\s*(?:daily|per day|a day|/\s*d(?:ay)?\b)", re.IGNORECASE
)
_DAS28 = re.compile(r"\bDAS\s?-?28\b", re.IGNORECASE)
_DAS28_VARIANT = re.compile(r"\b(?:hs-?)?CRP\b|\bESR\b", re.IGNORECASE)
_MASKED = re.compile(r"\b(?:double|triple|quadruple)[- ](?:blind|mask)\w*", re.IGNORECASE)
_OPEN_LABEL = re.compile(r"\bopen[- ]label(?:led|ed)?\b", re.IGNORECASE)
_OPEN = frozenset({"NOT_YET_RECRUITING", "RECRUITING", "ENROLLING_BY_INVITATION", "ACTIVE_NOT_RECRUITING"})


def _date(reading: Reading, path: str) -> str:
    return text_at(reading.record, f"statusModule.{path}")


def _before(one: str, other: str) -> bool:
    """Whether a date is before another at the precision that both have; an unknown date is before nothing."""
    size = min(len(one), len(other))
    return size >= 4 and one[:size] < other[:size]


def allocation_and_arms(reading: Reading) -> Iterator[Finding]:
    """C01: how many groups there are, how subjects come into them, and what the record says of both."""
    allocation = text_at(reading.record, "designModule.designInfo.allocation")
    model = text_at(reading.record, "designModule.designInfo.interventionModel")
    arms = len(items_at(reading.record, "armsInterventionsModule.armGroups"))
    if arms == 0 or not allocation:
        return
    if arms > 1 and model == "SINGLE_GROUP":
        why = "a single group has one arm; concurrent arms are PARALLEL, successive ones SEQUENTIAL"
    elif arms > 1 and allocation == "NA":
        why = "with several arms, allocation is RANDOMIZED or NON_RANDOMIZED"
    elif arms == 1 and allocation == "RANDOMIZED":
        why = "nothing can be randomised with one arm"
    else:
        return
    yield Finding(
        rule="C01",
        severity="error",
        place="study design",
        what=f"allocation {allocation}, intervention model {model}, {arms} arm{'s' if arms > 1 else ''}",
        why=why,
        mend="settle the design in the protocol",
    )


def anchor_without_randomisation(reading: Reading) -> Iterator[Finding]:
    """C09: a window that counts from randomisation needs a randomisation."""
    allocation = text_at(reading.record, "designModule.designInfo.allocation")
    if allocation not in {"NA", "NON_RANDOMIZED"}:
        return
    for place, item in items_of(reading):
        if match := _ANCHOR.search(item):
            yield Finding(
                rule="C09",
                severity="error",
                place=place,
                what=f"counts '{match[0]}', and allocation is {allocation}",
                why="the day from which the window counts does not exist",
                mend="name the anchor in the protocol: enrolment, baseline or first administration",
            )


def daily_methotrexate(reading: Reading) -> Iterator[Finding]:
    """C11: in arthritis methotrexate is given once a week; by the day the same number is dangerous."""
    text = unescape(text_at(reading.record, "eligibilityModule.eligibilityCriteria"))
    if match := _DAILY_METHOTREXATE.search(text):
        yield Finding(
            rule="C11",
            severity="error",
            place="eligibility",
            what=f"'{match[0]}'",
            why="in arthritis methotrexate is given once a week, usually 7.5 to 25 mg; a daily dose is an overdose",
            mend="confirm with the sponsor; do not carry the limit out as printed",
        )


def das28_variant(reading: Reading) -> Iterator[Finding]:
    """C19: DAS28 has four variants whose values differ."""
    for place, item in items_of(reading):
        if _DAS28.search(item) and not _DAS28_VARIANT.search(item):
            yield Finding(
                rule="C19",
                severity="note",
                place=place,
                what="DAS28 without its variant",
                why="DAS28 by ESR and by CRP, with three or four items, give different values for one patient",
                mend="name the variant in the protocol",
            )


def dates_in_order(reading: Reading) -> Iterator[Finding]:
    """D01: a trial starts before it ends, and its primary completion is not after its completion."""
    start, end = _date(reading, "startDateStruct.date"), _date(reading, "completionDateStruct.date")
    primary = _date(reading, "primaryCompletionDateStruct.date")
    pairs = ((end, start, "completion", "start"), (primary, start, "primary completion", "start"))
    for early, late, one, other in (*pairs, (end, primary, "completion", "primary completion")):
        if _before(early, late):
            yield Finding(
                rule="D01",
                severity="error",
                place="status",
                what=f"{one} {early} is before {other} {late}",
                why="the order is impossible; at least one of the dates is wrong",
                mend="compare with the registry",
            )


def month_ends(reading: Reading) -> Iterator[Finding]:
    """X10: a page that prints days for dates registered by month shows the last day of the month."""
    dates = {name: _date(reading, f"{name}DateStruct.date") for name in ("start", "completion")}
    ends = [f"{name} {day}" for name, day in dates.items() if _ends_month(day)]
    if reading.layout == "page B" and ends:
        verb = "are both" if len(ends) > 1 else "is"
        yield Finding(
            rule="X10",
            severity="note",
            place="basic information",
            what=f"{' and '.join(ends)} {verb} the last day of a month",
            why="this layout prints a day where the registry may have only a month",
            mend="do not count days from these dates",
        )


def _ends_month(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.day == monthrange(day.year, day.month)[1]


def late_registration(reading: Reading) -> Iterator[Finding]:
    """C28: first submitted after the start."""
    start, submitted = _date(reading, "startDateStruct.date"), _date(reading, "studyFirstSubmitDate")
    if _before(start, submitted):
        yield Finding(
            rule="C28",
            severity="note",
            place="status",
            what=f"started {start}, first submitted {submitted}",
            why="the record was registered after the trial began",
            mend="nothing to do; readers of the results will ask",
        )


def stale_status(reading: Reading, as_of: date | None = None) -> Iterator[Finding]:
    """C26: a status is true as of a date; none, or one that the other dates contradict, says nothing of today."""
    status = text_at(reading.record, "statusModule.overallStatus")
    if what := _stale(reading, status, as_of):
        yield Finding(
            rule="C26",
            severity="warning",
            place="status",
            what=what,
            why="a status holds for a day; what the dates contradict, or no day supports, is not the status of today",
            mend="look the trial up in the registry",
        )


def _stale(reading: Reading, status: str, as_of: date | None) -> str:
    updated = as_of.isoformat() if as_of else _date(reading, "lastUpdatePostDateStruct.date")
    day = updated or _date(reading, "statusVerifiedDate")
    start, end = _date(reading, "startDateStruct.date"), _date(reading, "completionDateStruct.date")
    sites = {each.get("status") for each in items_at(reading.record, "contactsLocationsModule.locations")}
    if status and not day:
        return f"{status}, and this source does not say as of which day"
    if status == "NOT_YET_RECRUITING" and _before(start, day):
        return f"{status} as of {day}, and the start was {start}"
    if status in _OPEN and _before(end, day):
        return f"{status} as of {day}, and the completion was {end}"
    if status == "COMPLETED" and _before(updated, end):
        return f"{status} as of {day}, and the completion is {end}"
    if status not in _OPEN and "RECRUITING" in sites:
        return f"{status} as of {day}, and a site is RECRUITING"
    return ""


def masking_and_text(reading: Reading) -> Iterator[Finding]:
    """C32: a text that says open where the field says masked, or masked where it says open."""
    masking = text_at(reading.record, "designModule.designInfo.maskingInfo.masking")
    titles = (text_at(reading.record, f"identificationModule.{name}Title") for name in ("brief", "official"))
    text = "\n".join((*titles, text_at(reading.record, "descriptionModule.briefSummary")))
    masked, open_label = _MASKED.search(text), _OPEN_LABEL.search(text)
    said = masked if masking == "NONE" else open_label if masking != "SINGLE" else None
    if masking and said and not (masked and open_label):
        yield Finding(
            rule="C32",
            severity="note",
            place="study design",
            what=f"masking {masking}, and the text says '{said[0]}'",
            why="who knows the arm decides who may see what",
            mend="settle the masking in the protocol",
        )


RULES: tuple[Rule, ...] = (
    allocation_and_arms,
    anchor_without_randomisation,
    daily_methotrexate,
    das28_variant,
    dates_in_order,
    month_ends,
    late_registration,
    masking_and_text,
)
