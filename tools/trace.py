"""Print which tests show that conduct meets each requirement, from the JUnit report of a test run.

    python tools/trace.py build/tests.xml

A test belongs to AU-01 when its name begins with `test_au_01_`. A row of docs/requirements.md, `| AU-01 | ... |`, names
further tests in `backticks`, or says why the requirement does not apply. Leaves with 1 where a requirement has neither,
or where a test of it did not pass.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "tests/requirements.toml"
REASONS = ROOT / "docs/requirements.md"
NAMED = re.compile(r"test_([a-z]{2})_(\d{2})_")
ROW = re.compile(r"^\|\s*([A-Z]{2}-\d{2})\s*\|\s*(.+?)\s*\|\s*$", re.MULTILINE)
TEST = re.compile(r"`(test_\w+)`")


@dataclass(frozen=True)
class Trace:
    """What shows that a requirement is met.

    Attributes:
        tests: Each test with whether it passed; the cases of one test together.
        absent: Tests that the page of reasons names and that did not run.
        reason: Why the requirement does not apply.
    """

    id: str
    says: str
    tests: Mapping[str, bool]
    absent: tuple[str, ...] = ()
    reason: str = ""

    @property
    def status(self) -> str:
        """One word for the matrix."""
        if self.absent or not all(self.tests.values()):
            return "FAILED"
        if self.tests:
            return "tested"
        return "reason" if self.reason else "MISSING"


def requirements() -> dict[str, str]:
    """Every requirement by its id."""
    return {name: says for part in tomllib.loads(REQUIREMENTS.read_text()).values() for name, says in part.items()}


def outcomes(report: str) -> dict[str, bool]:
    """The tests of a JUnit report, and whether all cases of each passed; a skipped test has shown nothing."""
    found: dict[str, bool] = {}
    for case in ET.fromstring(report).iter("testcase"):  # noqa: S314 - a report that pytest wrote here
        name = f"{case.get('classname')}::{str(case.get('name')).partition('[')[0]}"
        passed = not any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
        found[name] = found.get(name, True) and passed
    return found


def trace(report: str, reasons: str) -> Iterator[Trace]:
    """Every requirement with its tests or its reason."""
    ran, said = outcomes(report), dict(ROW.findall(reasons))
    named: dict[str, dict[str, bool]] = defaultdict(dict)
    functions = {test.rpartition("::")[2]: test for test in ran}
    for test, passed in ran.items():
        if match := NAMED.match(test.rpartition("::")[2]):
            named[f"{match[1].upper()}-{match[2]}"][test] = passed
    known = requirements()
    for name, says in known.items():
        further = TEST.findall(said.get(name, ""))
        tests = named[name] | {functions[test]: ran[functions[test]] for test in further if test in functions}
        absent = tuple(test for test in further if test not in functions)
        yield Trace(name, says, tests, absent, "" if further else said.get(name, ""))
    for name in sorted((named.keys() | said.keys()) - known.keys()):
        yield Trace(name, "no requirement has this id; correct the name", dict(named[name]), absent=(name,))


def matrix(traces: list[Trace]) -> Iterator[str]:
    """The matrix, line by line."""
    for one in traces:
        yield f"{one.id}  {one.status:<8} {one.says}"
        yield from (f"                 {'' if passed else 'NOT PASSED '}{test}" for test, passed in one.tests.items())
        yield from (f"                 NOT RUN {test}" for test in one.absent)
        if one.reason:
            yield f"                 {one.reason}"
    counts = {
        status: sum(one.status == status for one in traces) for status in ("tested", "reason", "FAILED", "MISSING")
    }
    yield f"{len(traces)} requirements: " + ", ".join(f"{many} {status}" for status, many in counts.items())
    missing = [one.id for one in traces if one.status == "MISSING"]
    if missing:
        yield f"missing: {', '.join(missing)}"
        yield "Mend: write a test named after each (test_au_01_...), or its reason in docs/requirements.md."


def main(arguments: list[str]) -> int:
    """Print the matrix of a report."""
    file = Path(arguments[0]) if arguments else ROOT / "build/tests.xml"
    if not file.is_file():
        print(f"{file}: there is no report of a test run; run `make test` first", file=sys.stderr)
        return 2
    traces = list(trace(file.read_text(), REASONS.read_text() if REASONS.exists() else ""))
    for line in matrix(traces):
        print(line)
    return 1 if any(one.status in {"FAILED", "MISSING"} for one in traces) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
