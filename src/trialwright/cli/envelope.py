"""The page of a sealed envelope: a cover, and beneath the fold the arm of one subject."""

from __future__ import annotations

from html import escape

from trialwright.protocol.study import Study

_STYLE = """
@page { size: A4 } body { font: 12pt/1.5 serif; margin: 0 } section { height: 46vh; padding: 1cm 2cm }
.inside { border-top: 1px dashed; page-break-inside: avoid } .line { border-bottom: 1px solid; height: 1cm }
"""
_COVER = """<h1>{study}: subject {subject}, site {site}</h1>
<p>Sealed. Open it only in an emergency in which the treatment must be known and the system does not answer.</p>
<p>Who opens it writes here, and records it in the system afterwards as an emergency code-break:</p>
<p>Name, date and time</p><div class="line"></div><p>Reason</p><div class="line"></div>"""


def envelope(study: Study, subject: str, site: str, arm: str, longest: int) -> str:
    """Write the page of one subject; it is as long for every arm.

    Args:
        study: The protocol.
        subject: The subject's number.
        site: The site's number.
        arm: The subject's arm.
        longest: Bytes of the longest name of an arm.
    """
    cover = _COVER.format(study=escape(study.id), subject=escape(subject), site=escape(site))
    blank = " " * (6 * longest - len(escape(arm).encode()))
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(study.id)} {escape(subject)}</title>'
        f"<style>{_STYLE}</style>\n<section>{cover}</section>\n"
        f'<section class="inside"><p>Fold here. Subject {escape(subject)} is in the arm:</p>'
        f"<p><strong>{escape(arm)}</strong>{blank}</p></section></html>\n"
    )
