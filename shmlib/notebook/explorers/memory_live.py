"""Memory map, live: the bytes of an Array while real workers write into it, step by step."""

import html
import random
from collections.abc import Iterable

import ipywidgets as widgets

from ...engine.aliases import Worker
from ...engine.carried import is_shared
from ...memory.memory_map import memory_map
from ...memory.objects import Shared
from ...words import short_repr
from ..figures import memory_grid
from .explorer import Explorer, LiveWorkers

ORDERS = ("in turn", "one after the other", "at random")
# Milliseconds between two steps.
SPEEDS = (("slow", 1200), ("medium", 500), ("fast", 150))


def memory_live(workers: Iterable[Worker], *shared: Shared) -> Explorer:
    """Show the bytes of the first shared object while real workers take their steps.

    Give it shared objects of its own: their content changes with every step.

    Args:
        workers: list of functions, or of functools.partial of one.
        *shared: the shared objects; the first one is shown.

    Returns:
        An `Explorer`: play, stop, one step, back to the start; in which order, and how fast.

    Raises:
        TypeError, ValueError: an argument does not fit.
    """
    if not shared:
        raise TypeError("shared objects are missing: pass at least the one to show")
    if not is_shared(shared[0]):
        raise TypeError(f"shared object 1 must be a Value or an Array, not {short_repr(shared[0])}")
    return _MemoryLive(workers, shared).explorer


class _MemoryLive:
    def __init__(self, workers, shared):
        self._shown = shared[0]
        self._live = LiveWorkers(workers, shared)
        self._draw = random.Random()
        self._play = widgets.Play(interval=SPEEDS[1][1], max=10_000, show_repeat=False)
        self._step = widgets.Button(description="Step", tooltip="let one worker take one step")
        self._restart = widgets.Button(description="Restart", tooltip="back to the start")
        self._order = widgets.Dropdown(options=ORDERS, description="order")
        self._speed = widgets.Dropdown(options=SPEEDS, value=SPEEDS[1][1], description="speed")
        self._picture = widgets.HTML()
        self._said = widgets.HTML()
        self._play.observe(self._tick, "value")
        self._step.on_click(lambda _: self._try(self._go))
        self._restart.on_click(lambda _: self._try(self._begin))
        self._speed.observe(lambda change: setattr(self._play, "interval", change["new"]), "value")
        first = memory_map(self._shown)
        self._begin()
        row = widgets.HBox(
            [self._play, self._step, self._restart, self._order, self._speed],
            layout={"flex_flow": "row wrap"},
        )
        picture = memory_grid(first)
        self.explorer = Explorer(picture, widgets.VBox([row, self._said, self._picture]))

    def _begin(self):
        self._schedule = ""
        self._live.at("")
        self._show(None, "At the start.")

    def _tick(self, change):
        if change["new"] > change["old"]:
            self._try(self._go)

    def _try(self, act):
        """Do what a click asks for; where it fails, say so: nobody sees what a callback raises."""
        try:
            act()
        except Exception as error:
            self._play.playing = False
            self._live.sleep()
            self._said.value = html.escape(f"{type(error).__name__}: {error}")

    def _go(self):
        stepper = self._live.at(self._schedule)
        ready = stepper.ready
        if not ready:
            self._play.playing = False
            self._said.value = f"The end: {stepper.outcome.kind}."  # type: ignore[union-attr]
            return
        before = memory_map(self._shown)
        step = stepper.grant(self._pick(ready))
        self._schedule = stepper.schedule
        self._show(before, f"{step.worker}: {step}.")

    def _pick(self, ready):
        if self._order.value == "at random":
            return self._draw.choice(ready)
        if self._order.value == "one after the other":
            return ready[0]
        return min(ready, key=self._schedule.rfind)

    def _show(self, before, said):
        memory = memory_map(self._shown, before)
        self._picture.value = memory_grid(memory)._repr_html_()
        self._said.value = html.escape(said)
