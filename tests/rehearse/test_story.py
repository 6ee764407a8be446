"""The language of stories: what a story may say, and what is said of one that cannot be played."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.conduct.life import LifeTrial
from tests.conductor import PROTOCOLS, TEXT
from trialwright.cli import app
from trialwright.conduct.commands import Command
from trialwright.errors import InputError, StoryFailed
from trialwright.protocol.file import load_study
from trialwright.protocol.finding import Finding
from trialwright.rehearse import VirtualClock
from trialwright.rehearse.story import Played, Story, as_data, play, read_story
from trialwright.rehearse.story.facts import text_of
from trialwright.rehearse.story.report import verdict
from trialwright.rehearse.story.sealing import throw_away
from trialwright.rehearse.story.steps import STEP_KEYS, usual_macros
from trialwright.rehearse.story.typical import Wanted
from trialwright.rehearse.story.words import COMMANDS, fields_of, in_words
from trialwright.trial import Trial

HEAD = """
title: A story
protocol: NCT05962762.yaml
people: {anna: sponsor, li: investigator at 01, mei: coordinator at 01, pia: pharmacist at 01, eve: no role}
steps:
"""
OPEN = "  - {when: day 1, by: anna, do: open dose level, level: 1}\n"
Player = Callable[[str], Played]


def neighbours(name: str) -> str:
    """Read a file beside the protocols."""
    try:
        return (PROTOCOLS / name).read_text()
    except OSError as fault:
        raise InputError(f"{name}: {fault.strerror}") from fault


def read(text: str) -> Story:
    """Read a story without faults."""
    story, findings = read_story(text, neighbours)
    assert story, [finding.text("story") for finding in findings]
    return story


def faults(text: str) -> list[Finding]:
    """The faults of a story."""
    story, findings = read_story(text, neighbours)
    assert story is None
    return findings


@pytest.fixture
def played(tmp_path: Path) -> Player:
    """Plays the steps of a story about NCT05962762 in a log of its own."""

    def play_steps(steps: str) -> Played:
        story = read(HEAD + steps)
        clock = VirtualClock(datetime.combine(story.begins, time(8), UTC))
        with Trial.begin(tmp_path / "trial.db", story.protocol, by=story.founder, clock=clock) as trial:
            return play(story, trial, clock)

    return play_steps


def test_every_command_has_words() -> None:
    """Every command of conduct is in the language, and no key of a step hides a field."""
    assert set(COMMANDS.values()) == set(Command.__subclasses__())
    for command in COMMANDS.values():
        assert not {in_words(name) for name in fields_of(command)} & set(STEP_KEYS), command


def test_a_name_stands_for_what_the_step_made(played: Player) -> None:
    """A name gives each key the value of that key, and `of` fills in every key that is left out."""
    outcome = played(
        OPEN
        + "  - {by: li, do: treat an eligible subject, as: one}\n"
        + "  - {by: li, do: report adverse event, subject: one, term: Hypoxia, onset on: today, grade: 3, related: yes,"
        + " serious: no, as: hypoxia}\n"
        + "  - {by: li, do: grade adverse event, of: hypoxia, grade: 4, reason: Worse, then: {grade of hypoxia: 4}}\n"
        + "  - {by: li, do: grade adverse event, subject: one, event: hypoxia, grade: 3, reason: Better}\n"
    )

    assert outcome.holds
    assert outcome.steps[-1].fields["event"] == 1
    scanned = next(one.fields for one in outcome.steps if one.step.do == "match identity")
    assert (scanned["scanned_subject"], scanned["scanned_coi"]) == ("S001", "S001-1")


def test_a_step_that_came_to_something_else_fails_and_the_story_goes_on(played: Player) -> None:
    """A refusal that was not expected fails with its rule; what needs its result is not given; the rest is played."""
    outcome = played(
        OPEN
        + "  - {by: eve, do: screen subject, consented on: today, as: nobody}\n"
        + "  - {by: li, do: enrol subject, of: nobody}\n"
        + "  - {by: li, do: screen subject, consented on: today}\n"
    )

    assert [step.outcome for step in outcome.steps] == ["accepted", "refused", "not given", "accepted"]
    assert [step.number for step in outcome.failed] == [2, 3]
    assert as_data(outcome)["steps"][1]["refusal"]["code"] == "role.may_not"


@pytest.mark.parametrize(
    ("expect", "holds"),
    [
        ("{refused: role.may_not}", True),
        ("{refused: role.may_not, rule: ScreenSubject is for, reason: no role}", True),
        ("refused", True),
        ("{refused: cohort.full}", False),
        ("{refused: role.may_not, rule: stagger}", False),
        ("accepted", False),
    ],
)
def test_an_expected_refusal_is_that_refusal(played: Player, expect: str, holds: bool) -> None:
    """A refusal holds by its code, and by the words of its rule and reason where the story says them."""
    outcome = played(f"  - {{by: eve, do: screen subject, consented on: today, expect: {expect}}}\n")

    assert outcome.holds == holds


TREATED = OPEN + "  - {by: li, do: treat an eligible subject, as: one}\n"


FACTS_OF_ONE = """
  - then:
      free slots: 2
      number of infusions of one: 1
      status of infusion 1 of one: completed
      infusion of one: completed
      infusion 2 of one: none
      status of visit D28 of one: to come
      waiting of preparation 1 of one: no
      status of level 1: open
      levels: open, not opened, not opened
