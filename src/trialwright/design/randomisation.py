"""Allocation to arms: permuted blocks with sizes drawn as they are needed, and minimisation.

What is drawn follows from a secret seed by HMAC-SHA256 (RFC 2104), position by position, so that the same secret gives
the same list on every machine and in every later version, and nobody without the secret can tell the next arm.

Source: ICH E9 section 2.3.2 (blocks, concealment, strata); Matts and Lachin 1988, Control Clin Trials 9:327 (random
block sizes); Pocock and Simon 1975, Biometrics 31:103 (minimisation).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import count

from trialwright.errors import InputError

Ratio = tuple[tuple[str, int], ...]
"""Subjects to each arm, by the arm's name."""

_SEED_BYTES = 32
_EVEN = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class PermutedBlocks:
    """Blocks in random order, each holding every arm in the ratio; the size of each block is drawn among `sizes`.

    A list whose length is known ends with a whole block, wherever the sizes can add up to it: a cohort of eight at 3:1
    has six and two, in blocks of four or in one of eight.

    Attributes:
        ratio: Subjects to each arm.
        sizes: Block sizes, each a multiple of the sum of the ratio; two or more keep the next arm from being guessed.
        seed: 32 secret bytes.

    Raises:
        InputError: All that is wrong with them.

    Example:
        >>> blocks = PermutedBlocks((("active", 3), ("vehicle", 1)), (4, 8), bytes(32))
        >>> first = blocks.arms("cohort 1", 8)
        >>> first == blocks.arms("cohort 1", 8), blocks
        (True, PermutedBlocks())
    """

    ratio: Ratio = field(repr=False)
    sizes: tuple[int, ...] = field(repr=False)
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        whole = sum(share for _, share in self.ratio)
        faults = [f"the seed must have {_SEED_BYTES} bytes"] if len(self.seed) != _SEED_BYTES else []
        faults += ["name at least two arms"] if len(self.ratio) < 2 else []
        faults += ["name at least one block size"] if not self.sizes else []
        odd = [str(size) for size in self.sizes if size < whole or size % whole]
        faults += [f"block sizes {', '.join(odd)} are no multiples of {whole}, the sum of the ratio"] if odd else []
        if faults:
            raise InputError(f"permuted blocks: {'; '.join(faults)}")

    def arm(self, stratum: str, position: int, length: int | None = None) -> str:
        """The arm at a position (from 0) of a stratum's list, which has `length` places where that is known."""
        return self.arms(stratum, position + 1, length)[-1]

    def arms(self, stratum: str, number: int, length: int | None = None) -> tuple[str, ...]:
        """The first `number` arms of a stratum's list, which has `length` places where that is known."""
        found: list[str] = []
        for block in self.blocks(stratum, length):
            found += block
            if len(found) >= number:
                break
        return tuple(found[:number])

    def blocks(self, stratum: str, length: int | None = None) -> Iterator[list[str]]:
        """The blocks of a stratum's list, without end."""
        given = 0
        for number in count():
            block = self._block(stratum, number, None if length is None else length - given)
            given += len(block)
            yield block

    def _block(self, stratum: str, number: int, left: int | None) -> list[str]:
        sizes = sorted(set(self.sizes))
        if left is not None:
            sizes = _that_add_up(sizes, left) or sizes
        size = sizes[_draw(self.seed, "size", stratum, number) % len(sizes)]
        times = size // sum(share for _, share in self.ratio)
        places = [arm for arm, share in self.ratio for _ in range(share * times)]
        keys = [_draw(self.seed, "place", stratum, number, place) for place in range(size)]
        return [arm for _, arm in sorted(zip(keys, places, strict=True))]


@dataclass(frozen=True, slots=True)
class Minimisation:
    """The arm that balances the next subject's factors best, with probability `preference`; else one of the others.

    The others are drawn in the ratio. Where the ratio is not equal, the chance of an arm is the ratio over many
    subjects and not at each one.

    Attributes:
        ratio: Subjects to each arm.
        preference: Probability that the arm with the least imbalance is taken; below 1 it cannot be foretold.
        seed: 32 secret bytes.

    Raises:
        InputError: All that is wrong with them.

    Source: Pocock and Simon 1975, Biometrics 31:103, with the range of the counts over the ratio, summed over factors.

    Example:
        >>> from decimal import Decimal
        >>> minimise = Minimisation((("a", 1), ("b", 1)), Decimal(1), bytes(32))
        >>> minimise.arm({"sex": "female"}, [("a", {"sex": "female"})])
        'b'
    """

    ratio: Ratio = field(repr=False)
    preference: Decimal = field(repr=False)
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        faults = [f"the seed must have {_SEED_BYTES} bytes"] if len(self.seed) != _SEED_BYTES else []
        faults += ["name at least two arms"] if len(self.ratio) < 2 else []
        if not _EVEN <= self.preference <= 1:
            faults.append(f"a preference of {self.preference}; it lies from {_EVEN} to 1")
        if faults:
            raise InputError(f"minimisation: {'; '.join(faults)}")

    def arm(self, factors: Mapping[str, str], before: Sequence[tuple[str, Mapping[str, str]]]) -> str:
        """The arm of the next subject.

        Args:
            factors: The subject's value of each factor.
            before: Arm and factors of every subject allocated before.
        """
        arms = [arm for arm, _ in self.ratio]
        imbalance = {arm: self._imbalance(arm, factors, before) for arm in arms}
        ties = {arm: _draw(self.seed, "tie", len(before), place) for place, arm in enumerate(arms)}
        best = min(arms, key=lambda arm: (imbalance[arm], ties[arm]))
        if _draw(self.seed, "prefer", len(before)) < self.preference * 2**64:
            return best
        others = [arm for arm, share in self.ratio for _ in range(share) if arm != best]
        return others[_draw(self.seed, "other", len(before)) % len(others)]

    def _imbalance(
        self, candidate: str, factors: Mapping[str, str], before: Sequence[tuple[str, Mapping[str, str]]]
    ) -> Fraction:
        total = Fraction(0)
        for factor, value in factors.items():
            counts = [
                sum(arm == one and had.get(factor) == value for one, had in before) + (arm == candidate)
                for arm, _ in self.ratio
            ]
            shared = [Fraction(count, share) for count, (_, share) in zip(counts, self.ratio, strict=True)]
            total += max(shared) - min(shared)
        return total


def _that_add_up(sizes: Sequence[int], left: int) -> list[int]:
    """The sizes after which blocks can still fill exactly what is left of a list."""
    filled = [True] + [False] * left
    for place in range(1, left + 1):
        filled[place] = any(size <= place and filled[place - size] for size in sizes)
    return [size for size in sizes if size <= left and filled[left - size]]


def _draw(seed: bytes, *words: object) -> int:
    """A number of 64 bits that the seed and the words decide."""
    said = "\x1f".join(map(str, words)).encode()
    return int.from_bytes(hmac.digest(seed, said, "sha256")[:8], "big")
