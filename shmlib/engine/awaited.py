"""What workers wait for: who may go on, what a step changes, what it is to others, in words.

All of it is said of *states*, one for each object, and nothing is done to the objects themselves:
the stepper grants steps by these rules, and the search judges steps by them that were never taken.

A critical section of CPython's own code is one step: what an Event, a Barrier or a Condition does
while it holds its inner lock cannot be seen from outside.
"""

from collections.abc import Sequence
from multiprocessing import synchronize
from typing import Any, TypeAlias

from ..memory.objects import Awaited, has_sleepers, set_value, value_of
from .child.messages import Request
from .outcome import LockState

# The state of each object, by its number. What each is: see the classes below.
States: TypeAlias = tuple[Any, ...]
# Who holds a lock that was taken before the workers started.
PARENT = "the parent"
NOTIFY = ("notify", "notify_all")
TOKEN = "!"


class Rules:
    """The rules of one object; those of the base class are of one that nobody waits for.

    Args:
        number: of the object.
        name: its name.
        start: its state before the first step.

    Attributes:
        number, name, start: likewise.
        key: the number of the object that orders its steps: its own, or that of its lock.
    """

    def __init__(self, number: int, name: str, start: Any):
        self.number = self.key = number
        self.name = name
        self.start = start

    def able(self, states: States, letter: str, request: Request) -> bool:
        """True where a worker can take the step."""
        return True

    def after(self, states: States, letter: str, request: Request) -> States:
        """Return the states after a step that could be taken."""
        return states

    def changes(self, states: States, letter: str, request: Request) -> bool | None:
        """True where the step changes what others go by; False where it only looks at it; None
        where it is nobody else's business."""
        return False

    def matters(self, states: States) -> Any:
        """Return of the state what decides how the workers go on; the rest is for the words."""
        return states[self.number]

    def why(self, states: States, letter: str, ended: Sequence[str]) -> str:
        """Return why a worker cannot take the step, in words.

        Args:
            states: of all that workers wait for.
            letter: of the worker.
            ended: the letters of the workers that have ended.
        """
        raise NotImplementedError

    def blockers(self, states: States, letter: str) -> str:
        """Return the letters of those that a worker waits for, as far as they can be told."""
        return ""

    def content(self, states: States) -> Any:
        """Return what is told of the object where the content of memory is told."""
        raise NotImplementedError

    def put_back(self, item: Awaited) -> None:
        """Put the real object back to how it was before the first step. A lock that a worker holds
        is given back by that worker."""

    def _set(self, states, state):
        return (*states[: self.number], state, *states[self.number + 1 :])


class LockRules(Rules):
    """Lock and RLock. State: (letter of the worker that holds it, how often), or None."""

    def __init__(self, number: int, name: str, recursive: bool, start: Any = None):
        super().__init__(number, name, start)
        self.recursive = recursive

    def able(self, states: States, letter: str, request: Request) -> bool:
        held = states[self.number]
        if held is None or not request.waits or request.action == "release":
            return True
        return self.recursive and held[0] == letter

    def after(self, states: States, letter: str, request: Request) -> States:
        held = states[self.number]
        own = held is not None and held[0] == letter
        if request.action == "acquire":
            if held is None:
                return self._set(states, (letter, 1))
            if self.recursive and own:
                return self._set(states, (letter, held[1] + 1))
        elif request.action == "release":
            if self.recursive and own and held[1] > 1:
                return self._set(states, (letter, held[1] - 1))
            if own or not self.recursive:
                return self._set(states, None)
        return states

    def changes(self, states: States, letter: str, request: Request) -> bool | None:
        held = states[self.number]
        own = held is not None and held[0] == letter
        if request.action == "acquire":
            if self.recursive and own:
                return None
            return held is None or request.waits
        if request.action == "release":
            if self.recursive:
                return True if own and held[1] == 1 else None
            return held is not None
        return False  # a read or write that takes the lock has given it back when it is over

    def why(self, states: States, letter: str, ended: Sequence[str]) -> str:
        owner = states[self.number][0]
        if owner == letter:
            return (
                f"waits for {self.name}, which it holds itself: a plain Lock cannot be taken twice"
            )
        return f"waits for {self.name}, held by {owner}" + ", which has ended" * (owner in ended)

    def blockers(self, states: States, letter: str) -> str:
        held = states[self.number]
        return held[0] if held and held[0] != PARENT else ""

    def content(self, states: States) -> Any:
        held = states[self.number]
        return LockState(f"held by {held[0]}" if held else "free")


