"""A folder of protocols with its table `items.json` of the items that they answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from trialwright.analysis.compute import read_json
from trialwright.analysis.protocol_items import ProtocolItems
from trialwright.errors import InputError
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study


def protocol_items(folder: Path) -> ProtocolItems | None:
    """Give the items that a folder's protocols answer; None where it has no table.

    Raises:
        InputError: The table cannot be read; a protocol that cannot is told when it is asked.
    """
    table = folder / "items.json"

    @cache
    def study(name: str) -> Study:
        return load_study(_text(folder / f"{name}.yaml"), str(folder / f"{name}.yaml"))

    return ProtocolItems(table=read_json(_text(table)), study=study) if table.is_file() else None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{file}: cannot be read: {fault}") from fault
