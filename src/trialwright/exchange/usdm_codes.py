"""The few terms of CDISC's controlled terminology that a USDM export needs: NCIt code and preferred term.

Source: CDISC SDTM terminology of 2025-03-28, DDF and Protocol terminology of 2025-09-26, as published by NCI-EVS.
"""

from __future__ import annotations

from typing import NamedTuple

SDTM = "2025-03-28"
DDF = "2025-09-26"


class Term(NamedTuple):
    """A term: its NCIt code, its preferred term, and the release that it was taken from."""

    code: str
    decode: str
    version: str = SDTM


INTERVENTIONAL = Term("C98388", "Interventional Study")
TREATMENT_INTENT = Term("C49656", "Treatment Study")
INCLUSION = Term("C25532", "Inclusion Criteria")
EXCLUSION = Term("C25370", "Exclusion Criteria")
FEMALE = Term("C16576", "Female")
MALE = Term("C20197", "Male")
YEARS = Term("C29848", "Year")
DAYS = Term("C25301", "Day")
SAFETY = Term("C49667", "Safety Study")
EFFICACY = Term("C49666", "Efficacy Study")
DOSE_FINDING = Term("C158289", "Dose Finding Study")
BIOLOGIC = Term("C307", "Biological Agent")
DRUG = Term("C1909", "Pharmacologic Substance")
SINGLE_GROUP = Term("C82640", "Single Group Study")
SEQUENTIAL = Term("C142568", "Group Sequential Design")
PARALLEL = Term("C82639", "Parallel Study")
ONCE = Term("C64576", "Once")
DAILY = Term("C25473", "Daily")
UNKNOWN_FREQUENCY = Term("C17998", "Unknown")
UNKNOWN_ROUTE = Term("C38311", "Unknown Route of Administration")
UNKNOWN_FORM = Term("C150001", "Unknown Dosage Form Category")
INJECTABLE_SUSPENSION = Term("C42995", "Injectable Suspension Dosage Form")
INJECTABLE_SOLUTION = Term("C42945", "Injectable Solution Dosage Form")

PHASES = {
    "Early Phase 1": Term("C54721", "Phase 0 Trial"),
    "Phase 1": Term("C15600", "Phase I Trial"),
    "Phase 1a": Term("C199990", "Phase Ia Trial"),
    "Phase 1b": Term("C199989", "Phase Ib Trial"),
    "Phase 1/Phase 2": Term("C15693", "Phase I/II Trial"),
    "Phase 1/Phase 2/Phase 3": Term("C198366", "Phase I/II/III Trial"),
    "Phase 1/Phase 3": Term("C198367", "Phase I/III Trial"),
    "Phase 2": Term("C15601", "Phase II Trial"),
    "Phase 2a": Term("C49686", "Phase IIa Trial"),
    "Phase 2b": Term("C49688", "Phase IIb Trial"),
    "Phase 2/Phase 3": Term("C15694", "Phase II/III Trial"),
    "Phase 3": Term("C15602", "Phase III Trial"),
    "Phase 3a": Term("C49687", "Phase IIIa Trial"),
    "Phase 3b": Term("C49689", "Phase IIIb Trial"),
    "Phase 4": Term("C15603", "Phase IV Trial"),
    "Phase 5": Term("C47865", "Phase V Trial"),
    "Not Applicable": Term("C48660", "Not Applicable"),
}
"""The whole codelist C66737 (Trial Phase Response); the registry's early phase 1 is its `EARLY PHASE I`."""
BLINDING = {
    "none": Term("C49659", "Open Label Study"),
    "single": Term("C28233", "Single Blind Study"),
    "double": Term("C15228", "Double Blind Study"),
    "triple": Term("C15228", "Double Blind Study"),
    "quadruple": Term("C15228", "Double Blind Study"),
}
EPOCHS = {
    "Screening": Term("C202487", "Screening Epoch"),
    "Treatment": Term("C101526", "Treatment Epoch"),
    "Follow-up": Term("C202578", "Follow-Up Epoch"),
}
ROUTES = {
    "intravenous": Term("C38276", "Intravenous Route of Administration"),
    "oral": Term("C38288", "Oral Route of Administration"),
    "mouth": Term("C38288", "Oral Route of Administration"),
    "subcutaneous": Term("C38299", "Subcutaneous Route of Administration"),
    "intramuscular": Term("C28161", "Intramuscular Route of Administration"),
    "intradermal": Term("C38238", "Intradermal Route of Administration"),
    "intra-arterial": Term("C38222", "Intraarterial Route of Administration"),
    "intra-articular": Term("C38223", "Intraarticular Route of Administration"),
    "intradiscal": Term("C38239", "Intradiscal Route of Administration"),
    "intraperitoneal": Term("C38258", "Intraperitoneal Route of Administration"),
    "intrathecal": Term("C38267", "Intrathecal Route of Administration"),
    "intratumoral": Term("C38269", "Intratumoral Route of Administration"),
    "intravitreal": Term("C38280", "Intravitreal Route of Administration"),
    "inhalation": Term("C38216", "Inhalation Route of Administration"),
    "nasal": Term("C38284", "Nasal Route of Administration"),
    "ophthalmic": Term("C38287", "Ophthalmic Route of Administration"),
    "rectal": Term("C38295", "Rectal Route of Administration"),
    "sublingual": Term("C38300", "Sublingual Route of Administration"),
    "topical": Term("C38304", "Topical Route of Administration"),
    "transdermal": Term("C38305", "Transdermal Route of Administration"),
}
EVERY = {
    "1 day": Term("C25473", "Daily"),
    "1 week": Term("C67069", "Weekly"),
    "2 weeks": Term("C71127", "Every Two Weeks"),
    "3 weeks": Term("C64535", "Every Three Weeks"),
    "4 weeks": Term("C64529", "Every Four Weeks"),
    "6 weeks": Term("C89788", "Every Six Weeks"),
    "8 weeks": Term("C103389", "Every Eight Weeks"),
    "12 weeks": Term("C161332", "Every Twelve Weeks"),
    "1 month": Term("C64498", "Monthly"),
    "2 months": Term("C64536", "Every Two Months"),
    "3 months": Term("C64537", "Every Three Months"),
    "4 months": Term("C64538", "Every Four Months"),
    "6 months": Term("C89789", "Every Six Months"),
}
DOSE_UNITS = {
    "cells": Term("C187669", "Therapeutic Cells Dosing Unit"),
    "cells/kg": Term("C198380", "Million per Kilogram"),
    "ug": Term("C48152", "Microgram"),
    "ug/kg": Term("C67396", "Microgram per Kilogram"),
    "mg": Term("C28253", "Milligram"),
    "mg/kg": Term("C67401", "Milligram per Kilogram"),
    "mg/m2": Term("C67402", "Milligram per Square Meter"),
    "mg/day": Term("C67399", "Milligram per 24 Hours"),
    "mg/week": Term("C67404", "Milligram per Week"),
    "mg/kg/day": Term("C66976", "Milligram per Kilogram per Day"),
    "g": Term("C48155", "Gram"),
    "g/day": Term("C67372", "Gram per 24 Hours"),
    "IU": Term("C48579", "International Unit"),
    "IU/kg": Term("C67379", "International Unit per Kilogram"),
    "mL": Term("C28254", "Milliliter"),
}

