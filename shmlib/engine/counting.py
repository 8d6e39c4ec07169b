"""How many interleavings a trace stands for, counted without running them."""

from collections.abc import Sequence
from math import comb
from typing import Any, TypeAlias

from .conflicts import StepEvent

# So many states may be new in the count of one trace, which is a matter of seconds.
MOST_STATES = 200_000
# In pieces of fewer states it is not looked for parts that come one before the other.
SMALL = 200
# Of a piece of a trace: for each worker (identity of its last event, how many come before it).
_Name: TypeAlias = tuple[tuple[int, int], ...]


class TooManyError(Exception):
    """A trace is too wide for its interleavings to be counted."""


class ExtensionCounter:
    """Counts the interleavings that traces stand for, without running them.

    The number of linear extensions of a partial order is a product where it falls into parts of
    which each comes before the next; or, times the ways to mix them, where its workers fall into
    groups that have nothing to do with each other. Else it is the sum of what remains when one of
    the events that nothing comes after is taken away. Traces share much of what is counted.
    """

    def __init__(self) -> None:
        self._known: dict[_Name, int] = {}

    def count(self, last: Sequence[StepEvent | None]) -> int:
        """Return the number of linear extensions of a trace.

        Args:
            last: the last event of each worker, or None.

        Raises:
            TooManyError: it would take too long.
        """
        known = self._known
        most = len(known) + MOST_STATES
        whole = _Piece(tuple((event, 0) for event in last if event is not None))
        stack = [whole]
        while stack:
            piece = stack.pop()
            if piece.name in known:
                continue
            if len(piece.rows) < 2:
                known[piece.name] = 1
                continue
            if len(known) > most:
                raise TooManyError
            if piece.parts is None:
                piece.split()
                missing = [
                    part
                    for part in piece.parts  # type: ignore[attr-defined]
                    if part.name not in known
                ]
                if missing:
                    stack.append(piece)
                    stack += missing
                    continue
            known[piece.name] = piece.counted(known)
        return known[whole.name]


class _Piece:
    """A part of a trace: of some workers the steps from one to another.

    Args:
        rows: for each worker (its last event in the piece, how many of its steps come before it).
    """

    __slots__ = ("name", "parts", "rows", "way")

    def __init__(self, rows: "tuple[tuple[StepEvent, int], ...]"):
        self.rows = rows
        self.name = tuple((event.identity, before) for event, before in rows)
        self.parts: Any = None  # or a sequence of pieces, once it was split

    def split(self):
        """Find the parts whose counts tell that of the whole, and in which way they do."""
        groups = self._groups()
        if len(groups) > 1:
            self.way, self.parts = "mixed", groups
            return
        states = 1
        for event, before in self.rows:
            states *= event.number - before + 1
        layers = self._layers() if states > SMALL else ()
        if len(layers) > 1:
            self.way, self.parts = "one after the other", layers
        else:
            self.way, self.parts = "one less", list(self._one_less())

    def counted(self, known: dict[_Name, int]) -> int:
        """Return the count, from those of the parts."""
        if self.way == "one less":
            return sum(known[part.name] for part in self.parts)
        number, steps = 1, 0
        for part in self.parts:
            number *= known[part.name]
            if self.way == "mixed":
                more = sum(event.number - before for event, before in part.rows)
                steps += more
                number *= comb(steps, more)
        return number

    def _groups(self):
        """Return the pieces of workers that have nothing to do with each other here."""
        begin = {event.worker: before for event, before in self.rows}
        groups: list[tuple[int, list[tuple[StepEvent, int]]]] = []
        for event, before in self.rows:
            reach = 1 << event.worker
            for other, begins in begin.items():
                held = event.past[other]
                if held is not None and held.number > begins:
                    reach |= 1 << other
            together, apart = [(event, before)], []
            for mask, rows in groups:
                if mask & reach:
                    reach |= mask
                    together = rows + together
                else:
                    apart.append((mask, rows))
            groups = [*apart, (reach, together)]
        return [_Piece(tuple(rows)) for _, rows in groups] if len(groups) > 1 else groups

    def _one_less(self):
        """Yield what is left when one of the events that nothing comes after is taken away."""
        rows = self.rows
        for place, (event, before) in enumerate(rows):
            worker, number = event.worker, event.number
            for other, _ in rows:
                held = other.past[worker]
                if other is not event and held is not None and held.number >= number:
                    break
            else:
                rest = ((event.past[worker], before),) if number > before + 1 else ()
                yield _Piece((*rows[:place], *rest, *rows[place + 1 :]))

    def _layers(self):
        """Return the pieces of which all of each comes before all of the next."""
        workers = [event.worker for event, _ in self.rows]
        begin = [before for _, before in self.rows]
        events = []
        for last, before in self.rows:
            event: StepEvent | None = last
            while event is not None and event.number > before:
                events.append(event)
                event = event.past[event.worker]
        events.sort(key=lambda event: event.position)
        # For each place in this order: how far all later events have everybody before them.
        needs, least = [], [event.number for event, _ in self.rows]
        for event in reversed(events):
            held = [event.past[worker] for worker in workers]
            least = [
                min(so_far, last.number if last else 0)
                for so_far, last in zip(least, held, strict=True)
            ]
            needs.append(least)
        pieces, done, low = [], list(begin), list(begin)
        latest: dict[int, Any] = dict.fromkeys(workers)
        for event, need in zip(events, [*needs[-2::-1], None], strict=True):
            place = workers.index(event.worker)
            done[place], latest[event.worker] = event.number, event
            if need is None or all(map(int.__ge__, need, done)):
                rows = [
                    (latest[worker], before)
                    for worker, before, now in zip(workers, low, done, strict=True)
                    if now > before
                ]
                pieces.append(_Piece(tuple(rows)))
                low = list(done)
        return pieces
