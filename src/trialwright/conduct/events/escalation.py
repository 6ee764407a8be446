"""What happened: dose levels and dose decisions."""

from __future__ import annotations

from typing import Literal

from trialwright.conduct.events.base import EventBase


class DoseLevelOpened(EventBase):
    """A dose level is open, with so many slots."""

    type: Literal["DoseLevelOpened.v1"] = "DoseLevelOpened.v1"
    level: int
    slots: int


class DoseLevelClosed(EventBase):
    """A dose level takes no more subjects."""

    type: Literal["DoseLevelClosed.v1"] = "DoseLevelClosed.v1"
    level: int


class CohortExpanded(EventBase):
    """An open dose level has more slots."""

    type: Literal["CohortExpanded.v1"] = "CohortExpanded.v1"
    level: int
    slots: int


class EscalationStopped(EventBase):
    """Dose escalation has ended: with an MTD, without one, or with the top dose tolerated.

    Attributes:
        mtd: The level of the dose that the rule looks for: the maximum tolerated dose, or the optimal biological dose.
    """

    type: Literal["EscalationStopped.v1"] = "EscalationStopped.v1"
    mtd: int | None
    top_tolerated: bool


class EscalationReopened(EventBase):
    """What is known now contradicts the decision that ended dose escalation; its level is open again.

    Attributes:
        number: The decision that no longer holds.
    """

    type: Literal["EscalationReopened.v1"] = "EscalationReopened.v1"
    number: int


class DoseDecisionProposed(EventBase):
    """A dose decision is up for signature: the data cut, what the rule says, what is proposed."""

    type: Literal["DoseDecisionProposed.v1"] = "DoseDecisionProposed.v1"
    number: int
    cut: int
    level: int
    outcomes: str
    recommended: str
    why: str
    decision: Literal["escalate", "expand", "stay", "de-escalate", "stop", "consult"]
    dose: int | None
    mtd: int | None
    reason: str | None
    content: str


class DoseDecisionProposedV2(EventBase):
    """A dose decision is up for signature: the data cut, who took part, what the rule says, what is proposed.

    Attributes:
        cut: The log's last entry that the decision has seen.
        listings: SHA-256 of the listings of the cut, as `trialwright.conduct.escalation.listings` gives them.
        content: SHA-256 of everything above, which signatures bind.
    """

    type: Literal["DoseDecisionProposed.v2"] = "DoseDecisionProposed.v2"
    number: int
    cut: int
    listings: str
    attendees: tuple[str, ...]
    level: int
    outcomes: str
    recommended: str
    why: str
    decision: Literal["escalate", "expand", "stay", "de-escalate", "stop", "consult"]
    dose: int | None
    mtd: int | None
    reason: str | None
    content: str


class DoseDecisionSuperseded(EventBase):
    """The data changed after the cut of a decision that was not yet taken; it can be signed no more."""

    type: Literal["DoseDecisionSuperseded.v1"] = "DoseDecisionSuperseded.v1"
    number: int


class DoseDecisionSigned(EventBase):
    """Somebody whose signature the decision needs has signed its exact content."""

    type: Literal["DoseDecisionSigned.v1"] = "DoseDecisionSigned.v1"
    number: int
    content: str
    meaning: Literal["approved"] = "approved"


class DoseDecisionTaken(EventBase):
    """All signatures are there: the decision stands."""

    type: Literal["DoseDecisionTaken.v1"] = "DoseDecisionTaken.v1"
    number: int
