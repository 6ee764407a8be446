"""The registry's vocabularies: what a page prints, and the API v2 code that it means.

Source: the enumerations of the ClinicalTrials.gov API v2 data model, with the wording of the classic site beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

_MARKDOWN_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>^~|=&$\"'])")


def _codes(words: str, **aliases: str) -> dict[str, str]:
    return {word: word for word in words.split()} | {alias.upper(): code for alias, code in aliases.items()}


STATUSES = _codes(
    "ACTIVE_NOT_RECRUITING COMPLETED ENROLLING_BY_INVITATION NOT_YET_RECRUITING RECRUITING SUSPENDED TERMINATED "
    "WITHDRAWN AVAILABLE NO_LONGER_AVAILABLE TEMPORARILY_NOT_AVAILABLE APPROVED_FOR_MARKETING WITHHELD UNKNOWN",
    unknown_status="UNKNOWN",
)
PHASES = _codes(
    "NA EARLY_PHASE1 PHASE1 PHASE2 PHASE3 PHASE4",
    n_a="NA", not_applicable="NA", early_phase_1="EARLY_PHASE1", phase_0="EARLY_PHASE1", phase0="EARLY_PHASE1",
    phase_1="PHASE1", phase_2="PHASE2", phase_3="PHASE3", phase_4="PHASE4",
)  # fmt: skip
STUDY_TYPES = _codes("INTERVENTIONAL OBSERVATIONAL EXPANDED_ACCESS", observational_patient_registry="OBSERVATIONAL")
ALLOCATIONS = _codes("RANDOMIZED NON_RANDOMIZED NA", n_a="NA", nonrandomized="NON_RANDOMIZED", randomised="RANDOMIZED")
MODELS = _codes(
    "SINGLE_GROUP PARALLEL CROSSOVER FACTORIAL SEQUENTIAL",
    single_group_assignment="SINGLE_GROUP", parallel_assignment="PARALLEL", crossover_assignment="CROSSOVER",
    cross_over="CROSSOVER", factorial_assignment="FACTORIAL", sequential_assignment="SEQUENTIAL",
)  # fmt: skip
PURPOSES = _codes(
    "TREATMENT PREVENTION DIAGNOSTIC ECT SUPPORTIVE_CARE SCREENING HEALTH_SERVICES_RESEARCH BASIC_SCIENCE "
    "DEVICE_FEASIBILITY OTHER",
    educational_counseling_training="ECT",
)
MASKINGS = _codes(
    "NONE SINGLE DOUBLE TRIPLE QUADRUPLE",
    none_open_label="NONE", open_label="NONE", no_masking="NONE", single_blind="SINGLE", double_blind="DOUBLE",
)  # fmt: skip
WHO_MASKED = _codes(
    "PARTICIPANT CARE_PROVIDER INVESTIGATOR OUTCOMES_ASSESSOR",
    participants="PARTICIPANT", subject="PARTICIPANT", caregivers="CARE_PROVIDER", caregiver="CARE_PROVIDER",
    care_providers="CARE_PROVIDER", investigators="INVESTIGATOR", outcome_assessors="OUTCOMES_ASSESSOR",
    outcome_assessor="OUTCOMES_ASSESSOR", outcomes_assessors="OUTCOMES_ASSESSOR",
)  # fmt: skip
OBSERVATIONAL_MODELS = _codes(
    "COHORT CASE_CONTROL CASE_ONLY CASE_CROSSOVER ECOLOGIC_OR_COMMUNITY FAMILY_BASED DEFINED_POPULATION "
    "NATURAL_HISTORY OTHER"
)
TIME_PERSPECTIVES = _codes("RETROSPECTIVE PROSPECTIVE CROSS_SECTIONAL OTHER")
ARM_TYPES = _codes("EXPERIMENTAL ACTIVE_COMPARATOR PLACEBO_COMPARATOR SHAM_COMPARATOR NO_INTERVENTION OTHER")
INTERVENTION_TYPES = _codes(
    "BEHAVIORAL BIOLOGICAL COMBINATION_PRODUCT DEVICE DIAGNOSTIC_TEST DIETARY_SUPPLEMENT DRUG GENETIC PROCEDURE "
    "RADIATION OTHER"
)
AGENCY_CLASSES = _codes("NIH FED OTHER_GOV INDIV INDUSTRY NETWORK AMBIG OTHER UNKNOWN")
OUTCOME_TYPES = _codes("PRIMARY SECONDARY OTHER_PRE_SPECIFIED POST_HOC")
MEASURE_PARAMETERS = _codes(
    "GEOMETRIC_MEAN GEOMETRIC_LEAST_SQUARES_MEAN LEAST_SQUARES_MEAN LOG_MEAN MEAN MEDIAN NUMBER COUNT_OF_PARTICIPANTS "
    "COUNT_OF_UNITS"
)
MEASURE_DISPERSIONS = _codes(
    "NA STANDARD_DEVIATION STANDARD_ERROR INTER_QUARTILE_RANGE FULL_RANGE CONFIDENCE_80 CONFIDENCE_90 CONFIDENCE_95 "
    "CONFIDENCE_975 CONFIDENCE_99 CONFIDENCE_OTHER GEOMETRIC_COEFFICIENT",
    n_a="NA", not_applicable="NA", geometric_coefficient_of_variation="GEOMETRIC_COEFFICIENT",
) | {
    f"{level}_CONFIDENCE_INTERVAL": f"CONFIDENCE_{level.replace('_', '')}" for level in ("80", "90", "95", "97_5", "99")
}  # fmt: skip
ANALYSIS_DISPERSIONS = _codes(
    "STANDARD_DEVIATION STANDARD_ERROR_OF_MEAN", standard_error_of_the_mean="STANDARD_ERROR_OF_MEAN"
)
NON_INFERIORITY_TYPES = _codes(
    "SUPERIORITY NON_INFERIORITY EQUIVALENCE OTHER NON_INFERIORITY_OR_EQUIVALENCE SUPERIORITY_OR_OTHER "
    "NON_INFERIORITY_OR_EQUIVALENCE_LEGACY SUPERIORITY_OR_OTHER_LEGACY"
)
SIDES = {"ONE_SIDED": "ONE_SIDED", "TWO_SIDED": "TWO_SIDED", "1_SIDED": "ONE_SIDED", "2_SIDED": "TWO_SIDED"}
ASSESSMENTS = _codes("NON_SYSTEMATIC_ASSESSMENT SYSTEMATIC_ASSESSMENT")
REPORTING_STATUSES = _codes("NOT_POSTED POSTED")
RESTRICTIONS = _codes("LTE60 GT60 OTHER")
RELEVANCES = _codes("LOW HIGH")
SPECIMENS = _codes("NONE_RETAINED SAMPLES_WITH_DNA SAMPLES_WITHOUT_DNA")
SHARING = _codes("YES NO UNDECIDED")
SHARED_DOCUMENTS = _codes(
    "STUDY_PROTOCOL SAP ICF CSR ANALYTIC_CODE",
    statistical_analysis_plan_sap="SAP", informed_consent_form_icf="ICF", clinical_study_report_csr="CSR",
)  # fmt: skip
SEXES = _codes("ALL FEMALE MALE", both="ALL")
YES_NO = {"YES": True, "NO": False, "TRUE": True, "FALSE": False}


def unescape(text: str) -> str:
    r"""The text with Markdown's backslash escapes resolved.

    >>> unescape(r"0.5x10\^6, DAS28\>3.2")
    '0.5x10^6, DAS28>3.2'
    """
    return _MARKDOWN_ESCAPE.sub(r"\1", text)


def keyed(text: str) -> str:
    """The form in which a vocabulary lists a printed term.

    >>> keyed("Active, not recruiting")
    'ACTIVE_NOT_RECRUITING'
    """
    return re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")


def code(text: str, vocabulary: Mapping[str, str]) -> str | None:
    """The API code of a printed term, or None where the vocabulary has no such term.

    >>> code("Not yet recruiting", STATUSES)
    'NOT_YET_RECRUITING'
    """
    return vocabulary.get(keyed(text))


_STOPPED = re.compile(r"(Suspended|Terminated|Withdrawn)\s*\((.+)\)", re.IGNORECASE | re.DOTALL)


def status(text: str) -> str | None:
    """The code of a status, after which the reason for stopping may stand in brackets, or None.

    >>> status("Terminated (no funds)"), status("Recruiting (soon)")
    ('TERMINATED', None)
    """
    match = _STOPPED.fullmatch(text.strip())
    return code(match[1] if match else text, STATUSES)


def why_stopped(text: str) -> str | None:
    """The reason that stands in brackets after a status, or None.

    >>> why_stopped("Withdrawn (no funds)"), why_stopped("Withdrawn")
    ('no funds', None)
    """
    match = _STOPPED.fullmatch(text.strip())
    return unescape(match[2].strip()) if match else None


_INVERTED_COUNTRY = re.compile(
    r"[A-Z][a-z]+, (?:(?:The )?(?:[A-Z][a-z]+ ){0,3}Republic of(?: the)?|The Former [A-Za-z ]+|Islamic Republic of"
    r"|Bolivarian Republic of|Federated States of|U\.S\.|British)$"
)


def country_at_end(text: str) -> str:
    """The country that ends a line of places parted by commas; some countries' names hold a comma.

    >>> country_at_end("Seoul, Korea, Republic of"), country_at_end("Utopia, North, Atlantis")
    ('Korea, Republic of', 'Atlantis')
    """
    match = _INVERTED_COUNTRY.search(text)
    return match[0] if match else text.rpartition(",")[2].strip()


def country_names(text: str) -> list[str]:
    """The countries of a list parted by commas.

    >>> country_names("China, Korea, Republic of, Atlantis,")
    ['China', 'Korea, Republic of', 'Atlantis']
    """
    names: list[str] = []
    for part in (part.strip() for part in text.split(",")):
        if names and _INVERTED_COUNTRY.fullmatch(f"{names[-1]}, {part}"):
            names[-1] = f"{names[-1]}, {part}"
        elif part:
            names.append(part)
    return names


def phases(text: str) -> list[str] | None:
    """The list of phases that a page prints as one term, or None.

    >>> phases("Phase 1/Phase 2"), phases("PHASE1"), phases("N/A")
    (['PHASE1', 'PHASE2'], ['PHASE1'], ['NA'])
    """
    whole = code(text, PHASES)
    if whole:
        return [whole]
    found = [code(part, PHASES) for part in re.split(r"[/|,]", text)]
    return [part for part in found if part] if all(found) else None


def iso_date(text: str) -> str | None:
    """The date in ISO form with the precision that the page gives, or None where it is no date.

    >>> iso_date("August 30, 2023"), iso_date("April 2026"), iso_date("2021-04-12"), iso_date("February 30, 2023")
    ('2023-08-30', '2026-04', '2021-04-12', None)
    """
    words = text.strip()
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?", words):
        year, month, day = match[1], int(match[2]), match[3]
    elif (match := re.fullmatch(r"([A-Za-z]+)\.?\s+(?:(\d{1,2})(?:,\s*|\s+))?(\d{4})", words)) and _month(match[1]):
        year, month, day = match[3], _month(match[1]), match[2]
    elif (match := re.fullmatch(r"(\d{1,2})\s+([A-Za-z]+)\.?\s+(\d{4})", words)) and _month(match[2]):
        year, month, day = match[3], _month(match[2]), match[1]
    else:
        return None
    try:
        whole = date(int(year), month, int(day or 1))
    except ValueError:
        return None
    return whole.isoformat() if day else whole.isoformat()[:7]


def _month(name: str) -> int:
    lowered = name.lower()
    for number, month in enumerate(_MONTHS, start=1):
        if len(lowered) >= 3 and month.startswith(lowered):
            return number
    return 0


def yes_no(text: str) -> bool | None:
    """True, False or None (neither word).

    >>> yes_no("No"), yes_no("ask")
    (False, None)
    """
    return YES_NO.get(keyed(text))


def healthy_volunteers(text: str) -> bool | None:
    """Whether healthy volunteers are accepted, in the older and the newer wording, or None.

    >>> healthy_volunteers("Accepts Healthy Volunteers"), healthy_volunteers("No")
    (True, False)
    """
    return True if keyed(text) == "ACCEPTS_HEALTHY_VOLUNTEERS" else yes_no(text)


def count(text: str) -> int | None:
    """The number of participants, or None.

    >>> count("16 participants"), count("1,200"), count("about 5")
    (16, 1200, None)
    """
    match = re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\s+(?:participants?|patients|subjects))?", text.strip())
    return int(match[1].replace(",", "")) if match else None


def age(text: str) -> str | None:
    """An age with its unit as the registry writes it, or None.

    >>> age("18 Years"), age("N/A")
    ('18 Years', None)
    """
    match = re.fullmatch(r"(\d{1,3})\s+(years?|months?|weeks?|days?|hours?|minutes?)", text.strip(), re.IGNORECASE)
    return f"{int(match[1])} {match[2].capitalize()}" if match else None


def several(text: str, vocabulary: Mapping[str, str]) -> list[str] | None:
    """The codes of terms that stand one after another with no reliable separator, or None where one is unknown.

    >>> several("Participants Caregivers Investigators Outcome Assessors", WHO_MASKED)
    ['PARTICIPANT', 'CARE_PROVIDER', 'INVESTIGATOR', 'OUTCOMES_ASSESSOR']
    """
    words = keyed(text).split("_")
    found: list[str] = []
    while words and words != [""]:
        for size in range(min(3, len(words)), 0, -1):
            term = vocabulary.get("_".join(words[:size]))
            if term:
                found.append(term)
                words = words[size:]
                break
        else:
            return None
    return found or None
