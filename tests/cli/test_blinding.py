"""The verbs of a blinded trial as a user meets them: seal, check, envelopes, the list of who has seen an arm."""

import json
import re
import stat
import subprocess
from io import StringIO
from pathlib import Path

import pytest

from tests.blinded import CELLS, VEHICLE, BlindedCourse, secret, text
from tests.command_line import Run
from tests.conductor import PROTOCOLS
from trialwright.conduct import Secret
from trialwright.conduct import commands as cmd
from trialwright.trial import Trial

ROOT = Path(__file__).parents[2]
SEED = re.compile(r"""["']?(seed|key)["']?\s*[:=]\s*["']?[0-9a-f]{64}\b""")
RANDOMISED = str(PROTOCOLS / "NCT03828344.yaml")


def commitment(out: str) -> str:
    """The commitment that was printed."""
    return re.fullmatch(r"  commitment: ([0-9a-f]{64})\n", out)[1]


def test_seal_makes_a_file_that_its_owner_alone_reads(run: Run, tmp_path: Path) -> None:
    """`seal` writes the secret with mode 0600, prints only the commitment, and says where to write it."""
    made = tmp_path / "sealed.json"
    code, out, err = run("seal", RANDOMISED, "--blocks", "4,8", "--out", str(made))
    sealed = Secret.read(made.read_text())

    assert code == 0
    assert commitment(out) == sealed.commitment
    assert f"write this line in {RANDOMISED} under allocation" in err
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert sealed.sizes == (4, 8)
    assert not {sealed.seed, sealed.key} & set(re.findall(r"[0-9a-f]{64}", out + err))


def test_each_seal_is_another_and_none_is_overwritten(run: Run, tmp_path: Path) -> None:
    """Sealing twice gives two secrets; a sealed file that is there is kept."""
    made = [tmp_path / name for name in ("a.json", "b.json")]
    for file in made:
        assert run("seal", RANDOMISED, "--blocks", "4,8", "--out", str(file))[0] == 0
    first = made[0].read_text()
    code, _, err = run("seal", RANDOMISED, "--blocks", "4,8", "--out", str(made[0]))

    assert Secret.read(first).seed != Secret.read(made[1].read_text()).seed
    assert (code, made[0].read_text()) == (2, first)
    assert "is there already and is kept" in err


def test_bl_02_the_commitment_in_the_protocol_is_the_sealed_files(run: Run, tmp_path: Path) -> None:
    """A protocol with the printed line passes `seal --check`; one with another commitment or none leaves with 6."""
    sealed, protocol = tmp_path / "sealed.json", tmp_path / "protocol.yaml"
    _, out, _ = run("seal", RANDOMISED, "--blocks", "4,8", "--out", str(sealed))
    source = Path(RANDOMISED).read_text()
    protocol.write_text(source.replace("  strata: [cohort]\n", f"  strata: [cohort]\n{out}"))

    code, said, _ = run("seal", str(protocol), "--check", str(sealed))
    assert code == 0
    assert commitment(out) in said
    assert run("check", str(protocol))[0] == 0
    assert run("seal", RANDOMISED, "--check", str(sealed))[0] == 6
    protocol.write_text(protocol.read_text().replace(commitment(out), "0" * 64))
    assert run("seal", str(protocol), "--check", str(sealed))[0] == 6


def test_block_sizes_are_read_where_no_history_keeps_them(run: Run, tmp_path: Path, monkeypatch) -> None:
    """Without --blocks the sizes come from standard input."""
    monkeypatch.setattr("sys.stdin", StringIO("8, 4\n"))
    run("seal", RANDOMISED, "--out", str(tmp_path / "sealed.json"))

    assert Secret.read((tmp_path / "sealed.json").read_text()).sizes == (4, 8)


def test_seal_for_minimisation(run: Run, tmp_path: Path) -> None:
    """`seal --minimise` seals a probability instead of blocks."""
    code, _, _ = run("seal", RANDOMISED, "--minimise", "0.85", "--out", str(tmp_path / "sealed.json"))
    sealed = Secret.read((tmp_path / "sealed.json").read_text())

    assert code == 0
    assert (sealed.method, str(sealed.preference), sealed.sizes) == ("minimisation", "0.85", ())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--blocks", "6", "--out", "F"], "multiple of 4"),
        (["--blocks", "0", "--out", "F"], "multiple of 4"),
        (["--blocks", "four", "--out", "F"], "whole numbers"),
        (["--minimise", "0.2", "--out", "F"], "0.5 to 1"),
        (["--minimise", "much", "--out", "F"], "no probability"),
        (["--blocks", "4,8"], "--out"),
        (["--check", "nowhere.json"], "cannot be read"),
    ],
)
def test_what_cannot_be_sealed_is_said(run: Run, tmp_path: Path, words: list[str], message: str) -> None:
    """Sizes that do not fit, a probability that is none, and a missing place are told, with exit 2 and no file."""
    code, _, err = run("seal", RANDOMISED, *[str(tmp_path / "f") if word == "F" else word for word in words])

    assert code == 2
    assert message in err
    assert not (tmp_path / "f").exists()


def test_one_block_size_is_warned_of(run: Run, tmp_path: Path) -> None:
    """A single block size is sealed, with a warning that its end can be told."""
    code, _, err = run("seal", RANDOMISED, "--blocks", "4", "--out", str(tmp_path / "f"))

    assert code == 0
    assert "two sizes or more are safer" in err


