"""What a blinded role must not learn: who received which arm, and what the next arm is.

The secret of a trial (`Secret`) is made before it begins and kept apart; the protocol holds only its commitment. What
was allocated is in the sealed stream of the log. An open-label trial has an empty `Sealed`. An arm has no text, no
`repr` and no encoder; it leaves only through `conduct.views`, which asks who is looking.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Literal, NoReturn, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trialwright.conduct.events.allocation import SubjectAllocated
from trialwright.conduct.events.base import EventBase
from trialwright.conduct.stock import Stock
from trialwright.design.randomisation import Minimisation, PermutedBlocks, Ratio
from trialwright.errors import InputError


class Secret(BaseModel):
    """What `seal` makes and keeps: how arms are drawn, and the key of the sealed stream.

    Attributes:
        study: The study that it belongs to.
        sizes: Block sizes; none for minimisation.
        preference: Probability with which minimisation takes the arm that balances best.
        seed: Seed of the list, 64 hexadecimal digits.
        key: Key of the sealed stream, 64 hexadecimal digits; no part of the commitment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    trialwright: Literal[1] = 1
    study: str
    method: Literal["permuted blocks", "minimisation"]
    sizes: tuple[int, ...] = ()
    preference: Decimal = Decimal("0.8")
    seed: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a sealed file.

        Raises:
            InputError: It is none; what it holds is not repeated.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            raise InputError("this is no sealed file, or it was changed; use the one that `seal` made") from None

    @property
    def commitment(self) -> str:
        """SHA-256 of everything that decides the list."""
        content = self.model_dump(mode="json", exclude={"key"})
        return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def source(self, ratio: Ratio) -> PermutedBlocks | Minimisation:
        """What arms are drawn from.

        Raises:
            InputError: The secret does not fit the ratio; what it holds is not repeated.
        """
        seed = bytes.fromhex(self.seed)
        try:
            if self.method == "permuted blocks":
                return PermutedBlocks(ratio, self.sizes, seed)
            return Minimisation(ratio, self.preference, seed)
        except InputError:
            arms = ", ".join(f"{arm} {share}" for arm, share in ratio) or "no arms"
            raise InputError(f"the sealed file does not fit the protocol's ratio ({arms}); seal it again") from None

    def __repr__(self) -> str:
        return "<Secret>"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Allocated:
    """One allocation, closed."""

    arm: str = field(repr=False)
    stratum: str = field(repr=False)
    factors: Mapping[str, str] = field(repr=False)


class Sealed:
    """The allocations of a study, closed to everything but `conduct.decide` and `conduct.views`.

    Example:
        >>> Sealed()
        <Sealed>
    """

    __slots__ = ("_allocated", "_secret", "_stock", "sequence")

    def __init__(
        self,
        secret: Secret | None = None,
        allocated: Mapping[str, Allocated] | None = None,
        sequence: int = 0,
        stock: Stock | None = None,
    ) -> None:
        self._stock = stock or Stock()
        self._secret = secret
        self._allocated = MappingProxyType(dict(allocated or {}))
        self.sequence = sequence

    @property
    def can_allocate(self) -> bool:
        """Whether the secret is here, without which nobody can be randomised."""
        return self._secret is not None

    @property
    def subjects(self) -> frozenset[str]:
        """The subjects who were allocated an arm."""
        return frozenset(self._allocated)

    def drew(self, event: SubjectAllocated, ratio: Ratio) -> bool:
        """Whether an allocation is the one that the secret gives at this point, to a subject who had none."""
        due = self.next_arm(ratio, event.stratum, event.factors, event.length)
        return event.subject not in self._allocated and (event.arm, event.position) == due

    def arm(self, subject: str) -> str | None:
        """The arm of a subject; None where nobody was allocated one."""
        found = self._allocated.get(subject)
        return found.arm if found else None

    @property
    def stock(self) -> Stock:
        """The lots of a masked trial, and what was dispensed from them."""
        return self._stock

    def next_arm(
        self, ratio: Ratio, stratum: str, factors: Mapping[str, str], length: int | None = None
    ) -> tuple[str, int]:
        """The arm of the next subject of a stratum, and its position in the stratum's list, from 0.

        Args:
            ratio: Subjects to each arm.
            stratum: The subject's stratum.
            factors: The subject's value of each factor, for minimisation.
            length: Places of the stratum's list, where the protocol says how many.

        Raises:
            InputError: The secret is not here, or does not fit the ratio.
        """
        if self._secret is None:
            raise InputError("the sealed file is not here; open the trial with it")
        position = sum(one.stratum == stratum for one in self._allocated.values())
        source = self._secret.source(ratio)
        if isinstance(source, PermutedBlocks):
            return source.arm(stratum, position, length), position
        before = [(one.arm, one.factors) for one in self._allocated.values()]
        return source.arm(factors, before), position

    def after(self, events: Iterable[EventBase]) -> Sealed:
        """The sealed side after events of the sealed stream."""
        allocated, sequence, events = dict(self._allocated), self.sequence, tuple(events)
        for event in events:
            sequence += 1
            if isinstance(event, SubjectAllocated):
                allocated[event.subject] = Allocated(event.arm, event.stratum, dict(event.factors))
        return Sealed(self._secret, allocated, sequence, self._stock.after(events))

    def __repr__(self) -> str:
        return "<Sealed>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("allocations are not pickled, copied or encoded")
