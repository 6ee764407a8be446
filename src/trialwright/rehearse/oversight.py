"""The part of a rehearsal that watches: DLTs, dose decisions, cohort reviews, pauses, the end of the trial."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from trialwright.conduct import commands as cmd
from trialwright.conduct.dosing import too_little
from trialwright.conduct.enrolment import cohort_listings, review_signed_by
from trialwright.conduct.escalation import can_propose
from trialwright.conduct.exposure import masked
from trialwright.conduct.locks import goes_on, outstanding_visits
from trialwright.conduct.state import Group, Place
from trialwright.protocol.study import Role
from trialwright.rehearse.desk import DAY, HOUR, SPONSOR, Desk

_ASKED_AGAIN = 3 * DAY
_REVIEW_OF_A_PAUSE = timedelta(days=5)


class Oversight:
    """What investigators, sponsor and committee decide on the trial as a whole."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._reviewing: set[str] = set()
        self._asks_again = False

    @property
    def paused(self) -> bool:
        """Whether nobody may be brought to treatment now."""
        return bool(self.desk.state.standing_pauses)

    def begin(self) -> None:
        """Open the first dose level, or the first cohort."""
        study = self.desk.study
        if study.dose_escalation is not None:
            self.desk.do(cmd.OpenDoseLevel, by=SPONSOR, level=study.rule.start)
        if study.cohorts:
            self.desk.do(cmd.OpenCohort, by=SPONSOR, cohort=study.cohorts[0].name)

    def adjudicate(self, subject: str) -> None:
        """Judge every event of a subject that may be dose-limiting; one reported as unrelated is assessed so."""
        by = self.desk.at_site("investigator", subject)
        for event in self.desk.subject(subject).dlt_candidates(self.desk.study):
            about: dict[str, Any] = {"by": by, "subject": subject, "event": event.number}
            if event.related:
                why = "Related, in the window, and of the grade that the protocol defines"
                self.desk.do(cmd.AdjudicateDlt, **about, dlt=True, reason=why)
            else:
                why = "No causal relation is reasonably possible"
                self.desk.do(cmd.AssessRelatedness, **about, related=False, reason=why)
        self.review_pauses()
        self.consider_decision()

    def close_window(self, subject: str) -> None:
        """Confirm the follow-up to the end of the DLT window, or say why it does not count."""
        desk, one = self.desk, self.desk.subject(subject)
        ends = one.window_ends(desk.study)
        if ends is None or one.window_closed or one.not_evaluable is not None:
            return
        if one.dlt_candidates(desk.study):
            desk.after(DAY, lambda: self.close_window(subject))
            return
        by = desk.at_site("investigator", subject)
        if (why := self._not_followed(subject)) and not any(event.dlt for event in one.adverse_events):
            desk.do(cmd.DeclareNotEvaluable, by=by, subject=subject, reason=why)
        else:
            desk.do(cmd.CloseDltWindow, by=by, subject=subject)
        self.consider_decision()

    def _not_followed(self, subject: str) -> str | None:
        one, study = self.desk.subject(subject), self.desk.study
        ends = one.window_ends(study)
        if one.disposition and ends and one.disposition.occurred_on < ends.date():
            return f"Left by {one.disposition.term} before the window ended"
        if too_little(study, one):
            return "Too little of the dose was given"
        return None

    def consider_decision(self) -> None:
        """Propose a dose decision the next day, where there is one to take."""
        if can_propose(self.desk.study, self.desk.state, self.desk.clock.time):
            self.desk.after(DAY, self._propose)
        elif not self._asks_again and self._waits_for_follow_up():
            self._asks_again = True
            self.desk.after(_ASKED_AGAIN, self._ask_again)

    def _waits_for_follow_up(self) -> bool:
        """Whether days that pass may let the rule decide, without anything else that happens."""
        study, state = self.desk.study, self.desk.state
        if study.dose_escalation is None or state.open_level is None or state.stopped:
            return False
        return study.rule.weighs_follow_up and bool(state.recommendation(study, self.desk.clock.time).waits_for)

    def _ask_again(self) -> None:
        self._asks_again = False
        self.consider_decision()

    def _propose(self) -> None:
        desk, state = self.desk, self.desk.state
        standing = state.open_decision
        stands = standing is not None and standing.outcomes == state.outcomes(desk.study, standing.at)
        if stands or not can_propose(desk.study, state, desk.clock.time):
            return
        decision = state.recommendation(desk.study, desk.clock.time).decision.value
        attendees = tuple(desk.signer(role) for role in desk.study.signers)
        desk.do(cmd.ProposeDoseDecision, by=desk.signer("investigator"), decision=decision, attendees=attendees)
        for place, role in enumerate(desk.study.signers):
            wait = HOUR if place == 0 else place * DAY
            desk.after(wait, lambda role=role: self._sign(role))  # type: ignore[misc]

    def _sign(self, role: Role) -> None:
        """Sign the decision that stands; where outcomes changed meanwhile, it is proposed again."""
        desk, state = self.desk, self.desk.state
        decision = state.open_decision
        if decision is None or decision.outcomes != state.outcomes(desk.study, decision.at):
            self.consider_decision()
            return
        if any(signed == role for signed, _, _ in decision.signatures):
            return
        desk.do(cmd.SignDoseDecision, by=desk.signer(role), number=decision.number, content=decision.content)
        if desk.state.decisions[-1].taken:
            self._open_level()

    def _open_level(self) -> None:
        desk, state = self.desk, self.desk.state
        decision = state.last_taken
        if state.stopped or state.open_level is not None or decision is None or not decision.dose:
            return
        if self.paused:
            desk.after(DAY, self._open_level)
            return
        desk.do(cmd.OpenDoseLevel, by=SPONSOR, level=decision.dose)

    def consider_review(self) -> None:
        """Review the open cohort once it is full, all of it is treated, and the protocol's time is over."""
        groups = self.desk.state.groups
        if not groups or groups[-1].name in self._reviewing or self._due_cohort() is None:
            return
        treated = self._treated(groups[-1])
        if treated is not None:
            self._reviewing.add(groups[-1].name)
            wait = next(one.review_after for one in self.desk.study.cohorts if one.name == groups[-1].name) or 0
            self.desk.at(treated + timedelta(days=wait, hours=1), self._review)

    def _review(self) -> None:
        desk, group = self.desk, self.desk.state.groups[-1]
        self._reviewing.discard(group.name)
        if self._treated(group) is None:
            return
        attendees = tuple(desk.signer(role) for role in desk.study.signers)
        for role in desk.study.signers:
            if role not in review_signed_by(desk.study, desk.state, group):
                desk.do(
                    cmd.ReviewCohort,
                    by=desk.signer(role),
                    cohort=group.name,
                    conclusion="continue",
                    reason="No adverse event of the cohort speaks against the next one",
                    attendees=attendees,
                    listings=cohort_listings(desk.state, group.name),
                )
        if self.paused:
            self._reviewing.add(group.name)
            desk.after(DAY, self._review)
            return
        desk.do(cmd.OpenCohort, by=SPONSOR, cohort=self._due_cohort())

    def _due_cohort(self) -> str | None:
        opened, cohorts = len(self.desk.state.groups), self.desk.study.cohorts
        return cohorts[opened].name if opened < len(cohorts) else None

    def _treated(self, group: Group) -> datetime | None:
        """When the last infusion of a full cohort began; None while it is not full, or somebody waits."""
        desk = self.desk
        place = Place(group=group.name, slots=group.slots)
        members = [one for one in desk.state.members(place) if one.holds_slot(desk.study)]
        infused = [one.infusion.at for one in members if one.infusion]
        return max(infused) if len(infused) == len(members) >= group.slots else None

    def review_pauses(self) -> None:
        """Review every pause that stands, some days later."""
        if self.paused:
            self.desk.after(_REVIEW_OF_A_PAUSE, self._resume)

    def _resume(self) -> None:
        desk = self.desk
        for pause in desk.state.standing_pauses:
            signed = {role for role, _, _ in pause.signatures}
            for role in desk.study.signers:
                if pause.action == "pause" and role not in signed:
                    reason = "The event was reviewed; the trial goes on"
                    desk.do(cmd.SignResumption, by=desk.signer(role), pause=pause.number, reason=reason)

    def _nothing_outstanding(self) -> None:
        """Take down the visits that nobody came to, close every query, and end the trial where more could come in."""
        desk = self.desk
        for one in desk.state.subjects.values():
            for visit in outstanding_visits(desk.study, desk.state, one, desk.clock.time) if one.enrolled else ():
                by, why = desk.at_site("coordinator", one.id), "subject did not come"
                desk.do(cmd.MissVisit, by=by, subject=one.id, visit=visit, reason=why)
            for query in one.queries:
                asked = {"subject": one.id, "query": query.number}
                if query.status == "open":
                    by = desk.at_site("coordinator", one.id)
                    desk.do(cmd.AnswerQuery, by=by, **asked, text="It is so in the source")
                if query.status != "closed":
                    desk.do(cmd.CloseQuery, by=desk.signer("monitor"), **asked)
        if goes_on(desk.study, desk.state, desk.clock.time):
            desk.do(cmd.StopTrial, by=SPONSOR, reason="Everybody who was to be rehearsed has left or completed")

    def end(self) -> None:
        """Lock the data once everybody has left or completed, and unblind where somebody was blinded."""
        desk, state = self.desk, self.desk.state
        signed_first = any(one.before == "lock" for one in desk.study.endorsements)
        if state.locked or signed_first or not all(one.disposition for one in state.subjects.values()):
            return
        desk.clock.move(desk.clock.time + 7 * DAY)
        self._nothing_outstanding()
        desk.do(cmd.LockData, by=SPONSOR)
        if masked(desk.study) and state.randomised:
            desk.do(cmd.RequestUnblinding, by=SPONSOR, reason="The data are locked")
            desk.clock.move(desk.clock.time + HOUR)
            desk.do(cmd.ApproveUnblinding, by=desk.signer("investigator"))
