"""Write tests/conduct/refusals.txt: what every refusal of the tables in tests/conduct/guards says."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "tests/conduct/refusals.txt"


def record() -> str:
    """The whole file, from the refusals as they are now."""
    from tests.conduct.guards import refuse, rows, told  # noqa: PLC0415 - the tests import this module

    return "".join(f"{name}: {told(refuse(row))}\n" for name, row in rows())


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(record(), encoding="utf-8")
