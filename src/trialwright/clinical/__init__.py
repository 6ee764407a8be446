"""What physicians know: units, formulas, instruments, grading. No trial is in it.

Importing the room fills its catalogue of items, `trialwright.clinical.item.ITEMS`.
"""

from trialwright.clinical import (  # noqa: F401 - each registers its items
    acr_response,
    aplastic_anaemia,
    asas_response,
    asdas,
    basdai_basfi_basmi,
    body,
    calcium,
    cell_dose,
    cell_therapy_toxicity,
    corticosteroids,
    ctcae,
    ctcae_dictionary,
    das28,
    electrocardiogram,
    myelodysplastic_syndrome,
    pnh_response,
    ra_classification,
    renal,
    rounding,
    sdai_cdai,
    spondyloarthritis_classification,
    units,
)
