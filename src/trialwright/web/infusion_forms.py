"""The forms of the pharmacy and of the infusion: lots, preparation, match of identities, begin and end."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from trialwright.conduct import commands as cmd
from trialwright.conduct.stock import Lot
from trialwright.conduct.wording import utc
from trialwright.protocol.quantity import plain
from trialwright.web.entry_forms import EntryForm
from trialwright.web.form_fields import ID, IdsField, choice, day, listed, moment, number, text


class ReceiveLotForm(EntryForm):
    """Take a lot into the pharmacy."""

    command = cmd.ReceiveLot
    title = "Receive a lot"
    button = "Receive the lot"
    intro = "Nothing of it is given before it is released."
    lot = text("Lot number", "As it stands on the label.", max_length=64, validators=[ID])
    containers = listed("Containers", "Chain-of-identity id of each container.", kind=IdsField)
    volume_ml = number("Volume in each container", unit="mL", min_value=Decimal("0.01"))
    concentration_per_ml = number(
        "Cell concentration",
        "All cells, dead ones included; 5e6 means 5 million. Empty for a product without cells.",
        unit="cells/mL",
        required=False,
        min_value=Decimal("1e-9"),
    )
    viability_pct = number(
        "Viability",
        "Share of viable cells.",
        unit="%",
        required=False,
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
    )
    for_subject = text("Made for", "The one subject, if the lot is for one only.", required=False, max_length=64)

    def build(self) -> None:
        """Offer the products of the protocol, and ask for the expiry as a moment."""
        products = [(product.name, product.name) for product in self.trial_view.study.products]
        self.fields["product"] = choice("Product", products)
        self.fields["expires_at"] = moment("Expires")
        super().build()
        self.order_fields(["lot", "product", "containers", "volume_ml", "expires_at"])

    def done(self) -> str:
        """Name the lot."""
        return f"Lot {self.cleaned_data['lot']} is received and waits for release."


class ReleaseLotForm(EntryForm):
    """Let a lot be given."""

    command = cmd.ReleaseLot
    title = "Release the lot"
    button = "Release the lot"
    reason = text("Reason", "What the release rests on, such as the certificate of analysis.", rows=2)

    def done(self) -> str:
        """Name the lot."""
        return f"Lot {self.fixed['lot']} is released."


class QuarantineLotForm(EntryForm):
    """Keep a lot from being given."""

    command = cmd.QuarantineLot
    title = "Quarantine the lot"
    button = "Put the lot into quarantine"
    intro = "What was prepared from it and not begun is withdrawn."

    def done(self) -> str:
        """Name the lot."""
        return f"Lot {self.fixed['lot']} is in quarantine."


class PrepareForm(EntryForm):
    """Prepare an infusion: first lot and weight, then, with the planned volume in sight, what was drawn.

    The weight is asked where a dose is by it.
    """

    command = cmd.PrepareInfusion
    title = "Prepare the infusion"
    button = "Compute the planned volume"
    containers = listed("Containers", "Chain-of-identity ids of those that are used up.", kind=IdsField)
    weighed_on = day("Weighed on", "The day on which the weight was measured.")
    prepared_ml = number(
        "Volume drawn",
        "Leave empty if the planned volume was drawn.",
        unit="mL",
        required=False,
        min_value=Decimal("0.01"),
    )
    reason = text("Reason for another volume", "Needed when it is not the planned one.", rows=2, required=False)

    def build(self) -> None:
        """Offer the released lots; take the limits of the weight from the protocol."""
        stock = self.trial_view.stock.lots.values()
        at, subject = self.trial_view.at, self.fixed["subject"]
        given = [lot for lot in stock if _can_be_given(lot, at, subject)]
        lots = [
            (lot.id, f"{lot.id}: {lot.product}, {', '.join(lot.left)}, expires {utc(lot.expires_at)}") for lot in given
        ]
        none = (
            "" if lots else f"No released lot of this site, with containers left and in date, is there for {subject}."
        )
        self.fields["lot"] = choice("Lot", lots, none)
        study = self.trial_view.study
        item = study.item("weight")
        low, high = item.range if item and item.range else (Decimal(1), Decimal(500))
        hint = f"From {plain(low)} to {plain(high)}."
        self.fields["weight_kg"] = number("Body weight on the day", hint, unit="kg", min_value=low, max_value=high)
        self.initial.setdefault("weighed_on", self.today)
        super().build()
        if not any(dose.amount.by_body for dose in study.doses):
            del self.fields["weight_kg"], self.fields["weighed_on"]
        self.order_fields(["lot", "containers", "weight_kg", "weighed_on"])

    def done(self) -> str:
        """Name the subject."""
        return f"The infusion of {self.fixed['subject']} is prepared and waits to be matched by two people."


def _can_be_given(lot: Lot, at: datetime, subject: str) -> bool:
    in_date = lot.expires_at > at
    return lot.status == "released" and bool(lot.left) and in_date and lot.for_subject in {None, subject}


class DiscardForm(EntryForm):
    """Throw a preparation away."""

    command = cmd.DiscardPreparation
    title = "Discard the preparation"
    button = "Discard the preparation"

    def done(self) -> str:
        """Name the subject."""
        return f"The preparation of {self.fixed['subject']} is discarded."


class MatchForm(EntryForm):
    """Hold both identifiers against the record."""

    command = cmd.MatchIdentity
    title = "Match the identity"
    button = "Confirm that both match"
    intro = "At the bedside, two people each read the wristband and the label of the preparation, for themselves."
    scanned_subject = text("Subject on the wristband", max_length=64)
    scanned_coi = text("Id on the preparation", max_length=64)

    def done(self) -> str:
        """Name the subject."""
        return f"Wristband and preparation of {self.fixed['subject']} match."


class StartForm(EntryForm):
    """Begin the infusion."""

    command = cmd.StartInfusion
    title = "Begin the infusion"
    button = "Begin the infusion"
    intro = "The time of this entry is the beginning of the infusion."

    def build(self) -> None:
        """Say what is to be infused."""
        super().build()
        waiting = self.subject.course.waiting if self.subject else ()
        said = (f"{one.coi}, {one.volume_ml} mL, to be begun before {utc(one.usable_until)}." for one in waiting)
        self.intro = " ".join((*said, self.intro))

    def done(self) -> str:
        """Name the subject."""
        return f"The infusion of {self.fixed['subject']} has begun."


class CompleteForm(EntryForm):
    """End the infusion."""

    command = cmd.CompleteInfusion
    title = "Complete the infusion"
    button = "Complete the infusion"
    given_ml = number(
        "Volume given", "Leave empty if everything was given.", unit="mL", required=False, min_value=Decimal(0)
    )
    reason = text("Reason for another volume", "Needed when not everything was given.", rows=2, required=False)

    def build(self) -> None:
        """Say how much was prepared."""
        super().build()
        running = self.subject.course.running if self.subject else None
        if running and running.prepared_ml is not None:
            self.intro = f"{running.prepared_ml} mL were prepared."

    def done(self) -> str:
        """Name the subject."""
        return f"The infusion of {self.fixed['subject']} is complete."


class AbortForm(EntryForm):
    """End the infusion early."""

    command = cmd.AbortInfusion
    title = "Abort the infusion"
    button = "Abort the infusion"
    intro = "The infusion counts as begun; what is left is not given later."
    given_ml = number("Volume given until then", unit="mL", min_value=Decimal(0))

    def done(self) -> str:
        """Name the subject."""
        return f"The infusion of {self.fixed['subject']} is aborted."
