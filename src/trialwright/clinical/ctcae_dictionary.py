"""The terms of CTCAE by version: system organ class, the grades that exist, and what counts as haematological."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item
from trialwright.errors import InputError

VERSIONS = {"5.0": "ctcae_5_0.csv"}

OTHER = " - Other, specify"
"""How the term of a class ends that stands for what the class has no term for."""

HaematologicalPolicy = Literal["soc_plus_cell_counts", "soc_plus_cell_counts_and_coagulation"]
POLICIES: Mapping[str, frozenset[str]] = {
    "soc_plus_cell_counts": frozenset({"class", "count"}),
    "soc_plus_cell_counts_and_coagulation": frozenset({"class", "count", "coagulation"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of CTCAE.

    Attributes:
        name: As the NCI spells it.
        system_organ_class: The class that it stands under.
        grades: The grades that exist for it, ascending.
        haematological: Why it may count as haematological: `class`, `count`, `coagulation`, or nothing.
    """

    name: str
    system_organ_class: str
    grades: tuple[int, ...]
    haematological: str


@cache
def dictionary(version: str = "5.0") -> Mapping[str, Term]:
    """Give the terms of a version by name; a study pins its version.

    Raises:
        InputError: The version is not one that this package has.

    Example:
        >>> len(dictionary("5.0")), len({term.system_organ_class for term in dictionary("5.0").values()})
        (837, 26)

    Source: National Cancer Institute, Common Terminology Criteria for Adverse Events 5.0, 27 November 2017.
    """
    if version not in VERSIONS:
        raise InputError(f"there is no CTCAE {version!r} here, only {', '.join(VERSIONS)}; versions grade differently")
    text = files("trialwright.clinical").joinpath("data", VERSIONS[version]).read_text(encoding="utf-8")
    return {
        row["term"]: Term(
            name=row["term"],
            system_organ_class=row["system_organ_class"],
            grades=tuple(map(int, row["grades"])),
            haematological=row["haematological"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def find_term(name: object, version: str = "5.0") -> Term:
    """Find a term by its exact name, with capitals as they come; what is "Other, specify" may say what, after a colon.

    Raises:
        InputError: There is none; the message names those that are near.

    Example:
        >>> find_term("anemia").grades
        (1, 2, 3, 4, 5)
        >>> find_term("Investigations - Other, specify: Ferritin of 9000").name
        'Investigations - Other, specify'
        >>> find_term("Anaemia")
        Traceback (most recent call last):
        ...
        trialwright.errors.InputError: CTCAE 5.0 has no term 'Anaemia'; near it: Anemia, Anosmia, Anorgasmia

    Source: CTCAE 5.0.
    """
    terms = dictionary(version)
    if not isinstance(name, str):
        raise InputError(f"term must be text, the name of a term of CTCAE {version}")
    small, _, said = name.strip().lower().partition(":")
    if not small.endswith(OTHER.lower()) or not said.strip():
        small = name.strip().lower()
    spelled = _spelled(version).get(small)
    if spelled is not None:
        return terms[spelled]
    asked = name[:80]
    near = _near(asked, version)
    raise InputError(f"CTCAE {version} has no term {asked!r}" + (f"; near it: {', '.join(near)}" if near else ""))


@cache
def _spelled(version: str) -> Mapping[str, str]:
    """The names of terms by their small letters."""
    return {term.lower(): term for term in dictionary(version)}


@lru_cache(maxsize=1024)
def _near(name: str, version: str) -> list[str]:
    """Terms that look like a name: slow, and a batch has the same slip on many lines."""
    return get_close_matches(name, dictionary(version), n=3)


def check_grade(name: object, grade: object, version: str = "5.0") -> int:
    """Confirm that a term has a grade.

    Raises:
        InputError: The term is unknown, or does not have the grade.

    Example:
        >>> check_grade("Lymph node pain", 4)
        Traceback (most recent call last):
        ...
        trialwright.errors.InputError: Lymph node pain has no grade 4 in CTCAE 5.0; it has 1, 2, 3

    Source: CTCAE 5.0.
    """
    term = find_term(name, version)
    inputs = Inputs()
    found = inputs.whole("grade", grade, 0, 5)
    inputs.refuse()
    if found is None or found not in term.grades:
        has = ", ".join(map(str, term.grades))
        raise InputError(f"{term.name} has no grade {found} in CTCAE {version}; it has {has}")
    return found


@item("ctcae_is_haematological")
def is_haematological(
    *, ctcae_term: str | None, haematological_policy: HaematologicalPolicy = "soc_plus_cell_counts"
) -> bool | Missing:
    """Say whether a term counts as haematological toxicity.

    CTCAE does not say; a protocol must. The policy `soc_plus_cell_counts` counts the class Blood and lymphatic system
    disorders and seven blood counts among the Investigations; `soc_plus_cell_counts_and_coagulation` counts four
    coagulation and haemolysis tests besides.

    Args:
        ctcae_term: A term of CTCAE 5.0.
        haematological_policy: Which terms count: a choice of the protocol.

    Raises:
        InputError: The term or the policy is unknown.

    Example:
        >>> is_haematological(ctcae_term="Anemia"), is_haematological(ctcae_term="INR increased")
        (True, False)

    Source: National Cancer Institute 2017, CTCAE 5.0, for classes and terms; the lists are a choice of this project,
    see docs/clinical.md. Checked in tests/published/test_ctcae.py.
    """
    inputs = Inputs()
    policy = inputs.needed_choice("haematological_policy", haematological_policy, POLICIES)
    reason = ""
    if ctcae_term is None:
        inputs.gaps.append("ctcae_term")
    else:
        try:
            reason = find_term(ctcae_term).haematological
        except InputError as unknown:
            inputs.fault(f"ctcae_term: {unknown}")
    if gone := inputs.missing():
        return gone
    return reason in POLICIES[policy]
