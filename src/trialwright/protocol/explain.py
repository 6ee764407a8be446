"""The protocol's prose, from the same objects that run it, in the chapters of ICH M11."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.protocol.element import elements
from trialwright.protocol.explain_design import design
from trialwright.protocol.explain_population import assessments, discontinuation, intervention, population
from trialwright.protocol.explain_statistics import safety, statistics
from trialwright.protocol.explain_summary import introduction, objectives, summary
from trialwright.protocol.explain_words import counted, element_label
from trialwright.protocol.prose import Block, Heading, Note, Paragraph, Table, markdown
from trialwright.protocol.prose_page import page
from trialwright.protocol.study import Study

_CHAPTERS = (
    *(summary, introduction, objectives, design, population, intervention),
    *(discontinuation, assessments, safety, statistics),
)


def explain(study: Study, *, computed: bool = True) -> str:
    """Write a protocol as Markdown.

    The chapters and their order are those of ICH M11, with the assumption ledger, which M11 does not have, as an
    appendix. What an ethics committee asks and the protocol file does not hold stands as a note to the sponsor.

    Args:
        study: The protocol.
        computed: Whether criteria stand in the language of the protocol file too, beside their words.

    Returns:
        Markdown with pipe tables, ending in a newline.

    Raises:
        ProtocolError: The numbers of the dose rule do not fit together.

    Source: ICH M11 (2025), Clinical Electronic Structured Harmonised Protocol, template.
    """
    blocks = _blocks(study)
    if not computed:
        blocks = (block.in_words() if isinstance(block, Table) else block for block in blocks)
    return markdown(tuple(blocks))


def explain_html(study: Study) -> str:
    """Write a protocol as one HTML page that needs nothing else; its text is that of `explain`.

    Raises:
        ProtocolError: The numbers of the dose rule do not fit together.
    """
    return page(tuple(_blocks(study)), f"{study.id}, version {study.version}")


def _blocks(study: Study) -> Iterator[Block]:
    yield Heading(1, study.title)
    record = f" Registered record: {study.record}." if study.record else " No registered record is named."
    yield Paragraph(f"Protocol {study.id}, version {study.version}.{record}")
    yield Note(
        "Draft written by Trialwright from the protocol file, which is what checks, simulates and runs the trial."
    )
    for chapter in _CHAPTERS:
        yield from chapter(study)
    yield from _oversight(study)
    yield from _ledger(study)


def _oversight(study: Study) -> Iterator[Block]:
    yield Heading(2, "11 Trial oversight and other general considerations")
    yield Paragraph(
        f"The trial is conducted at {counted(study.sites.planned, 'site')}. Every entry of its record names who made "
        "it, when and in which role; entries are never changed, and each is chained to the one before it."
    )
    yield Note(
        "To be completed by the sponsor: approvals, informed consent, protection of data, insurance, monitoring, and "
        "publication."
    )


def _ledger(study: Study) -> Iterator[Block]:
    yield Heading(2, "12 Appendix: assumption ledger")
    assumed = [(path, e) for path, e in elements(study) if e.assumed]
    total = sum(1 for _ in elements(study))
    yield Paragraph(
        f"{len(assumed)} of {total} elements of this protocol rest, in whole or in part, on what the registered record "
        "does not say. Each is listed with the reason for the choice."
    )
    if assumed:
        rows = [
            (element_label(path, e), ", ".join(e.at) or "not stated", " ".join((e.assumed or "").split()))
            for path, e in assumed
        ]
        yield Table.of("What is assumed.", ("Element", "In the record at", "Assumed"), rows)
