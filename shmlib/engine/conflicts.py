"""When two steps depend on each other, and the partial order of a schedule's steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

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


@dataclass(repr=False, eq=False, slots=True)
class StepEvent:
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

    worker: int
    letter: str
    number: int
    effect: Effect
    request: Request
    past: "tuple[StepEvent | None, ...]"
    identity: int
    position: int
    races: list[int]

    def comes_after(self, other: "StepEvent") -> bool:
        """True where another event must come before this one, or is it."""
        if self.worker == other.worker:
            return self.number >= other.number
        last = self.past[other.worker]
        return last is not None and last.number >= other.number


class Past:
    """The events of a schedule, from which the next one learns what must come before it."""

    def __init__(self, letters: str):
        self.letters = letters
        self._identities: dict[tuple[int | None, ...], int] = {}
        # For each identity: what must come before, and the step before.
        self.table: list[tuple[tuple[int, ...], int | None]] = []
        self.events: list[StepEvent] = []
        self.last: list[StepEvent | None] = [None] * len(self.letters)

    def add(self, letter: str, request: Request, step_effect: Effect) -> StepEvent:
        """Add the next step; return its `StepEvent`."""
        worker = self.letters.index(letter)
        before = self.last[worker]
        past: list[StepEvent | None] = list(before.past) if before else [None] * len(self.letters)
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
        event = StepEvent(
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
