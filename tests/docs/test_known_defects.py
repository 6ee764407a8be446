"""The list of known defects."""

import re
from pathlib import Path

from trialwright import __version__

PAGE = (Path(__file__).parents[2] / "docs/known-defects.md").read_text(encoding="utf-8")


def test_va_04_this_release_lists_its_defects() -> None:
    """The release that is installed has its list, and each defect of any release has a workaround and a risk."""
    parts = re.split(r"^## (\S+)$", PAGE, flags=re.MULTILINE)[1:]
    lists = dict(zip(parts[::2], parts[1::2], strict=True))
    rows = [line for text in lists.values() for line in text.splitlines() if line.startswith("|")]
    defects = [row.strip("|").split(" | ") for row in rows if not row.startswith(("| defect", "|---"))]

    assert __version__ in lists
    assert defects
    assert all(len(row) == 3 and all(cell.strip() for cell in row) for row in defects)
    assert all(re.match(r"(low|medium|high)\b", row[2]) for row in defects)
