"""Response of axial spondyloarthritis by the ASAS criteria: 20 %, 40 %, five of six, partial remission."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from trialwright.clinical.das28 import MOST_CRP_MG_PER_L
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item
from trialwright.clinical.three_valued import all_of, at_least, negate

DOMAINS = {"ptga": 10, "pain": 10, "basfi": 10, "inflammation": 10}
SIX_DOMAINS = DOMAINS | {"crp": MOST_CRP_MG_PER_L, "lateral_spinal_flexion": 50}

Figures = dict[str, Decimal | None]


@item("asas20")
def asas20(
    *, baseline: Mapping[str, Any] | None, followup: Mapping[str, Any] | None, scale: str | None = "0-10"
) -> bool | Missing:
    """Say whether the ASAS20 response is reached.

    Three of four domains are better by at least 20 % and 1 unit, and the other one is not worse by at least 20 % and 1
    unit. From a baseline of 0 a worsening by 1 unit counts as worse: a choice. What is missing makes the response
    missing only where it decides.

    Args:
        baseline: Before treatment, each 0 to 10: `ptga` patient's global assessment, `pain`, `basfi`, and
            `inflammation`, the mean of the fifth and sixth question of the BASDAI.
        followup: The same now.
        scale: `0-10`; no other scale is known.

    Raises:
        InputError: Naming every figure that is out of its range.

    Example:
        >>> before = {"ptga": 6, "pain": 7, "basfi": 5, "inflammation": 8}
        >>> asas20(baseline=before, followup={"ptga": 4, "pain": 5, "basfi": 4, "inflammation": 9})
        True

    Source: Anderson et al. 2001, Arthritis Rheum 44:1876. Checked in tests/published/test_clinical_formulas.py.
    """
    read, before, now = _read(DOMAINS, baseline, followup, scale)
    if missing := read.missing():
        return missing
    better = {name: _changed(before[name], now[name], percent=20, units=1) for name in DOMAINS}
    worse = {name: _changed(now[name], before[name], percent=20, units=1, of=before[name]) for name in DOMAINS}
    return _three_and_no_worse(better, worse)


@item("asas40")
def asas40(
    *, baseline: Mapping[str, Any] | None, followup: Mapping[str, Any] | None, scale: str | None = "0-10"
) -> bool | Missing:
    """Say whether the ASAS40 response is reached.

    Three of four domains are better by at least 40 % and 2 units, and the other one is not worse at all. What is
    missing makes the response missing only where it decides.

    Args:
        baseline: Before treatment, each 0 to 10: `ptga` patient's global assessment, `pain`, `basfi`, and
            `inflammation`, the mean of the fifth and sixth question of the BASDAI.
        followup: The same now.
        scale: `0-10`; no other scale is known.

    Raises:
        InputError: Naming every figure that is out of its range.

    Example:
        >>> before = {"ptga": 5, "pain": 5, "basfi": 5, "inflammation": 5}
        >>> asas40(baseline=before, followup={"ptga": 3, "pain": 3, "basfi": 3, "inflammation": Decimal("5.1")})
        False

    Source: Brandt et al. 2004, Ann Rheum Dis 63:1438. Checked in tests/published/test_clinical_formulas.py.
    """
    read, before, now = _read(DOMAINS, baseline, followup, scale)
    if missing := read.missing():
        return missing
    better = {name: _changed(before[name], now[name], percent=40, units=2) for name in DOMAINS}
    worse = {name: _above(now[name], before[name]) for name in DOMAINS}
    return _three_and_no_worse(better, worse)


@item("asas_5_of_6")
def asas_5_of_6(
    *, baseline: Mapping[str, Any] | None, followup: Mapping[str, Any] | None, units: str | None = None
) -> bool | Missing:
    """Say whether five of six domains are better by at least 20 %.

    The six are the four of ASAS20, C-reactive protein and spinal mobility, where better means higher. No absolute
    change is asked. A domain with baseline 0 cannot be better: a choice. What is missing makes the response missing
    only where it decides.

    Args:
        baseline: Before treatment: `ptga`, `pain`, `basfi` and `inflammation`, each 0 to 10; `crp` mg/L, 0 to 2000;
            `lateral_spinal_flexion` cm, 0 to 50.
        followup: The same now.
        units: A remark on the units, for people; it changes nothing.

    Raises:
        InputError: Naming every figure that is out of its range.

    Example:
        >>> before = {"ptga": 6, "pain": 7, "basfi": 5, "inflammation": 8, "crp": 20, "lateral_spinal_flexion": 10}
        >>> now = {"ptga": 4, "pain": 5, "basfi": 4, "inflammation": 6, "crp": 20, "lateral_spinal_flexion": 12}
        >>> asas_5_of_6(baseline=before, followup=now)
        True

    Source: Brandt et al. 2004, Ann Rheum Dis 63:1438. Checked in tests/published/test_clinical_formulas.py.
    """
    read, before, now = _read(SIX_DOMAINS, baseline, followup, "0-10")
    read.remark("units", units)
    if missing := read.missing():
        return missing
    better = [
        _changed(now[name], before[name], percent=20, of=before[name])
        if name == "lateral_spinal_flexion"
        else _changed(before[name], now[name], percent=20)
        for name in SIX_DOMAINS
    ]
    known = [False if before[name] == 0 else state for name, state in zip(SIX_DOMAINS, better, strict=True)]
    return _certain(at_least(5, known))


@item("asas_partial_remission")
def asas_partial_remission(
    *, ptga: Number | None, pain: Number | None, basfi: Number | None, inflammation: Number | None
) -> bool | Missing:
    """Say whether the disease is in partial remission: none of the four domains is above 2.

    A value of exactly 2 is within: a choice, by the ASAS handbook; one later paper prints "below 2". A domain above 2
    denies remission, whatever is missing.

    Args:
        ptga: Patient's global assessment, 0 to 10.
        pain: Pain, 0 to 10.
        basfi: Functional index, 0 to 10.
        inflammation: Mean of the fifth and sixth question of the BASDAI, 0 to 10.

    Raises:
        InputError: Naming every figure that is out of its range.

    Example:
        >>> asas_partial_remission(ptga=2, pain=1, basfi=1, inflammation=2)
        True

    Source: Anderson et al. 2001, Arthritis Rheum 44:1876; Sieper et al. 2009, Ann Rheum Dis 68 Suppl II. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    named = {"ptga": ptga, "pain": pain, "basfi": basfi, "inflammation": inflammation}
    figures = [read.number(name, value, 0, 10) for name, value in named.items()]
    read.refuse()
    return _certain(all_of(None if figure is None else figure <= 2 for figure in figures))


