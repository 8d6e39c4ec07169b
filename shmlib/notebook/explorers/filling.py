"""Filling: a picture grows in one Array while several processes work, by a plan that is chosen."""

import html
import multiprocessing
import string
import threading
from collections.abc import Sequence
from functools import partial

import ipywidgets as widgets

from ...checks import check_kind
from ...engine.run import run
from ...memory.objects import Shared
from ...words import counted
from ...workers import julia
from ..figures import Picture, pixels
from ..figures.raster import even_colours
from .explorer import Explorer

HALVES, IN_TURN, NEXT_FREE = "one block each", "every other row", "the next free row"
WORKERS = (1, 2, 3, 4)
ENLARGED = (1, 2, 3)
# Seconds between two looks at the picture.
LOOK = 0.1
TIMEOUT = 60
METHOD = "spawn"


def filling(view: julia.View | None = None) -> Explorer:
    """Let the learner choose who fills which rows of a picture, and watch it grow.

    Args:
        view: the `julia.View` to be filled; None for that of page 11, of 150 x 100 pixels.

    Returns:
        An `Explorer`: plan, workers, size, a button, a progress bar and the picture. The still
        shows one block each, at the moment when the first of two workers has no more to do.
    """
    if view is None:
        view = julia.View(150, 100)
    check_kind("view", view, julia.View, "a workers.julia.View")
    return _Filling(view).explorer


class _Filling:
    def __init__(self, view):
        self._view = view
        rows = [julia.row_of(view, row) for row in range(view.height)]
        self._colours = even_colours(b"".join(rows))
        self._plan = widgets.Dropdown(options=(HALVES, IN_TURN, NEXT_FREE), description="plan")
        self._workers = widgets.SelectionSlider(options=WORKERS, value=2, description="workers")
        sizes = [(f"{view.width * by} x {view.height * by}", by) for by in ENLARGED]
        self._size = widgets.Dropdown(options=sizes, value=2, description="size")
        self._button = widgets.Button(description="Fill")
        self._button.on_click(lambda _: self._fill())
        self._bar = widgets.IntProgress(description="rows")
        self._picture = widgets.HTML()
        self._said = widgets.HTML("Press the button, and watch who is finished first.")
        still = self._drawn(half_way(rows), view.width)
        self._picture.value = still._repr_html_()
        wrap = {"flex_flow": "row wrap"}
        controls = widgets.HBox([self._plan, self._workers, self._size], layout=wrap)
        going = widgets.HBox([self._button, self._bar], layout=wrap)
        shown = widgets.VBox([controls, going, self._said, self._picture])
        self.explorer = Explorer(still, shown)

    def _drawn(self, data, across):
        shown = pixels(data.translate(self._colours), across)
        return Picture(pixels(data, across).words, shown.svg)

    def _fill(self):
        by = self._size.value
        view = self._view._replace(width=self._view.width * by, height=self._view.height * by)
        context = multiprocessing.get_context(METHOD)
        image = context.Array("B", view.width * view.height)
        self._button.disabled = True
        self._bar.max, self._bar.value = view.height, 0
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(image, view, done))
        watcher.start()
        try:
            self._said.value = "The workers start ..."
            self._said.value = filled(self._plan.value, self._workers.value, image, view)
        except Exception as error:
            self._said.value = html.escape(f"{type(error).__name__}: {error}")
        finally:
            done.set()
            watcher.join()
            self._button.disabled = False

    def _watch(self, image, view, done):
        """Show what is there, again and again, past the lock: half a row does no harm here."""
        ended = False
        while not ended:
            ended = done.wait(LOOK)
            data = bytes(image.get_obj())
            self._bar.value = sum(map(bool, data[view.width - 1 :: view.width]))
            self._picture.value = self._drawn(data, view.width)._repr_html_()


def half_way(rows: list[bytes]) -> bytes:
    """Return the picture of two workers with a half each, when the first to end has ended."""
    half = len(rows) // 2
    halves = rows[:half], rows[half:]
    budget = min(sum(map(sum, part)) for part in halves)
    seen = []
    for part in halves:
        spent = 0
        for row in part:
            spent += sum(row)
            seen.append(row if spent <= budget else bytes(len(row)))
    return b"".join(seen)


def filled(plan: str, workers: int, image: Shared, view: julia.View) -> str:
    """Fill an Array by a plan; say how long it took, and how much of the work each worker did."""
    rows = range(view.height)
    shares: Sequence[Sequence[int]]
    if plan == NEXT_FREE:
        next_row = multiprocessing.get_context(METHOD).Value("i", 0)
        worker = partial(julia.fill_next, view=view, take=julia.take)
        made = run([worker] * workers, image, next_row, timeout=TIMEOUT)
        shares = made.results
    else:
        ends = [view.height * place // workers for place in range(workers + 1)]
        shares = [
            rows[place::workers] if plan == IN_TURN else rows[ends[place] : ends[place + 1]]
            for place in range(workers)
        ]
        crew = [partial(julia.fill_rows, view=view, rows=share) for share in shares]
        made = run(crew, image, timeout=TIMEOUT)
    data = bytes(image.get_obj())
    work = [
        sum(sum(data[row * view.width : (row + 1) * view.width]) for row in share)
        for share in shares
    ]
    parts = [
        f"{letter} filled {counted(len(share), 'row')}, {100 * done / sum(work):.0f} % of the work"
        for letter, share, done in zip(string.ascii_uppercase, shares, work, strict=False)
    ]
    return f"{made.seconds:.2f} s, starting included. {'; '.join(parts)}."
