"""Every dose-finding design by its name, made from settings written as text: for command lines and protocol files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from inspect import Parameter, signature
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from trialwright.design.backfill import BackfillBOIN
from trialwright.design.behaving import Behaving
from trialwright.design.behaviours import at_least_at_mtd, no_skipping, stop_at_dose, stop_at_total
from trialwright.design.boin import BOIN
from trialwright.design.boin12 import BOIN12
from trialwright.design.crm import CRM
from trialwright.design.crm_fit import Estimation
from trialwright.design.custom_table import CustomTable
from trialwright.design.decision_table import DecisionTable
from trialwright.design.i3_plus_3 import I3Plus3
from trialwright.design.keyboard import Keyboard
from trialwright.design.mtpi import MTPI
from trialwright.design.mtpi2 import MTPI2
from trialwright.design.rolling_six import RollingSix
from trialwright.design.rule import Rule
from trialwright.design.skeleton import indifference_skeleton
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.design.tite_boin import TITEBOIN
from trialwright.design.tite_crm import TITECRM, Weights
from trialwright.design.tpi import TPI
from trialwright.design.working_model import Empiric, Logistic, TwoParameterLogistic, WorkingModel
from trialwright.errors import InputError

Maker = Callable[..., Rule]
OneParameterModel = Literal["empiric", "logistic"]
Model = Literal[OneParameterModel, "two-parameter logistic"]

TWO_PARAMETERS: Final = "two-parameter logistic"
"""The model whose doses are numbers and not labels."""


def one_parameter(
    *,
    levels: int,
    target: float,
    model: OneParameterModel = "empiric",
    skeleton: tuple[float, ...] | None = None,
    halfwidth: float = 0.05,
    prior_mtd: int | None = None,
    intercept: float = 3.0,
    prior_variance: float = 1.34,
) -> Empiric | Logistic:
    """Make a working model with a skeleton.

    The skeleton is the one given, or that of an indifference interval of `halfwidth` around the target with the MTD
    guessed at `prior_mtd`, the middle level when left out. Prior variance: O'Quigley and Shen 1996, Biometrics 52:673.
    """
    guess = (levels + 1) // 2 if prior_mtd is None else prior_mtd
    rates = skeleton or indifference_skeleton(
        target=target, halfwidth=halfwidth, mtd=guess, levels=levels, model=model, intercept=intercept
    )
    if len(rates) != levels:
        raise InputError(f"CRM: {len(rates)} rates in the skeleton for {levels} levels; give one for each level")
    deviation = prior_variance**0.5 if prior_variance > 0 else prior_variance
    if model == "empiric":
        return Empiric(skeleton=rates, prior_sd=deviation)
    return Logistic(skeleton=rates, intercept=intercept, prior_sd=deviation)


def two_parameters(
    *,
    levels: int,
    doses: tuple[float, ...] = (),
    reference_dose: float | None = None,
    prior_means: tuple[float, ...] = (),
    prior_sds: tuple[float, ...] = (),
    prior_covariance: float = 0.0,
) -> TwoParameterLogistic:
    """Make the two-parameter logistic model; its prior, of log alpha and log beta, and its doses must be given.

    Raises:
        InputError: Something is missing, or a list has another length.
    """
    lists = (("doses", doses, levels), ("prior_means", prior_means, 2), ("prior_sds", prior_sds, 2))
    faults = [
        f"{name} must be {size} numbers, and has {len(given)}" for name, given, size in lists if len(given) != size
    ]
    if reference_dose is None or faults:
        faults += ["reference_dose is missing"] if reference_dose is None else []
        raise InputError(f"CRM with the {TWO_PARAMETERS} model: {'; '.join(faults)}")
    return TwoParameterLogistic(
        doses=doses,
        reference=reference_dose,
        mean=(prior_means[0], prior_means[1]),
        sd=(prior_sds[0], prior_sds[1]),
        covariance=prior_covariance,
    )


def crm(  # noqa: PLR0913 - its settings, each with a default
    *,
    levels: int,
    target: float,
    model: Model = "empiric",
    cohort: int = 3,
    subjects: int = 30,
    start: int = 1,
    estimation: Estimation = "bayes",
    skipping: bool = False,
    coherent: bool = True,
    cutoff: float | None = None,
    **settings: Any,
) -> CRM:
    """Make a CRM from plain numbers: its own settings, and those of its working model.

    Raises:
        InputError: The numbers do not fit together, or belong to another model.

    Example:
        >>> crm(levels=5, target=0.25, prior_mtd=3).levels
        5
    """
    if model == TWO_PARAMETERS:
        working: WorkingModel = two_parameters(levels=levels, **_without(settings, one_parameter, model))
    else:
        own = _without(settings, two_parameters, model)
        working = one_parameter(levels=levels, target=target, model=model, **own)
    return CRM(
        model=working,
        target=target,
        cohort=cohort,
        subjects=subjects,
        start=start,
        estimation=estimation,
        skipping=skipping,
        coherent=coherent,
        cutoff=cutoff,
    )


def _without(settings: dict[str, Any], other: Callable[..., WorkingModel], model: Model) -> dict[str, Any]:
    """The settings of a working model, without those of the other one that nobody gave."""
    others = {key: setting for key, setting in _parameters(other).items() if key in settings}
    given = [key for key, setting in others.items() if settings[key] != setting.default]
    if given:
        raise InputError(f"CRM: the {model} model has no {', '.join(given)}; leave out, or name another model")
    return {key: value for key, value in settings.items() if key not in others}


def tite_crm(
    *, window: float, weights: Weights = "linear", cohort: int = 1, coherent: bool = False, **settings: Any
) -> TITECRM:
    """Make a TITE-CRM from plain numbers: the settings of `crm`, a window in days, and weights.

    Example:
        >>> tite_crm(levels=5, target=0.25, window=28).window
        28
    """
    plain = crm(cohort=cohort, coherent=coherent, **settings)
    same = {field.name: getattr(plain, field.name) for field in fields(plain) if field.init}
    return TITECRM(**same, window=window, weights=weights)


def custom_table(
    *, levels: int, target: float, table: str, cohort: int = 3, subjects: int = 30, start: int = 1
) -> CustomTable:
    """Make a design of a user's own decision table, written as `DecisionTable.from_csv` reads it."""
    return CustomTable(
        levels=levels,
        target=target,
        decisions=DecisionTable.from_csv(table),
        cohort=cohort,
        subjects=subjects,
        start=start,
    )