def _read(
    domains: Mapping[str, int],
    baseline: Mapping[str, Any] | None,
    followup: Mapping[str, Any] | None,
    scale: str | None,
) -> tuple[Inputs, Figures, Figures]:
    """Read the figures of both visits, those that are missing as None."""
    read = Inputs()
    read.needed_choice("scale", scale, ("0-10",))
    visits = []
    for visit, value in (("baseline", baseline), ("followup", followup)):
        given = read.group(visit, value, domains)
        visits.append(
            {name: read.number(f"{visit}.{name}", given.get(name), 0, most) for name, most in domains.items()}
        )
    return read, visits[0], visits[1]


def _changed(
    high: Decimal | None, low: Decimal | None, *, percent: int, units: int = 0, of: Decimal | None = None
) -> bool | None:
    """Whether two figures differ by at least a percentage of one of them, the first if not said, and so many units."""
    if high is None or low is None:
        return None
    whole = high if of is None else of
    return (high - low) * 100 >= percent * whole and high - low >= units


def _above(one: Decimal | None, other: Decimal | None) -> bool | None:
    return None if one is None or other is None else one > other


def _three_and_no_worse(better: Mapping[str, bool | None], worse: Mapping[str, bool | None]) -> bool | Missing:
    """Whether three domains are better and none is worse; one that is better is not worse."""
    return _certain(all_of([at_least(3, better.values()), *(negate(state) for state in worse.values())]))


def _certain(state: bool | None) -> bool | Missing:
    return Missing("a domain that decides is not given") if state is None else state
