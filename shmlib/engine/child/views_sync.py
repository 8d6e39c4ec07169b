"""Views of what workers wait for: locks, semaphores, Condition, Event and Barrier."""

import functools
import operator
import os
import sys
from multiprocessing import synchronize
from typing import TYPE_CHECKING, Any

from . import MOST_WORKERS
from .views_base import Subject, View

if TYPE_CHECKING:
    from .gate import Gate


def _subject_of(gate, item):
    number = next(n for n, known in enumerate(gate.awaited) if known is item)
    return Subject(gate, item, gate.awaited_names[number], (-1, 0, 0), number)


# ------------------------------------------------------------------- locks and semaphores


class _Semaphore:
    """Stands in for the C object inside a Lock, an RLock or a Semaphore."""

    def __init__(self, subject):
        self._gated = subject
        self._real = subject.real._semlock
        # How often this worker has taken it, less how often it has given it back. The real one
        # goes on counting from one schedule to the next where others give back what it took.
        self._taken = 0

    def acquire(self, *given, **named):
        if given or named:
            self._try(*given, **named)
        block, timeout = _acquire_arguments(*given, **named)
        waits = bool(block) and timeout is None
        gate, _, name, _, number = self._gated
        taken = gate.step("acquire", name, lambda: self._take(waits), number, waits=waits)
        if not taken and block:
            gate.clock.sleep(max(0, timeout))
        return taken

    def _try(self, *given, **named):
        """Raise what the real one raises: which arguments pass differs by system and version."""
        trial = _trial(self._real.kind)
        if self._recursive and self._real._is_mine():
            trial.acquire()
        try:
            trial.acquire(*given, **named)
        finally:
            while trial._is_mine():
                trial.release()

    def _take(self, must):
        if not self._real.acquire(False):
            if must:
                raise RuntimeError(f"{self._gated.name} is held by someone other than the workers")
            return False
        self._taken += 1
        return True

    def release(self, *given):
        if given:
            self._real.release(*given)  # raises what the real one raises
        gate, _, name, _, number = self._gated
        return gate.step("release", name, self.give, number)

    def give(self):
        """Give it back, without a step."""
        self._real.release()
        self._taken -= 1

    def take(self):
        """Take it, without a step; it must be free."""
        self._take(True)

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *_):
        self.release()

    def _count(self):
        return self._real._count() if self._recursive else self._taken

    def _is_mine(self):
        return self._real._is_mine() if self._recursive else self._taken > 0

    @property
    def _recursive(self):
        return self._real.kind == synchronize.RECURSIVE_MUTEX  # type: ignore[attr-defined]

    def _is_zero(self):
        return self._look(self._real._is_zero)

    def _get_value(self):
        return self._look(self._real._get_value)

    def _look(self, perform):
        gate, _, name, _, number = self._gated
        return gate.step("read", name, perform, number, waits=False)

    def __getattr__(self, name):
        return getattr(self._real, name)


@functools.cache
def _trial(kind):
    """Return the C object of a lock that nobody else has."""
    made = synchronize._multiprocessing.SemLock  # type: ignore[attr-defined]
    return made(kind, 1, 1, f"/shmlib-{os.getpid()}-{kind}", True)


def _acquire_arguments(block=True, timeout=None):
    return block, timeout


def lock_view(gate: "Gate", lock: Any) -> Any:
    """Return the view of a Lock, an RLock or a Semaphore."""
    view: Any = object.__new__(_lock_type(type(lock)))  # type: ignore[arg-type]
    vars(view).update(vars(lock))
    view._gated = _subject_of(gate, lock)
    view._semlock = _Semaphore(view._gated)
    view._make_methods()
    return view


@functools.cache
def _lock_type(real):
    return type(real.__name__, (View, real), {"__module__": real.__module__})


# ------------------------------------------------------------ Condition, Event and Barrier

# Each runs CPython's own code, as far as that goes without waiting: between two steps, the inner
# lock of an Event or a Barrier is free. The names of the classes are in the words of errors.


class Condition(View, synchronize.Condition):
    _gated: Subject
    _lock: Any
    _sleeping_count: Any

    def wait(self, timeout: Any = None) -> Any:
        """Two steps: to give the lock back and fall asleep, and, woken, to take it again. With a
        time limit three, since between waking, or not, and the lock others may come."""
        gate, _, name, _, number = self._gated
        lock = self._lock._semlock
        assert lock._is_mine(), "must acquire() condition before using wait()"
        times = lock._count()
        error = None if timeout is None else _error_of(timeout)
        gate.step("wait on", name, functools.partial(self._fall_asleep, times), number)
        take = functools.partial(_repeat, times, lock.take)
        if timeout is None:
            gate.step("wake on", name, functools.partial(self._woken, take), number, value=times)
            return True
        woken = gate.step("wake on", name, self._woken_in_time, number, waits=False)
        gate.step("retake", name, take, number, value=times)
        if error is not None:
            raise error
        if not woken:
            gate.clock.sleep(max(0, timeout))
        return woken

    def _fall_asleep(self, times):
        self._sleeping_count.release()
        _repeat(times, self._lock._semlock.give)

    def _woken(self, take):
        take()
        return True

    def _woken_in_time(self):
        if self._gated.gate.late:
            self._sleeping_count.acquire(False)
        return not self._gated.gate.late

    def notify(self, n: Any = 1) -> None:
        self._notify("notify", n)

    def notify_all(self) -> None:
        self._notify("notify_all", sys.maxsize)

    def _notify(self, action, n):
        gate, _, name, _, number = self._gated
        synchronize.Condition.notify(self, 0)  # raises what the real one raises
        operator.lt(0, n)  # likewise
        some = next((k for k in range(MOST_WORKERS) if not k < n), MOST_WORKERS)
        gate.step(action, name, functools.partial(self._wake, some), number, value=some)

    def _wake(self, some):
        while some and self._sleeping_count.acquire(False):
            some -= 1

    def __repr__(self):
        gate, _, name, _, number = self._gated
        gate.step("read", name, int, number, waits=False)
        return super().__repr__()


