"""Virtual subjects that drive conduct."""

from trialwright.rehearse.rehearsal import SPONSOR, STAFF, Conductor, Rehearsal, VirtualClock

__all__ = ["SPONSOR", "STAFF", "Conductor", "Rehearsal", "VirtualClock"]
