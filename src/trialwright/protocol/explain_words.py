"""Phrases that several chapters of the protocol's prose share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trialwright.design import Rule
from trialwright.errors import InputError, ProtocolError
from trialwright.protocol.element import Element
from trialwright.protocol.schedule import Visit
from trialwright.protocol.study import Study
from trialwright.protocol.treatment_plan import Arm, Treatment

MASKING = {
    "none": "open label: everybody knows who receives what",
    "single": "single masked: one of the parties to the trial does not know who receives what",
    "double": "double masked: two of the parties to the trial do not know who receives what",
    "triple": "triple masked: three of the parties to the trial do not know who receives what",
    "quadruple": (
        "quadruple masked: subject, care provider, investigator and outcomes assessor do not know who receives what"
    ),
}
_TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}
_FROM_ENROLMENT = {
    "by level": "the dose of the level at which the subject is enrolled",
    "by cohort": "the dose of the cohort in which the subject is enrolled",
}


_KINDS = {
    "adverse events": "grading of adverse events",
    "allocation": "allocation",
    "arms": "arm",
    "arms > stagger": "stagger in an arm, after",
    "arms > treatments": "treatment with",
    "cohorts": "cohort",
    "cohorts > stagger": "stagger in a cohort, after",
    "criteria > exclusion": "exclusion criterion",
    "criteria > inclusion": "inclusion criterion",
    "dose escalation > decision": "signatures of a dose decision",
    "dose escalation > dlt": "definition of a DLT",
    "dose escalation > dlt window": "DLT window",
    "dose escalation > open dose levels": "open dose levels",
    "dose escalation > rule": "dose rule",
    "dose escalation > stagger": "stagger at dose",
    "doses": "dose",
    "endorsements": "endorsement",
    "endpoints > primary": "primary endpoint",
    "endpoints > secondary": "secondary endpoint",
    "enrolment": "number of subjects",
    "items": "assessment",
    "medicines": "medicine",
    "planning": "planning figures",
    "preparation": "preparation of the infusion",
    "populations": "population",
    "products": "product",
    "rescue": "rescue",
    "schedule": "visit",
    "sites": "number of sites",
    "stopping rules": "stopping rule",
}
_NAMES = ("label", "id", "name", "drug", "product", "dose", "after")


def dose_rule(study: Study) -> Rule:
    """The dose rule.

    Raises:
        ProtocolError: Its numbers do not fit together.
    """
    try:
        return study.rule
    except InputError as fault:
        raise ProtocolError(f"{study.id}, dose escalation > rule: {fault}; correct them") from None


def element_label(path: Sequence[str | int], element: Element) -> str:
    """An element for a reader: what it is, and its label, id or name.

    Example:
        >>> element_label(("schedule", 2), Visit(visit="D28", day=28))
        'visit D28'
    """
    keys = " > ".join(str(key) for key in path if isinstance(key, str))
    kind = _KINDS.get(keys, keys.replace(" > ", ", ") or "the protocol")
    many = any(isinstance(key, int) for key in path)
    names = (element.visit,) if isinstance(element, Visit) else (getattr(element, key, None) for key in _NAMES)
    return f"{kind} {next(filter(None, names), '')}".rstrip() if many else kind


def listed(phrases: Iterable[str], word: str = "and") -> str:
    """Phrases as a sentence lists them.

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    found = list(phrases)
    return f"{', '.join(found[:-1])} {word} {found[-1]}" if len(found) > 1 else "".join(found)


def counted(number: int, noun: str) -> str:
    """A number of things.

    Example:
        >>> counted(1, "subject"), counted(2, "subject")
        ('1 subject', '2 subjects')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def sentence(text: str) -> str:
    """An author's words as one sentence: a full stop last, a capital first unless the first word is a name like mRNA.

    Example:
        >>> sentence("no further subject is treated")
        'No further subject is treated.'
    """
    said = " ".join(text.split())
    first = said[:1].upper() if said.split(" ")[0].islower() else said[:1]
    return first + said[1:] + ("" if said.endswith((".", "?", "!")) else ".")


def day_text(visit: Visit) -> str:
    """When a visit takes place, without its anchor.

    Example:
        >>> day_text(Visit(visit="D28", day=28, window="2 days", assumed="x"))
        'day 28 ± 2'
    """
    if visit.day < 0:
        last = visit.last_day
        return f"day {visit.day}" + (f" to {last}" if last > visit.day else "")
    return f"day {visit.day}" + (f" ± {visit.window}" if visit.window and visit.day else "")


def anchor_text(visit: Visit) -> str:
    """The day that a visit is counted from."""
    anchor = "first infusion" if visit.anchor == "infusion" else visit.anchor.replace("_", " ")
    return f"the {anchor}" if anchor.startswith("first ") else anchor


def visits_in_order(study: Study) -> list[Visit]:
    """All visits: by the first appearance of their anchor in the file, then by day."""
    anchors = list(dict.fromkeys(visit.anchor for visit in study.schedule))
    return sorted(study.schedule, key=lambda visit: (anchors.index(visit.anchor), visit.day))


def treatment_text(treatment: Treatment, study: Study) -> str:
    """One product as an arm gives it: `hUC-MSC injection at medium (3 x 10^6 cells/kg), once`."""
    dose = dose_text(treatment.dose, study)
    return f"{treatment.product}{f' at {dose}' if dose else ''}, {_how_often(treatment)}"


def dose_text(name: str | None, study: Study) -> str:
    """A dose by the name that an arm or a cohort uses for it; empty where it names none."""
    if name is None:
        return ""
    dose = next((dose for dose in study.doses if dose.name == name), None)
    if dose is None or dose.name == str(dose.amount):
        return _FROM_ENROLMENT.get(name, name)
    return f"{dose.name} ({dose.amount})"


def arm_text(arm: Arm, study: Study) -> str:
    """Everything that an arm gives."""
    return "; ".join(treatment_text(treatment, study) for treatment in arm.treatments) or "no product of the trial"


def ratio_text(study: Study) -> str:
    """The allocation ratio with its arms, such as `3:1 (cells : vehicle)`; empty where there is none."""
    ratio = study.allocation.ratio if study.allocation else {}
    return f"{':'.join(map(str, ratio.values()))} ({' : '.join(ratio)})" if ratio else ""


def _how_often(treatment: Treatment) -> str:
    every = treatment.every
    if treatment.times is None:
        between = f"every {str(every).removeprefix('1 ')}, " if every else ""
        return f"{between}without a planned end"
    times = _TIMES.get(treatment.times, f"{treatment.times} times")
    return f"{times}, {every} apart" if every and treatment.times > 1 else times
