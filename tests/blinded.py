"""A made-up masked trial for the tests: dose escalation with three on cells and one on the vehicle at random."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from tests.conductor import ANSWERS, ELIGIBLE, STAFF, TEXT, MemoryTrial, prepare
from trialwright.conduct import Refusal, Sealed, Secret, View, Viewer, decide, replay, view
from trialwright.conduct import commands as cmd
from trialwright.protocol.file import load_study
from trialwright.trial import Done, Trial

CELLS, VEHICLE = "cells", "vehicle solution"
ARMS = f"""
arms:
  - name: {CELLS}
    type: experimental
    treatments: [{{product: hUC-MSC injection, dose: by level, assumed: made up for the tests}}]
    assumed: made up for the tests
  - name: {VEHICLE}
    type: placebo comparator
    treatments: [{{product: vehicle, assumed: made up for the tests}}]
    assumed: made up for the tests

allocation:
  method: randomised
  ratio: {{{CELLS}: 3, {VEHICLE}: 1}}
  strata: [site, pregnant]
  commitment: COMMITMENT
  assumed: made up for the tests

items:"""
PREPARATION = "preparation:\n  final volume: 100 mL\n"
VEHICLE_PRODUCT = """
  - {name: vehicle, kind: solution without cells, route: "intravenous infusion, once", assumed: made up for the tests}

doses:"""
PEOPLE = {
    "inv": ("investigator", "01"),
    "nurse": ("coordinator", "01"),
    "pharm": ("pharmacist", "01"),
    "other": ("investigator", "02"),
    "nurse2": ("coordinator", "02"),
    "pharm2": ("pharmacist", "02"),
    "mon": ("monitor", None),
}
GIVES = {CELLS: {}, VEHICLE: {"product": "vehicle", "weight_kg": 70}}
"""What differs in a preparation, by arm."""
BLINDED = ("sponsor", "inv", "nurse", "other", "nurse2", "mon")


def secret(seed: int = 1, *, key: int = 9, method: str = "permuted blocks", **more: object) -> Secret:
    """A sealed file that a number decides; the same key unless another is asked for."""
    fields: Mapping[str, object] = {"sizes": (4, 8) if method == "permuted blocks" else (), **more}
    return Secret(study="NCT05962762", method=method, seed=f"{seed:064x}", key=f"{key:064x}", **fields)


class Twin(Secret):
    """A sealed file whose commitment says nothing of its seed: two trials that differ in their allocation only."""

    @property
    def commitment(self) -> str:
        """The same for every seed."""
        return "0" * 64


def twin(seed: int) -> Twin:
    """One of the twins."""
    return Twin(**secret(seed).model_dump())


def first_arm(seed: int, site: str = "01") -> str:
    """The first arm of a site by a sealed file."""
    return Sealed(secret(seed)).next_arm(((CELLS, 3), (VEHICLE, 1)), f"site {site}; pregnant no", {})[0]


def twins() -> tuple[Twin, Twin]:
    """Twins that give the first subject of either site another arm."""
    one, other = (
        next(seed for seed in range(1, 999) if {first_arm(seed, site) for site in ("01", "02")} == {arm})
        for arm in (CELLS, VEHICLE)
    )
    return twin(one), twin(other)


def text(commitment: str, *, masking: str = "double") -> str:
    """The protocol's text."""
    return (
        TEXT.replace("masking: none", f"masking: {masking}\n")
        .replace("\ndoses:", VEHICLE_PRODUCT, 1)
        .replace("gives: [hUC-MSC injection]", "gives: [hUC-MSC injection, vehicle]", 1)
        .replace("\npreparation:\n", f"\n{PREPARATION}", 1)
        .replace("\nitems:", ARMS.replace("COMMITMENT", commitment), 1)
    )


