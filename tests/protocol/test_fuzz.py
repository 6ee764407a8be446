"""Damaged protocol files and damaged conditions give findings or a study, whatever the damage."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from trialwright.protocol.check import check_text
from trialwright.protocol.criteria import Condition
from trialwright.protocol.criteria_text import KEYWORDS, parse_condition
from trialwright.protocol.facts import Facts, Observation

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "protocols").glob("*.yaml"), *(ROOT / "tests/protocol").glob("s*.yaml")])
TEXTS = [path.read_text() for path in FILES]
TREES = [YAML(typ="safe", pure=True).load(text) for text in TEXTS]
ODD = st.one_of(
    st.sampled_from(
        ["", "null", "no", "1e999", "-1", "9" * 400, "NaN", "Infinity", "1e-400", "0x10", "1_000", "\u0663"]
    ),
    st.sampled_from(
        ["3 to 2", "0 to 1e30", "9999 years", "99999999999999 weeks", "1.5 days", "10 to cells/kg", "\u00bd kg"]
    ),
    st.sampled_from(
        ["- [", "{a: {b: [", "*x", "&x [*x]", "!!python/object:os.system {}", "!!binary x", "|\n", "\ufeff", "\x07"]
    ),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.integers() | st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3),
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every part of plain data."""
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *[place for key, part in children for place in places(part, (*path, key))]]


PLACES = [[path for path in places(tree) if path] for tree in TREES]


def changed(tree: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """A copy of plain data with the part at a path changed."""
    if not path:
        return change(tree)
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = changed(copy[path[0]], path[1:], change)
    return copy


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    """The part of plain data at a path."""
    for key in path:
        tree = tree[key]
    return tree


def written(tree: Any) -> str:
    """Plain data as YAML."""
    out = StringIO()
    YAML(typ="safe", pure=True).dump(tree, out)
    return out.getvalue()


def settled(text: str) -> None:
    """Check a text: a study, or findings that each say where, what, why and how to mend it."""
    study, findings = check_text(text)
    assert study is not None or findings
    lines = text.count("\n") + 1
    for finding in findings:
        assert 1 <= finding.line <= lines + 1
        assert finding.where
        assert finding.what
        assert finding.why
        assert finding.mend
        assert len(finding.text("x.yaml")) < 5000


@given(st.data())
@settings(max_examples=40)
def test_a_value_of_another_type_gives_a_study_or_findings(data: st.DataObject) -> None:
    """Any part of a protocol may be replaced by anything."""
    number = data.draw(st.integers(0, len(TREES) - 1))
    odd, path = data.draw(ODD), data.draw(st.sampled_from(PLACES[number]))

    settled(written(changed(TREES[number], path, lambda _: odd)))


@given(st.data())
@settings(max_examples=40)
def test_exchanged_values_give_a_study_or_findings(data: st.DataObject) -> None:
    """Any two parts of a protocol, or of two protocols, may be exchanged."""
    number, other = data.draw(st.integers(0, len(TREES) - 1)), data.draw(st.integers(0, len(TREES) - 1))
    taken = at(TREES[other], data.draw(st.sampled_from(PLACES[other])))

    settled(written(changed(TREES[number], data.draw(st.sampled_from(PLACES[number])), lambda _: taken)))


@given(st.data())
@settings(max_examples=40)
def test_lost_and_repeated_parts_give_a_study_or_findings(data: st.DataObject) -> None:
    """Any element of a list may be lost or stand twice, and any key may be missing or have another name."""
    number = data.draw(st.integers(0, len(TREES) - 1))
    *above, key = data.draw(st.sampled_from(PLACES[number]))
    word = data.draw(st.text(min_size=1, max_size=10))

    def change(part: Any) -> Any:
        if isinstance(part, list):
            return [*part, part[key]] if len(word) % 2 else part[:key] + part[key + 1 :]
        rest = {name: value for name, value in part.items() if name != key}
        return {**rest, word: part[key]} if len(word) % 2 else rest

    settled(written(changed(TREES[number], tuple(above), change)))


@given(st.data())
@settings(max_examples=40)
def test_characters_in_the_wrong_place_give_a_study_or_findings(data: st.DataObject) -> None:
    """Any stretch of a protocol's text may be lost, or replaced by any characters."""
    text = data.draw(st.sampled_from(TEXTS))
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 40)))
    put = data.draw(
        st.text(max_size=20)
        | st.sampled_from(["&a ", "*a", "!!int ", "<<: *a\n", "? ", "---\n", "...\n", "%YAML 9.9\n"])
    )

    settled(text[:start] + put + text[end:])


