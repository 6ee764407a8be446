"""The part of a rehearsal that treats: lots, doses, preparation, the match of two people, infusions, medicine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from trialwright.conduct import commands as cmd
from trialwright.conduct.dosing import amount, earliest, infusions, needs_weight
from trialwright.conduct.eligibility import unmet_at_treatment
from trialwright.conduct.history import closed_by
from trialwright.conduct.infusion_visit import out_of_window
from trialwright.conduct.medicine import OF_NO_CLASS
from trialwright.conduct.screening_visit import screened_again
from trialwright.conduct.stagger import stagger_ends
from trialwright.conduct.visits import window
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.study import Role, Visit
from trialwright.protocol.treatment_plan import Medicine, Treatment
from trialwright.rehearse.desk import DAY, HOUR, Desk
from trialwright.rehearse.followup import FollowUp
from trialwright.rehearse.illness import after_treatment
from trialwright.rehearse.oversight import Oversight
from trialwright.rehearse.virtual import CONTAINER_ML, before_treatment, drawn_product

_SHELF_LIFE = timedelta(days=3)
_MINUTE = timedelta(minutes=1)
_NO_PRODUCT = 0.02
_INTERRUPTED, _ABORTED = 0.03, 0.01
_NEXT_LOT = timedelta(days=7)
_TREATMENT = 4
"""The stream of a subject's treatment: lots, weights, what goes wrong."""


