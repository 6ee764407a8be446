"""No dose is recommended above a level that its own data do not tolerate, whatever was decided before."""

import pytest

from trialwright.design import BOIN, CustomTable, DecisionTable, Outcomes, RollingSix, ThreePlusThree
from trialwright.design.catalogue import make_design

PLAIN, DOWN = ThreePlusThree(levels=3), ThreePlusThree(levels=3, variant="de-escalation")
SIX = ThreePlusThree(levels=3, variant="six at the MTD")
BARE = ThreePlusThree(levels=3, expand_to=3, some_dlts="consult")
ROLLING, INTERVAL = RollingSix(levels=3), BOIN(levels=3, target=0.3)
MODEL = make_design("CRM", {"levels": 3, "target": 0.3})
TABLE = CustomTable(
    levels=3,
    target=0.3,
    subjects=12,
    decisions=DecisionTable.of(12, lambda n, y: "DU" if 2 * y > n else "S" if 3 * y >= n else "E"),
)

PATHS = [
    # what was seen, and: decision, dose, subjects, MTD
    *((design, "1TNN 2NNN", "de-escalate", 1, 3, None) for design in (PLAIN, DOWN, SIX)),
    (PLAIN, "1TNN 2NN", "de-escalate", 1, 3, None),
    (PLAIN, "1TNN 2NNN 3NN", "de-escalate", 1, 3, None),
    (PLAIN, "1TNN 2NN 1N", "stay", 1, 2, None),
    (PLAIN, "1TNN 2NN 1NNN", "escalate", 2, 1, None),
    (PLAIN, "1TNN 2NNN 1NNN", "escalate", 3, 3, None),
    (PLAIN, "1TNN 2TNN 1NNN", "escalate", 2, 3, None),
    (PLAIN, "1TNN 2NNN 3NNN 1NNN", "consult", None, 0, None),
    (PLAIN, "1TNN 2NNN 1TNN", "stop", None, 0, None),
    (PLAIN, "1TNN 2TTN", "de-escalate", 1, 3, None),
    (PLAIN, "1TNN 2TTN 1NNN", "stop", None, 0, 1),
    (PLAIN, "1TNN 2NNN 3TTN 1NNN", "stop", None, 0, 2),
    (DOWN, "1TNN 2NNN 3TTN 1NNN", "escalate", 2, 3, None),
    (SIX, "1TNN 2NNN 3NNN 1NNN", "escalate", 3, 3, None),
    (BARE, "1TNN 2NNN", "consult", None, 0, None),
    (PLAIN, "1TNN 2PPP", "de-escalate", 1, 3, None),
    (ROLLING, "1TNN 2NNN", "de-escalate", 1, 1, None),
    (ROLLING, "1TNN 2NN 1NP", "stay", 1, 1, None),
    (ROLLING, "1TNN 2NN 1NNN", "escalate", 2, 1, None),
    (ROLLING, "1TNN 2NNN 1NNN", "escalate", 3, 1, None),
    (ROLLING, "1TNN 2NNN 3TT 1NNN", "escalate", 2, 1, None),
    (INTERVAL, "1TTTN 2NNN", "stop", None, 0, None),
    (INTERVAL, "1NNN 2TTTN 3NNN", "de-escalate", 1, 3, None),
    (INTERVAL, "1NTT 2", "de-escalate", 1, 3, None),
    (INTERVAL, "1NTT 2N", "de-escalate", 1, 3, None),
    (INTERVAL, "1NNN 2NTT 2", "de-escalate", 1, 3, None),
    (INTERVAL, "1NTT 2N 1", "stay", 1, 3, None),
    (INTERVAL, "1NNP 2", "stay", 2, 0, None),
    (INTERVAL, "1NNN 2", "stay", 2, 3, None),
    (INTERVAL, "1NNN 2N 2", "stay", 2, 3, None),
    (MODEL, "1NTT 2", "de-escalate", 1, 3, None),
    (MODEL, "1NNN 2NTT 2", "de-escalate", 1, 3, None),
    (TABLE, "1NNN 2TTN 3NNN", "de-escalate", 1, 3, None),
]  # fmt: skip


@pytest.mark.parametrize(("design", "path", "decision", "dose", "subjects", "mtd"), PATHS)
def test_the_lowest_level_that_is_not_tolerated_decides(
    design: object, path: str, decision: str, dose: int | None, subjects: int, mtd: int | None
) -> None:
    """Whatever level is open, the rule goes to the lowest one that owes subjects, and counts who is there already."""
    answer = design.recommend(Outcomes.parse(path))

    assert (answer.decision.value, answer.dose, answer.subjects, answer.mtd) == (decision, dose, subjects, mtd)
    assert answer.why.endswith(".")
