"""The protocol's prose of rules that look at more than DLTs: it says where they take it from, and what they do."""

import pytest

from tests.conductor import with_rule
from tests.protocol import test_explain as prose
from trialwright.design import OperatingCharacteristics, automaton, compiled, joint_truth
from trialwright.protocol.explain import explain
from trialwright.protocol.file import load_study
from trialwright.protocol.planned_characteristics import planned_characteristics
from trialwright.protocol.study import Study

RESPONSE = "response endpoint: BASDAI response"
RULES = {
    "TITE-BOIN": "{design: TITE-BOIN, target: 0.2, subjects: 18}",
    "TITE-CRM": "{design: TITE-CRM, target: 0.3, subjects: 18}",
    "BF-BOIN": "{design: BF-BOIN, target: 0.3, subjects: 18, " + RESPONSE + "}",
    "BOIN12": "{design: BOIN12, toxicity limit: 0.35, efficacy limit: 0.25, utility neither: 40, utility both: 60, "
    f"subjects: 18, {RESPONSE}}}",
}
STUDIES = {name: load_study(with_rule(rule)) for name, rule in RULES.items()}
every = pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)


@every
def test_what_holds_of_every_protocol_holds_with_these_rules(study: Study) -> None:
    """Everything is told, in whole sentences, without a raw key, in chapters in their order."""
    prose.test_chapters_stand_in_the_order_of_m11(study)
    prose.test_everything_in_the_protocol_is_told(study)
    prose.test_no_raw_key_is_left(study)
    prose.test_paragraphs_are_whole_sentences(study)


def test_the_table_of_pending_subjects_is_the_published_one() -> None:
    """At a target of 0.2, one DLT among nine escalates from the follow-up that Yuan 2018, Table 1, gives."""
    text = explain(STUDIES["TITE-BOIN"])

    row = next(line for line in text.splitlines() if line.startswith("| 9 | 1 | escalate |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[5:8] == ["escalate from 0.77", "escalate from 2.15", "suspend"]


def test_the_figures_of_an_efficacy_rule_are_simulated_at_the_planned_rates() -> None:
    """BOIN12's operating characteristics are its simulation under the toxicity and response rates of the plan."""
    study = STUDIES["BOIN12"]
    joint = joint_truth(study.planning.true_dlt_rates, (0.2, 0.4, 0.5), odds_ratio=1)

    found: OperatingCharacteristics = planned_characteristics(study)

    assert found == study.rule.simulate(joint, trials=10_000, seed=1).characteristics
    assert f"{found.selection[1]:.1%}" in explain(study)
    assert "These figures are simulated" in explain(study)


def test_a_rule_with_too_many_courses_is_simulated_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A protocol whose rule cannot be counted out has its prose, with figures that are said to be simulated."""
    compiled.cache_clear()
    monkeypatch.setattr(automaton, "LARGEST", 10)
    study = load_study(with_rule("{design: BOIN, target: 0.3, subjects: 21}"))

    text = explain(study)
    compiled.cache_clear()

    assert planned_characteristics(study).trials == 10_000
    assert "These figures are simulated, since the rule has too many courses to count" in text
    assert "These figures are exact" not in text
