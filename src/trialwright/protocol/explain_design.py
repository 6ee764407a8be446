"""Chapter 4 of the protocol's prose: the design with its dose rule, stagger, allocation, cohorts and stopping rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trialwright.design import Design, Rule, ThreePlusThree
from trialwright.errors import InputError
from trialwright.protocol.escalation import DoseStagger, Stagger
from trialwright.protocol.explain_rule import what_else_it_looks_at
from trialwright.protocol.explain_summary import design_phrase
from trialwright.protocol.explain_words import MASKING, counted, dose_rule, dose_text, listed, ratio_text, sentence
from trialwright.protocol.prose import Block, Heading, Note, Paragraph, Points, Table
from trialwright.protocol.study import Study
from trialwright.protocol.treatment_plan import StoppingRule

_ACTIONS = {"E": "escalate", "S": "stay", "D": "de-escalate", "DU": "de-escalate, never return"}


def decision_table(study: Study) -> tuple[list[str], list[list[str]]] | None:
    """The dose rule at one level as a table: DLTs down, evaluable subjects across.

    Returns:
        The header (`DLTs`, then each number of subjects) and one row for each number of DLTs; a cell that cannot be is
        empty. None for a rule that looks at more than one level.
    """
    found = _actions(dose_rule(study))
    if found is None:
        return None
    sizes, action = found
    rows = [
        [str(dlts), *(action(size, dlts) if dlts <= size else "" for size in sizes)] for dlts in range(sizes[-1] + 1)
    ]
    return ["DLTs", *map(str, sizes)], rows


def _actions(rule: Rule) -> tuple[range, Callable[[int, int], str]] | None:
    """The sizes at which a rule decides, and its word on each size and number of DLTs."""
    if isinstance(rule, ThreePlusThree):
        words = {
            "tolerated": "escalate",
            "too toxic": "stop" if rule.variant == "no de-escalation" else "de-escalate",
            "expand": "expand",
            "fill the cohort": "stay",
            "no path": "consult",
        }
        return range(1, rule.most_at_level + 1), lambda size, dlts: words[rule.verdict(size, dlts)]
    if not isinstance(rule, Design):
        return None
    try:
        table = rule.decision_table()
    except InputError:
        return None
    return range(rule.cohort, rule.most_at_level + 1, rule.cohort), lambda size, dlts: _ACTIONS[
        table.action(size, dlts)
    ]


def design(study: Study) -> Iterator[Block]:
    """Chapter 4."""
    yield Heading(2, "4 Trial design")
    yield Heading(3, "4.1 Description of the design")
    yield Paragraph(
        f"The trial is planned with {counted(study.enrolment.planned, 'subject')} at "
        f"{counted(study.sites.planned, 'site')}. Its design: {design_phrase(study)}. "
        f"It is {MASKING[study.masking]}."
    )
    if study.dose_escalation:
        yield from _escalation(study)
    yield from _cohorts(study)
    yield from _allocation(study)
    for arm in study.arms:
        yield from (_stagger(f"In the arm {arm.name}", stagger) for stagger in arm.stagger)
    yield Heading(3, f"4.{3 if study.dose_escalation else 2} Stopping rules of the trial")
    yield from _stopping(study)


def _escalation(study: Study) -> Iterator[Block]:
    escalation, rule = study.design, dose_rule(study)
    yield Heading(3, "4.2 Dose escalation")
    yield Paragraph(rule.explain())
    table = decision_table(study)
    if table:
        closed = ", every DLT window being closed" if rule.weighs_follow_up else ""
        yield Table.of(f"Decision at a dose level{closed}: DLTs down, evaluable subjects across.", *table)
    yield from what_else_it_looks_at(study, rule)
    if rule.levels > 1 and isinstance(rule, ThreePlusThree):
        yield Paragraph(_top_and_bottom(rule))
    yield Paragraph(
        f"A subject can be evaluated once {escalation.dlt_window.days} days have passed since the infusion, or as soon "
        "as a dose-limiting toxicity is established. A subject who leaves the trial before that without one is not "
        "evaluable, and another subject takes the place."
    )
    yield Paragraph(
        "Each decision is proposed on the data at hand and signed by "
        f"{listed(f'the {role}' for role in escalation.decision.by)}. The next level opens only after the decision is "
        f"signed. No more than {escalation.open_dose_levels.at_once} dose level is open at a time."
    )
    yield from (_stagger(f"At the dose {stagger.dose}", stagger) for stagger in escalation.stagger)


def _stagger(where: str, stagger: Stagger) -> Paragraph:
    between = (
        "one infusion and the next"
        if stagger.after == "every subject"
        else "the infusion of the first subject, the sentinel, and any other"
    )
    if not isinstance(stagger, DoseStagger):
        between = between.replace("infusion", "first infusion", 1)
    text = f"{where} at least {counted(stagger.interval, 'day')} of 24 hours pass between {between}."
    if stagger.override_by:
        by = listed((f"the {role}" for role in stagger.override_by), "or")
        text += f" For one subject {by} may allow less, with a reason that is recorded."
    return Paragraph(text)


def _top_and_bottom(rule: ThreePlusThree) -> str:
    """How the decision table reads at the top level and at level 1."""
    top = "the investigator and the sponsor consult"
    if rule.past_the_top_dose == "MTD":
        top = "this dose is the maximum tolerated dose"
    if rule.variant == "six at the MTD":
        top += f", once {rule.expand_to} subjects were treated"
    if rule.variant == "no de-escalation":
        return (
            f"At level {rule.levels}, the top dose, 'escalate' means that {top}. At level 1, 'stop' leaves no maximum "
            "tolerated dose."
        )
    return (
        f"At level {rule.levels}, the top dose, 'escalate' means that {top}. Below a level that was too toxic, it "
        f"means that this is the maximum tolerated dose, once {rule.expand_to} subjects were treated there. At level "
        "1, 'de-escalate' leaves no maximum tolerated dose."
    )


def _cohorts(study: Study) -> Iterator[Block]:
    if not study.cohorts:
        return
    yield Paragraph("Subjects are enrolled in cohorts, one after the other, in this order:")
    yield Points(
        tuple(
            sentence(
                f"{cohort.name}: {counted(cohort.size, 'subject')}"
                + (f" at {dose_text(cohort.dose, study)}" if cohort.dose else "")
            )
            for cohort in study.cohorts
        )
    )
    for cohort in study.cohorts:
        yield from (_stagger(f"In the cohort {cohort.name}", stagger) for stagger in cohort.stagger)


def _allocation(study: Study) -> Iterator[Block]:
    allocation = study.allocation
    if allocation is None:
        if len(study.arms) > 1:
            yield Note("To be completed by the sponsor: how a subject comes to an arm.")
        return
    ratio = ratio_text(study)
    match allocation.method:
        case "randomised":
            within = f", stratified by {listed(allocation.strata)}" if allocation.strata else ""
            yield Paragraph(
                f"Subjects are randomised to the arms{f' in the ratio {ratio}' if ratio else ''}{within}. The list is "
                "sealed: block sizes, seed and order are not part of this protocol, which every site reads."
            )
            if allocation.commitment:
                yield Paragraph(f"The sealed list is the one whose SHA-256 is {allocation.commitment}.")
        case "by choice":
            yield Paragraph("Subjects are not randomised: the arm is chosen before treatment begins.")
        case "single arm":
            yield Paragraph("There is one arm; every subject receives the same treatment.")


def _stopping(study: Study) -> Iterator[Block]:
    if study.dose_escalation:
        rule = dose_rule(study)
        yield Paragraph(
            f"Escalation {'stops' if rule.variant == 'no de-escalation' else 'turns back'} once {rule.stop_at} "
            "subjects at one dose level have had a dose-limiting toxicity (section 4.2)."
            if isinstance(rule, ThreePlusThree)
            else "Escalation stops as the dose rule says (section 4.2)."
        )
    ends = {"pause": "The trial pauses", "stop": "The trial stops"}
    if study.stopping_rules:
        yield Points(
            tuple(
                f"{rule.id}. {ends[rule.then]}: {sentence(rule.say)} {_decided(rule)}" for rule in study.stopping_rules
            )
        )
    elif study.dose_escalation is None:
        yield Note("To be completed by the sponsor: the protocol file states no rule for stopping the trial.")


def _decided(rule: StoppingRule) -> str:
    """Who says that a stopping rule is met."""
    if rule.adverse_events:
        return "It takes effect by itself when such an adverse event is recorded."
    return "A person with the role for it says when it is met."
