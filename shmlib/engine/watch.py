"""Watch: notices shared memory that has changed without a step."""

import ctypes
from collections.abc import Sequence

from ..memory.objects import Memory, bytes_of
from .child.messages import Place

# Memory of more bytes than this is not watched.
MOST_WATCHED = 1 << 16


class Watch:
    """What the shared memory holds, from step to step.

    Args:
        memories: all that is shared.
    """

    def __init__(self, memories: Sequence[Memory]):
        self._memories = memories if sum(map(ctypes.sizeof, memories)) <= MOST_WATCHED else ()
        self.begin()

    def begin(self) -> None:
        """Look at what is there at the start of a schedule."""
        self._held = list(map(bytes_of, self._memories))

    def changed_besides(self, written: Place | None) -> int | None:
        """Return the number of a block of memory that has changed since the last look, elsewhere
        than where the step has written; None if there is none."""
        held = list(map(bytes_of, self._memories))
        if held == self._held:
            return None
        before, self._held = self._held, held
        for number, (old, new) in enumerate(zip(before, held, strict=True)):
            if written is not None and written.memory == number:
                old = old[: written.first] + old[written.last + 1 :]
                new = new[: written.first] + new[written.last + 1 :]
            if old != new:
                return number
        return None
