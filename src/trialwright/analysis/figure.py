"""What every figure is: a Vega-Lite spec, one sentence that says the same, and the numbers behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import vl_convert
from jinja2 import Environment

from trialwright.analysis.table import Table

Spec = dict[str, Any]

VEGA_LITE = "6.4"
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""The palette of Okabe and Ito 2008, which stays apart in every common form of colour blindness."""

BLUE, VERMILLION, ORANGE = "#0072B2", "#D55E00", "#E69F00"

INK, GREY = "#1B1F24", "#57606A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure that can be drawn, read aloud and checked.

    Attributes:
        spec: The figure as Vega-Lite, data included.
        alt: One sentence that says what the figure shows.
        table: The numbers behind the figure.
    """

    title: str
    spec: Spec
    alt: str
    table: Table

    def svg(self) -> str:
        """Draw the figure; the same spec always gives the same bytes."""
        return svg(self.spec)

    def png(self) -> bytes:
        """Draw the figure as a picture at twice its size, for slides."""
        drawn: bytes = vl_convert.vegalite_to_png(self.spec, vl_version=VEGA_LITE, scale=2, allowed_base_urls=[])
        return drawn

    def html(self) -> str:
        """The figure as HTML: the drawing under its sentence, and the numbers in a part that folds."""
        return _FIGURE.render(figure=self)

    def __html__(self) -> str:
        return self.html()

    def _repr_html_(self) -> str:
        return self.html()


def svg(spec: Spec) -> str:
    """Draw a Vega-Lite spec as SVG, without a script, a font or an address in it.

    Args:
        spec: A spec that carries its data; nothing is fetched.
    """
    return _svg(json.dumps(spec, sort_keys=True))


def styled(width: int, height: int, **parts: object) -> Spec:
    """A spec in the house's style.

    Args:
        width: Of the plot, px.
        height: Of the plot, px.
        **parts: What the spec holds: layers, data, scales.
    """
    return (
        {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "width": width, "height": height}
        | parts
        | {
            "background": "white",
            "padding": _PADDING,
            "config": _STYLE,
        }
    )


def values(rows: Sequence[dict[str, Any]]) -> Spec:
    """Data that travel in the spec."""
    return {"values": list(rows)}


_PADDING = {"left": 30, "top": 6, "right": 30, "bottom": 6}
"""Pixels; a reader's font may be wider than the one that the drawing was measured with."""

_TEXT = {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
_STYLE: Spec = {
    "font": "Liberation Sans, Arial, Helvetica, sans-serif",
    "view": {"stroke": None},
    "axis": {
        **_TEXT,
        "domainColor": GREY,
        "tickColor": GREY,
        "gridColor": "#D8DEE4",
        "labelLimit": 320,
        "labelPadding": 6,
        "titlePadding": 8,
    },
    "legend": {**_TEXT, "labelLimit": 320},
    "text": {"color": INK, "fontSize": 11},
    "title": {"color": INK, "fontSize": 12, "fontWeight": "normal", "anchor": "start"},
}


@lru_cache(maxsize=64)
def _svg(spec: str) -> str:
    drawn: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    return drawn


_FIGURE = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<figure class="tw-figure">
<figcaption>{{ figure.title }}</figcaption>
<div class="tw-scroll" role="region" tabindex="0" aria-label="{{ figure.title }}">
<div class="tw-drawing" role="img" aria-label="{{ figure.alt }}">{{ figure.svg() | safe }}</div>
</div>
<details>
<summary>Numbers behind this figure</summary>
{{ figure.table }}
</details>
</figure>
""")
