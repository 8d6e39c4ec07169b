"""The typecodes of Value and Array, and the bytes of any shared object, from this interpreter."""

import ctypes
import html
import sys
from dataclasses import dataclass
from multiprocessing import sharedctypes

from .gates import DATA, fields_of, memory_of

# What depends on the platform; all else is the same wherever CPython runs. Of two C types of one
# size ctypes keeps one name: c_long, which is as long as an int on Windows, and elsewhere as a
# long long.
if ctypes.sizeof(ctypes.c_long) == ctypes.sizeof(ctypes.c_int):
    _OTHERS = {"i": "c_int", "I": "c_uint", "l": "8 bytes", "L": "8 bytes"}
    _OTHERS |= {"q": "c_long", "Q": "c_ulong", "u": "4 bytes"}
    _PLACE = "Linux and macOS"
else:
    _OTHERS = {"i": "c_long", "I": "c_ulong", "l": "4 bytes", "L": "4 bytes"}
    _OTHERS |= {"q": "c_longlong", "Q": "c_ulonglong", "u": "2 bytes"}
    _PLACE = "Windows"
_DIFFERS = {code: f"{what} on {_PLACE}" for code, what in _OTHERS.items()}
_PYTHON = {"c": bytes, "u": str, "f": float, "d": float}
# Of a floating-point number, by its size in bytes: bits of the significand, largest exponent.
_FLOATS = {4: (24, 127), 8: (53, 1023)}


@dataclass(frozen=True)
class Typecode:
    """One typecode, as this interpreter has it.

    Attributes:
        code: the letter.
        ctype: the ctypes type.
        size: in bytes.
        python: the Python type of what is read: int, float, bytes or str.
        smallest, largest: the range of a number; None for characters.
        differs: what is different on other platforms, or "".
    """

    code: str
    ctype: type
    size: int
    python: type
    smallest: int | float | None
    largest: int | float | None
    differs: str


class Typecodes:
    """All typecodes; shows itself as a table."""

    def __init__(self, rows):
        self.rows = rows

    def __iter__(self):
        return iter(self.rows)

    def __getitem__(self, code):
        for row in self.rows:
            if row.code == code:
                return row
        known = ", ".join(row.code for row in self.rows)
        raise KeyError(f"code must be one of {known}, not {code!r}")

    def _cells(self):
        yield "code", "ctypes type", "bytes", "smallest", "largest", "in Python", "elsewhere"
        for row in self.rows:
            yield (
                row.code,
                row.ctype.__name__,
                str(row.size),
                range_words(row.smallest),
                range_words(row.largest),
                row.python.__name__,
                row.differs,
            )

    def __repr__(self):
        cells = list(self._cells())
        wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(
                text.rjust(width) if place in (2, 3, 4) else text.ljust(width)
                for place, (text, width) in enumerate(zip(row, wide, strict=True))
            ).rstrip()
            for row in cells
        )

    def _repr_html_(self):
        # Each cell has its colours, since a dark theme would stripe the rows with its own.
        look = "background:#ffffff;color:#1b1f24"

        def cell(tag, place, text):
            side = "right" if place in (2, 3, 4) else "left"
            style = f"{look};border-bottom:1px solid #6b7280;padding:3px 12px;text-align:{side}"
            text = html.escape(text)
            if tag == "td" and place < 2:
                text = f'<code style="{look}">{text}</code>'
            return f'<{tag} style="{style}">{text}</{tag}>'

        lines = []
        for number, row in enumerate(self._cells()):
            tag = "td" if number else "th"
            cells = [cell(tag, place, text) for place, text in enumerate(row)]
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return f'<table style="{look};border-collapse:collapse">{"".join(lines)}</table>'


def typecode_table():
    """Return all typecodes of Value and Array, as this interpreter has them.

    Returns:
        `Typecodes`: iterate over it, or take one, ``typecode_table()["i"]``.
    """
    order = "cbBuhHiIlLqQfd"
    known = sharedctypes.typecode_to_type
    codes = sorted(known, key=lambda code: (order.find(code) % 100, code))
    return Typecodes([_typecode(code, known[code]) for code in codes])


