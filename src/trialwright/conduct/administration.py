"""Deciding what the sponsor administers: adopting the protocol, sites and roles."""

from __future__ import annotations

from hashlib import sha256

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.exposure import blinded
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.roles import SITE_ROLES
from trialwright.conduct.state import Person


def adopt_protocol(case: Case, command: cmd.AdoptProtocol) -> Decided:
    """Begin the trial; only in an empty log."""
    if case.state.sequence:
        return Refusal(
            code="protocol.adopted",
            reason=f"Protocol version {case.state.protocol} is already adopted.",
            rule="a log holds one trial",
            mend="Begin another trial in another log.",
        )
    founder = Case(case.study, case.state, command, Person(command.by, "sponsor", None), case.urn)
    digest = sha256(command.text.encode()).hexdigest()
    return (
        founder.stamp(ev.ProtocolAdopted, study=case.study.id, sha256=digest, text=command.text),
        founder.stamp(ev.RoleGranted, person=command.by, granted="sponsor"),
    )


def open_site(case: Case, command: cmd.OpenSite) -> Decided:
    """Let a site take part, once."""
    if command.site in case.state.sites:
        return invalid("site.open", f"Site {command.site} is already open.", "Choose another site number.")
    return (case.stamp(ev.SiteOpened, opened=command.site, name=command.name),)


def grant_role(case: Case, command: cmd.GrantRole) -> Decided:
    """Give somebody else a role; site roles need an open site, the others none."""
    if command.person == command.by:
        return Refusal(
            code="role.self",
            reason="Nobody grants a role to themselves.",
            rule="roles: separation of duties",
            mend="Another person with the sponsor's role grants it.",
        )
    if command.person in case.state.people:
        mend = "Revoke the present role first."
        return invalid("role.held", f"{command.person} already has a role.", mend)
    if (command.role in SITE_ROLES) != (command.site is not None):
        wanted = "needs a site" if command.role in SITE_ROLES else "belongs to no site"
        return invalid("role.site", f"The role {command.role} {wanted}.", "Correct the site.")
    if command.site is not None and command.site not in case.state.sites:
        return invalid("site.unknown", f"Site {command.site} is not open.", "Open the site first.")
    if blinded(case.study, case.state, command.role) and any(s.person == command.person for s in case.state.exposures):
        return Refusal(
            code="role.exposed",
            reason=f"{command.person} has seen an arm, and {command.role} is a blinded role.",
            rule="blinding: whoever has seen an arm does not come back to a blinded role",
            mend="Grant the role to somebody who has seen none.",
        )
    return (case.stamp(ev.RoleGranted, person=command.person, granted=command.role, for_site=command.site),)


def revoke_role(case: Case, command: cmd.RevokeRole) -> Decided:
    """Take a role away, but not the last sponsor's."""
    held = case.state.people.get(command.person)
    if held is None:
        return invalid("role.none", f"{command.person} has no role.", "Check the person's name.")
    sponsors = [person for person in case.state.people.values() if person.role == "sponsor"]
    if held.role == "sponsor" and len(sponsors) == 1:
        return Refusal(
            code="role.last_sponsor",
            reason=f"{command.person} is the only sponsor.",
            rule="roles: somebody must be able to grant roles",
            mend="Grant the sponsor's role to another person first.",
        )
    return (case.stamp(ev.RoleRevoked, person=command.person, reason=command.reason),)
