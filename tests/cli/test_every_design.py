"""The command line asks every design: next, simulate, calendar time, tables, behaviours and what is refused."""

import json
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.conductor import PROTOCOLS, with_rule
from trialwright.design import BOIN, TITEBOIN, BackfillBOIN, RollingSix, recommend_backfill, simulate_calendar
from trialwright.design.catalogue import design_from_text
from trialwright.errors import InputError, PathError
from trialwright.protocol.check import check_text
from trialwright.protocol.file import load_study

PROTOCOL = str(PROTOCOLS / "NCT05962762.yaml")
BOIN12 = "boin12 toxicity_limit=0.35 efficacy_limit=0.25 utility_neither=40 utility_both=60"
TWO = "model=two-parameter-logistic doses=1e6,3e6,5e6 reference_dose=5e6 prior_means=-0.85,0 prior_sds=2,1"
TRUTH = ("--truth", "0.1,0.3,0.5")
FLAGS = ("--levels", "3", "--target", "0.3")


@pytest.mark.parametrize(
    ("design", "path", "dose", "decision"),
    [
        ("tite-crm window=28", "1N 1N 2P@14 2T", 1, "de-escalate"),
        ("tite-crm window=28 weights=adaptive", "1N 1N 2P@14 2T@9", 1, "de-escalate"),
        ("tite-boin window=28", "1NNP@14", 2, "escalate"),
        ("tite-boin window=28", "1NP@2P@1", 1, "stay"),
        ("tite-boin window=28", "", 1, "stay"),
        ("bf-boin window=28", "1NN+N 2NPP b1N", 2, "stay"),
        ("bf-boin window=28", "1NN+N 2NNN b1N", 3, "escalate"),
        (BOIN12, "1NNE", 2, "escalate"),
        ("boin stop_at_total=6", "1NNN 2NNN", None, "stop"),
        ("crm no_skipping=yes skipping=yes", "1NNN", 2, "escalate"),
        (f"crm {TWO}", "1NNN 2NTN 2NNT", 2, "stay"),
        (f"tite-crm {TWO} window=28", "1NN 2P@14 2T@9", 2, "stay"),
    ],
)
def test_next_reads_the_letters_of_every_design(run: Run, design: str, path: str, dose: int, decision: str) -> None:
    """`next` reads follow-ups, responses, backfilled subjects and efficacy, and answers as the design does."""
    code, out, _ = run("next", "--design", design, *FLAGS, path, "--json")

    answer = json.loads(out)
    assert (code, answer["dose"], answer["decision"]) == (0, dose, decision)


def test_next_says_where_those_who_come_meanwhile_are_backfilled(run: Run) -> None:
    """BF-BOIN names the level that is open for backfill, or says that none is."""
    options = ("next", "--design", "bf-boin window=28", *FLAGS)

    assert "backfill: open at level 1" in run(*options, "1NN+N 2NPP")[1]
    assert "backfill: no level is open" in run(*options, "1NNN 2NPP")[1]


@pytest.mark.parametrize(
    ("design", "path", "words"),
    [
        ("tite-boin window=28", "1N 2P 3X", ["word 2, '2P', has P without a time", "word 3, '3X'"]),
        ("tite-crm window=28 weights=adaptive", "1T 2P", ["has T without a time", "has P without a time"]),
        ("bf-boin window=28", "1NX 4N", ["word 1, '1NX'", "dose level 4; the design has 3"]),
        ("bf-boin window=28", "1NN+N 2NPP b1N b3N", ["word 4, 'B3N', backfills a level that was not opened before"]),
    ],
)
def test_every_fault_of_a_path_is_told_at_once(run: Run, design: str, path: str, words: list[str]) -> None:
    """A path that cannot be read is refused with each of its faults and how to write it."""
    code, _, err = run("next", "--design", design, *FLAGS, path)

    assert code == 2
    assert all(word in err for word in [*words, "write it like"])


def test_what_was_eliminated_stays_eliminated_for_backfill() -> None:
    """A level whose DLTs once eliminated it is not open again when later subjects dilute them."""
    design = BackfillBOIN(levels=3, target=0.25, window=28)
    path = "1NN+N 2NNN b1TTTT b1NNNNN"

    assert recommend_backfill(design, path).recommendation.final
    with pytest.raises(PathError):
        recommend_backfill(design, "1N?")