"""


def test_a_fact_goes_inwards(played: Player) -> None:
    """A fact takes one of several by its number or name, counts them, and tells a thing by what it is known by."""
    outcome = played(TREATED + FACTS_OF_ONE.lstrip("\n"))

    assert outcome.holds, outcome.steps[-1].facts


def test_who_looks_is_said_beside_the_facts_too(played: Player) -> None:
    """`seen by` stands in `then` or in the step: somebody without a role sees no subject."""
    outcome = played(
        TREATED + "  - {seen by: eve, then: {subjects: none}}\n  - {then: {seen by: eve, subjects: none}}\n"
    )

    assert outcome.holds


MACRO = "people: {anna: sponsor, li: investigator at 01, pia: pharmacist at 01}\nmacros:\n  again:\n    - %s\nsteps:\n"
GRADED = "{do: grade adverse event, of: it, grade: 4, reason: Worse}"


def test_it_is_what_a_macro_was_called_with_until_it_made_something() -> None:
    """In a macro that makes nothing, `it` is what the calling step names by `of`; without that it is a fault."""
    head = "title: A story\nprotocol: NCT05962762.yaml\n" + MACRO % GRADED
    steps = (
        OPEN
        + "  - {by: li, do: screen and enrol an eligible subject, as: one}\n"
        + "  - {by: li, do: report adverse event, of: one, term: Fever, onset on: today, grade: 1,"
        + " related: no, serious: no, as: fever}\n"
    )

    assert read(head + steps + "  - {by: li, do: again, of: fever}\n").steps[-1].of == "fever"
    assert "named `it`" in faults(head + steps + "  - {by: li, do: again}\n")[0].what
    assert "named `it`" in faults(head + steps + "  - {by: li, do: again, of: fever, as: worse}\n")[0].what


INFUSE = "  - {by: li, do: infuse, of: one, weight kg: 730, expect: %s, then: {infusion of one: none}}\n"


def test_a_macro_is_refused_on_the_way(played: Player) -> None:
    """A macro that is expected to be refused ends at that refusal, with its facts, and the story goes on after it."""
    outcome = played(
        OPEN + "  - {by: li, do: screen and enrol an eligible subject, as: one}\n" + INFUSE % "{refused: weight.range}"
    )

    assert outcome.holds
    assert [one.step.do for one in outcome.steps[-3:]] == ["receive lot", "release lot", "prepare infusion"]
    assert outcome.steps[-1].facts
    assert outcome.steps[-2].expected == "accepted, or refused: weight.range"


def test_a_macro_after_a_refused_one_is_held_to_its_own_refusal(played: Player) -> None:
    """A macro that was rightly refused lets no later macro pass that is to be refused and is not."""
    outcome = played(
        "  - {by: li, do: screen and enrol an eligible subject, expect: {refused: level.none_open}}\n"
        "  - {by: li, do: screen and enrol an eligible subject, expect: accepted}\n"
        "  - {by: li, do: screen a person, expect: refused}\n"
    )

    assert [one.step.line for one in outcome.failed] == [7, 8]


@pytest.mark.parametrize(
    ("step", "failed"),
    [
        (INFUSE % "{refused: stagger}", "prepare infusion"),
        (INFUSE.replace("730", "73") % "refused", "complete infusion"),
    ],
)
def test_a_macro_that_is_not_refused_so_fails(played: Player, step: str, failed: str) -> None:
    """A macro fails at another refusal than the expected one, and at its last step where nothing of it is refused."""
    outcome = played(OPEN + "  - {by: li, do: screen and enrol an eligible subject, as: one}\n" + step)

    assert [one.step.do for one in outcome.failed] == [failed]


def test_a_role_is_somebody_at_the_site_of_the_caller() -> None:
    """`the pharmacist` of a macro is the one at the caller's site, and a fault with its mend where nobody is."""
    elsewhere = HEAD.replace("eve: no role", "omar: investigator at 02, ole: coordinator at 02%s")
    steps = "  - {by: omar, do: screen and enrol an eligible subject, as: one}\n  - {by: omar, do: infuse, of: one}\n"
    story = read(elsewhere % ", pavo: pharmacist at 02" + steps)

    assert {step.by for step in story.steps} == {"omar", "ole", "pavo"}
    assert faults(elsewhere % "" + steps)[0].mend == "add to people: `NAME: pharmacist at 02`"


