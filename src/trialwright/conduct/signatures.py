"""Signatures: what they bind, whether they stand, who has to sign again, and deciding that somebody signs.

What is bound is the record itself: the canonical bytes of every entry about the subject, or about one of its visits,
that changes data, each with its sequence number. Nothing can be copied under another record or change unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.data_state import Signature
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.conduct.visits import subject_and_visit
from trialwright.protocol.oversight import Endorsement, Milestone
from trialwright.protocol.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContent:
    """What a signature binds.

    Attributes:
        text: One line for each entry: its sequence number, a space, its canonical bytes.
        sequence: The last entry's sequence number; 0 where there is none.
    """

    text: str
    sequence: int

    @property
    def sha256(self) -> str:
        """SHA-256 of the text in UTF-8."""
        return sha256(self.text.encode()).hexdigest()


def content(subject: Subject, visit: str | None, through: int | None = None) -> SignedContent:
    """What a signature over a subject, or over one of its visits, binds.

    Args:
        subject: The subject as it stands.
        visit: The visit's name as criteria write it; None for everything.
        through: The last entry that counts; all of them where none is named.
    """
    bound = [
        (sequence, event)
        for sequence, event in subject.record
        if event.changes_data
        and visit in {None, getattr(event, "visit", None)}
        and (through is None or sequence <= through)
    ]
    lines = [f"{sequence} {ev.encode(event).decode()}" for sequence, event in bound]
    return SignedContent(text="\n".join(lines), sequence=bound[-1][0] if bound else 0)


def holds(signature: Signature, subject: Subject) -> bool:
    """Whether a signature is one over this subject's record as it stood when it was signed."""
    return content(subject, signature.visit, signature.sequence).sha256 == signature.content


def to_sign_again(subject: Subject) -> tuple[Signature, ...]:
    """Signatures that a later change superseded, and that nobody of that role has given anew: each is a task."""
    standing = {_kind(one) for one in subject.signatures if one.superseded_by is None}
    newest = {_kind(one): one for one in subject.signatures if _kind(one) not in standing}
    return tuple(newest.values())


def unendorsed(study: Study, subject: Subject, before: Milestone) -> Iterator[str]:
    """The endorsements of a subject that the protocol wants before a milestone, and that do not stand."""
    for wanted in missing_endorsements(study, subject, before):
        yield f"{subject.id} by the {wanted.by} ({wanted.meaning})"


def missing_endorsements(study: Study, subject: Subject, before: Milestone) -> tuple[Endorsement, ...]:
    """The endorsements that the protocol wants of a subject before a milestone, and that do not stand."""
    standing = {(one.role, one.meaning) for one in subject.signatures if one.superseded_by is None and not one.visit}
    return tuple(one for one in study.endorsements if one.before == before and (one.by, one.meaning) not in standing)


def sign_content(case: Case, command: cmd.SignContent) -> Decided:
    """Sign what stands there, if it is what the signer saw."""
    subject, visit = case.subject(command.subject), None
    if command.visit is not None:
        found = subject_and_visit(case, command.subject, command.visit)
        if isinstance(found, Refusal):
            return found
        visit = found[1].name
    if isinstance(subject, Refusal):
        return subject
    bound = content(subject, visit)
    if not bound.sequence:
        return invalid("signature.empty", "Nothing was taken down there yet.", "Sign when there is something to sign.")
    if (command.content, command.sequence) != (bound.sha256, bound.sequence):
        return invalid(
            "signature.content",
            f"What you signed, as of entry {command.sequence}, is not what stands there as of entry {bound.sequence}.",
            "Read it again and sign what it says now.",
        )
    if any(_same(one, command, visit) for one in subject.signatures):
        return invalid("signature.same", f"{command.by} has signed this already.", "Nothing to do.")
    return (
        case.stamp(
            ev.ContentSigned,
            subject=subject.id,
            visit=visit,
            meaning=command.meaning,
            name=command.name,
            content=command.content,
            sequence=command.sequence,
        ),
    )


def _same(one: Signature, command: cmd.SignContent, visit: str | None) -> bool:
    return one.superseded_by is None and (one.by, one.meaning, one.visit) == (command.by, command.meaning, visit)


def _kind(one: Signature) -> tuple[object, ...]:
    return one.role, one.meaning, one.visit
