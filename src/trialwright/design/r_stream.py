"""R's stream of uniform random numbers, so that a simulation made with R can be repeated number for number.

Source: R's `set.seed` with the default generator, Mersenne Twister (Matsumoto and Nishimura 1998, ACM Trans Model
Comput Simul 8:3). The seed is scrambled by 50 steps of the congruential generator x -> 69069 x + 1 modulo 2**32; its
next 625 values are a discarded position and the 624 words of the twister's state. A number is a 32-bit word divided by
2**32 - 1, kept away from 0 and 1. Checked against R 4.2.2 in tests/published/test_r_stream.py.
"""

from __future__ import annotations

import numpy as np

from trialwright.design.states import Floats

_SCRAMBLES = 50
_WORDS = 624
_STEP = 2.3283064365386963e-10
"""What R multiplies a word by: 1 / (2**32 - 1) as R writes it."""

_EDGE = 2.328306437080797e-10
"""Half of it is the least number, and 1 minus half of it the greatest (R, `fixup`)."""


class RStream:
    """Uniform random numbers in the order in which R draws them after `set.seed(seed)`.

    Args:
        seed: Any whole number that R takes; a negative one counts modulo 2**32.

    Example:
        >>> RStream(6).runif(2).tolist()
        [0.6062682976480573, 0.9376419729087502]
    """

    def __init__(self, seed: int) -> None:
        value = seed % 2**32
        for _ in range(_SCRAMBLES + 1):
            value = _next(value)
        key = np.empty(_WORDS, dtype=np.uint32)
        for place in range(_WORDS):
            value = _next(value)
            key[place] = value
        self._twister = np.random.MT19937()
        self._twister.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": _WORDS}}

    def runif(self, count: int) -> Floats:
        """The next `count` numbers, between 0 and 1."""
        numbers = self._twister.random_raw(count).astype(np.float64) * _STEP
        return np.clip(numbers, 0.5 * _EDGE, 1 - 0.5 * _EDGE)


def _next(value: int) -> int:
    return (69069 * value + 1) % 2**32
