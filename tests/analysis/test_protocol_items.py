"""Items that protocols answer: every published case from the protocol files, and whatever is given."""

import ast
import json
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conductor import PROTOCOLS
from tests.vectors import agree, all_vectors
from trialwright.analysis.compute import answer, read_json
from trialwright.analysis.protocol_items import ProtocolItems
from trialwright.errors import InputError
from trialwright.protocol.file import load_study

SOURCE = ProtocolItems(
    table=read_json((PROTOCOLS / "items.json").read_text()),
    study=cache(lambda name: load_study((PROTOCOLS / f"{name}.yaml").read_text())),
)
OTHERWISE = {"escalation_NCT04971980-007": "expand_to_6"}  # the protocol's assumption: 3 more subjects
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.decimals() | st.text(max_size=4) | st.dates().map(str),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(["drug", "mg", "x"]), parts),
    max_leaves=5,
)


@pytest.mark.parametrize("item", SOURCE.table)
def test_every_vector_is_met(shared, item):
    """Each published case is answered from the protocol file, or as the protocol's assumption says otherwise."""
    mine = [vector for vector in all_vectors(shared) if vector["item"] == item]

    assert mine
    for vector in mine:
        found = json.loads(json.dumps(answer(item, vector["inputs"], SOURCE)["result"]))
        expected = OTHERWISE.get(vector["id"], vector["expected"])
        assert agree(found, expected, vector["tolerance"] or {}), (vector["id"], found)


@pytest.mark.parametrize("item", SOURCE.table)
@settings(max_examples=40)
@given(data=st.data())
def test_anything_is_answered_or_refused(item, data):
    """Whatever is given, there is an answer, a reason why there is none, or a refusal."""
    named = {
        "dlt": "ctcae_term grade related_to_product onset_day dlt_window_days haematological_policy",
        "escalation": "dose_level n_evaluable n_dlt",
        "sides": "bilirubin bilirubin_uln alt alt_uln alp creatinine",
        "excluded": "alt alt_uln ast ast_uln",
        "thresholds": "trial das28 lvef_pct sbp pt_x_uln age",
        "drugs": "drugs",
        "washout": "event last_date reference_date",
        "flat dose": "trial viable_cells_per_infusion",
        "rescue": "tjc_baseline tjc_week12 sjc_baseline sjc_week12",
    }[SOURCE.table[item]["kind"]]
    inputs = data.draw(st.dictionaries(st.sampled_from([*named.split(), "colour"]), ANYTHING))
    if "trial" in named:
        inputs["trial"] = data.draw(st.sampled_from(SOURCE.table[item]["protocols"]) | ANYTHING)
    try:
        found = answer(item, inputs, SOURCE)
    except InputError:
        return
    json.dumps(found, allow_nan=False)
    assert found["result"] is not None or found["missing"]


def test_a_grade_that_a_term_lacks_is_no_dlt():
    """A grade that the term does not have is refused, not judged."""
    inputs = {"ctcae_term": "Lymph node pain", "grade": 4, "related_to_product": True, "onset_day": 3}
    inputs |= {"dlt_window_days": 28, "haematological_policy": "soc_plus_cell_counts"}
    with pytest.raises(InputError, match="Lymph node pain has no grade 4"):
        answer("dlt_NCT04971980", inputs, SOURCE)


def test_no_function_knows_a_trial():
    """No trial's name stands in the code of the core; docstrings may name one as an example or a source."""
    rooms = [
        PROTOCOLS.parent / "src/trialwright" / room
        for room in ("clinical", "design", "protocol", "conduct", "analysis")
    ]
    for path in sorted(path for room in rooms for path in room.rglob("*.py")):
        tree = ast.parse(path.read_text())
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        known = [node.value for node in texts if id(node) not in documented and re.search(r"NCT\d{8}", node.value)]
        assert known == [], path