def test_simulate_in_calendar_time_is_the_function(run: Run) -> None:
    """`--calendar` takes window, arrivals, stagger and screening failure from the protocol and says what it assumed."""
    words = ("simulate", PROTOCOL, "--calendar", "--without-slot", "one-kept", "--trials", "500")
    code, out, _ = run(*words, "--json")
    _, text, err = run(*words)

    found = json.loads(out)
    calendar = found["calendar"]
    assert (code, found["schema"], found["trials"]) == (0, "trialwright.calendar/1", 500)
    assert (calendar["window"], calendar["screen_failure"], calendar["without_slot"]) == (28, 0.2, "one kept")
    assert calendar["staggering"] == {"scope": "top dose only", "days": 7, "between": "each and next"}
    assert calendar["arrivals"]["days_apart"] == pytest.approx(365.25 / 12 / 4)
    assert found["measures"]["screened"]["mean"] > found["measures"]["treated"]["mean"] > 6
    assert "lost but for one" in text
    assert "500 trials, seed 1" in err


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_calendar_time_is_drawn(run: Run, tmp_path: Path, suffix: str) -> None:
    """`--figure` draws duration and subjects as SVG or PNG."""
    file = tmp_path / f"time.{suffix}"
    words = ("simulate", PROTOCOL, "--calendar", "--without-slot", "kept", "--trials", "200", "--figure", str(file))

    assert run(*words)[0] == 0
    assert file.read_bytes().startswith({"svg": b"<svg", "png": b"\x89PNG"}[suffix])


@pytest.mark.parametrize(
    "design", ["boin", "rolling-six", "tite-crm window=28", "tite-boin window=28", "bf-boin window=28", BOIN12]
)
def test_every_design_in_calendar_time(run: Run, design: str) -> None:
    """Every design has a duration, with its Monte Carlo error, by flags alone."""
    more = ("--efficacy", "0.2,0.4,0.5") if design.startswith(("bf", "boin12")) else ()
    window = () if "window" in design else ("--window", "28")
    flags = ("--levels", "3") if design == BOIN12 else FLAGS
    words = ("--calendar", "--without-slot", "lost", "--screened-per-month", "4", "--trials", "200", *TRUTH, *more)
    everywhere = ("--stagger", "7", "--not-evaluable", "0.1", "--not-replaced", "--stagger-between", "first and others")
    code, out, _ = run("simulate", "--design", design, *flags, *window, *words, *everywhere, "--json")

    duration = json.loads(out)["measures"]["duration"]
    assert code == 0
    assert duration["mean"] > 28
    assert duration["standard_error"] > 0


def test_calendar_time_asks_for_all_that_is_missing(run: Run) -> None:
    """What calendar time needs and nobody said is asked for in one answer, and what does not belong is named."""
    _, _, bare = run("simulate", "--design", "boin", *FLAGS, *TRUTH, "--calendar", "--efficacy", "0.1,0.2,0.3")
    _, _, own = run("simulate", PROTOCOL, "--calendar", "--window", "21", "--stagger", "3")
    _, _, without = run("simulate", PROTOCOL, "--without-slot", "kept")
    _, _, backfill = run("simulate", "--design", "bf-boin window=28", *FLAGS, *TRUTH, "--calendar")

    assert all(flag in bare for flag in ("--without-slot", "--window", "--screened-per-month", "leave --efficacy out"))
    assert "--window and --stagger: the protocol says its own" in own
    assert "--without-slot: only with --calendar" in without
    assert "give --efficacy" in backfill


def test_boin12_is_simulated_from_both_rates(run: Run) -> None:
    """BOIN12 is simulated from toxicity and efficacy rates, and its data have responses and utilities."""
    words = ("simulate", "--design", BOIN12, "--levels", "3", *TRUTH, "--efficacy", "0.2,0.5,0.6", "--trials", "500")
    code, out, _ = run(*words, "--json")

    found = json.loads(out)
    assert (code, found["schema"], found["trials"]) == (0, "trialwright.simulate/1", 500)
    assert len(found["mean_responses"]) == len(found["true_utility"]) == 3
    assert run(*words[:-4])[0] == 2


