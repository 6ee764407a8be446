"""The command line: verbs, each a few lines over the rooms. Data to standard output, messages to standard error."""

from trialwright.cli import (  # noqa: I001 - in the order of the help
    records,  # noqa: F401
    protocols,  # noqa: F401
    next_dose,  # noqa: F401
    designs,  # noqa: F401
    trials,  # noqa: F401
    stories,  # noqa: F401
    blinding,  # noqa: F401
    clinical,  # noqa: F401
    selftest,  # noqa: F401
)
from trialwright.cli.console import app

__all__ = ["app"]
