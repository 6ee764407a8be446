"""The verb that plays a story, a user's acceptance test of a protocol."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from trialwright import __version__
from trialwright.cli.console import AsJson, app, print_json, say, text_of, write
from trialwright.errors import InputError, StoryFailed
from trialwright.protocol.finding import Finding
from trialwright.protocol.prose_page import page
from trialwright.rehearse import VirtualClock
from trialwright.rehearse.story import Played, Story, as_blocks, as_data, as_text, play, read_story, verdict
from trialwright.trial import Trial

_SET_UP = time(8, 0)


@app.command("play")
def play_story(
    file: Annotated[
        Path, typer.Argument(metavar="STORY", help="A story (YAML); docs/stories.md says how to write one.")
    ],
    *,
    protocol: Annotated[
        Path | None, typer.Option(metavar="PROTOCOL", help="Play it against this protocol, not the one it names.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(metavar="LOG", help="Keep the log of the trial here; left out, it is thrown away.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the protocol of the test, to read, print and sign.")
    ] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Show only the steps that fail or are refused.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play a story, a scripted trial, and say of each step whether it came to what the story expects.

    Leaves with 0 when every expectation holds, with 8 when one does not, with 2 when the story cannot be read.

    Example: `trialwright play stories/NCT05962762/stagger_at_the_top_dose.yaml`
    """
    text = text_of(file)
    story, findings = read_story(
        text, lambda name: text_of(file.parent / name), text_of(protocol) if protocol else None
    )
    if story is None:
        _refuse(file, findings, as_json=as_json)
        return
    played = _played(story, log)
    if html:
        write(html, page(as_blocks(played, text, __version__), story.study.id).encode())
        say(f"wrote {html}")
    if as_json:
        print_json(as_data(played) | {"story": str(file), "log": str(log) if log else None})
    else:
        for line in as_text(played, str(file), brief=brief):
            typer.echo(line)
    if not played.holds:
        raise StoryFailed(f"{file}: {verdict(played)}")


def _played(story: Story, log: Path | None) -> Played:
    clock = VirtualClock(datetime.combine(story.begins, _SET_UP, UTC))
    with tempfile.TemporaryDirectory() as thrown_away:
        location = log or Path(thrown_away) / "trial.db"
        if location.exists():
            raise InputError(f"{location} already holds a trial, which is kept; choose another place with --log")
        begun = Trial.begin(location, story.protocol, by=story.founder, clock=clock, secret=story.secret)
        with begun as trial:
            return play(story, trial, clock)


def _refuse(file: Path, findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        faults = [finding.to_dict() for finding in findings]
        print_json({"schema": "trialwright.play/1", "story": str(file), "holds": None, "findings": faults})
    else:
        for finding in findings:
            typer.echo(finding.text(str(file)))
    raise InputError(f"{file}: {len(findings)} faults; nothing was played")
