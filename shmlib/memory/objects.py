"""Shared objects and their parts: which type, which memory, which lock."""

import ctypes
from collections.abc import Iterable, Sequence
from multiprocessing import sharedctypes, synchronize
from typing import Any, TypeAlias

# A Value, Array, RawValue or RawArray, the ctypes object inside one, or what workers wait for (see
# AWAITED): what they can do is known only when they are made.
Shared: TypeAlias = Any
Memory: TypeAlias = Any
# One of AWAITED.
Awaited: TypeAlias = Any

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
# What workers wait for. A BoundedSemaphore is a Semaphore.
AWAITED = (
    *LOCKS,
    synchronize.Semaphore,
    synchronize.Condition,
    synchronize.Event,
    synchronize.Barrier,
)


def one_of(kind: type) -> str:
    """Return the name of a type with its article, such as "a c_int" or "an Array"."""
    vowel = kind.__name__[0] in "AEIOaeio" or kind.__name__.startswith("RLock")
    return f"a{'n' * vowel} {kind.__name__}"


def memory_of(item: Shared) -> Memory:
    """Return the ctypes object inside a shared object, or None for what workers wait for."""
    if isinstance(item, AWAITED):
        return None
    return item.get_obj() if isinstance(item, sharedctypes.SynchronizedBase) else item


def whole_of(item: Any) -> Any:
    """Return what owns the bytes of an object: the Array of an item, say, or of a NumPy view; the
    object itself where it does."""
    while True:
        inner: Any = None
        if isinstance(item, DATA):
            inner = item._b_base_
        elif isinstance(item, memoryview):
            inner = item.obj
        elif type(item).__module__ == "numpy":
            inner = getattr(item, "base", None)
        if inner is None or inner is item:
            return item
        item = inner


def bytes_of(memory: Memory) -> bytes:
    """Return the bytes of a ctypes object; a Structure may have a `__bytes__` of its own."""
    return ctypes.string_at(ctypes.addressof(memory), ctypes.sizeof(memory))


def memories_of(shared: Iterable[Shared]) -> list[Memory]:
    """Return the distinct blocks of memory of the shared objects, in the order they come up in."""
    memories: list[Memory] = []
    for item in shared:
        memory = memory_of(item)
        if memory is not None and not any(memory is known for known in memories):
            memories.append(memory)
    return memories


def awaited_of(shared: Iterable[Shared]) -> list[Awaited]:
    """Return the distinct objects that workers may wait for, in the order in which they come up.

    They are the locks, also those of Values, Arrays and Conditions, and the rest of AWAITED.
    """
    found: list[Awaited] = []
    for item in shared:
        parts = [item]
        if isinstance(item, sharedctypes.SynchronizedBase):
            parts = [item.get_lock()]
        elif isinstance(item, synchronize.Condition):
            parts = [item._lock, item]  # type: ignore[attr-defined]
        for part in parts:
            if isinstance(part, AWAITED) and not any(part is known for known in found):
                found.append(part)
    return found


def awaited_names(shared: Sequence[Shared], names: Sequence[str]) -> list[str]:
    """Return a name for each of `awaited_of`: its own, or that of the objects whose lock it is."""
    found = []
    named = list(zip(shared, names, strict=True))
    for awaited in awaited_of(shared):
        own = [name for item, name in named if item is awaited]
        guarded = [name for item, name in named if _lock_of(item) is awaited]
        alone = len(guarded) == 1 and any(
            isinstance(item, synchronize.Condition) for item, name in named if name == guarded[0]
        )
        of_others = f"the lock of {' and '.join(dict.fromkeys(guarded))}"
        found.append(own[0] if own else guarded[0] if alone else of_others)
    return found


def _lock_of(item):
    if isinstance(item, sharedctypes.SynchronizedBase):
        return item.get_lock()
    return item._lock if isinstance(item, synchronize.Condition) else None  # type: ignore[attr-defined]


def made_of(awaited: Awaited) -> list[Any]:
    """Return one of AWAITED and all that it is made of: an Event has a Condition, that a lock."""
    if isinstance(awaited, synchronize.SemLock):
        return [awaited]
    kinds = (synchronize.SemLock, synchronize.Condition)
    inside = [part for part in vars(awaited).values() if isinstance(part, kinds)]
    return [awaited, *(inner for part in inside for inner in made_of(part))]


def is_taken(lock: Any, seconds: float = 0) -> bool:
    """True where a lock is held by another process, and stays so for some seconds."""
    if lock._semlock._count() > 0:
        return False
    if not lock.acquire(timeout=seconds):
        return True
    lock.release()
    return False


def locks_in(awaited: Awaited) -> list[Any]:
    """Return the locks that one of `awaited_of` is made of, without that of a Condition."""
    if isinstance(awaited, LOCKS):
        return [awaited]
    condition = getattr(awaited, "_cond", None)
    return [] if condition is None else [condition._lock]


def has_sleepers(awaited: Awaited) -> bool:
    """True where a process sleeps on a Condition, an Event or a Barrier, or died while it did."""
    condition = getattr(awaited, "_cond", awaited)
    if not isinstance(condition, synchronize.Condition):
        return False
    asleep, woken = condition._sleeping_count, condition._woken_count  # type: ignore[attr-defined]
    return value_of(asleep) != value_of(woken)


def value_of(semaphore: Any) -> int:
    """Return the value of a semaphore, also on macOS, whose semaphores do not tell it."""
    try:
        return semaphore._semlock._get_value()
    except NotImplementedError:
        value = 0
        while semaphore.acquire(False):
            value += 1
        for _ in range(value):
            semaphore.release()
        return value


def set_value(semaphore: Any, value: int) -> None:
    """Give a semaphore that nobody else uses now a value."""
    now = value_of(semaphore)
    for _ in range(now, value):
        semaphore.release()
    for _ in range(value, now):
        semaphore.acquire(False)


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
    """True for a ctypes type that is a pointer, or has one inside: it means nothing elsewhere."""
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
