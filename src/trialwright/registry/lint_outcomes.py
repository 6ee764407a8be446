"""Rules that look at outcomes and times: what is measured when, and how long the trial takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from trialwright.registry.lint_text import around
from trialwright.registry.reading import EXTENSION, Finding, Reading, items_at, text_at, value_at
from trialwright.registry.vocabulary import unescape

Rule = Callable[[Reading], Iterator[Finding]]

_LISTS = ("primaryOutcomes", "secondaryOutcomes", "otherOutcomes")
_DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_NUMBER = rf"(\d+(?:\.\d+)?|{'|'.join(_NUMBERS)})"
_SPAN = re.compile(rf"\b{_NUMBER}[\s-]+(day|week|month|year)s?\b", re.IGNORECASE)
_POINT = re.compile(r"\b(day|week|month|year)s?\s+(\d+(?:\.\d+)?)\b", re.IGNORECASE)
_WEEK_LIST = re.compile(r"\bweeks?\s+((?:\d+\s*(?:,|and|, and|or)\s*)*\d+)\b", re.IGNORECASE)
_FOLLOWED = re.compile(
    r"\b(?:follow(?:ed)?(?:[- ]?up)?|monitored for|study duration)\b"
    rf"[^.;]{{0,60}}?\b{_NUMBER}[\s-]+(week|month|year)s?\b|"
    rf"\b{_NUMBER}[\s-]+(week|month|year)s?\s+(?:of\s+)?follow[- ]?up\b",
    re.IGNORECASE,
)
_OTHER_TREATMENT = r"(?:rescue|biologics?|b?DMARDs?|analgesics?|NSAIDs?)"
_RESCUE_FROM = re.compile(rf"\b{_OTHER_TREATMENT}\b[^.]{{0,200}}\bweek (\d+)\b", re.IGNORECASE)
_FROM_RESCUE = re.compile(rf"\bweek (\d+)\b[^.]{{0,200}}\b{_OTHER_TREATMENT}\b", re.IGNORECASE)
_REPEATED = re.compile(
    rf"\binterval\w*\b[^.;]{{0,30}}?\b{_NUMBER}\s+(day|week|month)s?\b[^.;]{{0,120}}?\b{_NUMBER}\s+times?\b",
    re.IGNORECASE,
)
_SAFETY_AIM = re.compile(r"\bsafety\b|\btolerability\b", re.IGNORECASE)
_SAFETY_OUTCOME = re.compile(
    r"safe|adverse|toxicit|\bDLT|tolera|\bAEs?\b|\bSAEs?\b|complicat|side effect|death|mortality|MTD|immunogenic|"
    r"reactogenic|hypoglyc|bleeding|vital sign|laborator|feasib|maximum tolerated|recommended",
    re.IGNORECASE,
)
_OF_TUMOURS = re.compile(r"\bprogression[- ]free\b|\bobjective response\b|\bORR\b|\bPFS\b(?!-)", re.IGNORECASE)
_TUMOUR = re.compile(
    r"cancer|carcinom|tumou?r|neoplas|leuk[a]?emia|lymphom|myelom|sarcom|melanom|gliom|blastom|malignan|metasta|"
    r"mesotheliom|oncolog|NSCLC|SCLC|adenoma|hodgkin|macroglobulin|mycosis fungoides|histiocytosis|carcinoid",
    re.IGNORECASE,
)
_BARE_SAFETY = re.compile(r"(?:safety|tolerability|safety and tolerability)(?: of [\w -]{1,40})?\.?", re.IGNORECASE)
_COUNTED = re.compile(
    r"\bCTCAE\b|\bgrade|\bscale\b|\bMedDRA\b|\bNCI\b|\bnumber\b|\bincidence\b|\bfrequency\b|\bproportion\b|"
    r"\brate\b|\bpercentage\b|\bcount\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:subjects?|patients?|participants?|investigators?|trial|study)\s+(?:\w+\s+){0,4}?(?:was designed|"
    r"were enrolled|was enrolled|was conducted|were treated|were recruited|were randomi[sz]ed|continued to)\b",
    re.IGNORECASE,
)


def _find(rule: str, severity: Any, place: str, what: str, why: str, mend: str) -> Finding:
    return Finding(rule=rule, severity=severity, place=place, what=what, why=why, mend=mend)


def _outcomes(reading: Reading) -> list[dict[str, Any]]:
    return [each for name in _LISTS for each in items_at(reading.record, f"outcomesModule.{name}")]


def _described(reading: Reading) -> str:
    return unescape(
        f"{text_at(reading.record, 'descriptionModule.briefSummary')}\n"
        f"{text_at(reading.record, 'descriptionModule.detailedDescription')}"
    )


def _days(number: str, unit: str) -> float:
    return float(_NUMBERS.get(number.lower(), number)) * _DAYS[unit.lower()]


def _last_day(text: str) -> float:
    """The latest time that a text names, in days; a text that names none gives 0."""
    spans = [_days(number, unit) for number, unit in _SPAN.findall(text)]
    points = [_days(number, unit) for unit, number in _POINT.findall(text)]
    return max((*spans, *points), default=0.0)


def rescue_before_endpoint(reading: Reading) -> Iterator[Finding]:
    """C21: what subjects receive besides the product changes what is measured after it."""
    text = _described(reading)
    rescue = _RESCUE_FROM.search(text) or _FROM_RESCUE.search(text)
    if not rescue:
        return
    week = int(rescue[1])
    weeks = [int(number) for listed in _WEEK_LIST.findall(text) for number in re.findall(r"\d+", listed)]
    frames = [_last_day(str(each.get("timeFrame", ""))) / 7 for each in _outcomes(reading)]
    watched = [_watched(match) / 7 for match in _FOLLOWED.finditer(text) if "duration" not in match[0].lower()]
    later = max((*weeks, *frames, *watched), default=0)
    if later > week:
        yield _find(
            "C21",
            "warning",
            "detailed description",
            f"other treatment from week {week}, and measurements until week {later:.0f}",
            "what is measured after other treatment is no longer of the product alone",
            "state in the protocol how such values count (the estimand's strategy)",
        )


def outcomes_before_the_end(reading: Reading) -> Iterator[Finding]:
    """C22: an outcome before the last administration measures part of the treatment."""
    frames = [str(each.get("timeFrame", "")) for each in _outcomes(reading)]
    latest = max((_last_day(frame) for frame in frames), default=0.0)
    for entry in items_at(reading.record, "armsInterventionsModule.interventions"):
        match = _REPEATED.search(unescape(str(entry.get("description", ""))))
        if not match or not latest:
            continue
        last = _days(match[1], match[2]) * (_days(match[3], "day") - 1)
        if latest < last:
            yield _find(
                "C22",
                "warning",
                "outcomes",
                f"the last is at day {latest:.0f}, and the last administration near day {last:.0f}",
                "what is measured before the last administration is of part of the treatment",
                "compare with the protocol",
            )
            return


def no_safety_outcome(reading: Reading) -> Iterator[Finding]:
    """C23: an early trial of safety measures safety."""
    outcomes = _outcomes(reading)
    phases = value_at(reading.record, "designModule.phases") or []
    aims = f"{text_at(reading.record, 'identificationModule.briefTitle')}\n{_described(reading)}"
    measured = " ".join(str(value) for each in outcomes for value in each.values())
    early = bool({"PHASE1", "EARLY_PHASE1"} & set(phases))
    if outcomes and early and _SAFETY_AIM.search(aims) and not _SAFETY_OUTCOME.search(measured):
        yield _find(
            "C23",
            "warning",
            "outcomes",
            "safety is among the aims, and no outcome measures it",
            "without an outcome safety is neither counted nor reported",
            "add adverse events as an outcome in the protocol",
        )


def unfit_endpoint(reading: Reading) -> Iterator[Finding]:
    """C23: an endpoint of tumours in another disease, and a safety outcome that says nothing of what is counted."""
    conditions = value_at(reading.record, "conditionsModule.conditions") or []
    disease = " ".join((*map(str, conditions), text_at(reading.record, "identificationModule.briefTitle")))
    criteria = text_at(reading.record, "eligibilityModule.eligibilityCriteria")
    disease = disease if disease.strip() else f"{_described(reading)} {criteria.partition(';')[0]}"
    measures = [str(each.get("measure", "")) for each in _outcomes(reading)]
    tumour = [measure for measure in measures if _OF_TUMOURS.search(measure)]
    if tumour and not _TUMOUR.search(disease):
        yield _find(
            "C23",
            "warning",
            "outcomes",
            f"{', '.join(tumour)} in a disease that is no tumour by its name",
            "progression and objective response are defined on tumours; what they mean here is not said",
            "define the endpoint for this disease in the protocol",
        )
    for each in _outcomes(reading):
        bare = _BARE_SAFETY.fullmatch(str(each.get("measure", "")).strip())
        if bare and not _COUNTED.search(str(each.get("description", ""))):
            yield _find(
                "C23",
                "warning",
                "outcomes",
                f"'{each['measure']}' says neither which events are counted nor by which scale",
                "two people who report it report different things",
                "name events, scale and time in the protocol",
            )


def study_length(reading: Reading) -> Iterator[Finding]:
    """C25: a trial lasts at least as long as one subject is followed."""
    start, end = (text_at(reading.record, f"statusModule.{name}DateStruct.date") for name in ("start", "completion"))
    try:
        days = (_month_end(end) - date.fromisoformat(start if len(start) == 10 else f"{start}-01")).days
    except ValueError:
        return
    text = _described(reading)
    longest = max(_FOLLOWED.finditer(text), key=_watched, default=None)
    if longest and 0 < days < _watched(longest) - 31:
        yield _find(
            "C25",
            "warning",
            "status",
            f"{days / 30.4375:.1f} months from start to completion, and '{longest[0][:90]}'",
            "the last subject cannot have been followed that long",
            "compare the dates with the protocol",
        )


def _watched(match: re.Match[str]) -> float:
    return _days(match[1] or match[3], match[2] or match[4])


def _month_end(text: str) -> date:
    return date.fromisoformat(text if len(text) == 10 else f"{text}-28")


def sites_and_collaborators(reading: Reading) -> Iterator[Finding]:
    """C30: sites that are not among the collaborators, where the other sites are."""
    sites = {str(each.get("facility", "")) for each in items_at(reading.record, "contactsLocationsModule.locations")}
    partners = [str(each.get("name", "")) for each in items_at(reading.record, _COLLABORATORS)]
    lead = text_at(reading.record, "sponsorCollaboratorsModule.leadSponsor.name")
    shared = [site for site in sites if site in partners]
    alone = sorted(site for site in sites if site and site not in (*partners, lead))
    if shared and alone:
        yield _find(
            "C30",
            "note",
            "locations",
            f"sites that are collaborators by name: {len(shared)}; not: {', '.join(alone)}"
            + (f"; collaborators without a site: {left}" if (left := len(set(partners) - sites)) else ""),
            "one organisation may be spelt in two ways, or take part in one way only; names are never merged here",
            "compare the names with the sponsor's list",
        )


_COLLABORATORS = "sponsorCollaboratorsModule.collaborators"


def past_tense(reading: Reading) -> Iterator[Finding]:
    """C31: a trial that has not begun cannot have happened."""
    text = _described(reading)
    if text_at(reading.record, "statusModule.overallStatus") == "NOT_YET_RECRUITING" and (match := _PAST.search(text)):
        yield _find(
            "C31",
            "note",
            "description",
            f"'{around(text, match, 10)}' in a trial that is not yet recruiting",
            "the status may be stale, or the text written afterwards",
            "look the trial up in the registry",
        )


def people(reading: Reading) -> Iterator[Finding]:
    """X17: telephone numbers and addresses of people, which are kept apart."""
    contacts = [
        *items_at(reading.record, "contactsLocationsModule.centralContacts"),
        *(
            contact
            for site in items_at(reading.record, "contactsLocationsModule.locations")
            for contact in items_at(site, "contacts")
        ),
        *items_at(reading.record, f"{EXTENSION}.facilityContacts"),
        value_at(reading.record, "resultsSection.moreInfoModule.pointOfContact") or {},
    ]
    reached = [each for each in contacts if each.get("phone") or each.get("email")]
    if reached:
        yield _find(
            "X17",
            "warning",
            "contacts",
            f"{len(reached)} people with a telephone number or an address",
            "they are personal data, and of no use to a protocol",
            "leave them out of what is handed on; a protocol does not carry them",
        )


RULES: tuple[Rule, ...] = (
    rescue_before_endpoint,
    outcomes_before_the_end,
    no_safety_outcome,
    unfit_endpoint,
    study_length,
    sites_and_collaborators,
    past_tense,
    people,
)
