"""Who sees an arm, who is told that somebody did, and that nothing else lets one out; by requirement."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.blinded import BLINDED, CELLS, PEOPLE, VEHICLE, BlindedMemory, secret, twins
from tests.conductor import PROTOCOLS, MemoryTrial
from trialwright.conduct import NOTHING_SEALED, Sealed, decide, encode, evolve, replay
from trialwright.conduct import commands as cmd
from trialwright.conduct.course import Course, Infusion
from trialwright.conduct.exposure import shows_arm
from trialwright.conduct.refusal import Kind
from trialwright.conduct.state import Person, State, Subject
from trialwright.conduct.views import reads_sealed, trail
from trialwright.protocol.file import load_study


class Untouchable:
    """A sealed side that fails whoever asks it anything."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"a blinded view asked the sealed side for {name}")


@pytest.fixture
def trial() -> BlindedMemory:
    """A masked trial with two randomised subjects at site 01 and one at site 02."""
    trial = BlindedMemory().open()
    for by in ("inv", "other", "inv"):
        trial.randomised(by=by)
    return trial


@pytest.fixture
def locked(trial) -> BlindedMemory:
    """The same, with its data locked."""
    trial.ended()
    trial.must(cmd.LockData, by="sponsor")
    return trial


def arms(trial: BlindedMemory, person: str) -> dict[str, str | None]:
    """The arms that a person's view holds."""
    return {subject.id: subject.arm for subject in trial.view(person).subjects}


# Who sees


@pytest.mark.parametrize("person", BLINDED)
def test_bl_06_a_blinded_view_never_asks_the_sealed_side(trial, person):
    """The view of a blinded role is the same with the sealed side, without it, and with one that may not be asked."""
    seen = trial.view(person)

    assert not reads_sealed(trial.study, trial.state, person)
    assert seen == trial.view(person, NOTHING_SEALED) == trial.view(person, Untouchable())
    assert all(subject.arm is None and not subject.arm_shown for subject in seen.subjects)


def test_the_pharmacist_sees_the_arms_of_the_site(trial):
    """The pharmacist of a masked trial sees the arm of each subject of the site, and of no other."""
    assert arms(trial, "pharm") == {subject: trial.arm(subject) for subject in ("S001", "S003")}


def test_in_an_open_trial_everybody_sees_the_arm_once_it_is_drawn():
    """A randomised trial that is not masked shows the arm to every role after randomisation, and lists no exposure."""
    trial = BlindedMemory(masking="none").open()
    subject = trial.randomised()

    for person in ("sponsor", "inv", "nurse", "pharm", "mon"):
        assert arms(trial, person) == {subject: trial.arm(subject)}
    assert trial.view().exposures == ()


def test_somebody_without_a_role_sees_no_subject(trial):
    """A stranger's view holds no subject and asks the sealed side nothing."""
    assert trial.view("stranger", Untouchable()).subjects == ()


def test_bl_08_two_allocations_have_the_same_open_record():
    """Two trials that differ in their allocation only have the same open events, byte for byte, and differ in arms."""
    both = [BlindedMemory(sealed).open() for sealed in twins()]
    for trial in both:
        for by in ("inv", "inv", "other"):
            trial.randomised(by=by)

    assert [encode(event) for event in both[0].log] == [encode(event) for event in both[1].log]
    assert both[0].state == both[1].state
    assert [len(encode(event)) for event in both[0].hidden] == [len(encode(event)) for event in both[1].hidden]
    assert [event.arm for event in both[0].hidden] != [event.arm for event in both[1].hidden]


def test_a_sealed_event_prints_no_arm(trial):
    """A sealed event that somebody prints shows whom it is about, and neither arm nor place in the list."""
    for event in trial.hidden:
        assert event.arm not in repr(event)
        assert "position" not in str(event)
        assert event.subject in repr(event)


def test_au_10_a_blinded_trail_knows_no_arm(trial):
    """The trail of a blinded role holds no arm but in the protocol's text, no place in a list, no sealed event."""
    trial.must(cmd.BreakCode, subject="S001", reason="anaphylaxis")
    for person in BLINDED:
        for _, event in trail(trial.state, trial.log, trial.state.people[person]):
            written = event.model_dump_json(exclude={"text"})
            assert event.stream == "open"
            assert f'"{CELLS}"' not in written
            assert VEHICLE not in written
            assert "position" not in written
            assert "stratum" not in written


