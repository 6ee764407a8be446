"""What a protocol answers when some of what it asks is not given."""

from tests.analysis.test_protocol_items import SOURCE
from trialwright.analysis.compute import answer

LIMITS = {"alt_uln": 40, "ast_uln": 40}


def test_one_value_beyond_its_limit_excludes_whatever_is_missing():
    """A transaminase beyond its limit excludes, although the other is not known; within it nothing can be said."""
    high = answer("eligibility_transaminases_RA", {**LIMITS, "alt": 90, "ast": None}, SOURCE)
    low = answer("eligibility_transaminases_RA", {**LIMITS, "alt": 30, "ast": None}, SOURCE)

    assert high["result"] == {"excluded_NCT04971980": True, "excluded_NCT03828344": True}
    assert low["result"] == {"excluded_NCT04971980": None, "excluded_NCT03828344": None}
    assert low["missing"] == "excluded_NCT04971980: ast is not given; excluded_NCT03828344: ast is not given"


def test_a_side_that_is_not_decided_stays_open():
    """Bilirubin that both sides refuse decides both; without it, and nothing refused, there is no answer."""
    known = {"bilirubin_uln": 20, "alt": 30, "alt_uln": 40, "alp": None, "alp_uln": 120}
    known |= {"creatinine": 80, "creatinine_uln": 104}
    refused = answer("eligibility_labs_NCT05794425", {**known, "bilirubin": 90}, SOURCE)
    open_yet = answer("eligibility_labs_NCT05794425", {**known, "bilirubin": 12}, SOURCE)

    assert refused["result"] == {"inclusion_all_met": False, "exclusion_any_met": True, "eligible_by_labs": False}
    assert open_yet == {"result": None, "missing": "alp is not given"}