def test_who_did_the_step_above_does_the_next_one() -> None:
    """A step without `by` is done by who did the step above, and not by who did something within its macro."""
    story = read(
        HEAD + OPEN + "  - {by: li, do: treat an eligible subject, as: s1}\n  - {do: close dlt window, of: s1}\n"
    )

    assert [story.steps[place].by for place in (0, 1, -1)] == ["anna", "li", "li"]
    assert {step.by for step in story.steps} == {"anna", "li", "mei", "pia"}
    assert faults(HEAD + OPEN.replace("by: anna, ", ""))[0].rule == "story.people"


def test_what_is_said_in_place_of_a_typical_value_is_measured_when_that_is(played: Player) -> None:
    """A value said beside `like: typical` takes the day and visit of the typical one, and null leaves it out."""
    outcome = played(
        "  - {by: li, do: screen a person, values: {like: typical, basdai: 6, weight: null}, as: one}\n"
        "  - {then: {number of levels: 3}}\n"
    )
    given = outcome.steps[-2].fields["values"]

    assert outcome.holds
    assert [(one["visit"], str(one["value"])) for one in given["basdai"]] == [("screening", "6")]
    assert "weight" not in given


def test_an_amendment_of_a_dose_comes_with_its_simulation(played: Player) -> None:
    """`simulation: typical` is the hash of the operating characteristics of the protocol that the step adopts."""
    amend = (
        "  - {by: anna, do: amend protocol, reason: The ethics committee asks for it%s, "
        "text: {protocol with: {'version: \"1.0\"': 'version: \"2.0\"', 'amount: 1.0e6': 'amount: 0.5e6'}}}\n"
    )

    assert played(amend % ", expect: {refused: amendment.simulation}" + amend % ", simulation: typical").holds


