"""Stepper: workers on real processes that wait at their gates, each for its next step.

The workers share the real memory. Each takes one step at a time, when the parent says so (see
`gates`); the parent knows what everyone is about to do and who holds which lock, so it grants only
what can go on.
"""

import atexit
import contextlib
import ctypes
import inspect
import marshal
import math
import multiprocessing
import pickle
import re
import string
import time
from collections import Counter, namedtuple
from dataclasses import dataclass
from functools import cache, cached_property
from multiprocessing import connection, synchronize
from typing import NamedTuple

from . import gates
from .processes import (
    GRACE,
    Member,
    Patience,
    SigintBlocked,
    WorkerError,
    WorkerTimeoutError,
    check_timeout,
    checked_workers,
    fitting_start_method,
    wait,
)

# A schedule of so many steps that has not come to an end is a livelock.
STEP_LIMIT = 200
# Steps for which a worker is let go on alone, to see whether it only goes round and round.
PROBE = 100
# Memory of more bytes than this is not compared after each step.
LARGE = 4096
# Arrays of more items than this are shown by their first ones.
LONGEST_ROW = 24
# Seconds that a process may take to start.
START_LIMIT = 60.0


class Request(NamedTuple):
    """What a worker is about to do.

    Attributes:
        action: "read", "write", "acquire" or "release".
        target: what it is done to, such as ``"numbers[2]"``.
        lock: number of the lock that is needed, else None.
        waits: False where an acquire does not wait for the lock.
        where: (file, first line of the function, line) of the code that asks.
        value: what is to be written, else None.
    """

    action: str
    target: str
    lock: int | None
    waits: bool
    where: tuple
    value: object = None

    def __str__(self):
        if self.action == "write":
            return f"write {self.value!r} to {self.target}"
        return f"{self.action} {self.target}"


@dataclass(frozen=True)
class Step:
    """One access to shared memory or to a lock, as it happened.

    Attributes:
        worker: the letter.
        action: "read", "write", "acquire" or "release".
        target: what it was done to.
        value: what was read or written; for an acquire True or False; where it raised, the text.
        memory: content of each shared object after the step.
        raised: True where the access raised an exception in the worker.
    """

    worker: str
    action: str
    target: str
    value: object
    memory: tuple
    raised: bool = False

    def __str__(self):
        text = f"{self.action} {self.target}"
        if self.raised:
            return f"{text}: {self.value}"
        if self.action in ("read", "write") or self.value is False:
            return f"{text}: {self.value!r}"
        return text


class LockState(str):
    """Who holds a lock, "free" or "held by A", where the content of memory is told."""

    __slots__ = ()


@dataclass(frozen=True, eq=False, repr=False)
class Outcome:
    """How a schedule ended. Hashable; two are equal where kind, memory, results and detail are.

    Attributes:
        kind: "finished", "deadlock", "livelock" or "error".
        memory: final content of each shared object; of a lock, the `LockState`.
        results: what each worker returned, None where it did not.
        detail: who waits for whom, or what was raised, in words.
    """

    kind: str
    memory: tuple
    results: tuple
    detail: str = ""
    names: tuple = ()

    @cached_property
    def _key(self):
        return self.kind, _frozen(self.memory), _frozen(self.results), self.detail

    def __eq__(self, other):
        return self._key == other._key if isinstance(other, Outcome) else NotImplemented

    def __hash__(self):
        return hash(self._key)

    def __str__(self):
        names = self.names or tuple(f"shared[{n}]" for n in range(len(self.memory)))
        text = f"{self.kind}, {memory_words(names, self.memory)}".removesuffix(", ")
        if any(result is not None for result in self.results):
            text += f", results {self.results!r}"
        return f"{text} ({self.detail})" if self.detail else text

    __repr__ = __str__


