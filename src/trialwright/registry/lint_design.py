"""Rules that look at doses, arms and the escalation, where the text and the fields of a record disagree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from trialwright.registry.lint_text import around, texts_of
from trialwright.registry.reading import Finding, Reading, items_at, text_at, value_at
from trialwright.registry.vocabulary import unescape

Rule = Callable[[Reading], Iterator[Finding]]

_ARMS = "armsInterventionsModule.armGroups"
_INTERVENTIONS = "armsInterventionsModule.interventions"
_THREE_PLUS_THREE = re.compile(r"\b3\s?\+\s?3\b")
_ESCALATION = re.compile(r"\bdose[- ]escalat\w+|\bascending dose|\bescalating dose", re.IGNORECASE)
_IN_SEQUENCE = re.compile(
    r"\bcohorts?\b[^.]{0,80}\b(?:sequential(?:ly)?|successive(?:ly)?)\b|\b(?:sequential|successive|ascending)\b[^.]{0,30}"
    r"\bcohorts?\b|\bcohort 2\b[^.]{0,60}\bafter\b[^.]{0,60}\bcohort 1\b|\bcohort 1\b[^.]{0,80}\bbefore\b[^.]{0,40}"
    r"\bcohort 2\b",
    re.IGNORECASE,
)
_SINGLE_ARM = re.compile(r"\bsingle[- ]arm\b", re.IGNORECASE)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6}
_LEVELS = re.compile(
    rf"\b({'|'.join(_COUNTS)})\s+(?:(?:ascending|escalating|sequential|different|planned)\s+)*"
    r"dose[- ]?\s?(?:cohorts?|groups?|levels?)\b",
    re.IGNORECASE,
)
_POWER = r"(?:[x×*]\s?10\s?\^?\s?\d{1,2})"
_CELL_DOSE = re.compile(rf"(\d+(?:\.\d+)?)\s*{_POWER}", re.IGNORECASE)
_DOSES_BY_OR = re.compile(rf"(\d+(?:\.\d+)?)\s*(?:,|or|and|/)\s*(\d+(?:\.\d+)?)\s*{_POWER}", re.IGNORECASE)
_COHORTS = re.compile(r"\b(?:cohort|dose level|group)\s+(\d)\b", re.IGNORECASE)
_UNIT_AFTER = re.compile(
    r"^[\s)]*(?:/|per\b|(?:[\w-]+\s+){0,4}(?:cells?|[\w-]*SCs?|kg|CFUs?|copies|EVs?|PFU|vg|IU|units?|particles|spores|bacteria|"
    r"L|mL|platelets)\b)",
    re.IGNORECASE,
)
_SINGLE_DOSE = re.compile(r"\bsingle[- ](?:dose|infusion|injection|administration)\b", re.IGNORECASE)
_TIMES = re.compile(r"\b(\d+|two|three|four|five|six)\s+(?:times|infusions|injections)\b", re.IGNORECASE)
_MULTIPLE_DOSES = re.compile(r"\bmultiple[- ]doses?\b", re.IGNORECASE)
_ONE_DLT = re.compile(
    r"(?<![≥>\d])\s?(?:\b1|\bone)\s+(?:of (?:the )?(?:3|three)|DLT|(?:subject|patient|participant)s?\b[^.;]{0,40}\bDLT)"
    r"|\bDLTs?\b[^.;]{0,30}\b(?:1|one) (?:of|out of|in)\b",
    re.IGNORECASE,
)
_TWO_OF_THREE = re.compile(
    r"(?:≥\s?2|2 or more|two or more|at least (?:2|two)|\b2|\btwo|more than (?:1|one))\b[^.;]{0,50}\b(?:3|three)\b",
    re.IGNORECASE,
)
_TWO_IN_COHORT = re.compile(
    r"(?:≥\s?2|\b2|\btwo)\b[^.;]{0,40}\bDLTs?\b[^.;]{0,60}\b(?:cohort|dose group|dose level)\b|\bDLTs?\b[^.;]{0,40}"
    r"(?:≥\s?2|\b2|\btwo)\b[^.;]{0,60}\b(?:cohort|dose group|dose level)\b",
    re.IGNORECASE,
)
_PREVIOUS_IS_MTD = re.compile(
    r"\bprevious dose\b[^.;]{0,100}\b(?:MTD|maximum tolerated)|"
    r"\b(?:MTD|maximum tolerated dose)\b[^.;]{0,60}\bprevious dose\b",
    re.IGNORECASE,
)
_FIRST_DOSE_FAILS = re.compile(
    r"\b(?:first|lowest|starting|initial) dose\b[^.;]{0,80}\b(?:DLTs?|not tolerated)\b", re.IGNORECASE
)
_PAST_THE_TOP = re.compile(
    r"\b(?:continue|proceed)\w* (?:with|to) (?:a )?(?:higher|further) dose(?: escalation)?", re.IGNORECASE
)
_STAGGER = re.compile(
    r"\beach (?:subject|patient|participant) in the ((?:high|highest|low|lowest|medium)[- ]dose group)\b[^.]{0,200}?"
    r"\bat least (\d+) days\b",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    r"\b(?:at|with) (?:an? )?(?:\d+|one|two|three|four)[- ](?:day|week|month)s? intervals?\b|"
    r"\bintervals? of (?:\d+|one|two|three|four) (?:day|week|month)s?\b",
    re.IGNORECASE,
)
_NUMBER_OF_TIMES = re.compile(
    r"\b(?:\d+|two|three|four|five|six|eight|twice|total of \w+)\s*(?:\w+\s+)?(?:times?|infusions?|injections?|doses?|"
    r"administrations?|cycles?|treatments?|transplant\w*)\b|\btwice\b|\b(?:day|week|month)s? \d+(?:,| and)|"
    r"\bfor (?:\d+|one|two|three|four|six) (?:weeks|months)",
    re.IGNORECASE,
)
_CELL_PRODUCT = re.compile(r"\bcells?\b|\bMSCs?\b|\bblood\b|\bplasma\b|\bplatelet|\bexosome", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:\+|/|\bplus\b|\bcombined with\b|\bin combination with\b)\s*", re.IGNORECASE)
_CELLS = re.compile(r"\b(?:stem|stromal) cells?\b|\bMSCs?\b", re.IGNORECASE)
_DRUG_CLASS = re.compile(r"\bDMARDs?\b|\bconventional drugs?\b|\bstandard drugs?\b", re.IGNORECASE)


def _find(rule: str, severity: Any, place: str, what: str, why: str, mend: str) -> Finding:
    return Finding(rule=rule, severity=severity, place=place, what=what, why=why, mend=mend)


def _described(reading: Reading) -> str:
    return "\n".join(text for name, text in texts_of(reading) if name != "eligibility")


def _named(entry: dict[str, Any]) -> str:
    return unescape(f"{entry.get('label') or entry.get('name', '')}\n{entry.get('description', '')}")


def _escalates(reading: Reading) -> bool:
    text = f"{text_at(reading.record, 'identificationModule.briefTitle')}\n{_described(reading)}"
    return bool(_THREE_PLUS_THREE.search(text) or _ESCALATION.search(text))


def model_and_text(reading: Reading) -> Iterator[Finding]:
    """C02: cohorts that follow one another are a sequence, whatever the model says."""
    model = text_at(reading.record, "designModule.designInfo.interventionModel")
    text = _described(reading)
    if model in {"PARALLEL", "SINGLE_GROUP"} and (match := _IN_SEQUENCE.search(text)):
        what = f"intervention model {model}, and the text says '{around(text, match, 20)}'"
    elif (match := _SINGLE_ARM.search(text)) and (levels := _LEVELS.search(text)):
        what = f"the text says '{match[0]}' and '{levels[0]}'"
    else:
        return
    why = "cohorts that are opened one after another are a SEQUENTIAL model; that reading is a proposal"
    yield _find("C02", "warning", "study design", what, why, "settle the model in the protocol")


def arm_type(reading: Reading) -> Iterator[Finding]:
    """C03: an arm that combines the product under trial with something else is no comparator."""
    arms = items_at(reading.record, _ARMS)
    tried = {_key(part) for arm in arms if arm.get("type") == "EXPERIMENTAL" for part in _product_words(arm)}
    for arm in arms:
        parts = _JOINED.split(str(arm.get("label", "")))
        if arm.get("type") == "ACTIVE_COMPARATOR" and len(parts) > 1 and tried & {_key(part) for part in parts}:
            yield _find(
                "C03",
                "warning",
                f"arm '{arm.get('label')}'",
                "is an ACTIVE_COMPARATOR and contains what the experimental arm receives",
                "a comparator is what the product is compared with; EXPERIMENTAL is a proposal",
                "settle the arm's type in the protocol",
            )


def _product_words(entry: dict[str, Any]) -> list[str]:
    names = [str(entry.get("label") or entry.get("name", "")), *map(str, entry.get("interventionNames", []))]
    bracketed = [part for name in names for part in re.findall(r"\(([^()]+)\)", name)]
    return [*names, *bracketed, *(name.split()[0] for name in names if name.split())]


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold()).removesuffix("s")


def folded_doses(reading: Reading) -> Iterator[Finding]:
    """C04: dose levels that are written into one arm cannot be told apart when subjects are counted."""
    arms = [arm for arm in items_at(reading.record, _ARMS) if arm.get("type") in {None, "EXPERIMENTAL"}]
    model = text_at(reading.record, "designModule.designInfo.interventionModel")
    if len(arms) != 1 or not (_escalates(reading) or model == "SEQUENTIAL" or _in_cohorts(reading)):
        return
    named = {name.partition(": ")[2] or name for name in arms[0].get("interventionNames", [])}
    entries = [each for each in items_at(reading.record, _INTERVENTIONS) if not named or each.get("name") in named]
    text = "\n".join(_named(entry) for entry in (arms[0], *entries))
    doses = dict.fromkeys(_CELL_DOSE.findall(text))
    doses |= dict.fromkeys(dose for pair in _DOSES_BY_OR.findall(text) for dose in pair)
    if len(doses) > 1:
        yield _find(
            "C04",
            "error",
            f"arm '{arms[0].get('label')}'",
            f"doses {', '.join(sorted(doses, key=float))} of one power of ten stand in one arm",
            "each dose level is a group of its own: its subjects and its toxicities are counted apart",
            "give each dose level its own entry in the protocol; the levels read here are a proposal",
        )


def _in_cohorts(reading: Reading) -> bool:
    return len(set(_COHORTS.findall(f"{_described(reading)}\n{_arms_text(reading)}"))) > 1


def _arms_text(reading: Reading) -> str:
    return "\n".join(_named(entry) for path in (_ARMS, _INTERVENTIONS) for entry in items_at(reading.record, path))


def combined_intervention(reading: Reading) -> Iterator[Finding]:
    """C05: an intervention that is two others together is not a third one."""
    entries = items_at(reading.record, _INTERVENTIONS)
    for entry in entries:
        parts = [_key(part) for part in _JOINED.split(str(entry.get("name", "")))]
        others = {_key(part) for other in entries if other is not entry for part in _product_words(other)}
        if len(parts) > 1 and all(part in others for part in parts):
            yield _find(
                "C05",
                "warning",
                f"intervention '{entry.get('name')}'",
                "is the combination of other interventions of the record",
                "what is given twice over in the list is counted twice",
                "let the arm refer to both interventions",
            )


def cell_product_as_drug(reading: Reading) -> Iterator[Finding]:
    """C06: the registry's type for a cell product is BIOLOGICAL."""
    for entry in items_at(reading.record, _INTERVENTIONS):
        if entry.get("type") == "DRUG" and _CELLS.search(str(entry.get("name", ""))):
            yield _find(
                "C06",
                "note",
                f"intervention '{entry.get('name')}'",
                "a cell product with the type DRUG",
                "the same kind of product is BIOLOGICAL in other records; the original is kept",
                "nothing to do, unless records are compared by type",
            )


