"""What is asked for: medicine beside the product."""

from __future__ import annotations

from datetime import date

from trialwright.conduct.commands.base import Amount, BodyWeight, Command, Id, Words


class PrescribeMedicine(Command):
    """Begin or change a medicine, or take down one that somebody else began.

    Attributes:
        drug: Name of the medicine.
        counts_as: The medicine, or the treatment of an arm, of the protocol that it is one of, such as a class; left
            out when it has that name, and `none` for a medicine that is none of them, which is asked where the protocol
            forbids one to the subject. In an arm that is not infused, the first prescription of its treatment is the
            day that its visits count from.
        dose: The dose, in the protocol's unit without the part by body: mg/day where the protocol says mg/kg/day.
        weight_kg: Body weight, kg; needed where the protocol's dose is by weight.
        weighed_on: The day on which it was measured, at the site.
        began_on: The day on which it was first taken, at the site, where that was not today.
        ended_on: The day on which it was last taken, where it is not taken any more.
        reason: Needed for a forbidden medicine, and for a dose out of range where the protocol lets it be given.
    """

    subject: Id
    drug: Words
    counts_as: Words | None = None
    dose: Amount | None = None
    weight_kg: BodyWeight | None = None
    weighed_on: date | None = None
    began_on: date | None = None
    ended_on: date | None = None
    reason: Words | None = None


class VoidMedicine(Command):
    """Take back a medicine that was entered in error: it counts for nothing, and its entries stay."""

    subject: Id
    drug: Words
    reason: Words


class StopMedicine(Command):
    """End a medicine.

    Attributes:
        ended_on: The day on which it was last taken, at the site, where that was not today.
    """

    subject: Id
    drug: Words
    ended_on: date | None = None
    reason: Words
