"""Checks of the allocation, and of what hangs on the arms: masking, secrets, rescue, planned response rates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialwright.protocol.criteria import items
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.study import Study

_SECRET = re.compile(
    r"\bblocks?\s+(?:of|size)\b|\bblock sizes?\b|\bseed(?:ed)?\s*(?:is|of|:|=)?\s*[0-9]", re.IGNORECASE
)


@check("allocation.missing")
def several_arms_have_an_allocation(study: Study) -> Iterator[Fault]:
    """Several arms say how subjects come to them."""
    if len(study.arms) > 1 and (study.allocation is None or study.allocation.method == "single arm"):
        yield Fault(
            ("arms",) if study.allocation is None else ("allocation", "method"),
            f"{len(study.arms)} arms, and nothing says how a subject comes to one of them",
            "nobody could be enrolled",
            "write 'allocation: {method: randomised, ratio: ...}' or 'method: by choice'",
        )


@check("allocation.randomised")
def randomisation_has_arms_and_a_ratio(study: Study) -> Iterator[Fault]:
    """A randomised trial has two arms or more, and a ratio."""
    if study.allocation is None or study.allocation.method != "randomised":
        return
    why = "there would be nothing to draw from"
    if len(study.arms) < 2:
        what = f"randomised, with {len(study.arms)} arms"
        yield Fault(("allocation", "method"), what, why, "add the other arm, or write 'method: single arm'")
    if not study.allocation.ratio:
        mend = "add 'ratio: {first arm: 1, second arm: 1}'"
        yield Fault(("allocation",), "randomised, and no ratio is given", why, mend)


@check("allocation.ratio")
def the_ratio_names_every_arm(study: Study) -> Iterator[Fault]:
    """The ratio names each arm, and no other."""
    arms = [arm.name for arm in study.arms]
    ratio = study.allocation.ratio if study.allocation else {}
    path = ("allocation", "ratio")
    for name in ratio:
        if name not in arms:
            what, mend = f"the ratio names '{name}', which is no arm", f"write one of {', '.join(arms) or 'the arms'}"
            yield Fault((*path, name), what, "subjects would come to an arm that is not there", mend)
    for name in arms if ratio else ():
        if name not in ratio:
            yield Fault(path, f"the ratio leaves '{name}' out", "nobody would come to that arm", f"add '{name}: 1'")


@check("allocation.masking")
def masking_hides_something(study: Study) -> Iterator[Fault]:
    """A masked trial is randomised between two arms at least."""
    randomised = study.allocation is not None and study.allocation.method == "randomised"
    if study.masking != "none" and not (randomised and len(study.arms) > 1):
        yield Fault(
            ("masking",),
            f"masking is {study.masking}, and there is no comparator that a subject could have been randomised to",
            "there is nothing to hide",
            "write 'masking: none', or add the comparator and the allocation",
        )


@check("allocation.secret")
def the_file_keeps_no_secret(study: Study) -> Iterator[Fault]:
    """Block sizes and seeds do not stand in the file, which every site reads."""
    for path, part in study.walk():
        for name, info in type(part).model_fields.items():
            value = getattr(part, name)
            for text in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
                if isinstance(text, str) and (found := _SECRET.search(text)):
                    yield Fault(
                        (*path, info.alias or name),
                        f"speaks of a block size or a seed: '{found[0]}'",
                        "whoever knows it can guess the next allocation",
                        "keep it with the sealed list; the file has its 'commitment' only",
                    )


@check("rescue.visit")
def rescue_is_decided_at_a_visit(study: Study) -> Iterator[Fault]:
    """The visit of the rescue is in the schedule, and what its condition reads is collected there or before."""
    if study.rescue is None:
        return
    visit = study.visit(study.rescue.visit)
    if visit is None:
        mend = f"write one of {', '.join(one.visit for one in study.schedule)}"
        what, why = f"there is no visit '{study.rescue.visit}'", "rescue would never be considered"
        yield Fault(("rescue", "visit"), what, why, mend)
        return
    collected = {name for one in study.schedule if one.day <= visit.day for name in one.collect}
    known = {item.name for item in study.items}
    for name in sorted((items(study.rescue.when) & known) - collected):
        what, mend = f"reads '{name}', which is not collected up to {visit.visit}", f"collect '{name}' there"
        yield Fault(("rescue", "when"), what, "nobody could tell whether rescue is due", mend)


@check("planning.responses")
def response_rates_belong_to_arms_or_doses(study: Study) -> Iterator[Fault]:
    """Planned response rates name arms, or doses where the dose rule looks at responses, and every one of them."""
    escalation = study.dose_escalation
    by_dose = escalation is not None and escalation.rule.looks_at is not None
    kind = "dose" if by_dose else "arm"
    names = [one.name for one in (study.doses if by_dose else study.arms)]
    rates = study.planning.true_response_rates
    path = ("planning", "true response rates")
    if rates and not names:
        what = "rates of response without arms, and with a dose rule that looks at DLTs alone"
        yield Fault(path, what, "nothing would read them", "remove them; BF-BOIN and BOIN12 look at responses")
        return
    for name in rates:
        if name not in names:
            what, mend = f"a rate for '{name}', which is no {kind}", f"write one of {', '.join(names)}"
            yield Fault((*path, name), what, f"there is no such {kind} to simulate", mend)
    for name in names if rates else ():
        if name not in rates:
            yield Fault(path, f"no rate for '{name}'", f"the {kind} could not be simulated", f"add '{name}: 0.5'")