class SemaphoreRules(Rules):
    """Semaphore and BoundedSemaphore. State: (value, for each worker that has taken from it or
    given to it (letter, how much more it has taken than given)); the latter is for the words."""

    def __init__(self, number: int, name: str, start: int, most: int):
        super().__init__(number, name, (start, ()))
        self._most = most

    def able(self, states: States, letter: str, request: Request) -> bool:
        return states[self.number][0] > 0 or not request.waits or request.action != "acquire"

    def after(self, states: States, letter: str, request: Request) -> States:
        value, taken = states[self.number]
        if request.action == "acquire" and value > 0:
            more = 1
        elif request.action == "release" and value < self._most:
            more = -1
        else:
            return states
        by = dict(taken)
        by[letter] = by.get(letter, 0) + more
        return self._set(states, (value - more, tuple(sorted(by.items()))))

    def changes(self, states: States, letter: str, request: Request) -> bool | None:
        value, _ = states[self.number]
        if request.action == "acquire":
            return value > 0 or request.waits
        return request.action == "release" and value < self._most

    def matters(self, states: States) -> Any:
        return states[self.number][0]

    def why(self, states: States, letter: str, ended: Sequence[str]) -> str:
        holders = self.blockers(states, letter)
        by = f": taken by {' and '.join(holders)}" if holders else ""
        return f"waits for {self.name}, whose value is 0{by}"

    def blockers(self, states: States, letter: str) -> str:
        """Where somebody has given what it never took, it is a signal, and held by nobody."""
        _, taken = states[self.number]
        if any(more < 0 for _, more in taken):
            return ""
        return "".join(k for k, more in taken if more > 0)

    def content(self, states: States) -> Any:
        return states[self.number][0]

    def put_back(self, item: Awaited) -> None:
        set_value(item, self.start[0])


class ConditionRules(Rules):
    """Condition. State: (queue, who has notified while nobody slept).

    The queue has the letters of the workers that sleep, and a token for each that was woken, in
    the order in which they came. Which one a `notify` wakes is not specified: any that slept
    already. So a worker may wake if a token stands behind it, and takes the first of these. Every
    choice remains open, and none that was not there: who sleeps later cannot be woken by it.

    Its steps are ordered by its lock, which whoever takes them holds, takes or gives back, except
    for the end of a wait with a time limit.
    """

    def __init__(self, number: int, name: str, lock: LockRules):
        super().__init__(number, name, ((), ""))
        self._lock = lock
        self.key = lock.number

    def able(self, states: States, letter: str, request: Request) -> bool:
        if request.action == "wake on" and request.waits:
            return states[self.key] is None and self.may_wake(states, letter)
        return request.action != "retake" or states[self.key] is None

    def may_wake(self, states: States, letter: str) -> bool:
        """True where a token stands behind a worker that sleeps."""
        queue, _ = states[self.number]
        return letter in queue and TOKEN in queue[queue.index(letter) :]

    def asleep(self, states: States) -> int:
        """Return how many sleep and were not woken."""
        queue, _ = states[self.number]
        return len(queue) - 2 * queue.count(TOKEN)

    def after(self, states: States, letter: str, request: Request) -> States:
        queue, missed = states[self.number]
        if request.action == "wait on":
            states = self._lock._set(states, None)
            return self._set(states, ((*queue, letter), missed))
        if request.action == "wake on":
            if letter in queue:
                place = queue.index(letter)
                rest = list(queue[place + 1 :])
                if TOKEN in rest:
                    rest.remove(TOKEN)
                states = self._set(states, ((*queue[:place], *rest), missed))
            return self._taken(states, letter, request) if request.waits else states
        if request.action == "retake":
            return self._taken(states, letter, request)
        if request.action in NOTIFY and request.value:
            tokens = min(request.value, self.asleep(states))  # type: ignore[call-overload]
            if tokens:
                return self._set(states, ((*queue, *[TOKEN] * tokens), ""))
            return self._set(states, (queue, "".join(sorted({*missed, letter}))))
        return states

    def _taken(self, states, letter, request):
        return self._lock._set(states, (letter, request.value or 1))

    def changes(self, states: States, letter: str, request: Request) -> bool | None:
        if request.action in NOTIFY:
            return self.asleep(states) > 0
        return request.action != "read"

    def matters(self, states: States) -> Any:
        return states[self.number][0]

    def why(self, states: States, letter: str, ended: Sequence[str]) -> str:
        queue, missed = states[self.number]
        if letter not in queue or self.may_wake(states, letter):
            return self._lock.why(states, letter, ended)
        words = f"waits for {self.name}, asleep until a notify"
        if missed:
            words += f": that of {' and '.join(missed)} came when nobody slept"
        return words

    def blockers(self, states: States, letter: str) -> str:
        queue, _ = states[self.number]
        if letter in queue and not self.may_wake(states, letter):
            return ""
        return self._lock.blockers(states, letter)

    def content(self, states: States) -> Any:
        queue, _ = states[self.number]
        sleepers = sorted(letter for letter in queue if letter != TOKEN)
        parts = [f"{' and '.join(sleepers)} asleep"] if sleepers else []
        if self._lock.name == self.name and states[self.key]:
            parts.insert(0, self._lock.content(states))
        return LockState(", ".join(parts) or "free")

    def put_back(self, item: Awaited) -> None:
        set_value(item._sleeping_count, 0)


