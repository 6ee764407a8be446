"""The tables of a record as PDF that prints: the same bytes for the same record, and every script of a name.

Latin, Greek, Cyrillic and most other alphabets are set in DejaVu Sans, which goes into the file. Chinese, Japanese and
Korean are set in the reader's own font of that script, as PDF names it (ISO 32000-1, 9.7.5.2). A character for which
there is neither is written by its number, such as U+1F600, so that nothing is lost.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from trialwright.exchange.record_pages import Link, Part

_FONT, _KOREAN, _EAST_ASIAN = "DejaVuSans", "HYSMyeongJo-Medium", "STSong-Light"
_HANGUL = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3))
_CJK = ((0x2E80, 0x312F), (0x3190, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF))
_LAST_FOUND = 0xFFFF
"""Of a character beyond the basic plane ReportLab writes a number that a reader of the file takes for another."""
_MARGIN, _FOOT = 40, 24
_TITLE = ParagraphStyle("title", fontName=_FONT, fontSize=14, leading=19, spaceAfter=4)
_LINE = ParagraphStyle("line", fontName=_FONT, fontSize=8, leading=11)
_HEADING = ParagraphStyle("heading", parent=_LINE, fontSize=12, leading=16, spaceBefore=12)
_CAPTION = ParagraphStyle("caption", parent=_LINE, fontSize=9, leading=13, spaceBefore=6, textColor="#444444")
_ROW = ParagraphStyle("row", parent=_LINE, fontSize=7.5, leading=10, spaceBefore=3, leftIndent=8, firstLineIndent=-8)


def record_pdf(title: str, lines: Iterable[str], parts: Iterable[Part], dated: datetime | None) -> bytes:
    """Write tables as PDF, row by row, each value under the name of its column; what is empty is left out.

    Args:
        title: Heading, and title of the document.
        lines: What stands below it.
        parts: The tables.
        dated: The last moment that the record tells of, in UTC, which is the document's date.
    """
    _fonts()
    held = io.BytesIO()
    told = [Paragraph(_marked(title), _TITLE), *(Paragraph(_marked(line), _LINE) for line in lines)]
    for part in parts:
        told += _paragraphs(part)

    def foot(canvas: Canvas, _document: object) -> None:
        canvas.setDateFormatter(lambda *_: f"D:{dated:%Y%m%d%H%M%S}Z" if dated else "D:19700101000000Z")
        canvas.setFont(_FONT, 7)
        canvas.drawString(_MARGIN, _FOOT, f"Page {canvas.getPageNumber()}")

    sides = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN)
    SimpleDocTemplate(held, pagesize=A4, title=title, lang="en", invariant=1, **sides).build(
        told, onFirstPage=foot, onLaterPages=foot
    )
    return held.getvalue()


def _paragraphs(part: Part) -> Iterator[Paragraph]:
    if part.heading:
        yield Paragraph(_marked(part.heading), _HEADING)
    yield Paragraph(_marked(part.title if part.rows else f"{part.title}: none."), _CAPTION)
    for row in part.rows:
        shown = (one.text if isinstance(one, Link) else str(one) for one in row)
        named = (f"{name}: {text}" for name, text in zip(part.header, shown, strict=True) if text)
        yield Paragraph(_marked("; ".join(named)), _ROW)


@cache
def _fonts() -> frozenset[int]:
    """Make the fonts known; gives the characters that DejaVu Sans has, as far as they are found again in the file."""
    with as_file(files("trialwright.exchange") / "data" / f"{_FONT}.ttf") as file:
        font = TTFont(_FONT, file)
    for one in (font, UnicodeCIDFont(_KOREAN), UnicodeCIDFont(_EAST_ASIAN)):
        pdfmetrics.registerFont(one)
    return frozenset(number for number in font.face.charToGlyph if number <= _LAST_FOUND)


def _marked(text: str) -> str:
    """A text for a paragraph, in whose marks each run of characters has the font that holds it."""
    runs = ((font, "".join(run)) for font, run in groupby(text, _font_of))
    return "".join(_run(font, run) for font, run in runs)


def _run(font: str | None, run: str) -> str:
    if font is None:
        return " ".join(f"U+{ord(one):04X}" for one in run)
    told = escape(run).replace("\n", "<br/>")
    return told if font == _FONT else f'<font name="{font}">{told}</font>'


def _font_of(character: str) -> str | None:
    number = ord(character)
    if number in _fonts() or character == "\n":
        return _FONT
    scripts = ((_KOREAN, _HANGUL), (_EAST_ASIAN, _CJK))
    return next((font for font, there in scripts if any(low <= number <= high for low, high in there)), None)