# Randomisation


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (lambda trial: trial.screened(), "subject.not_enrolled", "S001 is not enrolled."),
        (lambda trial: trial.screened(basdai="3.9"), "subject.ineligible", "eligible: not eligible (I03 not met)."),
        (lambda trial: trial.screened(basdai=None), "subject.ineligible", "undetermined (I03 unknown: needs basdai)"),
        (lambda trial: trial.randomised(), "allocation.done", "already has an arm"),
    ],
    ids=["not enrolled", "not eligible", "undetermined", "randomised"],
)
def test_bl_05_randomise_refuses_and_says_why(given, code, words):
    """Randomising somebody who is not enrolled, not known to be eligible, or has an arm, is refused by that rule."""
    trial = BlindedMemory().open()
    subject = given(trial)
    before = trial.sealed.sequence
    refusal = trial.refused(cmd.RandomiseSubject, subject=subject)

    assert refusal.code == code
    assert words in refusal.reason
    assert trial.sealed.sequence == before


def test_bl_05_an_assessment_that_is_missing_is_named_with_all_else():
    """Of somebody just screened the refusal says at once that eligibility, enrolment and the stratum are missing."""
    trial = BlindedMemory().open()
    (screened,) = trial.must(cmd.ScreenSubject, consented_on=trial.now.date())
    reason = trial.refused(cmd.RandomiseSubject, subject=screened.subject).reason

    assert "eligibility was not assessed" in reason
    assert "is not enrolled" in reason
    assert "no known value of: pregnant" in reason


def test_bl_05_a_closed_cohort_takes_nobody():
    """A subject of a level at which the stopping rule is met is not randomised."""
    trial = BlindedMemory().open()
    waiting = trial.enrolled()
    for _ in range(2):
        treated = trial.randomised()
        trial.infuse(treated)
        trial.toxicity(treated)

    assert trial.refused(cmd.RandomiseSubject, subject=waiting).code == "escalation.stopping_rule"


def test_bl_05_who_was_treated_or_gave_the_slot_back_is_not_randomised():
    """Randomisation comes before treatment, and not after the slot was given back."""
    trial = BlindedMemory().open()
    treated, gone = trial.enrolled(), trial.enrolled()
    course = Course(infusions=(Infusion(at=trial.now, planned_ml=Decimal(100), given_ml=Decimal(100)),))
    given = replace(trial.state.subjects[treated], course=course)
    trial.state = replace(trial.state, subjects={**trial.state.subjects, treated: given})
    trial.must(cmd.DeclareNotEvaluable, subject=gone, reason="moved away")
    failed = trial.enrolled()
    trial.must(cmd.ReportManufacturingFailure, subject=failed, reason="contaminated")

    assert trial.refused(cmd.RandomiseSubject, subject=failed).code == "subject.out"
    assert trial.refused(cmd.RandomiseSubject, subject=treated).code == "subject.infused"
    assert trial.refused(cmd.RandomiseSubject, subject=gone).code == "subject.out"


def test_randomise_belongs_to_randomised_trials_and_to_the_sealed_file():
    """Where the protocol has no randomisation, or the sealed file is not here, nobody is randomised."""
    plain = MemoryTrial().open()
    assert plain.refused(cmd.RandomiseSubject, subject=plain.enrolled()).code == "allocation.not_randomised"

    trial = BlindedMemory().open()
    subject = trial.enrolled()
    trial.sealed = NOTHING_SEALED
    assert trial.refused(cmd.RandomiseSubject, subject=subject).code == "allocation.no_list"


def test_bl_04_each_stratum_takes_its_places_in_order(trial):
    """Every subject takes the next place of its stratum, and no place is taken twice."""
    places = [(event.stratum, event.position) for event in trial.hidden]

    assert places == [
        ("site 01; pregnant no", 0),
        ("site 02; pregnant no", 0),
        ("site 01; pregnant no", 1),
    ]


def test_minimisation_draws_too():
    """A trial sealed for minimisation allocates by the strata of those before."""
    trial = BlindedMemory(secret(method="minimisation")).open()
    subjects = [trial.randomised(by=by) for by in ("inv", "other", "inv")]

    assert {trial.arm(subject) for subject in subjects} <= {CELLS, VEHICLE}
    assert [event.factors for event in trial.hidden][1] == {"site": "02", "pregnant": "no"}


