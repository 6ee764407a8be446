"""The NCI's own wording of the grades, read from the NCI's file, and short words of ours where it is not loaded."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from io import StringIO

from trialwright.clinical.ctcae import conditions
from trialwright.clinical.ctcae_dictionary import dictionary, find_term
from trialwright.errors import InputError

Wording = Mapping[str, Mapping[int, str]]

_GRADES = range(1, 6)
_SHORT = {1: "mild", 2: "moderate", 3: "severe, or needs hospital", 4: "life-threatening", 5: "death"}
_MOST_NAMED = 3


def read_wording(text: str, version: str = "5.0") -> Wording:
    """Read the wording of every grade from the NCI's table, saved as CSV.

    Args:
        text: A table with the columns `term` (or `CTCAE Term`) and `grade_1` to `grade_5` (or `Grade 1` to `Grade 5`);
            other columns are passed over, MedDRA codes too.
        version: The version that the table must hold.

    Returns:
        For each term the words of its grades.

    Raises:
        InputError: The table is not that of the version: columns, terms or grades differ.

    Source: National Cancer Institute, CTCAE 5.0, 27 November 2017. Checked in tests/clinical/test_ctcae.py.
    """
    try:
        table = list(csv.reader(StringIO(text), strict=True))
    except csv.Error as fault:
        raise InputError(f"the file is not a table in CSV: {fault}") from None
    header = [re.sub(r"\W+", "_", name.strip().lower()).removeprefix("ctcae_") for name in (table[0] if table else [])]
    absent = [name for name in ("term", *(f"grade_{grade}" for grade in _GRADES)) if name not in header]
    if absent:
        raise InputError(f"the table has no column {', '.join(absent)}; save the NCI's CTCAE table as CSV")
    at = {name: header.index(name) for name in header}
    wording = {row[at["term"]].strip(): _words(row, at) for row in table[1:] if len(row) == len(header)}
    known = dictionary(version)
    unlike = sorted(set(known) ^ set(wording)) or sorted(
        name for name, term in known.items() if tuple(wording[name]) != term.grades
    )
    if unlike:
        named = ", ".join(unlike[:_MOST_NAMED])
        raise InputError(f"the table is not CTCAE {version}: {len(unlike)} terms differ, such as {named}")
    return wording


def describe_term(name: str, wording: Wording | None = None, version: str = "5.0") -> str:
    """Tell a term's class and grades: in the NCI's words where they are given, else in short words of ours.

    Example:
        >>> print(describe_term("Haptoglobin decreased"))
        Haptoglobin decreased (Investigations), CTCAE 5.0
          grade 1: value < LLN

    Raises:
        InputError: The term is unknown.

    Source: CTCAE 5.0.
    """
    term = find_term(name, version)
    words = grade_words(name, wording, version)
    heading = f"{term.name} ({term.system_organ_class}), CTCAE {version}"
    return "\n".join([heading, *(f"  grade {grade}: {said}" for grade, said in words.items())])


def grade_words(name: str, wording: Wording | None = None, version: str = "5.0") -> dict[int, str]:
    """Word the grades that a term has: in the NCI's words where they are given, else in short words of ours.

    Example:
        >>> grade_words("Lymph node pain")
        {1: 'mild', 2: 'moderate', 3: 'severe, or needs hospital'}

    Raises:
        InputError: The term is unknown.

    Source: CTCAE 5.0.
    """
    term = find_term(name, version)
    if wording:
        return dict(wording[term.name])
    rules = conditions(name, version)
    return {grade: rules[grade].text() if grade in rules else _SHORT[grade] for grade in term.grades}


def _words(row: list[str], at: Mapping[str, int]) -> dict[int, str]:
    cells = {grade: " ".join(row[at[f"grade_{grade}"]].split()) for grade in _GRADES}
    return {grade: cell for grade, cell in cells.items() if cell not in {"", "-"}}
