"""Every rule takes every behaviour, and says the same in Python, on the command line and in a protocol file."""

import json
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.conductor import with_rule
from trialwright.cli.next_dose import ask
from trialwright.design.behaviours import at_least_at_mtd, no_skipping, stop_at_dose, stop_at_total
from trialwright.design.catalogue import BEHAVIOURS, DESIGNS, make_design
from trialwright.protocol.check import check_text
from trialwright.protocol.file import load_study

TABLE = "n,dlts,action\n" + "".join(
    f"{n},{y},{'E' if y == 0 else 'S' if 3 * y <= n else 'DU'}\n" for n in range(1, 13) for y in range(n + 1)
)
OWN = {
    "3+3": {"cohort": 3, "expand_to": 6, "stop_at": 2, "variant": "de-escalation", "past_the_top_dose": "MTD"},
    "rolling six": {"variant": "de-escalation"},
    "custom table": {"table": TABLE, "target": 0.3, "subjects": 12},
    "BOIN12": {"toxicity_limit": 0.35, "efficacy_limit": 0.25, "utility_neither": 40, "utility_both": 60},
}
LATE = ("TITE-CRM", "TITE-BOIN", "BF-BOIN")
BEHAVED = {
    "no_skipping": (True, no_skipping, "2NNN"),
    "stop_at_total": (5, lambda design: stop_at_total(design, 5), "2NNN 3TT"),
    "stop_at_dose": (3, lambda design: stop_at_dose(design, 3), "2NNN 3TTT"),
    "at_least_at_mtd": (6, lambda design: at_least_at_mtd(design, 6), "2NNN 3TTT 2NNN"),
}
"""The number of each, the function that puts it on, and a path on which it can matter."""


def in_a_file(name: str, settings: dict[str, object]) -> str:
    """The protocol of a design with these settings; its DLT window is that of the file."""
    keys = {key.replace("_", " "): value for key, value in settings.items() if key != "window"}
    if name in {"BF-BOIN", "BOIN12"}:
        keys["response endpoint"] = "BASDAI response"
    pairs = ", ".join(f"{key}: {json.dumps(value)}" for key, value in {"design": name, **keys}.items())
    return with_rule(f"{{{pairs}}}")


def in_words(name: str, settings: dict[str, object], folder: Path) -> list[str]:
    """The options that name a design with these settings."""
    written = [f"{key}={value}" for key, value in settings.items() if key != "table"]
    words = ["--levels", "3", "--design", " ".join([name.replace(" ", "-"), *written])]
    if "table" in settings:
        (folder / "table.csv").write_text(TABLE)
        words += ["--decisions", str(folder / "table.csv")]
    return words


def test_every_behaviour_is_here() -> None:
    """The behaviours of this file are all that there are."""
    assert BEHAVED.keys() == BEHAVIOURS.keys()


@pytest.mark.parametrize("behaviour", BEHAVED)
@pytest.mark.parametrize("name", DESIGNS)
def test_every_rule_takes_every_behaviour_everywhere(run: Run, tmp_path: Path, name: str, behaviour: str) -> None:
    """A rule that begins at level 2, with a behaviour, answers alike in Python, by its name and from a protocol."""
    own = {**OWN.get(name, {"target": 0.3, "subjects": 30}), "start": 2}
    own |= {"window": 28} if name in LATE else {}
    number, put_on, path = BEHAVED[behaviour]
    design, settings = put_on(make_design(name, {"levels": 3, **own})), {**own, behaviour: number}
    _, answer, _ = ask(design, path)

    code, out, err = run("next", *in_words(name, settings, tmp_path), path, "--json")

    assert code == 0, err
    found = json.loads(out)
    keys = ("dose", "subjects", "rule", "why")
    assert [found[key] for key in keys] == [getattr(answer, key) for key in keys]
    assert load_study(in_a_file(name, settings)).rule == design


def test_check_counts_the_subjects_wanted_at_the_mtd() -> None:
    """A planned enrolment that the rule reaches only with those at its MTD is right; without them it is not."""
    found = {
        subjects: [
            finding.what
            for finding in check_text(with_rule(f"{{design: BOIN, target: 0.3, subjects: {subjects}{more}}}"))[1]
            if finding.rule == "design.enrolment"
        ]
        for subjects, more in ((12, ", at least at mtd: 6"), (9, ""))
    }
    assert found == {12: [], 9: ["18 subjects are planned; the dose rule treats 9"]}
