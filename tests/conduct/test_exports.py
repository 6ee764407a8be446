"""Copies that go out of the system: each is an entry that says what, how much, by which filter and how blinded."""

import pytest

from tests.blinded import BlindedMemory
from tests.conductor import MemoryTrial
from trialwright.conduct import commands as cmd
from trialwright.conduct.views import trail

ASKED = {"what": "trail", "form": "csv", "rows": 7, "sha256": "ab" * 32}


@pytest.mark.parametrize(("person", "blinded"), [("inv", True), ("pharm", False), ("sponsor", True), ("mon", True)])
def test_cp_05_an_export_is_an_entry_with_what_went_out(person: str, blinded: bool) -> None:
    """The entry of an export says what, in which form, by which filter, how many rows, their hash and if blinded."""
    (event,) = BlindedMemory().open().must(cmd.RecordExport, by=person, wanted={"subject": "S001"}, **ASKED)

    assert event.kind == "DataExported.v1"
    assert (event.what, event.form, event.rows, event.sha256) == tuple(ASKED.values())
    assert (event.wanted, event.blinded, event.by) == ({"subject": "S001"}, blinded, person)


def test_cp_05_in_an_open_trial_nobody_is_blinded() -> None:
    """An export from an open trial is not blinded."""
    (event,) = MemoryTrial().open().must(cmd.RecordExport, **ASKED)

    assert not event.blinded


@pytest.mark.parametrize(("what", "person"), [("bundle", "inv"), ("bundle", "pharm"), ("site copy", "mon")])
def test_a_copy_is_of_what_its_taker_sees(what: str, person: str) -> None:
    """Whoever belongs to a site takes no bundle of all sites; whoever belongs to none takes no copy of one."""
    refusal = MemoryTrial().open().refused(cmd.RecordExport, by=person, **{**ASKED, "what": what})

    assert refusal.code == "export.scope"
    assert ("site copy" if what == "bundle" else "bundle") in refusal.mend


def test_cp_05_a_site_reads_of_its_own_exports_only() -> None:
    """The trail of a site's people names the exports of that site, and not those of another."""
    trial = MemoryTrial().open()
    for person in ("inv", "other", "mon"):
        trial.must(cmd.RecordExport, by=person, **ASKED)
    seen = [
        event.by for _, event in trail(trial.state, trial.log, trial.state.people["inv"]) if "Exported" in event.kind
    ]

    assert seen == ["inv"]


def test_an_export_is_taken_while_the_data_are_locked() -> None:
    """A lock holds data, and not the copies of them."""
    trial = MemoryTrial().open()
    trial.ended()
    trial.must(cmd.LockData, by="sponsor")

    assert trial.must(cmd.RecordExport, **ASKED)
