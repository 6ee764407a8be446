"""Virtual subjects that drive conduct."""

from trialwright.rehearse.desk import SPONSOR, Conductor, StaffMember, VirtualClock, staff
from trialwright.rehearse.rehearsal import Rehearsal, check_truth

__all__ = ["SPONSOR", "Conductor", "Rehearsal", "StaffMember", "VirtualClock", "check_truth", "staff"]
