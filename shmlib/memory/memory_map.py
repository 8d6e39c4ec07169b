"""memory_map(): the bytes of a shared object, and what they mean."""

import ctypes
import sys
from dataclasses import dataclass
from typing import Any

from ..shown import Shown
from ..words import short_repr
from .objects import DATA, bytes_of, fields_of, memory_of


@dataclass(frozen=True)
class Element:
    """A stretch of bytes that means something.

    Attributes:
        name: such as ``"[2]"`` or ``"hour"``; "padding" and "rounding" for bytes that are not used.
        offset: of its first byte, counted from the start of the object.
        size: in bytes.
        value: what the bytes mean; None where they are not used.
        used: True where the bytes mean something: they are no padding and no rounding.
    """

    name: str
    offset: int
    size: int
    value: object
    used: bool = True


class MemoryMap(Shown):
    """The bytes of a shared object at one moment, and what they mean.

    Attributes:
        kind: name of the ctypes type.
        raw: the bytes.
        elements: the `Element` stretches in order, without gaps.
        reserved: how many bytes the object was given: its size rounded up, or its size.
        changed: offsets of the bytes that differ from an earlier map.
        byteorder: "little" or "big", which end of a number comes first.
    """

    def __init__(
        self,
        kind: str,
        raw: bytes,
        elements: tuple[Element, ...],
        reserved: int,
        changed: set[int],
    ):
        self.kind = kind
        self.raw = raw
        self.elements = elements
        self.reserved = reserved
        self.changed = changed
        self.byteorder = sys.byteorder

    def __repr__(self):
        size = f"{len(self.raw)} byte" + "s" * (len(self.raw) != 1)
        given = f", {self.reserved} reserved" if self.reserved != len(self.raw) else ""
        lines = [f"{self.kind}: {size}{given}, {self.byteorder}-endian"]
        rows = []
        for element in self.elements:
            if element.offset < len(self.raw):
                places = range(element.offset, element.offset + element.size)
                data = " ".join(f"{self.raw[n]:02x}" for n in places)
                new = " (changed)" if self.changed & set(places) else ""
            else:
                data, new = f"{element.size} more", ""
            meaning = element.name if element.value is None else f"{element.name} {element.value!r}"
            rows.append((f"+{element.offset}", data, meaning.strip() + new))
        first, second = (max((len(row[n]) for row in rows), default=0) for n in (0, 1))
        lines += [f"{a:<{first}}  {b:<{second}}  {c}" for a, b, c in rows]
        return "\n".join(lines)


def memory_map(item: Any, before: MemoryMap | None = None) -> MemoryMap:
    """Return the bytes of a shared object with their meaning.

    Args:
        item: a Value, Array, RawValue, RawArray, or what get_obj() gives. The lock is not taken.
        before: an earlier `MemoryMap` of it; bytes that differ are marked.

    Returns:
        A `MemoryMap`.

    Raises:
        TypeError: item has no bytes of its own, or before is not a MemoryMap.
        ValueError: before is of another size.
    """
    memory = memory_of(item)
    if not isinstance(memory, DATA):
        raise TypeError(
            f"item must be a Value, an Array or a ctypes object, not {short_repr(item)}"
        )
    if before is not None and not isinstance(before, MemoryMap):
        raise TypeError(
            f"before must be an earlier memory_map() of the object, not {short_repr(before)}"
        )
    raw = bytes_of(memory)
    if before is not None and len(before.raw) != len(raw):
        raise ValueError(
            f"before has {len(before.raw)} bytes and the object has {len(raw)}: they must be "
            "the same size"
        )
    changed: set[int] = set()
    if before is not None:
        changed = {
            n for n, (old, new) in enumerate(zip(before.raw, raw, strict=True)) if old != new
        }
    elements = list(_elements(type(memory), memory, "", 0))
    reserved = _reserved(memory)
    if reserved > len(raw):
        elements.append(Element("rounding", len(raw), reserved - len(raw), None, used=False))
    return MemoryMap(type(memory).__name__, raw, tuple(elements), reserved, changed)


def _elements(kind, memory, name, offset):
    """Yield the elements of an object, of its items, or of its fields, with the gaps between."""
    if isinstance(memory, ctypes._SimpleCData):
        yield Element(name, offset, ctypes.sizeof(kind), memory.value)
    elif isinstance(memory, ctypes.Array):
        size = ctypes.sizeof(kind._type_)
        for place in range(kind._length_):
            yield from _part(kind._type_, memory[place], f"{name}[{place}]", offset + place * size)
    else:
        end = 0
        for field, ctype in fields_of(kind):
            begin = getattr(kind, field).offset
            if begin > end:
                yield Element("padding", offset + end, begin - end, None, used=False)
            label = f"{name}.{field}".lstrip(".")
            yield from _part(ctype, getattr(memory, field), label, offset + begin)
            end = max(end, begin + ctypes.sizeof(ctype))
        if ctypes.sizeof(kind) > end:
            yield Element("padding", offset + end, ctypes.sizeof(kind) - end, None, used=False)


def _part(ctype, value, name, offset):
    if isinstance(value, DATA):
        yield from _elements(ctype, value, name, offset)
    else:
        yield Element(name, offset, ctypes.sizeof(ctype), value)


def _reserved(memory):
    """Return how many bytes the heap of multiprocessing set aside for an object."""
    wrapper = getattr(memory, "_wrapper", None)
    if wrapper is None:
        return ctypes.sizeof(memory)
    (_, start, stop), _ = wrapper._state
    return stop - start
