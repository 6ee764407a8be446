"""The verbs for designs as a user meets them: by protocol and by flags, as text, JSON and figures."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conductor import PROTOCOLS
from trialwright.__main__ import main

PROTOCOL = str(PROTOCOLS / "NCT05962762.yaml")
BOIN = ("--design", "boin", "--levels", "3", "--target", "0.3")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; gives the exit code, standard output and standard error."""

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["trialwright", *words])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return command


def test_next_by_flags(run: Run) -> None:
    """`next` answers for a design named by flags."""
    code, out, err = run("next", *BOIN, "1NNN 2NTN")

    assert (code, err) == (0, "")
    assert out.startswith("Dose 2 (level 2), stay: 1 DLT in 3 evaluable subjects at level 2")


def test_simulated_and_exact_agree_in_form(run: Run) -> None:
    """`simulate --json` has the same keys whether exact or simulated, and says which, with its errors."""
    _, exact, _ = run("simulate", *BOIN, "--truth", "0.1,0.3,0.5", "--json")
    _, drawn, said = run("simulate", *BOIN, "--truth", "0.1,0.3,0.5", "--trials", "5000", "--seed", "4", "--json")
    one, other = json.loads(exact), json.loads(drawn)

    assert one.keys() == other.keys()
    assert (one["schema"], one["method"], one["trials"]) == ("trialwright.simulate/1", "exact", None)
    assert (other["method"], other["trials"]) == ("simulated", 5000)
    assert one["selection_standard_errors"] == [None] * 3
    assert all(error > 0 for error in other["selection_standard_errors"])
    assert "5,000 trials, seed 4" in said


def test_simulate_of_a_trial_with_arms(run: Run) -> None:
    """`simulate` of a randomised protocol gives exact power, as text and as JSON."""
    code, out, _ = run("simulate", str(PROTOCOLS / "NCT03828344.yaml"))
    _, data, _ = run("simulate", str(PROTOCOLS / "NCT03828344.yaml"), "--json")

    assert code == 0
    assert "12 v 4" in out
    assert json.loads(data)["schema"] == "trialwright.arms/1"


def test_compare_writes_a_row_for_each_design_and_truth(run: Run, tmp_path: Path) -> None:
    """`compare` sets designs and protocols side by side under every truth, and draws them."""
    figure = tmp_path / "compared.svg"
    code, out, _ = run(
        *("compare", "3+3", "boin", PROTOCOL, "--levels", "3", "--target", "0.3"),
        *("--truth", "0.1,0.3,0.5", "--truth", "0.3,0.5,0.6", "--figure", str(figure)),
    )

    assert code == 0
    assert len(out.splitlines()) == 1 + 6 + 1
    assert out.splitlines()[-1] == "Exact: no Monte Carlo error."
    assert figure.read_text().startswith("<svg")


def test_table_prints_the_rule_and_its_table(run: Run) -> None:
    """`table` prints the sentences of the protocol and the decision table."""
    code, out, _ = run("table", *BOIN, "--subjects", "6")
    _, data, _ = run("table", *BOIN, "--subjects", "6", "--json")

    assert code == 0
    assert "target DLT rate of 0.3" in out
    assert out.splitlines()[-1].split() == ["6", "1", "3", "4"]
    assert json.loads(data)["actions"][2] == ["E", "S", "D", "DU"]


def test_paths_with_their_chances(run: Run) -> None:
    """`paths` lists what follows each next cohort; the chances of the leaves add up to one."""
    code, out, _ = run("paths", PROTOCOL, "--after", "1NNN 2NTN")
    _, data, _ = run("paths", PROTOCOL, "--after", "1NNN 2NTN", "--json")
    leaves = [node for node in json.loads(data)["nodes"] if node["cohorts"] == 1]

    assert code == 0
    assert out.splitlines()[0] == "100.00%  1NNN 2NTN: 3 more at level 2 (expand)"
    assert sum(node["probability"] for node in leaves) == pytest.approx(1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("simulate",), "name a protocol file, or a design by --design"),
        (("simulate", PROTOCOL, "--design", "boin"), "name a protocol file, or a design by --design"),
        (("simulate", PROTOCOL, "--levels", "3"), "--levels belongs to --design"),
        (("simulate", *BOIN), "no true DLT rates"),
        (("simulate", *BOIN, "--truth", "a,b,c"), "is not a list of numbers"),
        (("simulate", *BOIN, "--truth", "0.1"), "1 true DLT rates for 3 dose levels"),
        (("next", "--design", "boni", "x"), "there is no design 'boni'"),
        (("next", PROTOCOL), "write the protocol file and the path"),
        (("table", "--design", "crm", "--levels", "3", "--target", "0.3"), "looks at more than the current level"),
        (("simulate", *BOIN, "--truth", "0.1,0.2,0.3", "--trials", "9", "--scheduler", "tcp://127.0.0.1:9"), "no Dask"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_mend(run: Run, words: tuple[str, ...], said: str) -> None:
    """A question that cannot be answered leaves with 2 and says what to write."""
    code, out, err = run(*words)

    assert (code, out) == (2, "")
    assert said in err