class Stepper:
    """Workers that wait at their gates, each for its next step. Use it in a `with` statement.

    Args:
        workers, *shared, timeout, start_method: as for `replay`.

    Attributes:
        letters: of the workers, in order.
        workers: letter and name of each.
        names: of the shared objects, from the parameters of the first worker.
        schedule: the steps taken so far, a letter each.
        start: content of each shared object before the first step.
        steps: the `Step` of each.
        pending: from the letter of a worker that has not ended to what it is about to do.
        last_place: from the letter of a worker to where its last request came from, or None.
    """

    def __init__(self, workers, *shared, timeout=10.0, start_method=None):
        self._functions = checked_workers(workers, shared)
        method = fitting_start_method(self._functions, shared, start_method)
        self._context = multiprocessing.get_context(method)
        check_timeout(timeout)
        gates.check_gateable(self._functions, shared)
        self._timeout = timeout
        self._shared = shared
        self.letters = string.ascii_uppercase[: len(self._functions)]
        self.names = _names(self._functions[0], shared)
        self._locks = gates.locks_of(shared)
        self._lock_names = gates.lock_names(shared, self.names)
        for lock, name in zip(self._locks, self._lock_names, strict=True):
            _check_free(lock, name)
        self._memories = [m for m in map(gates.memory_of, shared) if m is not None]
        self._before = [bytes(memory) for memory in self._memories]
        self._large = sum(map(len, self._before)) > LARGE
        self._rounds = {}
        self._owners = [None] * len(self._locks)
        self.pending = {}
        self._crew = {}
        self._busy = None
        self.patience = Patience()
        atexit.register(self.close)  # else the interpreter would wait for the workers when it ends
        try:
            with self.patience:
                for letter in self.letters:
                    self._enlist(letter)
                for letter in self.letters:
                    self._receive(letter, START_LIMIT)
                self.rewind()
        except BaseException:
            self.close()
            raise
        self.workers = tuple(self._crew[letter].name for letter in self.letters)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def ready(self):
        """Letters of the workers that can go on now."""
        pending = self.pending
        return [k for k in self.letters if k in pending and not self._hindrance(k)]

    @property
    def blocked(self):
        """From the letter of each worker that cannot go on to the reason, in words."""
        reasons = {letter: self._hindrance(letter) for letter in sorted(self.pending)}
        return {letter: reason for letter, reason in reasons.items() if reason}

    @property
    def spinning(self):
        """Letters of the workers that go round and round until another changes something."""
        return [k for k in self.ready if self._was_here(k) and self._round(k)]

    @property
    def locks(self):
        """From the name of each lock to the letter of the worker that holds it, or None."""
        owners = [owner and owner[0] for owner in self._owners]
        return dict(zip(self._lock_names, owners, strict=True))

    @property
    def ended(self):
        """From the letter of each worker that has ended to how, in words."""
        return {
            letter: f"It raised {self._raised[letter]}."
            if letter in self._raised
            else f"It has ended and returned {self._results[letter]!r}."
            for letter in self.letters
            if letter not in self.pending
        }

    @property
    def memory(self):
        """Content of each shared object now; of a lock, the `LockState`."""
        return tuple(self._content(item) for item in self._shared)

    @property
    def outcome(self):
        """The `Outcome`, or None while somebody can go on to something new."""
        if self.ready:
            if self.spinning != self.ready:
                return None
            if len(self.ready) > 1 and "moving" in map(self._round, self.ready):
                return None  # one may see what another changes on its round
            names = " and ".join(self.ready)
            verb = "comes" if len(self.ready) == 1 else "come"
            what = ", ".join(str(self.pending[letter]) for letter in self.ready)
            return self._outcome("livelock", f"{names} {verb} back to {what} for ever")
        if self.pending:
            waiting = [f"{letter} {reason}" for letter, reason in self.blocked.items()]
            return self._outcome("deadlock", *waiting)
        return self._outcome("error" if self._raised else "finished")

    def grant(self, letter):
        """Let a worker take its next step.

        Returns:
            The `Step`.

        Raises:
            ValueError: there is no such worker, or it is blocked, or has ended.
        """
        if letter not in self.pending or self._hindrance(letter):
            raise ValueError(self._refusal(letter))
        request = self.pending[letter]
        kept, value = self.advance(letter)
        if request.action == "write" and kept:
            value = request.value
        step = Step(letter, request.action, request.target, value, self.memory, not kept)
        self.steps.append(step)
        return step

    def advance(self, letter):
        """Let a worker that is ready take its next step, without a `Step` for it.

        Returns:
            (True, what the step gave) or (False, the exception that it raised, in words).
        """
        with self.patience:
            request = self.pending.pop(letter)
            self.schedule += letter
            self._busy = letter, request
            self._crew[letter].send(gates.GRANT)
            given = self._settle(self._receive(letter, self._timeout))
            self._arrive(letter)
            return given

    def undo(self):
        """Take the last step back: everything is set back and the steps before it are rerun.

        Raises:
            ValueError: there is no step to undo.
        """
        if not self.schedule:
            raise ValueError("there is no step to undo")
        self.rewind(self.schedule[:-1])

    def rewind(self, schedule="", record=True):
        """Set memory, locks and workers back to the start, and take the steps of a schedule.

        Args:
            schedule: a letter for each step.
            record: False to leave `steps` empty, which is faster.
        """
        with self.patience:
            self._tidy(self._timeout)
            self.schedule = ""
            self.steps = []
            self._results = dict.fromkeys(self.letters)
            self._raised = {}
            self._tokens = {}
            self._told = dict.fromkeys(self.letters, 0)
            self._configurations = Counter()
            self._unchanged = None
            self._writes = 0
            self.last_place = dict.fromkeys(self.letters)
            for member in self._crew.values():
                member.forget_output()
                member.send(gates.START)
            for letter in self.letters:
                self._busy = letter, None
                self._settle(self._receive(letter, self._timeout))
            self._arrive(None)
            self.start = self.memory
            for letter in schedule:
                self.grant(letter) if record else self.advance(letter)

    def end(self, step_limit=STEP_LIMIT):
        """Return the `Outcome` of the schedule so far.

        Raises:
            ValueError: the workers have not come to an end, in fewer steps than step_limit.
        """
        outcome = self.outcome
        if outcome is None and len(self.schedule) < step_limit:
            raise ValueError(
                f"schedule {self.schedule!r} ends too soon, after step {len(self.schedule)}: "
                f"{self._who_can_go()}"
            )
        return outcome or self._outcome("livelock", f"still going after {len(self.schedule)} steps")

    @property
    def output(self):
        """What each worker wrote to stdout and stderr under this schedule."""
        return tuple(self._crew[letter].drained() for letter in self.letters)

    def settle_memory(self):
        """End the schedule: locks are given back, and the memory stays as it is."""
        with self.patience:
            self._tidy(self._timeout, restore=False)

    def close(self):
        """End the workers and put memory and locks back. May be called twice."""
        atexit.unregister(self.close)
        with self.patience:
            self._close()

    def _close(self):
        crew, seconds = self._crew, 0
        if not crew:
            return
        try:
            if all(member.line for member in crew.values()):
                self._tidy(GRACE, final=True)
                for member in filter(lambda member: member.line, crew.values()):
                    member.send(gates.QUIT)
                seconds = GRACE
        finally:
            deadline = time.monotonic() + seconds
            for letter, member in crew.items():
                member.leave(deadline)
                self._recover_locks(letter)
            self._restore()
            self._crew = {}
            self.pending = {}

    # ------------------------------------------------------------------------ the workers

    def _enlist(self, letter):
        position = self.letters.index(letter)
        member = _GatedMember(letter, self._functions[position])
        member.patience = self.patience
        self._crew[letter] = member
        with SigintBlocked():
            member.open(self._context, self.names, letter, self._shared)

    def _receive(self, letter, seconds):
        """Return the next message of a worker; WorkerError where it fails to come."""
        member = self._crew[letter]
        message = member.receive(seconds)
        if message is not None:
            return message
        about = f"\n\n{self._last_words(letter)}"
        if not member.running:
            failure, traceback = member.failure()
            kind = WorkerError
            if member.exitcode > 0 and not traceback:
                failure += ". A lock that it held stays taken"
        else:
            failure, traceback = f"worker {member.name} took more than {seconds:g} s", ""
            about += ". It is ended now; a lock that it held stays taken"
            kind = WorkerTimeoutError
            member.leave(0)
        self._recover_locks(letter)
        self._busy = None
        if member.output:
            about += f"\n\nIt wrote:\n{member.output}"
        raise kind(
            (failure + about + ("\n\n" + traceback if traceback else "")).rstrip(),
            worker=member.name,
            traceback=traceback,
            exitcodes=tuple(m.exitcode for m in self._crew.values()),
            output=tuple(m.output for m in self._crew.values()),
        )

    def _last_words(self, letter):
        request = self._busy[1] if self._busy and self._busy[0] == letter else None
        if request is None:
            return "It was on the way to its first step"
        return (
            f"This was step {len(self.schedule)} of schedule {self.schedule}; it had been granted: "
            f"{request} (line {request.where[2]})"
        )

    def _settle(self, message):
        """Take in what a worker says after a step; return what the step gave."""
        letter, request = self._busy
        self._busy = None
        kind, seen, *rest = message
        kept, value = (True, None) if request is None or seen is None else seen
        self._told[letter] = hash((self._told[letter], kept, repr(value)))
        if request is not None and request.action != "read":
            self._note(letter, request, kept, value)
        if kind == "asks":
            self.pending[letter], token = rest
            self.last_place[letter] = self.pending[letter].where
            self._tokens[letter] = token
        elif kind == "unreturnable":
            member = self._crew[letter]
            raise WorkerError(member.unreturnable(rest[0]), worker=member.name)
        else:
            if kind == "returned":
                self._results[letter] = rest[0]
            else:
                self._raised[letter] = _ADDRESS.sub("0x...", rest[0])
        return kept, value

    def _note(self, letter, request, kept, value):
        """Bring the locks up to date after a step."""
        if request.action == "write":
            self._writes += 1
        elif kept and request.action == "acquire" and value:
            held = self._owners[request.lock]
            self._owners[request.lock] = letter, (held[1] + 1 if held else 1)
        elif kept and request.action == "release":
            owner, count = self._owners[request.lock]
            self._owners[request.lock] = (owner, count - 1) if count > 1 else None

    def _state(self):
        """Return what the workers share: the memory (or, if large, how often it was written) and
        who holds which lock."""
        memory = self._writes if self._large else b"".join(map(bytes, self._memories))
        return memory, tuple(self._owners)

    def _arrive(self, letter):
        """Count where the workers are, after one of them has taken a step."""
        state = self._state()
        places = {k: self._tokens[k] for k in self.pending}
        if state != self._unchanged:
            self._unchanged = state
            self._visits = {k: {token: 1} for k, token in places.items()}
        elif letter in places:
            visits = self._visits[letter]
            visits[places[letter]] = visits.get(places[letter], 0) + 1
        self._all_places = tuple(sorted(places.items())), state
        self._configurations[self._all_places] += 1

    def _was_here(self, letter):
        """True where a worker came back to its instruction, with the same locals, and meanwhile
        nothing that is shared was changed; or where all workers and all that is shared are as
        they were before."""
        back = self._visits[letter].get(self._tokens[letter], 0) > 1
        return back or self._configurations[self._all_places] > 1

    def _round(self, letter):
        """Let a worker go on alone; return "still" where it only goes round and changes nothing,
        "moving" where it goes round and changes what is shared, "" where it gets on.

        What looks the same may differ in what the parent cannot see, such as how far a `for` loop
        has come in a list of equal items. So it is tried; then all is set back. What a worker has
        been told so far determines what it does next.
        """
        begin = self._unchanged
        key = letter, self._told[letter], begin
        if key not in self._rounds:
            schedule, record = self.schedule, bool(self.steps)
            met = []
            while len(met) < PROBE and letter in self.pending and not self._hindrance(letter):
                self.advance(letter)
                met.append((self._tokens[letter], self._unchanged))
            half = PROBE // 2
            self._rounds[key] = ""
            if len(met) == PROBE and letter in self.pending and set(met[half:]) <= set(met[:half]):
                still = all(state == begin for _, state in met)
                self._rounds[key] = "still" if still else "moving"
            self.rewind(schedule, record)
        return self._rounds[key]

    def _hindrance(self, letter):
        """Return why a worker cannot go on, in words, or None."""
        request = self.pending[letter]
        if request.lock is None or self._owners[request.lock] is None:
            return None
        if request.action == "release" or not request.waits:
            return None
        owner = self._owners[request.lock][0]
        name = self._lock_names[request.lock]
        if owner != letter:
            gone = "" if owner in self.pending or self._is_busy(owner) else ", which has ended"
            return f"waits for {name}, held by {owner}{gone}"
        if isinstance(self._locks[request.lock], synchronize.RLock):
            return None
        return f"waits for {name}, which it holds itself: a plain Lock cannot be taken twice"

    def _is_busy(self, letter):
        return self._busy is not None and self._busy[0] == letter

    def _refusal(self, letter):
        step = f"step {len(self.schedule) + 1} of the schedule asks for worker {letter!r}"
        if not isinstance(letter, str) or letter not in set(self.letters):
            why = f"there is none; the workers are {', '.join(self.workers)}"
        elif letter in self.pending:
            why = f"it is about to {self.pending[letter]}, and {self._hindrance(letter)}"
        else:
            why = "it has ended"
        return f"{step}: {why}. {self._who_can_go()}"

    def _who_can_go(self):
        if not self.ready:
            return "Nobody can go on"
        able = [f"{letter} (to {self.pending[letter]})" for letter in self.ready]
        return f"Who can go on: {', '.join(able)}"

    # ------------------------------------------------------------------- memory and locks

    def _content(self, item):
        if isinstance(item, gates.LOCKS):
            owner = self._owners[next(n for n, lock in enumerate(self._locks) if lock is item)]
            return LockState(f"held by {owner[0]}" if owner else "free")
        return content(gates.memory_of(item))

    def _outcome(self, kind, *detail):
        raised = [f"{letter} raised {self._raised[letter]}" for letter in sorted(self._raised)]
        return Outcome(
            kind,
            self.memory,
            tuple(self._results[letter] for letter in self.letters),
            "; ".join([*raised, *detail]),
            self.names,
        )

    def _restore(self):
        for memory, before in zip(self._memories, self._before, strict=True):
            ctypes.memmove(ctypes.addressof(memory), before, len(before))

    def _tidy(self, seconds, restore=True, final=False):
        """Unwind the workers that have not ended, have all locks given back, restore memory."""
        if self._busy is not None:
            # An interrupt came between a grant and its answer.
            message = self._crew[self._busy[0]].receive(seconds)
            if message is not None:
                self._settle(message)
        for letter, member in list(self._crew.items()):
            held = self._held_by(letter)
            needed = final or held or letter in self.pending or self._is_busy(letter)
            if needed and member.line:
                member.send(gates.CLEAN + held)
                self._await_clean(letter, seconds, final)
        self.pending = {}
        self._busy = None
        if restore:
            self._restore()

    def _held_by(self, letter):
        numbers = [n for n, held in enumerate(self._owners) if held and held[0] == letter]
        return bytes(n for n in numbers for _ in range(self._owners[n][1]))

    def _await_clean(self, letter, seconds, final):
        """Wait until a worker has unwound; one that does not is ended and started anew."""
        member = self._crew[letter]
        deadline = time.monotonic() + min(seconds, GRACE)
        while (left := deadline - time.monotonic()) > 0:
            message = member.receive(left)
            if message is None:
                break
            if message[0] == "clean":
                for number in set(self._held_by(letter)):
                    self._owners[number] = None
                return
        member.leave(0)
        self._recover_locks(letter)
        if not final:
            self._enlist(letter)
            self._receive(letter, START_LIMIT)

    def _recover_locks(self, letter):
        """Release what a process took with it; only a plain Lock lets another process do so."""
        if self._is_busy(letter) and self._busy[1] and self._busy[1].action == "acquire":
            # It had been granted a lock, and has not said whether it took it.
            lock = self._locks[self._busy[1].lock]
            if isinstance(lock, synchronize.Lock):
                lock.acquire(block=False)
                lock.release()
        for number in set(self._held_by(letter)):
            lock = self._locks[number]
            if isinstance(lock, synchronize.Lock):
                lock.release()
            self._owners[number] = None


