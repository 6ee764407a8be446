"""Markdown as a page shows it: no raw HTML, tables with scope and a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from trialwright.web.filters import powers


class _Renderer(RendererHTML):
    """Tables that scroll by themselves and that a screen reader can name."""

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        name = escape(_heading_before(tokens, index))
        region = f'<div class="table-responsive" role="region" tabindex="0" aria-label="{name}, table {index}">'
        return f'{region}<table class="table table-sm"><caption class="visually-hidden">{name}</caption>'

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return "</table></div>"

    def th_open(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return '<th scope="col">'


def rendered(markdown: str) -> SafeString:
    """Markdown as HTML; whatever looks like HTML in it is shown as text."""
    html = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table").render(markdown)
    return mark_safe(powers(html))  # noqa: S308 - the renderer escapes its input


def _heading_before(tokens: Sequence[Token], index: int) -> str:
    places = [place for place in range(index) if tokens[place].type == "heading_open"]
    return tokens[places[-1] + 1].content if places else "Table"
