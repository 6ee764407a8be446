"""Append without end and print the number of each entry once it is acknowledged; the tests kill this process.

python writer.py bytes|streams|trial LOCATION
"""

import sys

from trialwright.conduct.commands import ReportAdverseEvent, ScreenSubject
from trialwright.store import Part, open_log
from trialwright.trial import Trial, now


def acknowledge(sequence: int) -> None:
    """Say that an entry is on disk."""
    print(sequence, flush=True)


def append_bytes(location: str) -> None:
    """Append two entries at a time."""
    with open_log(location) as log:
        sequence = log.head("open").sequence
        while True:
            bodies = [f"entry {sequence + place}".encode() * 40 for place in (1, 2)]
            sequence = log.append("open", sequence, bodies).sequence
            acknowledge(sequence)


def append_to_both_streams(location: str) -> None:
    """Append one entry to each stream at a time."""
    with open_log(location) as log:
        sequence = log.head("open").sequence
        while True:
            parts = [
                Part(stream, sequence, [f"{stream} {sequence + 1}".encode() * 40]) for stream in ("open", "sealed")
            ]
            sequence = log.append_all(parts)[0].sequence
            acknowledge(sequence)


def conduct_trial(location: str) -> None:
    """Screen subjects and report an adverse event of each."""
    with Trial.open(location) as trial:
        while True:
            screened = trial.do(ScreenSubject, by="investigator", consented_on=now().date())
            acknowledge(screened.sequence)
            event = {"subject": screened.events[0].subject, "term": "Headache", "onset_on": now().date()}
            reported = trial.do(ReportAdverseEvent, by="investigator", grade=1, related=False, serious=False, **event)
            acknowledge(reported.sequence)


if __name__ == "__main__":
    {"bytes": append_bytes, "streams": append_to_both_streams, "trial": conduct_trial}[sys.argv[1]](sys.argv[2])
