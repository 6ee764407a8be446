"""One thing that is wrong, or doubtful, in a file: what, where, why and the mend."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault in a protocol file.

    Attributes:
        rule: The id of the check that found it.
        severity: An error keeps the file from being used; a warning asks its author to look.
        line: Line in the file, from 1.
        where: The element, as a path of keys.
        what: What is wrong.
        why: Why it matters.
        mend: What would put it right.
    """

    rule: str
    severity: Severity
    line: int
    where: str
    what: str
    why: str
    mend: str

    def to_dict(self) -> dict[str, object]:
        """Plain data for `--json`."""
        return asdict(self)

    def text(self, file: str) -> str:
        """The finding as `file:line: severity rule: ...`, the form that editors turn into a link."""
        return (
            f"{file}:{self.line}: {self.severity} [{self.rule}] {self.where}: {self.what}\n"
            f"    why:  {self.why}\n    mend: {self.mend}"
        )
