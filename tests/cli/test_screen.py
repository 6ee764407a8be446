"""`screen` as a user meets it: one subject, many subjects, exit codes, what a spreadsheet opens."""

import csv
import io
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.conductor import ANSWERS, ELIGIBLE, PROTOCOLS
from trialwright.__main__ import main

PROTOCOL = str(PROTOCOLS / "NCT05962762.yaml")
Screen = Callable[..., tuple[int, str, str]]
VALUES = {**ELIGIBLE, "basdai": 4}
HEADER = (
    "id,day:screening,age,basdai,basdai:on,modified_new_york,pregnant,active_infection,malignancy,answer:I04,answer:E04"
)
ROWS = [
    "S001,2026-12-01,40,4.0,2026-11-30,yes,no,no,no,yes,no",
    "S002,2026-12-01,17,6.1,,yes,no,no,no,yes,no",
    "=S003,2026-12-01,52,,,yes,no,no,no,yes,",
]


@pytest.fixture
def screen(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Screen what a file of that name holds; gives the exit code, standard output and standard error."""

    def command(name: str, content: str | bytes, *options: str) -> tuple[int, str, str]:
        monkeypatch.chdir(tmp_path)
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.setattr(sys, "argv", ["trialwright", "screen", PROTOCOL, name, *options])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return command


def subject(**changed: object) -> str:
    """An eligible subject as JSON, with some values changed."""
    return json.dumps({"id": "S001", "values": {**VALUES, **changed}, "answers": ANSWERS})


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [({}, "eligible"), ({"basdai": 3.9}, "not eligible"), ({"basdai": None}, "undetermined")],
)
def test_any_verdict_leaves_with_0(screen: Screen, changed: dict, verdict: str) -> None:
    """The verdict is data: the command leaves with 0 whatever it is."""
    code, out, err = screen("subject.json", subject(**changed))

    assert (code, err) == (0, "")
    assert out.startswith(f"S001: {verdict}")


def test_numbers_and_what_to_obtain_are_shown(screen: Screen) -> None:
    """Each criterion shows its number with the unit, and what is open names label and unit."""
    _, out, _ = screen("subject.json", subject(basdai=None))

    assert "age 40 years" in out
    assert "to obtain next:\n  basdai (BASDAI, score)\n" in out


def test_one_subject_as_json(screen: Screen) -> None:
    """`--json` gives verdict, criteria and what to obtain under a schema name."""
    code, out, _ = screen("subject.json", subject(basdai=3.9, crp=None), "--json")

    said = json.loads(out)
    failed = [criterion for criterion in said["criteria"] if criterion["status"] == "not met"]
    assert code == 0
    assert (said["schema"], said["protocol"], said["subject"]) == ("trialwright.screen/1", "NCT05962762", "S001")
    assert said["verdict"] == "not eligible"
    assert [(c["id"], c["kind"], c["evidence"]) for c in failed] == [("I03", "inclusion", ["basdai 3.9 score"])]
    assert said["to_obtain"] == []


def test_a_subject_that_cannot_be_used_leaves_with_2(screen: Screen) -> None:
    """Every fault of a subject stands on standard error, under the name of its file."""
    code, out, err = screen("subject.json", subject(age=400, height=1))

    assert (code, out) == (2, "")
    assert "subject.json cannot be used:" in err
    assert "values > age: 400 is not from 0 to 120 years" in err
    assert "values > height: the protocol has no such item" in err


def test_a_table_gives_one_row_a_subject(screen: Screen) -> None:
    """A table of subjects becomes a table of verdicts, with a cell neutralised that looks like a formula."""
    code, out, err = screen("cohort.csv", "\n".join([HEADER, *ROWS]))

    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, err) == (0, "")
    assert [(row["id"], row["verdict"]) for row in rows] == [
        ("S001", "eligible"),
        ("S002", "not eligible"),
        ("'=S003", "undetermined"),
    ]
    assert rows[1]["I01"] == "not met"
    assert rows[2]["to obtain"] == "basdai (BASDAI, score); answer to E04: judged by investigator"


BAD = [
    ("S004,2026-13-01,400,5,,yes,no,no,no,yes,no", ["line 5 (S004): days > screening", "line 5 (S004): values > age"]),
    ("S004,1", ["line 5 (no id): the row has 2 cells, the header 11"]),
    ("S001,,,,,,,,,,", ["line 5 (S001): S001 stands in an earlier row as well"]),
    (",2026-12-01,,,,,,,,,", ["line 5 (no id): the id is missing"]),
]


@pytest.mark.parametrize(("row", "faults"), BAD, ids=[faults[0][5:30] for _, faults in BAD])
def test_a_bad_row_is_named_and_the_others_are_done(screen: Screen, row: str, faults: list[str]) -> None:
    """A row that cannot be used is named with its line, keeps its place without a verdict, and stops nothing."""
    code, out, err = screen("cohort.csv", "\n".join([HEADER, *ROWS, row, ROWS[0].replace("S001", "S009")]))

    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 2
    assert "1 of 5 rows cannot be used" in err
    assert all(fault in err for fault in faults)
    assert [row["verdict"] for row in rows] == ["eligible", "not eligible", "undetermined", "", "eligible"]
    assert rows[3]["fault"]


def test_lines_are_counted_as_an_editor_does(screen: Screen) -> None:
    """Empty lines and cells that break over lines do not shift the line that a fault names."""
    _, _, err = screen("cohort.csv", 'id,age\n\n"S\n1",40\nS2,500\n')

    assert "line 4" in err
    assert "line 5 (S2): values > age: 500" in err


def test_a_table_as_json(screen: Screen) -> None:
    """`--json` gives the subjects that were screened and the faults of the others."""
    _, out, _ = screen("cohort.csv", "id,age\nS1,40\nS2,500\n", "--json")

    said = json.loads(out)
    assert said["schema"] == "trialwright.cohort/1"
    assert [one["subject"] for one in said["subjects"]] == ["S1"]
    assert [(one["line"], one["subject"]) for one in said["faults"]] == [(3, "S2")]


def test_parquet_in_and_out(screen: Screen) -> None:
    """A Parquet file with its own types gives the verdicts of the CSV, and Parquet that is exact."""
    frame = pl.DataFrame(
        {
            "id": ["S001", "=S003"],
            "day:screening": [date(2026, 12, 1), None],
            "basdai:on": [datetime(2026, 11, 30), None],  # noqa: DTZ001 - the table holds no zone
            "age": [40, 52],
            "basdai": [4.0, None],
            "modified_new_york": [True, True],
            **{name: [False, False] for name in ("pregnant", "active_infection", "malignancy")},
            "answer:I04": ["yes", "yes"],
            "answer:E04": [False, None],
        }
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    code, out, err = screen("cohort.parquet", buffer.getvalue(), "--out", "verdicts.parquet")

    verdicts = pl.read_parquet("verdicts.parquet")
    assert (code, out, err) == (0, "", "wrote verdicts.parquet, 2 subjects\n")
    assert verdicts.select("id", "verdict").rows() == [("S001", "eligible"), ("=S003", "undetermined")]


def test_verdicts_go_to_a_file(screen: Screen) -> None:
    """`--out` with a .csv writes the same table that standard output would hold."""
    table = "\n".join([HEADER, *ROWS])
    _, shown, _ = screen("cohort.csv", table)
    code, out, _ = screen("cohort.csv", table, "--out", "verdicts.csv")

    assert (code, out) == (0, "")
    assert Path("verdicts.csv").read_text() == shown


@pytest.mark.parametrize(
    ("name", "content", "options", "what"),
    [
        ("cohort.csv", "", (), "the file is empty"),
        ("cohort.csv", "id,agee\nS1,4\n", (), "column 'agee': the protocol has no such item"),
        ("cohort.csv", "age\n4\n", (), "column 'id' is missing"),
        ("cohort.csv", b"id\n\xff\n", (), "not UTF-8 text"),
        ("cohort.csv", 'id\n"S1\n', (), "unexpected end of data"),
        ("cohort.parquet", "id\nS1\n", (), "not a Parquet file"),
        ("cohort.csv", "id\nS1\n", ("--out", "verdicts.xlsx"), "go to a .csv or .parquet file"),
        ("subject.json", "{}", ("--out", "verdicts.csv"), "--out is for many subjects"),
        ("subject.json", "{", (), "correct the JSON there"),
    ],
)
def test_what_cannot_be_used_leaves_with_2(screen: Screen, name: str, content: str, options: tuple, what: str) -> None:
    """A file or an option that cannot be used is refused with the reason, and nothing is written."""
    code, out, err = screen(name, content, *options)

    assert (code, out) == (2, "")
    assert what in err


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("cohort.csv", "id;age\nS001;40\n", "its columns stand apart by ';'; save it as CSV with commas"),
        ("subject.json", '{"age": 40}', "there is no key 'age' here; write it under 'values'"),
        ("subject.json.gz", b"\x1f\x8b\x08\x00\xff", "this is a gzip archive; unpack it"),
        ("cohort.xlsx", b"PK\x03\x04\xff\xfe", "this is a zip archive or a workbook; unpack it, or save it as text"),
    ],
)
def test_a_file_of_another_form_is_named_with_its_mend(screen: Screen, name: str, content: str, what: str) -> None:
    """What spreadsheets and archives make of a file leaves with 2, the form that it has, and what to do."""
    code, out, err = screen(name, content)

    assert (code, out) == (2, "")
    assert what in err


def test_an_ending_in_capitals_is_a_table(screen: Screen) -> None:
    """A table is told by its ending in any letters, and a row of Parquet is called a row."""
    assert screen("COHORT.CSV", f"{HEADER}\n{ROWS[0]}\n")[:1] == (0,)

    table = io.BytesIO()
    pl.DataFrame({"id": ["S001"], "age": ["x"]}).write_parquet(table)
    code, _, err = screen("COHORT.Parquet", table.getvalue())

    assert code == 2
    assert "row 1 (S001): values > age: 'x' is not a number" in err


def test_progress_stays_off_standard_output(screen: Screen) -> None:
    """Where standard error is no terminal, nothing is said about progress."""
    _, _, err = screen("cohort.csv", "id\n" + "".join(f"S{n}\n" for n in range(200)))

    assert err == ""
