"""A table of unrounded values, with the formats that a reader sees kept apart from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from jinja2 import Environment

from trialwright.clinical.item import Missing
from trialwright.protocol.quantity import plain


class Interval(NamedTuple):
    """A confidence interval, unrounded."""

    low: float
    high: float


Value = str | int | float | Decimal | date | datetime | Interval | Missing
Format = Literal["text", "code", "count", "amount", "percent", "interval", "decimal", "day", "instant"]

_NUMBERS = frozenset({"count", "amount", "percent", "interval", "decimal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column holds: its heading, and how its values are written."""

    name: str
    format: Format = "text"

    @property
    def number(self) -> bool:
        """Whether its values are numbers, which stand to the right."""
        return self.format in _NUMBERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that prints as HTML and leaves as plain data; the first column heads its rows.

    Attributes:
        rows: Values as computed, never rounded; a value that is not there is `Missing`, with its reason.
        notes: Sentences that a reader needs beside the numbers.
        empty: What stands there when there are no rows.
        current: Row and column, from 0, of the cell where the trial stands.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    empty: str = "Nothing to show."
    current: tuple[int, int] | None = None

    @property
    def header(self) -> tuple[str, ...]:
        """The headings of the columns."""
        return tuple(column.name for column in self.columns)

    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The rows as a reader sees them."""
        return tuple(
            tuple(written(value, column.format) for value, column in zip(row, self.columns, strict=True))
            for row in self.rows
        )

    def cells(self) -> tuple[tuple[tuple[str, str, bool], ...], ...]:
        """Text, class and whether the trial stands there, for every cell."""
        return tuple(
            tuple(
                (text, _class(value, column), self.current == (line, place))
                for place, (text, value, column) in enumerate(zip(texts, row, self.columns, strict=True))
            )
            for line, (texts, row) in enumerate(zip(self.texts(), self.rows, strict=True))
        )

    def text(self) -> str:
        """The table as lines of text, columns apart by two spaces, then its notes."""
        lines = [self.header, *self.texts()]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        sides = [str.rjust if column.number else str.ljust for column in self.columns]
        shown = [
            "  ".join(side(text, width) for side, text, width in zip(sides, line, widths, strict=True)).rstrip()
            for line in lines
        ]
        return "\n".join([*shown, *self.notes])

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON: unrounded values and their formats."""
        return {
            "title": self.title,
            "header": list(self.header),
            "formats": [column.format for column in self.columns],
            "rows": [[_plain_data(value) for value in row] for row in self.rows],
            "notes": list(self.notes),
        }

    def html(self) -> str:
        """The table as HTML, everything in it escaped."""
        return _TABLE.render(table=self)

    def __html__(self) -> str:
        return self.html()

    def _repr_html_(self) -> str:
        return self.html()


def _class(value: Value, column: Column) -> str:
    if isinstance(value, Missing):
        return "tw-missing tw-number" if column.number else "tw-missing"
    return "tw-number" if column.number else f"tw-{column.format}"


def written(value: Value, form: Format) -> str:
    """Write a value for a reader; the value itself stays unrounded.

    Example:
        >>> written(1 / 6, "percent"), written(Interval(0, 0.70759823), "interval")
        ('16.7%', '0.0% to 70.8%')
    """
    if isinstance(value, Missing):
        return value.reason
    return value if isinstance(value, str) else _WRITERS[form](value)


def _amount(value: object) -> str:
    return plain(Decimal(str(value)))


def _percent(value: object) -> str:
    return f"{value:.1%}"


def _interval(value: object) -> str:
    low, high = value if isinstance(value, Interval) else (value, value)
    return f"{low:.1%} to {high:.1%}"


_WRITERS: Mapping[Format, Callable[[object], str]] = {
    "text": str,
    "code": str,
    "count": str,
    "amount": _amount,
    "percent": _percent,
    "interval": _interval,
    "decimal": lambda value: f"{value:.2f}",
    "day": lambda value: f"{value:%Y-%m-%d}",
    "instant": lambda value: f"{value:%Y-%m-%d %H:%M}",
}


def _plain_data(value: Value) -> object:
    match value:
        case Missing():
            return {"missing": value.reason}
        case Interval():
            return list(value)
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return value


_TABLE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
{% set short = " tw-short" if table.rows | length <= 15 %}
<div class="tw-scroll{{ short }}" role="region" tabindex="0" aria-label="{{ table.title }}">
<table class="tw-table">
<caption>{{ table.title }}</caption>
<thead><tr>
{% for column in table.columns %}
<th scope="col"{% if column.number %} class="tw-number"{% endif %}>{{ column.name }}</th>
{% endfor %}
</tr></thead>
<tbody>
{% for row in table.cells() %}
{% set again = not loop.first and loop.previtem[0] == row[0] %}
<tr>
{% for text, class, current in row %}
{% if loop.first %}
<th scope="row"{% if again %} class="tw-again"{% endif %}>{{ text }}</th>
{% elif current %}
<td class="tw-current"><strong>{{ text }}</strong> (now)</td>
{% else %}
<td class="{{ class }}">{{ text }}</td>
{% endif %}
{% endfor %}
</tr>
{% else %}
<tr><td colspan="{{ table.columns | length }}">{{ table.empty }}</td></tr>
{% endfor %}
</tbody>
</table>
{% for note in table.notes %}
<p class="tw-note">{{ note }}</p>
{% endfor %}
</div>
""")
