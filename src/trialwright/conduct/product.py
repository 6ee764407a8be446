"""Deciding on lots of the product: receipt, release, quarantine, assignment, disposal, and which lot may be given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.conduct.stock import Lot


def receive_lot(case: Case, command: cmd.ReceiveLot) -> Decided:
    """Take a lot into the pharmacy of the giver's site; it is not released yet."""
    if command.for_subject is not None:
        subject = case.subject(command.for_subject)
        if isinstance(subject, Refusal):
            return subject
    faults = list(_receipt_faults(case, command))
    if faults:
        return invalid("lot.receipt", " ".join(faults), "Correct what the label says; nothing was saved.")
    return (
        case.kept(
            ev.LotReceived,
            lot=command.lot,
            product=command.product,
            containers=command.containers,
            volume_ml=command.volume_ml,
            expires_at=command.expires_at,
            concentration_per_ml=command.concentration_per_ml,
            viability_pct=command.viability_pct,
            for_subject=command.for_subject,
        ),
    )


def _receipt_faults(case: Case, command: cmd.ReceiveLot) -> Iterator[str]:
    stock = case.stock
    if command.lot in stock.lots:
        yield f"There is a lot {command.lot} already."
    if command.product not in {product.name for product in case.study.products}:
        yield f"There is no product '{command.product}'."
    if command.expires_at <= command.at:
        yield f"The lot expired on {command.expires_at:%Y-%m-%d %H:%M} UTC."
    if (command.concentration_per_ml is None) != (command.viability_pct is None):
        yield "Cell concentration and viability are given together."
    known = {coi for lot in stock.lots.values() for coi in lot.containers}
    for coi, times in Counter(command.containers).items():
        if times > 1 or coi in known:
            yield f"There is a container {coi} already."


def release_lot(case: Case, command: cmd.ReleaseLot) -> Decided:
    """Let a lot be given."""
    lot = _lot(case, command.lot)
    if isinstance(lot, Refusal):
        return lot
    if lot.status == "released":
        return invalid("lot.released", f"Lot {lot.id} is released already.", "Nothing to do.")
    if lot.expires_at <= command.at:
        return _expired(case, lot)
    return (case.kept(ev.LotReleased, lot=lot.id, reason=command.reason),)


def quarantine_lot(case: Case, command: cmd.QuarantineLot) -> Decided:
    """Keep a lot from being given, and withdraw what was prepared from it and was not begun."""
    lot = _lot(case, command.lot)
    if isinstance(lot, Refusal):
        return lot
    if lot.status == "quarantined":
        return invalid("lot.quarantined", f"Lot {lot.id} is in quarantine already.", "Nothing to do.")
    return (case.kept(ev.LotQuarantined, lot=lot.id, reason=command.reason), *_withdrawn(case, lot, command.reason))


def assign_lot(case: Case, command: cmd.AssignLot) -> Decided:
    """Keep a lot for one subject of the same site, before anything of it was taken for somebody else."""
    subject = case.subject(command.for_subject)
    if isinstance(subject, Refusal):
        return subject
    lot = _lot(case, command.lot)
    if isinstance(lot, Refusal):
        return lot
    others = {one.subject for one in case.stock.from_lot(lot.id)} - {subject.id}
    if (lot.for_subject not in {None, subject.id}) or others:
        return _other_subject(case, lot, subject)
    return (case.kept(ev.LotAssigned, lot=lot.id, for_subject=subject.id),)


def dispose_lot(case: Case, command: cmd.DisposeLot) -> Decided:
    """Return or destroy a lot, and withdraw what was prepared from it and was not begun."""
    lot = _lot(case, command.lot)
    if isinstance(lot, Refusal):
        return lot
    return (
        case.kept(ev.LotDisposed, lot=lot.id, how=command.how, reason=command.reason),
        *_withdrawn(case, lot, command.reason),
    )