def test_a_table_of_ones_own(run: Run, tmp_path: Path) -> None:
    """`--decisions FILE.csv` is a design that answers, and its file's faults are told."""
    rows = [(n, y, "E" if y == 0 else "S" if 3 * y <= n else "DU") for n in range(1, 10) for y in range(n + 1)]
    file = tmp_path / "table.csv"
    file.write_text("n,dlts,action\n" + "".join(f"{n},{y},{action}\n" for n, y, action in rows))
    options = ("--decisions", str(file), *FLAGS, "--subjects", "9")

    assert json.loads(run("next", *options, "1NNN", "--json")[1])["dose"] == 2
    assert run("simulate", *options, *TRUTH)[0] == 0
    assert "escalate if at most" in run("table", *options)[1]
    assert "belongs to the custom table, not to BOIN" in run("table", *options, "--design", "boin")[2]
    file.write_text("n,dlts,action\n1,0,E\n")
    assert "no row for 1 DLTs among 1 subjects" in run("table", *options)[2]


RULE = (
    "{design: CRM, target: 0.3, subjects: 12, model: two-parameter logistic, reference dose: 5.0e6 cells/kg, "
    "prior means: [-0.85, 0], prior sds: [2, 1]}"
)


def test_two_parameters_are_one_design_by_flags_and_in_a_protocol(run: Run, tmp_path: Path) -> None:
    """The two-parameter CRM of a protocol reads its doses, is the one by flags in every verb, and is explained."""
    file = tmp_path / "two.yaml"
    file.write_text(with_rule(RULE))
    named = ("--design", f"crm {TWO} subjects=12", *FLAGS)

    assert load_study(with_rule(RULE)).rule == design_from_text(f"crm {TWO} levels=3 target=0.3 subjects=12")
    for verb in ("table", "paths", "simulate"):
        words = () if verb == "table" else TRUTH
        of_file, by_flags = (json.loads(run(verb, *form, *words, "--json")[1]) for form in ((str(file),), named))
        assert (of_file | {"protocol": None, "doses": None}) == (by_flags | {"protocol": None, "doses": None})
    assert "log(dose / 5000000), for the doses 1000000, 3000000, 5000000" in run("explain", str(file))[1]
    assert len(json.loads(run("compare", str(file), f"crm {TWO}", *FLAGS, *TRUTH, "--json")[1])["designs"]) == 2


@pytest.mark.parametrize(
    ("left", "written", "words"),
    [
        ("5.0e6 cells/kg", "5.0e6 cells", "reads doses of one number in one unit"),
        ("prior sds: [2, 1]", "skeleton: [0.1, 0.2, 0.3]", "has no skeleton"),
        (", prior sds: [2, 1]", "", "prior_sds must be 2 numbers, and has 0"),
        ("model: two-parameter logistic", "model: logistic", "the logistic model has no reference_dose, prior_means"),
        ("prior means: [-0.85, 0]", "prior means: [-0.85]", "prior_means must be 2 numbers, and has 1"),
    ],
)
def test_what_two_parameters_need_is_asked_for(left: str, written: str, words: str) -> None:
    """`check` says what a two-parameter CRM lacks, and what belongs to another model."""
    _, found = check_text(with_rule(RULE.replace(left, written)))
    assert any(finding.rule == "design.numbers" and words in finding.what for finding in found)


def test_examine_lists_the_way_without_dlts(run: Run) -> None:
    """`examine` gives every number of DLTs of each cohort on the way without any."""
    _, out, _ = run("examine", "--design", "3+3", "--levels", "2", "--json")

    assert [node["path"] for node in json.loads(out)["nodes"]][-1] == "1NNN 2TTT"


