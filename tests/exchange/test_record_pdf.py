"""The record as PDF: the same bytes for the same record, with signatures, in every script."""

import base64
import re
import time
import zlib
from datetime import UTC, datetime

import pytest

from tests.conductor import MemoryTrial
from trialwright.conduct import commands as cmd
from trialwright.conduct.events import Event
from trialwright.conduct.signatures import content
from trialwright.conduct.trail import trail_rows
from trialwright.conduct.views import trail
from trialwright.exchange.record_pages import Part
from trialwright.exchange.record_pdf import record_pdf
from trialwright.exchange.site_copy import site_copy_files
from trialwright.exchange.trail_export import trail_csv, trail_pdf

PAGES = re.compile(rb"/ASCII85Decode /FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", re.DOTALL)
SHOWN = re.compile(rb"\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)


def words(pdf: bytes) -> str:
    """The words in Latin letters that stand on the pages, in their order."""
    pages = (zlib.decompress(base64.a85decode(page.strip(), adobe=False)) for page in streams(pdf))
    shown = (re.sub(rb"\\([()\\])", rb"\1", one) for page in pages for one in SHOWN.findall(page))
    return " ".join(b" ".join(shown).decode("latin-1").split())


def streams(pdf: bytes) -> list[bytes]:
    """What is drawn on each page, as it is packed."""
    return [one.strip().removesuffix(b"~>") for one in PAGES.findall(pdf)]


@pytest.fixture(scope="module")
def signed() -> MemoryTrial:
    """S001 was infused and has a value of day 7, which the investigator signed."""
    trial = MemoryTrial().open()
    trial.infused()
    trial.wait(days=7)
    at = {"subject": "S001", "visit": "D7"}
    trial.must(cmd.RecordData, by="nurse", **at, on=trial.now.date(), values={"crp": 3})
    bound = content(trial.state.subjects["S001"], "d7")
    told = {"meaning": "reviewed", "name": "Li Wei", "content": bound.sha256, "sequence": bound.sequence}
    trial.must(cmd.SignContent, **at, **told)
    return trial


def entries_of(trial: MemoryTrial) -> tuple[tuple[int, Event], ...]:
    """The entries that the investigator reads."""
    return trail(trial.state, trial.log, trial.state.people["inv"])


def test_au_09_the_trail_is_exported_as_pdf(signed: MemoryTrial) -> None:
    """Every entry of the trail stands in it in the page's words: who, what, when, of which item what stands there."""
    entries = entries_of(signed)
    found = words(trail_pdf(signed.study, entries))

    assert [int(number) for number in re.findall(r"Entry: (\d+);", found)] == [number for number, _ in entries]
    assert "Who: nurse; Role: coordinator; Site: 01; What: Data recorded; Subject: S001; Visit: D7; Details:" in found
    assert "C-reactive protein: 3 mg/L" in found
    assert not re.search(r"\.v\d|[{}]", found), "no name or value as the log has it"


def test_es_03_a_signature_shows_name_moment_and_meaning_in_every_export(signed: MemoryTrial) -> None:
    """The printed name, the moment in UTC and the meaning stand in the trail as CSV and PDF, and in the site's copy."""
    entries, seen = entries_of(signed), signed.view("inv")
    copy = site_copy_files(seen, entries)
    printed = words(trail_pdf(signed.study, entries))

    assert "Li Wei (inv), reviewed" in trail_csv(trail_rows(entries))
    assert "Time, UTC: 2026-01-12 09:00:00; Who: inv;" in printed
    assert "Meaning: reviewed; Name: Li Wei;" in printed
    told = "Name: Li Wei; Who: inv; Role: investigator; Time, UTC: 2026-01-12 09:00:00; Meaning: reviewed; Over: D7"
    assert told in words(copy["copy.pdf"])
    assert all(one in copy["copy.html"].decode() for one in ("Li Wei", "2026-01-12 09:00:00", "reviewed"))


def test_the_same_record_is_the_same_pdf(signed: MemoryTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another clock makes the same bytes, and the document's date is the record's last moment."""
    entries = entries_of(signed)
    made = trail_pdf(signed.study, entries)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)

    assert trail_pdf(signed.study, entries) == made
    assert entries[-1][1].at.strftime("(D:%Y%m%d%H%M%SZ)").encode() in made


def test_every_script_of_a_name_prints() -> None:
    """Names in Polish, Greek and Cyrillic have their letters in the file; others name the font, or the character."""
    lines = ["Żółć", "Αθήνα", "Юрий", "李伟", "김철수", "😀", "a<b & c>d", "x" * 3000, "one\ntwo"]
    made = record_pdf("Names", lines, [], None)

    assert all(name in made for name in (b"/STSong-Light", b"/HYSMyeongJo-Medium", b"DejaVuSans"))
    assert "U+1F600 a < b & c > d" in words(made)
    assert b"/FontFile2" in made, "the letters themselves are in the file"


def test_a_long_record_goes_over_pages() -> None:
    """A row longer than a page, and more rows than fit on one, all stand there; an empty table says so."""
    long = Part(
        title="Long",
        header=("No.", "Text", "Empty"),
        rows=[(1, "word " * 3000, ""), *((n, "", "") for n in range(2, 200))],
    )
    made = record_pdf(
        "Record", [], [long, Part(title="None", header=("A",), rows=[])], datetime(2026, 1, 5, tzinfo=UTC)
    )

    assert words(made).count("word") == 3000
    assert "No.: 199" in words(made)
    assert "None: none." in words(made)
    assert len(streams(made)) > 3
