"""An oracle for explore: a model of shared memory and locks in pure Python, which tries all orders.

It shares no code with the engine. A program is one tuple of statements for each worker (see
`generated_workers`, which carries them out on real shared objects). The model runs a worker as a
generator that stops before each step, and goes through all schedules by starting over.
"""

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

# The shared objects, as `generated_workers.make` makes them: which lock each access takes.
GUARDS = {"x": "x", "y": "y", "a": "a", "p": "p", "r": None, "b": None}
RECURSIVE = {
    "x": True,
    "y": False,
    "a": True,
    "p": True,
    "lock": False,
    "rlock": True,
    "cond": True,  # the lock of the Condition
}
SEMAPHORES = {"sem": (1, None), "bound": (1, 1)}  # value, largest value
CONDITIONS = {"cond": "cond", "lcond": "lock"}  # from each to its lock
PARTIES = 2
START = {"x": 0, "y": 0, "r": 0, "a": (0, 0, 0), "b": (0, 0, 0), "p": (0, 0)}


class Wrong(Exception):  # noqa: N818
    """What the program raises."""


class Need(NamedTuple):
    """What a worker is about to do: with which lock, on which cells, or to which other object.

    `free` tells whether it can be done now; None where that depends on the lock.
    """

    action: str
    lock: str | None
    cells: tuple = ()
    free: Callable[[], bool] | None = None
    value: int | None = None


class World:
    """Memory and locks of one schedule."""

    def __init__(self):
        self.memory = {name: list(v) if isinstance(v, tuple) else [v] for name, v in START.items()}
        self.owners = dict.fromkeys(RECURSIVE)
        self.values = {name: value for name, (value, _) in SEMAPHORES.items()}
        # Of a Condition: who sleeps, and all sets of those that may have been woken.
        self.asleep = {name: set() for name in CONDITIONS}
        self.woken = {name: {frozenset()} for name in CONDITIONS}
        self.flag, self.waiting, self.released = False, set(), set()  # of the Event
        # Of the Barrier: who is inside, and whether it is draining, resetting or broken.
        self.inside, self.phase = 0, ""
        self.log = []  # for each step: who, which cells, whether it writes; which lock, if changed

    def can_take(self, lock, worker):
        held = self.owners[lock]
        return held is None or (RECURSIVE[lock] and held[0] == worker)

    def take(self, lock, worker):
        held = self.owners[lock]
        self.owners[lock] = worker, (held[1] if held else 0) + 1
        self.note(worker, lock=None if held else lock, changes=True)

    def note(self, worker, cells=(), writes=False, lock=None, changes=False):
        """Note what a step is to others; taking a lock again is nobody else's business."""
        self.log.append((worker, frozenset(cells), writes, lock, changes))

    def give(self, lock, worker):
        held = self.owners[lock]
        if RECURSIVE[lock]:
            if held is None or held[0] != worker:
                self.note(worker)
                raise Wrong("not owned")
            self.owners[lock] = (worker, held[1] - 1) if held[1] > 1 else None
            self.note(worker, lock=None if held[1] > 1 else lock, changes=True)
        else:
            self.note(worker, lock=lock, changes=held is not None)
            if held is None:
                raise Wrong("released too often")
            self.owners[lock] = None  # a plain Lock may be given back by anyone

    def give_all(self, lock, worker):
        """Give a lock back for a wait, however often it was taken; return how often."""
        _, times = self.owners[lock]
        self.owners[lock] = None
        return times

    def may_wake(self, name, worker):
        return any(worker in some for some in self.woken[name])

    def wake(self, name, worker):
        """Let a worker go on that sleeps on a Condition; True where it was woken."""
        self.asleep[name].discard(worker)
        chosen = {some - {worker} for some in self.woken[name] if worker in some}
        self.woken[name] = chosen or self.woken[name]
        return bool(chosen)

    def notify(self, name, number):
        """Wake any of those that sleep; return how many slept before."""
        (woken,) = {len(some) for some in self.woken[name]}
        asleep = len(self.asleep[name]) - woken
        self.woken[name] = {
            some | frozenset(more)
            for some in self.woken[name]
            for more in combinations(self.asleep[name] - some, min(number, asleep))
        }
        return asleep

    def leave(self):
        """Leave the Barrier; who is last opens it for the next round."""
        self.inside -= 1
        if not self.inside and self.phase in ("draining", "resetting"):
            self.phase = ""


