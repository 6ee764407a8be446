"""Checking a protocol: its form, then every check of the modules `check_...` beside this one.

A check yields `Fault`s against the path of an element; `check_study` turns them into findings with file lines. Add a
check by writing one function beside its kin, and one correct and one incorrect file in tests/protocol/cases. The checks
against the registered record, which need it at hand, are those of `check_record`.
"""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.errors import ProtocolError
from trialwright.protocol import (  # noqa: F401 - they register
    check_allocation,
    check_arms,
    check_conditions,
    check_criteria,
    check_design,
    check_endpoints,
    check_items,
    check_limits,
    check_schedule,
)
from trialwright.protocol.check_record import RECORD_CHECKS, Locate
from trialwright.protocol.element import Path, elements
from trialwright.protocol.fault import CHECKS, Fault, check
from trialwright.protocol.file import Source, read_study
from trialwright.protocol.finding import Finding
from trialwright.protocol.study import Endpoint, Exclusion, Inclusion, Study


def check_text(text: str, locate: Locate | None = None) -> tuple[Study | None, list[Finding]]:
    """Check a protocol file: its form, and if that is right, everything in `CHECKS`.

    Args:
        text: The file's text.
        locate: Gives the record's text that a pointer names; with it every pointer and number is proved too.

    Returns:
        The study (None when its form is wrong) and all findings in the order of the file.
    """
    study, source = read_study(text)
    if study is None:
        return None, source.findings
    return study, check_study(study, source, locate)


def check_study(study: Study, source: Source, locate: Locate | None = None) -> list[Finding]:
    """Run every check on a study."""
    faults = [(rule, fault) for rule, function in CHECKS.items() for fault in function(study)]
    if locate is not None:
        faults += [(rule, fault) for rule, function in RECORD_CHECKS.items() for fault in function(study, locate)]
    findings = [
        Finding(
            rule=rule,
            severity=fault.severity,
            line=source.line(fault.path),
            where=source.where(fault.path),
            what=fault.what,
            why=fault.why,
            mend=fault.mend,
        )
        for rule, fault in faults
    ]
    return sorted(findings, key=lambda finding: (finding.line, finding.rule))


def load_checked(text: str, name: str = "protocol") -> Study:
    """Load a protocol that a trial is to be conducted by.

    Raises:
        ProtocolError: With every error that `check` finds; a warning is none.
    """
    study, findings = check_text(text)
    errors = [finding for finding in findings if finding.severity == "error"]
    if study is None or errors:
        faults = "\n".join(finding.text(name) for finding in errors)
        raise ProtocolError(f"{name} cannot be used:\n{faults}", errors)
    return study


@check("source.missing")
def every_element_has_a_source(study: Study) -> Iterator[Fault]:
    """Every element points into the record or is assumed."""
    for path, element in elements(study):
        if not element.at and element.assumed is None:
            yield Fault(
                path,
                "says neither where the record states it nor that it is assumed",
                "a reader must be able to tell what was registered from what the author chose",
                "add 'at: section sentence n', or 'assumed:' with the reason",
            )


@check("source.record")
def pointers_have_a_record(study: Study) -> Iterator[Fault]:
    """Whoever points into a record names the record."""
    if study.record is None and any(element.at for _, element in elements(study)):
        yield Fault((), "points into a record that it does not name", "the pointers lead nowhere", "add 'record:'")


@check("name.twice")
def names_are_unique(study: Study) -> Iterator[Fault]:
    """Everything that is referred to by a name has a name of its own among its kin."""
    by_rank: dict[str, list[tuple[Path, str]]] = {"criteria": [], "endpoints": []}
    for path, part in study.walk():
        if len(path) == 3 and isinstance(part, Inclusion | Exclusion | Endpoint):
            by_rank[str(path[0])].append((path, part.name if isinstance(part, Endpoint) else part.id))
    kins: list[list[tuple[Path, str]]] = [
        [(("products", place), one.name) for place, one in enumerate(study.products)],
        [(("doses", place), one.name) for place, one in enumerate(study.doses)],
        [(("arms", place), one.name) for place, one in enumerate(study.arms)],
        [(("cohorts", place), one.name) for place, one in enumerate(study.cohorts)],
        [(("stopping rules", place), one.id) for place, one in enumerate(study.stopping_rules)],
        [(("items", place), one.name) for place, one in enumerate(study.items)],
        [(("schedule", place), one.name) for place, one in enumerate(study.schedule)],
        [(("populations", place), one.name) for place, one in enumerate(study.populations)],
        *by_rank.values(),
    ]
    for kin in kins:
        yield from _named_again(kin)


def _named_again(kin: list[tuple[Path, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, name in kin:
        if name in seen:
            why, mend = "a reference to it could mean either", "give each a name of its own"
            yield Fault(path, f"'{name}' stands here again", why, mend)
        seen.add(name)
