"""A learner's invariant is asked in a process that can be ended, at every end that there is."""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

from ...engine.arguments import takes_results
from ...memory.objects import memories_of

# What is shared at the end of a schedule, in bytes, and what the workers returned.
End = tuple[tuple[bytes, ...], tuple[Any, ...]]


def end_of(shared: Sequence[Any], results: tuple[Any, ...]) -> End:
    """Return the `End` that shared objects are at."""
    return tuple(map(bytes, memories_of(shared))), results


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