def enrolment_and_design(reading: Reading) -> Iterator[Finding]:
    """C07: a 3+3 design treats three or six at a level, so its size is a range."""
    text = _described(reading)
    levels = _LEVELS.search(text)
    if not _THREE_PLUS_THREE.search(text) or not levels:
        return
    number = _COUNTS[levels[1].lower()]
    count = value_at(reading.record, "designModule.enrollmentInfo.count")
    if count is None:
        what = f"3+3 over {number} levels needs {3 * number} to {6 * number} subjects, and no enrolment is given"
    elif count <= 3 * number or count > 6 * number:
        what = f"enrolment {count}, and 3+3 over {number} levels may need {3 * number} to {6 * number} subjects"
    else:
        return
    why = "with three at each level nobody is left to expand a level at which one has a DLT"
    yield _find(
        "C07", "error", "enrolment", what, why, "state the range in the protocol; it is reckoned here, a proposal"
    )


def escalation_rule(reading: Reading) -> Iterator[Finding]:
    """C08: every number of DLTs at a level needs its next step."""
    text = _described(reading)
    if not _escalates(reading) and not _in_sequence_of_doses(reading):
        return
    if not re.search(r"\bDLTs?\b|dose[- ]limiting", text, re.IGNORECASE):
        if "PHASE1" in (value_at(reading.record, "designModule.phases") or []):
            yield _incomplete("warning", "no rule for going from one dose to the next")
        return
    if not _THREE_PLUS_THREE.search(text):
        return
    missing = [] if _ONE_DLT.search(text) else ["1 DLT in 3 subjects"]
    if not (_TWO_OF_THREE.search(_without_six(text)) or _TWO_IN_COHORT.search(_without_six(text))):
        missing.append("2 or 3 DLTs in the first 3 subjects")
    if missing:
        yield _incomplete("error", f"the next step is not stated for {' and for '.join(missing)}")