def worker_of(world, me, program):
    """Yield the `Need` of each step before it is taken; return what the worker read."""
    seen = []

    def access(name, place, writes=False, places=()):
        cells = [(name, each) for each in places or (place,)]
        yield Need("write" if writes else "read", GUARDS[name], cells)
        world.note(me, cells, writes, GUARDS[name])
        return world.memory[name], place

    def body(statements):
        for statement in statements:
            yield from one(*statement)

    def one(kind, *rest):
        if kind == "read":
            cells, place = yield from access(*rest)
            seen.append(cells[place])
        elif kind == "write":
            name, place, value = rest
            cells, place = yield from access(name, place, writes=True)
            cells[place] = value
        elif kind == "add":
            name, place, value = rest
            cells, place = yield from access(name, place)
            before = cells[place]
            cells, place = yield from access(name, place, writes=True)
            cells[place] = before + value
        elif kind == "slice":
            (name,) = rest
            if GUARDS[name]:
                cells, _ = yield from access(name, 0, places=(0, 1))
                seen.append(tuple(cells[0:2]))
            else:
                found = []
                for place in (0, 1):
                    cells, _ = yield from access(name, place)
                    found.append(cells[place])
                seen.append(tuple(found))
        elif kind == "set slice":
            name, value = rest
            if GUARDS[name]:
                cells, _ = yield from access(name, 0, writes=True, places=(0, 1))
                cells[0:2] = [value, value]
            else:
                for place in (0, 1):
                    cells, _ = yield from access(name, place, writes=True)
                    cells[place] = value
        elif kind in ("acquire", "release", "with", "try") and rest[0] in SEMAPHORES:
            yield from on_semaphore(kind, *rest)
        elif kind == "value":
            (name,) = rest
            yield Need("read", name, free=lambda: True)
            world.note(me, lock=name)
            seen.append(world.values[name])
        elif kind in ("wait", "wait in time", "notify"):
            yield from on_condition(kind, *rest)
        elif kind in ("set", "clear", "is set", "await", "await in time"):
            yield from on_event(kind)
        elif kind in ("meet", "meet in time", "abort", "reset"):
            yield from on_barrier(kind)
        elif kind == "with":
            lock, inner = rest
            yield Need("acquire", lock)
            world.take(lock, me)
            try:
                yield from body(inner)
            except Wrong:
                yield Need("release", lock)
                world.give(lock, me)
                raise
            yield Need("release", lock)
            world.give(lock, me)
        elif kind == "acquire":
            yield Need("acquire", rest[0])
            world.take(rest[0], me)
        elif kind == "release":
            yield Need("release", rest[0])
            world.give(rest[0], me)
        elif kind == "try":
            lock, inner, otherwise = rest
            yield Need("try", lock)
            if world.can_take(lock, me):
                world.take(lock, me)
                yield from body(inner)
                yield Need("release", lock)
                world.give(lock, me)
            else:
                world.note(me, lock=lock)
                yield from body(otherwise)
        elif kind == "if":
            value, then, otherwise = rest
            yield from body(then if seen and seen[-1] == value else otherwise)
        elif kind == "loop":
            times, inner = rest
            for _ in range(times):
                yield from body(inner)
        elif kind == "raise":
            raise Wrong("raised")
        else:
            raise AssertionError(kind)

    def on_semaphore(kind, name, inner=(), otherwise=()):
        if kind == "release":
            yield from give(name)
            return
        waits = kind != "try"
        free = (lambda: world.values[name] > 0) if waits else (lambda: True)
        yield Need("acquire" if waits else "try", name, free=free)
        got = world.values[name] > 0
        world.note(me, lock=name, changes=got)
        world.values[name] -= got
        if kind == "with":
            try:
                yield from body(inner)
            except Wrong:
                yield from give(name)
                raise
            yield from give(name)
        elif kind == "try" and got:
            yield from body(inner)
            yield from give(name)
        elif kind == "try":
            yield from body(otherwise)

    def give(name):
        yield Need("release", name, free=lambda: True)
        full = world.values[name] == SEMAPHORES[name][1]
        world.note(me, lock=name, changes=not full)
        if full:
            raise Wrong("released too often")
        world.values[name] += 1

    def on_condition(kind, name, number=1):
        lock = CONDITIONS[name]
        held = world.owners[lock]
        if held is None or held[0] != me:
            raise Wrong("not owned")
        if kind == "notify":
            yield Need("notify", name, free=lambda: True, value=number)
            world.note(me, lock=lock, changes=world.notify(name, number) > 0)
            return
        yield Need("wait on", name, free=lambda: True)
        times = world.give_all(lock, me)
        world.asleep[name].add(me)
        world.note(me, lock=lock, changes=True)
        if kind == "wait":
            free = lambda: world.owners[lock] is None and world.may_wake(name, me)  # noqa: E731
            yield Need("wake on", name, free=free, value=times)
            woken = world.wake(name, me)
        else:
            yield Need("wake on in time", name, free=lambda: True)
            woken = world.wake(name, me)
            world.note(me, lock=lock, changes=True)
            free = lambda: world.owners[lock] is None  # noqa: E731
            yield Need("retake", name, free=free, value=times)
        world.owners[lock] = me, times
        world.note(me, lock=lock, changes=True)
        seen.append(woken)

    def on_event(kind):
        if kind in ("set", "clear"):
            yield Need(kind, "event", free=lambda: True)
            world.note(me, lock="event", changes=world.flag != (kind == "set"))
            world.flag = kind == "set"
            if world.flag:
                world.released |= world.waiting
                world.waiting = set()
            return
        actions = {"is set": "read", "await": "wait on", "await in time": "wait on in time"}
        yield Need(actions[kind], "event", free=lambda: True)
        world.note(me, lock="event")
        if kind == "await" and not world.flag:
            world.waiting.add(me)
            yield Need("wake on", "event", free=lambda: me in world.released)
            world.note(me, lock="event")
            world.released.discard(me)
        seen.append(world.flag)

    def on_barrier(kind):
        if kind in ("abort", "reset"):
            yield Need(kind, "barrier", free=lambda: True)
            world.note(me, lock="barrier", changes=True)
            if kind == "abort":
                world.phase = "broken"
            elif not world.inside:
                world.phase = ""
            elif world.phase != "draining":
                world.phase = "resetting"
            return
        yield Need("arrive at", "barrier", free=lambda: world.phase in ("", "broken"))
        world.note(me, lock="barrier", changes=True)
        if world.phase == "broken":
            raise Wrong("broken")
        place = world.inside
        world.inside += 1
        if world.inside == PARTIES:
            world.phase = "draining"
            world.leave()
        else:
            timed = kind == "meet in time"
            action = "leave in time" if timed else "leave"
            yield Need(action, "barrier", free=lambda: timed or world.phase != "")
            world.note(me, lock="barrier", changes=world.phase == "")
            world.phase = world.phase or "broken"
            broken = world.phase != "draining"
            world.leave()
            if broken:
                raise Wrong("broken")
        seen.append(place)

    yield from body(program)
    return tuple(seen)


