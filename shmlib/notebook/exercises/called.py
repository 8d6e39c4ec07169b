"""A learner's functions are called in a process that can be ended."""

import random
from collections.abc import Callable, Sequence
from multiprocessing.shared_memory import SharedMemory
from typing import Any


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
