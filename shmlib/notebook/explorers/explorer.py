"""Explorer: a live widget that is words and a still picture wherever there is no kernel."""

import html
from collections.abc import Iterable
from typing import Any

from ...engine.aliases import Worker
from ...engine.stepper import Stepper
from ...memory.objects import Shared
from ...shown import live_view
from ..figures import Picture

# A light card of its own, so that an explorer reads the same on a light page and on a dark one.
CARD = (
    "background:#ffffff;color:#1b1f24;border:1px solid #6b7280;border-radius:4px;"
    "padding:8px 12px;font-size:15px;line-height:1.45"
)


class Explorer:
    """Shows a widget in JupyterLab, and its picture and words elsewhere.

    Attributes:
        words: the text alternative of the still picture.
        picture: the still `Picture`.
        widget: the live widget.
    """

    def __init__(self, picture: Picture, widget: Any):
        self.words = picture.words
        self.picture = picture
        self.widget = widget

    def __repr__(self):
        return self.words

    def _repr_mimebundle_(self, include=None, exclude=None):
        view, mark = live_view(self.widget)
        still = {"text/plain": self.words, "text/html": self.picture._repr_html_()}
        return still | view, mark


def card(body: str, label: str = "") -> str:
    """Return the HTML of a card around the given HTML; its label is for screen readers."""
    role = f' role="group" aria-label="{html.escape(label)}"' if label else ""
    return f'<div{role} style="{CARD}">{body}</div>'


class LiveWorkers:
    """Real workers that wait at their gates. Of all in a notebook those used last are alive.

    Args:
        workers, shared: as for `Stepper`.

    Attributes:
        awake: of all in the notebook those that may be alive, or None.
    """

    awake: "LiveWorkers | None" = None

    def __init__(self, workers: Iterable[Worker], shared: Iterable[Shared]):
        self._arguments = workers, shared
        self._stepper: Stepper | None = None

    def at(self, schedule: str) -> Stepper:
        """Return the `Stepper`, its workers alive, after the steps of a schedule."""
        before = LiveWorkers.awake
        if before is not None and before is not self:
            before.sleep()
        LiveWorkers.awake = self
        if self._stepper is None:
            workers, shared = self._arguments
            self._stepper = Stepper(workers, *shared)
        if self._stepper.schedule != schedule:
            self._stepper.rewind(schedule)
        return self._stepper

    def sleep(self) -> None:
        """End the workers and put the memory back; `at` starts them anew."""
        if self._stepper is not None:
            self._stepper.close()
            self._stepper = None
