"""Which steps conflict, and what follows: the orders that differ, and how many each stands for.

Interleavings that differ only in the order of steps without conflict are one *trace* (Mazurkiewicz
1977): a partial order of steps, of which the interleavings are the linear extensions.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations, pairwise
from math import comb, inf
from typing import Any, NamedTuple, TypeAlias

from .awaited import Rules, States
from .child.messages import Place, Request


class Effect(NamedTuple):
    """What a step is to the other workers.

    Attributes:
        place: the bytes that it touches, or None.
        writes: True where it writes them.
        lock: the number of the lock or the like that orders it, or None. A lock that the worker
            holds already and takes again, or gives back not for good, is nobody else's business.
        changes: True where it changes the state of that, as who takes a lock does. A read or write
            that takes a lock by itself has given it back when the step is over; a try that fails
            has only looked.
        watched: True where something looks on after every change (`always`), and this is one.
    """

    place: Place | None
    writes: bool
    lock: int | None
    changes: bool
    watched: bool = False


def effect(
    request: Request,
    letter: str,
    states: States,
    rules: Sequence[Rules],
    watched: bool = False,
) -> Effect:
    """Return the `Effect` of a step that a worker is about to take.

    Args:
        request: what it is about to do.
        letter: of the worker.
        states: of all that workers wait for, as it is before the step.
        rules: of each of these.
        watched: whether something looks on after every change.
    """
    lock, changes = request.lock, False
    if lock is not None:
        found = rules[lock].changes(states, letter, request)
        lock, changes = (None, False) if found is None else (rules[lock].key, found)
    writes = request.action == "write"
    return Effect(request.place, writes, lock, changes, watched and (writes or changes))


def conflict(one: Effect, other: Effect) -> bool:
    """True where two steps of different workers must not change places."""
    if one.lock is not None and one.lock == other.lock and (one.changes or other.changes):
        return True
    if one.watched and other.watched:
        return True
    return (
        (one.writes or other.writes)
        and one.place is not None
        and other.place is not None
        and one.place.overlaps(other.place)
    )


class Event:
    """A step as part of a trace.

    Attributes:
        worker: the number of the worker.
        letter: its letter.
        number: how many steps the worker has taken with it.
        effect, request: what the step is to others; what the worker asked for.
        past: for each worker its last event that must come before this one, or None. For the
            worker itself, that is its step before.
        position: in its schedule.
        races: positions of the events that conflict with it, and that nothing lies between.
        identity: a number, the same for events with the same past, in whatever trace.
    """

    __slots__ = (
        "effect",
        "identity",
        "letter",
        "number",
        "past",
        "position",
        "races",
        "request",
        "worker",
    )

    def __init__(
        self,
        worker: int,
        letter: str,
        number: int,
        effect: Effect,
        request: Request,
        past: "tuple[Event | None, ...]",
        identity: int,
        position: int,
        races: list[int],
    ):
        self.worker = worker
        self.letter = letter
        self.number = number
        self.effect = effect
        self.request = request
        self.past = past
        self.identity = identity
        self.position = position
        self.races = races

    def comes_after(self, other: "Event") -> bool:
        """True where another event must come before this one, or is it."""
        if self.worker == other.worker:
            return self.number >= other.number
        last = self.past[other.worker]
        return last is not None and last.number >= other.number


# Of a piece of a trace: for each worker (identity of its last event, how many come before it).
_Name: TypeAlias = tuple[tuple[int, int], ...]


class Past:
    """The events of a schedule, from which the next one learns what must come before it."""

    def __init__(self, letters: str):
        self.letters = letters
        self._identities: dict[tuple[int | None, ...], int] = {}
        # For each identity: what must come before, and the step before.
        self.table: list[tuple[tuple[int, ...], int | None]] = []
        self.events: list[Event] = []
        self.last: list[Event | None] = [None] * len(self.letters)

    def add(self, letter: str, request: Request, step_effect: Effect) -> Event:
        """Add the next step; return its `Event`."""
        worker = self.letters.index(letter)
        before = self.last[worker]
        past: list[Event | None] = list(before.past) if before else [None] * len(self.letters)
        past[worker] = before
        races = []
        for event in reversed(self.events):
            other = event.worker
            if other == worker:
                continue
            known = past[other]
            if (known is None or known.number < event.number) and conflict(
                step_effect, event.effect
            ):
                for n, held in enumerate(event.past):
                    so_far = past[n]
                    if held is not None and (so_far is None or so_far.number < held.number):
                        past[n] = held
                past[other] = event
                races.append(event.position)
        key = (worker, *(event.identity if event else None for event in past))
        identity = self._identities.setdefault(key, len(self._identities))
        if identity == len(self.table):
            needs = tuple(event.number if event else 0 for event in past)
            self.table.append((needs, before.identity if before else None))
        number = before.number + 1 if before else 1
        position = len(self.events)
        event = Event(
            worker, letter, number, step_effect, request, tuple(past), identity, position, races
        )
        self.events.append(event)
        self.last[worker] = event
        return event

    @property
    def trace(self) -> tuple[int | None, ...]:
        """The name of the trace: the identity of each worker's last event, the same for all orders
        of the same trace."""
        return tuple(event.identity if event else None for event in self.last)

    def cut(self, length: int) -> None:
        """Forget all but the first events."""
        for event in reversed(self.events[length:]):
            self.last[event.worker] = event.past[event.worker]
        del self.events[length:]


class TooManyError(Exception):
    """A trace is too wide for its interleavings to be counted."""


class Counter:
    """Counts the interleavings that traces stand for, without running them.

    The number of linear extensions of a partial order is a product where it falls into parts of
    which each comes before the next; or, times the ways to mix them, where its workers fall into
    groups that have nothing to do with each other. Else it is the sum of what remains when one of
    the events that nothing comes after is taken away. Traces share much of what is counted.
    """

    def __init__(self) -> None:
        self._known: dict[_Name, int] = {}

    def count(self, last: Sequence[Event | None]) -> int:
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


# So many states may be new in the count of one trace, which is a matter of seconds.
MOST_STATES = 200_000
# In pieces of fewer states it is not looked for parts that come one before the other.
SMALL = 200


class _Piece:
    """A part of a trace: of some workers the steps from one to another.

    Args:
        rows: for each worker (its last event in the piece, how many of its steps come before it).
    """

    __slots__ = ("name", "parts", "rows", "way")

    def __init__(self, rows: "tuple[tuple[Event, int], ...]"):
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
        groups: list[tuple[int, list[tuple[Event, int]]]] = []
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
            event: Event | None = last
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


class Trace:
    """A partial order of steps.

    Args:
        past: the `Past` that holds its events; it may go on to another schedule.
        count: how many interleavings it stands for.

    Attributes:
        count: likewise.
        schedule: the one that was run.
        name: the same for equal traces.
    """

    def __init__(self, past: Past, count: int):
        self.count = count
        self.schedule = "".join(event.letter for event in past.events)
        self.name = past.trace
        self._letters = past.letters
        self._targets = [event.request.target for event in past.events]
        self._table = past.table
        self._start = (0,) * len(self._letters)
        self._fewest_known: dict[tuple[int, ...], int] = {}
        self._finishes_known: dict[tuple[tuple[int, ...], int], bool] = {}

    @cached_property
    def _needs(self):
        """For each worker and each of its steps, how many steps of each must come before."""
        needs = []
        for identity in self.name:
            found = []
            while identity is not None:
                held, identity = self._table[identity]
                found.append(held)
            needs.append(found[::-1])
        return needs

    @cached_property
    def _all(self):
        return tuple(map(len, self._needs))

    def together(self, target: str) -> set[str]:
        """Return the pairs of workers, such as "AB", that can be at work on a target at the same
        time in one of the interleavings: neither must have ended before the other begins."""
        workers = {letter: place for place, letter in enumerate(self._letters)}

        def before(last, other, first):
            return self._needs[workers[other]][first - 1][workers[last[0]]] >= last[1]

        return {
            one + other
            for (one, (first, last)), (other, (begin, end)) in combinations(
                sorted(_spans(self.schedule, self._targets, target).items()), 2
            )
            if not before((one, last), other, begin) and not before((other, end), one, first)
        }

    def schedules(self) -> Iterator[str]:
        """Yield all interleavings, in alphabetical order."""
        stack = [(self._start, "")]
        while stack:
            done, schedule = stack.pop()
            if done == self._all:
                yield schedule
            for worker in reversed(self._able(done)):
                stack.append((_more(done, worker), schedule + self._letters[worker]))

    def plainest(self, at_most: float = inf) -> tuple[int, str] | None:
        """Return (number of switches, interleaving) with the fewest switches, the first of them
        alphabetically; None where it needs more switches than `at_most`."""
        if at_most < inf and not self._finishes(self._start, at_most + 1):
            return None
        return next(self.plainest_first())

    def plainest_first(self) -> Iterator[tuple[int, str]]:
        """Yield (number of switches, interleaving), fewest switches first, then alphabetically."""
        if self._all == self._start:
            yield 0, ""
            return
        found, switches = 0, self._fewest(self._start) - 1
        while found < self.count:
            for schedule in self._of(switches):
                found += 1
                yield switches, schedule
            switches += 1

    def _of(self, switches):
        """Yield the interleavings with so many switches, in alphabetical order."""
        stack = [(self._start, None, switches + 1, "")]
        while stack:
            done, last, left, schedule = stack.pop()
            if done == self._all and left == 0:
                yield schedule
            for worker in reversed(self._able(done)):
                more, rest = _more(done, worker), left - (worker != last)
                if rest >= 0 and self._fewest(self._exhausted(more, worker)) <= rest:
                    stack.append((more, worker, rest, schedule + self._letters[worker]))

    def _able(self, done):
        """Return the workers whose next step may come now."""
        return [worker for worker in range(len(done)) if self._may(done, worker)]

    def _may(self, done, worker):
        step = done[worker]
        if step == self._all[worker]:
            return False
        return all(map(int.__ge__, done, self._needs[worker][step]))

    def _exhausted(self, done, worker):
        """Let a worker go on as far as it may."""
        while self._may(done, worker):
            done = _more(done, worker)
        return done

    def _fewest(self, done):
        """Return how many turns are needed from here, none of them that of who went last."""
        if done not in self._fewest_known:
            turns = 0
            while not self._finishes(done, turns):
                turns += 1
            self._fewest_known[done] = turns
        return self._fewest_known[done]

    def _finishes(self, done, turns):
        """True where so many turns are enough. It is never better to stop before one must."""
        path = [(done, turns)]
        unfinished = sum(map(int.__ne__, done, self._all))
        while unfinished and turns >= unfinished and (done, turns) not in self._finishes_known:
            able = self._able(done)
            if len(able) != 1:
                found = any(self._finishes(self._exhausted(done, w), turns - 1) for w in able)
                break
            done, turns = self._exhausted(done, able[0]), turns - 1
            path.append((done, turns))
            unfinished = sum(map(int.__ne__, done, self._all))
        else:
            found = self._finishes_known.get((done, turns), not unfinished)
        self._finishes_known |= dict.fromkeys(path, found)
        return found


class OneOrder:
    """A trace of which a single interleaving is known: it stands for no other."""

    count = 1

    def __init__(self, schedule: str, targets: Sequence[str] = ()):
        self.schedule = self.name = schedule
        self._targets = targets

    def together(self, target: str) -> set[str]:
        """Return the pairs of workers that are at work on a target at the same time."""
        found: dict[str, list[int]] = {}
        for place, letter in enumerate(self.schedule[: len(self._targets)]):
            if is_part(self._targets[place], target):
                found.setdefault(letter, []).append(place)
        return {
            one + other
            for (one, these), (other, those) in combinations(sorted(found.items()), 2)
            if these[0] < those[-1] and those[0] < these[-1]
        }

    def schedules(self) -> Iterator[str]:
        """Yield the interleaving."""
        yield self.schedule

    def plainest(self, at_most: float = inf) -> tuple[int, str]:
        """Return (number of switches, interleaving)."""
        return switches(self.schedule), self.schedule

    def plainest_first(self) -> Iterator[tuple[int, str]]:
        """Yield (number of switches, interleaving)."""
        yield self.plainest()


def _spans(schedule, targets, target):
    """For each worker that touches a target, which of its steps is the first that does, and which
    the last, counted from 1."""
    steps: dict[str, int] = {}
    found: dict[str, tuple[int, int]] = {}
    for letter, touched in zip(schedule, targets, strict=True):
        number = steps[letter] = steps.get(letter, 0) + 1
        if is_part(touched, target):
            found[letter] = found.get(letter, (number, 0))[0], number
    return found


def is_part(touched: str, target: str) -> bool:
    """True where what a step touches, by its name, is a shared object or a part of it."""
    return touched == target or touched.startswith((f"{target}[", f"{target}."))


def switches(schedule: str) -> int:
    """Return how often a schedule goes over to another worker."""
    return sum(a != b for a, b in pairwise(schedule))


class Interleavings:
    """Interleavings of several traces, which are many and listed as they are asked for.

    Attributes:
        traces: likewise.
        count: how many interleavings there are, however large.
    """

    def __init__(self, traces: "Iterable[Trace | OneOrder]"):
        self.traces = tuple(traces)
        self.count = sum(trace.count for trace in self.traces)

    def __iter__(self) -> Iterator[str]:
        """Yield the schedules, fewest switches first, then alphabetically."""
        for _, schedule in heapq.merge(*(trace.plainest_first() for trace in self.traces)):
            yield schedule

    @cached_property
    def plainest(self) -> str:
        """The schedule with the fewest switches, the first of them alphabetically."""
        best: Any = self.traces[0].plainest()
        for trace in self.traces[1:]:
            found = trace.plainest(best[0])
            best = best if found is None else min(best, found)
        return best[1]

    def in_order(self) -> list[str]:
        """Return all schedules, sorted."""
        return sorted(schedule for trace in self.traces for schedule in trace.schedules())

    def __bool__(self) -> bool:
        return self.count > 0

    def __len__(self) -> int:
        return self.count

    def __repr__(self):
        first = [schedule for schedule, _ in zip(self, range(10), strict=False)]
        more = f", ... {self.count:,} in all" if self.count > len(first) else ""
        return f"<{', '.join(map(repr, first))}{more}>"


def _more(done, worker):
    return (*done[:worker], done[worker] + 1, *done[worker + 1 :])
