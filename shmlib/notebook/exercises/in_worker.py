"""What judges run in a worker's process, which can be ended: there a learner's code is called."""

import ctypes
import random
from collections.abc import Callable, Sequence
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from ...engine.arguments import takes_results
from ...memory.objects import bytes_of, memories_of

# What is shared at the end of a schedule, in bytes, and what the workers returned.
End = tuple[tuple[bytes, ...], tuple[Any, ...]]


def end_of(shared: Sequence[Any], results: tuple[Any, ...]) -> End:
    """Return the `End` that shared objects are at."""
    return tuple(map(bytes_of, memories_of(shared))), results


def put_back(shared: Sequence[Any], end: End) -> None:
    """Let shared objects hold what they held at an `End`."""
    for memory, content in zip(memories_of(shared), end[0], strict=True):
        ctypes.memmove(ctypes.addressof(memory), content, len(content))


def said_at(*shared: Any, invariant: Callable[..., Any], ends: Sequence[End]) -> list[bool | None]:
    """Return what an invariant says at each end; None where it returns None."""
    said: list[bool | None] = []
    for end in ends:
        put_back(shared, end)
        asked = {"results": end[1]} if takes_results(invariant) else {}
        try:
            answer = invariant(*shared, **asked)
            said.append(None if answer is None else bool(answer))
        except AssertionError:
            said.append(False)
    return said


def attached(function: Callable[..., Any], name: str, count: int) -> tuple[Any, int, int]:
    """Call it with a name and a count; return what it returned, and how often shared memory was
    closed and was to be unlinked. What is closed by `__del__` alone does not count."""
    asked = {"close": 0, "unlink": 0}
    close: Any = SharedMemory.close

    def closing(memory: SharedMemory) -> None:
        asked["close"] += 1
        close(memory)

    def unlinking(memory: SharedMemory) -> None:
        asked["unlink"] += 1

    changed: Any = SharedMemory
    changed.close, changed.unlink, changed.__del__ = closing, unlinking, lambda memory: None
    result = function(name, count)
    return result, asked["close"], asked["unlink"]


def reduced(functions: Sequence[Callable[..., Any]], cases: Sequence[Any]) -> list[Any]:
    """Return what they make of each case, which is parts and a number for the order of merging."""
    summarize, merge, finish = functions
    results = []
    for parts, order in cases:
        draw = random.Random(order)
        found = [summarize(list(part)) for part in parts]
        while len(found) > 1:
            one, other = (found.pop(draw.randrange(len(found))) for _ in range(2))
            found.append(merge(one, other))
        results.append(finish(found[0]))
    return results
