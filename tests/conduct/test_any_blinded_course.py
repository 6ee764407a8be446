"""Whatever people do in a masked trial, in whatever order: no arm gets out, and whoever sees one is listed."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.blinded import BLINDED, CELLS, GIVES, PEOPLE, VEHICLE, BlindedMemory, twins
from tests.conductor import ANSWERS, ELIGIBLE, STAFF, prepare
from trialwright.conduct import Refusal, decide, encode, evolve
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.state import State

WHO = st.sampled_from(["sponsor", *PEOPLE, "stranger"])
WHOM = st.sampled_from(["S001", "S002", "S003", "S004", "S999"])
ABOUT = {"reason": "because"}
ACTIONS = st.one_of(
    st.builds(lambda by: (cmd.ScreenSubject, by, {"consented_on": None}), WHO),
    st.builds(
        lambda by, subject: (cmd.AssessEligibility, by, {"subject": subject, "values": ELIGIBLE, "answers": ANSWERS}),
        WHO,
        WHOM,
    ),
    st.builds(
        lambda kind, by, subject: (kind, by, {"subject": subject}),
        st.sampled_from([cmd.EnrolSubject, cmd.RandomiseSubject]),
        WHO,
        WHOM,
    ),
    st.builds(
        lambda kind, by, subject: (kind, by, {"subject": subject, **ABOUT}),
        st.sampled_from([cmd.BreakCode, cmd.DeclareRandomisedInError, cmd.DeclareNotEvaluable]),
        WHO,
        WHOM,
    ),
    st.builds(lambda by, subject: ("infuse", by, subject), st.sampled_from(list(STAFF)), WHOM),
    st.builds(lambda by: (cmd.RequestUnblinding, by, ABOUT), WHO),
    st.builds(lambda kind, by: (kind, by, {}), st.sampled_from([cmd.ApproveUnblinding, cmd.PrintEnvelopes]), WHO),
    st.builds(lambda by, person: (cmd.RevokeRole, by, {"person": person, **ABOUT}), st.just("sponsor"), WHO),
    st.builds(
        lambda person, role: (cmd.GrantRole, "sponsor", {"person": person, "role": role, "site": "01"}),
        WHO,
        st.sampled_from(["investigator", "coordinator", "pharmacist"]),
    ),
    st.builds(lambda by: (cmd.LockData, by, {}), st.just("sponsor")),
    st.builds(lambda by: (cmd.UnlockData, by, ABOUT), st.just("sponsor")),
)


def begun() -> tuple[BlindedMemory, BlindedMemory]:
    """Two trials that differ in their allocation, each with two subjects enrolled and one of them randomised."""
    both = tuple(BlindedMemory(sealed).open() for sealed in twins())
    for trial in both:
        trial.randomised()
        trial.enrolled(by="other")
    return both


def act(trial: BlindedMemory, action: object) -> object:
    """Do an action an hour later."""
    trial.now += timedelta(hours=1)
    kind, by, fields = action
    if kind == "infuse":
        return infuse(trial, fields, by)
    given = {name: trial.now.date() if value is None else value for name, value in fields.items()}
    return trial.do(kind, by=by, **given)


def infuse(trial: BlindedMemory, subject: str, by: str) -> list[object]:
    """Ask for every step of an infusion with what the arm gives; gives what each step gave back, but what is sealed."""
    given: list[object] = []

    def ask(command: type[cmd.Command], **fields: object) -> None:
        answer = trial.do(command, **fields)
        given.append("sealed" if isinstance(answer, Refusal) and answer.sealed else answer)

    known = trial.state.subjects.get(subject)
    number = len(known.course.preparations) + 1 if known else 1
    nurse, pharmacist = STAFF[by]
    told = {"readers": (by, nurse), "pharmacist": pharmacist, "number": number, **GIVES.get(trial.arm(subject), {})}
    prepare(ask, subject, trial.now, **told)
    ask(cmd.StartInfusion, by=by, subject=subject)
    ask(cmd.CompleteInfusion, by=by, subject=subject)
    return given


@settings(max_examples=60)
@given(st.lists(ACTIONS, max_size=25))
def test_no_arm_gets_out(actions):
    """Whoever sees an arm is listed; the blinded see none; the open record is the same for every allocation."""
    one, other = begun()
    for action in actions:
        done, twin = act(one, action), act(other, action)
        assert done == twin, "what a command gives back depends on the allocation"
    assert [encode(event) for event in one.log] == [encode(event) for event in other.log]
    for trial in (one, other):
        listed = {(seen.person, seen.subject) for seen in trial.state.exposures}
        for person in ("sponsor", *PEOPLE):
            view = trial.view(person)
            for subject in view.subjects:
                if subject.arm is not None:
                    assert {(person, subject.id), (person, None)} & listed
                if person in BLINDED and view.viewer.role != "pharmacist" and not listed:
                    assert subject.arm is None
        for event in trial.log:
            written = event.model_dump_json(exclude={"text"})
            assert f'"{CELLS}"' not in written
            assert VEHICLE not in written


@settings(max_examples=60)
@given(st.lists(ACTIONS, max_size=25))
def test_a_place_is_taken_once_and_deciding_is_repeatable(actions):
    """No place of a stratum's list is taken twice, no subject takes two, and the same command is decided alike."""
    trial, _ = begun()
    for action in actions:
        kind, by, fields = action
        if kind != "infuse":
            given = {name: trial.now.date() if value is None else value for name, value in fields.items()}
            asked = kind(at=trial.now, by=by, **given)
            first, second = (decide(trial.study, trial.state, trial.sealed, asked) for _ in range(2))
            assert first == second
            assert isinstance(first, Refusal) or first
        act(trial, action)
    drawn = [event for event in trial.hidden if isinstance(event, ev.SubjectAllocated)]
    assert len({(event.stratum, event.position) for event in drawn}) == len(drawn)
    assert len({event.subject for event in drawn}) == len(drawn)
    assert trial.state.randomised == trial.sealed.subjects


@settings(max_examples=30)
@given(st.lists(ACTIONS, max_size=25))
def test_any_prefix_of_the_open_stream_replays(actions):
    """Every prefix of the open stream folds without the sealed one."""
    trial, _ = begun()
    for action in actions:
        act(trial, action)
    state = State()
    for length, event in enumerate(trial.log, start=1):
        state = evolve(state, event)
        assert state.sequence == length
    assert state == trial.state
