"""A progress bar for what takes longer than a second, in a notebook or a terminal."""

import sys
import time
from typing import Any

from .shown import live_view

DELAY = 1.0


class Progress:
    """Show how far something has come, once it has taken a second. Use it in a `with` statement.

    In a notebook the bar is a widget's view and nothing else, which nbval does not compare, so a
    slow machine gives the same output as a fast one; a saved notebook holds nothing of it. In a
    terminal it is a line on stderr.

    Args:
        what: what is counted, such as "interleavings".
    """

    def __init__(self, what: str):
        self._what = what

    def __enter__(self) -> "Progress":
        self._next = time.monotonic() + DELAY
        self._bar: Any = None
        self._line = False
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._line:
            print(file=sys.stderr)

    def update(self, done: int, total: int) -> None:
        """Say that so many of so many at most are done."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + 0.1
        words = f"{done:,} {self._what}"
        if "ipykernel" in sys.modules and "IPython" in sys.modules:
            self._widget(done, total, words)
        elif sys.stderr.isatty():
            self._line = True
            print(f"\r{words}", end="", file=sys.stderr, flush=True)

    def _widget(self, done, total, words):
        if self._bar is None:
            from IPython.display import display
            from ipywidgets import IntProgress

            self._bar = IntProgress(max=total)
            view, mark = live_view(self._bar)
            display(view, metadata=mark, raw=True)
        self._bar.value = done
        self._bar.max = total
        self._bar.description = words
        self._bar.style.description_width = "auto"