def test_a_fact_that_is_otherwise_fails(played: Player) -> None:
    """A step whose command was accepted fails where a fact is not what the story says, and shows what was found."""
    outcome = played(OPEN.replace("level: 1", "level: 1, then: {free slots: 2, status: Level 1 ...}"))

    assert [(fact.found == "3", fact.holds) for fact in outcome.steps[0].facts] == [(True, False), (False, True)]
    assert not outcome.holds


def test_time_goes_as_the_story_says(played: Player) -> None:
    """`every` lets time pass between repetitions, and a step without `when` happens with the one above."""
    outcome = played(
        OPEN
        + "  - {when: after 1 day, by: li, do: screen subject, consented on: day 1, repeat: 2, every: 6 hours}\n"
        + "  - {by: li, do: screen subject, consented on: 2 days ago}\n"
        + "  - {when: day 4, by: li, do: screen subject, consented on: yesterday}\n"
    )

    shown = [step["when"] for step in as_data(outcome)["steps"]]
    assert shown == ["day 1 09:00", "day 2 09:00", "day 2 15:00", "day 2 15:00", "day 4 09:00"]
    assert str(outcome.steps[-1].fields["consented_on"]) == "2026-01-07"


def test_a_value_without_its_form_can_be_expected(played: Player) -> None:
    """A value outside the form of its field is a fault of the story, unless the story expects that it is refused."""
    step = "  - {by: anna, do: open dose level, level: 99%s}\n"

    assert faults(HEAD + step % "")[0].rule == "story.value"
    assert played(step % ", expect: {refused: input}").holds


def test_a_value_can_be_what_the_giver_sees(played: Player) -> None:
    """A key takes a fact that the giver of the command sees; what the giver does not see is not given."""
    outcome = played(
        "  - {by: anna, do: open dose level, level: {seen: next dose}}\n"
        "  - {by: anna, do: sign dose decision, number: {seen: number of open decision}, "
        " content: {seen: content of open decision}}\n"
    )

    assert [step.outcome for step in outcome.steps] == ["accepted", "not given"]


def test_typical_values_are_the_same_at_every_reading() -> None:
    """A typical subject is eligible, and the same one for the same seed."""
    from datetime import date

    from tests.conductor import STUDY
    from trialwright.rehearse.measures import Reading
    from trialwright.rehearse.story.typical import typical_subject

    def person(seed: int) -> object:
        return typical_subject(Reading(STUDY), seed, 2, date(2026, 1, 5)).values

    assert person(3) == person(3)
    assert person(3) != person(4)


@pytest.mark.parametrize("path", sorted(PROTOCOLS.glob("NCT*.yaml")), ids=lambda path: path.stem)
def test_a_typical_subject_is_eligible_in_every_trial(path: Path) -> None:
    """A typical subject of any of the five trials is let in by its criteria, without a value written out."""
    from datetime import date

    from trialwright.protocol.computed import with_computed
    from trialwright.protocol.file import load_study
    from trialwright.protocol.screen import screen
    from trialwright.protocol.subject import read_subject
    from trialwright.rehearse.measures import Reading
    from trialwright.rehearse.story.typical import typical_subject

    study, today = load_study(path.read_text()), date(2026, 1, 5)
    person = typical_subject(Reading(study), 1, 1, today)
    days = {name: day.isoformat() for name, day in {**person.days, "consent": today}.items()}
    facts = read_subject({"days": days, "values": person.values, "answers": person.answers}, study)

    assert screen(study, with_computed(study, facts)).verdict == "eligible"