def test_designs_that_look_at_more_stand_beside_the_others(run: Run) -> None:
    """`compare` simulates BOIN12 beside exact designs, scores it by the optimal dose, and says what is closed."""
    efficacy = ("--efficacy", "0.3,0.6,0.5", "--trials", "200", "--json")
    code, out, err = run("compare", BOIN12, "tite-boin window=28", *FLAGS, *TRUTH, *efficacy)
    _, alone, _ = run("simulate", "--design", BOIN12, *FLAGS[:2], *TRUTH, *efficacy)

    (obd,), (mtd,) = (design["scenarios"] for design in json.loads(out)["designs"])
    assert (code, obd["optimal"], mtd["optimal"]) == (0, [2], None)
    assert obd["selection_optimal"] == obd["selection"][1] == json.loads(alone)["selection"][1]
    assert "every window is closed before TITE-BOIN decides" in err
    code, _, err = run("compare", BOIN12, "boin", *FLAGS, *TRUTH, *TRUTH, *efficacy)
    assert (code, "give --efficacy once for each --truth" in err) == (2, True)
    code, _, err = run("compare", "3+3", "boin", *FLAGS, *TRUTH, *efficacy)
    assert (code, "none of these designs looks at efficacy" in err) == (2, True)


def test_designs_are_compared_at_the_planning_rates_of_the_protocol_beside_them(run: Run) -> None:
    """Without a truth a design by name is asked under the planning rates of the protocol that it stands beside."""
    code, out, _ = run("compare", PROTOCOL, "boin", *FLAGS, "--json")
    assert code == 0
    assert [one["scenarios"][0]["truth"] for one in json.loads(out)["designs"]] == [[0.05, 0.12, 0.3]] * 2
    code, _, err = run("compare", PROTOCOL, str(PROTOCOLS / "NCT04971980.yaml"))
    assert (code, "plan with different true DLT rates" in err) == (2, True)


def test_designs_are_compared_in_calendar_time(run: Run, tmp_path: Path) -> None:
    """`compare --calendar` takes what a protocol plans for all, and says of each what `simulate --calendar` says."""
    words = ("--calendar", "--without-slot", "kept", "--trials", "200")
    code, out, _ = run("compare", PROTOCOL, "boin subjects=6", *FLAGS, *words, "--json")
    told = run("compare", PROTOCOL, "boin subjects=6", *FLAGS, *words, "--figure", str(tmp_path / "days.svg"))[1]
    alone = json.loads(run("simulate", PROTOCOL, *words, "--json")[1])

    (own,), (named,) = (one["scenarios"] for one in json.loads(out)["designs"])
    assert (code, own["calendar"]) == (0, named["calendar"])
    assert (own["measures"], own["selection"]) == (alone["measures"], alone["selection"])
    assert named["correct"] == named["selection"][2]
    days = named["measures"]["duration"]
    assert f"{days['mean']:.2f}" in told
    assert f"{days['standard_error']:.2f}" in told
    assert "Assumed: a DLT window of 28 days" in told
    assert f">{days['mean']:.0f}<" in (tmp_path / "days.svg").read_text()


def test_calendar_time_asks_for_what_every_design_lacks(run: Run) -> None:
    """`compare --calendar` asks for what is missing once, and a design by name beside two protocols is refused."""
    _, _, told = run("compare", "boin", "bf-boin window=28", *FLAGS, *TRUTH, "--calendar")
    assert [told.count(flag) for flag in ("--without-slot is", "--window is", "give --efficacy")] == [1, 1, 1]
    assert "--window: only with --calendar" in run("compare", "boin", "crm", *FLAGS, *TRUTH, "--window", "28")[2]
    both = (PROTOCOL, str(PROTOCOLS / "NCT04971980.yaml"), "boin", *FLAGS, *TRUTH, "--calendar")
    assert "the planning of one protocol" in run("compare", *both)[2]


def test_more_designs_than_colours_are_told_apart(run: Run, tmp_path: Path) -> None:
    """In a figure of ten designs each has its own number, in the legend and under its bar at every level."""
    file = tmp_path / "ten.svg"
    designs = [f"boin subjects={subjects}" for subjects in range(3, 33, 3)]
    assert run("compare", *designs, *FLAGS, *TRUTH, "--figure", str(file))[0] == 0
    drawn = file.read_text()
    for number, subjects in enumerate(range(3, 33, 3), start=1):
        assert f"{number} BOIN subjects={subjects}<" in " ".join(drawn.split())
        assert drawn.count(f">{number}</text>") == 4


