"""Items that a protocol answers: its DLT definition, its dose rule, its criteria, its rescue; the items are data.

A table beside the protocols, `items.json`, says for each item which protocol answers it, by which kind of question, and
what its inputs are called there. No trial is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trialwright.clinical.cell_dose import FlatCellDose, flat_cell_dose
from trialwright.clinical.ctcae_dictionary import POLICIES, check_grade, find_term
from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing
from trialwright.design import Design
from trialwright.design.outcomes import Tally
from trialwright.errors import InputError
from trialwright.protocol.criteria import Truth, items, leaves
from trialwright.protocol.facts import Facts, Observation, Value
from trialwright.protocol.screen import CriterionFinding, find
from trialwright.protocol.study import Criterion, Exclusion, Study

Given = Mapping[str, Any]
Entry = Mapping[str, Any]

_DAY = date(2027, 1, 15)  # any day: what is given lies on it, or so long before it
_ANCHORS = ("consent", "screening", "baseline", "enrolment", "randomisation", "infusion")
_SCREENING_VISITS = ("Screening", "Baseline")
_MOST_VALUE = 10**9
_LONGEST_WASHOUT_DAYS = 3660
_ADMINISTRATIONS = {"daily": 1, "twice daily": 2, "weekly": 1}
_MONTH_DAYS = 30
_DRUG_PARTS = ("drug", "mg", "frequency", "route", "months_on_treatment", "weeks_stable_before_screening")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolItems:
    """The items of a folder of protocols.

    Attributes:
        table: What each item asks, and of which protocol.
        study: Gives the protocol of a name.
    """

    table: Mapping[str, Entry]
    study: Callable[[str], Study]

    def compute(self, name: str, inputs: Given) -> Any:
        """Answer an item from its protocol.

        Raises:
            InputError: An input is unknown, absent or impossible; every one is named.
        """
        entry = self.table[name]
        return _KINDS[entry["kind"]](self, entry, inputs)


def _dlt(source: ProtocolItems, entry: Entry, given: Given) -> bool | Missing:
    """Whether an adverse event is dose-limiting by the protocol's definition; the infusion is on day 1: a choice.

    The last day of the window is within it: a choice.
    """
    definition = source.study(entry["protocol"]).design.dlt
    read = _known(given, "ctcae_term grade related_to_product onset_day dlt_window_days haematological_policy")
    level = read.needed_whole("grade", given.get("grade"), 0, 5)
    related = read.needed_flag("related_to_product", given.get("related_to_product"))
    onset = read.needed_whole("onset_day", given.get("onset_day"), -10_000, 10_000)
    window = read.needed_whole("dlt_window_days", given.get("dlt_window_days"), 1, 10_000)
    policy = read.needed_choice("haematological_policy", given.get("haematological_policy"), POLICIES)
    term = _term(read, given.get("ctcae_term"))
    if missing := read.missing():
        return missing
    if level:
        check_grade(term, level)
    counts = definition.model_copy(update={"haematological": policy}).counts
    return 1 <= onset <= window and counts(term=term, grade=level, related=related)


def _term(read: Inputs, value: Any) -> str:
    """The name of a term; without it the item is missing."""
    if value is None:
        read.gaps.append("ctcae_term")
        return ""
    try:
        return find_term(value).name
    except InputError as fault:
        read.fault(f"ctcae_term: {fault}")
        return ""


def _escalation(source: ProtocolItems, entry: Entry, given: Given) -> Any:
    """What the dose rule decides after a cohort, the levels below it having been tolerated."""
    study = source.study(entry["protocol"])
    rule = study.rule
    if not isinstance(rule, Design):
        raise InputError(f"{rule.name} looks at efficacy too; the number of DLTs decides nothing alone")
    most = rule.most_at_level
    read = _known(given, "dose_level n_evaluable n_dlt")
    level = read.needed_whole("dose_level", given.get("dose_level"), 1, len(study.doses))
    evaluable = read.needed_whole("n_evaluable", given.get("n_evaluable"), 0, most)
    dlts = read.needed_whole("n_dlt", given.get("n_dlt"), 0, most)
    if dlts > evaluable and not read.faults and not read.gaps:
        read.fault(f"n_dlt must be at most n_evaluable {evaluable}, got {dlts}")
    if missing := read.missing():
        return missing
    below = [Tally(rule.cohort, 0)] * (level - 1)
    above = [Tally()] * (len(study.doses) - level)
    found = rule.course((*below, Tally(evaluable, dlts), *above), level)
    word = entry["words"][found.decision.value]
    if not entry["mtd"]:
        return word
    return {"decision": word, "mtd_cells_per_kg": study.dose(found.mtd).cells_per_kg if found.mtd else None}


def _sides(source: ProtocolItems, entry: Entry, given: Given) -> dict[str, bool | Missing] | Missing:
    """How the criteria of each side stand that read what is given; one that refuses decides, whatever is missing."""
    study = source.study(entry["protocol"])
    findings, gap = _findings(study, given, {name: [name] for name in entry["inputs"]}, entry["inputs"])
    excluding = {one.id for one in study.criteria if isinstance(one, Exclusion)}
    refused = {finding.id for finding in findings if finding.status == "not met"}
    if gap and not refused:
        return gap
    return {
        "inclusion_all_met": False if refused - excluding else gap or True,
        "exclusion_any_met": True if refused & excluding else gap or False,
        "eligible_by_labs": not refused,
    }


def _excluded(source: ProtocolItems, entry: Entry, given: Given) -> dict[str, bool | Missing]:
    """Whether each of several protocols refuses for what is given; one criterion decides, whatever is missing."""
    names = {name: [name] for name in entry["inputs"]}
    answers: dict[str, bool | Missing] = {}
    for protocol in entry["protocols"]:
        findings, gap = _findings(source.study(protocol), given, names, entry["inputs"])
        refused = any(one.status == "not met" for one in findings)
        answers[f"excluded_{protocol}"] = True if refused else gap or False
    return answers


def _thresholds(source: ProtocolItems, entry: Entry, given: Given) -> dict[str, bool] | Missing:
    """Whether no criterion refuses that reads what is given, in the protocol that an input names."""
    read = Inputs()
    protocol = read.needed_choice("trial", given.get("trial"), entry["protocols"])
    if missing := read.missing():
        return missing
    rest = {name: value for name, value in given.items() if name != "trial"}
    findings, gap = _findings(source.study(protocol), rest, entry["names"], ())
    refused = any(finding.status == "not met" for finding in findings)
    return gap if gap and not refused else {"eligible": not refused}


def _findings(
    study: Study, given: Given, names: Mapping[str, list[str]], needed: Iterable[str]
) -> tuple[tuple[CriterionFinding, ...], Missing | None]:
    """The criteria that read what is given, and what is not given; `alt` comes with `alt_uln`, or as `alt_x_uln`."""
    read = Inputs()
    known: dict[str, tuple[Observation, ...]] = {}
    for key, value in given.items():
        name = key.removesuffix("_x_uln")
        item = next((one for one in names.get(name, [name]) if study.item(one)), None)
        if name.endswith("_uln") and name.removesuffix("_uln") in given:
            continue
        if item is None:
            read.fault(f"{key} is no input: {study.id} has no item for it")
        elif value is None:
            read.gaps.append(key)
        else:
            limit = Decimal(1) if name != key else read.number(f"{key}_uln", given.get(f"{key}_uln"), 0, _MOST_VALUE)
            found = _value(read, key, value)
            known[item] = tuple(Observation(value=found, uln=limit, on=_DAY, visit=one) for one in _SCREENING_VISITS)
    read.gaps += [name for name in needed if name not in given]
    gap = read.missing()
    facts = Facts(observations=known, anchors=dict.fromkeys(_ANCHORS, _DAY))
    findings = tuple(find(one, facts) for one in _reading(study, known))
    lacking = [what for one in findings for what in one.missing if what.split(" ")[0] in known]
    return findings, gap or (Missing(f"{', '.join(dict.fromkeys(lacking))} is not given") if lacking else None)


def _reading(study: Study, known: Iterable[str]) -> list[Criterion]:
    """The criteria that read one of these items."""
    return [one for one in study.criteria if not items(one.condition).isdisjoint(known)]


def _drugs(source: ProtocolItems, entry: Entry, given: Given) -> dict[str, Any] | Missing:
    """Whether the drugs that a subject takes at screening meet the criteria that read them, and every issue by name."""
    study = source.study(entry["protocol"])
    read = _known(given, "drugs")
    known: dict[str, tuple[Observation, ...]] = dict.fromkeys(entry["drugs"], ())
    for index, each in enumerate(read.listed("drugs", given.get("drugs"))):
        drug = read.group(f"drugs[{index}]", each, _DRUG_PARTS)
        name = read.needed_choice(f"drugs[{index}].drug", drug.get("drug"), entry["drugs"])
        exposure = _exposure(read, study, name, drug, f"drugs[{index}]")
        known |= {name: (*known[name], exposure)} if name else {}
    if missing := read.missing():
        return missing
    facts = Facts(observations=known, anchors={"screening": _DAY})
    findings = [found for one in _reading(study, known) if (found := find(one, facts)).status != "unknown"]
    issues = sorted({name for finding in findings for name in (*finding.failed, *finding.queries)})
    return {"meets": all(finding.status != "not met" for finding in findings), "issues": issues}


def _exposure(read: Inputs, study: Study, name: str, drug: Given, at: str) -> Observation:
    frequency = read.needed_choice(f"{at}.frequency", drug.get("frequency"), _ADMINISTRATIONS)
    read.remark(f"{at}.route", drug.get("route"))
    mg = read.needed_number(f"{at}.mg", drug.get("mg"), 0, 100_000)
    months = read.needed_number(f"{at}.months_on_treatment", drug.get("months_on_treatment"), 0, 1200)
    stable = "weeks_stable_before_screening"
    weeks = read.needed_number(f"{at}.{stable}", drug.get(stable), 0, 5200)
    if read.faults or read.gaps:
        return Observation()
    item = study.item(name)
    unit = item.unit if item else None
    begun = _months_before(int(months)) - timedelta(days=int((months - int(months)) * _MONTH_DAYS))
    return Observation(
        value=mg * (_ADMINISTRATIONS[frequency] if unit == "mg/d" else 1),
        unit=unit,
        since=begun,
        stable_since=_DAY - timedelta(days=int(weeks * 7)),
        frequency=frequency,
    )


def _months_before(months: int) -> date:
    year, month = divmod(_DAY.year * 12 + _DAY.month - 1 - months, 12)
    return date(year, month + 1, _DAY.day)


def _washout(source: ProtocolItems, entry: Entry, given: Given) -> dict[str, Any] | Missing:
    """Whether an event lies far enough before the reference day, and from which day it does."""
    study = source.study(entry["protocol"])
    read = _known(given, "event last_date reference_date")
    known = [item.name for item in study.items if item.type in {"event", "drug"}]
    event = read.needed_choice("event", given.get("event"), [*known, *entry["exempt"]])
    last, reference = (read.day(name, given.get(name)) for name in ("last_date", "reference_date"))
    read.gaps += [name for name in ("last_date", "reference_date") if given.get(name) is None]
    if missing := read.missing():
        return missing
    if last is None or reference is None:
        return Missing("a date is not given")
    if last > reference:
        raise InputError(f"last_date must not be after reference_date {reference}, got {last}")
    reading = _reading(study, [event])

    def washed_out(day: date) -> bool:
        facts = Facts(observations={event: (Observation(on=last),)}, anchors=dict.fromkeys(_ANCHORS, day))
        return all(find(one, facts).status != "not met" for one in reading)

    days = (last + timedelta(days=days) for days in range(min(_LONGEST_WASHOUT_DAYS, (date.max - last).days)))
    earliest = None if washed_out(last) else next((day for day in days if washed_out(day)), None)
    return {"washed_out": washed_out(reference), "earliest_eligible_date": earliest}


def _flat_dose(source: ProtocolItems, entry: Entry, given: Given) -> FlatCellDose | Missing:
    """Whether each infusion is within the dose of the protocol that an input names."""
    read = _known(given, "trial viable_cells_per_infusion")
    protocol = read.needed_choice("trial", given.get("trial"), entry["protocols"])
    if missing := read.missing():
        return missing
    amount = next(dose.amount for dose in source.study(protocol).doses if dose.name == entry["dose"])
    return flat_cell_dose(
        viable_cells_per_infusion=given.get("viable_cells_per_infusion"),
        lowest_viable_cells=amount.low,
        highest_viable_cells=amount.high,
    )


def _rescue(source: ProtocolItems, entry: Entry, given: Given) -> dict[str, bool] | Missing:
    """Whether rescue opens, by the reading that one part failing is enough and by the one that all must fail."""
    rescue = source.study(entry["protocol"]).rescue
    keys = {
        f"{short}_{visit}": (item, name)
        for short, item in entry["names"].items()
        for visit, name in entry["visits"].items()
    }
    read = _known(given, " ".join(keys))
    known: dict[str, tuple[Observation, ...]] = {}
    for key, (item, visit) in keys.items():
        value = read.needed_number(key, given.get(key), 0, _MOST_VALUE)
        known[item] = (*known.get(item, ()), Observation(value=value, visit=visit, on=_DAY))
    if missing := read.missing():
        return missing
    if rescue is None:
        return Missing("the protocol has no rescue")
    held = [part.evaluate(Facts(observations=known)).truth for part in leaves(rescue.when)]
    if Truth.UNKNOWN in held:
        return Missing("an improvement cannot be told from what is given")
    return {
        "rescue_if_either_fails": Truth.FALSE in held,
        "rescue_if_both_fail": Truth.TRUE not in held,
    }


def _known(given: Given, names: str) -> Inputs:
    read = Inputs()
    for key in given:
        if key not in names.split():
            read.fault(f"{key} is no input; the inputs are {', '.join(names.split())}")
    return read


def _value(read: Inputs, name: str, value: Any) -> Value:
    if isinstance(value, bool | str):
        return value
    return read.number(name, value, -_MOST_VALUE, _MOST_VALUE) or Decimal(0)


_KINDS: Mapping[str, Callable[[ProtocolItems, Entry, Given], Any]] = {
    "dlt": _dlt,
    "escalation": _escalation,
    "sides": _sides,
    "excluded": _excluded,
    "thresholds": _thresholds,
    "drugs": _drugs,
    "washout": _washout,
    "flat dose": _flat_dose,
    "rescue": _rescue,
}
