"""The stories of the registered trials, each a user's acceptance test, and the page that says how to write one."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from trialwright.cli import app

ROOT = Path(__file__).parents[2]
STORIES = sorted((ROOT / "stories").glob("*/*.yaml"))


@pytest.mark.parametrize("story", STORIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_story_comes_to_what_it_expects(story: Path) -> None:
    """Every step of the story is accepted or refused as the story says, and every fact is seen."""
    played = CliRunner().invoke(app, ["play", str(story)])

    assert played.exit_code == 0, f"{played.output}\n{played.exception}"


def test_the_tables_of_the_page_are_current() -> None:
    """docs/stories.md lists every command with its keys, every fact and every refusal that the program has now."""
    check = [sys.executable, ROOT / "tools/record_stories.py", "--check"]
    outcome = subprocess.run(check, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stderr