def test_two_versions_of_a_protocol_are_told_apart(run: Run, tmp_path: Path) -> None:
    """Protocols of the same id stand in a comparison under the names of their files."""
    amended = tmp_path / "amended.yaml"
    amended.write_text(Path(PROTOCOL).read_text() + "# amended\n")
    _, out, _ = run("compare", PROTOCOL, str(amended), "--json")
    labels = [one["label"] for one in json.loads(out)["designs"]]
    assert labels == ["NCT05962762 (NCT05962762.yaml)", "NCT05962762 (amended.yaml)"]


@pytest.mark.parametrize("design", ["3+3", "crm", "rolling-six"])
def test_a_rule_without_a_table_gives_its_text(run: Run, design: str) -> None:
    """`table` prints the protocol's text of a rule that has no table by one level, and says so."""
    code, out, err = run("table", "--design", design, *FLAGS)
    assert (code, out.strip()) == (0, design_from_text(design, {"levels": "3", "target": "0.3"}).explain())
    assert "looks at more than the current level" in err


def test_paths_by_efficacy_carry_their_chances(run: Run) -> None:
    """`paths` gives BOIN12's next cohort its chances under both rates, and `examine` goes on to an optimal dose."""
    _, out, _ = run("paths", "--design", BOIN12, *FLAGS[:2], *TRUTH, "--efficacy", "0.2,0.4,0.5", "--json")
    _, told, _ = run("examine", "--design", f"{BOIN12} subjects=6", *FLAGS[:2])

    chances = {node["path"]: node["probability"] for node in json.loads(out)["nodes"]}
    assert chances["1NNN"] == pytest.approx((0.9 * 0.8) ** 3)
    assert chances["1NTE"] == pytest.approx(6 * (0.9 * 0.8) * (0.1 * 0.8) * (0.9 * 0.2))
    assert "OBD level 2" in told


def test_what_would_be_left_undone_is_refused(run: Run, tmp_path: Path) -> None:
    """A figure of another kind, and options that do nothing for a protocol with arms alone, are refused."""
    code, _, err = run("compare", "3+3", "--levels", "3", *TRUTH, "--figure", str(tmp_path / "x.pdf"))
    assert (code, "a figure is .svg or .png" in err) == (2, True)
    code, _, err = run("simulate", str(PROTOCOLS / "NCT05794425.yaml"), "--calendar", "--seed", "2")
    assert (code, "leave --calendar, --seed out" in err) == (2, True)


@pytest.mark.parametrize(
    ("trial", "shown"),
    [
        ("NCT03828344", ["the whole trial, 12 v 4", "found in 2.5%"]),
        ("NCT01547091", ["the whole trial, 66 v 66", "Subjects expected to be enrolled"]),
        ("NCT05794425", ["Response rate", "Subjects expected to be enrolled"]),
    ],
)
def test_a_protocol_with_arms_is_drawn(run: Run, tmp_path: Path, trial: str, shown: list[str]) -> None:
    """A trial with arms is drawn with its comparisons and sizes, or with the precision of its one rate by accrual."""
    file = tmp_path / "arms.svg"
    assert run("simulate", str(PROTOCOLS / f"{trial}.yaml"), "--figure", str(file))[0] == 0
    assert all(words in file.read_text() for words in shown)


def test_where_no_level_is_selected_most_often_the_sentence_says_so(run: Run) -> None:
    """Where most trials end without a level, the sentence begins with that."""
    _, out, _ = run("simulate", "--design", "3+3", "--levels", "2", "--truth", "0.6,0.7")

    assert "No level is selected in" in out


def test_a_design_without_a_target_is_judged_by_the_one_that_is_given(run: Run) -> None:
    """`simulate` judges a 3+3 by --target, and a target that is no rate is refused."""
    asked = ("simulate", "--design", "3+3", "--levels", "3", *TRUTH, "--target")

    assert "Target 0.3: a level closest to it is selected in 37.1% of trials" in run(*asked, "0.3")[1]
    code, _, told = run(*asked, "1.3")
    assert (code, "--target 1.3" in told) == (2, True)