def test_bl_14_randomised_in_error_keeps_its_place(trial):
    """A mistaken randomisation stays: subject, arm and place are as they were, with an event that says it was one."""
    arm, drawn = trial.arm("S001"), trial.sealed.sequence
    (event,) = trial.must(cmd.DeclareRandomisedInError, subject="S001", reason="consent withdrawn an hour before")

    assert event.kind == "RandomisedInError.v2"
    assert trial.view("inv").subject("S001").randomised_in_error == "consent withdrawn an hour before"
    assert (trial.arm("S001"), trial.sealed.sequence) == (arm, drawn)
    assert trial.refused(cmd.RandomiseSubject, subject="S001").code == "allocation.done"
    assert trial.refused(cmd.DeclareRandomisedInError, subject="S001", reason="again").code == "allocation.error"


def test_who_was_randomised_in_error_is_treated_for_a_reason_only(trial):
    """Nothing is prepared for whoever was randomised in error, until the investigator says why it is treated."""
    said = {"subject": "S001", "reason": "CRP of another subject"}
    trial.must(cmd.DeclareRandomisedInError, **said)
    asked = {"by": "inv", "subject": "S001", "reason": "Two sites, two clocks"}

    assert trial.refused(cmd.OverrideStagger, **asked).code == "subject.in_error"
    trial.must(cmd.DeclareRandomisedInError, **said, treated_because="The right CRP is high as well")
    assert trial.refused(cmd.OverrideStagger, **asked).code == "stagger.none"


# Emergency code-break


def test_bl_09_one_investigator_breaks_one_code_alone(trial):
    """An investigator alone sees one arm at once, from then on; no other subject's, and nobody else sees it."""
    trial.must(cmd.BreakCode, subject="S001", reason="anaphylaxis")

    assert arms(trial, "inv") == {"S001": trial.arm("S001"), "S003": None}
    for person in BLINDED:
        if person != "inv":
            assert set(arms(trial, person).values()) <= {None}, person
    trial.wait(days=400)
    assert arms(trial, "inv")["S001"] == trial.arm("S001")


def test_bl_09_the_sponsor_sees_that_and_not_what(trial):
    """The open event of a code-break says who, whose, when and why, is the same for every arm, and names none."""
    (event,) = trial.must(cmd.BreakCode, subject="S001", reason="anaphylaxis")

    assert (event.by, event.subject, event.at, event.reason) == ("inv", "S001", trial.now, "anaphylaxis")
    assert set(event.model_dump()) - set(type(event).__mro__[1].model_fields) == {
        "type",
        "subject",
        "reason",
        "opened_at",
    }
    seen = trial.view("sponsor").subject("S001")
    assert [one.person for one in seen.exposures] == ["inv"]
    assert seen.arm is None


@pytest.mark.parametrize("person", ["nurse", "mon", "sponsor"])
def test_bl_09_nobody_but_an_investigator_breaks_a_code(trial, person):
    """A coordinator, a monitor and the sponsor break no code."""
    assert trial.refused(cmd.BreakCode, by=person, subject="S001", reason="curious").kind is Kind.PERMISSION


def test_bl_09_a_code_of_another_site_is_not_there(trial):
    """An investigator cannot break, nor learn of, the code of another site's subject."""
    assert trial.refused(cmd.BreakCode, by="other", subject="S001", reason="curious").code == "subject.unknown"


def test_bl_09_what_cannot_be_broken_is_said(trial):
    """A code that does not exist, and one that the person already sees, are told apart and not recorded again."""
    nobody = trial.must(cmd.ScreenSubject, consented_on=trial.now.date())[0].subject
    trial.must(cmd.BreakCode, subject="S001", reason="anaphylaxis")

    assert trial.refused(cmd.BreakCode, subject=nobody, reason="shock").code == "code.none"
    assert trial.refused(cmd.BreakCode, subject="S001", reason="again").code == "code.shown"


def test_bl_10_an_envelope_that_was_opened_is_recorded_afterwards(trial):
    """A code that was broken on paper is recorded later with the time of the opening, even without the sealed file."""
    opened = trial.now
    trial.wait(hours=5)
    trial.sealed = NOTHING_SEALED
    late = {"subject": "S001", "reason": "shock while the server was down"}

    assert trial.refused(cmd.BreakCode, **late).code == "allocation.no_list"
    assert trial.refused(cmd.BreakCode, **late, opened_at=trial.now + timedelta(hours=1)).code == "code.future"
    trial.must(cmd.BreakCode, **late, opened_at=opened)
    assert [one.at for one in trial.view().subject("S001").exposures] == [opened]


