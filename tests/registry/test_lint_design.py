"""Rules on doses, arms, limits, outcomes and times: each with a record that has the defect and one that has not."""

from copy import deepcopy
from datetime import date
from json import dumps

import pytest

from tests.registry.pages import RECORD
from trialwright.registry import read_record
from trialwright.registry.reading import rooted


def changed(**fields):
    """The rules that the invented record breaks with some of its fields changed; `__` stands for a dot."""
    record = deepcopy(RECORD)
    for path, value in fields.items():
        target = record
        *parents, last = rooted(path.replace("__", "."))
        for key in parents:
            target = target.setdefault(key, {})
        target[last] = value
    return {finding.rule for finding in read_record(dumps(record)).findings}


def described(text, **fields):
    """With another description."""
    return changed(descriptionModule__detailedDescription=text, **fields)


def criteria(included, excluded="Sepsis"):
    """With one criterion in each list."""
    text = f"Inclusion Criteria\n1. {included}\nExclusion Criteria\n1. {excluded}"
    return changed(eligibilityModule__eligibilityCriteria=text)


def given(*interventions, **fields):
    """With other interventions, all of them in the one arm."""
    entries = [
        {"type": "BIOLOGICAL", "name": name, "description": text, "armGroupLabels": ["One"]}
        for name, text in interventions
    ]
    arm = {
        "label": "One",
        "type": "EXPERIMENTAL",
        "interventionNames": [f"Biological: {name}" for name, _ in interventions],
    }
    design = {"allocation": "NA", "interventionModel": "SEQUENTIAL"}
    wanted = {
        "armsInterventionsModule__armGroups": [arm],
        "armsInterventionsModule__interventions": entries,
        "designModule__designInfo": design,
    }
    return changed(**(wanted | fields))


def arms(*labels_and_types):
    """With other arms."""
    return changed(
        armsInterventionsModule__armGroups=[{"label": label, "type": kind} for label, kind in labels_and_types],
        armsInterventionsModule__interventions=[],
    )


def outcome(measure, time_frame, **fields):
    """With one outcome."""
    return changed(outcomesModule__primaryOutcomes=[{"measure": measure, "timeFrame": time_frame}], **fields)


