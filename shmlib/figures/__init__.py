"""Matplotlib drawings of what the notebooks show."""

from .counts import final_counts
from .interleavings import interleavings, timeline
from .memory import bank_program, start_methods, value_and_lock
from .picture import Picture
from .waiting import waiting_workers

__all__ = [
    "Picture",
    "bank_program",
    "final_counts",
    "interleavings",
    "start_methods",
    "timeline",
    "value_and_lock",
    "waiting_workers",
]
