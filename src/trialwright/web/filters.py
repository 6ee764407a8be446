"""How templates write moments, numbers, marks and tables."""

from __future__ import annotations

import re
from decimal import Decimal

from django import template
from django.utils.safestring import SafeString, mark_safe

from trialwright.analysis import Table
from trialwright.conduct.wording import spaced, utc
from trialwright.protocol.quantity import plain as plainly
from trialwright.protocol.study import Study

register = template.Library()
register.filter(spaced)
register.filter(utc)
_POWER = re.compile(r" x 10\^(\d+)")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LETTERS = {"no DLT": "N", "DLT": "D", "pending": "P", "not evaluable": "X"}


@register.filter
def plain(value: Decimal | None) -> str:
    """A decimal the way a person reads it."""
    return "" if value is None else powers(plainly(value))


@register.filter
def powers(words: str) -> str:
    """Powers of ten with raised digits: `3 x 10^6` as `3 × 10⁶`."""
    return _POWER.sub(lambda found: f" × 10{found[1].translate(_RAISED)}", words)


@register.filter
def dose(study: Study, level: int) -> str:
    """The dose of a level, with its name: `medium, 3 × 10⁶ cells/kg`."""
    return powers(str(study.dose(level)))


@register.filter
def html(table: Table) -> SafeString:
    """A table of the analysis, which escapes what it holds."""
    return mark_safe(powers(table.html()))  # noqa: S308 - escaped where it is made


@register.filter
def letter(mark: str) -> str:
    """The letter of an outcome on the dose board."""
    return _LETTERS[mark]


@register.filter
def slug(words: str) -> str:
    """Words as the end of a CSS class."""
    return words.lower().replace(" ", "-")


@register.filter
def times(count: int) -> range:
    """So many turns of a loop."""
    return range(count)