def report_manufacturing_failure(case: Case, command: cmd.ReportManufacturingFailure) -> Decided:
    """Record that no product could be made, which is no screen failure, by the protocol's own rule of replacement."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    rule = case.preparation.manufacturing_failure
    if rule is None:
        return Refusal(
            code="product.no_rule",
            reason="The protocol does not say what becomes of a subject for whom no product could be made.",
            rule=case.rule("preparation > manufacturing failure"),
            mend="Amend the protocol.",
        )
    if not subject.enrolled or subject.course.infusions:
        mend = "A failure is recorded between enrolment and the first infusion."
        return invalid("product.no_slot", f"{subject.id} waits for no first infusion.", mend, case.rule("preparation"))
    if subject.course.replaced or subject.not_evaluable is not None:
        return invalid("subject.no_slot", f"{subject.id} holds no slot that is still open.", "Check the number.")
    return (case.stamp(ev.ManufacturingFailed, subject=subject.id, reason=command.reason, replaced=rule == "replaced"),)


def lot_refusal(case: Case, number: str, subject: Subject, containers: tuple[str, ...]) -> Lot | Refusal:
    """The lot, if it and these containers of it may be given to a subject now."""
    lot = _lot(case, number, given=True)
    if isinstance(lot, Refusal):
        return lot
    if lot.status != "released":
        return _not_released(case, lot)
    if lot.expires_at <= case.command.at:
        return _expired(case, lot)
    if lot.for_subject not in {None, subject.id}:
        return _other_subject(case, lot, subject)
    missing = [coi for coi in containers if coi not in lot.left]
    if missing or len(set(containers)) < len(containers):
        return Refusal(
            code="lot.container",
            reason=f"Lot {lot.id} has no unused container {', '.join(missing or containers)}.",
            rule="chain of identity: each container is given once",
            mend=f"Take of: {', '.join(lot.left) or 'another lot'}.",
        )
    return lot


def discarded(case: Case, subject: str, preparation: int, reason: str) -> tuple[ev.Event, ...]:
    """The events by which a preparation is thrown away."""
    held = case.stock.dispensed[subject, preparation]
    return (
        case.stamp(ev.PreparationDiscarded, subject=subject, preparation=preparation),
        case.kept(ev.ProductDiscarded, subject=subject, preparation=preparation, lot=held.lot, reason=reason),
    )


def _withdrawn(case: Case, lot: Lot, reason: str) -> tuple[ev.Event, ...]:
    ready = {(subject.id, one.number) for subject in case.state.subjects.values() for one in subject.course.waiting}
    held = (one for one in case.stock.from_lot(lot.id) if (one.subject, one.preparation) in ready)
    return tuple(event for one in held for event in discarded(case, one.subject, one.preparation, reason))


def _lot(case: Case, number: str, *, given: bool = False) -> Lot | Refusal:
    """A lot of the giver's own site that is still there; one of another site does not exist for them."""
    lot = case.stock.lots.get(number)
    if lot is None or lot.site != case.site:
        return Refusal(
            code="lot.unknown",
            reason=f"There is no lot {number} at your site.",
            rule="roles: a lot is given at the site that received it",
            mend="Check the lot's number; a lot of another site is not given here.",
            recorded=given,
        )
    if lot.status in {"returned", "destroyed"}:
        return _not_released(case, lot)
    return lot


def _not_released(case: Case, lot: Lot) -> Refusal:
    why = f": {lot.reason}" if lot.reason else ""
    if lot.status == "quarantined":
        return Refusal(
            code="lot.quarantined",
            reason=f"Lot {lot.id} is in quarantine{why}.",
            rule=case.rule("products"),
            mend="Take a released lot.",
        )
    return Refusal(
        code="lot.not_released",
        reason=f"Lot {lot.id} was {lot.status}{why}, and was not released.",
        rule=case.rule("products"),
        mend="Take a released lot; one that was received is released by its certificate.",
    )


def _expired(case: Case, lot: Lot) -> Refusal:
    return Refusal(
        code="lot.expired",
        reason=f"Lot {lot.id} expired on {lot.expires_at:%Y-%m-%d %H:%M} UTC.",
        rule=case.rule("products"),
        mend="Take a lot that has not expired.",
    )


def _other_subject(case: Case, lot: Lot, subject: Subject) -> Refusal:
    return Refusal(
        code="lot.other_subject",
        reason=f"Lot {lot.id} is not for {subject.id}: it is kept for, or was given to, somebody else.",
        rule=case.rule("products"),
        mend="Take the lot of this subject.",
    )
