"""Checks of the endpoints: what each is made of, when it is there, and whom it counts."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.protocol.check_arms import last_treatment_day
from trialwright.protocol.criteria import items
from trialwright.protocol.element import Path
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.schedule import Endpoint, Visit
from trialwright.protocol.study import Study


@check("endpoint.parts")
def endpoints_have_what_their_kind_needs(study: Study) -> Iterator[Fault]:
    """An item endpoint names an item, a response its condition, a time its event, and no other kind does."""
    needs = {"item": "item", "time to event": "item", "response": "response"}
    for path, endpoint in endpoints(study):
        for key, value in (("item", endpoint.item), ("response", endpoint.response)):
            if needs.get(endpoint.of) == key and value is None:
                what, why = f"'{endpoint.name}' is of {endpoint.of} and has no '{key}'", "it could not be computed"
                yield Fault(path, what, why, f"add '{key}:'")
            elif needs.get(endpoint.of) != key and value is not None:
                what, why = f"'{endpoint.name}' is of {endpoint.of} and has '{key}'", "nothing would read it"
                yield Fault((*path, key), what, why, f"remove '{key}', or correct 'of'")
        if endpoint.of == "dlt" and study.dose_escalation is None:
            why, mend = "what a DLT is stands there and nowhere else", "add 'dose escalation', or correct 'of'"
            yield Fault(path, f"'{endpoint.name}' counts DLTs in a trial that escalates no dose", why, mend)


@check("endpoint.item")
def endpoint_items_are_collected(study: Study) -> Iterator[Fault]:
    """The item of an endpoint is defined, fits its kind, and is collected at a visit within its time."""
    for path, endpoint in endpoints(study):
        if endpoint.item is None or endpoint.of not in {"item", "time to event"}:
            continue
        item = study.item(endpoint.item)
        if item is None:
            what = f"'{endpoint.name}' names '{endpoint.item}', which is not among the items"
            yield Fault((*path, "item"), what, "it could not be computed", "define the item, or correct the name")
        elif endpoint.of == "time to event" and item.type not in {"event", "yes or no"}:
            what = f"'{endpoint.name}' is the time to '{item.name}', which is a {item.type} item"
            yield Fault((*path, "item"), what, "a time runs to an event", "name an item of type event")
        elif not any(item.name in visit.collect for visit in _visits(study, endpoint)):
            yield Fault(
                path,
                f"'{endpoint.name}' needs '{item.name}', which no visit up to day {endpoint.within} collects",
                "the endpoint would be missing in every subject",
                "collect the item at a visit in that time, or correct the endpoint",
            )


@check("endpoint.response")
def response_items_are_collected(study: Study) -> Iterator[Fault]:
    """What a response reads is collected within its time, and something of it after day 0 or at the named visit."""
    for path, endpoint in endpoints(study):
        read = items(endpoint.response) if endpoint.response else frozenset()
        in_time = {name for visit in study.schedule if visit.day <= endpoint.within for name in visit.collect}
        after = {name for visit in _visits(study, endpoint) for name in visit.collect}
        for name in sorted((read & {item.name for item in study.items}) - (in_time if read & after else after)):
            yield Fault(
                (*path, "response"),
                f"'{endpoint.name}' reads '{name}', which no visit up to day {endpoint.within} collects",
                "nobody could be found a responder",
                "collect the item at a visit in that time, or correct the response",
            )


@check("endpoint.visit")
def endpoint_visits_exist_in_time(study: Study) -> Iterator[Fault]:
    """The visit of an endpoint is in the schedule, and within the endpoint's time."""
    for path, endpoint in endpoints(study):
        if endpoint.visit is None:
            continue
        visit = study.visit(endpoint.visit)
        if visit is None:
            mend = f"write one of {', '.join(one.visit for one in study.schedule)}"
            yield Fault((*path, "visit"), f"there is no visit '{endpoint.visit}'", "nothing would be taken", mend)
        elif visit.day > endpoint.within:
            what = f"{visit.visit} is on day {visit.day}, after the {endpoint.within} days of '{endpoint.name}'"
            why, mend = "what is taken there would not count", f"write 'within: {visit.last_day} days'"
            yield Fault((*path, "within"), what, why, mend)


@check("endpoint.population")
def endpoint_populations_exist(study: Study) -> Iterator[Fault]:
    """The population of an endpoint is defined."""
    known = [population.name for population in study.populations]
    for path, endpoint in endpoints(study):
        if endpoint.population is not None and endpoint.population not in known:
            what, why = f"there is no population '{endpoint.population}'", "nobody could tell whom it counts"
            yield Fault((*path, "population"), what, why, "define it under populations, or correct the name")


@check("endpoint.early")
def endpoints_end_after_the_last_treatment(study: Study) -> Iterator[Fault]:
    """A primary endpoint looks at least as long as treatment is given."""
    last = last_treatment_day(study)
    for path, endpoint in endpoints(study):
        if path[1] == "primary" and endpoint.within < last:
            yield Fault(
                (*path, "within"),
                f"'{endpoint.name}' ends on day {endpoint.within}; treatment is given until day {last}",
                "what the last treatments do would not be seen",
                "look past the last treatment, or say in 'assumed:' why not",
                "warning",
            )


@check("endpoint.dlt")
def dlt_endpoint_keeps_the_window(study: Study) -> Iterator[Fault]:
    """The DLT endpoint looks as long as the DLT window is open."""
    if study.dose_escalation is None:
        return
    window = study.dose_escalation.dlt_window.days
    for place, endpoint in enumerate(study.endpoints.primary):
        if endpoint.of == "dlt" and endpoint.within != window:
            yield Fault(
                ("endpoints", "primary", place, "within"),
                f"'{endpoint.name}' counts {endpoint.within} days; the DLT window has {window}",
                "the report would count other DLTs than the dose decisions",
                f"write {window} days in both places",
            )


def endpoints(study: Study) -> Iterator[tuple[Path, Endpoint]]:
    """Every endpoint with its path."""
    for rank in ("primary", "secondary"):
        for place, endpoint in enumerate(getattr(study.endpoints, rank)):
            yield ("endpoints", rank, place), endpoint


def _visits(study: Study, endpoint: Endpoint) -> list[Visit]:
    if endpoint.visit is not None and (named := study.visit(endpoint.visit)):
        return [named]
    return [visit for visit in study.schedule if 0 < visit.day <= endpoint.within]