def _in_sequence_of_doses(reading: Reading) -> bool:
    arms = _arms_text(reading)
    return bool(_DOSES_BY_OR.search(arms) or len(set(_CELL_DOSE.findall(arms))) > 1) and _in_cohorts(reading)


def _without_six(text: str) -> str:
    return ". ".join(part for part in re.split(r"[.;]", text) if not re.search(r"\b(?:6|six)\b", part))


def _incomplete(severity: Any, what: str) -> Finding:
    return _find(
        "C08",
        severity,
        "escalation",
        what,
        "a rule with a case left out cannot be carried out when that case happens",
        "write the whole decision table in the protocol",
    )


def ends_of_escalation(reading: Reading) -> Iterator[Finding]:
    """C08: what happens below the first dose and above the last, and to whom a stagger applies."""
    text = _described(reading)
    if not _escalates(reading):
        return
    if _PREVIOUS_IS_MTD.search(text) and not _FIRST_DOSE_FAILS.search(text):
        yield _incomplete(
            "warning", "the previous dose becomes the MTD, and nothing is said where the first dose fails"
        )
    if match := _PAST_THE_TOP.search(text):
        yield _incomplete("warning", f"'{match[0]}' past the top dose: to which dose is not said")
    if match := _STAGGER.search(text):
        yield _incomplete(
            "warning", f"only '{match[1]}' waits {match[2]} days between subjects; the others are not said"
        )


