"""What is wrong with a record, as far as the record alone can show it. Each rule is one function with its id and why.

| rule | severity | finds |
|---|---|---|
| E01 | error | no eligibility criteria were read |
| X01 | error | a numbered list that begins after 1, or leaves a number out |
| X03 | warning | what every registration has and this page, or its layout, has not |
| X04 | error | `=` before a number where the text has no comparison sign left |
| X05 | error | question marks in the place of lost characters |
| X06 | error | `106 cells` where a power of ten lost its sign |
| X07 | note | signs that the page writes with a backslash |
| X09 | warning | entries of a page that run together |
| X10 | note | a date of a page that is the last day of a month |
| X11 | note | dates in words, and at which precision they are carried |
| X12 | warning | a term known to be a mistranslation |
| X13 | error | a sentence that breaks off and goes on as another |
| X14 | note | a sentence that stands twice, a slip of the pen, a citation without a list of references |
| X16 | note | the page's own words |
| C01 | error | allocation, intervention model and number of arms that do not go together |
| C02 | warning | a model that the text contradicts |
| C03 | warning | an active comparator that contains the product under trial |
| C04 | error | several dose levels written into one arm |
| C05 | warning | an intervention that is the combination of others |
| C06 | note | a cell product with the type DRUG |
| C07 | error | an enrolment that the 3+3 design contradicts, or none |
| C08 | error, warning | an escalation rule with a case left out below, between or above the doses, or none |
| C09 | error | criteria that count from a randomisation which the trial does not have |
| C10 | warning, note | a window back in time, or a laboratory limit, that does not say on which day |
| C11 | error | methotrexate by the day |
| C12 | error | a dose without a unit or its times, a class of drugs for a drug, two products for one |
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
| C23 | warning | safety among the aims without an outcome that counts it; an endpoint of tumours in another disease |
| C24 | warning | an intervention that no arm receives |
| C25 | warning | a trial shorter than the follow-up of one subject |
| C26 | warning | a status that the dates or the sites contradict, or that is of no day |
| C28 | note | first submitted after the start |
| C29 | warning | several spellings of an organisation, a product, a place or a person; the acronym of the disease |
| C30 | note | sites that are no collaborators where others are |
| C31 | note | the past tense before the start |
| C32 | note | masking that the text contradicts |
| C33 | note | related trials that share only the condition, or nothing |
| X17 | warning | telephone numbers and addresses of people |
| D01 | error | dates out of order |

`compare` finds C27, dates that slipped between two versions of a record. What the readers themselves find has the
rules K01 to K07 (kept text, unknown value, two values, mixed terms, page cut short, sponsor from the source, results
kept as text), X02 (heading without text), X08 (labels lost), X09 (separators lost) and X15 (no age limit).
"""

from __future__ import annotations

from datetime import date

from trialwright.registry import (
    lint_consistency,
    lint_criteria,
    lint_design,
    lint_names,
    lint_outcomes,
    lint_page,
    lint_text,
)
from trialwright.registry.reading import Finding, Reading
from trialwright.registry.related import unrelated_in_list

RULES = (
    *lint_page.RULES,
    *lint_text.RULES,
    *lint_consistency.RULES,
    *lint_design.RULES,
    *lint_criteria.RULES,
    *lint_outcomes.RULES,
    *lint_names.RULES,
    unrelated_in_list,
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