SINGLE = {"allocation": "NA", "interventionModel": "PARALLEL"}
ESCALATION = "A 3+3 design over three dose levels. One of three with a DLT: three more. {} Two of six with a DLT: stop."
COMPLETE = ESCALATION.format("Two of three: stop.")
INVENTED = {"type": "DRUG", "name": "Inventine", "description": "3 mg"}
SITES = [{"facility": "Nowhere Hospital"}, {"facility": "Nowhere Hosp., East"}]
REPEATED = "Given at an interval of 3 months, 4 times."
CASES = [
    ("C02", described("Cohort 2 opens after all of cohort 1 were seen."), described("Both cohorts open at once.")),
    ("C02", described("A single-arm trial with three dose groups."), described("A single-arm trial with one dose.")),
    (
        "C03",
        arms(("Cells", "EXPERIMENTAL"), ("Cells + Tablets", "ACTIVE_COMPARATOR")),
        arms(("Cells", "EXPERIMENTAL"), ("Tablets + Water", "ACTIVE_COMPARATOR")),
    ),
    ("C04", given(("Cells", "0.5 or 1.5x10^6 cells/kg")), given(("Cells", "1.5x10^6 cells/kg"))),
    ("C05", given(("Cells", ""), ("Gel", ""), ("Cells + Gel", "")), given(("Cells", ""), ("Gel", ""))),
    (
        "C06",
        changed(armsInterventionsModule__interventions=[INVENTED | {"name": "Stromal cells"}]),
        changed(armsInterventionsModule__interventions=[INVENTED]),
    ),
    (
        "C07",
        described(ESCALATION.format("Two of three: stop."), designModule__enrollmentInfo={"count": 9}),
        described(ESCALATION.format("Two of three: stop."), designModule__enrollmentInfo={"count": 18}),
    ),
    ("C07", described(ESCALATION.format(""), designModule__enrollmentInfo={}), described("Nothing escalates.")),
    ("C08", described(ESCALATION.format("")), described(ESCALATION.format("Two of three: stop."))),
    ("C08", described("A dose-escalation trial."), described("One dose.")),
    (
        "C04",
        changed(
            armsInterventionsModule={
                "armGroups": [{"label": "One", "type": "EXPERIMENTAL"}],
                "interventions": [INVENTED | {"description": "0.5 or 1.5x10^6 cells/kg"}],
            },
            designModule__designInfo={"allocation": "NA", "interventionModel": "SEQUENTIAL"},
        ),
        changed(
            armsInterventionsModule={
                "armGroups": [{"label": "One", "type": "EXPERIMENTAL"}],
                "interventions": [INVENTED | {"description": "1.5x10^6 cells/kg"}],
            },
            designModule__designInfo={"allocation": "NA", "interventionModel": "SEQUENTIAL"},
        ),
    ),
    (
        "C08",
        described(f"{COMPLETE} The previous dose is then the MTD."),
        described(f"{COMPLETE} The previous dose is then the MTD. If the first dose has DLTs, the trial ends."),
    ),
    (
        "C08",
        described(f"{COMPLETE} The team may continue with a higher dose."),
        described(f"{COMPLETE} The team may continue with dose C."),
    ),
    (
        "C08",
        described(f"{COMPLETE} Each subject in the high-dose group waits for at least 7 days."),
        described(f"{COMPLETE} Each subject in each dose group waits for at least 7 days."),
    ),
    ("C10", criteria("Adults", "Surgery within 14 days"), criteria("Adults", "Trauma within 14 days of surgery")),
    ("C10", criteria("Creatinine clearance > 60"), criteria("Creatinine clearance > 60 at screening")),
    ("C10", criteria("Adults", "Trauma within 14 days"), criteria("Adults", "Trauma within 14 days before visit 1")),
    ("C12", given(("Cells", "5-8x10^7 at one visit")), given(("Cells", "5-8x10^7 cells at one visit"))),
    ("C12", given(("DMARDs", "As usual")), given(("DMARDs", "Methotrexate 15 mg a week"))),
    ("C12", given(("Cells", "At 1 week intervals")), given(("Cells", "3 infusions at 1 week intervals"))),
    (
        "C12",
        given(("Cord blood & stromal cells", "2x10^6 cells/kg")),
        given(("Cord blood stromal cells", "2x10^6 cells/kg")),
    ),
    ("C13", given(("Cells", "A single dose, given 4 times")), given(("Cells", "A dose, given 4 times"))),
    (
        "C14",
        described("A single-dose trial.", descriptionModule__briefSummary="Of multiple doses."),
        described("A single-dose trial.", descriptionModule__briefSummary="Of one dose."),
    ),
    (
        "C15",
        criteria("ALP ≤ 3 x ULN", "ALP above 1.5 times the upper limit of normal"),
        criteria("ALP ≤ 3 x ULN", "ALP > 3 x ULN"),
    ),
    ("C15", criteria("ALT or AST ≤ 2.5×ULN", "AST ≥ 2.5×ULN; ALT ≥ 2×ULN"), criteria("ALT < 2.5×ULN", "AST > 2×ULN")),
    (
        "C16",
        criteria("Myelodysplastic syndrome", "Malignancy"),
        criteria("Myelodysplastic syndrome", "Another malignancy"),
    ),
    (
        "C16",
        criteria("No plan of stem cell transplantation", "Stem cell transplantation"),
        criteria("Adults", "Cell transfer"),
    ),
    ("C17", criteria("Arthritis but without other disease"), criteria("Arthritis alone")),
    ("C17", criteria("Adults", "Pregnant women may not participate"), criteria("Adults", "Pregnant women")),
    ("C18", criteria("Adults", "Infected subjects are recruited with delay"), criteria("Adults", "Infected subjects")),
    ("C18", criteria("Women have a pregnancy test in screening"), criteria("Women have a negative pregnancy test")),
    ("C19", criteria("eGFR over 45 by MDRD"), criteria("eGFR over 45 by MDRD with the constant 175")),
    ("C19", criteria("INR ≤ 1.5 x ULN at screening"), criteria("INR ≤ 1.5 at screening")),
    ("C19", criteria("Clinically stable"), criteria("Clinically stable (no new drug for 4 weeks)")),
    ("C19", criteria("Adults", "Severe heart disease"), criteria("Adults", "Severe heart disease, NYHA class IV")),
    (
        "C20",
        described("Response by ACR20.", eligibilityModule__eligibilityCriteria="Inclusion Criteria\n1. SJC of 4 of 28"),
        described("Response by ACR20.", eligibilityModule__eligibilityCriteria="Inclusion Criteria\n1. SJC of 4 of 66"),
    ),
    (
        "C21",
        described("Rescue with tablets from week 14. Measured at weeks 12, 24 and 52."),
        described("Rescue with tablets from week 14. Measured at weeks 4 and 12."),
    ),
    (
        "C22",
        outcome("Response", "6 months", armsInterventionsModule__interventions=[INVENTED | {"description": REPEATED}]),
        outcome("Response", "12 months", armsInterventionsModule__interventions=[INVENTED | {"description": REPEATED}]),
    ),
    (
        "C23",
        outcome("Response", "1 year", descriptionModule__briefSummary="To explore safety."),
        outcome("Adverse events", "1 year", descriptionModule__briefSummary="To explore safety."),
    ),
    (
        "C23",
        outcome("Progression-free survival", "1 year"),
        outcome("Progression-free survival", "1 year", conditionsModule__conditions=["Invented Sarcoma"]),
    ),
    (
        "C23",
        outcome("Safety of cells", "1 year"),
        changed(
            outcomesModule__primaryOutcomes=[
                {"measure": "Safety of cells", "description": "Adverse events by CTCAE 5.0", "timeFrame": "1 year"}
            ]
        ),
    ),
    (
        "C24",
        changed(armsInterventionsModule={"interventions": [INVENTED, INVENTED | {"name": "Other"}]}),
        changed(armsInterventionsModule={"interventions": [INVENTED]}),
    ),
    ("C25", described("Subjects are followed for 5 years."), described("Subjects are followed for 2 years.")),
    (
        "C30",
        changed(contactsLocationsModule__locations=SITES),
        changed(contactsLocationsModule__locations=SITES[:1]),
    ),
    ("C31", described("The trial was designed with care."), described("The trial is designed with care.")),
    (
        "X17",
        changed(contactsLocationsModule__centralContacts=[{"name": "Ada Nobody", "phone": "000-0000"}]),
        changed(contactsLocationsModule__centralContacts=[{"name": "Ada Nobody"}]),
    ),
    (
        "X17",
        changed(
            contactsLocationsModule__locations=[{"facility": "A", "contacts": [{"name": "B", "email": "b@c.example"}]}]
        ),
        changed(contactsLocationsModule__locations=[{"facility": "A", "contacts": [{"name": "B"}]}]),
    ),
]


