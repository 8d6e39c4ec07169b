"""Things to play with, made of ipywidgets; each carries a still picture and its words."""

from .bytes_of_value import bytes_of_value
from .decision import decision
from .filling import filling
from .grain_of_lock import grain_of_lock
from .lost_updates import lost_updates
from .memory_live import memory_live
from .scheduler import scheduler

__all__ = [
    "bytes_of_value",
    "decision",
    "filling",
    "grain_of_lock",
    "lost_updates",
    "memory_live",
    "scheduler",
]
