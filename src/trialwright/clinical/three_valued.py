"""True, false and unknown (None): unknown is not false, and what is certain without the unknown is certain."""

from __future__ import annotations

from collections.abc import Iterable


def negate(state: bool | None) -> bool | None:
    """Not; unknown stays unknown.

    Example:
        >>> negate(True), negate(None)
        (False, None)
    """
    return None if state is None else not state


def all_of(states: Iterable[bool | None]) -> bool | None:
    """Whether all are true: false once one is false, else unknown once one is unknown.

    Example:
        >>> all_of([True, None]), all_of([False, None])
        (None, False)
    """
    known = list(states)
    return at_least(len(known), known)


def any_of(states: Iterable[bool | None]) -> bool | None:
    """Whether one is true: true once one is true, else unknown once one is unknown.

    Example:
        >>> any_of([True, None]), any_of([False, None])
        (True, None)
    """
    return at_least(1, states)


def at_least(count: int, states: Iterable[bool | None]) -> bool | None:
    """Whether `count` of the states are true, however the unknown ones turn out; None if that depends on them.

    Example:
        >>> at_least(2, [True, True, None]), at_least(2, [True, None, False]), at_least(2, [False, False, None])
        (True, None, False)
    """
    known = list(states)
    if known.count(True) >= count:
        return True
    return None if known.count(True) + known.count(None) >= count else False
