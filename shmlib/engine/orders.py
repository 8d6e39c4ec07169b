"""Other ways through the interleavings: all; those of fewest preemptions; some at random."""

import heapq
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .cycles import Cycles
from .walk import Walk


class Return(NamedTuple):
    """A schedule that came back to where all was before.

    Attributes:
        schedule: likewise.
        configuration: that it came back to.
        letters: of the way round.
        fair: True where whoever could go on meanwhile took a step on it.
    """

    schedule: str
    configuration: int | None
    letters: str
    fair: bool


class EveryOrder:
    """Runs every interleaving: depth first, each from the start.

    Workers that poll are set aside until something changes. A schedule that comes back to where all
    was before goes no further: whatever follows from there follows from where it was before.

    Args:
        walk: the `Walk` to use.

    Attributes:
        returns: the `Return` of each that came back.
        cycles: the `Cycles` among these.
    """

    def __init__(self, walk: Walk):
        self._walk = walk
        self.returns: list[Return] = []
        self.cycles = walk.cycles = Cycles()

    def executions(self) -> Iterator[bool]:
        """Yield at the end of each schedule, which the walk tells, whether more are to come."""
        walk = self._walk
        # For each step: the letters that remain to be tried, the one under way first.
        choices: list[list[str]] = []
        while True:
            walk.start("".join(letters[0] for letters in choices))
            while ready := walk.ready:
                choices.append(ready)
                walk.go(ready[0])
            recurrence, schedule = walk.stepper.recurrence, walk.schedule
            if recurrence.came_back is not None and walk.stepper.ready:
                letters = schedule[recurrence.came_back :]
                fair = recurrence.able_since(recurrence.came_back) <= set(letters)
                self.returns.append(Return(schedule, recurrence.configuration, letters, fair))
            while choices and len(choices[-1]) == 1:
                choices.pop()
            yield bool(choices)
            if not choices:
                return
            choices[-1].pop(0)


def fewest_preemptions(walk: Walk) -> Iterator[bool]:
    """Run schedules, those first in which workers that could go on are interrupted least often.

    Most faults need one or two (Musuvathi, Qadeer, Iterative context bounding, PLDI 2007).

    Args:
        walk: the `Walk` to use.

    Yields:
        At the end of each schedule, whether more are to come.
    """
    queue, number = [(0, 0, "")], 0
    while queue:
        preemptions, _, beginning = heapq.heappop(queue)
        walk.start(beginning)
        while ready := walk.ready:
            schedule = walk.schedule
            last = schedule[-1:]
            interrupts = last in ready
            going = last if interrupts else ready[0]
            for other in ready:
                if other != going:
                    number += 1
                    heapq.heappush(queue, (preemptions + interrupts, number, schedule + other))
            walk.go(going)
        yield bool(queue)


class AtRandom:
    """Runs random schedules, uniform over the interleavings as far as can be told.

    Each worker is drawn in proportion to the steps that it has left, judged by the longest run of
    it that was seen.

    Args:
        walk: the `Walk` to use.
        seen: schedules from which to judge.

    Attributes:
        estimate: of the number of interleavings, the mean of the inverse of how likely each was
            (Knuth 1975, Mathematics of Computation 29, 122-136); unbiased.
    """

    def __init__(self, walk: Walk, seen: Iterable[str]):
        self._walk = walk
        self._steps: Counter[str] = Counter()
        for schedule in seen:
            self._steps |= Counter(schedule)
        self._draw = random.Random(0)
        self._total = self._drawn = 0

    @property
    def estimate(self) -> int:
        return self._total // max(1, self._drawn)

    def executions(self) -> Iterator[bool]:
        """Yield True at the end of each schedule, without end."""
        walk = self._walk
        while True:
            walk.start()
            left = Counter(self._steps)
            numerator = denominator = 1
            while ready := walk.ready:
                weights = [max(1, left[letter]) for letter in ready]
                (place,) = self._draw.choices(range(len(ready)), weights)
                numerator *= sum(weights)
                denominator *= weights[place]
                left[ready[place]] -= 1
                walk.go(ready[place])
            self._total += numerator // denominator
            self._drawn += 1
            self._steps |= Counter(walk.schedule)
            yield True
