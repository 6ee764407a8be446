"""What a verb about designs is asked: the design of a protocol, or one named by flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from trialwright.cli.console import digest, rates_of, study_of, text_of
from trialwright.design import BOIN12, CustomTable, Design, Rule
from trialwright.design.catalogue import DESIGNS, design_from_text, settings_of
from trialwright.errors import InputError
from trialwright.protocol.study import Study

MaybeProtocol = Annotated[
    Path | None, typer.Argument(metavar="[PROTOCOL]", help="A protocol file (YAML); or name a design by --design.")
]
DesignName = Annotated[
    str | None,
    typer.Option("--design", metavar="DESIGN", help=f"A design: {', '.join(DESIGNS)}; with settings: 'boin safe=0.1'."),
]
Levels = Annotated[int | None, typer.Option(min=1, help="Number of dose levels.")]
Target = Annotated[float | None, typer.Option(help="Target DLT rate.")]
CohortSize = Annotated[int | None, typer.Option("--cohort", min=1, help="Subjects in a cohort.")]
Subjects = Annotated[int | None, typer.Option(min=1, help="The most subjects that the trial treats.")]
Decisions = Annotated[
    Path | None,
    typer.Option(metavar="FILE.csv", help="A decision table of your own: columns n, dlts, action (E, S, D, DU)."),
]
Truths = Annotated[
    list[str] | None, typer.Option("--truth", help="True DLT rate of each level; once for each scenario to compare.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A design that is asked about.

    Attributes:
        design: The design.
        study: The protocol that it is from.
        label: How tables and figures call it.
        doses: What is given at each level; `level 1` and so on where no protocol says it.
        rates: The protocol's planning DLT rates; none where no protocol says them.
        protocol: The protocol's id, and the beginning of its file's SHA-256.
        target: The target DLT rate that its characteristics are judged by; the design's own where none is written.
    """

    design: Rule
    label: str
    doses: tuple[str, ...]
    study: Study | None = None
    rates: tuple[float, ...] = ()
    protocol: tuple[str, str] | None = None
    target: float | None = None

    @property
    def dose_rule(self) -> Design:
        """The design, where DLTs alone decide.

        Raises:
            InputError: It looks at efficacy too.
        """
        if not isinstance(self.design, Design):
            raise InputError(f"{self.design.name} looks at efficacy too; it has no exact operating characteristics")
        return self.design

    @property
    def any_rule(self) -> Design | BOIN12:
        """The design, whatever it looks at."""
        return self.design if isinstance(self.design, BOIN12) else self.dose_rule

    def truth(self, written: str | None) -> tuple[float, ...]:
        """The true DLT rates that were written, or the planning rates.

        Raises:
            InputError: What was written is no list of numbers, or nothing says the rates.
        """
        return rates_of(written, self.rates)

    @property
    def response_rates(self) -> tuple[float, ...]:
        """The protocol's planning response rates by level; none where nothing says them."""
        return self.study.response_rates if self.study else ()

    @property
    def source(self) -> str:
        """What the answer rests on, for the line that goes with a result."""
        if self.protocol is None:
            return self.label
        return f"protocol {self.protocol[0]} sha256 {self.protocol[1]}"


def flags(
    *,
    levels: int | None,
    target: float | None,
    cohort: int | None,
    subjects: int | None,
    decisions: Path | None = None,
) -> dict[str, str]:
    """The flags that were given, as settings of a design.

    Raises:
        InputError: The target is no rate.
    """
    if target is not None and not 0 < target < 1:
        raise InputError(f"--target {target:g}: a DLT rate lies between 0 and 1; write it like 0.3")
    table = None if decisions is None else text_of(decisions)
    given = {"levels": levels, "target": target, "cohort": cohort, "subjects": subjects, "table": table}
    return {name: str(value) for name, value in given.items() if value is not None}


def question_of(file: Path | None, design: str | None, settings: dict[str, str]) -> Question:
    """What is asked about: a protocol's design, or one named by flags; a table of one's own needs no name.

    Raises:
        InputError: Neither is named, or both.
    """
    if "table" in settings:
        design = design or "custom-table"
    if (file is None) == (design is None):
        raise InputError("name a protocol file, or a design by --design, such as --design 'boin levels=5 target=0.3'")
    if design is not None:
        return question_by_name(design, settings, alone=True)
    if settings:
        raise InputError(f"--{next(iter(settings))} belongs to --design; a protocol says its own numbers")
    return question_of_protocol(Path(str(file)))


def question_of_protocol(file: Path) -> Question:
    """The dose rule of a protocol."""
    study = study_of(file)
    return Question(
        design=study.rule,
        study=study,
        label=study.id,
        doses=tuple(str(dose) for dose in study.doses),
        rates=study.planning.true_dlt_rates,
        protocol=(study.id, digest(file)),
    )


def question_by_name(text: str, settings: dict[str, str], *, alone: bool = False) -> Question:
    """A design by its name and settings; asked about alone, it has every setting but a target to be judged by.

    Raises:
        InputError: The design cannot be made, or lacks one of the settings.
    """
    made = design_from_text(text, settings)
    lacks = settings.keys() - settings_of(made.name).keys() - {"target", "table"}
    if alone and lacks:
        raise InputError(f"{made.name} has no {', '.join(sorted(lacks))}; leave --{', --'.join(sorted(lacks))} out")
    if "table" in settings and not isinstance(getattr(made, "design", made), CustomTable):
        raise InputError(f"--decisions belongs to the custom table, not to {made.name}; leave --design out, or it")
    label = " ".join([made.name, *text.split()[1:]])
    doses = tuple(f"level {level}" for level in range(1, made.levels + 1))
    judged_by = float(settings["target"]) if "target" in settings else None
    return Question(design=made, label=label, doses=doses, target=judged_by)


def questions_of(
    words: Sequence[str], settings: dict[str, str], *, share_rates: bool = False, share_planning: bool = False
) -> list[Question]:
    """Several, each a protocol file or a design by name and settings.

    Args:
        words: The files and names.
        settings: Settings for every design that has them.
        share_rates: Whether designs by name take the planning rates of the protocol beside them.
        share_planning: Whether they take its DLT window, its stagger and its planning figures.

    Raises:
        InputError: Something is shared, and there are protocols with different ones.
    """
    found = [
        question_of_protocol(Path(word)) if word.endswith((".yaml", ".yml")) else question_by_name(word, settings)
        for word in words
    ]
    found = [_told_apart(question, word, found) for question, word in zip(found, words, strict=True)]
    if share_planning:
        found = _planned_alike(found)
    planned = {question.rates for question in found if question.rates}
    if not share_rates or not planned:
        return found
    if len(planned) > 1:
        raise InputError("the protocols plan with different true DLT rates; give --truth, the same for all")
    return [replace(question, rates=next(iter(planned))) for question in found]


def _planned_alike(found: list[Question]) -> list[Question]:
    studies = [question.study for question in found if question.study]
    if len(studies) > 1 and len(studies) < len(found):
        raise InputError("in calendar time a design by name takes the planning of one protocol; name one protocol")
    return [replace(question, study=question.study or next(iter(studies), None)) for question in found]


def _told_apart(question: Question, word: str, others: Sequence[Question]) -> Question:
    """The question, called by its file too where another protocol has the same id."""
    alike = sum(other.label == question.label for other in others) > 1
    return replace(question, label=f"{question.label} ({Path(word).name})") if alike and question.study else question
