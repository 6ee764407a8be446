"""Roles: who may give and grant what, where, since when; duties that stay apart."""

from datetime import timedelta
from hashlib import sha256

import pytest

from tests.conduct.life import RANDOMISED, LifeTrial
from trialwright.conduct import commands as cmd
from trialwright.conduct.roles import MAY, MAY_GRANT, SITE_ROLES
from trialwright.protocol.study import ROLES

CLINICAL = {name for name, roles in MAY.items() if roles & SITE_ROLES} - {
    "GrantRole",
    "ConfirmRole",
    "RevokeRole",
    "ReviewCohort",
    "InvokeStoppingRule",
    "SignResumption",
    "ProposeDoseDecision",
    "SignDoseDecision",
    "RequestUnblinding",
    "ApproveUnblinding",
    "PrintEnvelopes",
    "OpenQuery",
    "CloseQuery",
    "SignContent",
    "OverrideStagger",
    "RecordExport",
}
"""Commands that write what happened to a subject: neither questions, signatures, decisions nor permissions."""


def staffed(text: str | None = None) -> LifeTrial:
    """A trial with a second sponsor, a committee and an inspector beside the usual people."""
    trial = (LifeTrial(text) if text else LifeTrial()).open()
    for person, role in (("sponsor2", "sponsor"), ("board", "committee"), ("insp", "inspector")):
        trial.must(cmd.GrantRole, by="sponsor", person=person, role=role)
    return trial


def test_ac_01_an_inspector_and_a_monitor_change_nothing() -> None:
    """Inspector and monitor may give no command that changes clinical data or the trial's course."""
    for role in ("inspector", "monitor"):
        assert not {name for name, roles in MAY.items() if role in roles} & CLINICAL
    trial = staffed()
    subject = trial.known()

    assert trial.view("insp").subject(subject) is not None
    assert trial.refused(cmd.EnrolSubject, by="insp", subject=subject).code == "role.may_not"


def test_ac_03_a_subject_of_another_site_is_unknown() -> None:
    """Whoever asks after a subject of another site hears that there is none, as if it did not exist."""
    trial = LifeTrial().open()
    subject = trial.known()
    answers = [
        trial.refused(command, by="other", subject=number, **fields)
        for number in (subject, "S999")
        for command, fields in (
            (cmd.EnrolSubject, {}),
            (cmd.ReserveSlot, {}),
            (cmd.RecordDisposition, {"disposition": "death", "occurred_on": trial.now.date(), "reason": "?"}),
        )
    ]

    assert {answer.code for answer in answers} == {"subject.unknown"}
    assert not any(answer.recorded for answer in answers)
    assert trial.view("other").subject(subject) is None


@pytest.mark.parametrize("role", ROLES)
def test_ac_04_nobody_grants_a_role_that_is_not_theirs_to_grant(role: str) -> None:
    """An investigator delegates to coordinators of the own site and grants no other role."""
    trial = staffed()
    asked = {"person": "new", "role": role, "site": "01" if role in SITE_ROLES else None}

    if role in MAY_GRANT["investigator"]:
        assert trial.refused(cmd.GrantRole, **{**asked, "site": "02"}).code == "role.other_site"
        trial.must(cmd.GrantRole, **asked)
    else:
        assert trial.refused(cmd.GrantRole, **asked).code == "role.not_yours"


def test_ac_04_nobody_grants_a_role_to_themselves() -> None:
    """A person who may grant roles grants themselves none."""
    trial = staffed()

    assert trial.refused(cmd.GrantRole, by="sponsor", person="sponsor", role="committee").code == "role.self"
    assert trial.refused(cmd.GrantRole, person="inv", role="coordinator", site="01").code == "role.self"


def test_ac_04_an_unblinded_role_of_the_blinded_needs_two_people() -> None:
    """In a masked trial, whoever was blinded becomes unblinded with a reason, by two people, neither the person."""
    trial = staffed(RANDOMISED)
    trial.must(cmd.RevokeRole, by="sponsor", person="nurse", reason="Moves to the pharmacy")
    asked = {"by": "sponsor", "person": "nurse", "role": "pharmacist", "site": "01"}
    assert trial.refused(cmd.GrantRole, **asked).code == "role.reason"

    (requested,) = trial.must(cmd.GrantRole, **asked, reason="The pharmacist is ill")

    assert requested.kind == "RoleRequested.v1"
    assert "nurse" not in trial.state.people
    assert trial.refused(cmd.ConfirmRole, by="sponsor", person="nurse").code == "role.second_person"
    assert trial.refused(cmd.ConfirmRole, by="other", person="nurse").code == "role.other_site"
    trial.must(cmd.ConfirmRole, by="inv", person="nurse")
    assert trial.state.people["nurse"].role == "pharmacist"
    assert trial.refused(cmd.ConfirmRole, by="inv", person="nurse").code == "role.not_asked"


