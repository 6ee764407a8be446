"""Where the NCI's wording of CTCAE is kept on this machine: in the user's data folder, not in the package."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from trialwright.clinical.ctcae_wording import Wording, read_wording
from trialwright.errors import InputError


def data_folder() -> Path:
    """Give the user's data folder of Trialwright, as the operating system has it; XDG_DATA_HOME goes first."""
    home = Path.home()
    if chosen := os.environ.get("XDG_DATA_HOME"):
        return Path(chosen) / "trialwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData/Local")) / "trialwright"
    return home / ("Library/Application Support" if sys.platform == "darwin" else ".local/share") / "trialwright"


def add_wording(text: str, version: str = "5.0") -> Path:
    """Keep the NCI's table for `load_wording`, after reading it whole.

    Raises:
        InputError: The table is not that of the version, or cannot be kept.
    """
    read_wording(text, version)
    kept = _place(version)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise InputError(f"{kept}: {fault.strerror}; set XDG_DATA_HOME to a folder that can be written") from fault
    return kept


def load_wording(version: str = "5.0") -> Wording | None:
    """Give the wording that was added, or None."""
    kept = _place(version)
    return read_wording(kept.read_text(encoding="utf-8"), version) if kept.is_file() else None


def _place(version: str) -> Path:
    return data_folder() / f"ctcae_{version.replace('.', '_')}.csv"