@pytest.mark.parametrize(("design", "flag"), [("3+3", "--subjects"), ("rolling-six", "--cohort")])
def test_a_flag_that_a_design_cannot_keep_is_refused(run: Run, design: str, flag: str) -> None:
    """A size that the rule has no place for is refused by name, and not passed over."""
    code, _, told = run("next", "--design", design, "--levels", "3", flag, "6", "1NNN")

    assert (code, f"leave {flag} out" in told) == (2, True)


def test_tables_of_the_designs_that_look_at_more(run: Run) -> None:
    """TITE-BOIN prints its table with pending subjects, BOIN12 its ranks."""
    assert "pending" in run("table", "--design", "tite-boin window=28", *FLAGS, "--subjects", "6")[1]
    words = ("table", "--design", f"{BOIN12} subjects=24", "--levels", "3")
    told = run(*words)[1].splitlines()
    whole = run(*words, "--csv")[1].splitlines()
    assert len(json.loads(run(*words, "--json")[1])["actions"]) == len(whole) - 1 == 2061
    assert (len(told) < 120, max(map(len, told[1:])) < 200) == (True, True)
    row = told.index(next(line for line in told if line.startswith("3 subjects")))
    none_of_three = [line.split(",")[-1] for line in whole if line.startswith("3,0,")]
    assert [*map(float, told[row + 1].split()[1:])] == [*map(float, none_of_three)]


def test_a_table_as_csv_is_read_again(run: Run, tmp_path: Path) -> None:
    """What `table --csv` writes of a design makes the same table by `--decisions`; a rule without one is refused."""
    file = tmp_path / "boin.csv"
    words = ("table", "--design", "boin", *FLAGS, "--subjects", "12")
    file.write_text(run(*words, "--csv")[1])
    again = run("table", "--decisions", str(file), *FLAGS, "--subjects", "12", "--csv")[1]
    assert again == file.read_text()
    code, _, told = run("table", "--design", "3+3", "--levels", "3", "--csv")
    assert (code, "no table by one level" in told) == (2, True)


@pytest.mark.parametrize(
    ("design", "path", "said"),
    [
        ("rolling-six stop_at_total=5", "1NNN 2NP", "the end waits for 1 open DLT window"),
        ("rolling-six stop_at_total=5", "1NNN 2NN", "5 subjects are treated in all; no level is selected"),
        (
            "tite-crm window=28 subjects=9 at_least_at_mtd=6",
            "1N 1N 2N 2N 3T 2N 3T 3T 2N",
            "6 subjects are wanted there",
        ),
        ("tite-boin window=28 stop_at_dose=3", "1NNN 2NNT", "the next level would be one that has 3 subjects or more"),
        ("tite-boin window=28 stop_at_total=7", "1NNN 2NNP@14", "The total of 7 subjects leaves 1"),
        ("bf-boin window=28 subjects=9 at_least_at_mtd=6", "1NN+N 2NNN 3TTT", "treat 3 subjects at level 2"),
        (f"{BOIN12} subjects=9 at_least_at_mtd=6", "1NNE 2EEE 3TTT", "the OBD would be level 2"),
        (f"{BOIN12} subjects=9 at_least_at_mtd=6", "1NNE 2EEE 3TTT 2E", "treat 2 more at this level"),
        (f"{BOIN12} stop_at_total=8", "1NNE 2EEE 3NE", "8 subjects are treated in all; the OBD is level 2"),
    ],
)
def test_next_says_what_behaviours_make_of_a_design_that_decides_early(
    run: Run, design: str, path: str, said: str
) -> None:
    """With open windows, follow-up, backfill and efficacy too, the sentence says which behaviour decided, and why."""
    assert said in run("next", "--design", design, *FLAGS, path)[1]


