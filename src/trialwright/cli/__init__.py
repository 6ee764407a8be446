"""The command line: verbs, each a few lines over the rooms. Data to standard output, messages to standard error."""

from trialwright.cli import (  # noqa: I001 - in the order of the help
    records,  # noqa: F401 - registers its commands
    protocols,  # noqa: F401 - registers its commands
    next_dose,  # noqa: F401 - registers its commands
    designs,  # noqa: F401 - registers its commands
    comparing,  # noqa: F401 - registers its commands
    rehearsing,  # noqa: F401 - registers its commands
    trials,  # noqa: F401 - registers its commands
    record,  # noqa: F401 - registers its commands
    stories,  # noqa: F401 - registers its commands
    blinding,  # noqa: F401 - registers its commands
    clinical,  # noqa: F401 - registers its commands
    selftest,  # noqa: F401 - registers its commands
)
from trialwright.cli.console import app

__all__ = ["app"]
