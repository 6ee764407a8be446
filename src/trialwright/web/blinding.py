"""The forms of allocation and blinding: randomise, break a code, unblind."""

from __future__ import annotations

from trialwright.conduct import commands as cmd
from trialwright.web.entry_forms import EntryForm
from trialwright.web.form_fields import text


class RandomiseForm(EntryForm):
    """Draw the arm."""

    command = cmd.RandomiseSubject
    title = "Randomise"
    button = "Randomise the subject"
    intro = "The next place of the sealed list is the subject's. It is never drawn again."

    def done(self) -> str:
        """Name the subject."""
        return f"{self.fixed['subject']} is randomised."


class RandomisedInErrorForm(EntryForm):
    """Say that a subject should not have been randomised."""

    command = cmd.DeclareRandomisedInError
    title = "Randomised in error"
    button = "Record that it was an error"
    intro = "The subject keeps its place in the list and its arm. Nothing is erased, and the arm is not shown."
    reason = text("Reason", "Why the subject should not have been randomised.", rows=3)

    def done(self) -> str:
        """Name the subject."""
        return f"It is recorded that {self.fixed['subject']} was randomised in error."


class BreakCodeForm(EntryForm):
    """See one arm, at once."""

    command = cmd.BreakCode
    title = "Emergency code-break"
    button = "Break the code and show the arm"
    intro = (
        "You see the arm of this subject at once, and you alone. The sponsor sees that you did, when and why, and not "
        "what the arm is. Do it where the treatment of an emergency depends on it."
    )
    reason = text("Reason", "What makes the arm necessary to know now. Do not name an arm.", rows=2)

    def done(self) -> str:
        """Name the subject, not the arm."""
        return f"The code of {self.fixed['subject']} is broken for you; the arm stands below."


class RequestUnblindingForm(EntryForm):
    """Ask for the unblinding of the trial."""

    command = cmd.RequestUnblinding
    title = "Request the unblinding"
    button = "Request the unblinding of the trial"
    intro = "Once a person of another role approves it, everybody with a role sees every arm. The data must be locked."
    reason = text("Reason", "Such as: the planned analysis.", rows=2)

    def done(self) -> str:
        """Say what it waits for."""
        return "The unblinding is requested and waits for a person of another role."


class ApproveUnblindingForm(EntryForm):
    """Agree to the unblinding."""

    command = cmd.ApproveUnblinding
    title = "Approve the unblinding"
    button = "Approve: everybody sees the arms from now on"
    intro = "This cannot be undone."

    def done(self) -> str:
        """Say what holds now."""
        return "The trial is unblinded."
