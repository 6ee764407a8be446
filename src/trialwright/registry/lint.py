"""What is wrong with a record, as far as the record alone can show it. Each rule is one function with its id and why.

| rule | severity | finds |
|---|---|---|
| E01 | error | no eligibility criteria were read |
| X01 | error | a numbered list that begins after 1, or leaves a number out |
| X04 | error | `=` before a number where the text has no comparison sign left |
| X05 | error | question marks in the place of lost characters |
| X06 | error | `106 cells` where a power of ten lost its sign |
| X10 | note | both dates of a page are the last day of a month |
| X12 | warning | a term known to be a mistranslation |
| X13 | error | a sentence that breaks off and goes on as another |
| X14 | note | a sentence that stands twice |
| X16 | note | a citation without a list of references |
| C01 | error | allocation, intervention model and number of arms that do not go together |
| C09 | error | criteria that count from a randomisation which the trial does not have |
| C11 | error | methotrexate by the day |
| C19 | note | DAS28 without its variant |
| C26 | warning | a status that the dates contradict |
| C28 | note | first submitted after the start |
| D01 | error | dates out of order |

What the readers themselves find has the rules K01 to K05 (kept text, unknown value, two values, mixed terms, page cut
short), X02 (heading without text), X08 (labels lost), X09 (separators lost) and X15 (no age limit).
"""

from __future__ import annotations

from datetime import date

from trialwright.registry import lint_consistency, lint_text
from trialwright.registry.reading import Finding, Reading

RULES = (*lint_text.RULES, *lint_consistency.RULES)


def lint(reading: Reading, as_of: date | None = None) -> tuple[Finding, ...]:
    """Every defect that the rules find, in the order of the rules.

    Args:
        reading: The record as read.
        as_of: The day by which to judge whether the status is stale; without it, the record's own last update.

    Returns:
        The findings; none is repaired.

    Example:
        >>> empty = Reading(source="x", layout="API v2", record={}, sections={}, field_states={}, findings=())
        >>> [finding.rule for finding in lint(empty)]
        ['E01']
    """
    found = [finding for rule in RULES for finding in rule(reading)]
    return (*found, *lint_consistency.stale_status(reading, as_of))
