"""The verbs compute and ctcae, as a person types them."""

import json
import re
from pathlib import Path

import pytest

from tests.vectors import agree, all_vectors
from trialwright.__main__ import main
from trialwright.analysis.design_items import KINDS
from trialwright.clinical.item import ITEMS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run a verb; give its exit code, output and messages. The user's data folder is a new one."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))

    def run_verb(*words):
        monkeypatch.setattr("sys.argv", ["trialwright", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return left.value.code or 0, said.out, said.err

    return run_verb


def test_one_item(run):
    """An item is computed from inputs written as name=value."""
    assert run("compute", "ctcae_v5_grade", "term=CPK increased", "value=501", "uln=200") == (0, "2\n", "")


def test_a_missing_result(run):
    """A result that cannot be had is null, and the reason is told."""
    code, said, told = run("compute", "ctcae_v5_grade", "term=CPK increased", "value=501")

    assert (code, said) == (0, "null\n")
    assert "cannot be told without uln" in told


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "compute needs an ITEM"),
        (("horoscope",), "there is no item 'horoscope'"),
        (("bmy", "height_cm=180"), "near it: bmi"),
        (("bmi", "--list"), "one of them"),
        (("bmi", "height_cm=180", "height_cm=170"), "height_cm is given twice"),
        (("bmi", "height_cm=high", "kg=3"), "kg: no input of bmi, which asks height_cm, weight_kg"),
        (("bmi", "height_cm=high", "kg=3"), "weight_kg is not given"),
        (("bmi", "height_cm=high", "kg=3"), "height_cm must be a number, got 'high'"),
        (("binomial_ci", "n"), "'n' is no input"),
        (("binomial_ci", "n=3"), "responders is not given"),
        (("binomial_ci", "n=3", "responders=4"), "responders must be at most n"),
        (("binomial_ci", "n=3", "responders=NaN"), "responders must be a number"),
    ],
)
def test_what_cannot_be_computed_is_named(run, words, named):
    """A wrong item or input is refused with exit code 2 and named."""
    code, said, told = run("compute", *words)

    assert (code, said) == (2, "")
    assert named in told


def test_a_batch(run, tmp_path):
    """Each line of a batch is answered in its order; an error in one stops nothing."""
    batch = tmp_path / "batch.jsonl"
    good = {"id": "a", "item": "ctcae_is_haematological", "inputs": {"ctcae_term": "Anemia"}}
    lines = [good, {"id": "b", "item": "ctcae_is_haematological", "inputs": {"ctcae_term": None}}, {"id": "c"}, [1]]
    batch.write_text("\n".join(map(json.dumps, lines)) + '\n\n{"id": "d",\n{"id": NaN}\n')
    code, said, told = run("compute", "--batch", batch)
    found = list(map(json.loads, said.splitlines()))

    assert code == 0
    assert "4 of 6 lines could not be answered" in told
    assert [line.get("line") for line in found] == [None, None, 3, 4, 6, 7]
    assert found[0] == {"id": "a", "result": True}
    assert found[1] == {"id": "b", "result": None, "missing": "ctcae_term is not given"}
    assert [line["id"] for line in found] == ["a", "b", "c", None, None, None]
    assert all("error" in line for line in found[2:])


def test_names_stand_once_in_a_line(run, tmp_path):
    """A line of a batch that gives an input twice is refused: which of the two was meant cannot be known."""
    batch = tmp_path / "batch.jsonl"
    batch.write_text('{"id": 1, "item": "bmi", "inputs": {"height_cm": 180, "height_cm": 170, "weight_kg": 80}}\n')

    assert json.loads(run("compute", "--batch", batch)[1])["error"] == "height_cm is given twice"


def test_json_tells_what_is_missing(run):
    """With --json the answer stands in an object with its item and, where it is missing, the reason."""
    code, said, told = run("compute", "bmi", "height_cm=null", "weight_kg=80", "--json")

    assert (code, told) == (0, "")
    assert json.loads(said) == {
        "schema": "trialwright.compute/1",
        "item": "bmi",
        "result": None,
        "missing": "height_cm is not given",
    }


def test_the_list_as_json(run, tmp_path):
    """With --json the list gives every item with its inputs, those that may be left out in brackets."""
    _, said, _ = run("compute", "--list", "--json", "--protocols", tmp_path)
    items = {one["item"]: one for one in json.loads(said)["items"]}

    assert items.keys() == ITEMS.keys() | KINDS.keys()
    assert items["binomial_ci"]["inputs"] == ["responders", "n", "[confidence]"]


def test_the_list_names_every_item(run, tmp_path):
    """The list shows every item, then the design items, then those that the protocols at hand answer."""
    code, said, _ = run("compute", "--list", "--protocols", tmp_path)
    _, more, _ = run("compute", "--list", "--protocols", ROOT / "protocols")
    table = json.loads((ROOT / "protocols/items.json").read_text())

    assert code == 0
    assert [line.split("(")[0] for line in said.splitlines()[::2]] == sorted(ITEMS) + sorted(KINDS.keys() - ITEMS)
    assert more.splitlines()[len(said.splitlines()) :: 2] == sorted(table)


