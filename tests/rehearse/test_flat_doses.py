"""A dose escalation in cells, whatever the weight, runs whole: the short protocol that was written from the docs."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.conductor import TEXT, MemoryTrial
from trialwright.analysis.escalation_figure import dose_escalation_figure
from trialwright.analysis.listings import subject_listing
from trialwright.cli.rehearsing import begin, planned_rates
from trialwright.conduct.events import CommandRefused
from trialwright.errors import InputError
from trialwright.exchange.usdm import usdm
from trialwright.protocol.explain import explain
from trialwright.protocol.file import load_study
from trialwright.rehearse import Rehearsal, VirtualClock
from trialwright.trial import Trial

SEVENTH = (Path(__file__).parents[1] / "protocol" / "seventh.yaml").read_text()
FLAT = TEXT.replace("e6 cells/kg, at", "e7 cells, at")


def test_a_flat_escalation_is_rehearsed_whole(tmp_path: Path) -> None:
    """From the first level to the lock nothing is refused, nobody is weighed, and each gets the cells of the level."""
    clock = VirtualClock()
    with begin(SEVENTH, tmp_path / "trial.db", 2, clock) as trial:
        state = Rehearsal(trial.study, planned_rates(trial.study), 2, trial, clock, 18).run()
        seen = trial.view(trial.sponsor)
        refused = [event for event in trial.events() if isinstance(event, CommandRefused)]
        infused = [(one.level, one.infusion) for one in state.subjects.values() if one.infusion]

    cells = [dose.amount.low for dose in trial.study.doses]
    assert state.locked
    assert state.stopped
    assert not refused
    assert {level for level, _ in infused} == {1, 2, 3}
    assert all(infusion.planned_cells == cells[level - 1] for level, infusion in infused)
    assert not any(infusion.weight_kg for _, infusion in infused)
    assert "5 x 10^7 cells" in str(dose_escalation_figure(seen).spec)
    assert "1 x 10^7" in subject_listing(seen).html()


def test_a_flat_dose_needs_no_weight_and_one_per_kg_does() -> None:
    """A flat level is prepared without a weight, and the same level per kg is refused without one."""
    flat, per_kg = MemoryTrial(FLAT).open(), MemoryTrial().open()

    flat.infuse(flat.enrolled(), weight_kg=None)
    waits = per_kg.enrolled()
    with pytest.raises(AssertionError, match="by body weight, and the weight or its day is missing"):
        per_kg.ready(waits, weight_kg=None)

    assert flat.state.subjects["S001"].course.infusions[0].planned_cells == Decimal(10_000_000)
    assert [str(level.amount) for level in flat.view().levels] == [f"{number} x 10^7 cells" for number in (1, 3, 5)]


def test_flat_levels_are_told_as_they_are() -> None:
    """The protocol's prose and the USDM export give the levels in cells."""
    study = load_study(SEVENTH)
    arms = usdm(study)["study"]["versions"][0]["studyDesigns"][0]["arms"]

    assert "| 2 | level 2 | 5 x 10^7 cells | 3 to 6 | none |" in explain(study)
    assert [arm["name"] for arm in arms] == ["Dose 1: level 1", "Dose 2: level 2", "Dose 3: level 3"]


def test_a_level_that_no_lot_could_give_is_refused(tmp_path: Path) -> None:
    """Levels in mg are not begun, and nothing is written."""
    text = SEVENTH.replace("e7 cells", "e7 mg").replace("e8 cells", "e8 mg")

    with pytest.raises(InputError, match="one number of cells or of cells/kg"):
        Trial.begin(tmp_path / "trial.db", text, by="sponsor")

    assert not (tmp_path / "trial.db").exists()
