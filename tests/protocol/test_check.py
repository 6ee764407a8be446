"""Checking a protocol: the form of the file, all faults at once, and its pointers against the record."""

from pathlib import Path

import pytest

from tests.conductor import TEXT
from trialwright.errors import ProtocolError, RecordError
from trialwright.protocol.check import check_text
from trialwright.protocol.file import load_study, read_study
from trialwright.registry import locate, read_record

CASES = Path(__file__).parent / "cases"


def test_the_protocol_is_correct() -> None:
    """The protocol of NCT05962762 has no finding."""
    study, findings = check_text(TEXT)

    assert study is not None
    assert findings == []


FORM = [
    ("yaml.syntax", "trialwright: 1", "trialwright: [1", 0),
    ("yaml.duplicate", "phase: Phase 1\n", "phase: Phase 1\nphase: Phase 2\n", 1),
    ("form.missing", "condition: Ankylosing spondylitis\n", "", 0),
    ("form.unknown", "masking: none\n", "masking: none\nblinding: none\n", 1),
    ("form.value", "cohort: 3", "cohort: three", 0),
    ("form.value", "amount: 1.0e6 cells/kg", "amount: 1.0e6 cells per kg", 0),
    ("form.value", "days: 28 days", "days: 28 fortnights", 0),
    ("form.value", "need: basdai >= 4", "need: basdai >= = 4", 0),
    ("form.value", "range: 0 to 10,", "range: 10 to 0,", 0),
    ("form.value", "trialwright: 1", "trialwright: 2", 0),
    ("form.secret", "\nenrolment:", "\nallocation: {method: randomised, block size: 4, assumed: x}\nenrolment:", 1),
]


@pytest.mark.parametrize(("rule", "good", "bad", "below"), FORM, ids=[f"{f[0]}-{i}" for i, f in enumerate(FORM)])
def test_form_faults_have_their_line(rule: str, good: str, bad: str, below: int) -> None:
    """A fault of the file's form is found at its line."""
    assert good in TEXT
    line = TEXT[: TEXT.index(good)].count("\n") + 1 + below

    study, source = read_study(TEXT.replace(good, bad, 1))

    assert study is None
    assert rule in [finding.rule for finding in source.findings]
    if rule in {"form.value", "form.unknown", "form.secret", "yaml.duplicate"}:
        assert line in [finding.line for finding in source.findings if finding.rule == rule]


def test_all_faults_at_once() -> None:
    """Every fault of a file is reported together, in the order of the file."""
    text = TEXT.replace("cohort: 3", "cohort: x").replace("days: 28 days", "days: soon").replace("id: I01", "id: ''")

    with pytest.raises(ProtocolError) as refused:
        load_study(text, "my.yaml")

    assert len(refused.value.findings) == 3
    assert str(refused.value).count("my.yaml:") == 3


def test_pointers_and_numbers_are_proved() -> None:
    """With the record at hand, a pointer that leads nowhere and a number that is not there are found."""

    def locate(pointer: str) -> str:
        if pointer == "detailed description, sentence 17":
            return "Doses of 1,000,000 and 5,000,000 cells/kg."
        if pointer.startswith("brief"):
            raise RecordError("no such sentence")
        return "A period of 4 weeks, 28 days, 7 days, 3-6 subjects."

    _, findings = check_text(TEXT, locate)

    assert {finding.rule for finding in findings} == {"record.pointer", "record.number"}
    assert any("3 x 10^6" in finding.what and "doses > 2" in finding.where for finding in findings)
    assert sum("no such sentence" in finding.what for finding in findings) == 2


def test_a_number_beside_an_assumption_is_proved_too(shared: Path) -> None:
    """Where an element has both a pointer and an assumption, a number that neither names is found at its line."""
    reading = read_record((shared / "records/NCT05962762.txt").read_text())
    good = "    window: 2 days\n"
    line = TEXT[: TEXT.index(good)].count("\n") + 1

    _, findings = check_text(TEXT.replace(good, "    window: 5 days\n", 1), lambda pointer: locate(reading, pointer))

    [finding] = [each for each in findings if each.rule == "record.number" and each.line == line]
    assert "the number 5 is neither in the record" in finding.what
    assert "name the number in 'assumed:'" in finding.mend


def test_a_time_that_follows_from_the_schedule_needs_no_second_source() -> None:
    """An endpoint's time that ends with a visit's window is not asked of the record; another time is."""
    text = (CASES / "record.number.ok.yaml").read_text()
    record = read_record((CASES / "record.txt").read_text())

    def rules(changed: str) -> list[str]:
        _, findings = check_text(changed, lambda pointer: locate(record, pointer))
        return [finding.rule for finding in findings]

    assert rules(text) == []
    assert rules(text.replace("within: 30 days", "within: 31 days")) == ["record.number"]


def test_a_dose_by_surface_needs_the_height_too() -> None:
    """A dose in mg/m2 needs the weight and the height; a dose in micrograms needs neither."""

    def rules(unit: str) -> list[str]:
        text = (CASES / "dose.weight.bad.yaml").read_text().replace("cells/kg", unit)
        return [finding.what for finding in check_text(text)[1] if finding.rule == "dose.weight"]

    assert rules("mg/m2") == ["no visit up to day 0 collects 'weight', and dose 'low' is in mg/m2"]
    assert rules("ug/kg") == ["no visit up to day 0 collects 'weight', and dose 'low' is in ug/kg"]
    assert rules("ug") == []


def test_real_record_bears_out_the_protocol(shared: Path) -> None:
    """Every pointer of the protocol leads into the registered record, and its numbers stand there."""
    reading = read_record((shared / "records/NCT05962762.txt").read_text())

    _, findings = check_text(TEXT, lambda pointer: locate(reading, pointer))

    assert findings == []


def test_a_preparation_that_leaves_a_time_of_use_out_is_told_so() -> None:
    """A masked preparation without `use within`, and arms that are given apart, are found at the preparation."""
    text = (CASES / "preparation.masked.ok.yaml").read_text()
    text = text.replace(", use within: 24 hours", "").replace(
        "placebo, times: 2, every: 4", "placebo, times: 2, every: 5"
    )
    line = 1 + text[: text.index("\npreparation:") + 1].count("\n")

    found = [(one.line, one.what) for one in check_text(text)[1] if one.rule == "preparation.masked"]

    assert [at for at, _ in found] == [line, line]
    assert "no 'use within'" in found[0][1]
    assert "the same number of infusions" in found[1][1]