class EventRules(Rules):
    """Event. State: (whether it is set, who sleeps, who was woken, who has cleared it)."""

    def able(self, states: States, letter: str, request: Request) -> bool:
        return request.action != "wake on" or letter in states[self.number][2]

    def after(self, states: States, letter: str, request: Request) -> States:
        flag, asleep, woken, cleared = states[self.number]
        if request.action == "set":
            flag, asleep, woken, cleared = True, "", _with(woken, asleep), ""
        elif request.action == "clear" and flag:
            flag, cleared = False, letter
        elif request.action == "wait on" and request.waits and not flag:
            asleep = _with(asleep, letter)
        elif request.action == "wake on":
            woken = woken.replace(letter, "")
        return self._set(states, (flag, asleep, woken, cleared))

    def changes(self, states: States, letter: str, request: Request) -> bool | None:
        """Who falls asleep or wakes is nothing to the others but to who sets it or clears it."""
        flag = states[self.number][0]
        return (request.action == "set" and not flag) or (request.action == "clear" and flag)

    def matters(self, states: States) -> Any:
        return states[self.number][:3]

    def why(self, states: States, letter: str, ended: Sequence[str]) -> str:
        cleared = states[self.number][3]
        how = f"which {cleared} has cleared" if cleared else "which nobody has set"
        return f"waits for {self.name}, {how}"

    def content(self, states: States) -> Any:
        return states[self.number][0]

    def put_back(self, item: Awaited) -> None:
        set_value(item._flag, self.start[0])


FILLING, DRAINING, RESETTING, BROKEN = 0, 1, -1, -2


