"""The page of planted faults."""

import subprocess
from pathlib import Path

import pytest

from tools.mutate import PAGE, ROW, SAFETY

ROOT = Path(__file__).parents[2]
CRITICAL = (*(f"conduct.{name}" for name in SAFETY), "design.randomisation")
ROWS = {row["module"]: row for line in PAGE.read_text(encoding="utf-8").splitlines() if (row := ROW.match(line))}


@pytest.mark.parametrize("module", CRITICAL)
def test_va_05_faults_in_what_decides_safety_are_noticed(module: str) -> None:
    """Of the faults planted in each module that decides eligibility, doses, DLTs or arms at least 95 % are noticed."""
    planted, noticed = int(ROWS[module]["planted"]), int(ROWS[module]["noticed"])

    assert 100 * noticed >= 95 * planted > 0


def test_va_05_a_result_is_that_of_a_commit() -> None:
    """Each result is of a commit that holds its module, as far as the history is here."""

    def git(*asked: str) -> bool:
        return subprocess.run(["git", *asked], cwd=ROOT, capture_output=True, check=False).returncode == 0

    for module, row in ROWS.items():
        commit = row["commit"]
        if git("cat-file", "-e", commit):
            assert git("cat-file", "-e", f"{commit}:src/trialwright/{module.replace('.', '/')}.py"), module
