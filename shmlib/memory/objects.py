"""Shared objects and their parts: which type, which memory, which lock."""

import ctypes
from collections.abc import Iterable, Sequence
from multiprocessing import sharedctypes, synchronize
from typing import Any, TypeAlias

# A Value, Array, RawValue, RawArray, Lock or RLock, and the ctypes object inside one: what they can
# do is known only when they are made.
Shared: TypeAlias = Any
Memory: TypeAlias = Any
# Lock and RLock, which have the same methods.
AnyLock: TypeAlias = "synchronize.Lock | synchronize.RLock"

DATA = (ctypes._SimpleCData, ctypes.Array, ctypes.Structure, ctypes.Union)
POINTERS = (
    ctypes._Pointer,
    ctypes._CFuncPtr,  # type: ignore[attr-defined]  # typeshed hides it
    ctypes.c_char_p,
    ctypes.c_wchar_p,
    ctypes.c_void_p,
    ctypes.py_object,
)
LOCKS = (synchronize.Lock, synchronize.RLock)


def one_of(kind: type) -> str:
    """Return the name of a type with its article, such as "a c_int" or "an Array"."""
    vowel = kind.__name__[0] in "AEIOaeio" or kind.__name__.startswith("RLock")
    return f"a{'n' * vowel} {kind.__name__}"


def memory_of(item: Shared) -> Memory:
    """Return the ctypes object inside a shared object, or None for a lock."""
    if isinstance(item, LOCKS):
        return None
    return item.get_obj() if isinstance(item, sharedctypes.SynchronizedBase) else item


def memories_of(shared: Iterable[Shared]) -> list[Memory]:
    """Return the distinct blocks of memory of the shared objects, in the order they come up in."""
    memories: list[Memory] = []
    for item in shared:
        memory = memory_of(item)
        if memory is not None and not any(memory is known for known in memories):
            memories.append(memory)
    return memories


def locks_of(shared: Iterable[Shared]) -> list[AnyLock]:
    """Return the distinct locks of the shared objects, in the order in which they come up."""
    locks: list[AnyLock] = []
    for item in shared:
        if isinstance(item, sharedctypes.SynchronizedBase):
            item = item.get_lock()
        if isinstance(item, LOCKS) and not any(item is lock for lock in locks):
            locks.append(item)
    return locks


def lock_names(shared: Sequence[Shared], names: Sequence[str]) -> list[str]:
    """Return a name for each of `locks_of`: that of a lock itself, or of the objects it guards."""
    found = []
    for lock in locks_of(shared):
        own = [name for item, name in zip(shared, names, strict=True) if item is lock]
        guarded = [
            name
            for item, name in zip(shared, names, strict=True)
            if isinstance(item, sharedctypes.SynchronizedBase) and item.get_lock() is lock
        ]
        found.append(own[0] if own else f"the lock of {' and '.join(dict.fromkeys(guarded))}")
    return found


def is_taken(lock: Any, seconds: float = 0) -> bool:
    """True where a lock is held by another process, and stays so for some seconds."""
    if lock._semlock._count() > 0:
        return False
    if not lock.acquire(timeout=seconds):
        return True
    lock.release()
    return False


def fields_of(structure: type) -> list[tuple[str, Any]]:
    """Return (name, ctypes type) of each field of a Structure or Union type, inherited ones too."""
    fields: list[tuple[str, Any]] = []
    for kind in reversed(structure.__mro__):
        anonymous = vars(kind).get("_anonymous_", ())
        for name, field, *_ in vars(kind).get("_fields_", ()):
            fields.append((name, field))
            if name in anonymous:
                fields += fields_of(field)
    return fields


def holds_pointer(kind: Any) -> bool:
    if issubclass(kind, POINTERS):
        return True
    if issubclass(kind, ctypes.Array):
        return holds_pointer(kind._type_)
    if issubclass(kind, ctypes.Structure | ctypes.Union):
        return any(holds_pointer(field) for _, field in fields_of(kind))
    return False


def is_data(item: object) -> bool:
    """True for a ctypes object in shared memory; sharedctypes hangs a `_wrapper` on each."""
    return isinstance(item, DATA) and hasattr(item, "_wrapper")
