"""The reference of the protocol file names all that the program reads, and its examples are read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from trialwright.protocol.check import CHECKS, check_text
from trialwright.protocol.check_record import RECORD_CHECKS
from trialwright.protocol.criteria_text import KEYWORDS, parse_condition
from trialwright.protocol.dose_rule import RULES
from trialwright.protocol.element import Part
from trialwright.protocol.study import Study

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/protocol-file.md").read_text()
LANGUAGE = (ROOT / "docs/criteria-language.md").read_text()
HOWTO = (ROOT / "docs/write-a-protocol.md").read_text()


def parts(kind: type[Part] = Part) -> Iterator[type[Part]]:
    """Every part of a protocol file."""
    for part in kind.__subclasses__():
        yield part
        yield from parts(part)


def yaml_blocks(page: str) -> list[str]:
    """The YAML examples of a page."""
    return re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("part", sorted(set(parts()), key=lambda part: part.__name__))
def test_every_key_is_on_the_page(part: type[Part]) -> None:
    """Every key of a protocol file is named on the reference page, in bold where it must be there."""
    for name, field in part.model_fields.items():
        key = field.alias or name
        assert f"`{key}`" in REFERENCE, key
        if field.is_required():
            assert f"**`{key}`**" in REFERENCE, key


@pytest.mark.parametrize("name", RULES)
def test_every_key_of_a_dose_rule_is_on_the_page(name: str) -> None:
    """Every design that a file can hold, and each of its keys, is named on the reference page."""
    assert f"`{name}`" in REFERENCE
    for key, field in RULES[name].model_fields.items():
        assert f"`{field.alias or key}`" in REFERENCE, field.alias or key


def test_every_check_is_on_the_page() -> None:
    """Every rule of `check` stands on the reference page with its claim."""
    shown = dict(re.findall(r"^\| `([a-z]+\.[a-z]+)` \| (.*) \|$", REFERENCE, re.MULTILINE))

    assert shown == {rule: str(check.__doc__).splitlines()[0] for rule, check in (CHECKS | RECORD_CHECKS).items()}


def test_the_parts_of_the_reference_are_yaml() -> None:
    """Every example of the reference is YAML with keys of the form."""
    keys = {field.alias or name for name, field in Study.model_fields.items()}

    for block in yaml_blocks(REFERENCE):
        assert set(YAML(typ="safe", pure=True).load(block)) <= keys


def test_every_word_of_the_language_is_on_the_page() -> None:
    """Every word of the criteria language stands on its page."""
    words = set(re.findall(r"[a-z]+", " ".join(re.findall(r"(?<!`)`[^`\n]+`", LANGUAGE))))

    assert words >= KEYWORDS


def test_every_condition_in_the_tables_is_read() -> None:
    """Every condition in the table of examples is a condition."""
    examples = re.findall(r"^\| [^|`]+ \| `([^`]+)` \|$", LANGUAGE[LANGUAGE.index("## Examples") :], re.MULTILINE)

    assert len(examples) > 10
    for example in examples:
        assert str(parse_condition(example))


def test_the_whole_file_of_the_howto_has_no_finding() -> None:
    """The protocol that the how-to ends with is correct."""
    whole = max(yaml_blocks(HOWTO), key=len)

    study, findings = check_text(whole)

    assert study is not None
    assert [finding.text("") for finding in findings] == []


def test_the_sixth_protocol_has_no_finding() -> None:
    """The sixth protocol, written from the documentation alone, is correct, and so is its short dose escalation."""
    for name in ("sixth.yaml", "seventh.yaml"):
        study, findings = check_text((ROOT / "tests/protocol" / name).read_text())

        assert study is not None, name
        assert [finding.text(name) for finding in findings] == []