class _GatedMember(Member):
    """A worker's process, with the line over which its steps are granted."""

    line = None

    def open(self, context, names, letter, shared):
        ours, theirs = connection.Pipe()
        try:
            self.start(context, gates.serve, (self.worker, names, letter, theirs, *shared))
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self.line = gates.Line(ours)
        self.line.hurry()
        self._requests = []

    def send(self, order):
        with contextlib.suppress(OSError):  # it has ended; receive() tells
            self.line.send(order)

    def receive(self, seconds):
        """Return the next message, or None where it has not come in time, or never will."""
        pipe = self.line.pipe
        deadline = time.monotonic() + seconds
        if self.line.arrived or self.patience.wait(self.line.peek):
            return self._message(deadline)
        while self.running:
            left = max(0, deadline - time.monotonic())
            ready = self.patience.wait(wait, [pipe, *self.sources], left)
            if not ready:
                return None
            if pipe in ready:
                return self._message(deadline)
            self.collect(ready)
        return None

    def _message(self, deadline):
        try:
            message = self.line.receive(deadline)
        except (EOFError, OSError):
            connection.wait([self.process.sentinel], GRACE)
            self.collect(connection.wait(self.sources, 0))
            return None
        if message[:1] == gates.ASKS:
            number, told, value, seen, token = marshal.loads(message[1:])
            if told is not None:
                self._requests.append(Request(*told))
            request = self._requests[number]
            if value is not None:
                request = request._replace(value=value)
            return "asks", seen, request, token
        try:
            return pickle.loads(message[1:])
        except Exception as error:
            return "unreturnable", None, f"{type(error).__name__}: {error}"

    def drained(self):
        """Return what the worker has written since its output was last forgotten."""
        while ready := connection.wait(self.pipes, 0):
            self.collect(ready)
        return self.output

    def forget_output(self):
        self.drained()
        self._output.clear()

    def leave(self, deadline):
        """Give the process until the deadline to end by itself, then end it."""
        while self.line and self.running and (left := deadline - time.monotonic()) > 0:
            self.collect(wait(self.sources, left))
        if self.line:
            self.line.close()
            self.line = None
        self.end()


