"""A text as one HTML page that needs nothing else: contents, headings in order, named tables, a layout for print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from trialwright.protocol.prose import Block, Code, Heading, Note, Paragraph, Points, Table, numbered

_POWER = re.compile(r" x 10\^(-?\d+)")
_NUMBER = re.compile(r"[<>]?-?\d[\d.,]*%?")
_WIDE = 8
"""Columns from which a table is set small and its row names stay in sight."""

STYLE = """\
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #4b5560; --line: #b9c2cb; --paper: #fff; --panel: #f3f5f7;
  --accent: #00558c; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf0; --soft: #b3bcc6; --line: #4a5560; --paper: #14181d; --panel: #1f252c; --accent: #7cc4f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 Georgia, "Liberation Serif", "Times New Roman", serif; }
h1, h2, h3, nav, table, .note { font-family: system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .6rem; padding-top: .6rem; border-top: 2px solid var(--accent); }
h3 { font-size: 1.02rem; margin: 1.5rem 0 .4rem; }
p, ul { max-width: 46rem; margin: .5rem 0; }
a { color: var(--accent); }
code { font: .86em ui-monospace, "DejaVu Sans Mono", Menlo, monospace; overflow-wrap: anywhere; }
nav { background: var(--panel); padding: .6rem 1rem; margin: 1.2rem 0; font-size: .9rem; }
nav ol { list-style: none; margin: .3rem 0; padding: 0; columns: 2; }
nav h2 { border: 0; font-size: 1rem; margin: 0; padding: 0; }
.note { border-left: 4px solid var(--accent); background: var(--panel); padding: .45rem .8rem; font-size: .9rem;
  max-width: 46rem; }
.scroll { overflow-x: auto; margin: .8rem 0 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; line-height: 1.4; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .3rem .55rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--soft); vertical-align: bottom; }
tbody th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide th, .wide td { text-align: center; padding: .25rem .35rem; border-left: 1px solid var(--line); }
.wide tr > :first-child { text-align: left; border-left: 0; position: sticky; left: 0; background: var(--paper); }
.wide table { font-size: .8rem; }
@media (max-width: 40rem) { nav ol { columns: 1; } }
@page { size: A4; margin: 18mm 15mm 18mm; }
@page wide { size: A4 landscape; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h1 { font-size: 16pt; } h2 { font-size: 13pt; } h3 { font-size: 11pt; }
  h2, h3, caption { break-after: avoid; } p { orphans: 3; widows: 3; max-width: none; }
  tr, .note, li { break-inside: avoid; } thead { display: table-header-group; }
  .scroll { overflow: visible; } table { font-size: 8.5pt; } nav { background: none; padding: 0; }
  .wide { page: wide; } .wide table { font-size: 7pt; } .wide tr > :first-child { position: static; }
}
"""


def page(blocks: Sequence[Block], name: str) -> str:
    """Write blocks as a page.

    Args:
        blocks: The text; its only heading of level 1 is the page's title.
        name: What the browser's tab and the foot of each printed page say.
    """
    title = next((block.text for block in blocks if isinstance(block, Heading) and block.level == 1), name)
    foot = name.replace("\\", "\\\\").replace('"', '\\"').replace("<", "").replace("\n", " ")
    print_foot = (
        f'@page {{ @bottom-left {{ font: 8pt sans-serif; content: "{foot}"; }} @bottom-right {{ font: 8pt sans-serif; '
        'content: "Page " counter(page) " of " counter(pages); } }'
    )
    head, body = _split(blocks)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(f'{name}: {title}')}</title>\n<style>\n{STYLE}{print_foot}\n</style>\n</head>\n<body>\n"
        f"<header>\n{_joined(head)}\n{_contents(body)}\n</header>\n<main>\n{_joined(body)}\n</main>\n</body>\n</html>\n"
    )


def _split(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    all_blocks = list(numbered(blocks))
    starts = (place for place, block in enumerate(all_blocks) if isinstance(block, Heading) and block.level > 1)
    first = next(starts, len(all_blocks))
    return all_blocks[:first], all_blocks[first:]


def _contents(blocks: Sequence[Block]) -> str:
    chapters = [block.text for block in blocks if isinstance(block, Heading) and block.level == 2]
    links = "\n".join(f'<li><a href="#{_anchor(text)}">{_text(text)}</a></li>' for text in chapters)
    return f'<nav aria-labelledby="contents">\n<h2 id="contents">Contents</h2>\n<ol>\n{links}\n</ol>\n</nav>'


def _joined(blocks: Sequence[Block]) -> str:
    return "\n".join(_html(block) for block in blocks)


def _html(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f'<h{level} id="{_anchor(text)}">{_text(text)}</h{level}>'
        case Paragraph(text):
            return f"<p>{_text(text)}</p>"
        case Note(text):
            return f'<p class="note">{_text(text)}</p>'
        case Points(points):
            return "<ul>\n" + "\n".join(f"<li>{_text(point)}</li>" for point in points) + "\n</ul>"
        case Table():
            return "\n".join(_table(block))


def _table(table: Table) -> Iterator[str]:
    wide = " wide" if len(table.header) >= _WIDE else ""
    yield f'<div class="scroll{wide}" role="region" tabindex="0" aria-label="{escape(table.title)}"><table>'
    yield f"<caption>{_text(table.title)}</caption>"
    columns = list(zip(*table.rows, strict=True))
    numeric = [bool(wide) is False and place > 0 and _numeric(column) for place, column in enumerate(columns)]
    classes = [' class="number"' if one else "" for one in numeric] or [""] * len(table.header)
    head = "".join(f'<th scope="col"{how}>{_text(cell)}</th>' for cell, how in zip(table.header, classes, strict=True))
    yield f"<thead><tr>{head}</tr></thead>\n<tbody>"
    for first, *rest in table.rows:
        cells = "".join(f"<td{how}>{_text(cell)}</td>" for cell, how in zip(rest, classes[1:], strict=True))
        yield f'<tr><th scope="row">{_text(first)}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _numeric(column: Sequence[str]) -> bool:
    return any(column) and all(_NUMBER.fullmatch(cell) or not cell for cell in column)


def _text(text: str) -> str:
    if isinstance(text, Code):
        return f"<code>{escape(text)}</code>"
    return _POWER.sub(r" × 10<sup>\1</sup>", escape(" ".join(text.split())))


def _anchor(text: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "title"
