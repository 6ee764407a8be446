"""Amendments: versions by site and subject, changed dose rules with their simulation."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.conduct.life import ONE_ARM, RESERVING, LifeTrial, changed
from tests.conductor import TEXT
from trialwright.conduct import Event, Refusal, replay
from trialwright.conduct import commands as cmd
from trialwright.conduct.versions import simulation_hash, study_for
from trialwright.protocol.file import load_study
from trialwright.trial import Done, Trial

SECOND = changed(
    RESERVING,
    ('version: "1.0"', 'version: "2.0"'),
    ("need: basdai >= 4\n", "need: basdai >= 5\n"),
    ("    day: 28\n    window: 2 days", "    day: 28\n    window: 1 days"),
)
"""A second version: a criterion, a window and the time of a reservation are others."""

LOWER = changed(SECOND, ("amount: 3.0e6 cells/kg", "amount: 2.0e6 cells/kg"))
"""The second version with another medium dose."""


class AmendedTrial(LifeTrial):
    """Conducts a protocol in several versions, each command by the one that it is decided by."""

    def __init__(self) -> None:
        super().__init__()
        self.studies = {self.study.version: self.study}

    def do(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> tuple[Event, ...] | Refusal:
        """Give a command now."""
        if self.state.versions:
            self.study = study_for(self.studies, self.state, command(at=self.now, by=by, **fields))
        return super().do(command, by=by, **fields)

    def amended(self, text: str = SECOND, **more: object) -> None:
        """Adopt a second version."""
        self.must(cmd.AmendProtocol, by="sponsor", text=text, reason="Committee's advice", **more)
        self.studies["2.0"] = load_study(text)

    def screened_on(self, by: str) -> str:
        """The version that the next subject of somebody's site consents to."""
        subject = self.known(by=by)
        return self.state.subjects[subject].version

    def approved(self, site: str, on: date | None = None) -> None:
        """Approve the second version at a site."""
        self.must(cmd.ApproveAmendment, by="sponsor", site=site, version="2.0", approved_on=on or self.now.date())


def test_am_01_a_version_is_in_force_at_a_site_from_its_approval() -> None:
    """A site screens under the new version from its own day of approval on, and another one goes on as before."""
    trial = AmendedTrial().open()
    trial.amended()
    assert trial.screened_on("inv") == "1.0"

    trial.approved("01")

    assert trial.screened_on("inv") == "2.0"
    assert trial.screened_on("other") == "1.0"
    assert trial.state.version_at("01", trial.now.date() - timedelta(days=1)) == "1.0"


def test_am_01_events_carry_the_version_that_they_were_decided_by() -> None:
    """Each event names the version of the protocol that its command was decided by."""
    trial = AmendedTrial().open()
    subject = trial.enrolled()
    trial.amended()
    trial.approved("01")

    told = {"term": "Fever", "onset_on": trial.now.date(), "grade": 1, "related": False, "serious": False}
    (old,) = trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    (new,) = trial.must(cmd.ScreenSubject, consented_on=trial.now.date())

    assert (old.protocol, new.protocol) == ("1.0", "2.0")


def test_am_02_the_event_lists_what_the_version_changes() -> None:
    """The amendment lists each changed criterion, visit and rule, in words, with what stood there before."""
    trial = AmendedTrial().open()
    (amended,) = trial.must(cmd.AmendProtocol, by="sponsor", text=SECOND, reason="Advice")

    said = "\n".join(amended.changes)
    for what in ("I03", "D28", "reservation"):
        assert what in said
    assert "1 day" in said


def test_am_03_the_enrolled_stay_on_their_version_until_they_consent_again() -> None:
    """An enrolled subject goes on under its version, moves by its own consent, and nothing before is rewritten."""
    trial = AmendedTrial().open()
    subject = trial.infused()
    before = list(trial.log)
    trial.amended()
    refusal = trial.refused(cmd.RecordReconsent, subject=subject, consented_on=trial.now.date(), version="2.0")
    assert refusal.code == "consent.version"
    trial.approved("01")
    assert trial.state.subjects[subject].version == "1.0"

    trial.must(cmd.RecordReconsent, subject=subject, consented_on=trial.now.date(), version="2.0")

    assert trial.state.subjects[subject].version == "2.0"
    assert [one.version for one in trial.state.subjects[subject].consents] == ["1.0", "2.0"]
    assert trial.log[: len(before)] == before
    assert replay(trial.log) == trial.state
    again = {"subject": subject, "consented_on": trial.now.date(), "version": "2.0"}
    assert trial.refused(cmd.RecordReconsent, **again).code == "consent.same"


