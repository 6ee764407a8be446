"""Fetching a study by its number, from a server of our own on this computer."""

import json
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from typer.testing import CliRunner

from tests.registry.pages import RECORD
from trialwright import cli
from trialwright.cli import records
from trialwright.errors import RecordError
from trialwright.registry import fetch_study, is_nct_id, read_fetched, read_record

STUDY = json.dumps(RECORD).encode()
ALIASED = deepcopy(RECORD)
ALIASED["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT09999908"]
ANSWERS = {
    "/studies/NCT09999901": (200, STUDY),
    "/studies/NCT09999902": (200, STUDY),
    "/studies/NCT09999903": (200, b"<html>Busy</html>"),
    "/studies/NCT09999904": (503, b"{}"),
    "/studies/NCT09999905": (200, b"{\xff}"),
    "/studies/NCT09999906": (200, b"{cut off"),
    "/studies/NCT09999908": (200, json.dumps(ALIASED).encode()),
}


class _Registry(BaseHTTPRequestHandler):
    def do_GET(self):
        """Answer as the registry would, from the table above."""
        status, body = ANSWERS.get(self.path, (404, b"NCT number not found"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def studies():
    """The address of the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Registry)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/studies"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_number_gives_the_record(studies):
    """A registration number in either case gives the same record as the file."""
    reading = read_fetched("nct09999901", studies)

    assert reading.record == read_record(STUDY.decode()).record
    assert reading.source == f"{studies}/NCT09999901"


def test_an_alias_gives_the_record_it_stands_for(studies):
    """A number that the registry lists as an alias of the study is not another study."""
    assert read_fetched("NCT09999908", studies).nct_id == "NCT09999901"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("NCT09999902", "answered with NCT09999901"),
        ("NCT09999903", "no JSON"),
        ("NCT09999904", "status 503"),
        ("NCT09999905", "no UTF-8"),
        ("NCT09999906", "cannot be read as JSON"),
        ("NCT09999907", "no such study"),
        ("NCT1", "eight digits"),
    ],
)
def test_an_answer_that_is_no_study_is_refused(studies, number, says):
    """Every other answer is an error that says what came and what to do."""
    with pytest.raises(RecordError, match=says):
        read_fetched(number, studies)


def test_an_answer_longer_than_a_study_is_refused(studies):
    """An answer is read up to a limit and then refused."""
    with pytest.raises(RecordError, match="more than 10 bytes"):
        fetch_study("NCT09999901", studies, longest=10)


def test_without_a_network_the_error_says_so():
    """Where nothing answers, the error names the address and the way without a network."""
    with pytest.raises(RecordError, match=r"cannot be reached .* give the file"):
        fetch_study("NCT09999901", "http://127.0.0.1:9/studies", timeout_seconds=5)


def test_the_command_line_fetches_numbers_and_reads_files(studies, monkeypatch, tmp_path):
    """`read` with a number fetches; a file of that name is read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(records, "read_fetched", lambda number, as_of: read_fetched(number, studies, as_of))
    fetched = CliRunner().invoke(cli.app, ["read", "NCT09999901"])
    (tmp_path / "NCT09999901").write_bytes(STUDY)
    from_file = CliRunner().invoke(cli.app, ["read", "NCT09999901"])

    assert f"read from {studies}/NCT09999901 (API v2)" in fetched.stdout
    assert "read from NCT09999901 (API v2)" in from_file.stdout


def test_a_name_with_an_ending_is_a_file():
    """Only a bare number is fetched."""
    assert not is_nct_id("NCT09999901.json")
