"""Operating characteristics written out as text and as plain data, for one design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trialwright.design import BOIN12, Design, OBDCharacteristics, OperatingCharacteristics


def characteristics_data(
    result: OperatingCharacteristics, design: Design | BOIN12, doses: Sequence[str], protocol: str | None = None
) -> dict[str, Any]:
    """Operating characteristics as plain data, under the schema name trialwright.simulate/1."""
    return {
        "schema": "trialwright.simulate/1",
        "protocol": protocol,
        "design": {"name": design.name, "settings": settings_data(design)},
        "method": result.method,
        "trials": result.trials,
        "truth": list(result.truth),
        "doses": list(doses),
        "target": result.target,
        "selection": list(result.selection),
        "selection_none": result.selection_none,
        "top_tolerated": result.top_tolerated,
        "mean_patients": list(result.mean_patients),
        "mean_dlts": list(result.mean_dlts),
        "sizes": {str(size): chance for size, chance in result.sizes.items()},
        "correct": result.correct,
        "optimal": None if result.optimal is None else list(result.optimal),
        "selection_optimal": result.selection_optimal,
        "selection_overdose": result.selection_overdose,
        "patients_overdose": result.patients_overdose,
        "selection_standard_errors": [result.standard_error(chance) for chance in result.selection],
    }


def obd_data(found: OBDCharacteristics, design: BOIN12, doses: Sequence[str]) -> dict[str, Any]:
    """Those of a design that looks at efficacy: the same data, what is selected being the OBD, and responses."""
    return {
        **characteristics_data(found.characteristics, design, doses),
        "mean_responses": list(found.mean_responses),
        "true_utility": list(found.true_utility),
    }


def characteristics_text(result: OperatingCharacteristics, doses: Sequence[str]) -> str:
    """Operating characteristics as a table of text, a line for each dose level, and what to expect in a sentence."""
    lines = [f"{'dose':<32}{'true DLT rate':>14}{'selected':>10}{'patients':>10}{'DLTs':>8}"]
    rows = zip(doses, result.truth, result.selection, result.mean_patients, result.mean_dlts, strict=True)
    for level, (dose, rate, selected, patients, dlts) in enumerate(rows, start=1):
        lines.append(f"{f'{level} {dose}':<32}{rate:>14.3f}{selected:>10.2%}{patients:>10.2f}{dlts:>8.3f}")
    none = "none (level 1 too toxic)" if result.optimal is None else "none (no level is admissible)"
    lines.append(f"{none:<46}{result.selection_none:>10.2%}")
    total, dlts = sum(result.mean_patients), sum(result.mean_dlts)
    lines.append(f"{'all':<56}{total:>10.2f}{dlts:>8.3f}")
    lines.append(str(result))
    if result.target is not None:
        lines.append(
            f"Target {result.target:g}: a level closest to it is selected in {result.correct:.1%} of trials, one above "
            f"it in {result.selection_overdose:.1%}; {result.patients_overdose:.1%} of subjects are treated above it."
        )
    if result.optimal is not None:
        lines.append(_optimal(result))
    if result.top_tolerated:
        top = f"{result.top_tolerated:.2%}"
        lines.append(f"In {top} of trials the top dose is tolerated and no MTD reached; they count as selecting it.")
    return "\n".join(lines)


def _optimal(result: OperatingCharacteristics) -> str:
    chance = f"{result.selection_optimal:.1%} of trials"
    if not result.optimal:
        return f"No level keeps both limits under this truth; none is selected in {chance}."
    where = " or ".join(f"level {level}" for level in result.optimal)
    return f"The highest true utility within both limits is that of {where}, selected in {chance}."


def settings_data(design: Design | BOIN12) -> dict[str, Any]:
    """The settings of a design by name; a design inside another is its own text."""
    return {name: getattr(design, name) for name in design.__dataclass_fields__}  # type: ignore[union-attr]  # a design is a dataclass