DESIGNS: dict[str, Maker] = {
    "3+3": ThreePlusThree,
    "rolling six": RollingSix,
    "BOIN": BOIN,
    "mTPI": MTPI,
    "mTPI-2": MTPI2,
    "Keyboard": Keyboard,
    "i3+3": I3Plus3,
    "TPI": TPI,
    "CRM": crm,
    "custom table": custom_table,
    "TITE-CRM": tite_crm,
    "TITE-BOIN": TITEBOIN,
    "BF-BOIN": BackfillBOIN,
    "BOIN12": BOIN12,
}
"""What makes each design, by the design's name."""

RESPONDS: tuple[Maker, ...] = (BackfillBOIN, BOIN12)
"""What makes the designs that look at responses."""

BEHAVIOURS: dict[str, Callable[[Rule, int], Behaving]] = {
    "no_skipping": lambda design, _: no_skipping(design),
    "stop_at_total": stop_at_total,
    "stop_at_dose": stop_at_dose,
    "at_least_at_mtd": at_least_at_mtd,
}
"""Behaviours, which are settings of every design."""


class Setting:
    """A setting of a design: its type, whether it must be given, and what it is otherwise."""

    def __init__(self, kind: Any, default: Any) -> None:
        self.type = kind
        self.required = default is Parameter.empty
        self.default = default


def design_from_text(text: str, common: Mapping[str, str] | None = None) -> Rule:
    """Make a design from its name and settings, such as `boin levels=5 target=0.3 stop_at_total=24`.

    Args:
        text: The name, then settings `name=value` apart by spaces; a list has commas. A name or a value of several
            words may have spaces or hyphens between them.
        common: Settings for every design that has them and does not set them itself.

    Raises:
        InputError: There is no such design, or what is wrong with its settings, all at once.

    Example:
        >>> design_from_text("boin target=0.25", {"levels": "5"}).levels
        5
        >>> design_from_text("3+3 levels=3 variant=six-at-the-MTD").variant
        'six at the MTD'
        >>> design_from_text("3+3 variant=six at the MTD levels=3").variant
        'six at the MTD'
        >>> design_from_text("rolling six levels=3").name
        'rolling six'
    """
    name, *words = text.split() or [""]
    for several in range(len(words)):
        joined = " ".join((name, *words[: several + 1]))
        if any(_bare(one) == _bare(joined) for one in DESIGNS):
            name, words = joined, words[several + 1 :]
            break
    own: dict[str, str] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not (sign or own):
            raise InputError(f"{text!r}: {word!r} is no setting; write name=value, such as target=0.3")
        if sign and key in own:
            raise InputError(f"{text!r}: {key} is given twice; write it once")
        if sign:
            own[key] = value
        else:
            last = next(reversed(own))
            own[last] = f"{own[last]} {word}"
    known = settings_of(design_name(name))
    shared = {key: value for key, value in (common or {}).items() if key in known}
    return make_design(name, {**shared, **own})