def test_every_fault_is_named_with_its_line_and_mend() -> None:
    """All faults of a story are found at once, each at its line, with what would mend it."""
    found = faults(
        "title: Faults\n"
        "begins: 2026-02-31\n"
        "peeple: {}\n"
        "protocol: nowhere.yaml\n"
        "people: {li: surgeon, bo: investigator at 01}\n"
        "steps:\n"
        "  - {when: soon, by: bo, do: enrol subjekt, subject: S001}\n"
        "  - {by: bo, do: enrol subject}\n"
        "  - {by: zoe, do: enrol subject, subject: S001, size: 3}\n"
        "  - {by: bo, do: enrol subject, of: somebody, expect: perhaps}\n"
        "  - {when: day 1 07:00, then: {weather: fine}}\n"
        "  - {when: day 999999999, by: bo, do: screen subject, consented on: today}\n"
        "  - {by: bo, do: screen a person, colour: red, as: x, repeat: 2}\n"
        "  - 7\n"
    )

    assert [(finding.line, finding.rule.removeprefix("story.")) for finding in found] == [
        (2, "form"),
        (3, "key"),
        (4, "protocol"),
        (5, "people"),
        (5, "people"),
        (7, "time"),
        (7, "command"),
        (8, "field"),
        (9, "field"),
        (9, "people"),
        (10, "expect"),
        (10, "name"),
        (11, "time"),
        (11, "fact"),
        (12, "time"),
        (13, "repeat"),
        (13, "field"),
        (14, "form"),
    ]
    assert all(finding.mend for finding in found)


def test_a_macro_that_calls_itself_is_a_fault() -> None:
    """A macro that never ends is named, not followed."""
    text = HEAD.replace("steps:", "macros: {again: [{do: again}]}\nsteps:") + "  - {by: li, do: again}\n"

    assert [finding.rule for finding in faults(text)] == ["story.macro"]


def test_the_usual_macros_can_be_called() -> None:
    """Every macro that is shipped is made of commands and macros that there are."""
    for name, steps in usual_macros().items():
        for step in steps:
            assert step["do"] in COMMANDS or step["do"] in usual_macros(), name


def test_stories_share_macros() -> None:
    """A story has the macros of the file that it uses, and a file without macros is a fault."""
    head = HEAD.replace("steps:", "use: %s\nsteps:")
    macros = {"shared.yaml": "begin: [{do: open dose level, level: 1}]", "list.yaml": "[1]", "torn.yaml": "a: ["}

    def read_shared(name: str) -> tuple[Story | None, list[Finding]]:
        files = lambda path: macros[path] if path in macros else neighbours(path)  # noqa: E731
        return read_story(head % name + "  - {by: anna, do: begin}\n", files)

    story, _ = read_shared("shared.yaml")
    assert story
    assert [step.do for step in story.steps] == ["open dose level"]
    for name, rule in (("list.yaml", "story.form"), ("torn.yaml", "story.form"), ("nowhere.yaml", "story.file")):
        assert rule in {finding.rule for finding in read_shared(name)[1]}


def test_an_amended_text_is_the_protocol_with_changes() -> None:
    """A text can be the protocol's own with changes, each of which is found exactly once."""
    step = "  - {by: anna, do: adopt protocol, text: {protocol with: {%s}}, expect: {refused: protocol.adopted}}\n"
    amended = read(HEAD + step % "'version: \"1.0\"': 'version: \"2.0\"'").steps[0].fields["text"]

    assert amended == TEXT.replace('version: "1.0"', 'version: "2.0"')
    assert faults(HEAD + step % "dose: amount")[0].rule == "story.value"


def test_a_throw_away_secret_draws_the_same_arms() -> None:
    """The same seed makes the same sealed list, committed to in the protocol, and another seed another one."""
    head = HEAD.replace("NCT05962762", "NCT03828344") + "  - {by: anna, then: {stopped: no}}\n"

    def sealed(said: str) -> Story:
        return read(f"sealed: {said}\n" + head)

    story = sealed("{seed: 7}")
    assert story.study.allocation.commitment == story.secret.commitment == sealed("{seed: 7}").secret.commitment
    assert story.secret.commitment != sealed("{seed: 8}").secret.commitment
    assert sealed("{seed: 7, sizes: [4]}").secret.sizes == (4,)
    assert sealed("{seed: 7, method: minimisation}").secret.method == "minimisation"
    assert faults("sealed: {seed: 7}\n" + HEAD + OPEN)[0].rule == "story.sealed"


