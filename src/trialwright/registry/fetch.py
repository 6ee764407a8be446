"""One study of ClinicalTrials.gov over the network: the only part of the registry that leaves this computer."""

from __future__ import annotations

import re
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from trialwright.errors import RecordError

STUDIES = "https://clinicaltrials.gov/api/v2/studies"
TIMEOUT_SECONDS = 20.0
LONGEST_ANSWER = 50_000_000
_NCT_ID = re.compile(r"NCT\d{8}", re.IGNORECASE)
_OFFLINE = "without a network, download the study as JSON elsewhere and give the file"


def is_nct_id(text: str) -> bool:
    """Whether a text is a registration number, and so no file's name.

    >>> is_nct_id("NCT05962762"), is_nct_id("NCT05962762.txt")
    (True, False)
    """
    return _NCT_ID.fullmatch(text) is not None


def fetch_study(
    nct_id: str, studies: str = STUDIES, timeout_seconds: float = TIMEOUT_SECONDS, longest: int = LONGEST_ANSWER
) -> str:
    """Fetch one study as the registry's API v2 gives it; the text is for `read_record`.

    Args:
        nct_id: The registration number, such as `NCT05962762`.
        studies: The address under which the studies lie.
        timeout_seconds: How long to wait for the registry each time that it is silent.
        longest: The bytes that an answer may have.

    Returns:
        The JSON as text, unread.

    Raises:
        RecordError: The number has not the form, the registry has no such study, cannot be reached, refuses, answers
            with something that is no JSON, or answers with more than a study can be.

    Source: ClinicalTrials.gov API v2, `GET /studies/{nctId}`. Checked: tests/registry/test_fetch.py
    """
    if not is_nct_id(nct_id):
        raise RecordError(f"'{nct_id}' is no registration number; write NCT and eight digits, such as NCT05962762")
    number = nct_id.upper()
    address = f"{studies}/{number}"
    request = Request(address, headers={"Accept": "application/json", "User-Agent": "trialwright"})  # noqa: S310
    try:
        with urlopen(request, timeout=timeout_seconds) as answer:  # noqa: S310
            content = answer.read(longest + 1)
    except HTTPError as fault:
        with fault:
            raise RecordError(_refusal(number, address, fault.code)) from fault
    except (URLError, OSError, HTTPException) as fault:
        reason = fault.reason if isinstance(fault, URLError) else fault
        raise RecordError(f"{number}: {address} cannot be reached ({reason}); {_OFFLINE}") from fault
    return _text(number, address, content, longest)


def _refusal(number: str, address: str, code: int) -> str:
    if code == 404:
        return f"{number}: the registry has no such study (404 from {address}); correct the number"
    return f"{number}: {address} answers with status {code}; try again later, or give the study as a file"


def _text(number: str, address: str, content: bytes, longest: int) -> str:
    if len(content) > longest:
        raise RecordError(f"{number}: {address} answers with more than {longest} bytes, which no study has")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise RecordError(f"{number}: {address} answers with bytes that are no UTF-8 text; {_OFFLINE}") from fault
    if not text.lstrip().startswith("{"):
        raise RecordError(f"{number}: {address} answers with something that is no JSON; {_OFFLINE}")
    return text
