"""Chapters 5 to 8 of the protocol's prose: population, intervention, discontinuation, assessments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialwright.protocol.explain_words import arm_text, counted, listed, sentence, visits_in_order
from trialwright.protocol.prose import Block, Code, Heading, Note, Paragraph, Points, Table
from trialwright.protocol.quantity import plain
from trialwright.protocol.schedule import Item
from trialwright.protocol.study import Criterion, Inclusion, Study
from trialwright.protocol.treatment_plan import Medicine
from trialwright.protocol.wording import unit_words, visit_label, words


def population(study: Study) -> Iterator[Block]:
    """Chapter 5: who may take part, in words and as it is computed."""
    yield Heading(2, "5 Trial population")
    yield Paragraph(
        "A subject takes part who meets every inclusion criterion and no exclusion criterion. A criterion whose data "
        "are not at hand is undecided, and a subject with an undecided criterion is not enrolled."
    )
    yield Heading(3, "5.1 Inclusion criteria")
    yield from _criteria("Inclusion criteria.", study.criteria.inclusion, study)
    yield Heading(3, "5.2 Exclusion criteria")
    yield from _criteria("Exclusion criteria.", study.criteria.exclusion, study)


def intervention(study: Study) -> Iterator[Block]:
    """Chapter 6: products, doses, arms, other medicine, rescue."""
    yield Heading(2, "6 Trial intervention and concomitant therapy")
    yield Heading(3, "6.1 Products and doses")
    products = [(p.name, p.kind, p.route) for p in study.products]
    yield Table.of("Products.", ("Product", "Kind", "Route"), products)
    doses = [(dose.name, str(dose.amount)) for dose in study.doses]
    yield Table.of("Doses.", ("Dose", "Amount"), doses)
    if any(dose.amount.unit.startswith("cells") for dose in study.doses):
        yield Paragraph("Cells are counted as viable cells.")
    if any("/kg" in dose.amount.unit for dose in study.doses):
        yield Paragraph("A dose per kg is computed from the last body weight collected up to the treatment.")
    word = "or" if len(study.arms) > 1 else "and"
    given = [f"{visit.visit}: {listed(visit.gives, word)}." for visit in visits_in_order(study) if visit.gives]
    if given:
        by_arm = ", to each subject what the arm says" if len(study.arms) > 1 else ""
        yield Paragraph(f"Products are given at these visits{by_arm}:")
        yield Points(tuple(given))
    yield from _preparation(study)
    if study.arms:
        yield Heading(3, "6.2 Arms")
        yield Points(tuple(sentence(f"{arm.name} ({arm.type}): {arm_text(arm, study)}") for arm in study.arms))
    yield Heading(3, f"6.{3 if study.arms else 2} Concomitant medicine and rescue")
    yield from _medicines(study)
    yield from _rescue(study)


def discontinuation(study: Study) -> Iterator[Block]:
    """Chapter 7: leaving the treatment or the trial."""
    yield Heading(2, "7 Discontinuation of intervention and withdrawal from the trial")
    yield Paragraph(
        "A subject may stop the treatment or leave the trial at any time, without giving a reason and without "
        "disadvantage. What was recorded until then stays in the record."
    )
    if study.dose_escalation:
        yield Paragraph("Subjects who leave before they can be evaluated for dose-limiting toxicity are replaced.")
    share = study.planning.drop_out
    if share:
        yield Paragraph(
            f"The trial is planned for {share:.0%} of the treated subjects to be lost before the last visit."
        )
    yield Note(
        "To be completed by the sponsor: reasons for which the investigator ends a subject's treatment, and how "
        "subjects who no longer come are sought."
    )


def assessments(study: Study) -> Iterator[Block]:
    """Chapter 8: what is collected, how it is measured, and when."""
    yield Heading(2, "8 Trial assessments and procedures")
    header = ("Assessment", "Recorded as", "Can be", "Instrument", "Visits")
    rows = [
        (
            item.label,
            _recorded(item),
            _possible(item),
            item.instrument or "",
            listed(visit.visit for visit in visits_in_order(study) if item.name in visit.collect) or "at no visit",
        )
        for item in study.items
    ]
    yield Table.of("Assessments; a value outside its range is refused at entry.", header, rows)


def _criteria(title: str, criteria: Sequence[Criterion], study: Study) -> Iterator[Block]:
    if not criteria:
        yield Note(f"To be completed by the sponsor: {title.lower()[:-1]}; the protocol file has none.")
        return
    header = ("Criterion", "In words", "Evaluated as", "As computed")
    rows = [(c.id, c.say, _evaluated(c, study), _computed(c)) for c in criteria]
    yield Table.of(title, header, rows)
    if again := [c.id for c in criteria if c.again]:
        yield Paragraph(f"Evaluated again before each treatment, on what is then known: {listed(again)}.")
    queries = [
        sentence(f"{c.id}, {_called(name)}asked when {words(condition, study)}")
        for c in criteria
        for name, condition in c.query.items()
    ]
    if queries:
        yield Paragraph("Some values raise a question to the site, whatever the verdict:")
        yield Points(tuple(queries))


def _evaluated(criterion: Criterion, study: Study) -> str:
    parts = [f"{_called(name)}{words(part, study)}" for name, part in criterion.conditions.items()]
    if len(parts) == 1:
        return sentence(parts[0])
    lettered = "; ".join(f"({place}) {part}" for place, part in enumerate(parts, start=1))
    return sentence(f"{'All' if isinstance(criterion, Inclusion) else 'Any'} of: {lettered}")


def _called(name: str) -> str:
    return f"{name.replace('_', ' ')}: " if name else ""


def _computed(criterion: Criterion) -> Code:
    named = criterion.conditions.items()
    return Code("; ".join(f"{name}: {part}" if name else str(part) for name, part in named))


def _preparation(study: Study) -> Iterator[Block]:
    rules = study.preparation
    if rules is None:
        return
    within = f"at most {counted(rules.weight_within, 'day')} old" if rules.weight_within else "of the day itself"
    said = [
        f"The body weight is {within}",
        rules.weight_cap and f"above {rules.weight_cap} kg the dose no longer grows",
        rules.final_volume and f"every infusion is made up to {rules.final_volume} mL, whatever the arm",
        rules.use_within and f"a preparation is used within {rules.use_within}",
        f"a volume that differs by more than {rules.deviation} % from the planned or prepared one is given its reason",
        f"more than {rules.ceiling} % above the planned volume is not prepared, whatever the reason"
        + ("" if rules.at_most_above is not None else " (an assumption: the protocol sets no limit)"),
    ]
    yield Paragraph(sentence("; ".join(text for text in said if text)))
    failure = {"replaced": "is replaced by another", "waits": "keeps the slot and waits for the next lot"}
    if rules.manufacturing_failure:
        yield Paragraph(f"A subject for whom no product could be made {failure[rules.manufacturing_failure]}.")


def _medicines(study: Study) -> Iterator[Block]:
    if not study.medicines:
        yield Note("To be completed by the sponsor: the protocol file names no concomitant medicine.")
        return
    rows = [
        (
            f"{m.drug} ({', '.join(m.includes)})" if m.includes else m.drug,
            _use(m),
            "none" if m.use == "forbidden" else str(m.amount or "any"),
            sentence(m.say),
        )
        for m in study.medicines
    ]
    yield Table.of("Medicine beside the product.", ("Medicine", "Use", "Dose", "Rule"), rows)


def _use(medicine: Medicine) -> str:
    near = f" within {medicine.within}" if medicine.within else ""
    arms = f" in {', '.join(medicine.arms)}" if medicine.arms else ""
    waits = f"; the treatment {medicine.treatment}" if medicine.within and medicine.within.before else ""
    return f"{medicine.use}{near}{arms}{waits}"


def _rescue(study: Study) -> Iterator[Block]:
    rescue = study.rescue
    if rescue is None:
        return
    yield Paragraph(
        f"Rescue is decided at {visit_label(rescue.visit, study)}. A subject qualifies under this condition: "
        f"{words(rescue.when, study)}. {sentence(rescue.then)}"
    )


def _recorded(item: Item) -> str:
    match item.type:
        case "number":
            return f"number, {item.unit}" if item.unit == "score" else f"number, {unit_words(item.unit)}".rstrip(", ")
        case "word":
            return "one of the words listed"
        case "event":
            return "event, with its day"
        case "drug":
            return f"drug, with days and dose, {unit_words(item.unit)}".rstrip(", ")
        case "yes or no":
            return "yes or no"


def _possible(item: Item) -> str:
    if item.choices:
        return listed((choice.replace("_", " ") for choice in item.choices), "or")
    if item.range:
        return f"{plain(item.range[0])} to {plain(item.range[1])}"
    return ""
