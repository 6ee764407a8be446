"""Deciding what the sponsor administers: adopting the protocol, sites and roles."""

from __future__ import annotations

from hashlib import sha256

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.exposure import blinded
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.roles import MAY_GRANT, SITE_ROLES, UNBLINDED
from trialwright.conduct.state import Person
from trialwright.protocol.study import Role


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
    """Give somebody else a role that one may grant; an unblinded one of somebody who was blinded waits for a second."""
    refusal = (
        _itself(command.person, command.by)
        or _may_not_grant(case, command.role, command.site)
        or _no_place(case, command)
        or _has_seen(case, command)
    )
    if refusal:
        return refusal
    told = {"person": command.person, "for_site": command.site}
    if not _was_blinded(case, command):
        return (case.stamp(ev.RoleGranted, granted=command.role, **told),)
    if command.reason is None:
        what = f"{command.person} was blinded, and {command.role} is an unblinded role."
        return invalid("role.reason", what, "Give the reason; a second person confirms the role.")
    return (case.stamp(ev.RoleRequested, requested=command.role, reason=command.reason, **told),)


def confirm_role(case: Case, command: cmd.ConfirmRole) -> Decided:
    """Grant, as a second person, what another one has asked for somebody who holds no role meanwhile."""
    asked = case.state.role_requests.get(command.person)
    if asked is None:
        return invalid("role.not_asked", f"No role waits for {command.person}.", "Check the person's name.")
    if refusal := _site_of(case, asked.site):
        return refusal
    if asked.by == command.by:
        return Refusal(
            code="role.second_person",
            reason=f"{command.by} has asked for the role.",
            rule="roles: an unblinded role of somebody who was blinded needs two people",
            mend="Another person confirms it.",
        )
    return (case.stamp(ev.RoleGranted, person=command.person, granted=asked.role, for_site=asked.site),)


def revoke_role(case: Case, command: cmd.RevokeRole) -> Decided:
    """Take a role away, but not the last sponsor's."""
    held = case.state.people.get(command.person)
    if held is None:
        return invalid("role.none", f"{command.person} has no role.", "Check the person's name.")
    if refusal := _may_not_grant(case, held.role, held.site):
        return refusal
    sponsors = [person for person in case.state.people.values() if person.role == "sponsor"]
    if held.role == "sponsor" and len(sponsors) == 1:
        return Refusal(
            code="role.last_sponsor",
            reason=f"{command.person} is the only sponsor.",
            rule="roles: somebody must be able to grant roles",
            mend="Grant the sponsor's role to another person first.",
        )
    return (case.stamp(ev.RoleRevoked, person=command.person, reason=command.reason),)


def _itself(person: str, by: str) -> Refusal | None:
    if person != by:
        return None
    return Refusal(
        code="role.self",
        reason="Nobody grants a role to themselves.",
        rule="roles: separation of duties",
        mend="Another person with the sponsor's role grants it.",
    )


def _may_not_grant(case: Case, role: Role, site: str | None) -> Refusal | None:
    """The refusal of a role that the giver may not grant, or at a site that is not the giver's."""
    giver = case.person
    grants = MAY_GRANT.get(giver.role, frozenset()) if giver else frozenset()
    if role not in grants:
        return Refusal(
            code="role.not_yours",
            reason=f"{case.command.by} may not grant or revoke the role {role}.",
            rule="roles: a sponsor grants every role, an investigator delegates to coordinators",
            mend="Ask the sponsor.",
            kind=Kind.PERMISSION,
        )
    return _site_of(case, site)


def _site_of(case: Case, site: str | None) -> Refusal | None:
    if case.site in {None, site}:
        return None
    return Refusal(
        code="role.other_site",
        reason=f"{case.command.by} belongs to site {case.site}.",
        rule="roles: a person of a site acts at the own site",
        mend="Ask the sponsor.",
        kind=Kind.PERMISSION,
    )


def _no_place(case: Case, command: cmd.GrantRole) -> Refusal | None:
    if command.person in case.state.people:
        mend = "Revoke the present role first."
        return invalid("role.held", f"{command.person} already has a role.", mend)
    if (command.role in SITE_ROLES) != (command.site is not None):
        wanted = "needs a site" if command.role in SITE_ROLES else "belongs to no site"
        return invalid("role.site", f"The role {command.role} {wanted}.", "Correct the site.")
    if command.site is not None and command.site not in case.state.sites:
        return invalid("site.unknown", f"Site {command.site} is not open.", "Open the site first.")
    return None


def _has_seen(case: Case, command: cmd.GrantRole) -> Refusal | None:
    """Whoever has seen an arm does not come back to a blinded role."""
    seen = any(one.person == command.person for one in case.state.exposures)
    if not (seen and blinded(case.study, case.state, command.role)):
        return None
    return Refusal(
        code="role.exposed",
        reason=f"{command.person} has seen an arm, and {command.role} is a blinded role.",
        rule="blinding: whoever has seen an arm does not come back to a blinded role",
        mend="Grant the role to somebody who has seen none.",
    )


def _was_blinded(case: Case, command: cmd.GrantRole) -> bool:
    """Whether an unblinded role of a masked trial is asked for somebody who had a blinded one, and has not seen all."""
    if not case.masked or command.role not in UNBLINDED:
        return False
    seen = (one for one in case.state.exposures if one.person == command.person and one.subject is None)
    if any(one.site in {None, command.site} for one in seen):
        return False
    return any(one.person.id == command.person and one.person.role not in UNBLINDED for one in case.state.tenures)
