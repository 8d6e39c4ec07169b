"""Views of what workers share, which take one step at a time.

A worker under `replay` or `explore` is handed views instead of the shared objects. A view has the
interface of the real object and works on the real memory, but before every access it tells the
parent what it is about to do, and waits for its turn. Types, messages and results are those of the
standard library, since the real object does the work.
"""

from collections.abc import Sequence
from multiprocessing import sharedctypes, synchronize
from typing import TYPE_CHECKING, Any

from ...memory.objects import AWAITED, Shared, memory_of
from .views_memory import raw_view, wrapper_view
from .views_sync import awaited_view, lock_view

if TYPE_CHECKING:
    from .gate import Gate


class Views:
    """Makes the views of one schedule; the same object always gets the same view."""

    def __init__(self, gate: "Gate", shared: Sequence[Shared], names: Sequence[str]):
        self._gate = gate
        self._names = {id(item): name for item, name in zip(shared, names, strict=True)}
        for item, name in zip(shared, names, strict=True):
            self._names.setdefault(id(memory_of(item)), name)
        self._made: dict[int, Any] = {}

    def of(self, item: Shared) -> Any:
        """Return the view of a shared object."""
        if id(item) not in self._made:
            self._made[id(item)] = self._make(item)
        return self._made[id(item)]

    def _make(self, item):
        if isinstance(item, synchronize.SemLock):
            return lock_view(self._gate, item)
        if isinstance(item, AWAITED):
            with_lock = isinstance(item, synchronize.Condition)
            lock = self.of(item._lock) if with_lock else None  # type: ignore[union-attr]
            return awaited_view(self._gate, item, lock)
        name = self._names[id(item)]
        if isinstance(item, sharedctypes.SynchronizedBase):
            raw = self.of(item.get_obj())
            return wrapper_view(self._gate, item, name, raw, self.of(item.get_lock()))
        return raw_view(self._gate, item, name)
