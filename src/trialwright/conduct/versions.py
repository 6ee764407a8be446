"""Versions of the protocol: adopting one, approving it at a site, and which one a command is decided by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.commands import Command
from trialwright.conduct.exposure import masked
from trialwright.conduct.local_time import local_day
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import State
from trialwright.errors import InputError, ProtocolError
from trialwright.protocol.check import load_checked
from trialwright.protocol.diff import Change, diff
from trialwright.protocol.file import load_study
from trialwright.protocol.planned_characteristics import planned_characteristics
from trialwright.protocol.study import Study

_DOSE_RULES = frozenset({"doses", "dose escalation"})
_SOURCES = frozenset({"at", "assumed"})


def version_for(state: State, command: Command) -> str:
    """The version that a command is decided by.

    A command about a subject is decided by the version that the subject consented to, screening by the one in force at
    the site, an amendment against the newest, and everything else by the one in force in the trial.
    """
    if isinstance(command, cmd.AmendProtocol):
        return state.versions[-1].name
    subject = state.subjects.get(getattr(command, "subject", ""))
    if subject is not None:
        return subject.version
    person = state.people.get(command.by)
    if isinstance(command, cmd.ScreenSubject) and person is not None and person.site is not None:
        return state.version_at(person.site, local_day(state, person.site, command.at))
    return version_of_trial(state, command.at.date())


def version_of_trial(state: State, day: date) -> str:
    """The newest version that is in force at any site on a day."""
    names = [one.name for one in state.versions if any(approved <= day for approved in one.approved.values())]
    return names[-1] if names else state.versions[0].name


def study_for(studies: Mapping[str, Study], state: State, command: Command) -> Study:
    """The protocol, among its versions by name, that a command is decided by."""
    return studies[version_for(state, command)]


def amend_protocol(case: Case, command: cmd.AmendProtocol) -> Decided:
    """Adopt a new version; its dose rules, where they change, come with their operating characteristics."""
    try:
        new = load_study(command.text)
        if refusal := _not_a_version(case, new):
            return refusal
        load_checked(command.text)
    except ProtocolError as fault:
        return invalid("amendment.faulty", f"The new version is no protocol: {fault}", "Run `check` and mend it.")
    changes = diff(case.study, new)
    simulated = new.dose_escalation is not None and changes_dose_rules(changes)
    if simulated and (refusal := _not_simulated(case, new, command.simulation)):
        return refusal
    return (
        case.stamp(
            ev.ProtocolAmended,
            version=new.version,
            was=case.study.version,
            sha256=sha256(command.text.encode()).hexdigest(),
            text=command.text,
            changes=tuple(map(str, changes)),
            simulation=command.simulation if simulated else None,
            reason=command.reason,
        ),
    )


def approve_amendment(case: Case, command: cmd.ApproveAmendment) -> Decided:
    """Put a version in force at a site, from its day of approval."""
    names = [one.name for one in case.state.versions]
    if command.site not in case.state.sites:
        return invalid("site.unknown", f"Site {command.site} is not open.", "Open the site first.")
    if command.version not in names:
        return invalid("version.unknown", f"There is no version {command.version}.", f"Adopted: {', '.join(names)}.")
    if command.approved_on > local_day(case.state, command.site, command.at):
        what = f"An approval on {command.approved_on} lies in the future."
        return invalid("approval.future", what, "Take it down when it is given.")
    place = names.index(command.version)
    later = [one.name for one in case.state.versions[place:] if command.site in one.approved]
    if later:
        what = f"Version {later[-1]} is already approved at site {command.site}."
        return invalid("approval.given", what, "A site goes on to later versions only.")
    before = [one.approved[command.site] for one in case.state.versions[:place] if command.site in one.approved]
    if before and command.approved_on < max(before):
        what = f"The version before it was approved at site {command.site} on {max(before)}."
        return invalid("approval.order", what, "Correct the date.")
    adopted = local_day(case.state, command.site, case.state.versions[place].at)
    if command.approved_on < adopted:
        what = f"Version {command.version} was adopted on {adopted}."
        return invalid("approval.before_adoption", what, "Correct the date: nobody approves what is not adopted yet.")
    told = {"for_site": command.site, "version": command.version, "approved_on": command.approved_on}
    return (case.stamp(ev.AmendmentApproved, **told),)


def changes_dose_rules(changes: tuple[Change, ...]) -> bool:
    """Whether an amendment changes the doses or how they are chosen, and not only where that is said."""
    return any(change.path[0] in _DOSE_RULES and change.part not in _SOURCES for change in changes)


def simulation_hash(study: Study) -> str:
    """The SHA-256 of the operating characteristics of a protocol's dose rule, as JSON with sorted keys.

    Raises:
        InputError: The rule has none under the rates of its `planning`, or these do not fit the levels.
        ProtocolError: The trial escalates no dose.
    """
    found = planned_characteristics(study)
    content = {
        "truth": found.truth,
        "selection": found.selection,
        "selection none": found.selection_none,
        "mean patients": found.mean_patients,
        "mean DLTs": found.mean_dlts,
    }
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _not_simulated(case: Case, new: Study, given: str | None) -> Refusal | None:
    """The refusal of a hash that is not that of the operating characteristics of the new rules, computed here again."""
    what = "and comes without their operating characteristics"
    if given is not None:
        try:
            if given == simulation_hash(new):
                return None
            what = "and the hash is not that of their operating characteristics"
        except InputError as fault:
            what = f"and they have no operating characteristics: {fault}"
    return Refusal(
        code="amendment.simulation",
        reason=f"Version {new.version} changes the dose rules {what}.",
        rule=case.rule("dose escalation > rule"),
        mend="Simulate the new rules and give the hash of the result.",
    )


def _not_a_version(case: Case, new: Study) -> Refusal | None:
    if new.id != case.study.id:
        return invalid("amendment.other", f"The file is {new.id}, not {case.study.id}.", "Choose the right file.")
    if any(one.name == new.version for one in case.state.versions):
        what = f"Version {new.version} was already adopted."
        return invalid("amendment.version", what, "Give the new version a name of its own.")
    return _changes_who_is_blinded(case, new) or _changes_the_list(case, new) or _lacks_levels(case, new)


def _changes_who_is_blinded(case: Case, new: Study) -> Refusal | None:
    """The refusal to take the mask off, or to put one on: arms and lots are sealed from the first entry, or never.

    So a subject's masking is for good that of the version under which it was randomised.
    """
    if masked(new) == case.masked:
        return None
    return Refusal(
        code="amendment.masking",
        reason=f"Version {new.version} has masking: {new.masking}, and version {case.study.version} "
        f"{case.study.masking}: an amendment does not change whether anybody is blinded.",
        rule=case.rule("masking"),
        mend="Lock the data and unblind by two people, or break the code of one subject in an emergency."
        if case.masked
        else "A trial that is to be masked begins a log of its own.",
    )


def _changes_the_list(case: Case, new: Study) -> Refusal | None:
    """The refusal to draw arms otherwise: the list is sealed and committed to before the first subject, or never.

    The order of the ratio counts, as the list is drawn in it.
    """
    if _drawn_by(new) == _drawn_by(case.study):
        return None
    return Refusal(
        code="amendment.allocation",
        reason=f"Version {new.version} changes how subjects are randomised (method, ratio with its arms, strata or "
        "commitment), and the sealed list of the trial fits no other: nobody could be randomised any more.",
        rule=case.rule("allocation"),
        mend="Leave the allocation as it is; a trial that randomises otherwise begins a log of its own.",
    )


def _drawn_by(study: Study) -> object:
    """What decides the sealed list; None where nobody is randomised."""
    allocation = study.allocation
    if allocation is None or allocation.method != "randomised":
        return None
    return tuple(allocation.ratio.items()), allocation.strata, allocation.commitment


def _lacks_levels(case: Case, new: Study) -> Refusal | None:
    highest = max(case.state.levels, default=0)
    levels = len(new.doses) if new.dose_escalation else 0
    if levels < highest:
        return Refusal(
            code="amendment.levels",
            reason=f"Level {highest} was opened, and version {new.version} has {levels} levels.",
            rule=case.rule("doses"),
            mend="Keep the levels that were used; the dose decision stops below one that is too high.",
        )
    return None
