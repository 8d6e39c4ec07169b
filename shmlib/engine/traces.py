"""Traces: the orders that differ, and the interleavings that each stands for.

Interleavings that differ only in the order of steps without conflict are one *trace* (Mazurkiewicz
1977): a partial order of steps, of which the interleavings are the linear extensions.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations, pairwise
from math import inf
from typing import Any

from .conflicts import Past
from .outcome import is_part


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


def switches(schedule: str) -> int:
    """Return how often a schedule goes over to another worker."""
    return sum(a != b for a, b in pairwise(schedule))


class Interleavings:
    """Interleavings of several traces, which are many and listed as they are asked for.

    Attributes:
        traces: those whose interleavings they are.
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
        """The schedule with the fewest switches, the first of them alphabetically.

        Raises:
            ValueError: there is none.
        """
        if not self.traces:
            raise ValueError("there is no such interleaving")
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
