"""The record as a whole, beside its trial: anchors of its head, backups that verify, copies that leave the system."""

from trialwright.record.anchors import Anchor, anchor, check_anchors, read_anchors
from trialwright.record.backup import Copied, backup, restore
from trialwright.record.copies import take_bundle, take_site_copy, write_copy, zipped

__all__ = [
    "Anchor",
    "Copied",
    "anchor",
    "backup",
    "check_anchors",
    "read_anchors",
    "restore",
    "take_bundle",
    "take_site_copy",
    "write_copy",
    "zipped",
]
