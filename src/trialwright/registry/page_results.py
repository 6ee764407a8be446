"""Posted results that a page prints: found by the registry's own headings, and kept as text under their modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trialwright.registry.page import Draft, Line, Section, joined
from trialwright.registry.reading import EXTENSION

POSTED = f"{EXTENSION}.postedResults"

_FIRST = "participant flow"
_MODULES = {
    _FIRST: "participantFlowModule",
    "baseline characteristics": "baselineCharacteristicsModule",
    "outcome measures": "outcomeMeasuresModule",
    "adverse events": "adverseEventsModule",
    "limitations and caveats": "moreInfoModule",
    "more information": "moreInfoModule",
}


def posted_results(
    lines: Sequence[Line], is_heading: Callable[[Line], bool], draft: Draft
) -> tuple[list[Line], tuple[Section, ...]]:
    """Part the posted results from the rest of a page, and keep each of their sections as text.

    They begin at a line `Participant Flow` that `Outcome Measures` follows, and end at the next heading of the page's
    layout: each of their headings alone could as well be a condition or the name of an outcome.

    Args:
        lines: The lines of the page.
        is_heading: Whether a line is a heading of the layout.
        draft: The record, which gets `hasResults` and `trialwright.postedResults`.

    Returns:
        The lines of the rest, and the sections of the results.
    """
    keys = [line.text.rstrip(":").casefold() for line in lines]
    start = keys.index(_FIRST) if _FIRST in keys else len(lines)
    end = next((at for at in range(start, len(lines)) if is_heading(lines[at])), len(lines))
    if "outcome measures" not in keys[start:end]:
        return list(lines), ()
    heads = [at for at in range(start, end) if keys[at] in _MODULES]
    found = []
    for head, following in zip(heads, [*heads[1:], end], strict=True):
        body = tuple(lines[head + 1 : following])
        draft.place("heading", [lines[head]])
        draft.add(POSTED, {"module": _MODULES[keys[head]], "heading": lines[head].text, "text": joined(body)}, *body)
        found.append(Section(keys[head], lines[head].text, lines[head].number, body))
    draft.put("hasResults", value=True)
    draft.find(
        "K07",
        "note",
        found[0].place,
        f"the posted results, {len(found)} sections of them, are kept as text",
        "a copied page does not say which number is of which group and category",
        "give the record as the API v2 has it, which has them as numbers",
    )
    return [*lines[:start], *lines[end:]], tuple(found)
