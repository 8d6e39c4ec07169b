"""Lost updates: where a counter ends in real runs, beside where it ends in every interleaving."""

import html
import multiprocessing
from collections import Counter
from functools import cache, partial
from math import factorial

import ipywidgets as widgets

from ...engine.explore import explore
from ...engine.run import run
from ...workers import counter
from ..figures import final_counts
from .explorer import Explorer

ADDITIONS = (1, 2, 3, 10, 100, 1_000, 10_000)
PROCESSES = (2, 3, 4)
# Interleavings are run where there are at most so many.
MOST_INTERLEAVINGS = 1_000
ROUNDS = 100
BATCH = 10
METHOD = "spawn"


def lost_updates() -> Explorer:
    """Let the learner choose processes and additions, and run them for real, many times.

    Returns:
        An `Explorer`: sliders, a button, and how often the counter ended where.
    """
    return _LostUpdates().explorer


class _LostUpdates:
    def __init__(self):
        self._processes = widgets.SelectionSlider(
            options=PROCESSES, value=2, description="processes"
        )
        self._additions = widgets.SelectionSlider(
            options=[(f"{n:,}", n) for n in ADDITIONS], value=2, description="additions"
        )
        self._run = widgets.Button(description=f"Run {ROUNDS} times")
        self._bar = widgets.IntProgress(max=ROUNDS, layout={"visibility": "hidden"})
        self._picture = widgets.HTML()
        self._said = widgets.HTML()
        self._processes.observe(self._choose, "value")
        self._additions.observe(self._choose, "value")
        self._run.on_click(lambda _: self._measure())
        row = widgets.HBox(
            [self._processes, self._additions, self._run, self._bar],
            layout={"flex_flow": "row wrap"},
        )
        picture = self._draw(Counter())
        self.explorer = Explorer(picture, widgets.VBox([row, self._picture, self._said]))

    def _choose(self, _):
        self._draw(Counter())

    def _draw(self, seen):
        workers, times = self._processes.value, self._additions.value
        exact = exact_counts(workers, times)
        picture = final_counts(exact, seen, workers, times)
        self._picture.value = picture._repr_html_()
        many = "" if exact else f"{interleavings(workers, times)}: too many to run them all. "
        self._said.value = many + ("" if seen else "Press the button for real runs.")
        return picture

    def _measure(self):
        workers, times = self._processes.value, self._additions.value
        self._run.disabled = True
        self._bar.value = 0
        self._bar.layout.visibility = "visible"
        seen: Counter[int] = Counter()
        try:
            while seen.total() < ROUNDS:
                seen.update(real_counts(workers, times, BATCH))
                self._bar.value = seen.total()
            self._draw(seen)
        except Exception as error:
            self._said.value = html.escape(f"{type(error).__name__}: {error}")
        finally:
            self._run.disabled = False
            self._bar.layout.visibility = "hidden"


def real_counts(workers: int, times: int, rounds: int) -> Counter[int]:
    """Return where the counter ended in so many real runs, as a Counter.

    The processes start once; in each round they begin together, and add to a counter of its own.
    """
    context = multiprocessing.get_context(METHOD)
    totals, barrier = context.Array("i", rounds), context.Barrier(workers)
    run([partial(counter.add_in_rounds, times=times)] * workers, totals, barrier, timeout=60)
    return Counter(totals[:])


@cache
def exact_counts(workers: int, times: int) -> Counter[int]:
    """Return where the counter ends in every interleaving, as a Counter; empty for too many."""
    if _number(workers, times) > MOST_INTERLEAVINGS:
        return Counter()
    number = multiprocessing.get_context(METHOD).Value("i", 0)
    found = explore([partial(counter.add, times=times)] * workers, number)
    ends: Counter[int] = Counter()
    for outcome, count in found.outcomes.items():
        ends[outcome.memory[0]] += count
    return ends


def interleavings(workers: int, times: int) -> str:
    """Say how many interleavings of reads and writes there are."""
    if times > 100:
        return "more interleavings than there are atoms in the universe"
    number = _number(workers, times)
    return f"{number:,} interleavings" if number < 10**9 else f"about {number:.0e} interleavings"


def _number(workers, times):
    if times > 100:
        return float("inf")
    return factorial(2 * workers * times) // factorial(2 * times) ** workers
