"""Signing on screen: the signer reads in words exactly what the signature binds, beside its hash."""

import re
from html import unescape

import pytest

from tests.golden.replayed import FOLDER, golden_logs
from tests.web.conftest import PASSWORD
from trialwright.conduct import commands as cmd
from trialwright.conduct import decode
from trialwright.conduct.events import ContentSigned, ProtocolAdopted
from trialwright.conduct.signatures import SignedContent
from trialwright.conduct.wording import signed_entries
from trialwright.protocol.file import load_study
from trialwright.trial import Trial

SIGN = "/subjects/S001/entry/sign-content/"


def read(page) -> str:
    """The words of a page, without markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def test_what_is_signed_is_shown_in_words(workspace):
    """Labels, units, what stood before, who and when; no JSON; the hash that is shown is the one that is signed."""
    with Trial.open(workspace.path / "trial.db", clock=lambda: workspace.now) as trial:
        graded = {"subject": "S001", "event": 1, "grade": 2, "reason": "Seen again"}
        trial.do(cmd.GradeAdverseEvent, by="investigator", **graded)
        bound = trial.signable("investigator", "S001", None)
    client = workspace.sign_in("investigator")
    page = client.get(SIGN)
    words = read(page)

    assert page.status_code == 200
    assert bound.sha256 in words
    for said in ("Fever", "Adverse event graded", "Grade 3 2", "Seen again", "by investigator", "UTC"):
        assert said in words, said
    assert "reviewed: I have read all of it" in words
    assert '{"' not in words
    shown = {"content": bound.sha256, "sequence": bound.sequence}
    signed = client.post(SIGN, {**shown, "meaning": "reviewed", "name": "Ada Byron", "password": PASSWORD})
    assert signed.status_code == 302
    last = workspace.events()[-1]
    assert isinstance(last, ContentSigned)
    assert last.content == bound.sha256


@pytest.mark.parametrize("field", ["content", "sequence"])
def test_es_04_only_what_is_shown_can_be_signed(workspace, field):
    """A page that was changed on its way back signs nothing, and shows what stands there now."""
    with Trial.open(workspace.path / "trial.db", clock=lambda: workspace.now) as trial:
        bound = trial.signable("investigator", "S001", None)
    shown = {"content": bound.sha256, "sequence": bound.sequence, field: "0" * 64 if field == "content" else 1}
    before = len(workspace.events())
    page = workspace.sign_in("investigator").post(
        SIGN, {**shown, "meaning": "reviewed", "name": "Ada Byron", "password": PASSWORD}
    )

    assert (page.status_code, len(workspace.events())) == (422, before)
    assert bound.sha256 in read(page)


def test_every_field_that_is_signed_is_shown():
    """Of each entry in the golden logs that can be signed every value is in the words, whatever its kind."""
    for name, log in golden_logs(min(FOLDER.glob("*/"))):
        events = [decode(body) for body in log["open"]]
        study = load_study(next(event.text for event in events if isinstance(event, ProtocolAdopted)))
        lines = [
            f"{number} {body.decode()}"
            for number, (body, event) in enumerate(zip(log["open"], events, strict=True), start=1)
            if event.changes_data and vars(event).get("subject")
        ]
        for line, entry in zip(
            lines, signed_entries(study, SignedContent(text="\n".join(lines), sequence=1)), strict=True
        ):
            words = " ".join(f"{fact.label} {fact.was} {fact.now}" for fact in entry.facts)
            for text in re.findall(r'"value":"?([\w.-]+)"?', line.replace("\\", "")):
                said = {"true": "yes", "false": "no"}.get(text, text)
                assert said in words, (name, line)
            reason = vars(entry.event).get("reason")
            assert reason is None or reason in words, (name, line)
            assert not re.search(r"""\{['"]|None""", words), words
