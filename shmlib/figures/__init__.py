"""Matplotlib drawings of what the notebooks show."""

from .interleavings import interleavings, timeline
from .memory import bank_program, start_methods, value_and_lock
from .picture import Picture

__all__ = [
    "Picture",
    "bank_program",
    "interleavings",
    "start_methods",
    "timeline",
    "value_and_lock",
]