class Event(View, synchronize.Event):
    _gated: Subject

    def is_set(self) -> Any:
        return self._step("read")

    def set(self) -> None:
        self._step("set", self._gated.real.set)

    def clear(self) -> None:
        self._step("clear", self._gated.real.clear)

    def wait(self, timeout: Any = None) -> Any:
        """One step if it is set, and else two: to fall asleep, and to look again when woken. With
        a time limit it is one: what it returns is what it saw at last."""
        if timeout is None:
            return self._step("wait on", waits=True) or self._step("wake on", waits=True)
        found = self._step("wait on", functools.partial(self._is_set_or, timeout))
        if not found:
            self._gated.gate.clock.sleep(max(0, timeout))
        return found

    def _is_set_or(self, timeout):
        if self._gated.real.is_set():
            return True
        error = _error_of(timeout)
        if error is not None:
            raise error
        return False

    def _step(self, action, perform=None, waits=False):
        gate, real, name, _, number = self._gated
        return gate.step(action, name, perform or real.is_set, number, waits=waits)


class Barrier(View, synchronize.Barrier):
    _gated: Subject
    _action: Any
    _count: Any  # these two are properties of the real class
    _state: Any
    _enter: Any
    _exit: Any
    _parties: int
    _timeout: float | None
    _wait: Any

    def wait(self, timeout: Any = None) -> Any:
        """Two steps: to arrive, and to leave when all have arrived. Who comes last needs one, with
        an action one before it and one after it."""
        if timeout is None:
            timeout = self._timeout
        place = self._step("arrive at", functools.partial(self._arrive, timeout))
        if place + 1 == self._parties:
            if self._action:
                self._act()
            return place
        self._step("leave", functools.partial(self._leave, timeout), waits=timeout is None)
        return place

    def _arrive(self, timeout):
        self._enter()
        place = self._count
        if timeout is not None and place + 1 < self._parties:
            0.0 + timeout  # raises what the real one raises
        self._count += 1
        if place + 1 == self._parties and not self._action:
            self._let_go(1)
        return place

    def _act(self):
        try:
            self._action()
        except BaseException:
            self._step("break", functools.partial(self._let_go, -2))
            raise
        self._step("open", functools.partial(self._let_go, 1))

    def _let_go(self, state):
        self._state = state
        self._count -= 1
        self._exit()

    def _leave(self, timeout):
        if timeout is not None and not self._state:
            self._gated.gate.clock.sleep(max(0, timeout))
        try:
            self._wait(timeout)
        finally:
            self._count -= 1
            self._exit()

    def abort(self) -> None:
        self._step("abort", super().abort)

    def reset(self) -> None:
        self._step("reset", super().reset)

    @property
    def n_waiting(self) -> Any:
        return self._look("n_waiting")

    @property
    def broken(self) -> Any:
        return self._look("broken")

    def _look(self, what):
        perform = functools.partial(getattr, self._gated.real, what)
        return self._step("read", perform, f".{what}", waits=False)

    def _step(self, action, perform, part="", waits=True):
        gate, _, name, _, number = self._gated
        return gate.step(action, name + part, perform, number, waits=waits)


class _Alone:
    """Stands in for the Condition inside a Barrier, while a step is taken with nobody else."""

    def __enter__(self):
        return True

    def __exit__(self, *_):
        pass

    def notify_all(self) -> None:
        pass

    def wait_for(self, predicate, timeout=None):
        return predicate()


_ALONE = _Alone()
_AWAITED: dict[type, type[View]] = {
    synchronize.Condition: Condition,
    synchronize.Event: Event,
    synchronize.Barrier: Barrier,
}


def awaited_view(gate: "Gate", item: Any, lock: Any) -> Any:
    """Return the view of a Condition, an Event or a Barrier.

    Args:
        gate: of the worker.
        item: the real object.
        lock: the view of the lock of a Condition, else None.
    """
    base = next(view for kind, view in _AWAITED.items() if isinstance(item, kind))
    view: Any = object.__new__(_awaited_type(base, type(item)))  # type: ignore[arg-type]
    vars(view).update(vars(item))
    view._gated = _subject_of(gate, item)
    if base is Condition:
        view._lock = lock
        view._make_methods()
    elif base is Barrier:
        view._cond = _ALONE
    return view


@functools.cache
def _awaited_type(base, real):
    names = {"__module__": real.__module__, "__qualname__": real.__qualname__}
    return type(real.__name__, (base, real), names)


def _repeat(times, perform):
    for _ in range(times):
        perform()


def _error_of(timeout):
    """Return what a semaphore raises where it is given such a time limit, or None."""
    trial = _trial(synchronize.SEMAPHORE)  # type: ignore[attr-defined]
    try:
        trial.acquire(True, timeout)
    except Exception as error:
        return error
    trial.release()
    return None
