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
| C02 | warning | a model that the text contradicts |
| C03 | warning | an active comparator that contains the product under trial |
| C04 | error | several dose levels written into one arm |
| C05 | warning | an intervention that is the combination of others |
| C06 | note | a cell product with the type DRUG |
| C07 | error | an enrolment that the 3+3 design contradicts, or none |
| C08 | error, warning | an escalation rule with a case left out, or none |
| C09 | error | criteria that count from a randomisation which the trial does not have |
| C10 | warning | a window back in time that does not say from which day it counts |
| C11 | error | methotrexate by the day |
| C12 | error | a dose without a unit, or a class of drugs in the place of a drug |
| C13 | warning | a single dose that is given several times |
| C14 | warning | multiple doses in the summary, a single one in the description |
| C15 | error | limits of inclusion and exclusion that contradict each other |
| C16 | warning | what the inclusion asks for and the exclusion bars |
| C17 | warning | an exclusion among the inclusions, a negative among the exclusions |
| C18 | warning | an action or a delay in the place of a criterion |
| C19 | note | a measure without its definition, such as DAS28 without its variant |
| C20 | warning | a response that is not the one it is called |
| C21 | warning | rescue treatment before an endpoint |
| C22 | warning | outcomes that all come before the last administration |
| C23 | warning | safety among the aims of an early trial, and no outcome of safety |
| C24 | warning | an intervention that no arm receives |
| C25 | warning | a trial shorter than the follow-up of one subject |
| C26 | warning | a status that the dates contradict |
| C28 | note | first submitted after the start |
| C30 | note | sites that are no collaborators where others are |
| C31 | note | the past tense before the start |
| X17 | note | telephone numbers and addresses of people |
| D01 | error | dates out of order |

What the readers themselves find has the rules K01 to K05 (kept text, unknown value, two values, mixed terms, page cut
short), X02 (heading without text), X08 (labels lost), X09 (separators lost) and X15 (no age limit).
"""

from __future__ import annotations

from datetime import date

from trialwright.registry import lint_consistency, lint_criteria, lint_design, lint_outcomes, lint_text
from trialwright.registry.reading import Finding, Reading

RULES = (
    *lint_text.RULES,
    *lint_consistency.RULES,
    *lint_design.RULES,
    *lint_criteria.RULES,
    *lint_outcomes.RULES,
)


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
