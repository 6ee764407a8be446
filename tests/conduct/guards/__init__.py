"""Tables of refusals: given this trial, when somebody asks for that, then it is refused under this code.

`tests/conduct/refusals.txt` has what each of them says; `python tools/record_refusals.py` writes it.
"""

from collections.abc import Callable, Iterator, Mapping

from tests.conduct.guards import (
    administration,
    allocation,
    enrolment,
    escalation,
    participation,
    preparation,
    record,
    safety,
    treatment,
)
from trialwright.conduct import Refusal
from trialwright.conduct import commands as cmd

Asked = Mapping[str, object] | Callable[[object], Mapping[str, object]]
Row = tuple[Callable[[], object], type[cmd.Command], Asked, str]
AREAS = (administration, enrolment, allocation, preparation, treatment, safety, escalation, participation, record)


def rows() -> Iterator[tuple[str, Row]]:
    """Every row by its name, which says what is given and the code; a number tells apart what is alike."""
    seen: dict[str, int] = {}
    for row in (row for area in AREAS for row in area.REFUSALS):
        given, _, _, code = row
        name = f"{given.__name__}-{code}"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}-{seen[name]}", row


def refuse(row: Row) -> Refusal:
    """Ask for what a row asks for; it is refused, and nothing has changed."""
    given, command, asked, _ = row
    trial = given()
    before = trial.state
    refusal = trial.refused(command, **(asked(trial) if callable(asked) else asked))
    assert trial.state == before
    return refusal


def told(refusal: Refusal) -> str:
    """All of a refusal in one line."""
    where = "sealed" if refusal.sealed else "recorded" if refusal.recorded else "not recorded"
    return f"[{refusal.code}, {refusal.kind}, {where}] {refusal.reason} Rule: {refusal.rule}. {refusal.mend}"
