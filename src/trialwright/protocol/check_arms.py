"""Checks of arms, cohorts, allocation and what they give."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.protocol.element import Path
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.study import Study


@check("treatment.product")
def treatments_give_known_products(study: Study) -> Iterator[Fault]:
    """Arms and visits give products that are defined."""
    known = {product.name for product in study.products}
    given: list[tuple[Path, str]] = []
    for place, arm in enumerate(study.arms):
        given += [(("arms", place, "treatments", n, "product"), one.product) for n, one in enumerate(arm.treatments)]
    for place, visit in enumerate(study.schedule):
        given += [(("schedule", place, "gives"), name) for name in visit.gives]
    for path, name in given:
        if name not in known:
            mend = "define it under products, or correct the name"
            yield Fault(path, f"there is no product '{name}'", "nobody could prepare it", mend)