def test_am_03_nobody_is_enrolled_on_a_version_that_is_no_longer_in_force() -> None:
    """Whoever consented to the version before is enrolled after consent to the one in force and an assessment by it."""
    trial = AmendedTrial().open()
    subject = trial.known()
    trial.amended()
    trial.approved("01")
    assert trial.refused(cmd.EnrolSubject, subject=subject).code == "consent.old_version"

    trial.must(cmd.RecordReconsent, subject=subject, consented_on=trial.now.date(), version="2.0")
    assert trial.state.subjects[subject].verdict is None
    trial.verdict(subject, "eligible")

    trial.must(cmd.EnrolSubject, subject=subject)


def test_am_04_changed_dose_rules_come_with_their_simulation() -> None:
    """A version that changes a dose is adopted with the hash of its operating characteristics, and with no other."""
    trial = AmendedTrial().open()
    asked = {"by": "sponsor", "text": LOWER, "reason": "Two DLTs at the medium dose elsewhere"}
    assert trial.refused(cmd.AmendProtocol, **asked).code == "amendment.simulation"

    assert trial.refused(cmd.AmendProtocol, **asked, simulation="0" * 64).code == "amendment.simulation"

    found = simulation_hash(load_study(LOWER))
    trial.must(cmd.AmendProtocol, **asked, simulation=found)

    assert trial.state.versions[-1].simulation == found


def test_am_04_a_dose_without_escalation_has_nothing_to_simulate() -> None:
    """Where no dose is escalated, a version with another dose is adopted without operating characteristics."""
    trial = LifeTrial(ONE_ARM).open()
    more = changed(ONE_ARM, ('version: "1.0"', 'version: "2.0"'), ("5.0e7 to 8.0e7 cells", "5.0e7 to 9.0e7 cells"))

    (amended,) = trial.must(cmd.AmendProtocol, by="sponsor", text=more, reason="Eighty million did not suffice")

    assert amended.simulation is None
    assert any("cells" in change for change in amended.changes)


def test_am_04_the_hash_is_of_the_rule() -> None:
    """The hash is the same for the same rule, and another for another rule."""
    wider = changed(TEXT, ("    stop at: 2\n", "    stop at: 3\n"))

    assert simulation_hash(load_study(TEXT)) == simulation_hash(load_study(SECOND))
    assert simulation_hash(load_study(TEXT)) != simulation_hash(load_study(wider))