def test_bl_10_no_envelope_is_opened_before_it_was_sealed(trial):
    """An envelope that was opened before its subject was randomised is refused."""
    early = trial.now - timedelta(hours=1)

    assert trial.refused(cmd.BreakCode, subject="S001", reason="shock", opened_at=early).code == "code.early"


def test_bl_10_an_envelope_may_be_opened_at_the_moment_of_its_record(trial):
    """An envelope that is opened while it is recorded was not opened in the future."""
    (broken,) = trial.must(cmd.BreakCode, subject="S001", reason="shock", opened_at=trial.now)

    assert (broken.subject, broken.reason, broken.opened_at) == ("S001", "shock", trial.now)


def test_bl_07_nobody_without_a_role_sees_an_arm(trial):
    """Whoever has no role sees no arm, neither while the trial is blinded nor after it."""
    subject = trial.state.subjects["S001"]

    assert not shows_arm(trial.study, trial.state, None, subject)
    assert not shows_arm(trial.study, replace(trial.state, unblinded=True), None, subject)


def test_bl_10_an_unblinded_person_prints_the_envelopes(trial):
    """The pharmacist prints envelopes for the site's subjects, which is recorded; nobody blinded may."""
    (event,) = trial.must(cmd.PrintEnvelopes, by="pharm")

    assert event.subjects == ("S001", "S003")
    assert trial.refused(cmd.PrintEnvelopes, by="inv").kind is Kind.PERMISSION
    other = trial.state.people["other"]
    assert "EnvelopesPrinted.v1" not in {e.kind for _, e in trail(trial.state, trial.log, other)}


# Planned unblinding


def test_bl_11_unblinding_waits_for_the_lock(trial):
    """Nobody unblinds a trial whose data are not locked; the refusal names the rule and is recorded."""
    for command in (cmd.RequestUnblinding, cmd.ApproveUnblinding):
        fields = {"reason": "analysis"} if command is cmd.RequestUnblinding else {}
        refusal = trial.refused(command, by="sponsor", **fields)
        assert refusal.code == "unblinding.unlocked"
        assert refusal.recorded


def test_bl_11_unblinding_takes_two_people_of_two_roles(locked):
    """One person cannot unblind, nor two of one role; two roles can, and then everybody with a role sees the arms."""
    locked.must(cmd.GrantRole, by="sponsor", person="sponsor2", role="sponsor")
    locked.must(cmd.RequestUnblinding, by="sponsor", reason="planned analysis")

    assert locked.refused(cmd.RequestUnblinding, by="inv", reason="me too").code == "unblinding.requested"
    for person in ("sponsor", "sponsor2"):
        assert locked.refused(cmd.ApproveUnblinding, by=person).code == "unblinding.second"
    assert set(arms(locked, "sponsor").values()) == {None}
    locked.must(cmd.ApproveUnblinding, by="inv")
    assert None not in {*arms(locked, "sponsor").values(), *arms(locked, "mon").values()}
    assert locked.refused(cmd.ApproveUnblinding, by="inv").code == "unblinding.done"


def test_bl_11_unlocking_holds_the_unblinding(locked):
    """A request does not outlive the lock: data that were unlocked again are not unblinded."""
    locked.must(cmd.RequestUnblinding, by="sponsor", reason="planned analysis")
    locked.must(cmd.UnlockData, by="sponsor", reason="late result")

    assert locked.refused(cmd.ApproveUnblinding, by="inv").code == "unblinding.unlocked"


def test_bl_11_data_are_not_unlocked_after_the_unblinding(locked):
    """Once everybody sees the arms, nobody unlocks the study or a subject."""
    locked.must(cmd.RequestUnblinding, by="sponsor", reason="planned analysis")
    locked.must(cmd.ApproveUnblinding, by="inv")

    for fields in ({}, {"subject": "S001"}):
        refusal = locked.refused(cmd.UnlockData, by="sponsor", reason="late result", **fields)
        assert (refusal.code, refusal.recorded) == ("lock.unblinded", True)
    assert locked.state.locked


