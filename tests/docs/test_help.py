"""The page of commands says what the commands say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_commands_is_current():
    """docs/commands.md holds the help text of every command, word for word."""
    check = [sys.executable, ROOT / "tools/record_help.py", "--check"]
    outcome = subprocess.run(check, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stderr