def make_design(name: str, settings: Mapping[str, Any]) -> Rule:
    """Make a design from its name and settings, given as text or as values.

    Raises:
        InputError: There is no such design, or what is wrong with its settings, all at once.

    Example:
        >>> make_design("BOIN", {"levels": 5, "target": "0.3"}).target
        0.3
    """
    name = design_name(name)
    known = settings_of(name)
    faults = [f"{key!r} is no setting of it" for key in settings if key not in known]
    given: dict[str, Any] = {}
    for key, value in settings.items():
        if key in known:
            try:
                given[key] = _read(value, known[key].type) if isinstance(value, str) else value
            except ValueError:
                faults.append(f"{key} is {value!r}, which is {_other_than(known[key].type)}")
    faults += [f"{key} is missing" for key, setting in known.items() if setting.required and key not in settings]
    if faults:
        raise InputError(f"{name}: {'; '.join(faults)}; its settings are {describe(name)}")
    behaviours = {key: given.pop(key) for key in BEHAVIOURS if key in given}
    made = DESIGNS[name](**given)
    for key, value in behaviours.items():
        if value:
            made = BEHAVIOURS[key](made, value)
    return made


def design_name(written: str) -> str:
    """The name of a design, however it is written.

    Raises:
        InputError: There is no such design.

    Example:
        >>> design_name("rolling-six"), design_name("mtpi2")
        ('rolling six', 'mTPI-2')
    """
    found = next((name for name in DESIGNS if _bare(name) == _bare(written)), None)
    if found is None:
        raise InputError(f"there is no design {written!r}; there are {', '.join(DESIGNS)}")
    return found


def settings_of(name: str) -> dict[str, Setting]:
    """The settings of a design, by name, in their order; its behaviours come last."""
    found = _parameters(DESIGNS[name])
    if DESIGNS[name] in {crm, tite_crm}:
        found = {**_parameters(one_parameter), **_parameters(two_parameters), **_parameters(crm), **found}
    return {**found, **{key: Setting(bool | None if key == "no_skipping" else int | None, None) for key in BEHAVIOURS}}


def _parameters(maker: Callable[..., Any]) -> dict[str, Setting]:
    types = get_type_hints(maker)
    return {
        key: Setting(types[key], parameter.default)
        for key, parameter in signature(maker).parameters.items()
        if parameter.kind is not Parameter.VAR_KEYWORD
    }


def describe(name: str) -> str:
    """The settings of a design in a line, with what holds where one is left out.

    Example:
        >>> describe("3+3")[:32]
        'levels, cohort=3, expand_to=6, s'
    """
    return ", ".join(
        key if setting.required else f"{key}={setting.default}" for key, setting in settings_of(name).items()
    )


def _read(text: str, kind: Any) -> Any:
    """Read a setting; ValueError where it is not of its type."""
    options = _options(kind)
    listed = next((option for option in options if get_origin(option) is tuple), None)
    if NoneType in options and text.lower() in {"none", ""}:
        return None
    if listed is not None:
        return tuple(_read(word, get_args(listed)[0]) for word in text.split(","))
    if bool in options:
        return _truth(text)
    for each in (int, float):
        if each in options:
            return each(text)
    if str in options:
        return text
    return next((option for option in options if _bare(str(option)) == _bare(text)), None) or _refuse(text)


def _truth(text: str) -> bool:
    words = {"true": True, "yes": True, "false": False, "no": False}
    return words[text.lower()] if text.lower() in words else _refuse(text)


def _refuse(text: str) -> Any:
    raise ValueError(text)


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum() or letter == "+")


def _options(kind: Any) -> tuple[Any, ...]:
    """The types, or the words, that a setting can be."""
    if get_origin(kind) is tuple or not get_args(kind):
        return (kind,)
    return tuple(option for each in get_args(kind) for option in (_options(each) if get_args(each) else (each,)))


def _other_than(kind: Any) -> str:
    """What a value is that cannot be read: none of the words, or of no such type."""
    options = [option for option in _options(kind) if option is not NoneType]
    if all(isinstance(option, str) for option in options):
        return f"none of {', '.join(map(repr, options))}"
    names = {int: "whole number", float: "number", bool: "yes or no", str: "text"}
    told = ["list of numbers" if get_origin(o) is tuple else names.get(o, str(o)) for o in options]
    return f"no {' or '.join(told)}"
