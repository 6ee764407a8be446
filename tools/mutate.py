"""Whether the tests would notice a slip, in a formula or in a guard: plant one fault after another, and see.

`python -m tools.mutate` plants every fault of every module; `python -m tools.mutate das28 units` those of these alone.
As soon as a module is done, its part of docs/mutation.md is written, with the commit that the files are at; where they
differ from it, the result is only told. A module meets its own tests: its examples, and the files of tests that import
it or go through the catalogue of items, without random inputs. The working tree stays as it is: a fault lives in one
process.
"""

import ast
import copy
import gc
import importlib.machinery
import importlib.util
import multiprocessing
import os
import re
import resource
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from types import CodeType, FrameType, FunctionType
from typing import Any, TextIO

import pytest
from hypothesis import is_hypothesis_test, settings

from tools.mutants import Mutant, mutants

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/trialwright"
STATISTICS = (
    *("intervals", "two_by_two", "survival", "time_to_event", "simon", "responder"),
    *("mmrm", "mmrm_fit", "mmrm_differences"),
)
SAFETY = (
    *("eligibility", "screening", "enrolment", "allocation", "dosing", "preparation", "administration"),
    *("safety", "escalation", "exposure", "blinding", "rescue", "signatures"),
)
MODULES = [
    *SOURCE.glob("clinical/*.py"),
    *(SOURCE / f"analysis/{name}.py" for name in STATISTICS),
    *(SOURCE / f"conduct/{name}.py" for name in SAFETY),
    SOURCE / "design/randomisation.py",
]
TESTS = {
    "clinical": ("tests/clinical",),
    "analysis": ("tests/analysis", "tests/published"),
    "conduct": ("tests/conduct",),
    "design": ("tests/design",),
}
CATALOGUE = {  # what goes to a room by its one entrance says so
    "clinical": "import trialwright.clinical ",
    "analysis": "from trialwright.analysis.compute import answer",
    "conduct": "",  # all of them: each goes by `decide`
}
BENEATH = {  # imported once for all faults
    "clinical": (),
    "analysis": ("scipy.stats", "trialwright.conduct"),
    "conduct": ("trialwright.protocol.file", "trialwright.protocol.screen"),
    "design": (),
}
PAGE = ROOT / "docs/mutation.md"
BEGIN, END = "<!-- measured by tools/mutate.py -->", "<!-- end -->"
LEFT_OUT = {  # random inputs, and whole trials
    *("test_any_input.py", "test_any_blinded_course.py", "test_infusion_property.py"),
    *("test_recommendation.py", "test_five_trials.py", "test_de_escalation.py"),
}
SECONDS, MEMORY = 30, 2 * 2**30  # a fault that costs the processor more time, or needs more bytes, is noticed
OPTIONS = (
    *("-o", "addopts=", "--import-mode=importlib", "--doctest-modules", "--exitfirst", "--quiet", "--capture=no"),
    *("-p", "no:cacheprovider", "--hypothesis-profile=few", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
ROW = re.compile(r"\| `(?P<module>[\w.]+)` \| (?P<planted>\d+) \| (?P<noticed>\d+) \| [\d.]+ % \| (?P<commit>\w+) \|")
SURVIVOR = re.compile(r"\| `(?P<module>[a-z]+\.\w+)` \| `[\w.]*` \| `")
Cache = type(cache(len))
SOUND = Mutant(0, "", "nothing", "nothing")  # planted first: it must survive
settings.register_profile("few", derandomize=True, deadline=None, max_examples=10, database=None)


class Planted(importlib.machinery.SourceFileLoader):
    """Finds one module, and loads it from a tree."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        super().__init__(dotted(path), str(path))
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
    reach the function, the quickest first: that is fast. Where the function ran during the import it comes too late; so
    it is planted, as any other fault is, before the import, and meets all tests.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tests = tests_of(path)
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.count = 0
        self.survivors: list[Mutant] = []
        self.survived = TemporaryFile("w+")  # noqa: SIM115 - shared by processes until the last has ended
        self.too_late = TemporaryFile("w+")  # noqa: SIM115 - likewise
        self.reached = TemporaryFile("w+")  # noqa: SIM115 - likewise
        self.libraries = TemporaryFile("w+")  # noqa: SIM115 - likewise
        self.forked = self.late = self.tracing = False
        self.called: set[str] = set()
        self.caches: list[Any] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Name the tests only now: a `conftest.py` beside them may import the module, too soon for a fault."""
        config.args = self.tests

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Plant before the import; a process with a fault, and the one that plants late, goes on to its tests."""
        failed = self._fork()
        if failed is None:
            self.late = True
            sys.setprofile(self._note)
            return
        if failed:
            pytest.exit("planting late failed", returncode=1)
        for name in _lines(self.libraries):
            with suppress(ModuleNotFoundError):  # a library may register what cannot be imported by its name
                importlib.import_module(name)  # once for all
        survived, too_late = (set(map(int, _lines(file))) for file in (self.survived, self.too_late))
        for index, mutant in enumerate(chain([SOUND], mutants(self.tree))):
            if mutant.function and index not in too_late:
                self.survivors += [mutant] if index in survived else []
                continue
            failed = self._fork(SECONDS)
            if failed is None:
                sys.meta_path.insert(0, Planted(self.path, self.tree))
                return
            self.survivors += [] if failed else [mutant]
        self.count = index
        pytest.exit("every fault is planted", returncode=0)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what reads the folder beside the project, which not everyone has; of conduct random courses too."""
        items[:] = [item for item in items if "shared" not in getattr(item, "fixturenames", ())]
        if self.path.parent.name == "conduct":
            items[:] = [item for item in items if not is_hypothesis_test(getattr(item, "obj", None))]
        if not self.late:
            reaching = {item: seconds for reach in self._reach().values() for item, seconds in reach.items()}
            quick = _quickest_first(items, reaching)
            items[:] = [*quick, *(item for item in items if item.nodeid not in reaching)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Plant in functions, now that the tests are collected, once they have passed in a process of their own."""
        if not self.late:
            return
        sys.setprofile(None)
        own = ("trialwright", "tests", "tools", "__main__")
        print(*(name for name in sys.modules if not name.startswith(own)), sep="\n", file=self.libraries, flush=True)
        imported = self.called
        self.caches = [found for found in gc.get_objects() if isinstance(found, Cache)]
        functions = self._functions()
        failed = self._fork()
        if failed is None:
            self.late, self.tracing = False, True
            self._tell_what_is_called(functions)
            return
        if failed:
            os._exit(1)
        reach = self._reach()
        gc.freeze()
        for index, mutant in enumerate(mutants(self.tree), start=1):
            if not mutant.function:
                continue
            if mutant.function in imported:
                print(index, file=self.too_late, flush=True)
                continue
            failed = self._fork(SECONDS)
            if failed is None:
                self.late = False
                _swap(functions[mutant.function], self.tree)
                for cached in self.caches:
                    cached.cache_clear()
                session.items[:] = _quickest_first(session.items, reach[mutant.function])
                return
            if not failed:
                print(index, file=self.survived, flush=True)
        os._exit(0)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Note which functions of the module a test reaches, and in how many seconds."""
        if not self.tracing:
            return (yield)
        for cached in self.caches:
            cached.cache_clear()
        self.called.clear()
        began = perf_counter()
        try:
            return (yield)
        finally:
            for function in self.called:
                print(function, perf_counter() - began, item.nodeid, file=self.reached, flush=True)

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
        if seconds:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        return None

    def _reach(self) -> dict[str, dict[str, float]]:
        """For each function the tests that reach it, and the seconds that each took."""
        reach: dict[str, dict[str, float]] = defaultdict(dict)
        for line in _lines(self.reached):
            function, seconds, item = line.split(" ", 2)
            reach[function][item] = float(seconds)
        return reach

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename == str(self.path):
            self.called.add(frame.f_code.co_qualname.partition(".<locals>")[0])

    def _functions(self) -> dict[str, list[FunctionType]]:
        """The functions of the module by their qualified names; an overload shares its name."""
        found = defaultdict(list)
        for function in gc.get_objects():
            if isinstance(function, FunctionType) and function.__module__ == dotted(self.path):
                found[function.__qualname__].append(function)
        return found

    def _tell_what_is_called(self, functions: dict[str, list[FunctionType]]) -> None:
        """Let every function of the module begin by noting its name."""
        tree = copy.deepcopy(self.tree)
        written = dict(_outermost(tree, ""))
        for name, node in written.items():
            note = ast.parse(f"__called__.add({name!r})").body[0]
            for each in ast.walk(note):
                ast.copy_location(each, node)
            node.body.insert(0, note)
        for name in written:
            for function in functions[name]:
                function.__globals__["__called__"] = self.called
            _swap(functions[name], tree)


def _outermost(owner: ast.AST, scope: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function and method by its qualified name, without those inside a function."""
    for node in ast.iter_child_nodes(owner):
        if isinstance(node, ast.FunctionDef):
            yield f"{scope}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _outermost(node, f"{scope}{node.name}.")


def _swap(functions: list[FunctionType], tree: ast.Module) -> None:
    """Give functions the code that they have in a tree."""
    codes = {(code.co_qualname, code.co_firstlineno): code for code in _codes(compile(tree, "", "exec"))}
    for function in functions:
        code = function.__code__
        function.__code__ = codes[code.co_qualname, code.co_firstlineno]


def _quickest_first(items: list[pytest.Item], seconds: dict[str, float]) -> list[pytest.Item]:
    return sorted((item for item in items if item.nodeid in seconds), key=lambda item: seconds[item.nodeid])


def _lines(file: TextIO) -> list[str]:
    """What a process that has ended wrote."""
    file.seek(0)
    return file.read().splitlines()


def _codes(code: CodeType) -> Iterator[CodeType]:
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield part
            yield from _codes(part)


def dotted(path: Path) -> str:
    """The name by which a module is imported."""
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)


def tests_of(path: Path) -> list[str]:
    """The files that hold a module's own tests."""
    room = path.parent.name
    wanted = (f"{dotted(path)} import", CATALOGUE.get(room, dotted(path)))
    files = [file for folder in TESTS[room] for file in (ROOT / folder).glob("test_*.py") if file.name not in LEFT_OUT]
    own = [file for file in files if any(each in file.read_text(encoding="utf-8") for each in wanted)]
    return [*map(str, sorted(own)), str(path)]


def plant(path: Path) -> tuple[Path, int, list[Mutant]]:
    """Plant every fault of a module: how many there are, and which of them no test noticed."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for name in BENEATH[path.parent.name]:
        importlib.import_module(name)
    planting = Planting(path)
    outcome = pytest.main([*OPTIONS], plugins=[planting])
    if planting.forked:
        os._exit(int(outcome))  # it did not even come to a test
    if outcome or SOUND not in planting.survivors:
        raise RuntimeError(f"the tests of {path.name} fail without a fault")
    planting.survivors.remove(SOUND)
    return path, planting.count, planting.survivors


def record(path: Path, planted: int, survivors: list[Mutant], commit: str) -> None:
    """Write a module's part of the page, and leave the parts of the others as they were found at their commits."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    kept, _, after = rest.partition(END)
    name, noticed = _module(path), planted - len(survivors)
    rows = {found["module"]: found for line in kept.splitlines() if (found := ROW.match(line))}
    left = [line for line in kept.splitlines() if (found := SURVIVOR.match(line)) and found["module"] in rows]
    left = [line for line in left if not line.startswith(f"| `{name}` ")]
    left += [f"| `{name}` | `{each.function}` | {_code(each.was)} | {_code(each.now)} |" for each in survivors]
    row = f"| `{name}` | {planted} | {noticed} | {_percent(noticed, planted)} | {commit} |"
    rows[name] = ROW.match(row)
    rows = {each: rows[each] for each in sorted(map(_module, MODULES)) if rows.get(each)}
    every, seen = (sum(int(row[part]) for row in rows.values()) for part in ("planted", "noticed"))
    text = [
        f"{seen} of {every} planted faults were noticed: {_percent(seen, every)}.",
        *("", "| module | planted | noticed | | commit |", "|---|---:|---:|---:|---|"),
        *(row[0] for row in rows.values()),
        *("", "Not noticed:", "", "| module | where | what stands there | what was planted |", "|---|---|---|---|"),
        *sorted(left, key=lambda line: line.split("`")[1]),
    ]
    PAGE.write_text("\n".join([f"{before}{BEGIN}", *text, f"{END}{after}"]), encoding="utf-8")


def _module(path: Path) -> str:
    return f"{path.parent.name}.{path.stem}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def _commit() -> str:
    """The commit that the files are at; nothing where one differs from it."""
    changed, commit = (
        subprocess.run(["git", *asked], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
        for asked in (["status", "--porcelain", "--", "src", "tests", "tools"], ["rev-parse", "--short", "HEAD"])
    )
    return "" if changed else commit


def main() -> None:
    """Plant the faults of the modules that are named, or of all."""
    sys.dont_write_bytecode = False  # each process imports the room anew
    named, commit = sys.argv[1:], _commit()
    paths = sorted(MODULES, key=lambda path: path.stat().st_size, reverse=True)
    wanted = [path for path in paths if path.stem in named or not named]
    with multiprocessing.get_context("fork").Pool(len(os.sched_getaffinity(0)), maxtasksperchild=1) as pool:
        for path, count, survivors in pool.imap_unordered(plant, wanted):
            print(f"{_module(path)}: {count - len(survivors)} of {count} noticed", flush=True)
            for mutant in survivors:
                print(f"  {path.name}:{mutant.line} {mutant.function}: {mutant.was} -> {mutant.now}", flush=True)
            if commit and count:
                record(path, count, survivors, commit)


if __name__ == "__main__":
    main()
