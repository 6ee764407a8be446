"""Deciding who may come into the trial: screening."""

from __future__ import annotations

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided
from trialwright.conduct.participation import consent_fault


def screen_subject(case: Case, command: cmd.ScreenSubject) -> Decided:
    """Give a consented person the next number."""
    version = command.version or case.state.version_at(case.site, command.consented_on)
    if refusal := consent_fault(case, case.site, command.consented_on, version):
        return refusal
    number = f"S{len(case.state.subjects) + 1:03d}"
    screened = {"subject": number, "consented_on": command.consented_on, "version": version}
    return (case.stamp(ev.SubjectScreenedV2, **screened),)
