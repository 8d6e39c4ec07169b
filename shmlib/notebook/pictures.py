"""Which figure shows which result: the one place that turns a result into its picture."""

from collections.abc import Callable
from typing import Any

from . import figures

FIGURES: dict[str, Callable[[Any], figures.Picture]] = {
    "Exploration": figures.interleavings,
    "MemoryMap": figures.memory_grid,
    "Replay": figures.timeline,
    "Timings": figures.durations,
}


def picture_of(result: object) -> figures.Picture:
    """Return the `Picture` of a result."""
    return FIGURES[type(result).__name__](result)
