"""The house rules that no linter knows: sizes of functions and files, locks, addresses."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
INDEX_ADDRESS = re.compile(r"py[p]i\.(org|python)|pythonh[o]sted|index-[u]rl|find-[l]inks|npmj[s]\.|deb[.]debian")


def tracked_files() -> list[Path]:
    """Every file that git knows and that is there."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def pins(lock: str) -> dict[str, str]:
    """Each requirement of a lock with the hashes that it allows."""
    blocks = re.split(r"\n(?=\S)", (ROOT / lock).read_text())
    return {block.split(" ")[0]: block for block in blocks if block.strip()}


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is, without its docstring."""
    doc = function.body[0] if ast.get_docstring(function) else None
    return function.end_lineno - function.lineno + 1 - (doc.end_lineno - doc.lineno + 1 if doc else 0)


def test_no_function_is_over_40_lines():
    """The code of a function fits on a screen."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of(node) > 40
    ]

    assert long == []


def test_no_file_is_over_600_lines():
    """A room that grows becomes a folder."""
    long = [str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text().splitlines()) > 600]

    assert long == []


def test_no_file_names_a_package_index():
    """The project installs from whatever index its user has set up."""
    naming = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if INDEX_ADDRESS.search(path.read_text(errors="replace"))
    ]

    assert naming == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_version_and_hashes(lock):
    """Each requirement of a lock is one version, with the hashes of its files and no address."""
    loose = [name for name, block in pins(lock).items() if "==" not in name or "--hash=sha256:" not in block]

    assert loose == []
    assert "://" not in (ROOT / lock).read_text()


def test_both_locks_pin_the_same():
    """What is developed with is what is shipped."""
    runtime, development = map(pins, LOCKS)

    assert runtime.keys() <= development.keys()
