"""The matrix of requirements and tests."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.trace import matrix, requirements, trace

ROOT = Path(__file__).parents[2]


def report(*cases: str) -> str:
    """A JUnit report of these cases; `name!failure` is one that did not pass."""
    written = ""
    for case in cases:
        name, _, fault = case.partition("!")
        written += f'<testcase classname="tests.x" name="{name}">{f"<{fault}/>" if fault else ""}</testcase>'
    return f"<testsuites><testsuite>{written}</testsuite></testsuites>"


def status(report_text: str, reasons: str = "") -> dict[str, str]:
    """The status of each requirement."""
    return {one.id: one.status for one in trace(report_text, reasons)}


def test_va_01_every_requirement_is_in_the_matrix() -> None:
    """The matrix has the 95 requirements, each once, and without a test or a reason each of them is missing."""
    found = status(report())

    assert len(requirements()) == len(found) == 95
    assert set(found.values()) == {"MISSING"}


@pytest.mark.parametrize(
    ("cases", "said", "expected"),
    [
        (["test_au_01_a", "test_au_01_b[x]"], "", "tested"),
        (["test_au_01_a", "test_au_01_b[x]!failure"], "", "FAILED"),
        (["test_au_01_a[x]!skipped", "test_au_01_a[y]"], "", "FAILED"),
        ([], "| AU-01 | no trail of its own: the events are the record |", "reason"),
        (["test_elsewhere"], "| AU-01 | `test_elsewhere` |", "tested"),
        ([], "| AU-01 | `test_elsewhere` |", "FAILED"),
        (["test_elsewhere"], "", "MISSING"),
    ],
)
def test_va_01_a_requirement_is_met_by_tests_that_passed_or_by_a_reason(
    cases: list[str], said: str, expected: str
) -> None:
    """A requirement has tests that all ran and passed, or a reason; anything else is shown as failed or missing."""
    assert status(report(*cases), said)["AU-01"] == expected


def test_va_01_an_id_that_no_requirement_has_is_a_fault() -> None:
    """A test named after an id that does not exist shows nothing, and is named."""
    assert status(report("test_au_99_a"))["AU-99"] == "FAILED"


def test_va_01_a_missing_one_is_named() -> None:
    """The matrix ends with every requirement that has neither test nor reason, and the mend."""
    *_, missing, mend = matrix(list(trace(report("test_au_01_a"), "")))

    assert missing.startswith("missing: AU-02, ")
    assert missing.endswith("VA-06")
    assert mend.startswith("Mend: ")


def test_va_01_one_that_is_not_met_fails_the_build(tmp_path: Path) -> None:
    """The tool prints the matrix and leaves with 1 where a requirement's test did not pass."""
    file = tmp_path / "tests.xml"
    file.write_text(report("test_au_01_a!failure", "test_au_02_a"))
    said = subprocess.run([sys.executable, ROOT / "tools/trace.py", file], capture_output=True, text=True, check=False)

    assert said.returncode == 1
    assert "AU-01  FAILED" in said.stdout
    assert "AU-02  tested" in said.stdout


def test_va_01_the_matrix_names_the_tests() -> None:
    """Below each requirement stand its tests."""
    assert any(line.strip() == "tests.x::test_au_01_a" for line in matrix(list(trace(report("test_au_01_a"), ""))))