def test_the_page_of_a_test_needs_nothing_else(tmp_path: Path) -> None:
    """The protocol of a test shows its result, each step and room to sign, and asks no other host for anything."""
    story, page = tmp_path / "story.yaml", tmp_path / "test.html"
    story.write_text(HEAD.replace("NCT05962762.yaml", str(PROTOCOLS / "NCT05962762.yaml")) + OPEN)
    result = CliRunner().invoke(app, ["play", str(story), "--html", str(page)])
    shown = page.read_text()

    assert result.exit_code == 0
    assert "Passed." in shown
    assert "open dose level: level 1" in shown
    assert "signature" in shown
    assert "http" not in shown


def test_a_failed_story_leaves_with_8(tmp_path: Path) -> None:
    """A story that did not come to what it expects is a fault of its own, apart from a story that cannot be read."""
    story = tmp_path / "story.yaml"
    story.write_text(HEAD.replace("NCT05962762.yaml", str(PROTOCOLS / "NCT05962762.yaml")) + OPEN.replace("anna", "li"))
    result = CliRunner().invoke(app, ["play", str(story)])

    assert isinstance(result.exception, StoryFailed)
    assert result.exception.exit_code == 8


def test_brief_shows_what_fails_or_is_refused(tmp_path: Path) -> None:
    """With --brief a step that is accepted as expected is left out."""
    story = tmp_path / "story.yaml"
    steps = OPEN + OPEN.replace("1}", "2, expect: refused}") + "  - {then: {open level: 2}}\n"
    story.write_text(HEAD.replace("NCT05962762.yaml", str(PROTOCOLS / "NCT05962762.yaml")) + steps)
    lines = CliRunner().invoke(app, ["play", str(story), "--brief"]).stdout.splitlines()

    assert [line.split()[:2] for line in lines if line.startswith(("ok", "FAIL"))] == [["ok", "2"], ["FAIL", "3"]]


def test_a_log_that_is_there_is_kept(tmp_path: Path) -> None:
    """A story is played into a new log; one that is there is not touched."""
    story, log = tmp_path / "story.yaml", tmp_path / "trial.db"
    story.write_text(HEAD.replace("NCT05962762.yaml", str(PROTOCOLS / "NCT05962762.yaml")) + OPEN)
    first = CliRunner().invoke(app, ["play", str(story), "--log", str(log)])
    kept = log.read_bytes()
    second = CliRunner().invoke(app, ["play", str(story), "--log", str(log)])

    assert first.exit_code == 0
    assert isinstance(second.exception, InputError)
    assert log.read_bytes() == kept


@pytest.mark.parametrize(("product", "holds_cells"), [("BX-U001", True), ("vehicle", False)])
def test_a_typical_lot_holds_cells_where_its_product_has_a_dose(product: str, holds_cells: bool) -> None:
    """A typical lot of the vehicle has no concentration and no viability; one of the cells has both."""
    study = load_study((PROTOCOLS / "NCT03828344.yaml").read_text())
    found = Wanted(study, 1, 1, person=pytest.fail, weighed=pytest.fail, due=pytest.fail, product=product).cells

    assert [one is not None for one in found] == [holds_cells] * 2


def test_a_typical_lot_is_large_enough_for_the_dose() -> None:
    """One container of a typical lot holds the largest dose of the protocol."""
    text = (PROTOCOLS / "NCT01547091.yaml").read_text()
    study = load_study(text.replace("amount: 4.0e7 cells", "amount: 1.0e9 cells"))
    wanted = Wanted(study, 1, 1, person=pytest.fail, weighed=pytest.fail, due=pytest.fail, product="UC-MSC")
    per_ml, viability = wanted.cells

    assert study.doses[0].amount.high == 10**9
    assert per_ml
    assert viability
    assert per_ml * viability / 100 * 250 >= 10**9


