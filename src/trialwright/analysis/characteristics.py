"""Operating characteristics of a protocol's dose rule, written out as text and as plain data."""

from __future__ import annotations

from typing import Any

from trialwright.design import OperatingCharacteristics
from trialwright.protocol.study import Study


def characteristics_data(study: Study, result: OperatingCharacteristics) -> dict[str, Any]:
    """Operating characteristics as plain data, under the schema name trialwright.simulate/1."""
    return {
        "schema": "trialwright.simulate/1",
        "protocol": study.id,
        "method": "exact",
        "truth": list(result.truth),
        "doses": [str(dose) for dose in study.doses],
        "selection": list(result.selection),
        "selection_none": result.selection_none,
        "top_tolerated": result.top_tolerated,
        "mean_patients": list(result.mean_patients),
        "mean_dlts": list(result.mean_dlts),
        "sizes": {str(size): chance for size, chance in result.sizes.items()},
    }


def characteristics_text(study: Study, result: OperatingCharacteristics) -> str:
    """Operating characteristics as a table of text, a line for each dose level, and what to expect in a sentence."""
    lines = [f"{'dose':<32}{'true DLT rate':>14}{'selected':>10}{'patients':>10}{'DLTs':>8}"]
    rows = zip(study.doses, result.truth, result.selection, result.mean_patients, result.mean_dlts, strict=True)
    for level, (dose, rate, selected, patients, dlts) in enumerate(rows, start=1):
        lines.append(f"{f'{level} {dose}':<32}{rate:>14.3f}{selected:>10.2%}{patients:>10.2f}{dlts:>8.3f}")
    lines.append(f"{'none (level 1 too toxic)':<46}{result.selection_none:>10.2%}")
    total, dlts = sum(result.mean_patients), sum(result.mean_dlts)
    lines.append(f"{'all':<56}{total:>10.2f}{dlts:>8.3f}")
    lines.append(str(result))
    if result.top_tolerated:
        top = f"{result.top_tolerated:.2%}"
        lines.append(f"In {top} of trials the top dose is tolerated and no MTD reached; they count as selecting it.")
    return "\n".join(lines)
