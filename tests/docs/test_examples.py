"""What the pages show is what the program says: every console example runs, and its output is compared."""

import re
import shutil
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from trialwright.__main__ import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
SAVED = re.compile(r"^```{code-block} \w+\n:caption: (\S+)\n\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (trialwright .*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def words(command: str) -> list[str]:
    """The words of a command line."""
    import shlex

    return shlex.split(command)[1:]


def same(shown: str, said: str) -> bool:
    """Whether what a page shows is what was said; `...` on a line of its own stands for any lines."""
    literal = [re.sub(r"([*?[])", r"[\1]", line) for line in shown.splitlines()]
    pattern = "\n".join("*" if line.strip() == "..." else line for line in literal)
    return fnmatchcase("\n".join(line.rstrip() for line in said.strip().splitlines()), pattern.strip())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_console_examples(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command shown on a page runs on the files shown there and says what the page shows."""
    shutil.copytree(ROOT / "protocols", tmp_path / "protocols")
    monkeypatch.chdir(tmp_path)
    for name, content in SAVED.findall(page.read_text()):
        (tmp_path / name).write_text(content)
    for block in BLOCK.findall(page.read_text()):
        for command, shown in COMMAND.findall(block):
            monkeypatch.setattr(sys, "argv", ["trialwright", *words(command)])
            with pytest.raises(SystemExit):
                main()
            said = capsys.readouterr().out
            assert same(shown, said), f"{page.name}: {command}\n--- shown\n{shown}\n--- said\n{said}"
