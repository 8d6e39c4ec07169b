"""Things to play with, made of ipywidgets; each carries a still picture and its words."""

from .lost_updates import lost_updates
from .scheduler import scheduler

__all__ = ["lost_updates", "scheduler"]
