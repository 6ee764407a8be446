"""What every object of a USDM export shares: its id, made of its class and its name, and the small objects inside it.

Ids come from names and not from counters, so that a visit more or less leaves the ids of the others as they are.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from trialwright.exchange.usdm_codes import Term

CDISC = "http://www.cdisc.org"
Json = dict[str, Any]
_NO_NOTES = {
    *("Organization", "StudyIdentifier", "StudyTitle", "StudyCell", "ScheduleTimeline", "ScheduleTimelineExit"),
    *("ScheduledActivityInstance", "Timing", "Study", "TransitionRule", "Procedure"),
}


class Writer:
    """Makes the objects of one export, each with an id of its own."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def plain(self, kind: str, key: str, **fields: Any) -> Json:
        """An object without a name.

        Args:
            kind: Its class in USDM.
            key: What its id is made of.
            **fields: Its attributes; what is not known is given as None.
        """
        return {"id": self._id(kind, key), "extensionAttributes": [], **fields, "instanceType": kind}

    def named(
        self, kind: str, key: str, label: str | None = None, description: str | None = None, **fields: Any
    ) -> Json:
        """An object with a name, which is unique among its kind, a label and a description."""
        notes: Json = {} if kind in _NO_NOTES else {"notes": []}
        made = self.plain(kind, key, name=key, label=label, description=description, **notes)
        return {**made, **fields, "instanceType": made.pop("instanceType")}

    def code(self, key: str, term: Term) -> Json:
        """A term of CDISC's terminology."""
        return self.plain(
            "Code", key, code=term.code, codeSystem=CDISC, codeSystemVersion=term.version, decode=term.decode
        )

    def alias(self, key: str, term: Term) -> Json:
        """A term where USDM allows for other names beside it; there are none."""
        return self.plain("AliasCode", key, standardCode=self.code(key, term), standardCodeAliases=[])

    def quantity(self, key: str, value: Decimal | int, unit: Term | None = None) -> Json:
        """A number, with its unit where it has one."""
        number = int(value) if value == int(value) else float(value)
        return self.plain("Quantity", key, value=number, unit=self.alias(f"{key} unit", unit) if unit else None)

    def range(self, key: str, low: Decimal | int, high: Decimal | int, unit: Term) -> Json:
        """A closed range."""
        limits = {
            "minValue": self.quantity(f"{key} least", low, unit),
            "maxValue": self.quantity(f"{key} most", high, unit),
        }
        return self.plain("Range", key, **limits, isApproximate=False)

    def _id(self, kind: str, key: str) -> str:
        letters = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
        wanted = f"{kind}_{re.sub(r'[^A-Za-z0-9]+', '_', letters).strip('_')[:60]}"
        found, count = wanted, 1
        while found in self._ids:
            count += 1
            found = f"{wanted}_{count}"
        self._ids.add(found)
        return found


def ids(objects: list[Json]) -> list[str]:
    """The ids of objects, in their order."""
    return [one["id"] for one in objects]


def chained(objects: list[Json]) -> list[Json]:
    """The objects with `previousId` and `nextId` in their order."""
    before = [None, *ids(objects)[:-1]]
    after = [*ids(objects)[1:], None]
    for one, previous, following in zip(objects, before, after, strict=True):
        one |= {"previousId": previous, "nextId": following}
    return objects
