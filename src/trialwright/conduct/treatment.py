"""Deciding the infusion: who, when, and how much."""

from __future__ import annotations

from datetime import timedelta

from trialwright.clinical.cell_dose import CellDose, cell_dose_volume
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import LevelState, Subject


def administer_infusion(case: Case, command: cmd.AdministerInfusion) -> Decided:
    """Compute the dose from level, weight and product, unless a guard of the protocol stands against it."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    level = _may_receive(case, subject)
    if isinstance(level, Refusal):
        return level
    fault = _weight_fault(case, command) or _stagger(case, level)
    if fault:
        return fault
    dose = _dose(case, command, level)
    given = command.given_ml if command.given_ml is not None else dose.volume_ml_rounded
    if given != dose.volume_ml_rounded and command.reason is None:
        return invalid(
            "volume.reason",
            f"{given} mL were given and {dose.volume_ml_rounded} mL were planned, without a reason.",
            "Say why the volumes differ.",
        )
    return (
        case.stamp(
            ev.InfusionAdministered,
            subject=subject.id,
            level=level.level,
            dose_cells_per_kg=case.study.dose(level.level).cells_per_kg,
            weight_kg=command.weight_kg,
            concentration_per_ml=command.concentration_per_ml,
            viability_pct=command.viability_pct,
            planned_cells=dose.total_viable_cells,
            planned_ml=dose.volume_ml_rounded,
            given_ml=given,
            reason=command.reason,
        ),
    )


def _may_receive(case: Case, subject: Subject) -> LevelState | Refusal:
    if subject.level is None:
        verdict = subject.verdict or "not assessed"
        return Refusal(
            code="subject.not_enrolled",
            reason=f"{subject.id} is not enrolled (eligibility: {verdict}).",
            rule=case.rule("criteria"),
            mend="Only an eligible subject with a slot at the open dose level is treated.",
        )
    if subject.infusion is not None:
        return Refusal(
            code="subject.infused",
            reason=f"{subject.id} received the infusion on {subject.infusion.at:%Y-%m-%d %H:%M} UTC.",
            rule=case.rule("products > route"),
            mend="Each subject receives one infusion.",
        )
    if subject.not_evaluable is not None:
        return Refusal(
            code="subject.out",
            reason=f"{subject.id} gave the slot back: {subject.not_evaluable}",
            rule=case.rule("dose escalation > rule > cohort"),
            mend="Screen and enrol another subject.",
        )
    level = case.open_level()
    if isinstance(level, LevelState) and subject.level != level.level:
        return Refusal(
            code="subject.level_closed",
            reason=f"{subject.id} is enrolled at level {subject.level}, which is closed.",
            rule=case.rule("dose escalation > open dose levels > at once"),
            mend="Declare the subject not evaluable; another one is enrolled at the open level.",
        )
    return level


def _weight_fault(case: Case, command: cmd.AdministerInfusion) -> Refusal | None:
    item = case.study.item("weight")
    if item is None or item.range is None or item.range[0] <= command.weight_kg <= item.range[1]:
        return None
    return invalid(
        "weight.range",
        f"A weight of {command.weight_kg} kg is outside {item.range[0]} to {item.range[1]} kg.",
        "Weigh the subject again and correct the number.",
        case.rule("items > weight"),
    )


def _stagger(case: Case, level: LevelState) -> Refusal | None:
    earliest = case.state.stagger_ends(case.study, level.level)
    if earliest is None or case.command.at >= earliest:
        return None
    days = case.study.stagger_days(level.level)
    last = earliest - timedelta(days=days)
    return Refusal(
        code="stagger",
        reason=f"The last infusion at level {level.level} was on {last:%Y-%m-%d %H:%M} UTC, less than {days} days ago.",
        rule=case.rule("dose escalation > stagger"),
        mend=f"The next infusion at this level may be given from {earliest:%Y-%m-%d %H:%M} UTC.",
    )


def _dose(case: Case, command: cmd.AdministerInfusion, level: LevelState) -> CellDose:
    return cell_dose_volume(
        dose_cells_per_kg=case.study.dose(level.level).cells_per_kg,
        weight_kg=command.weight_kg,
        total_cell_concentration_per_ml=command.concentration_per_ml,
        viability_pct=command.viability_pct,
    )
