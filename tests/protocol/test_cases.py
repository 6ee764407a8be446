"""Every check has a file that it leaves alone and one whose faults it finds, at the lines that say so."""

from pathlib import Path

import pytest

from trialwright.protocol.check import CHECKS, check_text
from trialwright.protocol.check_record import RECORD_CHECKS
from trialwright.registry import locate, read_record

CASES = Path(__file__).parent / "cases"
MARK = "  # fault: "
RULES = sorted(CHECKS | RECORD_CHECKS)
RECORD = read_record((CASES / "record.txt").read_text(), "record.txt")


def checked(rule: str, text: str) -> tuple:
    """A case as checked; the cases of a check against the record have it at hand."""
    return check_text(text, (lambda pointer: locate(RECORD, pointer)) if rule in RECORD_CHECKS else None)


@pytest.mark.parametrize("rule", RULES)
def test_the_correct_file_has_no_finding(rule: str) -> None:
    """The correct file of a check is a protocol without a finding."""
    study, findings = checked(rule, (CASES / f"{rule}.ok.yaml").read_text())

    assert study is not None
    assert [finding.text("") for finding in findings] == []


@pytest.mark.parametrize("rule", RULES)
def test_the_incorrect_file_has_its_findings(rule: str) -> None:
    """The incorrect file of a check has this fault and no other, at each line that is marked with it."""
    text = (CASES / f"{rule}.bad.yaml").read_text()
    marked = {number for number, line in enumerate(text.splitlines(), start=1) if line.endswith(MARK + rule)}

    _, findings = checked(rule, text)

    assert marked
    assert {(finding.rule, finding.line) for finding in findings} == {(rule, line) for line in marked}
    assert all(finding.what and finding.why and finding.mend for finding in findings)


def test_every_case_belongs_to_a_check() -> None:
    """No file of the cases is left over from a check that is gone."""
    assert {path.name for path in CASES.iterdir()} - {"record.txt"} == {
        f"{rule}.{kind}.yaml" for rule in RULES for kind in ("ok", "bad")
    }


def test_at_least_thirty_kinds_of_fault_are_found() -> None:
    """Thirty checks or more look at a protocol whose form is right."""
    assert len(CHECKS) >= 30
