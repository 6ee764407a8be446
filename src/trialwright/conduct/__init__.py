"""What happened: commands, events, state, decide, evolve, views, roles, sealed."""

from trialwright.conduct.decide import NOTHING_SEALED, Sealed, Secret, decide, refused
from trialwright.conduct.events import Event, decode, encode
from trialwright.conduct.evolve import evolve, replay
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.state import State
from trialwright.conduct.views import View, Viewer, reads_sealed, view

__all__ = [
    "NOTHING_SEALED",
    "Event",
    "Kind",
    "Refusal",
    "Sealed",
    "Secret",
    "State",
    "View",
    "Viewer",
    "decide",
    "decode",
    "encode",
    "evolve",
    "reads_sealed",
    "refused",
    "replay",
    "view",
]
