"""The published vectors that ship with the package, and those of the designs as `trialwright compute` answers them.

Source: each item's own, as src/trialwright/analysis/data/selftest.jsonl has it.
"""

import json
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from tools.record_selftest import DATA, record
from trialwright.analysis.compute import answer_lines
from trialwright.analysis.design_items import KINDS, SIMULATED
from trialwright.analysis.selftest import packaged_vectors, read_vectors, selftest

SOURCES, VECTORS = read_vectors(packaged_vectors())
LINES = [line for line in packaged_vectors() if '"source"' not in line]
BY_ITEM = {
    f"design {key}" if '"kind"' in line else key: [line, *lines]
    for key, (line, *lines) in groupby(LINES, key=lambda line: json.loads(line).get("item") or json.loads(line)["kind"])
    for key in [key]
}


@pytest.mark.parametrize("name", [name for name in SOURCES if name in BY_ITEM])
def test_every_packaged_vector_is_met(name):
    """Every published result that ships with the package is met within its tolerance."""
    (result,) = selftest(BY_ITEM[name])

    assert result.unmet == []
    assert result.met == result.vectors > 0


def test_every_item_names_its_source():
    """Each item of the self-test says where its numbers are from."""
    assert all(SOURCES.values())
    assert set(SOURCES) == {f"design {one.name}" if one.is_design else one.name for one in VECTORS}


def test_the_packaged_vectors_are_the_published_ones(shared: Path):
    """The vectors that ship are those that were published, without a word that is only said of them."""
    assert DATA.read_text(encoding="utf-8") == record(shared / "vectors")


def test_every_kind_is_answered_or_says_that_it_is_simulated(shared: Path):
    """Each line of the published vectors of designs has a result, or the error that it is to be simulated."""
    lines = (shared / "vectors/designs.jsonl").read_text().splitlines()
    quick = [line for line in lines if '"crm_exact_oc-02"' not in line]
    found = list(answer_lines(quick))
    errors = Counter(json.loads(line)["kind"] for line, told in zip(quick, found, strict=True) if "error" in told)

    assert set(errors) == set(SIMULATED)
    assert {json.loads(line)["kind"] for line in lines} == set(KINDS) | set(SIMULATED)
    assert all("simulation" in told["error"] for told in found if "error" in told)
