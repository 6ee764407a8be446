"""Rules that look at what the criteria say: limits, windows, polarity and terms without a definition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trialwright.registry.lint_text import items_of
from trialwright.registry.reading import Finding, Reading, text_at
from trialwright.registry.vocabulary import unescape

Rule = Callable[[Reading], Iterator[Finding]]

_ANALYTES = {
    "ALT": r"\bALT\b|\bSGPT\b|\balanine (?:amino)?transaminase|\balanine aminotransferase",
    "AST": r"\bAST\b|\bSGOT\b|\baspartate (?:amino)?transaminase|\baspartate aminotransferase",
    "ALP": r"\bALP\b|\balkaline:? phosphatase",
    "bilirubin": r"\bbilirubin\b|\bTBIL\b",
    "creatinine": r"\bcreatinine\b(?! clearance)",
}
_MEASURED = r"(?<!-)\bCRP\b|\beGFR\b|\bglomerular filtration|\b(?:creatinine clearance|CrCl|Ccr)\b"
_LABORATORY = re.compile(
    rf"(?:{'|'.join(_ANALYTES.values())}|{_MEASURED})[^;]{{0,60}}?"
    r"(?:[<>≤≥=]|\b(?:above|below|greater than|less than|more than|exceeding)\b)\s*(?:\d|ULN|(?:the )?upper limit)",
    re.IGNORECASE,
)
_UPPER = re.compile(
    r"(?P<sign>≤|<=|<|≥|>=|>|=|\babove\b|\bgreater than\b|\bless than\b|\bmore than\b|\bnot exceeding\b)\s*"
    r"(?P<value>\d+(?:\.\d+)?)\s*(?:[x×*]|times)\s*(?:the )?(?:ULN|upper limits? of (?:the )?normal)",
    re.IGNORECASE,
)
_AT_MOST = frozenset({"≤", "<=", "<", "=", "less than", "not exceeding"})
_EXCEPTION = re.compile(r"\b(?:metasta\w+|Gilbert|unless|except|liver involvement|if )", re.IGNORECASE)
_WINDOW = re.compile(
    r"\b(?:within|in|during|over|for)(?: the)?(?: last| past| previous)?\s+(?:\d+|one|two|three|four|six|twelve)\s+"
    r"(?:hours?|days?|weeks?|months?|years?)\b(?!\s+(?:of age|old))|\bwashout period less than\b",
    re.IGNORECASE,
)
_BACKWARD = re.compile(r"\b(?:within|in the|during the|washout)\b", re.IGNORECASE)
_ANCHORED = re.compile(
    r"\b(?:prior|before|preceding|after|following|from|since|until|screening|baseline|enrol\w*|inclusion|"
    r"randomi[sz]\w+|consent|visit|day [01]|D[01]|entry|start|registration|apart|stable|consecutive|of each other)\b",
    re.IGNORECASE,
)
_ANCHORED_AFTER = re.compile(
    r"\b(?:infusion|dos(?:e|ing)|study|treatment|administration|surgery|therapy|injection|implant\w*|procedure|"
    r"operation|transplant\w*|diagnosis|onset|stroke|donat\w+)\b",
    re.IGNORECASE,
)
_EXCLUDES = re.compile(
    r"\bbut without\b|\bmay not (?:participate|be)\b|\b(?:is|are|will be) (?:excluded|not eligible|ineligible)\b|"
    r"\bmust not be included\b",
    re.IGNORECASE,
)
_DOUBLE_NEGATIVE = re.compile(
    r"\bmay not participate\b|\b(?:are|is|will) not (?:be )?(?:eligible|included)\b", re.IGNORECASE
)
_DEFERRAL = re.compile(r"\b(?:with delay|be delayed|be deferred|be postponed|may be re-?screened)\b", re.IGNORECASE)
_TEST_ONLY = re.compile(r"\bpregnancy test\b", re.IGNORECASE)
_TEST_RESULT = re.compile(r"\b(?:negative|positive)\b", re.IGNORECASE)
_MALIGNANT_DISEASE = re.compile(r"\bmyelodysplastic syndromes?\b|\bMDS\b", re.IGNORECASE)
_MALIGNANCY = re.compile(r"\bmalignan(?:cy|cies|t)\b", re.IGNORECASE)
_TRANSPLANT = re.compile(r"\bstem cell transplant", re.IGNORECASE)
_UNDEFINED = (
    (
        r"\b(?:MDRD|modification of diet in renal disease)\b",
        r"\b17[56]\b|\b186\b|\bIDMS\b",
        "MDRD without its constant",
    ),
    (r"\b(?:INR|international normali[sz]ed ratio)\b[^;]{0,40}\bULN\b", r"(?!)", "INR as a multiple of ULN"),
    (r"\bstable dose\b", r"\d+\s*(?:days?|weeks?|months?)|\bsame dose\b", "'stable dose' without how long"),
    (r"\bclinically stable\b", r"\bdefined\b|\(", "'clinically stable' without a measure"),
    (
        r"\b(?:significant|serious|severe|major)\b(?: \w+){0,2} (?:cardiac|pulmonary|heart|lung|renal|hepatic)\b",
        r"\d|\b(?:class|grade|stage|NYHA|investigators?|opinion|judg\w+|e\.g|i\.e|such as|including|defined)\b|\(",
        "a significant disease of an organ without class or threshold",
    ),
    (r"\bfunctional limitations?\b", r"\b(?:HAQ|class [IV]+)\b", "'functional limitation' without a measure"),
)


def _find(rule: str, severity: Any, place: str, what: str, why: str, mend: str) -> Finding:
    return Finding(rule=rule, severity=severity, place=place, what=what, why=why, mend=mend)


@dataclass(frozen=True, slots=True)
class _Limit:
    place: str
    at_most: bool
    closed: bool
    value: Decimal
    sign: str


def _limits(reading: Reading) -> dict[str, list[_Limit]]:
    """Each analyte's limits as multiples of ULN; a limit belongs to the analytes named since the one before it."""
    found: dict[str, list[_Limit]] = {}
    for place, item in items_of(reading):
        start = 0
        for match in _UPPER.finditer(item):
            words = item[start : match.start()].rpartition(";")[2]
            sign = match["sign"].lower()
            closed = sign in {"≤", "<=", "≥", ">=", "=", "not exceeding"}
            limit = _Limit(place, sign in _AT_MOST, closed, Decimal(match["value"]), sign)
            for name, pattern in _ANALYTES.items():
                if re.search(pattern, words, re.IGNORECASE) and not _EXCEPTION.search(item):
                    found.setdefault(name, []).append(limit)
            start = match.end()
    return found