OTHER = TEXT.replace("id: NCT05962762", "id: NCT00000000")
WRONG = {
    "no protocol": ("trialwright: 1\n", "amendment.faulty"),
    "an error of check": (SECOND.replace("stop at: 2", "stop at: 9"), "amendment.faulty"),
    "another trial": (OTHER, "amendment.other"),
    "the same version": (TEXT, "amendment.version"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_is_no_later_version_is_refused(name: str) -> None:
    """Only another version of the same trial's protocol, without errors, amends it."""
    text, code = WRONG[name]
    trial = AmendedTrial().open()

    assert trial.refused(cmd.AmendProtocol, by="sponsor", text=text, reason="?").code == code


def test_a_level_that_was_opened_stays_in_the_protocol() -> None:
    """A version that takes away a dose level which subjects received is refused."""
    trial = AmendedTrial().open()
    for level in (2, 3):
        trial.cohort("NNN")
        trial.decided("escalate")
        trial.must(cmd.OpenDoseLevel, by="sponsor", level=level)
    high = '  - {name: high, amount: 5.0e6 cells/kg, at: "detailed description, sentence 17"}\n'
    pairs = ("dose: high", "dose: medium"), ("[0.05, 0.12, 0.30]", "[0.05, 0.12]"), ("planned: 18", "planned: 12")

    asked = {"by": "sponsor", "text": changed(SECOND, (high, ""), *pairs), "reason": "?"}

    assert trial.refused(cmd.AmendProtocol, **asked).code == "amendment.levels"


APPROVALS = {
    "an unknown site": ({"site": "09"}, "site.unknown"),
    "an unknown version": ({"version": "3.0"}, "version.unknown"),
    "a day to come": ({"approved_on": date(2027, 1, 1)}, "approval.future"),
}


@pytest.mark.parametrize("name", APPROVALS)
def test_an_approval_that_cannot_be_so_is_refused(name: str) -> None:
    """A version is approved at an open site, on a day that has come."""
    wrong, code = APPROVALS[name]
    trial = AmendedTrial().open()
    trial.amended()
    asked = {"site": "01", "version": "2.0", "approved_on": trial.now.date(), **wrong}

    assert trial.refused(cmd.ApproveAmendment, by="sponsor", **asked).code == code


def test_approvals_of_a_site_are_in_the_order_of_the_versions() -> None:
    """A later version is not approved at a site before the earlier one was."""
    trial = AmendedTrial().open()
    trial.must(cmd.ApproveAmendment, by="sponsor", site="01", version="1.0", approved_on=trial.now.date())
    trial.amended()
    asked = {"site": "01", "version": "2.0", "approved_on": trial.now.date() - timedelta(days=1)}

    assert trial.refused(cmd.ApproveAmendment, by="sponsor", **asked).code == "approval.order"


def test_a_version_is_not_approved_before_it_was_adopted() -> None:
    """An approval is dated on the day on which its version was adopted, or later."""
    trial = AmendedTrial().open()
    trial.amended()
    asked = {"site": "01", "version": "2.0", "approved_on": trial.now.date() - timedelta(days=1)}

    assert trial.refused(cmd.ApproveAmendment, by="sponsor", **asked).code == "approval.before_adoption"


def test_a_site_does_not_go_back_to_an_earlier_version() -> None:
    """An approval is given once, and none is given to a version before the one that a site follows."""
    trial = AmendedTrial().open()
    trial.amended()
    trial.approved("01")
    asked = {"by": "sponsor", "site": "01", "approved_on": trial.now.date()}

    assert trial.refused(cmd.ApproveAmendment, **asked, version="2.0").code == "approval.given"
    assert trial.refused(cmd.ApproveAmendment, **asked, version="1.0").code == "approval.given"


def test_am_04_an_amendment_is_simulated_written_and_read_back(tmp_path: Path) -> None:
    """A trial on disk simulates changed dose rules itself, and follows the new version after it is opened again."""
    clock = [datetime(2026, 1, 5, 9, tzinfo=UTC)]
    with Trial.begin(tmp_path / "trial.db", TEXT, by="sponsor", clock=lambda: clock[0]) as trial:
        trial.do(cmd.OpenSite, by="sponsor", site="01", name="First site")
        done = trial.amend(LOWER, by="sponsor", reason="Advice")
        assert isinstance(done, Done)
        assert trial.study.version == "1.0"
        trial.do(cmd.ApproveAmendment, by="sponsor", site="01", version="2.0", approved_on=clock[0].date())

    with Trial.open(tmp_path / "trial.db", clock=lambda: clock[0]) as trial:
        assert trial.study.version == "2.0"
        assert trial.state.versions[-1].simulation == simulation_hash(load_study(LOWER))
        assert str(trial.study.dose(2).amount) == "2 x 10^6 cells/kg"


def test_ti_07_an_approval_is_of_the_day_at_the_site() -> None:
    """In the morning of Shanghai an approval of that day is no day to come, and the version is in force at once."""
    trial = AmendedTrial().open()
    trial.must(cmd.SetTimeZone, by="sponsor", site="01", zone="Asia/Shanghai")
    trial.amended()
    trial.now = datetime(2026, 1, 6, 23, 0, tzinfo=UTC)
    trial.approved("01", date(2026, 1, 7))
    (screened, *_) = trial.must(cmd.ScreenSubject, consented_on=date(2026, 1, 7))

    assert trial.state.subjects[screened.subject].version == "2.0"


def test_ti_07_the_next_step_is_by_the_version_of_the_day_at_the_site() -> None:
    """In the morning of Shanghai whoever is on the version before is not listed for enrolment, which is refused."""
    trial = AmendedTrial().open()
    trial.must(cmd.SetTimeZone, by="sponsor", site="01", zone="Asia/Shanghai")
    subject = trial.screened()
    trial.amended()
    trial.now = datetime(2026, 1, 6, 23, 0, tzinfo=UTC)
    before = trial.view("inv").subject(subject).next_steps
    trial.approved("01", date(2026, 1, 7))

    assert "EnrolSubject" in before
    assert "EnrolSubject" not in trial.view("inv").subject(subject).next_steps
    assert trial.refused(cmd.EnrolSubject, subject=subject).code == "consent.old_version"