def test_a_commitment_stands_where_the_allocation_is_written_in_any_style() -> None:
    """A list is sealed for a protocol whose allocation stands on one line, and a new one takes the place of the old."""
    text = (PROTOCOLS / "NCT03828344.yaml").read_text()
    begin, end = text.index("allocation:\n"), text.index("enrolment:")
    one_line = 'allocation: {method: randomised, ratio: {BX-U001: 3, vehicle: 1}, at: "study design, sentence 4"}\n\n'
    text = text[:begin] + one_line + text[end:]

    first, committed, study = throw_away(load_study(text), text, {"seed": 7})
    second, again, other = throw_away(study, committed, {"seed": 8})

    assert study.allocation is not None
    assert study.allocation.commitment == first.commitment
    assert other.allocation is not None
    assert other.allocation.commitment == second.commitment != first.commitment
    assert again == committed.replace(first.commitment, second.commitment)


def test_steps_are_numbered_as_they_are_counted(played: Player) -> None:
    """Where an expected refusal leaves out the rest of a macro, the last step has the number that the end counts."""
    outcome = played(
        OPEN
        + "  - {by: li, do: treat an eligible subject, weight kg: 730, expect: {refused: weight.range}}\n"
        + "  - {by: li, do: screen a person}\n"
    )

    assert [one.number for one in outcome.steps] == list(range(1, len(outcome.steps) + 1))
    assert verdict(outcome) == f"All {outcome.steps[-1].number} steps came to what the story expects."


def test_a_signature_takes_what_stands_there(played: Player) -> None:
    """`of` fills in what a signature over a subject, or over one of its visits, binds at that moment."""
    found = played(
        "- {when: day 1, by: anna, do: open dose level, level: 1}\n"
        "- {by: li, do: treat an eligible subject, as: s1}\n"
        "- {when: day 8, by: mei, do: record data, of: s1, visit: D7, on: today, values: {crp: 3}}\n"
        "- {by: li, do: sign content, of: s1, meaning: responsibility, name: Dr Li}\n"
        "- {by: li, do: sign content, of: s1, visit: D7, meaning: responsibility, name: Dr Li}\n"
    )

    assert found.holds, [(step.outcome, step.refusal) for step in found.failed]


def test_typical_values_are_of_the_day_on_which_screening_was_held_again(played: Player) -> None:
    """After a repeat screening the same person is measured on its new day, so that a window on it is met."""
    found = played(
        "- {when: day 1, by: anna, do: open dose level, level: 1}\n"
        "- {by: li, do: screen and enrol an eligible subject, as: s1}\n"
        "- {when: day 40, by: mei, do: hold visit, of: s1, visit: Screening, on: today, reason: Repeat screening}\n"
        "- {when: day 41, by: li, do: assess eligibility, of: s1, days: typical, values: typical, answers: typical, "
        "reason: Repeat screening, then: {verdict of s1: eligible}}\n"
    )
    first, again = (step.fields["values"] for step in found.steps if "answers" in step.fields)

    assert found.holds, [(step.outcome, step.refusal) for step in found.failed]
    assert {one["on"] for one in again["crp"]} == {"2026-02-13"}
    assert [one["value"] for one in again["crp"]] == [one["value"] for one in first["crp"]]


def test_a_fact_is_told_in_words() -> None:
    """Whatever is asked of the trial or of a subject is told in words, and never as Python writes it."""
    trial = LifeTrial().open()
    trial.toxicity(trial.infused())
    seen = trial.view()

    asked = [(thing, one.name) for thing in (seen, *seen.subjects) for one in fields(thing) if one.repr]
    told = [text_of(getattr(thing, name)) for thing, name in asked]

    assert not [text for text in told if re.search(r"\w+\(\w+=|<\w+|\{'", text)]
