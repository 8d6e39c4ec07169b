"""Grain of the lock: how the time of the same additions depends on how often the lock is taken."""

import html
import multiprocessing
from functools import partial

import ipywidgets as widgets

from ...engine.run import run
from ...workers import costs
from ..figures import grain_bars
from .explorer import Explorer

GRAINS = (1, 10, 100, 1_000, 10_000)
ADDITIONS = 20_000
METHOD = "spawn"


def grain_of_lock() -> Explorer:
    """Let the learner measure the same additions with the lock taken more or less often.

    Returns:
        An `Explorer`: how many processes, a button, and a bar for each grain.
    """
    processes = widgets.SelectionSlider(options=(1, 2, 3, 4), value=2, description="processes")
    button = widgets.Button(description="Measure")
    bar = widgets.IntProgress(max=len(GRAINS), layout={"visibility": "hidden"})
    picture = widgets.HTML()
    said = widgets.HTML("Press the button to measure on this machine.")

    def measure(_):
        button.disabled = True
        bar.value = 0
        bar.layout.visibility = "visible"
        seconds = {}
        try:
            for grain in GRAINS:
                seconds[grain] = measured(processes.value, grain)
                bar.value += 1
            picture.value = grain_bars(GRAINS, ADDITIONS, seconds)._repr_html_()
            said.value = f"Measured with {processes.value} processes at once."
        except Exception as error:
            said.value = html.escape(f"{type(error).__name__}: {error}")
        finally:
            button.disabled = False
            bar.layout.visibility = "hidden"

    button.on_click(measure)
    still = grain_bars(GRAINS, ADDITIONS)
    picture.value = still._repr_html_()
    row = widgets.HBox([processes, button, bar], layout={"flex_flow": "row wrap"})
    return Explorer(still, widgets.VBox([row, said, picture]))


def measured(processes: int, grain: int, additions: int = ADDITIONS) -> float:
    """Return the seconds that so many processes take, with `grain` additions a time of the lock.

    Raises:
        RuntimeError: the sum is wrong.
    """
    context = multiprocessing.get_context(METHOD)
    number, barrier = context.Value("i", 0), context.Barrier(processes)
    adding = partial(costs.add_in_blocks, times=additions, grain=grain)
    times = run([partial(costs.timed, worker=adding)] * processes, number, barrier).results
    if number.value != processes * additions:
        raise RuntimeError(f"the sum is {number.value} and not {processes * additions}")
    return max(times)
