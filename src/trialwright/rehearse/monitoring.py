"""The part of a rehearsal that looks after the data: source verification, and queries with their answers."""

from __future__ import annotations

from datetime import timedelta

from trialwright.conduct import commands as cmd
from trialwright.rehearse.desk import DAY, Desk

_COMES_AFTER = timedelta(days=7)
_ANSWERED_AFTER = timedelta(days=2)


class Monitoring:
    """What the monitor does with the data of subjects who have left or completed the trial."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def plan(self, subject: str) -> None:
        """Come to the site some days from now."""
        self.desk.after(_COMES_AFTER, lambda: self._verify(subject))

    def _verify(self, subject: str) -> None:
        """Hold every data point against its source, and ask why something was not done."""
        monitor = self.desk.signer("monitor")
        for visit, points in self.desk.subject(subject).data.items():
            items = tuple(sorted(name for name, point in points.items() if not point.verified))
            if items:
                self.desk.do(cmd.VerifySource, by=monitor, subject=subject, visit=visit, items=items)
            for name in sorted(name for name, point in points.items() if point.missing == "not done"):
                self._ask(subject, visit, name)

    def _ask(self, subject: str, visit: str, item: str) -> None:
        desk = self.desk
        fields = {"subject": subject, "visit": visit, "item": item, "text": "Why was it not done?"}
        desk.do(cmd.OpenQuery, by=desk.signer("monitor"), **fields)
        number = len(desk.subject(subject).queries)
        desk.after(_ANSWERED_AFTER, lambda: self._answer(subject, number))

    def _answer(self, subject: str, number: int) -> None:
        desk = self.desk
        fields = {"subject": subject, "query": number, "text": "It was forgotten, and cannot be made up for"}
        desk.do(cmd.AnswerQuery, by=desk.at_site("coordinator", subject), **fields)
        desk.after(DAY, lambda: desk.do(cmd.CloseQuery, by=desk.signer("monitor"), subject=subject, query=number))