def test_behaviours_are_settings() -> None:
    """A behaviour is a setting of every design, and a design with behaviours stays one of its kind."""
    found = design_from_text(
        "boin levels=3 target=0.3 stop_at_total=12 no_skipping=yes at_least_at_mtd=6 stop_at_dose=9"
    )

    assert (found.design, found.total, found.at_dose, found.at_mtd, found.skipping) == (
        BOIN(levels=3, target=0.3),
        12,
        9,
        6,
        False,
    )
    assert design_from_text("boin levels=3 target=0.3 no_skipping=no") == BOIN(levels=3, target=0.3)
    for text, kind in (
        ("tite-boin window=28", TITEBOIN),
        ("rolling-six", RollingSix),
        ("bf-boin window=28", BackfillBOIN),
    ):
        made = design_from_text(f"{text} stop_at_total=12", {"levels": "3", "target": "0.3"})
        assert isinstance(made, kind)
        assert (made.total, made.design) == (12, design_from_text(text, {"levels": "3", "target": "0.3"}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rolling-six at_least_at_mtd=7", "7 subjects at the MTD; a level holds 6"),
        ("tite-boin window=28 subjects=10 at_least_at_mtd=6", "the 10 subjects of the design must be whole cohorts"),
        (
            f"{BOIN12} subjects=9 at_least_at_mtd=8",
            "8 subjects at the OBD in cohorts of 3; the design treats 9 at most",
        ),
    ],
)
def test_behaviours_that_do_not_fit_a_design_are_refused(text: str, words: str) -> None:
    """What a design cannot give at the dose that it seeks is refused with the reason."""
    with pytest.raises(InputError, match=words):
        design_from_text(text, {"levels": "3", "target": "0.3"})


def test_the_command_line_is_the_python_function(run: Run) -> None:
    """`simulate --calendar` selects what `simulate_calendar` selects with the same seed."""
    design = design_from_text("boin levels=3 target=0.3 stop_at_total=12")
    words = ("--calendar", "--without-slot", "kept", "--window", "28", "--arrivals", "on demand", "--trials", "300")
    _, out, _ = run("simulate", "--design", "boin stop_at_total=12", *FLAGS, *TRUTH, *words, "--json")
    from trialwright.design import Arrivals, Calendar

    calendar = Calendar(window=28, arrivals=Arrivals(pattern="on demand"), without_slot="kept")
    same = simulate_calendar(design, (0.1, 0.3, 0.5), calendar, trials=300, seed=1)
    assert json.loads(out)["selection"] == list(same.selection)


BACKFILL = "{design: BF-BOIN, target: 0.3, subjects: 18, response endpoint: BASDAI response}"


def test_a_protocol_with_a_rule_that_looks_at_responses_simulates_at_its_planned_rates(
    run: Run, tmp_path: Path
) -> None:
    """Response rates come from the protocol's planning, and are the function's; `next` reads the rule's own letters."""
    file = tmp_path / "bf.yaml"
    file.write_text(with_rule(BACKFILL))
    words = (
        "--calendar",
        "--without-slot",
        "kept",
        "--trials",
        "200",
        "--arrivals",
        "on demand",
        "--screen-failure",
        "0",
    )

    code, out, _ = run("simulate", str(file), *words, "--json")
    _, told, _ = run("next", str(file), "1NN+N 2PPP b1P")

    from trialwright.design import Arrivals, Calendar

    calendar = Calendar(window=28, arrivals=Arrivals(pattern="on demand"), without_slot="kept")
    design, rates = BackfillBOIN(levels=3, target=0.3, subjects=18, window=28), (0.2, 0.4, 0.5)
    same = simulate_calendar(design, (0.05, 0.12, 0.30), calendar, response=rates, trials=200, seed=1)
    assert (code, json.loads(out)["selection"]) == (0, list(same.selection))
    assert "backfill: open at level 1" in told


def test_a_late_onset_rule_keeps_the_stagger_and_the_drop_out_of_its_protocol(run: Run, tmp_path: Path) -> None:
    """A stagger and a drop-out of the protocol are assumed, and said to be, for a rule that decides early too."""
    file = tmp_path / "late.yaml"
    text = with_rule("{design: TITE-BOIN, target: 0.3, subjects: 18}")
    stagger = "  stagger: [{dose: high, interval: 7 days, assumed: example}]\n  open dose levels:"
    text = text.replace("  open dose levels:", stagger, 1).replace(
        "  screen failure:", "  drop out: 0.1\n  screen failure:"
    )
    file.write_text(text)

    code, out, _ = run("simulate", str(file), "--calendar", "--without-slot", "kept", "--trials", "200")

    assert code == 0
    assert "7 days from each infusion to the next at the top level" in out
    assert "0.1 of the treated leave their window and are replaced" in out
