"""What physicians know: units, formulas, instruments, grading. No trial is in it.

Importing the room fills its catalogue of items, `trialwright.clinical.item.ITEMS`.
"""

from trialwright.clinical import acr_response as acr_response
from trialwright.clinical import body as body
from trialwright.clinical import cell_dose as cell_dose
from trialwright.clinical import das28 as das28
from trialwright.clinical import ra_classification as ra_classification
from trialwright.clinical import sdai_cdai as sdai_cdai