def incomplete_dose(reading: Reading) -> Iterator[Finding]:
    """C12: a dose is a number with its unit and its times; a class of drugs has none, and two products have two."""
    for entry in items_at(reading.record, _INTERVENTIONS):
        why = "a dose needs a product, a number, a unit and how often, and a class is no drug"
        for what in _lacking(entry):
            place = f"intervention '{entry.get('name', '')}'"
            yield _find("C12", "error", place, what, why, "state drug, dose and times in the protocol")


def _lacking(entry: dict[str, Any]) -> Iterator[str]:
    name, text = str(entry.get("name", "")), _named(entry)
    bare = next((m for m in _CELL_DOSE.finditer(text) if not _UNIT_AFTER.match(text[m.end() :])), None)
    if bare and not re.search(rf"{re.escape(bare[0])}\s*(?:/|cells)", text):
        yield f"'{around(text, bare, 15)}' has no unit"
    elif _DRUG_CLASS.search(name) and not re.search(r"\d\s*(?:mg|g|µg|ml|x10|×10)", text, re.IGNORECASE):
        yield "names a class of drugs, without drug and dose"
    if (interval := _INTERVAL.search(text)) and not _NUMBER_OF_TIMES.search(text):
        yield f"'{interval[0]}', and not how many times"
    parts = re.split(r"\s(?:&|and)\s", name)
    if len(parts) > 1 and all(_CELL_PRODUCT.search(part) for part in parts) and _CELL_DOSE.search(text):
        yield f"{' and '.join(parts)}: two products with one dose"


