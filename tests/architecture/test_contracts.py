"""The rooms and who may import whom: the contracts hold, and each would be seen broken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BREACHES = {
    "sideways": ("design/breach.py", "import trialwright.clinical", "Rooms stand on each other"),
    "upwards": ("protocol/breach.py", "import trialwright.conduct", "Rooms stand on each other"),
    "a utils room": ("utils.py", "", "Rooms stand on each other"),
    "ambient randomness": ("design/breach.py", "import random", "The core is pure"),
    "the clock": ("conduct/breach.py", "import time", "The core is pure"),
    "web to the log": ("web/breach.py", "import trialwright.store", "The shells reach the log only through trial"),
    "web to the allocation": ("web/breach.py", "import trialwright.conduct.sealed", "Only decide and the views"),
    "analysis to the allocation": (
        "analysis/breach.py",
        "import trialwright.conduct.sealed",
        "Only decide and the views",
    ),
}


def lint_imports(source: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts of this project on the package in `source`."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", ROOT / "pyproject.toml"]
    environment = os.environ | {"PYTHONPATH": str(source), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)


def test_the_contracts_hold():
    """No room of the package imports what it may not."""
    outcome = lint_imports(ROOT / "src")

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_reported(tmp_path, breach):
    """A file that breaks a contract makes exactly that contract fail."""
    path, line, contract = BREACHES[breach]
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "src/trialwright" / path).write_text(line + "\n")
    outcome = lint_imports(tmp_path / "src")
    broken = [name for name in outcome.stdout.splitlines() if name.endswith("BROKEN")]

    assert len(broken) == 1, outcome.stdout + outcome.stderr
    assert broken[0].startswith(contract)
