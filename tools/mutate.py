"""Whether the tests of the clinical room would notice a slip: plant one fault after another, and see if a test fails.

`python -m tools.mutate` plants every fault of every module and writes what it found into docs/mutation.md;
`python -m tools.mutate das28 units` only tells of these modules. A module meets its own tests: its examples, and the
files of tests/clinical that import it or go through the catalogue of items, without random inputs. The working tree
stays as it is: a fault lives in one process.
"""

import ast
import gc
import importlib.machinery
import importlib.util
import multiprocessing
import os
import resource
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from types import CodeType, FrameType, FunctionType
from typing import TextIO

import pytest
from hypothesis import settings

from tools.mutants import Mutant, mutants

ROOT = Path(__file__).parents[1]
ROOM = ROOT / "src/trialwright/clinical"
TESTS = ROOT / "tests/clinical"
PAGE = ROOT / "docs/mutation.md"
BEGIN, END = "<!-- measured by tools/mutate.py -->", "<!-- end -->"
RANDOM = "test_any_input.py"
CATALOGUE = "import trialwright.clinical "
SECONDS, MEMORY = 30, 2 * 2**30  # a fault that keeps the tests busy for longer, or needs more bytes, is noticed
OPTIONS = (
    *("-o", "addopts=", "--import-mode=importlib", "--doctest-modules", "--exitfirst", "--quiet", "--capture=no"),
    *("-p", "no:cacheprovider", "--hypothesis-profile=few", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
Cache = type(cache(len))
SOUND = Mutant(0, "", "nothing", "nothing")  # planted first: it must survive
settings.register_profile("few", derandomize=True, deadline=None, max_examples=10, database=None)


class Planted(importlib.machinery.SourceFileLoader):
    """Finds one module, and loads it from a tree."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        super().__init__(f"trialwright.clinical.{path.stem}", str(path))
        self.code = compile(tree, str(path), "exec")

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """Find the module by its name."""
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - there is only one
        """Give the code of the tree."""
        return self.code


class Planting:
    """Turns one run of the tests of a module into one for each of its faults, each in a process of its own.

    A fault in a function is planted once everything is imported and the tests are collected, and meets the tests that
    reach the function: that is fast. It may come too late, where the function ran during the import; so what survives
    is planted again, as any other fault is, before the import, and meets all tests.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tests = tests_of(path)
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.count = 0
        self.survivors: list[Mutant] = []
        self.survived_late = TemporaryFile("w+")  # noqa: SIM115 - shared by processes until the last has ended
        self.reached = TemporaryFile("w+")  # noqa: SIM115 - likewise
        self.forked = self.late = self.tracing = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Plant before the import; a process with a fault, and the one that plants late, goes on to its tests."""
        failed = self._fork()
        if failed is None:
            self.late = True
            return
        if failed:
            pytest.exit("planting late failed", returncode=1)
        survived_late = set(map(int, _lines(self.survived_late)))
        for index, mutant in enumerate(chain([SOUND], mutants(self.tree))):
            if mutant.function and index not in survived_late:
                continue
            for tests in (self.tests[:1], self.tests[1:]):
                failed = self._fork(SECONDS)
                if failed is None:
                    sys.meta_path.insert(0, Planted(self.path, self.tree))
                    session.config.args = tests
                    return
                if failed:
                    break
            else:
                self.survivors.append(mutant)
        self.count = index
        pytest.exit("every fault is planted", returncode=0)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what reads the folder beside the project, which not everyone has."""
        items[:] = [item for item in items if "shared" not in getattr(item, "fixturenames", ())]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Plant in functions, now that the tests are collected, once they have passed in a process of their own."""
        if not self.late:
            return
        failed = self._fork()
        if failed is None:
            self.late, self.tracing = False, True
            return
        if failed:
            os._exit(1)
        reach = defaultdict(set)
        for line in _lines(self.reached):
            function, item = line.split()
            reach[function].add(int(item))
        functions, caches = self._functions(), [found for found in gc.get_objects() if isinstance(found, Cache)]
        gc.freeze()
        for index, mutant in enumerate(mutants(self.tree), start=1):
            if not mutant.function:
                continue
            failed = self._fork(SECONDS)
            if failed is None:
                self.late = False
                self._swap(functions[mutant.function])
                for cached in caches:
                    cached.cache_clear()
                session.items[:] = [session.items[item] for item in sorted(reach[mutant.function])]
                return
            if not failed:
                print(index, file=self.survived_late, flush=True)
        os._exit(0)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Note which functions of the module a test reaches."""
        reached = set()

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and frame.f_code.co_filename == str(self.path):
                reached.add(frame.f_code.co_qualname.partition(".<locals>")[0])

        if not self.tracing:
            return (yield)
        sys.setprofile(note)
        try:
            return (yield)
        finally:
            sys.setprofile(None)
            for function in reached:
                print(function, item.session.items.index(item), file=self.reached, flush=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """One test that fails is enough."""
        if self.forked and call.excinfo and not call.excinfo.errisinstance(pytest.skip.Exception):
            os._exit(1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Nothing is told of a run, and nothing is cleaned up."""
        if self.forked:
            os._exit(exitstatus)

    def _fork(self, seconds: int = 0) -> bool | None:
        """Go on in a process of its own, with None; here, say whether that failed."""
        if child := os.fork():
            return os.waitpid(child, 0)[1] != 0
        self.forked = True
        gc.disable()  # no process lives long
        signal.alarm(seconds)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        return None

    def _functions(self) -> dict[str, list[FunctionType]]:
        """The functions of the module by their qualified names; an overload shares its name."""
        found = defaultdict(list)
        for function in gc.get_objects():
            if isinstance(function, FunctionType) and function.__module__ == f"trialwright.clinical.{self.path.stem}":
                found[function.__qualname__].append(function)
        return found

    def _swap(self, functions: list[FunctionType]) -> None:
        """Give functions the code that they have in the tree now."""
        codes = {(code.co_qualname, code.co_firstlineno): code for code in _codes(compile(self.tree, "", "exec"))}
        for function in functions:
            code = function.__code__
            function.__code__ = codes[code.co_qualname, code.co_firstlineno]


def _lines(file: TextIO) -> list[str]:
    """What a process that has ended wrote."""
    file.seek(0)
    return file.read().splitlines()


def _codes(code: CodeType) -> Iterator[CodeType]:
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield part
            yield from _codes(part)


def tests_of(path: Path) -> list[str]:
    """The files that hold a module's own tests, the one of its name first."""
    wanted = f"trialwright.clinical.{path.stem} import"
    texts = {file: file.read_text(encoding="utf-8") for file in TESTS.glob("test_*.py")}
    files = [file for file, text in texts.items() if wanted in text or CATALOGUE in text]
    own = sorted((file for file in files if file.name != RANDOM), key=lambda file: file.stem != f"test_{path.stem}")
    return [str(file) for file in (*own, path)]


def plant(path: Path) -> tuple[Path, int, list[Mutant]]:
    """Plant every fault of a module: how many there are, and which of them no test noticed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    planting = Planting(path)
    outcome = pytest.main([*OPTIONS, *planting.tests], plugins=[planting])
    if planting.forked:
        os._exit(int(outcome))  # it did not even come to a test
    if outcome or SOUND not in planting.survivors:
        raise RuntimeError(f"the tests of {path.name} fail without a fault")
    planting.survivors.remove(SOUND)
    return path, planting.count, planting.survivors


def report(found: list[tuple[Path, int, list[Mutant]]], day: date) -> str:
    """The result as the page shows it."""
    planted, survived = sum(count for _, count, _ in found), [mutant for *_, mutants in found for mutant in mutants]
    noticed = planted - len(survived)
    lines = [
        f"On {day}, {noticed} of {planted} planted faults were noticed: {_percent(noticed, planted)}.",
        "",
        "| module | planted | noticed | |",
        "|---|---:|---:|---:|",
    ]
    for path, count, left in sorted(found):
        if count:
            here = count - len(left)
            lines.append(f"| `{path.stem}` | {count} | {here} | {_percent(here, count)} |")
    if survived:
        lines += ["", "Not noticed:", "", "| where | what stands there | what was planted |", "|---|---|---|"]
        lines += [
            f"| `{path.stem}{f'.{each.function}' if each.function else ''}` | {_code(each.was)} | {_code(each.now)} |"
            for path, _, left in sorted(found)
            for each in left
        ]
    return "\n".join(lines)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def main() -> None:
    """Plant the faults of the modules that are named, or of all, and then write the page."""
    sys.dont_write_bytecode = False  # each process imports the room anew
    named = sys.argv[1:]
    paths = sorted(ROOM.glob("*.py"), key=lambda path: path.stat().st_size, reverse=True)
    wanted = [path for path in paths if path.stem in named or not named]
    found = []
    with multiprocessing.get_context("fork").Pool(maxtasksperchild=1) as pool:
        for path, count, survivors in pool.imap_unordered(plant, wanted):
            found.append((path, count, survivors))
            print(f"{path.stem}: {count - len(survivors)} of {count} noticed", flush=True)
            for mutant in survivors:
                print(f"  {path.name}:{mutant.line} {mutant.function}: {mutant.was} -> {mutant.now}", flush=True)
    if not named:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        after = rest.partition(END)[2]
        today = datetime.now(UTC).date()
        PAGE.write_text(f"{before}{BEGIN}\n{report(found, today)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
