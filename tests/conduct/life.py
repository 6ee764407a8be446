"""Subjects of any of the five trials for the tests of subject life, whatever their protocol asks at screening."""

from datetime import date
from functools import cache

from tests.conduct.eligible import eligible
from tests.conductor import PROTOCOLS, TEXT, MemoryTrial
from trialwright.conduct import Event, replay
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.protocol.file import load_study
from trialwright.protocol.subject import read_subject
from trialwright.protocol.subject_text import canonical, write_subject

RESERVING = TEXT.replace("  planned: 18\n", "  planned: 18\n  reservation: 14 days\n")
"""NCT05962762 with slots that can be reserved for 14 days."""

RANDOMISED = (PROTOCOLS / "NCT03828344.yaml").read_text()
BY_CHOICE = (PROTOCOLS / "NCT01547091.yaml").read_text()
ONE_ARM = (PROTOCOLS / "NCT05794425.yaml").read_text()


class LifeTrial(MemoryTrial):
    """Conducts any protocol; who is eligible is said, not computed."""

    def happens(self, *events: Event) -> None:
        """Put events into the log that no command made."""
        self.log += events
        self.state = replay(events, self.state)

    def known(self, *, by: str = "inv", verdict: str = "eligible") -> str:
        """Screen somebody whose eligibility is said; gives the subject's number."""
        (screened, *_) = self.must(cmd.ScreenSubject, by=by, consented_on=self.now.date())
        self.verdict(screened.subject, verdict, by=by)
        return str(screened.subject)

    def verdict(self, subject: str, verdict: str, *, by: str = "inv") -> None:
        """Say that somebody's eligibility was assessed so; what lets an eligible subject in is in the log too."""
        person = self.state.people[by]
        told = {"at": self.now, "by": by, "role": person.role, "site": person.site, "protocol": self.study.version}
        said = {**told, "subject": subject, "findings": {}, "verdict": verdict}
        if verdict == "eligible":
            found = {"changed": {}, "reason": None, "to_obtain": (), "queries": {}}
            entered = lets_in(self.text, self.state.subjects[subject].consented_on, self.now.date())
            self.happens(ev.EligibilityAssessedV2(**said, **found, entered=entered))
        self.happens(ev.EligibilityAssessed(**said, values={}, answers={}))

    def joined(self, *, by: str = "inv") -> str:
        """Screen and enrol somebody."""
        subject = self.known(by=by)
        self.must(cmd.EnrolSubject, by=by, subject=subject)
        return subject

    def treated(self, subject: str) -> None:
        """Say that somebody was infused now, whatever the protocol gives."""
        told = {"at": self.now, "by": "inv", "role": "investigator", "site": "01", "protocol": "1.0"}
        dose = {"dose_cells_per_kg": 1, "weight_kg": 1, "planned_cells": 1, "planned_ml": 10, "given_ml": 10}
        lot = {"concentration_per_ml": 1, "viability_pct": 1}
        self.happens(ev.InfusionAdministered(**told, subject=subject, level=1, **dose, **lot))


@cache
def lets_in(text: str, consented_on: date, today: date) -> str:
    """What an assessment enters of somebody whom a protocol lets in."""
    study = load_study(text)
    return canonical(write_subject(read_subject(eligible(study, consented_on, today), study), study))


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """A protocol's text with replacements, each of which must be there once; it is a protocol still."""
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    load_study(text)
    return text
