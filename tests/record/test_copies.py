"""Copies: the inspector's bundle is the log, opens and verifies offline, holds no arm, and comes back in as it was."""

import csv
import io
import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.blinded import BlindedCourse, secret, twins
from tests.command_line import Run
from tests.conductor import end
from tests.store.test_crash import begin
from trialwright.access import SignedIn
from trialwright.conduct import commands as cmd
from trialwright.errors import InputError, PermissionRefused, VerificationError
from trialwright.record import restore, take_bundle, take_site_copy, write_copy, zipped
from trialwright.store import open_log
from trialwright.trial import Trial, now, verify

HASH = re.compile(rb"[0-9a-f]{64}")


@pytest.fixture
def course(tmp_path: Path) -> BlindedCourse:
    """A masked trial with subjects at two sites, an inspector, and an adverse event whose words look like a tag."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    course.must(cmd.GrantRole, by="sponsor", person="insp", role="inspector")
    for by in ("inv", "other"):
        course.randomised(by=by)
    told = {
        "term": "Skin and subcutaneous tissue disorders - Other, specify: <script>Rash</script>",
        "onset_on": course.now.date(),
        "grade": 1,
        "related": False,
        "serious": False,
    }
    course.must(cmd.ReportAdverseEvent, subject="S001", **told)
    course.trial.note(SignedIn, person="inv", address="192.0.2.1", second_factor=True)
    return course


def bundled(course: BlindedCourse, tmp_path: Path, name: str = "bundle") -> Path:
    """The bundle, written."""
    write_copy(tmp_path / name, lambda form: take_bundle(course.trial, by="insp", form=form))
    return tmp_path / name


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the bundle's own script with Python's standard library alone."""
    command = [sys.executable, "-I", "-S", folder / "verify.py"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def rows_of(page: Path) -> list[list[str]]:
    """The rows of a page's tables."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.read_text(), re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_cp_01_a_bundle_holds_what_the_log_holds(course: BlindedCourse, tmp_path: Path) -> None:
    """Every entry is in the bundle byte for byte, its pages show each with its hash, and counts match the log's."""
    with open_log(tmp_path / "trial.db") as log:
        entries = {name: list(log.read(name)) for name in log.streams()}
    folder = bundled(course, tmp_path)
    index = (folder / "index.html").read_text()
    shown = [row for page in sorted(folder.glob("pages/entries-*")) for row in rows_of(page)[1:]]

    assert (folder / "events/open.jsonl").read_bytes().split(b"\n")[:-1] == [one.body for one in entries["open"]]
    assert [(int(row[0]), row[-1]) for row in shown] == [(one.sequence, one.hash.hex()) for one in entries["open"]]
    assert rows_of(folder / "pages/access.html")[1][2] == "Signed in"
    for name, there in entries.items():
        assert [name, str(len(there)), there[-1].hash.hex()] in rows_of(folder / "index.html")
        assert json.loads((folder / "manifest.json").read_text())["streams"][name]["head"] in index
    assert (folder / "protocol/1.0.yaml").read_text() == course.trial.events()[0].text


def test_cp_01_a_bundle_opens_offline(course: BlindedCourse, tmp_path: Path) -> None:
    """No page has a script or another place's address, every link leads to a file of the bundle, words are escaped."""
    folder = bundled(course, tmp_path)
    pages = [folder / "index.html", *folder.glob("pages/*")]
    assert len(pages) == 5

    for page in pages:
        text = page.read_text()
        assert "<script" not in text
        assert not re.findall(r"(?:src|href)=\"(?:\w+:|//)|url\(", text)
        for link in re.findall(r'href="([^"]+)"', text):
            assert (page.parent / link).is_file(), (page.name, link)
    assert "&lt;script&gt;Rash" in (folder / "pages/S001.html").read_text()


def test_cp_01_no_arm_is_in_a_blinded_taker_s_bundle(tmp_path: Path) -> None:
    """The bundles of two trials that differ in their allocation only differ in encrypted bytes and hashes only."""
    found = []
    for number, sealed in enumerate(twins()):
        course = BlindedCourse(tmp_path / f"{number}.db", sealed).open()
        for by in ("inv", "other"):
            course.randomised(by=by)
        found.append(take_bundle(course.trial, by="mon"))
    one, other = found
    differ = {name for name in one if one[name] != other[name]}

    assert one.keys() == other.keys()
    assert differ == {"events/sealed.base64", "events/sealed.sha256", "index.html", "manifest.json"}
    for name in ("index.html", "manifest.json"):
        assert HASH.sub(b"", one[name]) == HASH.sub(b"", other[name])
    assert "events/sealed-opened.jsonl" not in one


def test_cp_01_an_unblinded_taker_s_bundle_has_the_arms(course: BlindedCourse, tmp_path: Path) -> None:
    """After the planned unblinding the sealed entries are in the bundle, opened, and it verifies."""
    end(course.must, course.trial.study, course.trial.state, course.now)
    course.must(cmd.LockData, by="sponsor")
    course.must(cmd.RequestUnblinding, by="sponsor", reason="Planned analysis")
    course.must(cmd.ApproveUnblinding, by="inv")
    folder = bundled(course, tmp_path)
    opened = [json.loads(line) for line in (folder / "events/sealed-opened.jsonl").read_text().splitlines()]

    assert {one["subject"]: one["arm"] for one in opened} == {
        subject.id: subject.arm for subject in course.trial.view("insp").subjects
    }
    assert course.trial.events()[-1].blinded is False
    assert verified(folder).returncode == 0


def test_cp_01_whoever_belongs_to_a_site_takes_no_bundle(course: BlindedCourse, tmp_path: Path) -> None:
    """A bundle is refused to the people of one site and to somebody without a role, and nothing is written."""
    for person in ("inv", "pharm", "nobody"):
        with pytest.raises(PermissionRefused):
            write_copy(tmp_path / "bundle", lambda form, by=person: take_bundle(course.trial, by=by, form=form))
    assert not (tmp_path / "bundle").exists()


def test_cp_05_a_bundle_is_in_the_log_before_it_goes_out(course: BlindedCourse, tmp_path: Path) -> None:
    """The entry of the export has the hash of the bundle's manifest, which has that of every file, and the rows."""
    held = {name: head.sequence for name, head in verify(tmp_path / "trial.db").items()}
    folder = bundled(course, tmp_path)
    entry = course.trial.events()[-1]

    assert (entry.kind, entry.what, entry.by, entry.form, entry.blinded) == (
        "DataExported.v1",
        "bundle",
        "insp",
        "folder",
        True,
    )
    assert entry.rows == sum(held.values())
    assert entry.sha256 == sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert entry.sha256 in verified(folder).stdout


def test_re_03_a_bundle_verifies_with_python_alone(course: BlindedCourse, tmp_path: Path) -> None:
    """The bundle's script runs without any package, and says the counts and the ends that the log has."""
    heads = verify(tmp_path / "trial.db")
    said = verified(bundled(course, tmp_path))

    assert (said.returncode, said.stderr) == (0, "")
    for name, head in heads.items():
        assert f"stream {name}: {head.sequence} entries verify, head {head.hash.hex()}" in said.stdout


TAMPERED = {
    "an entry": ("events/open.jsonl", b'"site":"01"', b'"site":"03"', "stream open, entry"),
    "a sealed entry": ("events/sealed.base64", b"\n", b"\nAAAA", "stream sealed, entry 2"),
    "a hash": ("events/open.sha256", b"\n", b"\n00", "stream open"),
    "a page": ("index.html", b"Streams", b"Dreams", "index.html: is not what the manifest says"),
    "the count": ("manifest.json", b'"entries": ', b'"entries": 1', "stream access: has 1 entries"),
    "the manifest": ("manifest.json", b'"streams"', b'"dreams"', "manifest.json: cannot be read"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_re_03_what_was_changed_in_a_bundle_is_named(course: BlindedCourse, tmp_path: Path, what: str) -> None:
    """Whatever is changed in a bundle is named by its script, which leaves with 6, and nothing is restored from it."""
    name, old, new, message = TAMPERED[what]
    folder = bundled(course, tmp_path)
    before = (folder / name).read_bytes()
    (folder / name).write_bytes(before.replace(old, new, 1))

    said = verified(folder)
    assert (said.returncode, said.stdout) == (6, "")
    assert message in said.stderr
    with pytest.raises(VerificationError, match="take the bundle"):
        restore(folder, tmp_path / "restored.db")
    assert not (tmp_path / "restored.db").exists()


def test_re_03_a_missing_and_an_added_file_are_named(course: BlindedCourse, tmp_path: Path) -> None:
    """A file that is gone and one that came to it are named."""
    folder = bundled(course, tmp_path)
    (folder / "trail.csv").unlink()
    (folder / "more.txt").touch()

    assert verified(folder).stderr == "trail.csv: is missing\nmore.txt: is no part of the bundle\n"


@pytest.mark.parametrize("form", ["bundle", "bundle.zip"])
def test_cp_03_export_import_export_is_byte_identical(course: BlindedCourse, tmp_path: Path, form: str) -> None:
    """A bundle makes a log of the same entries and hashes, whose bundle is the same byte for byte."""
    before = verify(tmp_path / "trial.db")
    first = bundled(course, tmp_path, form)
    assert restore(first, tmp_path / "restored.db", secret()).heads == before
    with Trial.open(tmp_path / "restored.db", clock=lambda: course.now, secret=secret()) as again:
        write_copy(tmp_path / f"again {form}", lambda form: take_bundle(again, by="insp", form=form))

    assert contents(tmp_path / f"again {form}") == contents(first)
    with pytest.raises(InputError, match="kept"):
        restore(first, tmp_path / "restored.db")


def contents(place: Path) -> object:
    """What a bundle holds."""
    if place.is_file():
        return place.read_bytes()
    return {file.relative_to(place): file.read_bytes() for file in place.rglob("*") if file.is_file()}


def test_au_12_redacted_words_are_in_no_bundle(course: BlindedCourse, tmp_path: Path) -> None:
    """Words that were redacted are in no file of a bundle, which verifies, says so, and is no log to restore."""
    entry = course.trial.state.sequence
    asked = {"subject": "S001", "entry": entry, "field": "term", "reason": "A name was typed"}
    course.must(cmd.RedactText, by="inv", **asked)
    folder = bundled(course, tmp_path)
    said = verified(folder)

    assert not [file for file in folder.rglob("*.*") if b"Rash" in file.read_bytes()]
    assert (said.returncode, f"words of entry {entry} were redacted" in said.stdout) == (0, True)
    with pytest.raises(InputError, match="from its backup"):
        restore(folder, tmp_path / "restored.db")


def test_cp_02_an_investigator_takes_a_copy_of_their_own_site(course: BlindedCourse) -> None:
    """The copy has data, trail and a page of the own site's subjects, nothing of another's, and is recorded."""
    files = take_site_copy(course.trial, by="inv")
    entry = course.trial.events()[-1]
    told = json.loads(files["trail.json"])["rows"]
    data = list(csv.DictReader(io.StringIO(files["data.csv"].decode())))

    assert {row["Subject"] for row in data} == {"S001"}
    assert {row["subject"] for row in told} == {None, "S001"}
    assert len(list(csv.DictReader(io.StringIO(files["trail.csv"].decode())))) == len(told) == entry.rows
    assert b"S001" in files["copy.html"]
    assert b"S002" not in b"".join(files.values())
    assert b"@page" in files["copy.html"]
    assert (entry.what, entry.by, entry.blinded) == ("site copy", "inv", True)
    assert entry.sha256 == sha256(files["manifest.json"]).hexdigest()
    with pytest.raises(PermissionRefused, match="Take the bundle"):
        take_site_copy(course.trial, by="sponsor")


def test_cp_02_the_copy_has_every_value_of_the_subject(course: BlindedCourse) -> None:
    """Every value of screening and of a visit that the view shows is a row of the table."""
    subject = course.trial.view("inv").subjects[0]
    data = list(csv.DictReader(io.StringIO(take_site_copy(course.trial, by="inv")["data.csv"].decode())))

    assert {row["Item"] for row in data if row["Visit"] == "screening"} == set(subject.values)


def test_the_verbs_bundle_and_site_copy(run: Run, tmp_path: Path) -> None:
    """Both verbs write where nothing is, say how many files, refuse whom the roles refuse, and keep what is there."""
    log = str(tmp_path / "trial.db")
    begin(log)
    with Trial.open(log) as trial:
        trial.do(cmd.ScreenSubject, by="investigator", consented_on=now().date())
    bundle = ["bundle", log, "--by", "sponsor", "--out", str(tmp_path / "bundle.zip")]
    code, out, err = run(*bundle)
    assert (code, out.endswith(" files\n"), "verify.py" in err) == (0, True, True)
    assert run(*bundle)[0] == 2
    code, out, _ = run("site-copy", log, "--by", "investigator", "--out", str(tmp_path / "site"), "--json")
    assert (code, json.loads(out)["files"]) == (0, len(list((tmp_path / "site").iterdir())))
    assert run("bundle", log, "--by", "investigator", "--out", str(tmp_path / "x"))[0] == 4
    assert run("restore", str(tmp_path / "bundle.zip"), "--to", str(tmp_path / "restored.db"))[0] == 0


def test_a_zip_of_the_same_files_is_the_same() -> None:
    """A ZIP says nothing of when it was made."""
    assert zipped({"b": b"2", "a/c": b"1"}) == zipped({"a/c": b"1", "b": b"2"})
