"""The command line as a user meets it: output, JSON, exit codes."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.conductor import PROTOCOLS, TEXT

PROTOCOL = str(PROTOCOLS / "NCT05962762.yaml")


def test_next_says_the_dose_in_one_sentence(run: Run) -> None:
    """`next` prints the dose, the decision and the reason on one line."""
    code, out, err = run("next", PROTOCOL, "1NNN 2NTN")

    assert (code, err) == (0, "")
    assert out == (
        "Dose 2 (medium, 3 x 10^6 cells/kg), expand: 1 DLT in 3 evaluable subjects at level 2: "
        "treat 3 more at this level.\n"
    )


@pytest.mark.parametrize(
    ("path", "dose", "decision", "mtd"),
    [
        ("1NNN 2NTN", 2, "expand", None),
        ("1TTN", None, "stop", None),
        ("1NNN 2TTN", None, "stop", 1),
        ("1NNN 2NNN 3NNN", None, "consult", None),
        ("", 1, "stay", None),
    ],
)
def test_next_as_json(run: Run, path: str, dose: int | None, decision: str, mtd: int | None) -> None:
    """`next --json` gives dose, decision, mtd and why under a schema name."""
    code, out, _ = run("next", PROTOCOL, path, "--json")

    answer = json.loads(out)
    assert code == 0
    assert answer["schema"] == "trialwright.next/1"
    assert (answer["dose"], answer["decision"], answer["mtd"]) == (dose, decision, mtd)
    assert answer["why"].endswith(".")


def test_next_on_a_path_that_cannot_be_read(run: Run) -> None:
    """A path that cannot be read leaves with 2 and names the cohort."""
    code, out, err = run("next", PROTOCOL, "1NNX")

    assert (code, out) == (2, "")
    assert "cohort 1 of the path" in err


def test_next_notes_departures(run: Run) -> None:
    """A path that departs from the rule is answered, with a note beside the answer."""
    code, out, _ = run("next", PROTOCOL, "1NTT 2NNN")

    assert code == 0
    assert out.startswith("No further dose, stop")
    assert "departs from the rule: cohort 2" in out


def test_simulate_is_exact(run: Run) -> None:
    """`simulate --json` gives exact operating characteristics that add up."""
    code, out, err = run("simulate", PROTOCOL, "--truth", "0.05,0.12,0.30", "--json")

    result = json.loads(out)
    assert code == 0
    assert (result["schema"], result["method"]) == ("trialwright.simulate/1", "exact")
    assert sum(result["selection"]) + result["selection_none"] == pytest.approx(1, abs=1e-12)
    assert result["selection_none"] == pytest.approx(1 - (0.95**3 + 3 * 0.05 * 0.95**5), abs=1e-12)
    assert len(result["mean_patients"]) == len(result["mean_dlts"]) == 3
    assert "sha256" in err


def test_simulate_draws_its_result(run: Run, tmp_path: Path) -> None:
    """`simulate --figure` writes an SVG file."""
    figure = tmp_path / "oc.svg"

    code, out, _ = run("simulate", PROTOCOL, "--figure", str(figure))

    assert code == 0
    assert "selected" in out
    assert figure.read_text().startswith("<svg")


@pytest.mark.parametrize("truth", ["0.1,0.2", "0.1,0.2,x", "0.1,0.2,1.2"])
def test_simulate_with_a_truth_that_cannot_be(run: Run, truth: str) -> None:
    """True rates that do not fit leave with 2 and say what they should be."""
    code, _, err = run("simulate", PROTOCOL, "--truth", truth)

    assert code == 2
    assert "trialwright: " in err


def test_check_finds_all_faults(run: Run, tmp_path: Path) -> None:
    """`check` prints every fault as file:line, and leaves with 2."""
    file = tmp_path / "bad.yaml"
    file.write_text(TEXT.replace("need: basdai >= 4", "need: basdia >= 4").replace("stop at: 2", "stop at: 4"))

    code, out, _ = run("check", str(file))
    _, as_json, _ = run("check", str(file), "--json")

    assert code == 2
    assert out.count(f"{file}:") == 3
    found = json.loads(as_json)
    assert (found["schema"], found["ok"], len(found["findings"])) == ("trialwright.check/1", False, 2)


def test_check_passes_the_protocol(run: Run) -> None:
    """`check` on a correct protocol leaves with 0 and names the next command."""
    code, out, _ = run("check", PROTOCOL)

    assert code == 0
    assert "no findings; next: trialwright explain" in out


def test_explain_writes_the_protocol(run: Run) -> None:
    """`explain` writes synopsis, decision table, schedule and assumption ledger as Markdown."""
    code, out, _ = run("explain", PROTOCOL)

    assert code == 0
    for heading in ("Synopsis", "Trial design", "Trial population", "Schedule of activities", "assumption ledger"):
        assert heading in out
    assert "| 1 | stay | stay | expand | stay | stay | escalate |" in out


def test_read_both_page_layouts(run: Run, shared: Path) -> None:
    """`read` prints both page layouts normalised, and as API v2 JSON under a schema name."""
    for trial in ("NCT05962762", "NCT04971980"):
        file = str(shared / f"records/{trial}.txt")
        code, out, _ = run("read", file)
        assert code == 0
        assert trial in out
        _, as_json, _ = run("read", file, "--json")
        found = json.loads(as_json)
        assert found["schema"].startswith("trialwright.read/")
        assert found["record"]["protocolSection"]["identificationModule"]["nctId"] == trial
        assert isinstance(found["findings"], list)


@pytest.mark.parametrize("words", [["read", "none.txt"], ["check", "none.yaml"], ["next", "none.yaml", "1N"]])
def test_a_file_that_is_not_there(run: Run, words: list[str]) -> None:
    """A file that is not there leaves with 2 and its name."""
    code, _, err = run(*words)

    assert code == 2
    assert words[1] in err


def test_what_is_almost_a_number_or_a_record_is_told_the_form(run: Run, tmp_path: Path) -> None:
    """A number with a digit too few, and a file of several records, leave with 2 and what to give instead."""
    several = tmp_path / "records.jsonl"
    several.write_text('{"protocolSection": {}}\n{"protocolSection": {}}\n')

    assert "NCT and eight digits" in run("read", "NCT0596276")[2]
    assert "give each study its own file" in run("read", str(several))[2]


def test_a_protocol_with_errors_runs_nothing(run: Run, tmp_path: Path) -> None:
    """A protocol with errors is not rehearsed, and nothing is written."""
    file = tmp_path / "bad.yaml"
    file.write_text("trialwright: 1\n")

    code, _, err = run("rehearse", str(file), "--out", str(tmp_path / "out"))

    assert code == 2
    assert "form.missing" in err
    assert not (tmp_path / "out").exists()


def test_a_randomised_trial_is_rehearsed_with_a_secret_of_its_own(run: Run, tmp_path: Path) -> None:
    """The rehearsal of a randomised trial leaves its sealed file beside the log, by which the log verifies."""
    protocol = str(PROTOCOLS / "NCT03828344.yaml")
    code, out, _ = run("rehearse", protocol, "--subjects", "2", "--json", "--out", str(tmp_path))

    assert code == 0
    assert json.loads(out)["subjects"] >= 2
    assert (tmp_path / "sealed.json").stat().st_mode & 0o077 == 0
    assert run("verify", str(tmp_path / "trial.db"))[0] == 0


def test_the_true_rates_of_a_rehearsal_fit_the_arms(run: Run, tmp_path: Path) -> None:
    """A rehearsal without one true rate for each arm is refused in plain words, and no log is left."""
    protocol = str(PROTOCOLS / "NCT01547091.yaml")
    code, _, err = run("rehearse", protocol, "--truth", "0.3,0.4", "--out", str(tmp_path))

    assert code == 2
    assert "2 true response rates for 3 arms" in err
    assert not (tmp_path / "trial.db").exists()


def test_rehearse_verify_report(run: Run, tmp_path: Path) -> None:
    """A rehearsal leaves a log that verifies, and a report that is one self-contained page."""
    out_dir, page = tmp_path / "out", tmp_path / "report.html"
    log = str(out_dir / "trial.db")

    assert run("rehearse", PROTOCOL, "--truth", "0.05,0.12,0.30", "--seed", "7", "--out", str(out_dir))[0] == 0
    assert run("rehearse", PROTOCOL, "--seed", "7", "--out", str(out_dir))[0] == 2
    code, out, _ = run("verify", log)
    assert code == 0
    assert "verifies" in out
    assert run("report", log, "--out", str(page))[0] == 0
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert "http" not in page.read_text().replace("http://www.w3.org/", "")


def test_verify_names_the_first_bad_entry(run: Run, tmp_path: Path) -> None:
    """`verify` leaves with 6 and names the entry that was changed."""
    run("rehearse", PROTOCOL, "--seed", "7", "--out", str(tmp_path))
    log = tmp_path / "trial.db"
    with sqlite3.connect(log) as connection:
        (body,) = connection.execute("SELECT body FROM entry WHERE seq = 20").fetchone()
    connection.close()
    whole = log.read_bytes()
    place = whole.index(body) + 50
    log.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])

    code, _, err = run("verify", str(log))

    assert code == 6
    assert "entry 20" in err


def test_verify_without_a_log(run: Run, tmp_path: Path) -> None:
    """`verify` on a path without a log leaves with 1 and says so."""
    code, _, err = run("verify", str(tmp_path / "none.db"))

    assert code == 1
    assert "no log" in err


def test_help_and_version(run: Run) -> None:
    """Every verb has help with an example, and the version is printed."""
    import typer

    from trialwright.__main__ import app

    for verb in typer.main.get_command(app).commands:
        code, out, _ = run(verb, "--help")
        assert code == 0
        assert f"trialwright {verb}" in out.split("Usage")[1]
    assert run("--version")[1].startswith("trialwright 0.")


def test_unknown_verb_is_answered_with_a_near_one(run: Run) -> None:
    """A mistyped verb leaves with 2 and the near verb."""
    code, _, err = run("simulat")

    assert code == 2
    assert "simulate" in err