def test_an_open_trial_has_nothing_to_seal(run: Run, tmp_path: Path) -> None:
    """A protocol without randomisation is told so."""
    code, _, err = run("seal", str(PROTOCOLS / "NCT05962762.yaml"), "--blocks", "4", "--out", str(tmp_path / "f"))

    assert code == 2
    assert "not randomised" in err


def keep_sealed(folder: Path, made: Secret) -> Path:
    """Write a sealed file beside the log."""
    file = folder / "sealed.json"
    file.touch(mode=0o600)
    file.write_text(made.model_dump_json())
    return file


def test_verify_draws_every_arm_again(run: Run, tmp_path: Path) -> None:
    """`verify` takes the sealed file beside the log, or the one that is named; another one leaves with 2."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    course.randomised()
    course.trial.close()
    log = str(tmp_path / "trial.db")

    assert run("verify", log)[0] == 0
    file = keep_sealed(tmp_path, secret())
    assert run("verify", log)[:2] == run("verify", log, "--sealed", str(file))[:2]
    other = keep_sealed(tmp_path_other(tmp_path), secret(3))
    assert run("verify", log, "--sealed", str(other))[0] == 2


def tmp_path_other(folder: Path) -> Path:
    """Another folder."""
    other = folder / "other"
    other.mkdir()
    return other


def test_bl_10_envelopes_are_a_page_a_subject(run: Run, tmp_path: Path) -> None:
    """`envelopes` writes one page a subject with its arm, all of one length, for their owner alone, and records it."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    subjects = [course.randomised() for _ in range(3)]
    seen = {subject.id: subject.arm for subject in course.trial.view("pharm").subjects}
    course.trial.close()
    keep_sealed(tmp_path, secret())
    out = tmp_path / "envelopes"
    code, said, err = run("envelopes", str(tmp_path / "trial.db"), "--by", "pharm", "--out", str(out))

    assert (code, said) == (0, "")
    assert "wrote 3 pages" in err
    pages = {page.stem: page for page in out.iterdir()}
    assert sorted(pages) == subjects
    for subject, page in pages.items():
        assert f"<strong>{seen[subject]}</strong>" in page.read_text()
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert len({page.stat().st_size for page in pages.values()}) == 1
    assert CELLS not in err
    assert VEHICLE not in err
    with Trial.open(tmp_path / "trial.db") as trial:
        assert trial.events()[-1].kind == "EnvelopesPrinted.v1"


def test_bl_10_envelopes_are_not_for_the_blinded(run: Run, tmp_path: Path) -> None:
    """A blinded person prints no envelope: exit 4, nothing written, the attempt recorded."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    course.randomised()
    course.trial.close()
    keep_sealed(tmp_path, secret())
    code, _, err = run("envelopes", str(tmp_path / "trial.db"), "--by", "inv", "--out", str(tmp_path / "out"))

    assert code == 4
    assert "pharmacist" in err
    assert not (tmp_path / "out").exists()


def test_bl_12_unblinded_lists_who_has_seen_an_arm(run: Run, tmp_path: Path) -> None:
    """`unblinded` lists everybody who has seen an arm with when and why, in text and JSON, and shows no arm."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    subject = course.randomised()
    course.must(cmd.BreakCode, subject=subject, reason="anaphylaxis")
    course.trial.close()
    log = str(tmp_path / "trial.db")
    _, out, err = run("unblinded", log)
    answer = json.loads(run("unblinded", log, "--json")[1])

    assert out.splitlines() == [
        "2026-01-05 09:14 UTC  pharm (pharmacist)  every subject of site 01: role: pharmacist",
        "2026-01-05 09:15 UTC  inv (investigator)  S001: emergency code-break: anaphylaxis",
    ]
    assert "2 people" in err
    assert answer["schema"] == "trialwright.unblinded/1"
    assert [(one["person"], one["subject"]) for one in answer["people"]] == [("pharm", None), ("inv", "S001")]


def test_bl_01_nothing_published_of_a_protocol_holds_a_secret(run: Run, tmp_path: Path) -> None:
    """Neither prose, simulation nor export of a sealed protocol names a block size or a seed."""
    protocol, usdm = tmp_path / "protocol.yaml", tmp_path / "usdm.json"
    protocol.write_text(text(secret().commitment))
    published = [run("explain", str(protocol))[1], run("simulate", str(protocol), "--json")[1]]
    assert run("export", "usdm", str(protocol), "--out", str(usdm))[0] == 0
    published.append(usdm.read_text())

    for page in published:
        assert not re.search(r"\bblocks?\b[^.]{0,20}\d|\bseed\b[^.]{0,20}\d", page, re.IGNORECASE)


def test_bl_01_a_protocol_that_tells_a_secret_is_not_checked_out(run: Run, tmp_path: Path) -> None:
    """`check` finds block sizes in the words of a protocol, and there is no key under which they could be written."""
    protocol = tmp_path / "protocol.yaml"
    told = text(secret().commitment).replace("assumed: made up for the tests\n\nitems", "assumed: blocks of 4\n\nitems")
    keyed = text(secret().commitment).replace("  strata: [site", "  block sizes: [4, 8]\n  strata: [site")
    for written in (told, keyed):
        protocol.write_text(written)
        assert run("check", str(protocol))[0] == 2


def test_bl_01_the_project_holds_no_sealed_file() -> None:
    """No file of the project is, or quotes, a sealed file."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]

    assert [str(file) for file in files if SEED.search(file.read_text(errors="replace"))] == []
