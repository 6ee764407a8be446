"""A refusal is a value: what was refused, by which rule, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Why a command was refused; the shells turn it into an exit code and an HTTP status."""

    PROTOCOL = "protocol"
    PERMISSION = "permission"
    INPUT = "input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a command is not done.

    Attributes:
        code: The rule's short id, stable for programs.
        reason: What is wrong, in plain words.
        rule: The part of the protocol, or of the roles, that the refusal comes from.
        mend: What would change it.
        kind: Whether the protocol, the roles or the form of the input refuses.
        recorded: Whether the refusal bears on safety or rights and so goes into the log.
        sealed: Whether it would tell the arm of a masked trial, and so goes into the sealed stream.
    """

    code: str
    reason: str
    rule: str
    mend: str
    kind: Kind = Kind.PROTOCOL
    recorded: bool = True
    sealed: bool = False

    def __str__(self) -> str:
        return f"Refused [{self.code}]: {self.reason} Rule: {self.rule}. {self.mend}"
