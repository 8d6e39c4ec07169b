"""What all views are made of."""

from typing import Any, NamedTuple, NoReturn

from ...memory.objects import Shared
from .messages import Span

# What asks an object for its bytes.
BY_ITS_BYTES = "what copies bytes, such as a memoryview or NumPy,"


class Subject(NamedTuple):
    """What a view stands for.

    Attributes:
        gate: of the worker.
        real: the real object.
        name: its name.
        place: its bytes, as (memory, first, last); those of no memory where there are none.
        lock: the number of the lock that each access takes, or None; of what is waited for, its
            own.
    """

    gate: Any  # a Gate; typing would compile its name in each child
    real: Shared
    name: str
    place: Span
    lock: int | None = None

    def part(self, offset: int, size: int, exact: bool = True) -> Span:
        """Return the place of a part."""
        memory, first = self.place[:2]
        return memory, first + offset, first + offset + size - 1, exact


class View:
    """What a worker is handed in place of a shared object; it stays in its process."""

    def __reduce_ex__(self, protocol):
        refuse(self, "a worker's shared objects cannot be copied or passed on")

    def __array__(self, *_, **__):
        refuse(self, cannot_look("NumPy"))


def refuse(view: View, why: str) -> NoReturn:
    """End the call, and not only the worker: what would go on from here could not be followed."""
    gate = vars(view)["_gated"].gate
    gate.misuse = f"under replay and explore {why}"
    raise TypeError(gate.misuse)


def cannot_look(what: str) -> str:
    """Say that something would go around the gates."""
    return f"{what} cannot look at a worker's shared objects: read and write their items"


def name_of(view: View) -> str:
    """Return the name of what a view stands for."""
    name: str = vars(view)["_gated"].name
    return name
