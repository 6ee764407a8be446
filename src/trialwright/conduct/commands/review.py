"""What is asked for: queries, source verification, locks, signatures, redaction and the review of the trail."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trialwright.conduct.commands.base import Command, Id, Words
from trialwright.protocol.oversight import Meaning


class OpenQuery(Command):
    """Ask the site about a subject, a visit or an item."""

    subject: Id
    visit: Words | None = None
    item: Words | None = None
    text: Words


class AnswerQuery(Command):
    """Answer a query; a correction of data is a command of its own."""

    subject: Id
    query: Annotated[int, Field(ge=1)]
    text: Words


class CloseQuery(Command):
    """End a query, with why where it was not answered."""

    subject: Id
    query: Annotated[int, Field(ge=1)]
    text: Words | None = None


class VerifySource(Command):
    """Say that data points agree with the source documents."""

    subject: Id
    visit: Words
    items: Annotated[tuple[Words, ...], Field(min_length=1)]


class LockData(Command):
    """Let data change no more: of the study, of a subject, or of a visit of a subject."""

    subject: Id | None = None
    visit: Words | None = None


class UnlockData(Command):
    """Let data change again; signatures over them no longer stand."""

    subject: Id | None = None
    visit: Words | None = None
    reason: Words


class SignContent(Command):
    """Sign what the log holds of a subject, or of one of its visits.

    Attributes:
        name: The signer's name as it is printed.
        content: SHA-256 of the content, as shown to the person who signs.
        sequence: The last entry that the content holds, as shown.
    """

    subject: Id
    visit: Words | None = None
    meaning: Meaning
    name: Words
    content: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    sequence: Annotated[int, Field(ge=1)]


class RedactText(Command):
    """Take words out of the sight of everybody, such as a name that was typed by mistake.

    Attributes:
        subject: The subject whose data the entry belongs to, where it belongs to one.
        entry: Sequence number of the entry.
        field: The field of the entry that holds the words.
    """

    subject: Id
    entry: Annotated[int, Field(ge=1)]
    field: Words
    reason: Words


class ReviewTrail(Command):
    """Say that a subject's trail was read as far as an entry, and what was found."""

    subject: Id
    through: Annotated[int, Field(ge=1)]
    finding: Words
