"""Which adverse events are dose-limiting, by the definition in the protocol."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conductor import PROTOCOLS
from trialwright.conduct.adverse_event import AdverseEvent
from trialwright.conduct.course import Course, Infusion
from trialwright.conduct.state import Subject
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study

STUDY = load_study((PROTOCOLS / "NCT04971980.yaml").read_text())
INFUSED = datetime(2027, 1, 1, 12, tzinfo=UTC)


def waits_as_dlt(study: Study, **inputs: object) -> bool:
    """Whether an event of one subject waits for adjudication as a possible DLT."""
    dose = Decimal(1)
    infusion = Infusion(
        at=INFUSED,
        level=1,
        dose_cells_per_kg=dose,
        weight_kg=dose,
        planned_cells=dose,
        planned_ml=dose,
        given_ml=dose,
    )
    event = AdverseEvent(
        number=1,
        term=inputs["ctcae_term"],
        onset_on=(INFUSED + timedelta(days=inputs["onset_day"])).date(),
        grade=inputs["grade"],
        related=inputs["related_to_product"],
        serious=False,
    )
    subject = Subject(
        id="S001",
        site="01",
        consented_on=date(2026, 12, 1),
        level=1,
        course=Course(infusions=(infusion,)),
        adverse_events=(event,),
    )
    return bool(subject.dlt_candidates(study))


def with_policy(policy: str) -> Study:
    """The protocol with a choice of which terms are haematological."""
    design = STUDY.design
    dlt = design.dlt.model_copy(update={"haematological": policy})
    return STUDY.model_copy(update={"dose_escalation": design.model_copy(update={"dlt": dlt})})


def test_dlt_of_nct04971980(shared: Path) -> None:
    """The protocol's definition decides every published case of NCT04971980, under either list of terms."""
    lines = (shared / "vectors/clinical.jsonl").read_text().splitlines()
    mine = [vector for vector in map(json.loads, lines) if vector["item"] == "dlt_NCT04971980"]
    for vector in mine:
        inputs = vector["inputs"]
        study = with_policy(inputs["haematological_policy"])
        assert study.design.dlt_window.days == inputs["dlt_window_days"]
        assert waits_as_dlt(study, **inputs) is vector["expected"], vector["id"]
    assert mine


@pytest.mark.parametrize(("grade", "counts"), [(2, False), (3, True)])
def test_a_term_outside_the_scale_counts_from_the_lower_grade(grade: int, counts: bool) -> None:
    """An event in words that CTCAE does not have is judged by the grade for events that are not haematological."""
    assert STUDY.design.dlt.counts(term="Blood went strange", grade=grade, related=True) is counts
