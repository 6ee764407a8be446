"""USDM: encounters, activities and the timeline that says when each encounter is, within which window."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from trialwright.exchange import usdm_codes as ct
from trialwright.exchange.usdm_writer import Json, Writer, chained, ids
from trialwright.protocol.study import Study, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What the schedule of activities becomes."""

    encounters: list[Json]
    activities: list[Json]
    surrogates: list[Json]
    timeline: Json


def visits_in_order(study: Study) -> list[Visit]:
    """The visits by day; visits of one day as they stand in the file."""
    return sorted(study.schedule, key=lambda visit: visit.day)


def epoch_of(study: Study, visit: Visit) -> str:
    """The epoch of a visit: screening up to the first treatment, treatment up to the last one, then follow-up."""
    treated = [one.day for one in study.schedule if one.gives] or [0]
    if visit.day < min(treated):
        return "Screening"
    return "Treatment" if visit.day <= max(treated) else "Follow-up"


def schedule(writer: Writer, study: Study, epochs: dict[str, Json], given: dict[str, list[str]]) -> Schedule:
    """Encounters, activities and the main timeline.

    Args:
        writer: Makes the objects.
        study: The protocol.
        epochs: The epochs by name.
        given: The ids of the interventions that give a product, by the product's name.
    """
    visits = visits_in_order(study)
    surrogates = {
        item.name: writer.named("BiomedicalConceptSurrogate", item.name, item.label, item.unit, reference="None")
        for item in study.items
    }
    activities = _activities(writer, study, surrogates, given)
    instances = [_instance(writer, study, visit, epochs, activities) for visit in visits]
    timings = [_timing(writer, visit, instances, visits) for visit in visits]
    encounters = [
        writer.named(
            "Encounter",
            visit.name,
            visit.visit,
            type=writer.code(f"{visit.name} type", ct.VISIT),
            scheduledAtId=timing["id"],
            environmentalSettings=[],
            contactModes=[],
            transitionStartRule=None,
            transitionEndRule=None,
        )
        for visit, timing in zip(visits, timings, strict=True)
    ]
    for instance, encounter in zip(instances, encounters, strict=True):
        instance["encounterId"] = encounter["id"]
    return Schedule(
        encounters=chained(encounters),
        activities=chained(list(activities.values())),
        surrogates=list(surrogates.values()),
        timeline=_timeline(writer, visits, instances, timings),
    )


def _activities(
    writer: Writer, study: Study, surrogates: dict[str, Json], given: dict[str, list[str]]
) -> dict[str, Json]:
    activities = {
        item.name: _activity(writer, item.name, item.label, [surrogates[item.name]["id"]], [])
        for item in study.items
        if item.name in study.collected
    }
    for product in dict.fromkeys(name for visit in study.schedule for name in visit.gives):
        interventions: list[str | None] = [*given.get(product, [])]
        procedures = [_procedure(writer, study, product, one) for one in interventions or [None]]
        activities[f"give {product}"] = _activity(
            writer, f"give {product}", f"Administration of {product}", [], procedures
        )
    return activities


def _activity(writer: Writer, key: str, label: str, surrogates: list[str], procedures: list[Json]) -> Json:
    return writer.named(
        "Activity",
        key,
        label,
        childIds=[],
        definedProcedures=procedures,
        biomedicalConceptIds=[],
        bcCategoryIds=[],
        bcSurrogateIds=surrogates,
        timelineId=None,
    )


def _procedure(writer: Writer, study: Study, product: str, intervention: str | None) -> Json:
    key = f"give {intervention.removeprefix('StudyIntervention_') if intervention else product}"
    code = writer.plain(
        "Code", key, code=product, codeSystem=f"protocol {study.id}", codeSystemVersion=study.version, decode=product
    )
    procedure = writer.named("Procedure", key, f"Administration of {product}")
    return procedure | {
        "procedureType": "Administration",
        "code": code,
        "studyInterventionId": intervention,
        "notes": [],
    }


def _instance(writer: Writer, study: Study, visit: Visit, epochs: dict[str, Json], activities: dict[str, Json]) -> Json:
    done = [*visit.collect, *(f"give {product}" for product in visit.gives)]
    return writer.named(
        "ScheduledActivityInstance",
        visit.name,
        visit.visit,
        defaultConditionId=None,
        epochId=epochs[epoch_of(study, visit)]["id"],
        timelineId=None,
        timelineExitId=None,
        activityIds=[activities[key]["id"] for key in dict.fromkeys(done) if key in activities],
        encounterId=None,
    )


def _reference(visit: Visit, visits: list[Visit]) -> Visit:
    """The visit that a visit's day is counted from: that of its anchor, or else the first one at or after day 0."""
    named = [one for one in visits if one.name == visit.anchor]
    same_anchor = [one for one in visits if one.day == 0 and one.anchor == visit.anchor]
    later = [one for one in visits if one.day >= 0]
    return [*same_anchor, *named, *later, *visits][0]


def _timing(writer: Writer, visit: Visit, instances: list[Json], visits: list[Visit]) -> Json:
    reference = _reference(visit, visits)
    of_visit = dict(zip((one.name for one in visits), ids(instances), strict=True))
    fixed = reference is visit
    apart = visit.day - reference.day
    windowed = visit.window > 0 and not fixed
    early, late = visit.day - visit.first_day, visit.last_day - visit.day
    return writer.named(
        "Timing",
        visit.name,
        f"Day {visit.day}",
        type=writer.code(f"{visit.name} timing", ct.FIXED if fixed else ct.BEFORE if apart < 0 else ct.AFTER),
        value=f"P{abs(apart)}D",
        valueLabel=f"{abs(apart)} days",
        relativeToFrom=writer.code(f"{visit.name} relative", ct.START_TO_START),
        relativeFromScheduledInstanceId=of_visit[visit.name],
        relativeToScheduledInstanceId=None if fixed else of_visit[reference.name],
        windowLower=f"P{early}D" if windowed else None,
        windowUpper=f"P{late}D" if windowed else None,
        windowLabel=f"-{early} to +{late} days" if windowed else None,
    )


def _timeline(writer: Writer, visits: list[Visit], instances: list[Json], timings: list[Json]) -> Json:
    leave = writer.plain("ScheduleTimelineExit", "main")
    for instance, following in pairwise(instances):
        instance["defaultConditionId"] = following["id"]
    instances[-1]["timelineExitId"] = leave["id"]
    days = visits[-1].day - visits[0].day
    duration = writer.plain(
        "Duration",
        "main timeline",
        text=f"{days} days",
        quantity=writer.quantity("main timeline days", days, ct.DAYS),
        durationWillVary=False,
        reasonDurationWillVary=None,
    )
    return writer.named(
        "ScheduleTimeline",
        "main",
        "Main timeline",
        "Schedule of activities",
        mainTimeline=True,
        entryCondition="A person has given consent to be screened",
        entryId=instances[0]["id"],
        exits=[leave],
        timings=timings,
        instances=instances,
        plannedDuration=duration,
    )