@pytest.mark.parametrize(("was", "now", "code"), [("double", "none", "amendment.masking"), ("double", "triple", None)])
def test_bl_11_no_amendment_takes_the_mask_off(trial, was, now, code):
    """A version that blinds nobody is refused, and nobody comes off the list; another word for the mask is adopted."""
    listed, text = trial.view().exposures, trial.text.replace('version: "1.0"', 'version: "2.0"')
    amended = {"text": text.replace(f"masking: {was}", f"masking: {now}"), "reason": "I want to see"}
    decided = trial.do(cmd.AmendProtocol, by="sponsor", **amended)

    assert getattr(decided, "code", None) == code
    assert trial.view().exposures == listed
    assert set(arms(trial, "sponsor").values()) == {None}


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        (f"{CELLS}: 3", f"{CELLS}: 1", "amendment.allocation"),
        (VEHICLE, "saline", "amendment.allocation"),
        ("strata: [site, pregnant]", "strata: [site]", "amendment.allocation"),
        ("method: randomised", "method: by choice", "amendment.allocation"),
        ("typical: 22 to 62", "typical: 22 to 60", None),
    ],
)
def test_bl_05_no_amendment_changes_what_the_sealed_list_is_drawn_by(was, now, code):
    """Another ratio, arm or stratum is refused at its adoption, and whatever is adopted leaves the list in use."""
    trial = BlindedMemory().open()
    amended = trial.text.replace('version: "1.0"', 'version: "2.0"').replace(was, now)
    decided = trial.do(cmd.AmendProtocol, by="sponsor", text=amended, reason="Balance")

    assert getattr(decided, "code", None) == code
    assert [one.name for one in trial.state.versions] == ["1.0"] + ["2.0"] * (code is None)
    trial.randomised()


def test_no_amendment_masks_an_open_trial():
    """A version that blinds somebody is refused in a trial whose arms and lots lie open."""
    trial = MemoryTrial().open()
    text = trial.text.replace('version: "1.0"', 'version: "2.0"').replace("masking: none", "masking: double")

    assert trial.refused(cmd.AmendProtocol, by="sponsor", text=text, reason="Blind it").code == "amendment.masking"


def test_bl_11_nobody_approves_what_nobody_asked(locked):
    """An approval without a request is no unblinding."""
    assert locked.refused(cmd.ApproveUnblinding, by="inv").code == "unblinding.none"


# The list of those who have seen an arm


def test_bl_12_everybody_who_has_seen_an_arm_is_listed(locked):
    """The list names the pharmacists from the first randomisation, the code-break, and everybody at the unblinding."""
    first = locked.now
    locked.wait(days=1)
    locked.must(cmd.BreakCode, by="other", subject="S002", reason="shock")
    locked.wait(days=1)
    locked.must(cmd.RequestUnblinding, by="sponsor", reason="planned analysis")
    locked.must(cmd.ApproveUnblinding, by="inv")
    seen = [(one.person, one.subject, one.at, one.why) for one in locked.view().exposures]

    assert seen[:3] == [
        ("pharm", None, first, "role: pharmacist"),
        ("pharm2", None, first, "role: pharmacist"),
        ("other", "S002", first + timedelta(days=1), "emergency code-break: shock"),
    ]
    assert {person for person, *_, why in seen if why == "planned unblinding"} == {"sponsor", *PEOPLE}


def test_bl_12_whoever_comes_later_is_listed_too(trial):
    """A pharmacist who is granted the role after the randomisation is listed from the grant, and stays when revoked."""
    trial.wait(days=3)
    trial.must(cmd.GrantRole, by="sponsor", person="pharm3", role="pharmacist", site="02")
    trial.must(cmd.RevokeRole, by="sponsor", person="pharm3", reason="left")

    assert ("pharm3", trial.now) in {(one.person, one.at) for one in trial.view().exposures}
    assert [one.person for one in trial.view("inv").exposures] == ["pharm"], "another site's is not shown"


def test_bl_12_a_pharmacist_without_randomised_subjects_has_seen_nothing():
    """Holding the role is no exposure before the first randomisation of the site."""
    trial = BlindedMemory().open()
    trial.randomised(by="other")

    assert [one.person for one in trial.view().exposures] == ["pharm2"]


