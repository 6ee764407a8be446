"""The words and the weights by which rows of outcomes are parted; `outcome_rows` says how they are used.

The weights are those of a softmax over the places of a row where a part can begin, fitted by maximum likelihood to the
9,321 rows with a time frame in 1,426 public records of ClinicalTrials.gov; `tools/fit_outcome_rows.py` fits them anew.
Fitted to 70 % of these records, they find 95 % of the time frames and 76 % of the descriptions of the others.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNITS = _words(
    """
    cycle cycles d day days decade h hour hours hr hrs min mins minute minutes mo month months mos second seconds
    session sessions trimester visit visits week weeks wk wks year years yr yrs
    """
)
"""Units of time, and what is counted like them."""

MOMENTS = _words(
    """
    admission annually base-line baseline completion daily delivery discharge end-of-treatment enrollment enrolment
    follow-up followup hospitalisation hospitalization immediate immediately intraoperative intraoperatively monthly
    once one-time perioperative perioperatively post-dose post-intervention post-op post-treatment postdose
    postoperative postoperatively postpartum posttreatment pre-dose pre-intervention pre-op pre-treatment predose
    preoperative preoperatively pretreatment randomisation randomization screening surgery weekly yearly
    """
)
"""Words that are a time of their own."""

FILLERS = _words(
    """
    & + - a about administration after age all an and any approx approximate approximately are around assessed
    assessment assessments at at, average base be before beginning between birth blood both by came cause change
    chemotherapy collected comes consent control corrected date day- death discontinuation disease documented done
    dose doses dosing drug duration during each early eight eighteen end entire entry estimated evaluated every
    examination exit expected final first five follow following for four frame from gestational group half half-year
    hospital icu if implantation in inclusion informed infusion initial initially initiation injection intake
    intervention interview is last later least line long long-term loss lost max maximum mean measured median
    minimum minus nine no observation occasions occurred occurs of on one only operation optional or over
    participant participants patient patients per performed period phase phone planned plus point points points:
    post pre primary prior procedure progression quarter radiotherapy recorded recurrence relapse safety sample
    samples secondary seven short-term signed signing since six start stay study study- subject subjects subsequent
    taken ten term that the then therapy thereafter third this three through throughout till time times to total
    transplant transplantation treatment trial twelve twenty-four two until until- up vaccination was were which
    whichever whole will with withdrawal within ± –
    """
)
"""Words that stand between words of time."""

JOINS = _words(
    """
    & + - / = a about after an and approximately at be before between by during for from in is least of on or over
    per post pre than the through to until up versus vs was with within ± –
    """
)
"""Words after which nothing begins."""

BEFORE_AN_EVENT = _words(
    """
    after before following from of post post- prior since until
    """
)
"""Words after which a time frame names an event."""

BEGIN_A_TIME = _words(
    """
    after approximately assessed at baseline before between by change day days during every first five follow four
    from immediately initially measured month months on once one over post pre pre-dose pre-intervention
    preoperative preoperatively prior screening second six the third three through throughout twelve two until up
    week weeks within year
    """
)
"""Small words with which a time frame can begin."""

OPEN_A_SENTENCE = _words(
    """
    A All An Any As Assess Assessed By Calculated Clinical Collected Compare Confirm Defined Describe Determine
    Determined Each Evaluate Evaluated For If It Measured On Participants Patient Patients Perceived Quantified
    Recorded Researchers Subject Subjects Summarize The These They This To Using We Whether Will
    """
)
"""Words with which a description begins."""

OPEN_A_DEFINITION = _words(
    """
    Adverse Analysis Assessment Average Based Blood Change Changes Comparison Data Decrease Descriptive Difference
    Differences Duration Estimate Estimated Evaluation Frequency From Higher Improvement In Incidence Including
    Increase Length Level Levels Mean Measure Measurement Measures Minimum Number Occurrence Outcome Overall Pain
    Parameters Patient-reported Percent Percentage Physical Presence Proportion Quality Questionnaire Rate Reduction
    Reported Safety Satisfaction Scale Score Scores Self-reported Serum Success Test Time Total Treatment Use
    Validated Visual
    """
)
"""Nouns with which a description begins."""

OPEN_SMALL = _words(
    """
    a an assess assessed calculated change changes clinical defined determined evaluate evaluated evaluation it
    measured number overall participants patients the these this to using we whether will
    """
)
"""Small words with which a description begins."""

END_A_MEASURE = _words(
    """
    adherence baseline complications count criteria days event events function index infection intensity level
    levels life months mortality pain progression quality questionnaire rate rates response scale score scores
    status survival test time toxicity volume weeks
    """
)
"""Words with which a measure ends."""

TIME_FRAME_WEIGHTS: Mapping[str, float] = {
    "after a full stop": 3.5,
    "capital": 2.9,
    "foreign 0": 2.5,
    "has time": 2.4,
    "shared end": 1.5,
    "after a bracket": 1.3,
    "digit": 1.3,
    "event words 0": 1.3,
    "shared by three": 1.2,
    "number with its unit": 1.0,
    "2 words": 0.6,
    "foreign 1": 0.6,
    "21-35 words": 0.5,
    "3-5 words": 0.1,
    "36+ words": -0.1,
    "6-10 words": -0.1,
    "after a word of time": -0.1,
    "11-20 words": -0.2,
    "after a word that can stand": -0.2,
    "event words 1-2": -0.2,
    "digit after digit": -0.3,
    "1 words": -0.6,
    "small, can begin": -0.7,
    "foreign 2-3": -0.8,
    "event words 3+": -0.9,
    "closed word": -1.0,
    "none": -1.0,
    "sentence within": -1.2,
    "capital, foreign": -1.3,
    "foreign 4-7": -1.8,
    "small": -2.4,
    "bracket": -2.6,
    "bracket closes": -2.6,
    "number after its unit": -2.8,
    "foreign 8+": -3.5,
    "unit after its number": -3.9,
    "after an open mark": -4.0,
    "after a joining word": -5.5,
}
"""What each mark of a place says for a time frame that begins there."""

DESCRIPTION_WEIGHTS: Mapping[str, float] = {
    "bullet": 3.0,
    "opens a sentence": 2.7,
    "opens a sentence, small": 2.2,
    "after a bracket": 2.1,
    "abbreviation again": 1.9,
    "two words again": 1.7,
    "after a noun of measures": 1.6,
    "at 2": 1.6,
    "first word again": 1.6,
    "at 1": 1.3,
    "at 3-5": 1.3,
    "next word again": 1.2,
    "word again": 1.2,
    "opens a definition": 1.1,
    "none, 1-5 words": 1.0,
    "none, 6-12 words": 1.0,
    "shared end": 1.0,
    "none": 0.9,
    "at 6-10": 0.7,
    "small word after": 0.7,
    "after a small word": 0.5,
    "after a title": 0.4,
    "after words of time": 0.4,
    "none, 13-25 words": 0.1,
    "none, closed": -0.1,
    "at 11-18": -0.3,
    "too short": -0.5,
    "shared start": -0.6,
    "abbreviation": -0.8,
    "after a full stop": -1.0,
    "none, 26+ words": -1.3,
    "within capitals": -1.3,
    "at 19-30": -1.5,
    "digit": -1.7,
    "joining word": -1.7,
    "none, sentence within": -1.8,
    "sentence before": -1.9,
    "dash": -2.1,
    "within a bracket": -2.3,
    "before a bracket": -2.8,
    "at 31+": -3.2,
    "after an open mark": -3.3,
    "small": -4.2,
    "bracket": -5.0,
    "after a joining word": -5.8,
}
"""What each mark of a place says for a description that begins there."""
