"""Who sees an arm: the rule by which views show one, and the list of everybody who has ever seen one.

A trial is masked when its protocol says anything but `masking: none`. The register's words for masking do not say who
the masked parties are in one way, so that every role is taken to be blinded but those of `roles.UNBLINDED`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from trialwright.conduct.blinding_state import Exposure
from trialwright.conduct.frozen import replace
from trialwright.conduct.roles import SITE_ROLES, UNBLINDED
from trialwright.conduct.state import Person, State, Subject
from trialwright.protocol.study import Role, Study

_BY_PLAN = "planned unblinding"


def masked(study: Study) -> bool:
    """Whether somebody in the trial is blinded."""
    return study.masking != "none"


def blinded(study: Study, state: State, role: Role | None) -> bool:
    """Whether a role is blinded now."""
    return masked(study) and not state.unblinded and role not in UNBLINDED


def shows_arm(study: Study, state: State, person: Person | None, subject: Subject) -> bool:
    """Whether a person sees the arm of a subject whom they may know of."""
    if person is None:
        return False
    if not blinded(study, state, person.role):
        return True
    return any(seen.person == person.id and seen.subject == subject.id for seen in state.exposures)


class Draws(Protocol):
    """What knows the arms that were drawn."""

    def arm(self, subject: str) -> str | None:
        """The arm that a subject was randomised to."""


def with_open_arms(study: Study, state: State, drawer: Draws) -> State:
    """The state with the arms that were drawn, where everybody knows them: in a trial that is not masked.

    Args:
        study: The protocol.
        state: The trial, as its open stream tells it.
        drawer: What knows the arms; of a masked trial it is asked nothing.
    """
    if masked(study):
        return state
    drawn = {name: replace(one, arm=drawer.arm(name)) for name, one in state.subjects.items() if one.randomised}
    return replace(state, subjects={**state.subjects, **drawn}) if drawn else state


def exposed(state: State, at: datetime) -> State:
    """The state with everybody on the list who sees every arm that they may know of from now on."""
    listed = {(seen.person, seen.site, seen.why) for seen in state.exposures}
    found = []
    for person in state.people.values():
        why = _BY_PLAN if state.unblinded else f"role: {person.role}"
        sees_all = state.unblinded or person.role in UNBLINDED
        if sees_all and (person.id, person.site, why) not in listed and _knows_of_an_arm(state, person):
            found.append(Exposure(person=person.id, role=person.role, site=person.site, subject=None, at=at, why=why))
    return replace(state, exposures=(*state.exposures, *found)) if found else state


def _knows_of_an_arm(state: State, person: Person) -> bool:
    everywhere = person.role not in SITE_ROLES
    return any(
        subject.randomised and (everywhere or subject.site == person.site) for subject in state.subjects.values()
    )
