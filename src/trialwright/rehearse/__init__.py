"""Virtual subjects that drive conduct."""

from trialwright.rehearse.rehearsal import SPONSOR, STAFF, Conductor, Rehearsal, VirtualClock
from trialwright.rehearse.virtual import check_rehearsable

__all__ = ["SPONSOR", "STAFF", "Conductor", "Rehearsal", "VirtualClock", "check_rehearsable"]
