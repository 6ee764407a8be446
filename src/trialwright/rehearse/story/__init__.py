"""Stories: scripted trials, each a user's acceptance test of a protocol."""

from trialwright.rehearse.story.play import Played, play
from trialwright.rehearse.story.reader import read_story
from trialwright.rehearse.story.report import as_blocks, as_data, as_text, verdict
from trialwright.rehearse.story.story import Story

__all__ = ["Played", "Story", "as_blocks", "as_data", "as_text", "play", "read_story", "verdict"]
