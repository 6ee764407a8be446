"""What physicians know: units, formulas, instruments, grading. No trial is in it.

Importing the room fills its catalogue of items, `trialwright.clinical.item.ITEMS`.
"""

from trialwright.clinical import (  # noqa: F401
    acr_response,
    body,
    calcium,
    cell_dose,
    cell_therapy_toxicity,
    corticosteroids,
    ctcae,
    ctcae_dictionary,
    das28,
    electrocardiogram,
    ra_classification,
    renal,
    rounding,
    sdai_cdai,
    units,
)
