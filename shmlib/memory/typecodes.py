"""The typecodes of Value and Array, as this interpreter has them."""

import ctypes
import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import sharedctypes
from typing import Any

from ..words import range_words, short_repr

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
    ctype: type["ctypes._SimpleCData[Any]"]
    size: int
    python: type[int] | type[float] | type[bytes] | type[str]
    smallest: int | float | None
    largest: int | float | None
    differs: str


class Typecodes:
    """All typecodes; shows itself as a table."""

    def __init__(self, rows: Sequence[Typecode]):
        self.rows = rows

    def __iter__(self) -> Iterator[Typecode]:
        return iter(self.rows)

    def __getitem__(self, code: str) -> Typecode:
        for row in self.rows:
            if row.code == code:
                return row
        known = ", ".join(row.code for row in self.rows)
        raise KeyError(f"code must be one of {known}, not {short_repr(code)}")

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


def typecode_table() -> Typecodes:
    """Return all typecodes of Value and Array, as this interpreter has them.

    Returns:
        `Typecodes`: iterate over it, or take one, ``typecode_table()["i"]``.
    """
    order = "cbBuhHiIlLqQfd"
    known = sharedctypes.typecode_to_type  # type: ignore[attr-defined]  # not in typeshed
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