class TreatmentRoom:
    """What happens to a subject from the day of the first treatment to the last infusion."""

    def __init__(self, desk: Desk, oversight: Oversight, followup: FollowUp) -> None:
        self.desk = desk
        self.oversight = oversight
        self.followup = followup
        self._streams: dict[str, np.random.Generator] = {}
        self._lots: dict[str, int] = {}
        self._no_product: set[str] = set()

    def stream(self, subject: str) -> np.random.Generator:
        """The generator of a subject's treatment."""
        return self._streams.setdefault(subject, self.desk.people[subject].stream(_TREATMENT))

    def plan(self, subject: str, day: date) -> None:
        """Treat a subject for the first time on a day."""
        self.desk.on(day, self.stream(subject), lambda: self._first(subject))

    def _first(self, subject: str) -> None:
        desk, study = self.desk, self.desk.study
        if not self.followup.here(subject):
            return
        if study.dose_escalation is not None and self._too_late(subject):
            self.followup.leave(subject, "physician decision", desk.today, "Escalation went on before the infusion")
            return
        later = self._held_until(subject)
        if later is not None:
            desk.at(later, lambda: self._first(subject))
            return
        self._hold_again(subject)
        one = desk.subject(subject)
        unfit = screened_again(study, one) and one.verdict != "eligible"
        if unfit or unmet_at_treatment(study, desk.state, one, desk.today):
            self.followup.leave(subject, "physician decision", desk.today, "Criteria no longer hold for the treatment")
            return
        if self._without_product(subject):
            return
        visit = next((one for one in after_treatment(study) if one.day == 0), None)
        self._treat(subject, visit, 0)

    def _hold_again(self, subject: str) -> None:
        """Hold the visits again that the treatment has left behind, and assess eligibility on a new screening."""
        desk, state = self.desk, self.desk.subject(subject)
        told = {"subject": subject, "reason": "The treatment was put off"}
        for visit in before_treatment(desk.study):
            held = state.visits[visit.name].on if visit.name in state.visits else None
            if held is None or desk.today <= held - timedelta(days=visit.first_day):
                continue
            by = desk.at_site("coordinator", subject)
            desk.do(cmd.HoldVisit, by=by, visit=visit.visit, on=desk.today, saw=held, **told)
            self.followup.record(subject, visit)
        if screened_again(desk.study, desk.subject(subject)):
            desk.do(cmd.AssessEligibility, by=desk.at_site("investigator", subject), **told)

    def _too_late(self, subject: str) -> bool:
        """Whether the level of somebody who waits is closed, or its stopping rule is met."""
        state = self.desk.state
        level, recommendation = state.open_level, state.recommendation(self.desk.study, self.desk.clock.time)
        one = self.desk.subject(subject)
        moved = level is None or level.level != one.level
        if moved and level is not None and one.backfilled and one.level:
            history = state.history(self.desk.study, self.desk.clock.time)
            moved = not self.desk.study.rule.takes_backfilled(history, one.level)
        return state.stopped or moved or level is None or recommendation.closes(level.level)

    def _held_until(self, subject: str) -> Any:
        """Until when a pause or a stagger holds back the first infusion; None where nothing does."""
        desk = self.desk
        level = desk.state.open_level
        unjudged = level is not None and closed_by(desk.study, desk.state, level.level, desk.clock.time) is not None
        if self.oversight.paused or (unjudged and desk.subject(subject).infusion is None):
            return desk.clock.time + DAY
        ends = stagger_ends(desk.study, desk.state, desk.subject(subject), lambda one: desk.arm(one.id))
        return ends if ends and ends > desk.clock.time else None

    def _without_product(self, subject: str) -> bool:
        """Whether no product could be made, which happens once to a few; then the protocol says what follows."""
        desk, rng = self.desk, self.stream(subject)
        rule = desk.study.preparation.manufacturing_failure if desk.study.preparation else None
        happens = rng.random() < _NO_PRODUCT and subject not in self._no_product
        self._no_product.add(subject)
        if not happens or rule is None or not infusions(desk.study, desk.arm(subject)):
            return False
        reason = "The lot did not meet its specification"
        desk.do(cmd.ReportManufacturingFailure, by=desk.at_site("pharmacist", subject), subject=subject, reason=reason)
        if rule == "replaced":
            self.followup.leave(subject, "physician decision", desk.today, "No product could be made")
        else:
            desk.after(_NEXT_LOT, lambda: self._first(subject))
        return True

    def _treat(self, subject: str, visit: Visit | None, time: int) -> None:
        """Hold the visit at which something is given, and give everything that is due for this time."""
        desk, arm = self.desk, self.desk.arm(subject)
        if not self.followup.here(subject):
            return
        if self.oversight.paused:
            desk.after(DAY, lambda: self._treat(subject, visit, time))
            return
        treatments = infusions(desk.study, arm)
        if time == 0:
            self.followup.draw(subject, arm)
        if visit is not None:
            self.followup.record(subject, visit)
            self._wait(20)
        if time == 0:
            self._medicine(subject, arm, visit)
            if not treatments:
                self._begin_follow_up(subject)
                return
        due = [(place + 1, one) for place, one in enumerate(treatments) if time < (one.times or 1)]
        self._give(subject, visit, time, due)

    def _give(self, subject: str, visit: Visit | None, time: int, due: list[tuple[int, Treatment]]) -> None:
        """Give one treatment after the other."""
        if not due:
            self._next(subject, time + 1)
            return
        if not self.followup.here(subject):
            return
        if self.oversight.paused:
            self.desk.after(DAY, lambda: self._give(subject, visit, time, due))
            return
        course, treatment = due[0]
        self._infuse(subject, visit, course, treatment)
        if subject not in self.followup.begun:
            self._begin_follow_up(subject)
        self._run(subject, lambda: self._give(subject, visit, time, due[1:]))

    def _begin_follow_up(self, subject: str) -> None:
        self.followup.begin(subject, frozenset(one.name for one in self._giving(subject)))

    def _giving(self, subject: str) -> tuple[Visit, ...]:
        """The later visits at which the subject is infused, in order."""
        desk = self.desk
        treatments = infusions(desk.study, desk.arm(subject))
        products = {one.product for one in treatments}
        times = max((one.times or 1 for one in treatments), default=1)
        later = [visit for visit in after_treatment(desk.study) if visit.day > 0 and products & set(visit.gives)]
        return tuple(later[: times - 1])

    def _next(self, subject: str, time: int) -> None:
        """Plan the next time, by its visit and not before the protocol's interval is over."""
        desk, arm = self.desk, self.desk.arm(subject)
        left = [(place + 1, one) for place, one in enumerate(infusions(desk.study, arm)) if time < (one.times or 1)]
        if not left:
            self.oversight.consider_review()
            return
        giving, one = self._giving(subject), desk.subject(subject)
        visit = giving[time - 1] if time <= len(giving) else None
        days = window(desk.study, desk.state, one, visit) if visit else None
        target = days[1] - timedelta(days=visit.window) if visit and days else desk.today
        soonest = [earliest(treatment, one.day_of(one.course.of(course)[-1].at)) for course, treatment in left]
        day = max([target, *(soon for soon in soonest if soon is not None)])
        desk.on(day, self.stream(subject), lambda: self._treat(subject, visit, time))

    def _infuse(self, subject: str, visit: Visit | None, course: int, treatment: Treatment) -> None:
        """Receive and release a lot, prepare from it, match by two people, and begin."""
        desk, rng = self.desk, self.stream(subject)
        one = desk.subject(subject)
        dose = amount(desk.study, one, treatment)
        if dose is not None and dose.low != dose.high and treatment.product not in one.course.prescribed:
            chosen = dose.low + (dose.high - dose.low) * int(rng.integers(0, 4)) / 3
            by = desk.at_site("investigator", subject)
            desk.do(cmd.PrescribeDose, by=by, subject=subject, product=treatment.product, amount=round(chosen))
        weight = self._weight(subject, visit) if needs_weight(desk.study, (treatment,)) else None
        lot = self._lot(subject, treatment, dose, weight)
        by_scales = {"weight_kg": weight, "weighed_on": desk.today} if weight is not None else {}
        self._wait(5)
        pharmacist = desk.at_site("pharmacist", subject)
        fields = {"subject": subject, "lot": lot, "containers": (f"{lot}-1",), **by_scales}
        desk.do(cmd.PrepareInfusion, by=pharmacist, **fields)
        ready = next(each for each in desk.subject(subject).course.waiting if each.course == course)
        readers: tuple[Role, ...] = ("investigator", "coordinator")
        for role in readers:
            self._wait(1)
            read = {"subject": subject, "scanned_subject": subject, "scanned_coi": ready.coi}
            desk.do(cmd.MatchIdentity, by=desk.at_site(role, subject), **read)
        self._wait(1)
        one = desk.subject(subject)
        late = out_of_window(desk.study, desk.state, one, course, treatment.product, desk.today)
        why = {"out_of_window": "The treatment was put off"} if late else {}
        desk.do(cmd.StartInfusion, by=desk.at_site("investigator", subject), subject=subject, **why)

    def _lot(self, subject: str, treatment: Treatment, dose: AmountOf | None, weight: Decimal | None) -> str:
        """A lot for the subject, released; so concentrated that the dose fits into one container."""
        desk = self.desk
        number = self._lots[subject] = self._lots.get(subject, 0) + 1
        lot, pharmacist = f"LOT-{subject}-{number}", desk.at_site("pharmacist", subject)
        fields: dict[str, Any] = {"product": treatment.product, "volume_ml": CONTAINER_ML}
        if dose is not None:
            cells = dose.high * weight if "/kg" in dose.unit and weight is not None else dose.high
            concentration, viability = drawn_product(desk.study, self.stream(subject), cells)
            fields |= {"concentration_per_ml": concentration, "viability_pct": viability}
        expires = desk.clock.time + _SHELF_LIFE
        kept = {"lot": lot, "containers": (f"{lot}-1",), "expires_at": expires, "for_subject": subject}
        desk.do(cmd.ReceiveLot, by=pharmacist, **kept, **fields)
        self._wait(1)
        desk.do(cmd.ReleaseLot, by=pharmacist, lot=lot, reason="Certificate of analysis in order")
        return lot

    def _weight(self, subject: str, visit: Visit | None) -> Decimal:
        """The weight that the visit found today, or one that is taken for the dose."""
        person = self.desk.people[subject]
        found = person.draft.measured.get("weight", {}).get(visit.name) if visit else None
        return found if isinstance(found, Decimal) else person.weight(self.stream(subject))

    def _run(self, subject: str, then: Callable[[], None]) -> None:
        """Let an infusion run: to its end, with an interruption, or rarely until it is broken off."""
        desk, rng = self.desk, self.stream(subject)
        running = desk.subject(subject).course.running
        prepared = (running.prepared_ml or running.planned_ml) if running else Decimal(0)
        part = (prepared * int(rng.integers(3, 8)) / 10).quantize(Decimal("0.1"))
        by, chance = desk.at_site("coordinator", subject), rng.random()
        given = {"subject": subject, "given_ml": part}

        def complete() -> None:
            desk.do(cmd.CompleteInfusion, by=by, subject=subject)
            then()

        def halt() -> None:
            desk.do(cmd.InterruptInfusion, by=by, **given, reason="Flushing; it passed without treatment")
            desk.after(15 * _MINUTE, resume)

        def resume() -> None:
            if not self._may_go_on(subject):
                desk.do(cmd.AbortInfusion, by=by, **given, reason="It may not go on")
                then()
                return
            desk.do(cmd.ResumeInfusion, by=by, subject=subject)
            desk.after(HOUR / 2, complete)

        def abort() -> None:
            desk.do(cmd.AbortInfusion, by=by, **given, reason="The vein was lost and no other was found")
            then()

        if chance < _ABORTED:
            desk.after(HOUR / 2, abort)
        else:
            desk.after(*((HOUR / 3, halt) if chance < _ABORTED + _INTERRUPTED else (HOUR, complete)))

    def _may_go_on(self, subject: str) -> bool:
        """Whether neither a pause, nor the end of a dose level, nor the subject's leaving ends a halted infusion."""
        one, study = self.desk.subject(subject), self.desk.study
        first = study.dose_escalation is not None and len(one.course.infusions) == 1
        held = self.oversight.paused or not self.followup.here(subject)
        return not held and not (first and self._too_late(subject))

    def _medicine(self, subject: str, arm: str | None, visit: Visit | None) -> None:
        """Prescribe what the arm takes without a number, what the protocol gives everybody, and what goes on."""
        for fields in self._prescriptions(subject, arm, visit):
            self.desk.do(
                cmd.PrescribeMedicine, by=self.desk.at_site("investigator", subject), subject=subject, **fields
            )

    def _prescriptions(self, subject: str, arm: str | None, visit: Visit | None) -> Iterator[dict[str, Any]]:
        study, draft = self.desk.study, self.desk.people[subject].draft
        known = {one.name: one.treatments for one in study.arms}
        given = {one.drug: one for one in study.medicines if one.use == "given"}
        of_arm = [one.product for one in known.get(arm or "", ()) if one.times is None]
        yield from ({"drug": drug, **self._dose(subject, given.get(drug), visit)} for drug in of_arm)
        taken = (item.label for item in study.items if draft.taken.get(item.name) is not None)
        yield from ({"drug": drug, "counts_as": OF_NO_CLASS} for drug in taken)
        yield from (
            {"drug": drug, **self._dose(subject, medicine, visit)}
            for drug, medicine in given.items()
            if drug not in of_arm and (not medicine.arms or arm in medicine.arms)
        )

    def _dose(self, subject: str, medicine: Medicine | None, visit: Visit | None) -> dict[str, Any]:
        """The dose of a medicine that the protocol gives, where it says how much."""
        if medicine is None or medicine.amount is None:
            return {}
        weight = self._weight(subject, visit) if "/kg" in medicine.amount.unit else None
        by_scales = {"weight_kg": weight, "weighed_on": self.desk.today} if weight is not None else {}
        return {**by_scales, "dose": self._within(subject, medicine.amount, weight)}

    def _within(self, subject: str, dose: AmountOf, weight: Decimal | None) -> Decimal:
        """A dose in the middle of a range, in whole units where they are fine enough."""
        share = Decimal(int(self.stream(subject).integers(30, 71))) / 100
        exact = (dose.low + (dose.high - dose.low) * share) * (weight or 1)
        whole = exact.quantize(Decimal(1))
        low, high = dose.low * (weight or 1), dose.high * (weight or 1)
        return whole if low <= whole <= high and whole > 0 else exact.quantize(Decimal("0.001"))

    def _wait(self, minutes: int) -> None:
        self.desk.clock.move(self.desk.clock.time + minutes * _MINUTE)