def contradictory_limits(reading: Reading) -> Iterator[Finding]:
    """C15: a value that the inclusion admits and the exclusion bars."""
    for name, limits in _limits(reading).items():
        admitted = [limit for limit in limits if limit.at_most and limit.place.startswith("inclusion")]
        barred = [limit for limit in limits if not limit.at_most and limit.place.startswith("exclusion")]
        for limit, bar in ((limit, bar) for limit in admitted for bar in barred if bar.value < limit.value):
            left, right = "[" if bar.closed else "(", "]" if limit.closed else ")"
            lost = "; its '=' is read as ≤, a proposal" if limit.sign == "=" else ""
            yield _find(
                "C15",
                "error",
                f"{limit.place} and {bar.place}",
                f"{name} in {left}{bar.value}, {limit.value}{right} x ULN is both included and excluded{lost}",
                "the two criteria contradict each other for such a value",
                "settle one limit in the protocol, with the sponsor's word for it",
            )


def missing_anchor(reading: Reading) -> Iterator[Finding]:
    """C10: a window back in time needs the day from which it counts."""
    for place, item in items_of(reading):
        window = _WINDOW.search(item)
        if window and _BACKWARD.search(window[0]) and not _hangs_on_a_day(item, window):
            yield _find(
                "C10",
                "warning",
                place,
                f"'{window[0]}' does not say from which day it counts",
                "screening, enrolment and first administration may lie weeks apart",
                "name the day in the protocol",
            )


def _hangs_on_a_day(item: str, window: re.Match[str]) -> bool:
    return bool(_ANCHORED.search(item) or _ANCHORED_AFTER.search(item, window.end()))


def laboratory_day(reading: Reading) -> Iterator[Finding]:
    """C10: a laboratory limit that does not say on which day the sample is taken."""
    found = [place for place, item in items_of(reading) if _LABORATORY.search(item) and not _dated(item)]
    if found:
        yield _find(
            "C10",
            "note",
            "; ".join(found),
            "laboratory limits without the day of the sample",
            "two samples of one subject may lie on both sides of a limit",
            "name the visit in the protocol",
        )


