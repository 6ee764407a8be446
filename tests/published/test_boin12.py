"""BOIN12 against its published score table, its published trial and the authors' software.

Source: Lin et al. 2020, JCO Precis Oncol 4:1393: page 1396, Table 3, and section 6 with Figure S2 of the data
supplement, as the R package escalation 0.2.3 (boin12_rds, tests/testthat/test_boin12.R) records and reproduces them.
The single cohorts are answers of the authors' web software, recorded in the same tests; the operating characteristics
are those that its users report of it in brockk/escalation issue 8.
"""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from trialwright.design import BOIN12, JointOutcomes, joint_truth

DESIGN = BOIN12(levels=5, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60)
STRICT = BOIN12(
    levels=5,
    toxicity_limit=0.15,
    efficacy_limit=0.4,
    utility_neither=50,
    utility_both=30,
    toxicity_cutoff=0.9,
    efficacy_cutoff=0.8,
)
TABLE_3 = list(csv.DictReader((Path(__file__).parent / "boin12_table_3.csv").read_text().splitlines()))
TRIAL = ["1NNN", "2NNB", "3NEE", "3NTN", "4ETE", "4NBE", "4BNN", "5BEN", "5NBT", "4NEN"]
TRIAL_DOSES = (2, 3, 3, 4, 4, 4, 5, 5, 4, 4)
SOFTWARE = """
EBB1 EEB1 EEE1 EET1 ETB1 ETT1 NBB1 NEB1 NEE1 NET2 NNB2 NNE2 NNN2 NNT2 NTB1 NTT1
BBB1 EBB1 EEB2 EEE2 EET2 ETB1 ETT1 NBB1 NEB2 NEE2 NET3 NNB3 NNE3 NNN3 NNT3 NTB1 NTT1 TBB1 TTB1 TTT1
BBB4 EBB4 EEB5 EEE5 EET5 ETB4 ETT4 NBB4 NEB5 NEE5 NET4 NNB4 NNE4 NNN4 NNT4 NTB4 NTT4 TBB4 TTB4 TTT4
"""
SOFTWARE_STRICT = """
EEB1 EEE1 EET1 NEB1 NEE1 NET1 NNB1 NNE2 NNN2
BBB1 EBB1 EEB1 EEE2 EET1 ETB1 ETT1 NBB1 NEB1 NEE2 NET1 NNB1 NNN3 NNT1 NTB1 NTT1 TBB1 TTB1 TTT1
BBB4 EBB4 EEB4 EEE5 EET4 ETB4 ETT4 NBB4 NEB4 NEE5 NET4 NNB4 NNE4 NNN4 NNT4 NTB4 NTT4 TBB4 TTB4 TTT4
"""
"""The answers after one cohort at level 1, 2 and 5, a line each: three letters and the next level."""


def cohorts(text: str) -> list[tuple[str, int]]:
    """Paths of one cohort with the next level."""
    lines = text.strip().splitlines()
    return [
        (f"{at}{word[:3]}", int(word[3])) for at, line in zip((1, 2, 5), lines, strict=True) for word in line.split()
    ]


def test_table_3():
    """Every transcribed state has its rank-based desirability score, or is not admissible."""
    table = DESIGN.desirability_table([0, 3, 6, 9])

    for row in TABLE_3:
        found = table.row(int(row["subjects"]), int(row["toxicity"]), int(row["efficacy"]))
        assert found.score == (float(row["score"]) if row["score"] else None), row
        assert found.admissible == bool(row["score"])


@pytest.mark.parametrize("cohort", range(1, 11))
def test_the_trial_of_figure_s2(cohort):
    """After each cohort of the published trial the next level is the published one."""
    assert DESIGN.recommend(JointOutcomes.parse(" ".join(TRIAL[:cohort]))).dose == TRIAL_DOSES[cohort - 1]


def test_the_trial_of_figure_s2_ends_with_level_4():
    """With an early stop at 12 subjects the published trial ends, and its OBD is level 4."""
    design = replace(DESIGN, stop_at_n=12)
    answer = design.recommend(JointOutcomes.parse(" ".join(TRIAL)))

    assert (answer.final, answer.obd, answer.rule) == (True, 4, "BOIN12.converged")


def test_the_example_of_page_1396():
    """After 1NNN 2ENT 3ETT 2EEN the trial stays at level 2."""
    assert DESIGN.recommend(JointOutcomes.parse("1NNN 2ENT 3ETT 2EEN")).dose == 2


@pytest.mark.parametrize(("path", "dose"), cohorts(SOFTWARE))
def test_one_cohort_as_the_authors_software(path, dose):
    """After one cohort at any level the next level is that of the authors' software."""
    assert DESIGN.recommend(JointOutcomes.parse(path)).dose == dose


@pytest.mark.parametrize(("path", "dose"), cohorts(SOFTWARE_STRICT))
def test_one_cohort_with_stricter_limits(path, dose):
    """With other limits, cutoffs and utilities that do not mirror each other the answers are the software's too."""
    assert STRICT.recommend(JointOutcomes.parse(path)).dose == dose


@pytest.mark.parametrize("path", ["1EBB", "1ETB", "1ETT", "1NBB", "1NTB"])
def test_two_toxicities_stop_where_the_published_rule_says_so(path):
    """Where two toxicities make level 1 too toxic, the trial stops; the software stays, as it waits for a third."""
    answer = STRICT.recommend(JointOutcomes.parse(path))

    assert (answer.final, answer.obd, answer.rule) == (True, None, "BOIN12.inadmissible")


@pytest.mark.slow
def test_operating_characteristics_of_the_software():
    """Levels 2 and 3 are selected in the 57.3 % and 21.3 % that the software gives, within two standard errors.

    The errors are those of both simulations; the software ran 10,000 trials.
    """
    theirs, ours = 10_000, 100_000
    design = replace(DESIGN, stop_at_n=12, explore_at=None)
    truth = joint_truth([0.03, 0.17, 0.35, 0.50, 0.65], [0.12, 0.39, 0.43, 0.55, 0.65], odds_ratio=1)
    found = design.simulate(truth, seed=1, trials=ours).characteristics

    for got, share in zip(found.selection[1:3], (0.573, 0.213), strict=True):
        assert abs(got - share) < 2 * (share * (1 - share) * (1 / theirs + 1 / ours)) ** 0.5