class BlindedMemory(MemoryTrial):
    """Conducts the masked trial in memory; events of both streams are kept apart."""

    def __init__(self, sealed: Secret | None = None, *, masking: str = "double") -> None:
        super().__init__()
        made = sealed or secret()
        self.text = text(made.commitment, masking=masking)
        self.study = load_study(self.text)
        self.sealed = Sealed(made)
        self.hidden: list[object] = []

    def do(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> object:
        """Give a command now; what it gives to the sealed stream is not returned."""
        decided = decide(self.study, self.state, self.sealed, command(at=self.now, by=by, **fields))
        if isinstance(decided, Refusal):
            return decided
        shown = tuple(event for event in decided if event.stream == "open")
        hidden = [event for event in decided if event.stream == "sealed"]
        self.log += shown
        self.hidden += hidden
        self.state = replay(shown, self.state)
        self.sealed = self.sealed.after(hidden)
        return shown

    def view(self, person: str = "sponsor", sealed: object = None) -> View:
        """What a person sees now."""
        return view(self.study, self.state, sealed or self.sealed, Viewer(id=person, at=self.now))

    def open(self) -> "BlindedMemory":
        """Adopt the protocol, open two sites and the first level, grant every role."""
        self.must(cmd.AdoptProtocol, by="sponsor", text=self.text)
        for site in ("01", "02"):
            self.must(cmd.OpenSite, by="sponsor", site=site, name=f"Site {site}")
        for person, (role, site) in PEOPLE.items():
            self.must(cmd.GrantRole, by="sponsor", person=person, role=role, site=site)
        self.must(cmd.OpenDoseLevel, by="sponsor", level=1)
        return self

    def randomised(self, *, by: str = "inv") -> str:
        """Screen, enrol and randomise somebody."""
        subject = self.enrolled(by=by)
        self.must(cmd.RandomiseSubject, by=by, subject=subject)
        return subject

    def arm(self, subject: str) -> str:
        """The arm of a subject, for the test alone."""
        return self.sealed.arm(subject)

    def ready(self, subject: str, *, by: str = "inv", **product: object) -> str:
        """Prepare, of what the subject's arm gives, and match."""
        return super().ready(subject, by=by, **GIVES[self.arm(subject)], **product)


START = datetime.fromisoformat("2026-01-05T09:00:00+00:00")


class BlindedCourse:
    """Conducts the masked trial in a log, by a clock that moves a minute with every command."""

    def __init__(
        self, location: str | Path, sealed: Secret, *, masking: str = "double", staff: Mapping[str, object] = STAFF
    ) -> None:
        self.now = START
        self.staff = staff
        protocol = text(sealed.commitment, masking=masking)
        self.trial = Trial.begin(location, protocol, by="sponsor", clock=lambda: self.now, secret=sealed)

    def must(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> Done:
        """Give a command that the protocol allows."""
        self.now += timedelta(minutes=1)
        done = self.trial.do(command, by=by, **fields)
        assert isinstance(done, Done), str(done)
        return done

    def open(self, people: Mapping[str, tuple[str, str | None]] = PEOPLE) -> "BlindedCourse":
        """Open two sites and the first level, grant every role."""
        for site in ("01", "02"):
            self.must(cmd.OpenSite, by="sponsor", site=site, name=f"Site {site}")
        for person, (role, site) in people.items():
            self.must(cmd.GrantRole, by="sponsor", person=person, role=role, site=site)
        self.must(cmd.OpenDoseLevel, by="sponsor", level=1)
        return self

    def enrolled(self, *, by: str = "inv") -> str:
        """Screen and enrol somebody."""
        subject = self.must(cmd.ScreenSubject, by=by, consented_on=self.now.date()).events[0].subject
        self.must(cmd.AssessEligibility, by=by, subject=subject, values=ELIGIBLE, answers=ANSWERS)
        self.must(cmd.EnrolSubject, by=by, subject=subject)
        return subject

    def randomised(self, *, by: str = "inv") -> str:
        """Screen, enrol and randomise somebody."""
        subject = self.enrolled(by=by)
        self.must(cmd.RandomiseSubject, by=by, subject=subject)
        return subject

    def infused(self, *, by: str = "inv") -> str:
        """Screen, enrol, randomise and infuse somebody."""
        subject = self.randomised(by=by)
        nurse, pharmacist = self.staff[by]
        arm = self.trial.view(pharmacist).subject(subject).arm
        prepare(self.must, subject, self.now, readers=(by, nurse), pharmacist=pharmacist, **GIVES[arm])
        self.must(cmd.StartInfusion, by=by, subject=subject)
        self.must(cmd.CompleteInfusion, by=by, subject=subject)
        return subject
