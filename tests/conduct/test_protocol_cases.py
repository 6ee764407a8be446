"""A protocol's own cases."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.conductor import PROTOCOLS, STUDY, TEXT
from trialwright.cli import app
from trialwright.conduct.cases import run_cases
from trialwright.protocol.file import load_study

CASES = sorted((PROTOCOLS / "cases").glob("*.yaml"))
TEXT_OF_CASES = (PROTOCOLS / "cases/NCT05962762.yaml").read_text(encoding="utf-8")


def test_va_02_every_protocol_has_cases() -> None:
    """Each of the five protocols carries cases of eligibility, of windows and of doses."""
    assert [path.name for path in CASES] == sorted(path.name for path in PROTOCOLS.glob("*.yaml"))
    for path in CASES:
        text = path.read_text(encoding="utf-8")
        assert all(f"\n{part}:\n" in text for part in ("eligibility", "windows", "doses")), path.name


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_va_02_the_cases_of_the_protocols_hold(path: Path) -> None:
    """Each protocol comes to what its cases expect, at the limits of its criteria, windows and doses."""
    run, found = run_cases(load_study((PROTOCOLS / path.name).read_text(encoding="utf-8")), path.read_text())

    assert run >= 10
    assert found == []


SLIPS = {
    "a criterion's limit": ("basdai >= 4\n", "basdai > 4\n", "cases.eligibility"),
    "a criterion turned round": ("pregnant is yes", "pregnant is no", "cases.eligibility"),
    "a window": ("day: 28\n    window: 2 days", "day: 28\n    window: 3 days", "cases.window"),
    "a dose": ("amount: 3.0e6 cells/kg", "amount: 3.1e6 cells/kg", "cases.dose"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_va_02_a_slip_in_the_protocol_fails_its_case(name: str) -> None:
    """A limit, a window or a dose that is written wrong is found by a case, with its line."""
    right, wrong, rule = SLIPS[name]
    assert TEXT.count(right) == 1
    _, found = run_cases(load_study(TEXT.replace(right, wrong)), TEXT_OF_CASES)

    assert {one.rule for one in found} == {rule}
    assert all(one.line > 1 and "the case expects" in one.what for one in found)


UNREADABLE = {
    "no YAML": "eligibility: [",
    "another key": "dosing: []",
    "no such visit": "windows: [{visit: D99, anchored: 2026-01-05, opens: 2026-01-05, closes: 2026-01-05}]",
    "no such dose": "doses: [{dose: huge, concentration: 1e6, viability: 90, cells: 1, volume: 1}]",
    "no weight": "doses: [{dose: low, concentration: 1e6, viability: 90, cells: 1, volume: 1}]",
    "like nothing": "eligibility: [{case: a, like: b, expect: eligible}]",
    "no such item": "eligibility: [{case: a, subject: {values: {height: 3}}, expect: eligible}]",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_va_02_a_case_that_cannot_be_run_is_a_fault(name: str) -> None:
    """A case that names what is not there, or has no form, is told with what would mend it, and never passed over."""
    _, found = run_cases(STUDY, UNREADABLE[name])

    assert found
    assert all(one.severity == "error" and one.mend for one in found)


def test_va_02_check_runs_the_cases_beside_a_protocol(tmp_path: Path) -> None:
    """`check` runs cases/FILE beside FILE, or the file that is named; it leaves with 2 where one fails."""
    protocol, named = tmp_path / "trial.yaml", tmp_path / "named.yaml"
    protocol.write_text(TEXT, encoding="utf-8")
    without = CliRunner().invoke(app, ["check", str(protocol), "--json"])
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases/trial.yaml").write_text(TEXT_OF_CASES, encoding="utf-8")
    beside = CliRunner().invoke(app, ["check", str(protocol)])
    named.write_text(TEXT_OF_CASES.replace("cells: 7.0e7", "cells: 7.1e7"), encoding="utf-8")
    wrong = CliRunner().invoke(app, ["check", str(protocol), "--cases", str(named)])

    assert (without.exit_code, beside.exit_code, wrong.exit_code) == (0, 0, 2)
    assert json.loads(without.stdout)["cases"] is None
    assert "17 cases, all as expected" in beside.stderr
    assert "[cases.dose]" in wrong.stdout
