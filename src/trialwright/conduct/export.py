"""Deciding on copies that go out of the system: who may take which, and what is kept of it.

Source: ICH E6(R3) Annex 1, 4.2.2 (a)(iii): metadata records include transfers of data.
"""

from __future__ import annotations

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided
from trialwright.conduct.exposure import blinded
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.roles import SITE_ROLES


def record_export(case: Case, command: cmd.RecordExport) -> Decided:
    """Take down a copy; the bundle holds every site, and the site copy one."""
    role = case.person.role if case.person else None
    of_site = role in SITE_ROLES
    if (command.what == "bundle" and of_site) or (command.what == "site copy" and not of_site):
        whole = command.what == "bundle"
        return Refusal(
            code="export.scope",
            reason=f"A {command.what} holds the subjects of {'every site' if whole else 'one site'}, and {command.by} "
            f"({role}) {'belongs to one' if whole else 'belongs to none'}.",
            rule="roles: a person sees the subjects of their own site",
            mend=f"Take the {'site copy' if whole else 'bundle'}.",
            kind=Kind.PERMISSION,
        )
    return (
        case.stamp(
            ev.DataExported,
            what=command.what,
            form=command.form,
            wanted=command.wanted,
            rows=command.rows,
            sha256=command.sha256,
            blinded=blinded(case.study, case.state, role),
        ),
    )
