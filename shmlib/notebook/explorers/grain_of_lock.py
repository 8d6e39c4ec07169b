"""Grain of the lock: how the time of the same additions depends on how often the lock is taken."""

import html
import multiprocessing
from functools import partial

import ipywidgets as widgets

from ...workers import costs
from .. import stopwatch
from ..figures import locks_taken
from .explorer import Explorer

GRAINS = (1, 10, 100, 1_000, 10_000)
ADDITIONS = 20_000
METHOD = "spawn"


def grain_of_lock() -> Explorer:
    """Let the learner measure the same additions with the lock taken more or less often.

    Returns:
        An `Explorer`: how many processes, a button, and a time for each grain.
    """
    processes = widgets.SelectionSlider(options=(1, 2, 3, 4), value=2, description="processes")
    button = widgets.Button(description="Measure")
    picture = widgets.HTML()
    said = widgets.HTML("Press the button to measure on this machine.")

    def measure(_):
        button.disabled = True
        said.value = "Measuring ..."
        try:
            picture.value = measured(processes.value)._repr_html_()
            many = "es at once" if processes.value > 1 else ""
            said.value = f"Measured with {processes.value} process{many}."
        except Exception as error:
            said.value = html.escape(f"{type(error).__name__}: {error}")
        finally:
            button.disabled = False

    button.on_click(measure)
    still = locks_taken(GRAINS, ADDITIONS)
    picture.value = still._repr_html_()
    row = widgets.HBox([processes, button], layout={"flex_flow": "row wrap"})
    return Explorer(still, widgets.VBox([row, said, picture]))


def measured(processes: int, additions: int = ADDITIONS) -> stopwatch.Timings:
    """Return the `Timings` of so many processes that add to one number, for each grain.

    Raises:
        RuntimeError: the sum is wrong.
    """
    context = multiprocessing.get_context(METHOD)
    number, rounds = context.Value("i", 0), 4
    ways = {
        f"{grain:,} at a time": [partial(costs.add_in_blocks, number, additions, grain)] * processes
        for grain in GRAINS
    }
    timings = stopwatch.workers(ways, f"time for {additions:,} additions", rounds=rounds)
    expected = processes * additions * len(GRAINS) * rounds
    if number.value != expected:
        raise RuntimeError(f"the sum is {number.value} instead of {expected}")
    return timings
