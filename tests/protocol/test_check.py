"""Every check finds its fault and leaves the correct file alone: one edit of a correct file for each."""

import pytest

from tests.conductor import TEXT
from trialwright.errors import ProtocolError, RecordError
from trialwright.protocol.check import CHECKS, check_text
from trialwright.protocol.file import load_study, read_study

FAULTS = [
    ("source.missing", 'at: ["brief summary, sentence 2", "detailed description, sentence 20"]', "", "product"),
    ("source.record", "record: NCT05962762\n", "", "the file"),
    ("criteria.item", "need: basdai >= 4", "need: basdia >= 4", "need"),
    ("criteria.collected", "collect: [age, weight, basdai, crp,", "collect: [age, weight, crp,", "need"),
    ("criteria.range", "need: basdai >= 4", "need: basdai >= 40", "need"),
    ("criteria.type", "exclude: pregnant is yes", "exclude: pregnant > 1", "exclude"),
    ("name.twice", "id: I02", "id: I01", "criteria"),
    ("schedule.item", "collect: [crp]", "collect: [esr]", "collect"),
    ("schedule.overlap", "day: 7\n    window: 1 days", "day: 27\n    window: 1 days", "schedule"),
    ("endpoint.item", "collect: [basdai, crp, weight]", "collect: [crp, weight]", "endpoints"),
    ("endpoint.dlt", "of: dlt\n      within: 28 days", "of: dlt\n      within: 4 weeks\n".replace("4", "5"), "within"),
    ("dose.order", "amount: 3.0e6 cells/kg", "amount: 0.5e6 cells/kg", "doses"),
    ("dose.weight", "collect: [weight]\n", "collect: [crp]\n", "schedule"),
    ("design.numbers", "expand to: 6", "expand to: 3", "rule"),
    ("design.stagger", "dose: high\n      interval: 7 days", "dose: huge\n      interval: 7 days", "stagger"),
    ("design.stagger", "interval: 7 days", "interval: 29 days", "stagger"),
    ("design.window", "day: 28\n    window: 2 days", "day: 31\n    window: 2 days", "dlt window"),
    ("treatment.product", "gives: [hUC-MSC injection]", "gives: [hUC-MSC]", "gives"),
    ("planning.rates", "[0.05, 0.12, 0.30]", "[0.05, 0.12]", "true dlt rates"),
    ("planning.rates", "[0.05, 0.12, 0.30]", "[0.05, 0.30, 0.12]", "true dlt rates"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "good", "bad", "where"), FAULTS, ids=[f"{f[0]}-{i}" for i, f in enumerate(FAULTS)])
def test_check_finds_its_fault(rule: str, good: str, bad: str, where: str) -> None:
    """A fault is found by its check, at an element and a line of the file, with a mend."""
    assert good in TEXT
    text = TEXT.replace(good, bad)
    if rule == "dose.weight":
        text = text.replace("collect: [age, weight,", "collect: [age,")

    _, findings = check_text(text)

    found = [finding for finding in findings if finding.rule == rule]
    assert found, [finding.rule for finding in findings]
    assert where in found[0].where
    assert found[0].line >= 1
    assert found[0].mend


def test_every_check_has_a_fault() -> None:
    """There is an incorrect file for every check."""
    assert {rule for rule, *_ in FAULTS} == set(CHECKS)


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
]


@pytest.mark.parametrize(("rule", "good", "bad", "below"), FORM, ids=[f"{f[0]}-{i}" for i, f in enumerate(FORM)])
def test_form_faults_have_their_line(rule: str, good: str, bad: str, below: int) -> None:
    """A fault of the file's form is found at its line."""
    assert good in TEXT
    line = TEXT[: TEXT.index(good)].count("\n") + 1 + below

    study, source = read_study(TEXT.replace(good, bad, 1))

    assert study is None
    assert rule in [finding.rule for finding in source.findings]
    if rule in {"form.value", "form.unknown", "yaml.duplicate"}:
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

    assert {finding.rule for finding in findings} == {"record.pointer"}
    assert any("3 x 10^6" in finding.what and "doses > 2" in finding.where for finding in findings)
    assert sum("no such sentence" in finding.what for finding in findings) == 2


def test_real_record_bears_out_the_protocol(shared: object) -> None:
    """Every pointer of the protocol leads into the registered record, and its numbers stand there."""
    from pathlib import Path

    from trialwright.registry import locate, read_record

    reading = read_record((Path(str(shared)) / "records/NCT05962762.txt").read_text())

    _, findings = check_text(TEXT, lambda pointer: locate(reading, pointer))

    assert findings == []
