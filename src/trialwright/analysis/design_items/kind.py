"""The catalogue of design items: each function by the name of a kind of published vector, and how inputs reach it.

Inputs are validated by pydantic against the signature of the function, so that every fault is named at once.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from math import prod
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError, validate_call

from trialwright.clinical.inputs import shown
from trialwright.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])

Rate = Annotated[float, Field(gt=0, lt=1)]
Chance = Annotated[float, Field(ge=0, le=1)]
Truth = Annotated[list[Chance], Field(min_length=1, max_length=15)]
Levels = Annotated[int, Field(ge=1, le=15)]
Level = Annotated[int, Field(ge=1, le=15)]
MOST_SUBJECTS = 300
"""More than any dose-finding trial treats; beyond, tables and trees take longer than a user waits."""
Subjects = Annotated[int, Field(ge=1, le=MOST_SUBJECTS)]
Flags = Annotated[list[Annotated[int, Field(ge=0, le=1)]], Field(min_length=1, max_length=300)]
Doses = Annotated[list[Level], Field(min_length=1, max_length=300)]
RateOrMultiple = Rate | str
"""A rate, or a multiple of the target such as `0.6*target`."""

KINDS: dict[str, Callable[..., Any]] = {}
ALSO: dict[str, dict[str, str]] = {}
"""Other names of the inputs of a kind."""
SIMULATED = {
    "crm_dfcrm_sim": "`CRM` compiles exactly, and `simulate` runs it",
    "titecrm_dfcrm_sim": "`simulate_calendar` runs it",
    "bf_boin_published": "`simulate_calendar` runs it",
    "rolling6_published_oc": "`RollingSix` needs a calendar and true DLT rates, which the source leaves out",
}
"""Kinds whose expected numbers are those of a simulation, and what runs one here."""

_MULTIPLE = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*\*\s*target\s*")
_SHOWN = 60


def kind(name: str, **also: str) -> Callable[[F], F]:
    """Register a function under its kind; its keyword arguments are the inputs, dots written as underscores.

    Args:
        name: The kind.
        **also: Other names of inputs, as a program calls them whose numbers these are, and the input that each means.
    """

    def register(function: F) -> F:
        ALSO[name] = also
        KINDS[name] = validate_call(config=ConfigDict(strict=True, allow_inf_nan=False))(function)
        return function

    return register


def answer_kind(name: str, inputs: Mapping[str, Any]) -> Any:
    """Answer a design item from inputs by name.

    Args:
        name: The kind.
        inputs: Its inputs as plain data; a dot in a name, as R writes it, reads as an underscore, and other names of
            an input are read where the kind has them.

    Raises:
        InputError: There is no such kind, it is one that has to be simulated, or an input is unknown, absent or out of
            its range; every one is named.

    Example:
        >>> answer_kind("beta_binomial_overdose", {"y": 0, "n": 3, "target": 0.25})
        {'prob_gt_target': 0.31640625}
        >>> answer_kind("beta_binomial_overdose", {"y": -1, "target": 0.25, "m": 3})
        Traceback (most recent call last):
        ...
        trialwright.errors.InputError: n is not given; m: no input of beta_binomial_overdose, which asks y, n, target, \
prior; y must be greater than or equal to 0, got -1
    """
    if name in SIMULATED:
        raise InputError(f"{name} has the numbers of a simulation, which is not computed but run: {SIMULATED[name]}")
    function = KINDS[name]
    meant = {key: key.replace(".", "_") for key in inputs}
    given = {ALSO[name].get(meant[key], meant[key]): value for key, value in inputs.items()}
    if len(given) < len(inputs):
        raise InputError(f"an input is given twice, under two names: {', '.join(inputs)}")
    try:
        return function(**given)
    except ValidationError as found:
        raise InputError("; ".join(_faults(name, found))) from None
    except InputError as fault:
        if any(re.search(rf"\b{key}\b", str(fault)) for key in given):
            raise
        raise InputError(f"{', '.join(given)} do not go together: {fault}") from None


def rate_of(name: str, value: float | str | None, target: float) -> float | None:
    """A rate that is written as a number or as a multiple of the target; None stays None.

    Example:
        >>> rate_of("p_saf", "0.5*target", 0.3), rate_of("p_tox", 0.4, 0.3)
        (0.15, 0.4)
    """
    if not isinstance(value, str):
        return value
    read = _MULTIPLE.fullmatch(value)
    if not read:
        raise InputError(f"{name} must be a rate or a multiple such as 0.6*target, got {value[:_SHOWN]!r}")
    return float(read[1]) * target


def trial_size(**sizes: int) -> int:
    """The subjects of a trial, from how many cohorts it has and how large they are.

    Raises:
        InputError: They are more than 300.

    Example:
        >>> trial_size(ncohort=10, cohortsize=3)
        30
    """
    subjects = prod(sizes.values())
    if subjects > MOST_SUBJECTS:
        raise InputError(f"{' times '.join(sizes)} must be at most {MOST_SUBJECTS} subjects, got {subjects}")
    return subjects


def same_length(**lists: list[Any]) -> None:
    """Refuse lists of different lengths.

    Raises:
        InputError: The lengths differ.
    """
    if len({len(each) for each in lists.values()}) > 1:
        told = ", ".join(f"{name} has {len(each)}" for name, each in lists.items())
        raise InputError(f"one entry of each list belongs to one subject or level, but {told}")


def _faults(name: str, found: ValidationError) -> list[str]:
    errors = found.errors(include_url=False)
    absent = [str(error["loc"][0]) for error in errors if error["type"].startswith("missing")]
    unknown = [str(error["loc"][0]) for error in errors if error["type"].startswith("unexpected")]
    told = [f"{each} is not given" for each in absent]
    if unknown:
        asked = ", ".join(inspect.signature(KINDS[name]).parameters)
        told.append(f"{', '.join(unknown)}: no input of {name}, which asks {asked}")
    for error in errors:
        if not error["type"].startswith(("missing", "unexpected")):
            place, *inside = [part for part in error["loc"] if part not in {"str", "constrained-float", "float"}]
            where = f"{place}{''.join(f'[{part}]' for part in inside)}"
            told.append(f"{where} {_must(error['msg'])}, got {shown(error['input'])}")
    return list(dict.fromkeys(told))


def _must(message: str) -> str:
    """What pydantic says of an input, as the end of a sentence about it.

    Example:
        >>> _must("List should have at least 1 item after validation, not 0")
        'must have at least 1 item, not 0'
    """
    for theirs, ours in (("Input should", "must"), ("List should", "must"), (" after validation", "")):
        message = message.replace(theirs, ours)
    return message.replace("Value error, ", "")