VISIT = Term("C25716", "Visit", DDF)
SPONSOR = Term("C70793", "Clinical Study Sponsor", DDF)
REGISTRY = Term("C93453", "Study Registry", DDF)
OFFICIAL_TITLE = Term("C207616", "Official Study Title", DDF)
OWN_DATA = Term("C188866", "Data Generated Within Study", DDF)
EXPERIMENTAL = Term("C41161", "Protocol Agent", DDF)
BACKGROUND = Term("C165822", "Background Treatment", DDF)
IMP = Term("C202579", "Investigational Medicinal Product", DDF)
AUXILIARY = Term("C156473", "Auxiliary Medicinal Product", DDF)
BEFORE = Term("C201357", "Before Timing Type", DDF)
AFTER = Term("C201356", "After Timing Type", DDF)
FIXED = Term("C201358", "Fixed Reference Timing Type", DDF)
START_TO_START = Term("C201355", "Start to Start", DDF)
ADAPTIVE = Term("C98704", "Adaptive Design", DDF)
RANDOMISED = Term("C46079", "Randomized Controlled Clinical Trial", DDF)
STRATIFIED = Term("C147145", "Stratified Randomization", DDF)
SINGLE_CENTRE = Term("C217004", "Single-Center Study", DDF)
MULTICENTRE = Term("C217005", "Multicenter Study", DDF)

OBJECTIVES = {
    "primary": Term("C85826", "Trial Primary Objective", DDF),
    "secondary": Term("C85827", "Trial Secondary Objective", DDF),
}
ENDPOINTS = {
    "primary": Term("C94496", "Primary Endpoint", DDF),
    "secondary": Term("C139173", "Secondary Endpoint", DDF),
}
ARMS = {
    "experimental": Term("C174266", "Investigational Arm", DDF),
    "active comparator": Term("C174267", "Active Comparator Arm", DDF),
    "placebo comparator": Term("C174268", "Placebo Control Arm", DDF),
    "no intervention": Term("C174270", "No Intervention Arm", DDF),
}
COMPARATORS = {
    "active comparator": Term("C68609", "Active Comparator", DDF),
    "placebo comparator": Term("C753", "Placebo", DDF),
}
MASKED_IN_QUADRUPLE = {
    "Study subject": Term("C41189", "Study Subject", DDF),
    "Care provider": Term("C17445", "Caregiver", DDF),
    "Investigator": Term("C25936", "Investigator", DDF),
    "Outcomes assessor": Term("C207599", "Outcomes Assessor", DDF),
}