def test_ac_04_an_unblinded_role_of_somebody_new_needs_one() -> None:
    """Who never had a blinded role is made pharmacist by one person; so is anybody in an open trial."""
    trial = staffed(RANDOMISED)
    trial.must(cmd.GrantRole, by="sponsor", person="pharm3", role="pharmacist", site="01")

    assert trial.state.people["pharm3"].role == "pharmacist"


def test_ac_08_who_had_which_role_at_a_past_moment() -> None:
    """The list of people with their roles is known for any past moment, of those who left too."""
    trial = LifeTrial().open()
    before = trial.now
    trial.wait(days=30)
    trial.must(cmd.RevokeRole, by="sponsor", person="nurse", reason="Left the clinic")
    trial.must(cmd.GrantRole, person="nurse3", role="coordinator", site="01")
    trial.wait(days=1)

    assert {person.id: person.role for person in trial.state.people_at(before)} == {
        "sponsor": "sponsor",
        "inv": "investigator",
        "other": "investigator",
        "nurse": "coordinator",
        "nurse2": "coordinator",
        "pharm": "pharmacist",
        "pharm2": "pharmacist",
        "mon": "monitor",
    }
    now = {person.id for person in trial.state.people_at(trial.now)}
    stayed = {"sponsor", "inv", "other", "nurse2", "pharm", "pharm2", "mon"}
    assert now == {*stayed, "nurse3"} == set(trial.state.people)
    assert trial.state.people_at(before - timedelta(seconds=1)) == ()


def test_ac_09_who_leaves_has_no_access_and_stays_in_the_record() -> None:
    """Whoever's role is revoked may do and see nothing from then on, and what they did stands."""
    trial = LifeTrial().open()
    trial.must(cmd.ScreenSubject, by="nurse", consented_on=trial.now.date())

    trial.must(cmd.RevokeRole, by="sponsor", person="nurse", reason="Left the clinic")

    assert trial.refused(cmd.ScreenSubject, by="nurse", consented_on=trial.now.date()).code == "role.may_not"
    assert trial.view("nurse").subjects == ()
    assert any(event.by == "nurse" for event in trial.log)


def test_ac_10_who_administers_writes_no_clinical_data() -> None:
    """Sponsor, committee, monitor and inspector have no command that writes what happened to a subject."""
    for role in set(ROLES) - SITE_ROLES:
        assert not {name for name in CLINICAL if role in MAY[name]}, role


def test_whoever_begins_the_trial_is_its_sponsor() -> None:
    """The first entries have the protocol word for word with its hash, and the role of the sponsor for the founder."""
    trial = LifeTrial()

    adopted, granted = trial.must(cmd.AdoptProtocol, by="founder", text=trial.text)

    assert (adopted.study, adopted.text) == (trial.study.id, trial.text)
    assert adopted.sha256 == sha256(trial.text.encode()).hexdigest()
    assert (granted.person, granted.granted) == ("founder", "sponsor")
    for entry in (adopted, granted):
        assert (entry.by, entry.role, entry.site) == ("founder", "sponsor", None)


def test_one_sponsor_of_two_may_leave() -> None:
    """A sponsor beside another one may give the role up, and the last one may not."""
    trial = staffed()

    (revoked,) = trial.must(cmd.RevokeRole, by="sponsor", person="sponsor2", reason="Retired")

    assert (revoked.person, revoked.reason) == ("sponsor2", "Retired")
    assert trial.refused(cmd.RevokeRole, by="sponsor", person="sponsor", reason="?").code == "role.last_sponsor"


def test_ac_04_in_an_open_trial_one_person_makes_a_pharmacist() -> None:
    """Where nobody is blinded, a former coordinator becomes a pharmacist by one person."""
    trial = staffed()
    trial.must(cmd.RevokeRole, by="sponsor", person="nurse", reason="Moves to the pharmacy")

    (granted,) = trial.must(cmd.GrantRole, by="sponsor", person="nurse", role="pharmacist", site="01")

    assert (granted.kind, granted.for_site) == ("RoleGranted.v1", "01")


def test_ac_04_whoever_was_never_blinded_comes_back_by_one_person() -> None:
    """A pharmacist who left and never had a blinded role is a pharmacist again by one person."""
    trial = staffed(RANDOMISED)
    trial.must(cmd.RevokeRole, by="sponsor", person="pharm", reason="On leave")

    trial.must(cmd.GrantRole, by="sponsor", person="pharm", role="pharmacist", site="01")

    assert trial.state.people["pharm"].role == "pharmacist"
