"""Items that protocols answer: every published case from the protocol files."""

import ast
import json
import re
from functools import cache

import pytest

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


@pytest.mark.parametrize("item", SOURCE.table)
def test_every_vector_is_met(shared, item):
    """Each published case is answered from the protocol file, or as the protocol's assumption says otherwise."""
    mine = [vector for vector in all_vectors(shared) if vector["item"] == item]

    assert mine
    for vector in mine:
        found = json.loads(json.dumps(answer(item, vector["inputs"], SOURCE)["result"]))
        expected = OTHERWISE.get(vector["id"], vector["expected"])
        assert agree(found, expected, vector["tolerance"] or {}), (vector["id"], found)


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
