"""Whatever stands in a protocol file, reading it gives a study or findings."""

from hypothesis import given
from hypothesis import strategies as st

from tests.conductor import TEXT
from trialwright.protocol.check import check_text

LINES = TEXT.splitlines()


@given(st.text(max_size=400))
def test_any_text_gives_findings(text: str) -> None:
    """Arbitrary text gives findings, each with a line, and never a traceback."""
    study, findings = check_text(text)

    assert study is None
    assert findings
    assert all(finding.line >= 1 for finding in findings)


@given(
    st.integers(0, len(LINES) - 1),
    st.sampled_from(["delete", "double", "indent", "text"]),
    st.text(max_size=30),
)
def test_a_damaged_protocol_gives_a_study_or_findings(place: int, how: str, text: str) -> None:
    """A protocol with a line lost, doubled, shifted or replaced is still a study, or has findings."""
    line = LINES[place]
    damaged = {"delete": [], "double": [line, line], "indent": ["  " + line], "text": [text]}[how]

    study, findings = check_text("\n".join([*LINES[:place], *damaged, *LINES[place + 1 :]]))

    assert study is not None or findings


def test_a_file_that_refers_to_itself_is_refused() -> None:
    """Anchors that nest or multiply without end are refused with a finding, at once."""
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]

    for text in ("a: &x [*x]", "\n".join(["a0: &a0 [1]", *levels])):
        study, findings = check_text(text)
        assert study is None
        assert findings[0].rule == "yaml.size"


def test_a_fault_of_a_named_condition_stands_at_its_line() -> None:
    """Of several conditions by name the one that cannot be read is named, with its line, and how a sign is written."""
    text = TEXT.replace("need: basdai >= 4\n", "need:\n        active: basdai >= 4\n        inflamed: crp ≥ 5\n")
    _, (finding,) = check_text(text)

    assert text.splitlines()[finding.line - 1].strip() == "inflamed: crp ≥ 5"
    assert finding.where.endswith("need > inflamed")
    assert "write '>=' for '≥'" in finding.what
    assert finding.what.endswith("(found 'crp ≥ 5')")


def test_a_fault_of_a_condition_without_a_name_stands_at_its_key() -> None:
    """A condition that stands alone is told by the key of its criterion."""
    _, (finding,) = check_text(TEXT.replace("need: basdai >= 4\n", "need: basdai > 2 × 4\n"))

    assert finding.where == "criteria > inclusion > 3 > need"
    assert "write 'x' for '×'" in finding.what