@pytest.mark.parametrize("how", ["pharmacist", "code-break"])
def test_ac_05_who_has_seen_an_arm_does_not_come_back_to_a_blinded_role(trial, how):
    """A former pharmacist, and whoever broke a code, get no blinded role again; an unblinded one the latter by two."""
    person = {"pharmacist": "pharm", "code-break": "inv"}[how]
    if how == "code-break":
        trial.must(cmd.BreakCode, subject="S001", reason="shock")
    trial.must(cmd.RevokeRole, by="sponsor", person=person, reason="new task")

    for role, site in (("coordinator", "01"), ("investigator", "01"), ("monitor", None), ("sponsor", None)):
        assert trial.refused(cmd.GrantRole, by="sponsor", person=person, role=role, site=site).code == "role.exposed"
    asked = {"by": "sponsor", "person": person, "role": "pharmacist", "site": "01"}
    if how == "code-break":
        assert trial.refused(cmd.GrantRole, **asked).code == "role.reason"
        trial.must(cmd.GrantRole, **asked, reason="One arm was seen, and the others were not")
        assert person not in trial.state.people
        trial.must(cmd.GrantRole, by="sponsor", person="second", role="sponsor")
        trial.must(cmd.ConfirmRole, by="second", person=person)
    else:
        trial.must(cmd.GrantRole, **asked)
    assert trial.state.people[person].role == "pharmacist"


def test_ac_05_nobody_holds_a_blinded_and_an_unblinded_role_at_once(trial):
    """Who has a role gets no second one, so that a person is blinded or is not."""
    assert trial.refused(cmd.GrantRole, by="sponsor", person="inv", role="pharmacist", site="01").code == "role.held"


def test_ac_05_a_person_who_saw_nothing_may_change_roles(trial):
    """A coordinator who has seen no arm may become an investigator."""
    trial.must(cmd.RevokeRole, by="sponsor", person="nurse", reason="new task")
    trial.must(cmd.GrantRole, by="sponsor", person="nurse", role="investigator", site="01")


def test_the_open_stream_alone_replays(trial):
    """Every prefix of the open stream folds without the sealed one, to the same state."""
    trial.must(cmd.BreakCode, subject="S001", reason="shock")
    trial.must(cmd.DeclareRandomisedInError, subject="S003", reason="wrong person")
    state = State()
    for event in trial.log:
        state = evolve(state, event)
    assert state == trial.state == replay(trial.log)


def without_criteria(name):
    """A trial that lets in everybody, so that the list alone decides."""
    study = load_study((PROTOCOLS / f"{name}.yaml").read_text())
    return study.model_copy(update={"criteria": type(study.criteria)()})


def test_bl_05_the_cohorts_of_the_registered_trial_have_lists_of_their_own():
    """NCT03828344 draws cohort by cohort: each cohort of eight is a list from place 0, and holds six to two."""
    study = without_criteria("NCT03828344")
    made = secret(sizes=(4, 8)).model_copy(update={"study": study.id})
    sealed, at = Sealed(made), datetime(2026, 1, 5, tzinfo=UTC)
    people = {"inv": Person("inv", "investigator", "01")}
    known = {"site": "01", "consented_on": at.date(), "verdict": "eligible", "enrolled": True}
    drawn = []
    for number in range(16):
        waiting = Subject(id="S001", group=f"cohort {1 + number // 8}", **known)
        state = State(people=people, subjects={"S001": waiting})
        shown, hidden = decide(study, state, sealed, cmd.RandomiseSubject(at=at, by="inv", subject="S001"))
        hidden = hidden.model_copy(update={"subject": f"S{number:03d}"})
        sealed = sealed.after([hidden])
        drawn.append((hidden.stratum, hidden.position, hidden.arm))
        assert shown.kind == "SubjectRandomised.v1"

    assert [place for _, place, _ in drawn] == [*range(8), *range(8)]
    for cohort in ("cohort cohort 1", "cohort cohort 2"):
        assert Counter(arm for stratum, _, arm in drawn if stratum == cohort) == {"BX-U001": 6, "vehicle": 2}


def test_bl_05_a_subject_without_a_cohort_is_not_randomised():
    """Where the protocol draws by cohort, whoever has no cohort is not randomised, and the refusal says so."""
    study = without_criteria("NCT03828344")
    at = datetime(2026, 1, 5, tzinfo=UTC)
    subject = Subject(id="S001", site="01", consented_on=at.date(), verdict="eligible", enrolled=True)
    state = State(people={"inv": Person("inv", "investigator", "01")}, subjects={"S001": subject})
    sealed = Sealed(secret().model_copy(update={"study": study.id}))
    refusal = decide(study, state, sealed, cmd.RandomiseSubject(at=at, by="inv", subject="S001"))

    assert refusal.code == "allocation.stratum"
    assert "cohort" in refusal.reason