def test_an_item_of_a_protocol_needs_its_folder(run, tmp_path):
    """An item that a protocol answers is computed where the protocols are, and unknown elsewhere."""
    words = ("compute", "escalation_NCT04971980", "dose_level=1", "n_evaluable=3", "n_dlt=0", "--protocols")

    assert run(*words, ROOT / "protocols") == (0, '"escalate"\n', "")
    assert "there is no item" in run(*words, tmp_path)[2]


def test_every_item_of_the_rooms_is_in_the_catalogue():
    """No item is written that the catalogue does not load."""
    sources = (ROOT / "src/trialwright").rglob("*.py")
    written = {name for path in sources for name in re.findall(r'^@item\("(\w+)"\)', path.read_text(), re.MULTILINE)}

    assert written <= ITEMS.keys()


NOT_MET = {
    "escalation_NCT04971980-007",  # the protocol assumes 3 more subjects where the record is silent
    "mmrm_unstructured_reml-007",  # names its data without holding them
}


def test_the_vectors_are_answered_in_one_batch(run, shared):
    """Every published vector is met in one batch, but for two: one decided otherwise, and one without data."""
    code, said, _ = run("compute", "--batch", shared / "vectors/clinical.jsonl", "--protocols", ROOT / "protocols")
    found = {line["id"]: line for line in map(json.loads, said.splitlines())}
    unmet = {
        vector["id"]
        for vector in all_vectors(shared)
        if not agree(found[vector["id"]].get("result", "error"), vector["expected"], vector["tolerance"] or {})
    }

    assert code == 0
    assert len(found) == 770
    assert unmet == NOT_MET


def test_a_grade_with_its_rule(run):
    """A finding is graded with the rule that fired."""
    code, said, _ = run("ctcae", "grade", "Anemia", "value=79", "unit=g/L", "lln=120")

    assert (code, said) == (0, "Anemia grade 3: value < 80 g/L (not said: life_threatening)\n")


def test_the_wording_of_the_nci_is_added_once(run, shared):
    """A term is shown in short words until the NCI's table has been added, then in the NCI's."""
    _, before, _ = run("ctcae", "show", "Headache")
    code, _, told = run("ctcae", "add", shared / "ctcae/ctcae_v5.0.csv")
    _, after, _ = run("ctcae", "show", "Headache")

    assert code == 0
    assert "kept in" in told
    assert "grade 1: mild\n" in before
    assert "grade 1: Mild pain" in after


def test_another_table_is_not_added(run, tmp_path):
    """A file that is not the NCI's table is refused, and nothing is kept."""
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    code, _, told = run("ctcae", "add", tmp_path / "other.csv")

    assert code == 2
    assert "no column term" in told
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_written_is_named(run, shared, tmp_path):
    """Where the data folder cannot be written, the message says so and how to mend it."""
    (tmp_path / "home").write_text("a file stands there")
    code, _, told = run("ctcae", "add", shared / "ctcae/ctcae_v5.0.csv")

    assert code == 2
    assert "set XDG_DATA_HOME" in told


def test_a_batch_of_design_items(run, tmp_path):
    """A line that names a kind is answered as a design item, also where an item has the same name."""
    batch = tmp_path / "batch.jsonl"
    asked = {"p0": 0.1, "p1": 0.3, "alpha": 0.05, "beta": 0.2}
    lines = [
        {"id": 1, "kind": "simon_two_stage", "inputs": asked},
        {"id": 2, "item": "simon_two_stage", "inputs": asked},
        {"id": 3, "kind": "bmi", "inputs": {}},
    ]
    batch.write_text("\n".join(map(json.dumps, lines)))
    _, said, _ = run("compute", "--batch", batch)
    design, item, unknown = map(json.loads, said.splitlines())

    assert round(design["result"]["optimal"]["EN(p0)"], 1) == round(item["result"]["optimal"]["en_p0"], 1) == 15.0
    assert "there is no item 'bmi'" in unknown["error"]


def test_selftest(run):
    """The self-test says for each item how many published results are met, and its exit code is 0."""
    code, said, told = run("selftest")
    first, _, *items, last = said.splitlines()

    assert (code, told) == (0, "")
    assert "trialwright" in first
    assert "numpy" in first
    assert all(re.search(r" (\d+) of \1 ", line) for line in items)
    assert re.fullmatch(r"(\d+) of \1 published results are met", last)


def test_selftest_that_fails(run, monkeypatch):
    """A published result that is not met is shown with what was found, named, and gives exit code 7."""
    line = {"id": "bmi-1", "item": "bmi", "inputs": {"height_cm": 200, "weight_kg": 80}, "expected": 21}
    bad = {**line, "id": "bmi-2", "inputs": {"height_cm": -1, "weight_kg": 80}}
    vectors = [json.dumps({"item": "bmi", "source": "Quetelet 1832"}), json.dumps(line), json.dumps(bad)]
    monkeypatch.setattr("trialwright.analysis.selftest.packaged_vectors", lambda: vectors)
    code, said, told = run("selftest", "--json")
    found = json.loads(said)

    assert code == 7
    assert "bmi-1, bmi-2" in told
    assert (found["schema"], found["met"], found["vectors"]) == ("trialwright.selftest/1", 0, 2)
    assert found["items"][0]["unmet"][0] == {"id": "bmi-1", "found": 20, "expected": 21}
    assert found["items"][0]["worst_deviation"] == 1
    assert "height_cm" in found["items"][0]["unmet"][1]["found"]
    assert run("selftest")[1].splitlines()[-1] == "0 of 2 published results are met"
