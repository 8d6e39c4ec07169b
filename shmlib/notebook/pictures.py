"""Which figure shows which result: the one place that turns a result into its picture."""

from . import figures

FIGURES = {
    "Exploration": figures.interleavings,
    "MemoryMap": figures.memory_grid,
    "Replay": figures.timeline,
    "Timings": figures.transport_times,
}


def picture_of(result):
    """Return the `Picture` of a result."""
    return FIGURES[type(result).__name__](result)
