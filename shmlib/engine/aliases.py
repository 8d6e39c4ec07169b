"""Types that several files name."""

from collections.abc import Callable
from typing import Any, TypeAlias

# A plain function of the shared objects, or a functools.partial of one.
Worker: TypeAlias = Callable[..., Any]
# A function of the shared objects that returns something true if all is well.
Invariant: TypeAlias = Callable[..., object]
