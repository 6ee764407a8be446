"""A dress rehearsal: the whole trial on virtual subjects, through the same `decide` that conducts it.

People arrive, are screened, wait for a slot, come to an arm, are treated when the protocol lets them, react, are
followed, leave or complete; doses are decided, cohorts reviewed, pauses lifted; at the end the data are locked. A
calendar of what comes next moves a virtual clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from datetime import timedelta

from trialwright.conduct import State
from trialwright.conduct import commands as cmd
from trialwright.errors import InputError
from trialwright.protocol.study import Study
from trialwright.rehearse.desk import SPONSOR, Conductor, Desk, VirtualClock, sites, staff
from trialwright.rehearse.followup import FollowUp
from trialwright.rehearse.monitoring import Monitoring
from trialwright.rehearse.oversight import Oversight
from trialwright.rehearse.recruitment import Recruitment
from trialwright.rehearse.treatment import TreatmentRoom

_LONGEST = timedelta(days=365 * 20)
_NO_LIMIT = 1_000_000


def check_truth(study: Study, truth: Sequence[float]) -> None:
    """See that there is one true rate, from 0 to 1, for each dose level, or for each arm where no dose is escalated.

    Raises:
        InputError: There is not.
    """
    if study.dose_escalation is not None:
        what, where, needed = "DLT", "level", len(study.doses)
    else:
        what, where, needed = "response", "arm", len(study.arms) if truth else 0
    if len(truth) != needed:
        places = f"{needed} dose levels" if where == "level" else f"{needed} arms"
        raise InputError(f"{len(truth)} true {what} rates for {places}; give one for each {where}")
    if outside := [rate for rate in truth if not 0 <= rate <= 1]:
        raise InputError(f"a rate of {outside[0]} is none; a true {what} rate is from 0 to 1")


class Rehearsal:
    """One rehearsal of one protocol.

    Args:
        study: The protocol.
        truth: True DLT probability of each dose level; where no dose is escalated, the true response probability of
            each arm, or nothing for those that the protocol plans with.
        seed: Seed of everything that is drawn.
        trial: What conducts it; that of a masked trial shows the trial too.
        clock: The clock that `trial` reads.
        subjects: How many are enrolled at most; left out, as many as the protocol plans, or a dose escalation takes.

    Raises:
        InputError: The truth has not one rate for each dose level, or for each arm.
    """

    def __init__(
        self,
        study: Study,
        truth: Sequence[float],
        seed: int,
        trial: Conductor,
        clock: VirtualClock,
        subjects: int | None = None,
    ) -> None:
        check_truth(study, truth)
        planned = study.enrolment.planned if study.dose_escalation is None else _NO_LIMIT
        self.desk = Desk(study, tuple(truth), seed, min(subjects or planned, planned), trial, clock)
        self.oversight = Oversight(self.desk)
        followup = FollowUp(self.desk, self.oversight, Monitoring(self.desk))
        room = TreatmentRoom(self.desk, self.oversight, followup)
        self.recruitment = Recruitment(self.desk, self.oversight, followup, room)

    def run(self, until: Callable[[State], bool] | None = None) -> State:
        """Rehearse to the end of the trial, or until `until` says so.

        Raises:
            InputError: The trial does not end within 20 years of virtual time.
            RefusedError: Something was refused that a rehearsal takes for allowed.
        """
        desk = self.desk
        self._set_up()
        end = desk.clock.time + _LONGEST
        while desk.calendar:
            if until and until(desk.state):
                return desk.state
            at, _, action = heapq.heappop(desk.calendar)
            if at > end:
                raise InputError("the rehearsed trial does not end within 20 years; check accrual and criteria")
            desk.clock.move(at)
            action()
        self.oversight.end()
        return desk.state

    def _set_up(self) -> None:
        desk = self.desk
        for site in sites(desk.study):
            desk.do(cmd.OpenSite, by=SPONSOR, site=site, name=f"Rehearsal site {site}")
        for one in staff(desk.study):
            desk.do(cmd.GrantRole, by=SPONSOR, person=one.person, role=one.role, site=one.site)
        self.oversight.begin()
        self.recruitment.begin()
