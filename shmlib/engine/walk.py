"""Walk: takes workers along schedules, notes which steps must come before which, and judges."""

from collections.abc import Sequence
from multiprocessing import synchronize
from typing import Any, NamedTuple

from ..memory.objects import Shared, awaited_names, awaited_of
from ..words import schedule_words
from .aliases import Invariant
from .arguments import takes_results, worker_name
from .awaited import PARENT, LockRules, States
from .child.messages import Request
from .conflicts import Effect, Past, effect
from .cycles import Cycles
from .errors import WorkerError
from .outcome import Outcome
from .stepper import STEP_LIMIT, Stepper

# Outcomes that an invariant can be judged by.
ENDED = ("finished", "error", "deadlock")


class MisledError(Exception):
    """A worker that had come back to where it was did not go on as before."""


class Walk:
    """A way through one schedule after another, each from the start.

    Args:
        stepper: the `Stepper` of the workers.
        shared, invariant, always, step_limit: as for `explore`.

    Attributes:
        past: the `Past` of the schedule so far.
        cycles: the `Cycles` that follow, or None.
        schedule: the steps so far, a letter each.
        steps: how many steps were taken in all.
        polled: True where workers polled, in any of the schedules.
        judged: True where something is judged.
        left_taken: from the letter of a worker that has finished, and the name of a lock that it
            has not given back, to a schedule in which that is so.
    """

    def __init__(
        self,
        stepper: Stepper,
        shared: Sequence[Shared],
        invariant: Invariant | None = None,
        always: Invariant | None = None,
        step_limit: int = STEP_LIMIT,
    ):
        self.stepper = stepper
        self.cycles: Cycles | None = None
        self.past = Past(stepper.letters)
        self.steps = 0
        self.polled = False
        self.left_taken: dict[tuple[str, str], str] = {}
        self.judged = invariant is not None or always is not None
        self.step_limit = step_limit
        self._shared = shared
        self._invariant = invariant
        self._always = always
        self._asks_for_results = takes_results(invariant)
        self._semaphores = _semaphores(stepper, shared) if self.judged else []
        self._rules = stepper.rules
        # From the identity of an event to what its worker went on to.
        self._follow_up: dict[object, object] = {}
        # At the start and after each step: the states of what workers wait for, and what is
        # pending; whether `always` held.
        self._states: list[tuple[States, dict[str, Request]]] = []
        self._sound: list[bool] = []
        self._fresh = True
        self._trusted = True

    def start(self, schedule: str = "") -> None:
        """Begin anew, and take the steps of a schedule.

        Raises:
            WorkerError: a worker does not do the same as before.
            MisledError: once, where what was concluded from a worker's coming back does not hold.
        """
        if not self._fresh:
            self.stepper.rewind()
        self._fresh = False
        if self.cycles:
            self.cycles.begin(self.stepper.recurrence)
        for letter in self.stepper.letters:
            self._check(letter, letter)
        events = self.past.events
        same = 0
        while same < min(len(events), len(schedule)) and events[same].letter == schedule[same]:
            same += 1
        self.past.cut(same)
        del self._states[same + 1 :], self._sound[same + 1 :]
        if not self._states:
            self._note()
        for event in events[:]:
            self._advance(event.letter)
            self._check(event.identity, event.letter)
        for letter in schedule[same:]:
            self.go(letter)

    def go(self, letter: str) -> Effect:
        """Take the next step of a worker, and return its effect."""
        request = self.stepper.pending[letter]
        step_effect = self.effect(self.stepper.lock_states, letter, request)
        self._advance(letter)
        event = self.past.add(letter, request, step_effect)
        self._note()
        self._check(event.identity, letter)
        return step_effect

    def _advance(self, letter):
        able = self.stepper.free if self.cycles else ()
        self.stepper.advance(letter)
        self.steps += 1
        if self._trusted and not self.stepper.recurrence.trusted:
            self._trusted = self.polled = False
            raise MisledError
        if self.cycles:
            self.cycles.follow(letter, able, self.stepper.recurrence)

    @property
    def schedule(self) -> str:
        return self.stepper.schedule

    @property
    def ready(self) -> list[str]:
        """Letters of the workers to choose from: those that poll are set aside until something
        changes. Empty where the schedule has come to an end, or is cut."""
        stepper, recurrence = self.stepper, self.stepper.recurrence
        if recurrence.polls or recurrence.came_back is not None:
            self.polled = True
        if recurrence.came_back is not None or len(stepper.schedule) >= self.step_limit:
            return []
        return stepper.free if recurrence.polls else stepper.ready

    def pending_at(self, position: int) -> dict[str, Request]:
        """From the letter of each worker that had not ended, at a place of the schedule, to what it
        was about to do."""
        return self._states[position][1]

    def states_at(self, position: int) -> States:
        """States of what workers wait for, at a place of the schedule."""
        return self._states[position][0]

    def able_at(self, position: int, letter: str, request: Request) -> bool:
        """True where a step could have been taken at a place of the schedule."""
        lock, states = request.lock, self.states_at(position)
        return lock is None or self._rules[lock].able(states, letter, request)

    def after(self, states: States, letter: str, request: Request) -> States:
        """Return the states after a step, from those before it."""
        lock = request.lock
        return states if lock is None else self._rules[lock].after(states, letter, request)

    def effect(self, states: States, letter: str, request: Request) -> Effect:
        """Return the effect that a step has in some states of what workers wait for."""
        return effect(request, letter, states, self._rules, self._always is not None)

    def end(self) -> tuple[Outcome, bool]:
        """Return how the schedule has ended, and whether all that is judged holds."""
        outcome = self.stepper.end(self.step_limit)
        holds = all(self._sound)
        if outcome.kind == "finished":
            for kept in self._held_by_workers(self.stepper.lock_states):
                self.left_taken.setdefault(kept, self.stepper.schedule)
        if self._invariant and outcome.kind in ENDED:
            self.stepper.settle_memory()
            holds = self._holds(self._invariant, outcome.results) and holds
        return outcome, holds

    def _note(self):
        states = self.stepper.lock_states
        self._states.append((states, dict(self.stepper.pending)))
        if self._always is not None:
            locked = bool(self._held_by_workers(states))
            self._sound.append(locked or self._holds(self._always, None))
            if changed := self.stepper.changed_meanwhile():
                raise ValueError(
                    f"always {worker_name(self._always)} has changed {changed}: it is called while "
                    "the workers are at work, and may only look"
                )

    def _held_by_workers(self, states):
        """Return (letter of the worker, name) for each lock that a worker holds."""
        held = [(states[r.number], r.name) for r in self._rules if isinstance(r, LockRules)]
        return [(owner[0], name) for owner, name in held if owner and owner[0] != PARENT]

    def _holds(self, invariant, results):
        """Judge what is shared now. An invariant may be stopped like any cell."""
        extra = {"results": results} if results is not None and self._asks_for_results else {}
        stop_button = self.stepper.stop_button
        before = [_times_taken(item) for _, item in self._semaphores]
        try:
            holds = stop_button.wait(lambda: invariant(*self._shared, **extra))
        except AssertionError:
            holds = False
        except Exception as error:
            schedule = self.stepper.schedule
            error.add_note(f"The invariant raised this under schedule {schedule!r}.")
            raise
        finally:
            kept = self._kept_since(before)
        if kept:
            raise ValueError(
                f"{worker_name(invariant)} took {' and '.join(kept)} and did not give it back: "
                "nobody works while it is called, so it needs no lock"
            )
        if holds is None:
            # A return that was forgotten must not count as a proof, nor as a broken invariant.
            which = "always" if invariant is self._always else "invariant"
            raise TypeError(
                f"{which} {worker_name(invariant)} returned None, which is neither yes nor no: let "
                "it return what must hold, such as return n.value >= 0. One that asserts ends with "
                "return True"
            )
        return bool(holds)

    def _kept_since(self, before):
        """Give back what this process has taken since, and return the names."""
        kept = []
        for (name, item), count in zip(self._semaphores, before, strict=True):
            while _times_taken(item) > count:
                item.release()
                kept.append(name)
        return list(dict.fromkeys(kept))

    def _check(self, after, letter):
        """See that a worker goes on as it did whenever all that it depends on was the same."""
        now = self.stepper.pending.get(letter) or _End(*self.stepper.end_of(letter))
        before = self._follow_up.setdefault(after, now)
        if before != now and repr(before) != repr(now):  # NaN differs from itself
            worker = self.stepper.workers[self.stepper.letters.index(letter)]
            steps = schedule_words(self.stepper.schedule) or "none"
            raise WorkerError(
                f"worker {worker} did something else after the same steps, {steps}: first it went "
                f"on to {before}, now to {now}. Under explore a worker may depend only on its "
                "arguments and the shared objects, not on the clock or on globals that it changes",
                worker=worker,
            )


class _End(NamedTuple):
    words: str
    result: object

    def __str__(self):
        return f"its end, {self.words}"


def _semaphores(stepper, shared):
    """(name, lock or semaphore) for each that an invariant could take."""
    names = awaited_names(shared, stepper.names[: len(shared)])
    return [
        (name, item)
        for name, item in zip(names, awaited_of(shared), strict=True)
        if isinstance(item, synchronize.SemLock)
    ]


def _times_taken(lock: Any) -> int:
    """Return how often this process has taken a lock or semaphore."""
    count: int = lock._semlock._count()
    return count