def _typecode(code, ctype):
    python = _PYTHON.get(code, int)
    smallest = largest = None
    size = ctypes.sizeof(ctype)
    if python is float:
        bits, exponent = _FLOATS[size]
        largest = (2.0 - 2.0 ** (1 - bits)) * 2.0**exponent
        smallest = -largest
    elif python is int:
        smallest = -(2 ** (8 * size - 1)) if ctype(-1).value < 0 else 0
        largest = smallest + 2 ** (8 * size) - 1
    return Typecode(code, ctype, size, python, smallest, largest, _DIFFERS.get(code, ""))


def range_words(value):
    """Say the end of a range: a number, a power of two where it is long, "" where there is none."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if abs(value) < 10**12:
        return f"{value:,}"
    power = (abs(value) + (value > 0)).bit_length() - 1
    return f"2**{power} - 1" if value > 0 else f"-2**{power}"


# ------------------------------------------------------------------ the bytes of an object


@dataclass(frozen=True)
class Element:
    """A stretch of bytes that means something.

    Attributes:
        name: such as ``"[2]"`` or ``"hour"``; "padding" and "rounding" for bytes that are not used.
        offset: of its first byte, counted from the start of the object.
        size: in bytes.
        value: what the bytes mean; None where they are not used.
    """

    name: str
    offset: int
    size: int
    value: object

    @property
    def used(self):
        return self.name not in ("padding", "rounding")


class MemoryMap:
    """The bytes of a shared object at one moment, and what they mean.

    Attributes:
        kind: name of the ctypes type.
        raw: the bytes.
        elements: the `Element` stretches in order, without gaps.
        reserved: how many bytes the object was given: its size rounded up, or its size.
        changed: offsets of the bytes that differ from an earlier map.
        byteorder: "little" or "big", which end of a number comes first.
    """

    def __init__(self, kind, raw, elements, reserved, changed):
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
            if element.used or element.name == "padding":
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

    def _repr_html_(self):
        from .figures import memory_grid

        return memory_grid(self)._repr_html_()


def memory_map(item, before=None):
    """Return the bytes of a shared object with their meaning.

    Args:
        item: a Value, Array, RawValue, RawArray, or what get_obj() gives. The lock is not taken.
        before: an earlier `MemoryMap` of it; bytes that differ are marked.

    Returns:
        A `MemoryMap`.

    Raises:
        TypeError: item has no bytes of its own, or before is no MemoryMap.
        ValueError: before is of another size.
    """
    memory = memory_of(item)
    if not isinstance(memory, DATA):
        raise TypeError(f"item must be a Value, an Array or a ctypes object, not {item!r}")
    if before is not None and not isinstance(before, MemoryMap):
        raise TypeError(f"before must be an earlier memory_map() of the object, not {before!r}")
    raw = bytes(memory)
    if before is not None and len(before.raw) != len(raw):
        raise ValueError(
            f"before has {len(before.raw)} bytes and the object {len(raw)}: both must have as many"
        )
    changed = set()
    if before is not None:
        changed = {
            n for n, (old, new) in enumerate(zip(before.raw, raw, strict=True)) if old != new
        }
    elements = list(_elements(type(memory), memory, "", 0))
    reserved = _reserved(memory)
    if reserved > len(raw):
        elements.append(Element("rounding", len(raw), reserved - len(raw), None))
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
                yield Element("padding", offset + end, begin - end, None)
            label = f"{name}.{field}".lstrip(".")
            yield from _part(ctype, getattr(memory, field), label, offset + begin)
            end = max(end, begin + ctypes.sizeof(ctype))
        if ctypes.sizeof(kind) > end:
            yield Element("padding", offset + end, ctypes.sizeof(kind) - end, None)


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