class BarrierRules(Rules):
    """Barrier. State: (phase, how many are inside, who runs its action or "").

    The phases are those of threading.Barrier, whose code it is.
    """

    def __init__(self, number: int, name: str, parties: int, action: bool, start: int):
        super().__init__(number, name, (start, 0, ""))
        self._parties = parties
        self._action = action

    def able(self, states: States, letter: str, request: Request) -> bool:
        phase, _, busy = states[self.number]
        if request.action == "read":
            return True
        if busy not in ("", letter):
            return False
        if request.action == "arrive at":
            return phase in (FILLING, BROKEN)
        return request.action != "leave" or not request.waits or phase != FILLING

    def after(self, states: States, letter: str, request: Request) -> States:
        phase, inside, busy = states[self.number]
        action = request.action
        if action == "arrive at" and phase == FILLING:
            inside += 1
            if inside == self._parties and self._action:
                busy = letter
            elif inside == self._parties:
                phase, inside = _one_less(DRAINING, inside)
        elif action == "open":
            (phase, inside), busy = _one_less(DRAINING, inside), ""
        elif action == "break":
            (phase, inside), busy = _one_less(BROKEN, inside), ""
        elif action == "leave":
            phase, inside = _one_less(BROKEN if phase == FILLING else phase, inside)
        elif action == "abort":
            phase = BROKEN
        elif action == "reset" and not inside:
            phase = FILLING
        elif action == "reset" and phase != DRAINING:
            phase = RESETTING
        return self._set(states, (phase, inside, busy))

    def changes(self, states: States, letter: str, request: Request) -> bool | None:
        """Those who leave have nothing to do with each other, but the time limit of one breaks the
        barrier for all."""
        phase = states[self.number][0]
        return request.action != "read" and (request.action != "leave" or phase == FILLING)

    def why(self, states: States, letter: str, ended: Sequence[str]) -> str:
        phase, inside, busy = states[self.number]
        if busy:
            return f"waits for {self.name}, whose action {busy} runs"
        if phase == FILLING:
            return f"waits for {self.name}, where {inside} of {self._parties} have arrived"
        return f"waits for {self.name}, which others have not left yet"

    def blockers(self, states: States, letter: str) -> str:
        return states[self.number][2]

    def content(self, states: States) -> Any:
        phase, inside, _ = states[self.number]
        if phase in (BROKEN, RESETTING):
            return LockState("broken")
        return LockState(f"{inside} of {self._parties} inside" if inside else "free")

    def put_back(self, item: Awaited) -> None:
        item._state, item._count = self.start[:2]


def _one_less(phase, inside):
    inside -= 1
    return (FILLING, 0) if not inside and phase in (DRAINING, RESETTING) else (phase, inside)


def _with(letters, more):
    return "".join(sorted({*letters, *more}))


def rules_of(awaited: Sequence[Any], names: Sequence[str]) -> list[Rules]:
    """Return the `Rules` of each object, in the state that it is in.

    Raises:
        ValueError: some other process uses it, or did and has left it in a state that no worker
            could go on from.
    """
    found: list[Rules] = []
    item: Any
    for number, (item, name) in enumerate(zip(awaited, names, strict=True)):
        kind = type(item)
        if issubclass(kind, synchronize.Condition):
            lock = next(n for n, other in enumerate(awaited) if other is item._lock)
            _check_awake(item, name)
            found.append(ConditionRules(number, name, found[lock]))  # type: ignore[arg-type]
        elif issubclass(kind, synchronize.Event):
            _check_awake(item, name)
            _free(item._cond._lock, name)
            flag = value_of(item._flag) > 0
            found.append(EventRules(number, name, (flag, "", "", "")))
        elif issubclass(kind, synchronize.Barrier):
            _check_awake(item, name)
            _free(item._cond._lock, name)
            if item._count or item._state not in (FILLING, BROKEN):
                raise ValueError(f"other processes wait at {name}: make it again")
            action = item._action is not None
            found.append(BarrierRules(number, name, item.parties, action, item._state))
        elif issubclass(kind, synchronize.Semaphore):
            most = item._semlock.maxvalue
            found.append(SemaphoreRules(number, name, value_of(item), most))
        else:
            recursive = issubclass(kind, synchronize.RLock)
            start = None if _free(item, name, held=not recursive) else (PARENT, 1)
            found.append(LockRules(number, name, recursive, start))
    return found


def _free(lock, name, held=False):
    """True where a lock is free; ValueError where it is not, unless this process may hold it."""
    mine = lock._semlock._is_mine()
    if mine and held:
        return False
    if mine or not lock.acquire(block=False):
        whose = "by this process" if mine else "by another process"
        why = ", and nobody else could give it back" if mine else ""
        raise ValueError(f"{name} is held {whose}: it must be free before the workers start{why}")
    lock.release()
    return True


def _check_awake(item, name):
    if has_sleepers(item):
        raise ValueError(f"a process sleeps on {name}, or was ended while it did: make it again")
    condition = getattr(item, "_cond", item)
    for count in (condition._sleeping_count, condition._woken_count):
        set_value(count, 0)  # they are alike, as waits with a time limit leave them
