"""Refusals about sites and roles."""

from tests.blinded import BlindedMemory
from tests.conduct.life import LifeTrial
from trialwright.conduct import commands as cmd

NEW = {"person": "new", "role": "coordinator", "site": "01"}
PHARMACIST = {"by": "sponsor", "person": "nurse", "role": "pharmacist", "site": "01"}


def begun() -> LifeTrial:
    """A trial with two sites and their people."""
    return LifeTrial().open()


def blinded_left() -> BlindedMemory:
    """The coordinator of a masked trial gave the role up."""
    trial = BlindedMemory().open()
    trial.must(cmd.RevokeRole, by="sponsor", person="nurse", reason="Moves to the pharmacy")
    return trial


def role_asked() -> BlindedMemory:
    """The sponsor asks to make the former coordinator a pharmacist at site 01."""
    trial = blinded_left()
    trial.must(cmd.GrantRole, **PHARMACIST, reason="The pharmacist is ill")
    return trial


def asked_and_granted_another() -> BlindedMemory:
    """While the role of a pharmacist waits, the sponsor makes the same person an investigator."""
    trial = role_asked()
    trial.must(cmd.GrantRole, by="sponsor", person="nurse", role="investigator", site="01")
    return trial


def exposed() -> BlindedMemory:
    """The pharmacist has seen arms and gave the role up."""
    trial = BlindedMemory().open()
    trial.randomised()
    trial.must(cmd.RevokeRole, by="sponsor", person="pharm", reason="New task")
    return trial


def unmasked(trial: BlindedMemory) -> dict[str, object]:
    """A second version that blinds nobody."""
    text = trial.text.replace('version: "1.0"', 'version: "2.0"').replace("masking: double", "masking: none")
    return {"by": "sponsor", "text": text, "reason": "I want to see"}


def allocated_otherwise(trial: BlindedMemory) -> dict[str, object]:
    """A second version with another ratio."""
    text = trial.text.replace('version: "1.0"', 'version: "2.0"').replace("cells: 3", "cells: 1")
    return {"by": "sponsor", "text": text, "reason": "More controls"}


REFUSALS = [
    (exposed, cmd.AmendProtocol, allocated_otherwise, "amendment.allocation"),
    (exposed, cmd.AmendProtocol, unmasked, "amendment.masking"),
    (begun, cmd.AdoptProtocol, {"by": "sponsor", "text": "again"}, "protocol.adopted"),
    (begun, cmd.OpenSite, {"by": "sponsor", "site": "01", "name": "Again"}, "site.open"),
    (begun, cmd.GrantRole, {"by": "sponsor", "person": "sponsor", "role": "monitor"}, "role.self"),
    (begun, cmd.GrantRole, {**NEW, "role": "pharmacist"}, "role.not_yours"),
    (begun, cmd.GrantRole, {**NEW, "site": "02"}, "role.other_site"),
    (begun, cmd.GrantRole, {"by": "sponsor", "person": "inv", "role": "monitor"}, "role.held"),
    (begun, cmd.GrantRole, {**NEW, "by": "sponsor", "site": None}, "role.site"),
    (begun, cmd.GrantRole, {**NEW, "by": "sponsor", "role": "monitor"}, "role.site"),
    (begun, cmd.GrantRole, {**NEW, "by": "sponsor", "site": "09"}, "site.unknown"),
    (blinded_left, cmd.GrantRole, PHARMACIST, "role.reason"),
    (exposed, cmd.GrantRole, {"by": "sponsor", "person": "pharm", "role": "monitor"}, "role.exposed"),
    (begun, cmd.ConfirmRole, {"by": "sponsor", "person": "nurse"}, "role.not_asked"),
    (role_asked, cmd.ConfirmRole, {"by": "sponsor", "person": "nurse"}, "role.second_person"),
    (role_asked, cmd.ConfirmRole, {"by": "other", "person": "nurse"}, "role.other_site"),
    (asked_and_granted_another, cmd.ConfirmRole, {"by": "nurse", "person": "nurse"}, "role.not_asked"),
    (begun, cmd.RevokeRole, {"by": "sponsor", "person": "nobody", "reason": "?"}, "role.none"),
    (begun, cmd.RevokeRole, {"person": "mon", "reason": "?"}, "role.not_yours"),
    (begun, cmd.RevokeRole, {"person": "nurse2", "reason": "?"}, "role.other_site"),
    (begun, cmd.RevokeRole, {"by": "sponsor", "person": "sponsor", "reason": "?"}, "role.last_sponsor"),
]  # fmt: skip