def _dated(item: str) -> bool:
    return bool(_WINDOW.search(item) or _ANCHORED.search(item))


def polarity(reading: Reading) -> Iterator[Finding]:
    """C17: an exclusion among the inclusions, or a negative among the exclusions, is easily read wrongly."""
    for place, item in items_of(reading):
        pattern = _EXCLUDES if place.startswith("inclusion") else _DOUBLE_NEGATIVE
        if not place.startswith("other") and (match := pattern.search(item)):
            yield _find(
                "C17",
                "warning",
                place,
                f"'{match[0]}' in this list",
                "taken literally it says the opposite of what the list says; that it excludes is the proposed reading",
                "write it in the protocol as what bars a subject",
            )


def action_as_criterion(reading: Reading) -> Iterator[Finding]:
    """C18: a test to be done, or a delay, is no state of a subject."""
    for place, item in items_of(reading):
        if match := _DEFERRAL.search(item):
            what = f"'{match[0]}': a delay, not a reason to exclude"
        elif (match := _TEST_ONLY.search(item)) and not _TEST_RESULT.search(item):
            what = f"'{match[0]}' without the result that is required"
        else:
            continue
        why = "a criterion is true or false of a subject; what is to be done belongs to the schedule"
        yield _find("C18", "warning", place, what, why, "write the state that is required, and the action apart")


def both_lists(reading: Reading) -> Iterator[Finding]:
    """C16: what the inclusion asks for and the exclusion bars."""
    items = list(items_of(reading))
    inclusion = [pair for pair in items if pair[0].startswith("inclusion")]
    exclusion = [pair for pair in items if pair[0].startswith("exclusion")]
    for here, included in inclusion:
        for there, excluded in exclusion:
            other = re.sub(r"\bother than\b", "", excluded)
            if (
                _MALIGNANT_DISEASE.search(included)
                and _MALIGNANCY.search(other)
                and not re.search(
                    r"\b(?:other|another|second|concurrent|additional)\b|myelodysplas", other, re.IGNORECASE
                )
            ):
                yield _both(here, there, "a myelodysplastic syndrome is a clonal neoplasm, and malignancy is excluded")
            if _TRANSPLANT.search(included) and _TRANSPLANT.search(excluded):
                yield _both(here, there, "both speak of transplantation")


def _both(here: str, there: str, what: str) -> Finding:
    why = "one subject may meet both; which of the two is meant is not said"
    return _find("C16", "warning", f"{here} and {there}", what, why, "settle it in the protocol")


def undefined_terms(reading: Reading) -> Iterator[Finding]:
    """C19: a term that two people measure in two ways."""
    for place, item in items_of(reading):
        for pattern, definition, what in _UNDEFINED:
            if re.search(pattern, item, re.IGNORECASE) and not re.search(definition, item, re.IGNORECASE):
                why = "without a definition two investigators decide differently on one patient"
                yield _find("C19", "note", place, what, why, "define it in the protocol")


def joint_counts(reading: Reading) -> Iterator[Finding]:
    """C20: the ACR response is defined on 66 and 68 joints, and on more than joint counts."""
    text = unescape(text_at(reading.record, "descriptionModule.detailedDescription"))
    outcomes = str(reading.sections.get("outcomes", ""))
    if not re.search(r"\bACR\s?20\b", f"{text}\n{outcomes}"):
        return
    for place, item in items_of(reading):
        if re.search(r"\b(?:SJC|TJC|(?:swollen|tender) joint)", item) and re.search(r"\b28\b", item):
            why = "ACR20 is defined on 68 tender and 66 swollen joints; 28 joints give other responses"
            yield _find(
                "C20", "warning", place, "joints counted on 28, and response by ACR20", why, "state the joint count"
            )
            break
    missed = re.search(r"\bnot achiev\w*[^.]{0,120}\b20\s?%[^.]{0,120}\b(?:TJC|SJC|joint)", text)
    if missed:
        why = "ACR20 also needs three of five further measures; a fall of joint counts alone is another response"
        yield _find("C20", "warning", "detailed description", "non-response by joint counts alone", why, "define it")


RULES: tuple[Rule, ...] = (
    contradictory_limits,
    missing_anchor,
    laboratory_day,
    polarity,
    action_as_criterion,
    both_lists,
    undefined_terms,
    joint_counts,
)
