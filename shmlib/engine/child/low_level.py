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
# What C says where it would have taken the real object, and is handed its view.
_REFUSED_BY_C = re.compile(
    r"bytes-like object.* (?:not|got) '?(\w+)'?$|can't concat (\w+) to bytes"
    r"|expected (\w+) instance, got \3$|float\(\) argument must be .* not '(\w+)'$"
)


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
    """Return what to say of an error that comes of a view's being no ctypes object, or "".

    From Python 3.12 on most of what looks at bytes asks the view itself for them, which refuses.
    """
    found = _REFUSED_BY_C.search(str(error)) if isinstance(error, TypeError) else None
    if found and not set(filter(None, found.groups())).isdisjoint(_names_of_kinds(RawView)):
        return f"under replay and explore {cannot_look(BY_ITS_BYTES)}"
    return ""


def _names_of_kinds(kind: Any) -> Iterator[str]:
    for known in kind.__subclasses__():
        yield known.__name__
        yield from _names_of_kinds(known)