@pytest.mark.parametrize("text", [
    "[" * 5000,
    "{a: " * 5000,
    "- " * 5000,
    "a: " + "9" * 5000,
    "a: &a {b: *a}",
    "a: &a 1\nb: &a 2\n",
    "a: *b\n",
    "{" * 20_000,
    "- a\n" * 40_000,
    "<<: [1]",
    "? [a]\n: b",
    "? {a: b}\n: c",
    "\x00",
    "\ud800",
    "a: \x07",
    "trialwright: 1\n---\ntrialwright: 1\n",
    "%YAML 9.9\n---\na: 1\n",
    "a: !!python/name:os.system x",
    "a: !unknown {b: c}",
    "x: 1\n" * 60_000,
    "# only a comment\n",
    "'" + "a" * 100_000,
], ids=lambda text: repr(text[:12]))  # fmt: skip
def test_odd_files_give_findings(text: str) -> None:
    """Files that nest, repeat, refer to themselves or are no YAML give findings."""
    study, findings = check_text(text)

    assert study is None
    assert findings


def read(text: str) -> Condition | None:
    """The condition, or None where it is refused with a reason."""
    try:
        return parse_condition(text)
    except ValueError as refused:
        if not str(refused):
            raise
        return None


ODD_PIECES = "crp age >= < = != ( ) , % 3 -1.5 mg/L ULN screening yes no III 0 99999999999999999 e . ½ ٣ '"
PERIODS = ("28 days", "3 months", "9999 years", "0 days")
PIECES = st.sampled_from([*sorted(KEYWORDS), *ODD_PIECES.split(), *PERIODS])
SCREENING = date(2026, 5, 20)
DATED = Facts(
    observations={name: (Observation(value=Decimal(3), on=SCREENING, since=SCREENING),) for name in ("crp", "age")},
    anchors={"screening": SCREENING},
)


@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=60))
@settings(max_examples=300)
def test_any_condition_is_read_or_refused(text: str) -> None:
    """Any text is a condition that can be evaluated, and written and read again, or is refused."""
    if (condition := read(text)) is not None:
        again = parse_condition(str(condition))
        assert again.evaluate(DATED) == condition.evaluate(DATED)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000 + "a > 1",
        "not " * 900 + "a > 1",
        "if a > 1 then " * 250 + "a > 1",
        "a > 1 and " * 390 + "a > 1",
        "a > " + "9" * 3000,
    ],
    ids=lambda text: text[:8],
)
def test_long_conditions_are_read_or_refused(text: str) -> None:
    """Conditions that nest or repeat without end are read, or refused with a reason."""
    condition = read(text)

    assert condition is None or condition.evaluate(Facts()).truth


@given(st.sampled_from(TEXTS), st.lists(PIECES, max_size=12).map(" ".join))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_any_condition_in_a_protocol_gives_a_study_or_findings(text: str, condition: str) -> None:
    """Any condition may stand in a protocol."""
    number = TEXTS.index(text)
    path = next(path for path in PLACES[number] if path[-1] == "need")

    settled(written(changed(TREES[number], path, lambda _: condition)))


@pytest.mark.parametrize("period", ["150 years", "1800 months", "7000 weeks", "9999 hours", "0 days"])
def test_any_window_has_an_end(period: str) -> None:
    """A window of any length can be decided at any day, however late."""
    late = date(9999, 12, 1)
    facts = Facts(observations={"crp": (Observation(value=Decimal(3), on=late, since=late),)}, anchors={"visit": late})

    for text in ("crp > 1 within {} before visit", "crp within {} after visit", "crp for {} before visit"):
        assert parse_condition(text.format(period)).evaluate(facts).truth