def single_and_repeated(reading: Reading) -> Iterator[Finding]:
    """C13: a single dose that is given several times; C14: multiple doses that are single ones."""
    for entry in items_at(reading.record, _INTERVENTIONS):
        text = _named(entry)
        if (single := _SINGLE_DOSE.search(text)) and (times := _TIMES.search(text)):
            yield _find(
                "C13",
                "warning",
                f"intervention '{entry.get('name')}'",
                f"'{single[0]}' and '{times[0]}'{_in_all(text, times[1])}",
                "the number may be the dose of each administration or of all; each is the proposed reading",
                "state the dose of one administration and their number",
            )
    summary = unescape(text_at(reading.record, "descriptionModule.briefSummary"))
    described = unescape(text_at(reading.record, "descriptionModule.detailedDescription"))
    if (many := _MULTIPLE_DOSES.search(summary)) and (single := _SINGLE_DOSE.search(described)):
        yield _find(
            "C14",
            "warning",
            "brief summary and detailed description",
            f"'{many[0]}' in one and '{single[0]}' in the other",
            "several dose levels with one administration each is a proposed reading, several administrations another",
            "state the number of administrations",
        )


def _in_all(text: str, times: str) -> str:
    dose = _CELL_DOSE.search(text)
    number = _COUNTS.get(times.lower())
    power = re.search(r"10\s?\\?\^\s?(\d{1,2})", dose[0]) if dose else None
    if not dose or not number or not power:
        return ""
    return f"; {dose[1]}x10^{power[1]} each time is {(number * Decimal(dose[1])).normalize():f}x10^{power[1]} in all"


def intervention_without_arm(reading: Reading) -> Iterator[Finding]:
    """C24: without an arm nobody can tell what is tried, what is background and what is the comparator."""
    arms, entries = items_at(reading.record, _ARMS), items_at(reading.record, _INTERVENTIONS)
    used = {name.partition(": ")[2] or name for arm in arms for name in arm.get("interventionNames", [])}
    used |= {str(each.get("name")) for each in entries if each.get("armGroupLabels")}
    left = [str(each.get("name")) for each in entries if each.get("name") not in used]
    if (arms and used and left) or (not arms and len(entries) > 1):
        yield _find(
            "C24",
            "warning",
            "arms",
            f"no arm receives {', '.join(left)}",
            "an intervention may be tried, background or comparator; only its arm says which",
            "state the arms in the protocol",
        )


RULES: tuple[Rule, ...] = (
    model_and_text,
    arm_type,
    folded_doses,
    combined_intervention,
    cell_product_as_drug,
    enrolment_and_design,
    escalation_rule,
    ends_of_escalation,
    incomplete_dose,
    single_and_repeated,
    intervention_without_arm,
)
