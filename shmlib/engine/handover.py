"""How workers and their shared objects are handed to gated processes, wherever the objects hide.

A worker is pickled once, with its arguments. The pickler meets each shared object in them, in a
partial, in a list, in an object whose method it is, and leaves a number in its place; the child
puts a view there.
"""

import copy
import io
import string
from collections.abc import Sequence
from multiprocessing import sharedctypes, synchronize
from multiprocessing.reduction import ForkingPickler

from ..memory.objects import (
    AWAITED,
    DATA,
    LOCKS,
    Shared,
    holds_pointer,
    is_data,
    one_of,
    whole_of,
)
from .aliases import Worker
from .arguments import UNSENDABLE, unsendable, worker_name
from .carried import distinct, is_shared, parts
from .child.serve import Packed


class Handover:
    """The workers, packed, and all the shared objects that they use.

    Args:
        workers: functions, or functools.partial of one.
        shared: what is handed to every worker: shared objects, or what holds them.
        names: of these.
        method: the start method.

    Attributes:
        shared: all shared objects: those handed over, then those found inside the workers.
        names: of all, each different.
        packed: for each worker (its arguments, the worker), pickled; under fork as they are, where
            they cannot be pickled.

    Raises:
        TypeError: a shared object has no view, or a worker cannot be sent.
    """

    def __init__(
        self,
        workers: Sequence[Worker],
        shared: tuple[Shared, ...],
        names: Sequence[str],
        method: str,
    ):
        self.shared: list[Shared] = []
        self.names: list[str] = []
        self.packed: list[Packed] = []
        self._names: dict[int, str] = {}
        self._forked = method == "fork"  # else a part travels as a copy, under run, too
        for position, (item, name) in enumerate(zip(shared, names, strict=True), 1):
            if (is_shared(item) or isinstance(item, DATA)) and (why := _no_view(item)):
                where = name if name.isidentifier() else f"shared object {position}"
                raise TypeError(f"{where} is {why}")
            self._names |= _names(item, name)
            self.number(item)
        for letter, worker in zip(string.ascii_uppercase, workers, strict=False):
            self._names = _names(worker, "self") | self._names
            self._where = f"worker {letter} ({worker_name(worker)})"
            data = io.BytesIO()
            try:
                packer = _Packer(data, self)
                packer.dump((shared, worker))
                packer.dump(self._actions())
            except _NoViewError as error:
                raise TypeError(str(error)) from None
            except UNSENDABLE as error:
                if method == "fork":
                    self.packed.append((shared, worker, self._without_copy((shared, worker))))
                    continue
                raise unsendable(self._where, method, error) from None
            self.packed.append(data.getvalue())

    def number(self, item: object) -> int | None:
        """Return the number of a shared object, a new one where it was not met before; None for
        anything else."""
        for number, known in enumerate(self.shared):
            if item is known:
                return number
        if not is_shared(item):
            if self._forked and is_data(whole := whole_of(item)):
                raise _NoViewError(
                    f"{self._where} has {one_of(type(item))} that is a part of a shared "
                    f"{type(whole).__name__}, or a view of one: hand over the whole, and take the "
                    "part in the worker"
                )
            return None
        if why := _no_view(item):
            raise _NoViewError(f"{self._where} has {why}")
        name = self._names.get(id(item), f"shared[{len(self.shared)}]")
        self.shared.append(item)
        self.names.append(distinct(name, self.names))
        return len(self.shared) - 1

    def _without_copy(self, whole):
        """Number the shared objects in what cannot be pickled; return what in it cannot even be
        copied, such as a file, and so is the same in each schedule."""
        found = [part for part, _ in parts(whole)]
        for part in found:
            self.number(part)
        stays, kept = {id(item): item for item in self.shared}, []
        for part in reversed(found):  # before an object come its parts
            try:
                copy.deepcopy(part, dict(stays))
            except Exception:
                stays[id(part)] = part
                kept.append(part)
        return kept

    def _actions(self):
        """Return from the number of each Barrier to its action, which may hold shared objects."""
        actions: dict[int, object] = {}
        number = 0
        while number < len(self.shared):  # looking into an action may find more
            item = self.shared[number]
            if isinstance(item, synchronize.Barrier):
                actions[number] = action = item._action  # type: ignore[attr-defined]
                self._names = _names(action, f"{self.names[number]}.action") | self._names
                for part, _ in parts(action):
                    self.number(part)
            number += 1
        return actions


class _NoViewError(TypeError):
    pass


class _Packer(ForkingPickler):
    def __init__(self, file, handover):
        super().__init__(file)
        self._handover = handover

    def persistent_id(self, item):
        return self._handover.number(item)


def _names(item, name):
    """Return from the id of an object, and of each that it holds, to its name."""
    return {id(part): part_name for part, part_name in parts(item, name)}


def _no_view(item):
    """Return why the object has no gated view, or None."""
    if isinstance(item, synchronize.Condition):
        return _wrong_lock(item, item._lock)  # type: ignore[attr-defined]
    if isinstance(item, AWAITED):
        return None
    if isinstance(item, sharedctypes.SynchronizedBase):
        return _wrong_lock(item, item.get_lock()) or _no_view(item.get_obj())
    if isinstance(item, DATA) and holds_pointer(type(item)):
        return (
            f"{one_of(type(item))}, which holds a pointer: an address is valid in one process only"
        )
    if is_data(item):
        return None
    if isinstance(item, DATA):
        return (
            f"{one_of(type(item))} in the memory of this process alone: make it with "
            "RawValue or RawArray"
        )
    kind = type(item)
    remedy = _REMEDIES.get(kind.__module__, "Put plain arguments into a functools.partial")
    return f"a multiprocessing {kind.__name__}, whose steps cannot be seen. {remedy}"


def _wrong_lock(item, lock):
    if isinstance(lock, LOCKS):
        return None
    return (
        f"{one_of(type(item))} whose lock is a {type(lock).__module__}.{type(lock).__name__}: "
        "replay and explore take only multiprocessing's Lock and RLock"
    )


_BUFFER = "an Array for the items, two Semaphores and a Lock: shmlib.workers.buffer shows how"
_REMEDIES = {
    "multiprocessing.queues": f"Build the queue from {_BUFFER}",
    "multiprocessing.connection": f"Pass messages through {_BUFFER}",
    "multiprocessing.managers": "Use a Value, an Array or a Lock of multiprocessing in its place",
    "multiprocessing.shared_memory": "Use an Array or a RawArray in its place",
}
