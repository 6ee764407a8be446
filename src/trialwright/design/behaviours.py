"""Behaviours that change any design: when it stops, how fast it climbs, how many its MTD must have seen.

Each is a function that takes a design and gives a design. They are answered together in one fixed order, so the order
in which they are put on cannot matter: `stop_at_total(no_skipping(d), 30) == no_skipping(stop_at_total(d, 30))`. From
first to last:

1. What the design itself stops for without an MTD, such as a toxic first level, ends the trial.
2. No skipping: neither the next level nor the MTD is more than one above the highest level treated.
3. Stop at a total: nobody is treated beyond it, backfilled or not.
4. Stop at a dose: the trial ends when the rule would treat more at a level that has enough.
5. At least so many at the MTD: an end by the design or by 4 is put off until the MTD has them, within 3.

An MTD is only ever one that the design itself selects from the data, so it is admissible where the design says what is;
a design that selects only at its own end, such as 3+3, has no MTD when it is cut short. A design that looks for the
optimal biological dose (OBD) has it in the MTD's place.

A design that decides while windows are open is asked with them: subjects whose window is open count as treated, an end
by a behaviour waits until every window is closed and is then asked anew, and so does the end of the design itself where
5 may put it off.

Source: the behaviours stop_at_n, stop_when_n_at_dose, dont_skip_doses and demand_n_at_dose of the R package escalation
(Brock et al. 2020, arXiv:2011.09234), whose meaning there depends on their order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from trialwright.design.backfill import BackfillBOIN
from trialwright.design.behaving import Behaving, BehavingDesign
from trialwright.design.behaving_early import (
    BehavingBackfillBOIN,
    BehavingBOIN12,
    BehavingRollingSix,
    BehavingTITEBOIN,
    BehavingTITECRM,
)
from trialwright.design.boin12 import BOIN12
from trialwright.design.rolling_six import RollingSix
from trialwright.design.rule import Rule
from trialwright.design.tite_boin import TITEBOIN
from trialwright.design.tite_crm import TITECRM
from trialwright.errors import InputError

_KINDS: tuple[tuple[type[Rule], type[Behaving]], ...] = (
    (RollingSix, BehavingRollingSix),
    (TITECRM, BehavingTITECRM),
    (TITEBOIN, BehavingTITEBOIN),
    (BackfillBOIN, BehavingBackfillBOIN),
    (BOIN12, BehavingBOIN12),
)
"""What becomes of a design that decides with windows open, or on more than DLTs: it stays a design of its kind."""


def stop_at_total(design: Rule, n: int) -> Behaving:
    """End the trial at `n` subjects in all.

    Example:
        >>> from trialwright.design import BOIN, Outcomes
        >>> design = stop_at_total(BOIN(levels=3, target=0.3), 4)
        >>> design.recommend(Outcomes.parse("1NNN")).subjects
        1
        >>> print(design.recommend(Outcomes.parse("1NNN 2N")))
        No DLT in 1 evaluable subject at level 2: 4 subjects are treated in all; the MTD is level 2.
    """
    return _with(design, total=n)


def stop_at_dose(design: Rule, n: int) -> Behaving:
    """End the trial when the next level would be one that has `n` subjects or more.

    Example:
        >>> from trialwright.design import BOIN, Outcomes
        >>> design = stop_at_dose(BOIN(levels=3, target=0.3), 6)
        >>> design.recommend(Outcomes.parse("1NTN 1NTN")).mtd
        1
    """
    return _with(design, at_dose=n)


def no_skipping(design: Rule) -> Behaving:
    """Neither treat nor select a level that is more than one above the highest level treated."""
    return _with(design, skipping=False)


def at_least_at_mtd(design: Rule, n: int) -> Behaving:
    """Put the end off until the level that the trial would select has `n` subjects, in cohorts of the design's size.

    Example:
        >>> from trialwright.design import Outcomes, ThreePlusThree
        >>> design = at_least_at_mtd(ThreePlusThree(levels=2), 6)
        >>> print(design.recommend(Outcomes.parse("1NNN 2TT")))  # doctest: +NORMALIZE_WHITESPACE
        2 DLTs in 2 evaluable subjects at level 2: the MTD would be level 1 and 6 subjects are wanted there; treat 3
        subjects at level 1.
    """
    return _with(design, at_mtd=n)


def _with(design: Rule, **behaviour: Any) -> Behaving:
    if not isinstance(design, Behaving):
        kind = next((kind for own, kind in _KINDS if isinstance(design, own)), BehavingDesign)
        return kind(design=design, **behaviour)
    ((name, value),) = behaviour.items()
    had = getattr(design, name)
    if had not in {Behaving.__dataclass_fields__[name].default, value}:
        raise InputError(f"{design.name}: {name} is {had} already and cannot be {value} as well; choose one")
    return replace(design, **behaviour)
