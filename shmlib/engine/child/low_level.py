"""What would look at the bytes of a worker's shared objects, where no gate can see it: refused."""

import ctypes
import re
from collections.abc import Callable, Iterator
from typing import Any

from .views_base import BY_ITS_BYTES, cannot_look, refuse
from .views_memory import RawView

_OF_THE_TYPE = ("sizeof", "alignment")  # these look at no memory
_NAMES = (
    *("addressof", "byref", "pointer", "cast", "resize"),
    *("memmove", "memset", "string_at", "wstring_at"),
    *_OF_THE_TYPE,
)
FUNCTIONS = [getattr(ctypes, name) for name in _NAMES]
_NO_BYTES = re.compile(r"bytes-like object.* not '?(\w+)'?$")


def stands_in() -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
    """Yield each of FUNCTIONS with the one that takes its place."""
    for function, name in zip(FUNCTIONS, _NAMES, strict=True):
        yield function, _guarded(function, name)


def _guarded(function, name):
    def guarded(*args, **kwargs):
        for arg in (*args, *kwargs.values()):
            if isinstance(arg, RawView):
                if name in _OF_THE_TYPE:
                    return function(arg.__class__)
                refuse(arg, cannot_look(f"ctypes.{name}"))
        return function(*args, **kwargs)

    return guarded


def misuse_in(error: BaseException) -> str:
    """Return what to say of an error that comes of a look at the bytes of a shared object, or "".

    From Python 3.12 on the view itself is asked for them, and refuses.
    """
    found = _NO_BYTES.search(str(error)) if isinstance(error, TypeError) else None
    if found and found[1] in _names_of_kinds(RawView):
        return f"under replay and explore {cannot_look(BY_ITS_BYTES)}"
    return ""


def _names_of_kinds(kind: Any) -> Iterator[str]:
    for known in kind.__subclasses__():
        yield known.__name__
        yield from _names_of_kinds(known)
