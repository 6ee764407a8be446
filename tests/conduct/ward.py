"""A site of any of the five trials with subjects who wait for their infusion, and the steps that lead there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.conductor import PROTOCOLS
from trialwright.conduct import Event, Refusal, State, decide, replay
from trialwright.conduct import commands as cmd
from trialwright.conduct.events.base import SEALED
from trialwright.conduct.sealed import Allocated, Sealed
from trialwright.conduct.state import LevelState, Person, Subject
from trialwright.protocol.file import load_study

PEOPLE = {
    "sponsor": ("sponsor", None),
    "inv": ("investigator", "01"),
    "nurse": ("coordinator", "01"),
    "pharm": ("pharmacist", "01"),
    "pharm2": ("pharmacist", "02"),
}
CELLS = {"concentration_per_ml": "5e6", "viability_pct": "92"}
FIT = {
    "NCT01547091": {"childbearing_potential": False, "breastfeeding": False},
    "NCT03828344": {"sex": "male"},
    "NCT04971980": {"sex": "male"},
    "NCT05794425": {"infection": False, "pregnant": False, "breastfeeding": False, "childbirth_planned": False},
    "NCT05962762": {"pregnant": False},
}
"""What each trial looks at again before each infusion, of somebody who may receive it."""
STUDIES = {path.stem: load_study(path.read_text()) for path in PROTOCOLS.glob("NCT*.yaml")}


def entered(values: dict[str, object]) -> dict[str, dict[str, object]]:
    """Values of screening as a subject holds them."""
    return {"days": {}, "values": {name: [{"value": value}] for name, value in values.items()}, "answers": {}}


class Ward:
    """One trial in memory, with people at two sites and enrolled subjects at site 01."""

    def __init__(self, study: str, *, arms: tuple[str | None, ...] = (None,), group: str | None = None, level: int = 1):
        self.study = STUDIES[study]
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self.open_log: list[Event] = []
        self.sealed_log: list[Event] = []
        self.state = State(
            sequence=1,
            protocol=self.study.version,
            sites={"01": "One", "02": "Two"},
            people={name: Person(name, role, site) for name, (role, site) in PEOPLE.items()},
        )
        escalates = self.study.dose_escalation is not None
        if escalates:
            opened = {level: LevelState(level=level, slots=6, open=True)}
            self.state = replace(self.state, levels=opened, cohorts=(level,))
        masked = self.study.masking != "none"
        subjects = {}
        for number, arm in enumerate(arms, start=1):
            name = f"S{number:03d}"
            subjects[name] = Subject(
                id=name,
                site="01",
                consented_on=self.now.date(),
                enrolled=True,
                level=level if escalates else None,
                cohort=0 if escalates else None,
                group=group,
                entered=entered(FIT[study]),
                arm=None if masked else arm,
                randomised=masked and arm is not None,
            )
        self.state = replace(self.state, subjects=subjects)
        there = {f"S{n:03d}": Allocated(arm, "", {}) for n, arm in enumerate(arms, start=1) if arm and masked}
        self.sealed = Sealed(allocated=there)

    def changed(self, subject: str, **fields: object) -> State:
        """The state with a subject about whom something else holds."""
        other = replace(self.state.subjects[subject], **fields)
        return replace(self.state, subjects={**self.state.subjects, subject: other})

    def do(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> tuple[Event, ...] | Refusal:
        """Give a command now."""
        decided = decide(self.study, self.state, self.sealed, command(at=self.now, by=by, **fields))
        if not isinstance(decided, Refusal):
            shown = [event for event in decided if event.stream != SEALED]
            hidden = [event for event in decided if event.stream == SEALED]
            self.open_log += shown
            self.sealed_log += hidden
            self.state = replay(shown, self.state)
            self.sealed = self.sealed.after(hidden)
        return decided

    def must(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> tuple[Event, ...]:
        """Give a command that the protocol allows."""
        decided = self.do(command, by=by, **fields)
        assert not isinstance(decided, Refusal), str(decided)
        return decided

    def refused(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> Refusal:
        """Give a command that is refused."""
        before = self.state, self.sealed.sequence
        decided = self.do(command, by=by, **fields)
        assert isinstance(decided, Refusal), decided
        assert (self.state, self.sealed.sequence) == before
        return decided

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def received(self, lot: str, product: str, *, containers: int = 1, released: bool = True, **label: object) -> str:
        """Receive a lot with so many containers of 100 mL, and release it."""
        fields = {"volume_ml": 100, "expires_at": self.now + timedelta(days=3), **label}
        cois = tuple(f"{lot}-{number}" for number in range(1, containers + 1))
        self.must(cmd.ReceiveLot, by="pharm", lot=lot, product=product, containers=cois, **fields)
        if released:
            self.must(cmd.ReleaseLot, by="pharm", lot=lot, reason="Certificate in order")
        return lot

    def asked(self, lot: str, subject: str = "S001", **fields: object) -> dict[str, object]:
        """What a preparation from the first container of a lot asks for, at 70 kg today."""
        weight = {"weight_kg": 70, "weighed_on": self.now.date()}
        return {"by": "pharm", "subject": subject, "lot": lot, "containers": (f"{lot}-1",), **weight, **fields}

    def matched(self, subject: str = "S001", *readers: str) -> None:
        """Match everything that waits for a subject, by two people."""
        for one in self.course(subject).waiting:
            for reader in readers or ("inv", "nurse"):
                read = {"scanned_subject": subject, "scanned_coi": one.coi}
                self.must(cmd.MatchIdentity, by=reader, subject=subject, **read)

    def infused(self, lot: str, subject: str = "S001", **fields: object) -> None:
        """Prepare, match, begin and complete an infusion."""
        self.must(cmd.PrepareInfusion, **self.asked(lot, subject, **fields))
        self.matched(subject)
        self.must(cmd.StartInfusion, subject=subject)
        self.must(cmd.CompleteInfusion, subject=subject)

    def course(self, subject: str = "S001"):
        """The course of a subject's treatment."""
        return self.state.subjects[subject].course