@pytest.mark.parametrize(
    ("rule", "broken", "sound"), CASES, ids=[f"{rule}-{at}" for at, (rule, *_) in enumerate(CASES)]
)
def test_a_rule_tells_the_defect_from_the_sound_record(rule, broken, sound):
    """Each rule finds the defect that it is named for, and leaves alone a record that differs in nothing else."""
    assert rule in broken
    assert rule not in sound


def test_a_parallel_model_with_one_dose_has_no_finding():
    """The invented record as it stands has no finding."""
    assert changed() == set()


FIVE = {
    "NCT05794425": {
        *("X02", "X03", "X04", "X05", "X09", "X11", "X12", "X14", "X15", "X16", "X17"),
        *("C10", "C12", "C15", "C16", "C18", "C19", "C23", "C24", "C29", "C30", "C33"),
    },
    "NCT04971980": {
        *("X01", "X02", "X03", "X07", "X08", "X10", "X12", "X14", "X16"),
        *("C04", "C07", "C08", "C09", "C10", "C19", "C29", "C33"),
    },
    "NCT05962762": {
        *("E01", "X02", "X03", "X09", "X11", "X12", "X13", "X14", "X16", "X17"),
        *("C02", "C07", "C08", "C14", "C26", "C31", "C33"),
    },
    "NCT03828344": {
        *("X03", "X07", "X09", "X16", "C02", "C04", "C08", "C10", "C11", "C17", "C19", "C20", "C21", "C25", "C29"),
    },
    "NCT01547091": {
        *("X02", "X03", "X07", "X10", "X16", "X17"),
        *("C01", "C03", "C05", "C12", "C13", "C17", "C18", "C19", "C26", "C29"),
    },
}


@pytest.mark.parametrize("number", FIVE)
def test_the_five_records_show_their_defects(shared, number):
    """The five records give the findings that the catalogue names, each with its mend, and none on their masking."""
    reading = read_record((shared / "records" / f"{number}.txt").read_text())

    rules = {finding.rule for finding in reading.findings}

    assert FIVE[number] <= rules
    assert "C32" not in rules
    assert all((finding.place, finding.what, finding.why, finding.mend) for finding in reading.findings)


COPIES = {
    "NCT01547091": {"C22", "C23", "C29"},
    "NCT03828344": {"C04", "C08", "C11", "C20", "C21", "C25"},
    "NCT04971980": {"C04", "C06", "C07", "C08", "C09", "C28"},
}


@pytest.mark.parametrize("number", COPIES)
def test_the_registry_s_copies_show_what_the_pages_lost(shared, number):
    """Defects of fields that a page does not carry show in the registry's own copy of the record."""
    reading = read_record((shared / "registry" / "msc" / f"raw_{number}.json").read_text())

    assert {finding.rule for finding in reading.findings} >= COPIES[number]


@pytest.mark.parametrize("number", FIVE)
def test_open_trials_of_the_past_are_stale(shared, number):
    """By a day of November 2026 each of the five is stale by its dates but the one that has not begun."""
    reading = read_record((shared / "records" / f"{number}.txt").read_text(), as_of=date(2026, 11, 24))

    assert ("C26" in {finding.rule for finding in reading.findings}) == (number != "NCT03828344")
