"""The command line: verbs, each a few lines over the rooms. Data to standard output, messages to standard error."""

from trialwright.cli import records, protocols, designs, trials, stories, clinical  # noqa: F401, I001 - in the order of the help
from trialwright.cli.console import app

__all__ = ["app"]
