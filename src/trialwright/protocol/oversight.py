"""What is signed, by whom, before what: the endorsements of a protocol."""

from __future__ import annotations

from typing import Literal

from trialwright.protocol.element import Element
from trialwright.protocol.escalation import Role

Milestone = Literal["lock", "dose decision"]
Meaning = Literal["authored", "reviewed", "approved", "responsibility"]
"""What a signature means (21 CFR 11.50(a)(3))."""


class Endorsement(Element):
    """A signature over the whole data of each subject, without which a milestone is not passed.

    Attributes:
        before: The lock of the subject or of the study, or the dose decision that counts the subject.
        by: The role that signs.
        meaning: What the signature means.
    """

    before: Milestone
    by: Role
    meaning: Meaning = "responsibility"
