"""What happened: the step that was taken, how a schedule ended, and both in words."""

import ctypes
from collections import Counter, namedtuple
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

from ..memory.objects import DATA, Memory, fields_of, one_of
from ..words import counted, short_number, short_repr
from .child.messages import Place
from .frozen import frozen

# Arrays of more items than this are shown by their first ones.
LONGEST_ROW = 24
# At most this many outcomes are put in words.
MOST_WORDS = 12


@dataclass(frozen=True)
class Step:
    """One access to shared memory or to a lock, as it happened.

    Attributes:
        worker: the letter.
        action: "read", "write", "acquire", "release", "notify" and so on.
        target: what it was done to.
        value: what was read or written; whether it got what it asked for; of a notify how many it
            woke; of a barrier who came as which; where it raised, the text.
        memory: content of each shared object after the step.
        raised: True where the access raised an exception in the worker.
        place: the bytes that were touched, a `Place`; None for a lock.
        whole: the bytes that belong together with them: a record, a slice; else None.
        held: the names of the locks that the worker holds after the step.
        line: of the code that took it; None where it was not taken by a `Stepper`.
        file: that holds the line; else None.
    """

    worker: str
    action: str
    target: str
    value: Any
    memory: tuple[Any, ...]
    raised: bool = False
    place: Place | None = None
    whole: Place | None = None
    held: tuple[str, ...] = ()
    line: int | None = None
    file: str | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        text = f"{self.action} {self.target}"
        if self.raised:
            return f"{text}: {self.value}"
        if self.action in ("read", "write") or self.value is False:
            return f"{text}: {self.value!r}"
        return f"{text} ({self.remark})" if self.remark else text

    @property
    def remark(self) -> str:
        """What else is to be said of it, in a word or two, or ""."""
        if self.raised:
            return ""
        if self.action.startswith("notify"):
            return f"wakes {self.value or 'nobody'}"
        if self.action == "arrive at":
            return f"as number {self.value + 1}"
        return "asleep" if self.action == "wait on" and self.value is None else ""


class Wait(NamedTuple):
    """What a worker waits for where nobody can go on.

    Attributes:
        worker: its letter.
        name: of what it waits for.
        holders: the letters of those who hold it, as far as that can be told.
    """

    worker: str
    name: str
    holders: str


class LockState(str):
    """Who holds a lock, "free" or "held by A", where the content of memory is told; who sleeps on a
    Condition, who is inside a Barrier."""

    __slots__ = ()


@dataclass(frozen=True, eq=False, repr=False)
class Outcome:
    """How a schedule ended. Hashable; two are equal where kind, memory, results and detail are.

    Attributes:
        kind: "finished", "error", "deadlock" or "livelock"; "cut" where the step limit was
            reached, and "unfinished" where a `replay` was to stop halfway.
        memory: final content of each shared object: of a Semaphore its value, of an Event whether
            it is set, of a lock, a Condition or a Barrier the `LockState`.
        results: what each worker returned, None where it did not.
        detail: who waits for whom, or what was raised, in words.
        names: of the shared objects.
        waits: the `Wait` of each worker that waits, in the order of `detail`.
    """

    kind: str
    memory: tuple[Any, ...]
    results: tuple[Any, ...]
    detail: str = ""
    names: tuple[str, ...] = ()
    waits: tuple[Wait, ...] = ()

    @cached_property
    def _key(self):
        return self.kind, frozen(self.memory), frozen(self.results), self.detail

    def __eq__(self, other):
        return self._key == other._key if isinstance(other, Outcome) else NotImplemented

    def __hash__(self):
        return hash(self._key)

    def __str__(self):
        names = self.names or tuple(f"shared[{n}]" for n in range(len(self.memory)))
        text = f"{self.kind}, {memory_words(names, self.memory)}".removesuffix(", ")
        if any(result is not None for result in self.results):
            text += f", results {short_repr(self.results)}"
        return f"{text} ({self.detail})" if self.detail else text

    __repr__ = __str__


class Outcomes(Counter[Outcome]):
    """Counter from `Outcome` to how many interleavings end so, the most frequent first.

    It shows itself as a line for each, such as ``32 of 70: counter 3``.

    Attributes:
        complete: True where these are all interleavings that there are.
    """

    def __init__(self, counts: Iterable[tuple[Outcome, int]] = (), complete: bool = True):
        super().__init__(dict(counts))
        self.complete = complete

    def copy(self) -> "Outcomes":
        """Return a copy."""
        return Outcomes(self.items(), self.complete)

    def __reduce__(self):
        return Outcomes, (list(self.items()), self.complete)

    def lines(self, told: Callable[[Outcome], str]) -> list[str]:
        """Return a line for each outcome, and one for those that are too many.

        Args:
            told: a function of an outcome that returns what follows "32 of 70".
        """
        whole = short_number(self.total())
        shown = self.most_common(MOST_WORDS)
        wide = max((len(short_number(count)) for _, count in shown), default=0)
        lines = [f"{short_number(n):>{wide}} of {whole}{told(outcome)}" for outcome, n in shown]
        if len(self) > len(shown):
            lines.append(f"and {counted(len(self) - len(shown), 'more outcome')}")
        return lines

    def __repr__(self):
        so_far = " so far" * (not self.complete)
        lines = self.lines(lambda end: f"{so_far}: {str(end).removeprefix('finished, ')}")
        return "\n".join(lines) or "no outcomes"


def content(memory: Memory) -> Any:
    """Return what a ctypes object holds: a number, text, bytes, a tuple or a named tuple."""
    if isinstance(memory, ctypes._SimpleCData):
        return memory.value
    if isinstance(memory, ctypes.Array):
        if memory._type_ is ctypes.c_char:
            return memory.raw
        if memory._type_ is ctypes.c_wchar:
            return memory[:]
        return tuple(content(e) if isinstance(e, DATA) else e for e in memory)
    if isinstance(memory, ctypes.Structure | ctypes.Union):
        names = [name for name, _ in fields_of(type(memory))]
        values = [getattr(memory, name) for name in names]
        fields = [content(v) if isinstance(v, DATA) else v for v in values]
        return _record(type(memory).__name__, tuple(names))(*fields)
    return one_of(type(memory))


@cache
def _record(name, fields):
    return namedtuple(name, fields, rename=True)


def is_part(touched: str, target: str) -> bool:
    """True where what a step touches, by its name, is a shared object or a part of it."""
    return touched == target or touched.startswith((f"{target}[", f"{target}."))


def memory_words(names: Sequence[str], memory: Sequence[Any]) -> str:
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
