"""Matplotlib drawings of what the notebooks show."""

from .choices import decision
from .costs import durations, handing_over, locks_taken
from .counts import final_counts
from .guard import import_chain
from .interleavings import interleavings
from .memory import scene, start_methods, value_and_lock
from .memory_bytes import address_spaces, memory_grid, value_bytes
from .picture import Picture
from .raster import pixels, row_owners
from .timeline import timeline
from .waiting import waiting_workers, waits

__all__ = [
    "Picture",
    "address_spaces",
    "decision",
    "durations",
    "final_counts",
    "handing_over",
    "import_chain",
    "interleavings",
    "locks_taken",
    "memory_grid",
    "pixels",
    "row_owners",
    "scene",
    "start_methods",
    "timeline",
    "value_and_lock",
    "value_bytes",
    "waiting_workers",
    "waits",
]
