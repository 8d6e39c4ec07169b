"""What is handed to workers, and the shared objects in it, wherever they hide."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from multiprocessing import sharedctypes
from types import FunctionType, MethodType, ModuleType
from typing import Any

from ..memory.objects import Shared, awaited_names, awaited_of, is_data
from .aliases import Worker

# How deep to look for shared objects in what is handed over.
DEEPEST = 6

_SHARING = {
    f"multiprocessing.{name}"
    for name in ("synchronize", "queues", "connection", "managers", "shared_memory")
}
_CLOSED = (int, float, str, bytes, type(None), FunctionType, type, ModuleType)


def is_shared(item: object) -> bool:
    """True for a shared object, also for one that cannot be stepped through."""
    if isinstance(item, sharedctypes.SynchronizedBase) or is_data(item):
        return True
    return type(item).__module__ in _SHARING


def parts(
    item: Any, name: str = "", depth: int = 0, met: set[int] | None = None
) -> Iterator[tuple[Any, str]]:
    """Yield (object, name) for an object and all that it holds, as a reader would call them.

    Where a shared object is met, what it is made of is not. An object is looked into once.
    """
    met = set() if met is None else met
    if depth > DEEPEST:
        return
    yield item, name
    if isinstance(item, _CLOSED) or is_shared(item) or id(item) in met:
        return
    met.add(id(item))
    held: list[tuple[Any, str]]
    if isinstance(item, partial):
        held = [(value, key) for key, value in item.keywords.items()]
        held += [(value, f"argument[{place}]") for place, value in enumerate(item.args)]
        held.append((item.func, name))
    elif isinstance(item, MethodType):
        held = [(item.__self__, name)]
    elif isinstance(item, dict):
        held = [(value, f"{name}[{key!r}]") for key, value in item.items()]
    elif isinstance(item, list | tuple):
        fields = getattr(item, "_fields", ())
        held = [
            (value, f"{name}.{fields[place]}" if fields else f"{name}[{place}]")
            for place, value in enumerate(item)
        ]
    elif isinstance(item, set | frozenset):
        held = [(value, name) for value in item]
    else:
        held = [(value, f"{name}.{field}") for field, value in _attributes(item)]
    for value, part in held:
        yield from parts(value, part, depth + 1, met)


def shared_in(*carriers: Any) -> list[Any]:
    """Return the shared objects in what is handed over, each once."""
    found = (item for item, _ in parts(carriers) if is_shared(item))
    return list({id(item): item for item in found}.values())


def _attributes(item):
    yield from getattr(item, "__dict__", {}).items()
    for kind in type(item).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(item, name):
                yield name, getattr(item, name)


def parameter_names(worker: Worker, shared: Sequence[Shared]) -> tuple[str, ...]:
    """Return a name for each thing handed over: the name of the worker's parameter."""
    try:
        given = inspect.signature(worker).bind(*shared).arguments
    except ValueError:
        given = {}
    names = []
    for name, value in given.items():
        spread = isinstance(value, tuple) and not any(value is item for item in shared)
        names += [f"{name}[{n}]" for n in range(len(value))] if spread else [name]
    if len(names) != len(shared):
        names = [f"shared[{n}]" for n in range(len(shared))]
    return tuple(names)


def distinct(name: str, known: Iterable[str]) -> str:
    """Return a name, with a number where it is known already."""
    taken = sum(other == name or other.startswith(f"{name} (") for other in known)
    return f"{name} ({taken + 1})" if taken else name


def names_of_awaited(workers: Sequence[Worker], shared: Sequence[Shared]) -> dict[int, str]:
    """Return from the id of each object that workers may wait for to its name."""
    found: dict[int, tuple[Any, str]] = {}
    names = parameter_names(workers[0], shared)
    carriers = [*zip(shared, names, strict=True), *((worker, "self") for worker in workers)]
    for carrier, name in carriers:
        for item, part in parts(carrier, name):
            if is_shared(item) and id(item) not in found:
                found[id(item)] = item, distinct(part, [name for _, name in found.values()])
    objects, names = zip(*found.values(), strict=True) if found else ((), ())
    ids = map(id, awaited_of(objects))
    return dict(zip(ids, awaited_names(objects, names), strict=True))