def _check_free(lock, name):
    mine = lock._semlock._is_mine()
    if mine or not lock.acquire(block=False):
        whose = "by this process" if mine else "by another process"
        raise ValueError(f"{name} is held {whose}: it must be free before the workers start")
    lock.release()


def _names(worker, shared):
    """Return a name for each shared object: that of the worker's parameter."""
    try:
        given = inspect.signature(worker).bind(*shared).arguments
    except ValueError:
        given = {}
    names = []
    for name, value in given.items():
        spread = isinstance(value, tuple) and not any(value is item for item in shared)
        names += [f"{name}[{n}]" for n in range(len(value))] if spread else [name]
    if len(names) != len(shared):
        names = [f"shared[{n}]" for n in range(len(shared))]
    return tuple(names)


# ---------------------------------------------------------------------------------- in words


def content(memory):
    """Return what a ctypes object holds: a number, text, bytes, a tuple or a named tuple."""
    if isinstance(memory, ctypes._SimpleCData):
        return memory.value
    if isinstance(memory, ctypes.Array):
        if memory._type_ is ctypes.c_char:
            return memory.raw
        if memory._type_ is ctypes.c_wchar:
            return memory[:]
        return tuple(content(e) if isinstance(e, gates.DATA) else e for e in memory)
    if isinstance(memory, ctypes.Structure | ctypes.Union):
        names = [name for name, _ in gates.fields_of(type(memory))]
        values = [getattr(memory, name) for name in names]
        fields = [content(v) if isinstance(v, gates.DATA) else v for v in values]
        return _record(type(memory).__name__, tuple(names))(*fields)
    return f"a {type(memory).__name__}"


