"""The one place that decides: a command becomes events, or a refusal with its rule. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from trialwright.conduct import (
    administration,
    allocation,
    blinding,
    commands,
    data,
    eligibility,
    enrolment,
    escalation,
    export,
    given_volume,
    locks,
    medicine,
    oversight,
    participation,
    preparation,
    product,
    queries,
    rescue,
    safety,
    screening,
    signatures,
    trail,
    treatment,
    versions,
    visits,
)
from trialwright.conduct.case import Case, Decided
from trialwright.conduct.commands import Command
from trialwright.conduct.events import CommandRefused, Event, SealedCommandRefused
from trialwright.conduct.exposure import with_open_arms
from trialwright.conduct.locks import locked_out
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.roles import MAY, may
from trialwright.conduct.sealed import Sealed, Secret
from trialwright.conduct.state import State
from trialwright.protocol.study import Study

__all__ = ["NOTHING_SEALED", "Sealed", "Secret", "decide", "refused"]

NOTHING_SEALED = Sealed()
"""What an open-label trial hands to `decide` and `view`."""

_DECIDERS: dict[type[Command], Callable[[Case, Any], Decided]] = {
    commands.AdoptProtocol: administration.adopt_protocol,
    commands.AmendProtocol: versions.amend_protocol,
    commands.ApproveAmendment: versions.approve_amendment,
    commands.ConfirmRole: administration.confirm_role,
    commands.OpenSite: administration.open_site,
    commands.GrantRole: administration.grant_role,
    commands.RevokeRole: administration.revoke_role,
    commands.OpenDoseLevel: escalation.open_dose_level,
    commands.ScreenSubject: screening.screen_subject,
    commands.AssessEligibility: eligibility.assess_eligibility,
    commands.RecordReconsent: participation.record_reconsent,
    commands.RecordDisposition: participation.record_disposition,
    commands.CorrectDisposition: participation.correct_disposition,
    commands.StartRescue: rescue.start_rescue,
    commands.InvokeStoppingRule: oversight.invoke_stopping_rule,
    commands.StopTrial: oversight.stop_trial,
    commands.SignResumption: oversight.sign_resumption,
    commands.ReserveSlot: enrolment.reserve_slot,
    commands.ReleaseSlot: enrolment.release_slot,
    commands.EnrolSubject: enrolment.enrol_subject,
    commands.ReviewCohort: enrolment.review_cohort,
    commands.OpenCohort: enrolment.open_cohort,
    commands.RandomiseSubject: allocation.randomise_subject,
    commands.ChooseArm: allocation.choose_arm,
    commands.DeclareRandomisedInError: allocation.declare_randomised_in_error,
    commands.BreakCode: blinding.break_code,
    commands.RequestUnblinding: blinding.request_unblinding,
    commands.ApproveUnblinding: blinding.approve_unblinding,
    commands.PrintEnvelopes: blinding.print_envelopes,
    commands.ReceiveLot: product.receive_lot,
    commands.ReleaseLot: product.release_lot,
    commands.QuarantineLot: product.quarantine_lot,
    commands.AssignLot: product.assign_lot,
    commands.DisposeLot: product.dispose_lot,
    commands.ReportManufacturingFailure: product.report_manufacturing_failure,
    commands.PrescribeDose: preparation.prescribe_dose,
    commands.PrepareInfusion: preparation.prepare_infusion,
    commands.DiscardPreparation: preparation.discard_preparation,
    commands.CorrectWeight: preparation.correct_weight,
    commands.MatchIdentity: preparation.match_identity,
    commands.OverrideStagger: treatment.override_stagger,
    commands.StartInfusion: treatment.start_infusion,
    commands.InterruptInfusion: treatment.interrupt_infusion,
    commands.ResumeInfusion: treatment.resume_infusion,
    commands.CompleteInfusion: treatment.complete_infusion,
    commands.AbortInfusion: treatment.abort_infusion,
    commands.CorrectGivenVolume: given_volume.correct_given_volume,
    commands.PrescribeMedicine: medicine.prescribe_medicine,
    commands.StopMedicine: medicine.stop_medicine,
    commands.VoidMedicine: medicine.void_medicine,
    commands.ReportAdverseEvent: safety.report_adverse_event,
    commands.GradeAdverseEvent: safety.grade_adverse_event,
    commands.CorrectAdverseEvent: safety.correct_adverse_event,
    commands.VoidAdverseEvent: safety.void_adverse_event,
    commands.FollowUpAdverseEvent: safety.follow_up_adverse_event,
    commands.AssessSeriousness: safety.assess_seriousness,
    commands.AssessRelatedness: safety.assess_relatedness,
    commands.AdjudicateDlt: safety.adjudicate_dlt,
    commands.CloseDltWindow: safety.close_dlt_window,
    commands.DeclareNotEvaluable: safety.declare_not_evaluable,
    commands.ProposeDoseDecision: escalation.propose_dose_decision,
    commands.SignDoseDecision: escalation.sign_dose_decision,
    commands.SetTimeZone: visits.set_time_zone,
    commands.HoldVisit: visits.hold_visit,
    commands.HoldUnscheduledVisit: visits.hold_unscheduled_visit,
    commands.MissVisit: visits.miss_visit,
    commands.PlanDay: visits.plan_day,
    commands.RecordData: data.record_data,
    commands.CorrectData: data.correct_data,
    commands.OpenQuery: queries.open_query,
    commands.AnswerQuery: queries.answer_query,
    commands.CloseQuery: queries.close_query,
    commands.VerifySource: queries.verify_source,
    commands.LockData: locks.lock_data,
    commands.UnlockData: locks.unlock_data,
    commands.SignContent: signatures.sign_content,
    commands.RedactText: trail.redact_text,
    commands.ReviewTrail: trail.review_trail,
    commands.RecordExport: export.record_export,
}


_DISPENSARY: tuple[type[Command], ...] = (
    commands.ReceiveLot,
    commands.ReleaseLot,
    commands.QuarantineLot,
    commands.AssignLot,
    commands.DisposeLot,
    commands.PrepareInfusion,
    commands.DiscardPreparation,
    commands.CorrectWeight,
)
"""Commands that are decided by what is sealed in a masked trial; why one is refused stays sealed too."""


def decide(study: Study, state: State, sealed: Sealed, command: Command) -> tuple[Event, ...] | Refusal:
    """Decide a command.

    Args:
        study: The adopted protocol.
        state: The trial before the command.
        sealed: Allocations, and the list that the next one is drawn from; an open-label trial has none.
        command: What is asked, by whom and when.

    Returns:
        The events that follow, in order, each for its stream, or why not.
    """
    name = type(command).__name__
    state = with_open_arms(study, state, sealed)
    person = state.people.get(command.by)
    founding = isinstance(command, commands.AdoptProtocol)
    if not founding and not may(person.role if person else None, name):
        return Refusal(
            code="role.may_not",
            reason=f"{command.by} ({person.role if person else 'no role'}) may not give the command {name}.",
            rule=f"roles: {name} is for {', '.join(sorted(MAY[name]))}",
            mend="Ask somebody with that role.",
            kind=Kind.PERMISSION,
        )
    case = Case(study, state, command, person, sealed)
    held = oversight.held(case) or participation.left(case) or locked_out(case, command)
    decided = held or _DECIDERS[type(command)](case, command)
    if isinstance(decided, Refusal) and case.masked and isinstance(command, _DISPENSARY):
        return replace(decided, sealed=True)
    return decided


def refused(study: Study, state: State, command: Command, refusal: Refusal) -> Event:
    """The event by which a refusal that bears on safety or rights goes into the log."""
    case = Case(study, state, command, state.people.get(command.by), NOTHING_SEALED)
    kind = SealedCommandRefused if refusal.sealed else CommandRefused
    return case.stamp(kind, command=type(command).__name__, code=refusal.code, rule=refusal.rule, reason=refusal.reason)
