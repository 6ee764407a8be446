"""Deciding that the volume given of an infusion was taken down wrongly, and what that changes for the dose rule."""

from __future__ import annotations

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.dosing import too_little
from trialwright.conduct.evolve import evolve
from trialwright.conduct.oversight import paused
from trialwright.conduct.refusal import Refusal


def correct_given_volume(case: Case, command: cmd.CorrectGivenVolume) -> Decided:
    """Correct the volume given; cells given, exposure and evaluability follow from it.

    A subject whom the dose rule has counted without a DLT, and who received too little by the right volume, pauses the
    trial: it is then declared not evaluable.
    """
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    found = next((one for one in subject.course.infusions if one.preparation == command.preparation), None)
    if found is None or found.given_ml is None:
        what = f"No volume of preparation {command.preparation} of {subject.id} was taken down as given."
        return invalid("volume.none", what, "Enter it when the infusion is halted or ends, or check the number.")
    prepared = found.prepared_ml or found.planned_ml
    if command.given_ml > prepared:
        what = f"{command.given_ml:f} mL are more than the {prepared:f} mL prepared."
        return invalid("volume.more", what, "Correct the volume.")
    if command.given_ml == found.given_ml:
        return invalid("volume.same", f"The volume given already is {found.given_ml:f} mL.", "Nothing to correct.")
    told = {"was": found.given_ml, "given_ml": command.given_ml, "reason": command.reason}
    corrected = case.stamp(ev.GivenVolumeCorrected, subject=subject.id, preparation=command.preparation, **told)
    after = evolve(case.state, corrected)
    now = after.subjects[subject.id]
    lost = now.window_closed and not any(event.dlt for event in now.adverse_events)
    if not lost or too_little(case.study, subject) or not too_little(case.study, now):
        return (corrected,)
    why = (
        f"A subject counted without a dose-limiting toxicity received too little of the dose by entry {after.sequence}."
    )
    return (corrected, paused(case, "dose escalation > dlt window > dose at least", "pause", why))
