"""What happened: queries, source verification, locks, signatures, redaction and reviews. None of it changes data."""

from __future__ import annotations

from typing import ClassVar, Literal

from trialwright.conduct.events.base import EventBase
from trialwright.protocol.oversight import Meaning


class QueryOpened(EventBase):
    """Somebody asks the site about data."""

    changes_data: ClassVar[bool] = False

    type: Literal["QueryOpened.v1"] = "QueryOpened.v1"
    subject: str
    query: int
    visit: str | None
    item: str | None
    text: str


class QueryRaised(EventBase):
    """The protocol asks the site about a value that was saved although it is unusual.

    Attributes:
        rule: The part of the protocol that asks.
    """

    changes_data: ClassVar[bool] = False

    type: Literal["QueryRaised.v1"] = "QueryRaised.v1"
    subject: str
    query: int
    visit: str
    item: str
    text: str
    rule: str


class QueryRaisedV2(EventBase):
    """The protocol asks the site: about a value, a visit, or the subject.

    Attributes:
        rule: The part of the protocol, or the rule of conduct, that asks.
    """

    changes_data: ClassVar[bool] = False

    type: Literal["QueryRaised.v2"] = "QueryRaised.v2"
    subject: str
    query: int
    visit: str | None
    item: str | None
    text: str
    rule: str


class QueryAnswered(EventBase):
    """The site answered."""

    changes_data: ClassVar[bool] = False

    type: Literal["QueryAnswered.v1"] = "QueryAnswered.v1"
    subject: str
    query: int
    text: str


class QueryClosed(EventBase):
    """A query is over."""

    changes_data: ClassVar[bool] = False

    type: Literal["QueryClosed.v1"] = "QueryClosed.v1"
    subject: str
    query: int
    text: str | None


class SourceVerified(EventBase):
    """Data points agree with the source documents."""

    changes_data: ClassVar[bool] = False

    type: Literal["SourceVerified.v1"] = "SourceVerified.v1"
    subject: str
    visit: str
    items: tuple[str, ...]


class DataLocked(EventBase):
    """Data change no more: of the study, of a subject or of a visit."""

    changes_data: ClassVar[bool] = False

    type: Literal["DataLocked.v1"] = "DataLocked.v1"
    subject: str | None
    visit: str | None


class DataUnlocked(EventBase):
    """Data may change again, and signatures over them no longer stand."""

    type: Literal["DataUnlocked.v1"] = "DataUnlocked.v1"
    subject: str | None
    visit: str | None
    reason: str


class ContentSigned(EventBase):
    """Somebody signed exact content.

    Attributes:
        name: The signer's name as printed.
        meaning: What the signature means.
        content: SHA-256 of the canonical content.
        sequence: The last entry that the content holds.
    """

    changes_data: ClassVar[bool] = False

    type: Literal["ContentSigned.v1"] = "ContentSigned.v1"
    subject: str
    visit: str | None
    meaning: Meaning
    name: str
    content: str
    sequence: int


class TextRedacted(EventBase):
    """Words of an entry are shown to nobody any more.

    Attributes:
        removed: SHA-256 of the words, in UTF-8.
    """

    type: Literal["TextRedacted.v1"] = "TextRedacted.v1"
    subject: str
    entry: int
    field: str
    removed: str
    reason: str


class TrailReviewed(EventBase):
    """Somebody other than the authors read a subject's trail as far as an entry."""

    changes_data: ClassVar[bool] = False

    type: Literal["TrailReviewed.v1"] = "TrailReviewed.v1"
    subject: str
    through: int
    finding: str
