"""The record: bytes that never change, and a fold that takes any log."""

import re
from pathlib import Path

import pytest

from tests.conductor import MemoryTrial
from trialwright.conduct import State, decode, encode, evolve, replay
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.decide import _DECIDERS
from trialwright.conduct.roles import MAY, matrix
from trialwright.conduct.sealed import Allocated, Sealed


@pytest.fixture(scope="module")
def trial() -> MemoryTrial:
    """A trial that has gone through expansion, escalation and a stop."""
    trial = MemoryTrial().open()
    trial.cohort("NTN")
    trial.decided("expand")
    trial.cohort("NNN")
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    trial.cohort("NTT")
    trial.decided("stop")
    return trial


def test_events_come_back_as_they_were(trial: MemoryTrial) -> None:
    """Every event reads back from its bytes equal to itself, and to the same bytes."""
    for event in trial.log:
        assert decode(encode(event)) == event
        assert encode(decode(encode(event))) == encode(event)


def test_any_prefix_of_a_log_replays(trial: MemoryTrial) -> None:
    """Every prefix of a log folds to a state whose sequence is its length."""
    state = State()
    for length, event in enumerate(trial.log, start=1):
        state = evolve(state, event)
        assert state.sequence == length
    assert state == trial.state == replay(trial.log)


def test_events_say_who_where_and_under_what(trial: MemoryTrial) -> None:
    """Every event carries who, in which role, when, under which protocol and which software."""
    for event in trial.log:
        assert event.by
        assert event.role
        assert event.at.tzinfo
        assert event.protocol == "1.0"
        assert event.software


def test_slots_never_exceed_the_cohort(trial: MemoryTrial) -> None:
    """At no moment do more evaluable subjects hold slots than the level has."""
    state = State()
    for event in trial.log:
        state = evolve(state, event)
        assert all(state.free_slots(trial.study, level) >= 0 for level in state.levels.values())


def test_every_command_is_decided_and_has_roles() -> None:
    """Every command that the roles name is decided, and every command that is decided has its roles."""
    assert {kind.__name__ for kind in _DECIDERS} == set(MAY)


def test_event_names_are_versioned() -> None:
    """Every event type is named after its class and carries a version."""
    kinds = [
        kind for kind in vars(ev).values() if isinstance(kind, type) and "type" in getattr(kind, "model_fields", {})
    ]
    assert kinds
    for kind in kinds:
        name, version = re.fullmatch(r"(.+?)(?:V([0-9]+))?", kind.__name__).groups()
        assert kind.model_fields["type"].default == f"{name}.v{version or 1}"


def test_role_matrix_is_the_agreed_one() -> None:
    """The role x command matrix is the golden one; a change is a deliberate change of this test."""
    assert matrix() == (Path(__file__).parent / "role_matrix.txt").read_text()


def test_allocations_do_not_leak_by_text_or_pickle() -> None:
    """What is sealed shows nothing in its text and refuses to be pickled."""
    import pickle

    sealed = Sealed(allocated={"S001": Allocated("active", "cohort 1", {})})

    assert "active" not in f"{sealed} {sealed!r}"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(sealed)
