"""What came of a story, as text, as plain data, and as blocks of a page that a sponsor can sign and print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from trialwright.protocol.prose import Block, Heading, Note, Paragraph, Table
from trialwright.rehearse.story.clock import shown
from trialwright.rehearse.story.facts import text_of
from trialwright.rehearse.story.play import Played, PlayedStep

SCHEMA = "trialwright.play/1"
_LONGEST = 120
_MOST_PARTS = 8
"""So many values of a step are shown to people; `--json` has all."""


def as_text(played: Played, file: str, *, brief: bool = False) -> Iterator[str]:
    """The story line by line; each line that does not hold names its place in the file.

    Args:
        played: What came of it.
        file: Where the story stands.
        brief: Whether steps are left out that were accepted and came to what the story expects.
    """
    yield played.story.title
    for one in played.steps:
        if brief and one.holds and one.outcome != "refused":
            continue
        yield f"{'ok  ' if one.holds else 'FAIL'} {one.number:>3}  {_when(played, one):<12} {_what(one)}"
        if not one.holds or one.outcome == "refused":
            yield from (f"              {line}" for line in _came_to(one))
        for fact in one.facts:
            found = "" if fact.holds else f", found {fact.found}"
            yield f"              {'ok' if fact.holds else 'FAIL'}: {fact.fact}: {fact.expected}{found}"
        if not one.holds:
            yield f"              at {file}:{one.step.line}"
    yield played.status
    yield verdict(played)


def verdict(played: Played) -> str:
    """How the story ended, in one sentence."""
    if played.holds:
        return f"All {len(played.steps)} steps came to what the story expects."
    lines = ", ".join(dict.fromkeys(str(one.step.line) for one in played.failed))
    return f"{len(played.failed)} of {len(played.steps)} steps did not come to what the story expects: line {lines}."


def as_data(played: Played) -> dict[str, Any]:
    """Plain data for `--json`."""
    story = played.story
    return {
        "schema": SCHEMA,
        "title": story.title,
        "holds": played.holds,
        "protocol": {"id": story.study.id, "version": story.study.version, "sha256": _digest(story.protocol)},
        "seed": story.seed,
        "begins": story.begins.isoformat(),
        "events": played.sequence,
        "status": played.status,
        "failed": [one.number for one in played.failed],
        "steps": [_step_data(played, one) for one in played.steps],
    }


def as_blocks(played: Played, story_text: str, software: str) -> tuple[Block, ...]:
    """The protocol of the test: what was tested, what was expected and found, and who signs for it."""
    story = played.story
    about: list[Block] = [Paragraph(story.about)] if story.about else []
    failures: list[Block] = []
    if not played.holds:
        table = Table.of("Steps that did not come to what is expected", _HEADER, _rows(played, failed=True))
        failures = [Heading(2, "What failed"), table]
    return (
        Heading(1, story.title),
        Note(("Passed. " if played.holds else "Failed. ") + verdict(played)),
        *about,
        Heading(2, "What was tested"),
        Table.of("The test and what it ran on", ("what", "value"), _ran_on(played, story_text, software)),
        Table.of("People", ("who", "role", "site"), [_person(one) for one in story.people.values()]),
        *failures,
        Heading(2, "Steps"),
        Table.of("Steps, what was expected and what was found", _HEADER, _rows(played)),
        Heading(2, "Signatures"),
        Paragraph("I have read this protocol of the test and accept its result."),
        Table.of("Signatures", ("role", "name", "date", "signature"), [(role, "", "", "") for role in _SIGNERS]),
    )


_HEADER = ("step", "when", "who", "what", "expected", "found", "result")
_SIGNERS = ("Run by", "Reviewed by", "Sponsor")


def _rows(played: Played, *, failed: bool = False) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in played.steps:
        if failed and one.holds:
            continue
        facts = [f"{fact.fact}: {fact.expected}" for fact in one.facts]
        found = [f"{fact.fact}: {fact.found}" for fact in one.facts]
        expected = [one.expected] if one.step.command else []
        came_to = [". ".join(_came_to(one))] if one.step.command else []
        rows.append(
            (
                str(one.number),
                _when(played, one),
                f"{one.step.by} ({one.role or 'no role'})" if one.step.by else "",
                ". ".join(part for part in (one.step.say.rstrip("."), _given(one)) if part),
                "; ".join([*expected, *facts]),
                "; ".join([*came_to, *found]),
                "pass" if one.holds else "FAIL",
            )
        )
    return rows


def _ran_on(played: Played, story_text: str, software: str) -> list[tuple[str, str]]:
    story = played.story
    return [
        ("Result", "passed" if played.holds else "failed"),
        ("Protocol", f"{story.study.id} version {story.study.version}"),
        ("SHA-256 of the protocol", _digest(story.protocol)),
        ("SHA-256 of the story", _digest(story_text)),
        ("Software", f"Trialwright {software}"),
        ("Day 1 of the story", story.begins.isoformat()),
        ("Seed of typical values", str(story.seed)),
        ("Sealed list", "a throw-away one, from the seed in the story" if story.secret else "none"),
        ("Events in the log at the end", str(played.sequence)),
        ("Where the trial stands at the end", played.status),
    ]


def _person(person: Any) -> tuple[str, str, str]:
    return (person.id, person.role or "no role", person.site or "")


def _step_data(played: Played, one: PlayedStep) -> dict[str, Any]:
    step, refusal = one.step, one.refusal
    why = {} if refusal is None else {"code": refusal.code, "reason": refusal.reason, "rule": refusal.rule}
    return {
        "number": one.number,
        "line": step.line,
        "at": f"{step.at:%Y-%m-%dT%H:%M:%SZ}",
        "when": _when(played, one),
        "say": step.say,
        "by": step.by,
        "role": one.role,
        "do": step.do,
        "fields": _shown_fields(one.fields),
        "expected": one.expected if step.command else None,
        "outcome": one.outcome,
        "refusal": (why | {"mend": refusal.mend}) if refusal else None,
        "events": list(one.events),
        "facts": [{"fact": f.fact, "expected": f.expected, "found": f.found, "holds": f.holds} for f in one.facts],
        "holds": one.holds,
    }


def _shown_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {key: text_of(one) for key, one in value.items()} if isinstance(value, dict) else text_of(value)
        for name, value in fields.items()
    }


def _came_to(one: PlayedStep) -> Iterator[str]:
    if one.refusal:
        reason = one.refusal.reason.rstrip(".")
        yield f"{one.outcome} [{one.refusal.code}]: {reason}. Rule: {one.refusal.rule}"
    else:
        yield one.outcome
    if not one.as_expected:
        yield f"expected: {one.expected}"
        if one.refusal and one.refusal.mend:
            yield f"mend: {one.refusal.mend}"


def _what(one: PlayedStep) -> str:
    step = one.step
    if step.command is None:
        return step.say or "look"
    return f"{step.by} ({one.role or 'no role'}): {_given(one)} -> {one.outcome}"


def _given(one: PlayedStep) -> str:
    shown = ", ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in one.fields.items())
    return f"{one.step.do}: {shown}" if shown else one.step.do


def _short(value: Any) -> str:
    if isinstance(value, dict):
        parts = [f"{name} {_short(one)}" for name, one in value.items()]
        more = [f"and {len(parts) - _MOST_PARTS} more"] if len(parts) > _MOST_PARTS else []
        return f"({', '.join([*parts[:_MOST_PARTS], *more])})"
    text = " ".join(text_of(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _when(played: Played, one: PlayedStep) -> str:
    return shown(one.step.at, played.story.begins)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
