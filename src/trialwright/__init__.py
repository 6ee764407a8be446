"""One protocol file runs the whole trial: check, simulate, rehearse, conduct, report.

`trialwright.trial` is the one joint: open a trial, do a command, view it. Everything else is a room that it calls.
"""

__version__ = "0.1.0"
