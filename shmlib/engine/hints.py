"""What the hints of several files have in common."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

# A plain function of the shared objects, or a functools.partial of one.
Worker: TypeAlias = Callable[..., Any]
# A function of the shared objects that returns something true if all is well.
Invariant: TypeAlias = Callable[..., object]
# For each lock (letter of the worker that holds it, how often), or None.
Owners: TypeAlias = Sequence[tuple[str, int] | None]
