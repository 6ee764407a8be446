"""Anchors: what a chain cannot say of its own end, a line kept elsewhere does."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.store.conftest import Place, place  # noqa: F401 - a fixture
from tests.store.test_crash import begin
from trialwright.conduct.commands import ScreenSubject
from trialwright.errors import InputError, VerificationError
from trialwright.record import anchor, check_anchors, read_anchors
from trialwright.store import chain, open_log
from trialwright.trial import Trial, now, verify

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def anchored(place: Place, tmp_path: Path) -> tuple[Place, Path]:  # noqa: F811
    """A trial's log, anchored, with two entries more, anchored again."""
    file = tmp_path / "anchors.jsonl"
    begin(place.location)
    anchor(place.location, file, clock=lambda: AT)
    with Trial.open(place.location) as trial:
        for _ in range(2):
            trial.do(ScreenSubject, by="investigator", consented_on=now().date())
    anchor(place.location, file)
    return place, file


def test_au_07_an_anchor_says_where_the_log_ended(anchored: tuple[Place, Path]) -> None:
    """Each line of the file says when, and of each stream the last entry and its hash; what went on holds."""
    place, file = anchored  # noqa: F811
    first, second = read_anchors(file)
    with open_log(place.location) as log:
        hashes = [entry.hash.hex() for entry in log.read("open")]

    assert first.at == AT
    for one, entries in ((first, len(hashes) - 2), (second, len(hashes))):
        assert (one.streams["open"].entries, one.streams["open"].head) == (entries, hashes[entries - 1])
    assert json.loads(file.read_text().splitlines()[0])["schema"] == "trialwright.anchor/1"
    check_anchors(place.location, (first, second))


@pytest.mark.parametrize("cut", [1, 2, 4])
def test_au_07_a_tail_that_was_cut_off_is_found(anchored: tuple[Place, Path], cut: int) -> None:
    """A log without its last entries verifies by itself, and its anchors name the first entry that is missing."""
    place, file = anchored  # noqa: F811
    end = verify(place.location)["open"].sequence
    with place.disarmed() as execute:
        execute(f"DELETE FROM entry WHERE seq > {end - cut}")  # noqa: S608 - the attack
    before = file.read_text()

    assert verify(place.location)["open"].sequence == end - cut
    with pytest.raises(VerificationError, match=f"entry {end - cut + 1} is missing") as found:
        check_anchors(place.location, read_anchors(file))
    assert found.value.sequence == end - cut + 1
    with pytest.raises(VerificationError):
        anchor(place.location, file)
    assert file.read_text() == before


def test_au_07_a_log_that_was_written_anew_is_found(anchored: tuple[Place, Path]) -> None:
    """Where somebody changed an entry and made every later hash anew, the log verifies and its anchors do not hold."""
    place, file = anchored  # noqa: F811
    with open_log(place.location) as log:
        bodies = [entry.body for entry in log.read("open")]
    end = len(bodies)
    bodies[end - 2] = bodies[end - 2].replace(b"S001", b"S009")
    value = {"sqlite": "x'{}'", "postgresql": "'\\x{}'"}[place.kind].format
    digest = bytes(32)
    with place.disarmed() as execute:
        for sequence, body in enumerate(bodies, start=1):
            digest = chain(digest, "open", sequence, body)
            change = f"body = {value(body.hex())}, hash = {value(digest.hex())}"
            execute(f"UPDATE entry SET {change} WHERE seq = {sequence}")  # noqa: S608 - the attack

    verify(place.location)
    with pytest.raises(VerificationError, match=rf"entries {end - 1} to {end} are not those") as found:
        check_anchors(place.location, read_anchors(file))
    assert found.value.sequence == end - 1


def test_au_07_a_stream_that_is_gone_is_found(anchored: tuple[Place, Path]) -> None:
    """Where a whole stream was anchored and is no more, its first entry is named."""
    place, file = anchored  # noqa: F811
    with open_log(place.location) as log:
        log.append("sealed", 0, [b"one"])
    anchor(place.location, file)
    with place.disarmed() as execute:
        execute("DELETE FROM entry WHERE stream = 'sealed'")

    with pytest.raises(VerificationError, match="'sealed', entry 1 is missing"):
        check_anchors(place.location, read_anchors(file))


def test_what_is_no_anchor_is_named(tmp_path: Path) -> None:
    """Every line that is no anchor is named; an empty file and a missing one are told."""
    file = tmp_path / "anchors.jsonl"
    good = '{"at":"2026-01-05T09:00:00Z","schema":"trialwright.anchor/1","streams":{}}'
    file.write_text(f"{good}\n{good[:-3]}\n{good}\nnonsense\n")

    with pytest.raises(InputError, match="line 2, 4 is no anchor"):
        read_anchors(file)
    file.write_text("")
    with pytest.raises(InputError, match="no anchor in it"):
        read_anchors(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_anchors(tmp_path / "nowhere")


def test_au_07_the_verbs_anchor_and_verify(run: Run, tmp_path: Path) -> None:
    """`anchor` adds a line, `verify --anchors` says that they hold, and leaves with 6 once the tail is cut off."""
    log, elsewhere = tmp_path / "trial.db", tmp_path / "elsewhere"
    elsewhere.mkdir()
    begin(str(log))
    asked = ["anchor", str(log), "--to", str(elsewhere / "anchors.jsonl")]

    assert run(*asked)[0] == 0
    code, out, err = run(*asked, "--json")
    assert (code, err, json.loads(out)["earlier"]) == (0, "", 1)
    assert "lies beside the log" in run("anchor", str(log), "--to", str(tmp_path / "a"))[2]
    code, out, _ = run("verify", str(log), "--anchors", asked[-1])
    assert (code, "is what its 2 anchors say" in out) == (0, True)
    with Place("sqlite", str(log)).disarmed() as execute:
        execute("DELETE FROM entry WHERE seq = 4")
    code, out, err = run("verify", str(log), "--anchors", asked[-1])
    assert (code, out) == (6, "")
    assert "entry 4 is missing" in err
