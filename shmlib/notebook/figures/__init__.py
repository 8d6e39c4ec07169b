"""Matplotlib drawings of what the notebooks show."""

from .costs import grain_bars, transport_times
from .counts import final_counts
from .guard import import_chain
from .interleavings import interleavings, timeline
from .memory import scene, start_methods, value_and_lock
from .memory_bytes import address_spaces, memory_grid, value_bytes
from .picture import Picture
from .waiting import waiting_workers

__all__ = [
    "Picture",
    "address_spaces",
    "final_counts",
    "grain_bars",
    "import_chain",
    "interleavings",
    "memory_grid",
    "scene",
    "start_methods",
    "timeline",
    "transport_times",
    "value_and_lock",
    "value_bytes",
    "waiting_workers",
]
