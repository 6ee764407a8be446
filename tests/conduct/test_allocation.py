"""What the list of an arm goes by: the strata of a subject, the length of the list, and what an entry of it weighs."""

from dataclasses import replace

import pytest

from tests.blinded import CELLS, VEHICLE, BlindedMemory, first_arm, secret, text
from tests.conduct.life import RANDOMISED, lets_in
from tests.conduct.ward import Ward
from trialwright.conduct import Sealed, encode
from trialwright.conduct import commands as cmd
from trialwright.conduct.events import SubjectAllocated
from trialwright.protocol.file import load_study
from trialwright.protocol.subject import parse_subject


def drawn(old: str = "", new: str = "", seed: int = 1, **known: object) -> SubjectAllocated:
    """The sealed entry of the first subject randomised under a changed protocol, of whom something else is known."""
    trial = BlindedMemory(secret(seed))
    trial.text = text(secret(seed).commitment)
    trial.text = trial.text.replace(old, new) if old else trial.text
    trial.study = load_study(trial.text)
    trial.open()
    name = trial.enrolled()
    trial.state = replace(trial.state, subjects={name: replace(trial.state.subjects[name], **known)})
    trial.must(cmd.RandomiseSubject, subject=name)
    return trial.hidden[-1]


def test_bl_05_strata_are_written_in_plain_words() -> None:
    """A stratum names each factor with its value: a site, yes or no, a number without its trailing zeros."""
    entry = drawn("strata: [site, pregnant]", "strata: [site, modified_new_york, pregnant, basdai]")

    assert entry.stratum == "site 01; modified_new_york yes; pregnant no; basdai 4"
    assert entry.factors == {"site": "01", "modified_new_york": "yes", "pregnant": "no", "basdai": "4"}


def test_bl_05_a_stratum_is_known_by_a_visit_as_well() -> None:
    """What no criterion reads may be recorded between visits after the enrolment; its newest value is the stratum."""
    trial = BlindedMemory(secret(1))
    trial.text = text(secret(1).commitment).replace("strata: [site, pregnant]", "strata: [crp]")
    trial.study = load_study(trial.text)
    trial.open()
    name, today = trial.enrolled(), trial.now.date()
    subject = trial.state.subjects[name]
    values = {item: value for item, value in subject.entered["values"].items() if item != "crp"}
    trial.state = replace(trial.state, subjects={name: replace(subject, entered={**subject.entered, "values": values})})
    assert trial.refused(cmd.RandomiseSubject, subject=name).code == "allocation.stratum"
    (seen,) = trial.must(cmd.HoldUnscheduledVisit, by="nurse", subject=name, on=today, reason="Asked again")
    trial.must(cmd.RecordData, by="nurse", subject=name, visit=seen.visit, on=today, values={"crp": 3})
    trial.must(cmd.RandomiseSubject, subject=name)

    assert trial.hidden[-1].stratum == "crp 3"


@pytest.mark.parametrize("place", [0, 1])
def test_bl_05_the_cohorts_of_an_escalation_are_counted_from_one(place: int) -> None:
    """In a dose escalation each cohort has a list of its own, without a known end."""
    entry = drawn("strata: [site, pregnant]", "strata: [cohort]", cohort=place)

    assert (entry.stratum, entry.length) == (f"cohort {place + 1}", None)


def test_bl_05_one_list_ends_with_the_planned_number_of_subjects() -> None:
    """Without strata the one list is as long as the trial is large; with strata nobody knows how long each gets."""
    one, several = drawn("strata: [site, pregnant]", "strata: []"), drawn()

    assert (one.stratum, one.length) == ("", 18)
    assert (several.stratum, several.length) == ("site 01; pregnant no", None)


@pytest.mark.parametrize(("group", "size"), [("cohort 1", 8), ("cohort 2", 6)])
def test_bl_05_the_list_of_a_cohort_ends_with_its_size(group: str, size: int) -> None:
    """In NCT03828344 the list of a cohort is as long as that cohort, and no other."""
    ward = Ward("NCT03828344", group=group)
    first, second = ward.study.cohorts
    ward.study = ward.study.model_copy(update={"cohorts": (first, second.model_copy(update={"size": 6}))})
    entered = parse_subject(lets_in(RANDOMISED, ward.now.date(), ward.now.date()))
    ward.state = ward.changed("S001", verdict="eligible", entered=entered)
    ward.sealed = Sealed(secret().model_copy(update={"study": ward.study.id}))

    ward.must(cmd.RandomiseSubject, subject="S001")

    (entry,) = ward.sealed_log
    assert (entry.stratum, entry.length) == (f"cohort {group}", size)


def test_bl_08_an_entry_of_the_list_is_as_long_for_every_arm() -> None:
    """Entries of the sealed stream have the same number of bytes for every arm, also where one has an accent."""
    seeds = [next(seed for seed in range(1, 99) if first_arm(seed) == arm) for arm in (CELLS, VEHICLE)]

    entries = [drawn(VEHICLE, "véhicule", seed) for seed in seeds]

    assert {entry.arm for entry in entries} == {"cells", "véhicule"}
    assert len({len(encode(entry)) for entry in entries}) == 1


def test_another_medicine_does_not_hold_an_arm() -> None:
    """A medicine that is no treatment of the arm leaves its correction open."""
    ward = Ward("NCT01547091")
    ward.must(cmd.ChooseArm, subject="S001", arm="csDMARD alone")
    ward.must(cmd.PrescribeMedicine, subject="S001", drug="Ibuprofen")

    ward.must(cmd.ChooseArm, subject="S001", arm="UC-MSC alone", reason="Read from the line below")

    assert ward.state.subjects["S001"].arm == "UC-MSC alone"