@cache
def _record(name, fields):
    return namedtuple(name, fields, rename=True)


def memory_words(names, memory):
    """Say what the shared objects hold, such as ``"first 6, second 4"``, without free locks."""
    parts = []
    for name, held in zip(names, memory, strict=True):
        if isinstance(held, LockState):
            if held != "free":
                parts.append(f"{name} {held}")
        elif hasattr(held, "_fields"):
            parts += [
                f"{name}.{field} {value!r}" for field, value in zip(held._fields, held, strict=True)
            ]
        else:
            parts.append(f"{name} {_row(held)}" if type(held) is tuple else f"{name} {held!r}")
    return ", ".join(parts)


def _row(items):
    """The items of an Array as a list, the first ones only where they are many."""
    if len(items) <= LONGEST_ROW:
        return repr(list(items))
    first = ", ".join(map(repr, items[:8]))
    return f"[{first}, ... {len(items):,} items]"


def _frozen(value, depth=0):
    """Return a hashable stand-in for a result or the content of memory, equal for what is equal in
    type and content, whichever process it came from."""
    kind = type(value)
    if kind is float and math.isnan(value):
        return "nan"
    if kind in _SIMPLE:
        return kind.__name__, value
    if depth > 20:
        return f"a deep {kind.__name__}"
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, list | tuple):
        kinds = set(map(type, value))
        if len(kinds) == 1 and kinds <= _SIMPLE - {float}:
            return kind.__name__, kinds.pop().__name__, tuple(value)
        return kind.__name__, tuple(_frozen(item, depth + 1) for item in value)
    if isinstance(value, set | frozenset):
        return kind.__name__, frozenset(_frozen(item, depth + 1) for item in value)
    if isinstance(value, BaseException):
        return kind.__name__, _frozen(value.args, depth + 1)
    if kind.__eq__ is object.__eq__ and hasattr(value, "__dict__"):
        return kind.__name__, _frozen(vars(value), depth + 1)
    try:
        hash(value)
    except TypeError:
        return _ADDRESS.sub("0x...", repr(value))
    return value


_SIMPLE = frozenset((int, float, complex, bool, str, bytes, type(None)))
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
