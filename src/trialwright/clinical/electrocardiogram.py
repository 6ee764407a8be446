"""The QT interval corrected for heart rate."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

_MOST_QT_MS = 2000
_MOST_RR_MS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedQt:
    """The corrected QT interval by two formulas.

    Attributes:
        bazett_ms: QT / √RR, ms.
        fridericia_ms: QT / ∛RR, ms.
    """

    bazett_ms: Decimal
    fridericia_ms: Decimal


@item("qtc")
def corrected_qt(*, qt_ms: Number | None, rr_ms: Number | None) -> CorrectedQt | Missing:
    """Correct the QT interval by Bazett and by Fridericia, ms, with RR in seconds under the root.

    Args:
        qt_ms: QT interval, ms, above 0 and at most 2000.
        rr_ms: RR interval, ms, above 0 and at most 10 000; 60 000 divided by the heart rate.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> found = corrected_qt(qt_ms=370, rr_ms=710)
        >>> round(found.bazett_ms, 1), round(found.fridericia_ms, 1)
        (Decimal('439.1'), Decimal('414.7'))

    Source: Bazett 1920, Heart 7:353; Fridericia 1920, Acta Med Scand 53:469. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    qt = read.needed_above_0("qt_ms", qt_ms, _MOST_QT_MS)
    rr = read.needed_above_0("rr_ms", rr_ms, _MOST_RR_MS)
    if missing := read.missing():
        return missing
    seconds = rr / 1000
    return CorrectedQt(bazett_ms=qt / seconds.sqrt(), fridericia_ms=qt / seconds ** (Decimal(1) / 3))
