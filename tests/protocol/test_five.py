"""What holds of every protocol of the project, whatever its trial."""

import re
from pathlib import Path

import pytest

from trialwright.protocol.check import check_text
from trialwright.protocol.computed import computed_values
from trialwright.protocol.element import elements
from trialwright.protocol.facts import Facts
from trialwright.protocol.file import load_study, read_study
from trialwright.protocol.screen import screen
from trialwright.protocol.subject import read_subject
from trialwright.registry import locate, read_record

PROTOCOLS = sorted((Path(__file__).parents[2] / "protocols").glob("*.yaml"))
RUN = 8
"""So many words in a row make a sentence of somebody else."""

every_protocol = pytest.mark.parametrize("file", PROTOCOLS, ids=lambda file: file.stem)


@every_protocol
def test_a_protocol_is_a_study(file: Path) -> None:
    """Every protocol file gives a study of its own name without a finding of form."""
    study, source = read_study(file.read_text())

    assert [finding.text(file.name) for finding in source.findings] == []
    assert study is not None
    assert study.id == study.record == file.stem


@every_protocol
def test_a_protocol_has_no_error(file: Path) -> None:
    """No check finds an error in a protocol."""
    _, findings = check_text(file.read_text())

    assert [finding.text(file.name) for finding in findings if finding.severity == "error"] == []


@every_protocol
def test_a_record_bears_out_its_protocol(file: Path, shared: Path) -> None:
    """Every pointer of a protocol leads into its record, and every number that is not assumed stands there."""
    reading = read_record((shared / "records" / f"{file.stem}.txt").read_text())

    _, findings = check_text(file.read_text(), lambda pointer: locate(reading, pointer))

    assert [finding.text(file.name) for finding in findings if finding.severity == "error"] == []


@every_protocol
def test_every_element_has_its_source(file: Path) -> None:
    """Every element of a protocol points into the record or says why it is assumed."""
    without = [path for path, element in elements(load_study(file.read_text())) if not (element.at or element.assumed)]

    assert without == []


@every_protocol
def test_an_unknown_subject_is_undetermined(file: Path) -> None:
    """Of a subject of whom nothing is known each protocol promises nothing and names what to obtain."""
    study = load_study(file.read_text())

    screening = screen(study, Facts())

    assert screening.verdict == "undetermined"
    assert {finding.status for finding in screening.findings} <= {"unknown", "needs judgement"}
    assert all(finding.missing for finding in screening.findings)
    assert screening.to_obtain


@every_protocol
def test_a_protocol_carries_no_sentence_of_its_record(file: Path, shared: Path) -> None:
    """No protocol holds eight words in a row of its record."""
    record = _runs((shared / "records" / f"{file.stem}.txt").read_text())

    assert _runs(file.read_text()) & record == set()


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return set(zip(*(words[start:] for start in range(RUN)), strict=False))


def test_what_screening_found_without_a_visit_is_computed_with_what_it_found_at_one() -> None:
    """NCT04971980 computes the clearance of screening from creatinine at the visit and from sex without one."""
    study = load_study(next(file for file in PROTOCOLS if file.stem == "NCT04971980").read_text())
    found = {"creatinine": {"value": 80, "visit": "Screening"}, "weight": 60, "age": 47, "sex": "female"}

    computed = computed_values(study, read_subject({"values": found}, study))

    assert [(one.item.name, one.visit, str(one.value)) for one in computed] == [
        ("creatinine_clearance", "screening", "72.791875")
    ]
