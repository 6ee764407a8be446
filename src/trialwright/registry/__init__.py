"""Other people's trials: reading registered records, saying what is wrong with them, pointing into them."""

from trialwright.registry.describe import describe, describe_comparison, describe_pointers
from trialwright.registry.fetch import fetch_study, is_nct_id
from trialwright.registry.lint import lint
from trialwright.registry.pointer import locate, pointers
from trialwright.registry.read import read_fetched, read_record, to_json
from trialwright.registry.reading import Finding, Reading
from trialwright.registry.sentences import sentences
from trialwright.registry.versions import compare

__all__ = [
    "Finding",
    "Reading",
    "compare",
    "describe",
    "describe_comparison",
    "describe_pointers",
    "fetch_study",
    "is_nct_id",
    "lint",
    "locate",
    "pointers",
    "read_fetched",
    "read_record",
    "sentences",
    "to_json",
]
