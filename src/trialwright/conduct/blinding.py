"""Deciding who sees an arm: the emergency code-break, the planned unblinding, the sealed envelopes.

Source: ICH E6(R3) Annex 1, 2.10 and 4.1 (unblinding is documented; the investigator breaks a code without delay);
ICH E9 section 5.1 (the blind is broken after the data are locked).
"""

from __future__ import annotations

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid, sees
from trialwright.conduct.exposure import masked, shows_arm
from trialwright.conduct.refusal import Kind, Refusal


def break_code(case: Case, command: cmd.BreakCode) -> Decided:
    """Let one person see one arm at once; nobody else is asked, and nothing but what is impossible is refused."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if not subject.randomised:
        return invalid("code.none", f"{subject.id} was not randomised: there is no code.", "Check the number.")
    if shows_arm(case.study, case.state, case.person, subject):
        return invalid("code.shown", f"You see the arm of {subject.id} already.", "It stands on the subject's page.")
    if command.opened_at is not None and command.opened_at > command.at:
        return invalid("code.future", "The envelope was opened in the future.", "Correct the time.")
    drawn = subject.moments.get("randomisation")
    if command.opened_at is not None and drawn is not None and command.opened_at < drawn:
        what = f"{subject.id} was randomised on {drawn:%Y-%m-%d %H:%M} UTC, after its envelope was opened."
        return invalid("code.early", what, "Correct the time.")
    if command.opened_at is None and not case.urn.can_allocate:
        return no_list(case, f"Open the paper envelope of {subject.id}, and record here when you did.")
    return (case.stamp(ev.CodeBroken, subject=subject.id, reason=command.reason, opened_at=command.opened_at),)


def request_unblinding(case: Case, command: cmd.RequestUnblinding) -> Decided:
    """Take down that one of two people asks for the unblinding."""
    refusal = _not_to_be_unblinded(case)
    if refusal:
        return refusal
    if case.state.unblinding is not None:
        mend = "A person of another role approves it."
        return invalid("unblinding.requested", f"{case.state.unblinding.by} has already asked for it.", mend)
    return (case.stamp(ev.UnblindingRequested, reason=command.reason),)


def approve_unblinding(case: Case, command: cmd.ApproveUnblinding) -> Decided:
    """Unblind the trial for everybody, when a second person in another role agrees."""
    refusal = _not_to_be_unblinded(case)
    if refusal:
        return refusal
    asked = case.state.unblinding
    if asked is None:
        return invalid("unblinding.none", "Nobody has asked for the unblinding.", "Request it first, with the reason.")
    if command.by == asked.by or case.role == asked.role:
        return Refusal(
            code="unblinding.second",
            reason=f"{asked.by} asked for it in the role of {asked.role}.",
            rule="blinding: a planned unblinding needs two people in two roles",
            mend="Another person in another role approves it.",
            kind=Kind.PERMISSION,
        )
    return (case.stamp(ev.TrialUnblinded, requested_by=asked.by),)


def print_envelopes(case: Case, _command: cmd.PrintEnvelopes) -> Decided:
    """Take down for whom an unblinded person prints envelopes."""
    if not masked(case.study):
        return invalid("envelopes.open", "The trial is not masked.", "The arms stand on the subjects' pages.")
    if not case.urn.can_allocate:
        return no_list(case, "Open the trial with the sealed file that `seal` made.")
    known = [one.id for one in case.state.subjects.values() if one.randomised and sees(case.person, one)]
    if not known:
        return invalid("envelopes.none", "Nobody at your site was randomised yet.", "Print them afterwards.")
    return (case.stamp(ev.EnvelopesPrinted, subjects=tuple(known)),)


def no_list(case: Case, mend: str) -> Refusal:
    """The refusal of everything that needs the sealed file where it is not."""
    return Refusal(
        code="allocation.no_list",
        reason="The sealed file is not here.",
        rule=case.rule("allocation > commitment"),
        mend=mend,
        recorded=False,
    )


def _not_to_be_unblinded(case: Case) -> Refusal | None:
    if not masked(case.study):
        return invalid("unblinding.open", "The trial is not masked.", "There is nothing to unblind.")
    if case.state.unblinded:
        return invalid("unblinding.done", "The trial is unblinded.", "There is nothing to do.")
    if not case.state.locked:
        return Refusal(
            code="unblinding.unlocked",
            reason="The data of the study are not locked.",
            rule="blinding: the data are locked before the arms are seen (ICH E9, 5.1)",
            mend="Lock the study first. In an emergency an investigator breaks the code of one subject.",
        )
    return None