def play(programs, schedule):
    """Run one schedule; return (the world, who can go on, who waits, results, who raised)."""
    world = World()
    letters = "ABCDEFG"[: len(programs)]
    workers = {k: worker_of(world, k, p) for k, p in zip(letters, programs, strict=True)}
    waiting, results, raised = {}, dict.fromkeys(letters), set()

    def go_on(letter):
        try:
            waiting[letter] = next(workers[letter])
        except StopIteration as end:
            results[letter] = end.value
        except Wrong:
            raised.add(letter)

    for letter in letters:
        go_on(letter)
    for letter in schedule:
        del waiting[letter]
        go_on(letter)
    able = [k for k in letters if k in waiting and is_free(world, k, waiting[k])]
    return world, able, waiting, results, raised


def is_free(world, letter, need):
    if need.free is not None:
        return need.free()
    waits = need.lock is not None and need.action in ("read", "write", "acquire")
    return not waits or world.can_take(need.lock, letter)


def every_order(programs, most):
    """Return (a Counter from (kind, memory, owners of lock and rlock, results) to the number of
    schedules that end so, the number of traces); None where schedules are more than `most`."""
    ends, traces = Counter(), set()
    stack = [""]
    while stack:
        schedule = stack.pop()
        world, able, waiting, results, raised = play(programs, schedule)
        stack += [schedule + letter for letter in able]
        if not able:
            ends[end_of(world, waiting, results, raised)] += 1
            traces.add(trace_of(world.log))
            if ends.total() > most:
                return None
        if len(stack) > 20 * most:
            return None
    return ends, len(traces)


def end_of(world, waiting, results, raised):
    """Return (kind, memory, owners of lock and rlock, results)."""
    kind = "deadlock" if waiting else "error" if raised else "finished"
    memory = tuple(tuple(world.memory[name]) for name in START)
    memory += *world.values.values(), world.flag
    owners = tuple(world.owners[k] and world.owners[k][0] for k in ("lock", "rlock"))
    return kind, memory, owners, tuple(results.values())


def trace_of(log):
    """Return what is the same for schedules that differ only in the order of steps that have
    nothing to do with each other: which step of a worker comes before which of another, where
    they touch the same cell and one writes, or use the same lock and one takes or gives it back."""
    numbered, steps = [], Counter()
    for entry in log:
        numbered.append((entry[0], steps[entry[0]], entry))
        steps[entry[0]] += 1
    pairs = set()
    for place, (one, first, (_, cells, writes, lock, changes)) in enumerate(numbered):
        for other, second, entry in numbered[place + 1 :]:
            touched = cells & entry[1] and (writes or entry[2])
            locked = lock is not None and lock == entry[3] and (changes or entry[4])
            if one != other and (touched or locked):
                pairs.add((one, first, other, second))
    return frozenset(pairs), frozenset(steps.items())
