"""The schema for editors accepts what `check` accepts, as an editor reads it."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from tests.conductor import PROTOCOLS, TEXT
from trialwright.protocol.editor_schema import editor_schema
from trialwright.protocol.file import read_source, read_study

SCHEMA = editor_schema()
EDITOR = Draft202012Validator(SCHEMA)
ALL = sorted(PROTOCOLS.glob("*.yaml"))


def as_an_editor(text: str, version: tuple[int, int] = (1, 2)) -> Any:
    """The file as YAML's own types, which JSON can carry."""
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return json.loads(json.dumps(yaml.load(text), default=str))


def test_it_is_a_schema() -> None:
    """The schema is one of draft 2020-12, with a name and words for its parts."""
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"].endswith("2020-12/schema")
    assert SCHEMA["$id"] == "urn:trialwright:protocol:1"
    assert SCHEMA["description"] == "One trial, as its protocol file says it."
    assert "Attributes" not in json.dumps(SCHEMA)
    assert SCHEMA["$defs"]["Visit"]["properties"]["day"]["description"].startswith("Day after the anchor")


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
@pytest.mark.parametrize("version", [(1, 1), (1, 2)], ids=["YAML 1.1", "YAML 1.2"])
def test_every_protocol_is_valid(file: Path, version: tuple[int, int]) -> None:
    """Every protocol is valid as either version of YAML reads its numbers and words."""
    assert [fault.message for fault in EDITOR.iter_errors(as_an_editor(file.read_text(), version))] == []


@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem)
def test_every_protocol_is_valid_as_text(file: Path) -> None:
    """Every protocol is valid when every value in it is text, which is how `check` reads it."""
    assert [fault.message for fault in EDITOR.iter_errors(read_source(file.read_text()).data)] == []


ACCEPTED = [
    ('version: "1.0"', "version: 1.0"),
    ('version: "1.0"', "version: 2"),
    ("title: Dose escalation of", "title: 2026 # of"),
    ("cohort: 3", 'cohort: "3"'),
    ("related: true", "related: yes"),
    ("related: true", "related: 'True'"),
    ("related: true", "related: 1"),
    ("screened per month: 4", "screened per month: 4.5e0"),
    ("true dlt rates: [0.05,", 'true dlt rates: ["0.05",'),
    ("id: I01", "id: 1"),
    ("assumed: the record names no site", "assumed: 1"),
    ("day: 7\n", "day: '7'\n"),
    ("window: 2 days", "window: 1 week"),
]


@pytest.mark.parametrize(("good", "other"), ACCEPTED, ids=[other for _, other in ACCEPTED])
def test_what_check_accepts_the_schema_accepts(good: str, other: str) -> None:
    """However a value is written that `check` takes, an editor takes it too."""
    assert good in TEXT
    text = TEXT.replace(good, other, 1)

    study, source = read_study(text)

    assert study is not None, source.findings
    assert [fault.message for fault in EDITOR.iter_errors(as_an_editor(text))] == []


REFUSED = [
    ("cohort: 3", "cohort: three"),
    ("masking: none", "masking: half"),
    ("masking: none\n", "masking: none\nblinding: none\n"),
    ("condition: Ankylosing spondylitis\n", ""),
    ("days: 28 days", "days: 28"),
    ("amount: 5.0e6 cells/kg", "amount: 5.0e6"),
    ("range: 0 to 10,", "range: 10,"),
    ("need: basdai >= 4", "need: 4"),
    ("grade at least: 3", "grade at least: 6"),
    ("name: basdai,", "name: BASDAI,"),
]


@pytest.mark.parametrize(("good", "other"), REFUSED, ids=[other or "nothing" for _, other in REFUSED])
def test_an_editor_marks_faults_of_form(good: str, other: str) -> None:
    """A fault of form that `check` finds is marked in the editor."""
    assert good in TEXT
    text = TEXT.replace(good, other, 1)

    study, _ = read_study(text)

    assert study is None
    assert list(EDITOR.iter_errors(as_an_editor(text)))
