"""What is asked for: the dose, its preparation, the match of identities, the infusion."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from trialwright.conduct.commands.base import Amount, BodyWeight, Command, Id, Words
from trialwright.conduct.commands.product import Containers

Number = Annotated[int, Field(ge=1, le=1000)]
Volume = Annotated[Decimal, Field(ge=0, le=10_000, allow_inf_nan=False, max_digits=24)]


class PrescribeDose(Command):
    """Choose the dose of a subject within the range that the protocol allows.

    Attributes:
        product: Name of the product.
        amount: The dose, in the unit of the protocol's range.
    """

    subject: Id
    product: Words
    amount: Amount


class PrepareInfusion(Command):
    """Prepare a subject's next infusion from a lot; the dose is computed, never typed.

    Attributes:
        containers: Chain-of-identity ids of the containers that are used up.
        weight_kg: Body weight, kg; needed where the dose is by weight.
        weighed_on: The day on which it was measured, at the site.
        prepared_ml: Suspension that was drawn, mL; left out when it is the planned volume.
        reason: Why the drawn volume differs from the planned one.
    """

    subject: Id
    lot: Id
    containers: Containers
    weight_kg: BodyWeight | None = None
    weighed_on: date | None = None
    prepared_ml: Amount | None = None
    reason: Words | None = None


class DiscardPreparation(Command):
    """Throw a preparation away that was not begun, so that another can be made.

    Attributes:
        preparation: Its number; left out when only one waits.
    """

    subject: Id
    preparation: Number | None = None
    reason: Words


class MatchIdentity(Command):
    """Hold two identifiers against the record at the bedside: the wristband's and the preparation's.

    Two people do so, each for themselves; what does not match is refused and can never be saved as matched.

    Attributes:
        subject: Who is to be infused.
        scanned_subject: The subject's number as read from the person.
        scanned_coi: The chain-of-identity id as read from the preparation.
    """

    subject: Id
    scanned_subject: Id
    scanned_coi: Id


class OverrideStagger(Command):
    """Let one subject be infused before the stagger ends; only a role that the protocol names may."""

    subject: Id
    reason: Words


class StartInfusion(Command):
    """Begin an infusion that was prepared and matched by two people.

    Attributes:
        preparation: Its number; left out when only one waits.
        out_of_window: Why it is given outside the window of its visit; needed there, and nowhere else.
    """

    subject: Id
    preparation: Number | None = None
    out_of_window: Words | None = None


class InterruptInfusion(Command):
    """Halt the running infusion."""

    subject: Id
    given_ml: Volume
    reason: Words


class ResumeInfusion(Command):
    """Go on with a halted infusion."""

    subject: Id


class CompleteInfusion(Command):
    """End an infusion as planned.

    Attributes:
        given_ml: Volume given, mL; left out when it is what was prepared.
        reason: Why it differs from what was prepared.
    """

    subject: Id
    given_ml: Volume | None = None
    reason: Words | None = None


class AbortInfusion(Command):
    """End an infusion before its end; it counts as begun.

    Attributes:
        given_ml: Volume given until then, mL; 0 where nothing ran in.
    """

    subject: Id
    given_ml: Volume
    reason: Words


class CorrectGivenVolume(Command):
    """Correct the volume that was taken down as given of an infusion, while it is halted or after its end.

    Attributes:
        preparation: The number of the preparation that was given.
        given_ml: Volume that was given, mL.
    """

    subject: Id
    preparation: Number
    given_ml: Volume
    reason: Words


class CorrectWeight(Command):
    """Correct the body weight that a preparation was computed from; what the dose should have been is computed anew.

    Attributes:
        preparation: The number of the preparation.
    """

    subject: Id
    preparation: Number
    weight_kg: BodyWeight
    reason: Words
