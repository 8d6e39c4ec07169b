"""The bytes of a shared object as a grid, a value among its bytes, and address spaces."""

from typing import Any, TypeAlias

from matplotlib.patches import Rectangle

from ...checks import check_kind
from ...memory.memory_map import MemoryMap
from ...memory.typecodes import Typecode
from ...words import range_words
from . import palette
from .lettering import LINE, cut, width, wrap
from .picture import WIDTH, Picture, draw
from .shapes import arrow, box

PER_ROW = 8
CELL = 7.2
LEFT = 8
TALL = 7.6
MOST_ROWS = 24
# A larger whole number is not written out.
MOST_BITS = 200
# Two of `workers.maps.Region`, or None twice.
Regions: TypeAlias = tuple[Any, Any]


def memory_grid(memory: MemoryMap) -> Picture:
    """Draw a `MemoryMap`: bytes in rows of eight, each element outlined with its value below."""
    check_kind("memory", memory, MemoryMap, "what memory_map returns")
    rows = min(MOST_ROWS, -(-memory.reserved // PER_ROW))
    title = wrap(repr(memory).partition("\n")[0], WIDTH - 2, weight="bold")
    height = rows * TALL + 3.9 + len(title) * LINE
    hidden = memory.reserved - rows * PER_ROW

    def drawing(axes):
        for place, line in enumerate(title):
            axes.text(1, height - 1 - place * LINE, line, va="top", weight="bold")
        top = height - 2.4 - len(title) * LINE
        for row in range(rows):
            y = top - row * TALL - 3.4
            axes.text(LEFT - 1, y + 1.7, f"+{row * PER_ROW}", ha="right", va="center", size=10)
        for number, element in enumerate(memory.elements):
            _element(axes, memory, element, number, rows, top)
        if hidden > 0:
            axes.text(LEFT, 0.6, f"and {hidden:,} more bytes", va="bottom", size=10)

    return draw(repr(memory), drawing, size=(WIDTH / 10, height / 10))


def _element(axes, memory, element, number, rows, top):
    """Draw the cells of one element; one that crosses a row's end is drawn in parts."""
    colour = (palette.A, palette.C)[number % 2] if element.used else palette.MEMORY
    begin, end = element.offset, element.offset + element.size
    while begin < end:
        row, place = divmod(begin, PER_ROW)
        if row >= rows:
            return
        stop = min(end, (row + 1) * PER_ROW)
        x, y = LEFT + place * CELL, top - row * TALL - 3.4
        for offset in range(begin, stop):
            changed = offset in memory.changed
            face = palette.tint(colour, 0.5 if changed else 0.14)
            left = LEFT + offset % PER_ROW * CELL
            axes.add_patch(
                Rectangle(
                    (left, y),
                    CELL,
                    3.4,
                    facecolor=face if element.used else palette.tint(palette.MEMORY, 0.25),
                    edgecolor=palette.tint(colour, 0.5),
                    linewidth=0.8,
                    hatch=None if element.used else "////",
                )
            )
            text = f"{memory.raw[offset]:02x}" if offset < len(memory.raw) and element.used else ""
            weight = "bold" if changed else "normal"
            axes.text(
                left + CELL / 2,
                y + 1.7,
                text,
                ha="center",
                va="center",
                family="monospace",
                weight=weight,
            )
        wide = (stop - begin) * CELL
        axes.add_patch(
            Rectangle((x, y), wide, 3.4, facecolor="none", edgecolor=colour, linewidth=2.2)
        )
        following = memory.elements[number + 1 : number + 2]
        # Bytes that are not used leave their room to the element in front of them.
        room = wide + (CELL if following and not following[0].used and stop % PER_ROW else 0)
        label = element.name
        if element.value is not None:
            label = f"{element.name} = {element.value!r}" if element.name else repr(element.value)
            if width(label, size=10) > room:
                label = repr(element.value)
        if width(label, size=10) > room:
            label = cut(label, room, size=10) if element.used else ""
        beside = width(label, size=10) > wide
        axes.text(
            x if beside else x + wide / 2,
            y - 1.7,
            label,
            ha="left" if beside else "center",
            va="center",
            size=10,
        )
        begin = stop


def value_bytes(
    code: str, entered: object, stored: object, data: bytes, error: str, row: Typecode
) -> Picture:
    """Draw what becomes of a value in a typecode: its bytes, and its place in the range.

    Args:
        code: the typecode.
        entered: what was typed in.
        stored: what is read back, or None where it was refused.
        data: the bytes.
        error: the exception in words, or "".
        row: the `Typecode`.
    """
    check_kind("code", code, str, "a typecode")
    check_kind("data", data, bytes, "bytes")
    check_kind("error", error, str, "an exception in words")
    check_kind("row", row, Typecode, "a row of typecode_table()")
    name = row.ctype.__name__
    size = f"{row.size} byte" + "s" * (row.size != 1)
    typed = _short(entered)
    heading = f"{typed} in {code!r}, a {name}"
    words = [f"{heading} of {size}: "]
    jump = "" if error else _jump(entered, stored)
    if jump and width(f"{heading}:  {jump}", weight="bold") <= WIDTH - 2:
        heading += f":  {jump}"
    if error:
        words[0] += error
    else:
        shown = " ".join(f"{byte:02x}" for byte in data)
        words[0] += f"bytes {shown}, read back as {stored!r}"
        words[0] += "" if stored == entered else ", not the same"
        if jump:
            words.append(f"{jump}.")
    if row.smallest is not None:
        words.append(f"Range: {range_words(row.smallest)} to {range_words(row.largest)}.")
    tall = 24 if row.smallest is not None else 16

    def drawing(axes):
        top = tall - 1
        axes.text(1, top, cut(heading, WIDTH - 2, weight="bold"), va="top", weight="bold")
        if error:
            axes.add_patch(
                Rectangle((1, top - 9), 78, 4.4, facecolor=palette.TROUBLE, edgecolor=palette.INK)
            )
            axes.text(2, top - 6.8, cut(error, WIDTH - 4), va="center")
        else:
            for place, byte in enumerate(data):
                x = 1 + place * 6
                axes.add_patch(
                    Rectangle(
                        (x, top - 8.4), 6, 4, facecolor=palette.tint(palette.A), edgecolor=palette.A
                    )
                )
                text = f"{byte:02x}"
                axes.text(
                    x + 3, top - 6.4, text, ha="center", va="center", family="monospace", size=13
                )
            style = {}
            if stored != entered:
                style = {"backgroundcolor": palette.TROUBLE, "weight": "bold"}
            x = 3 + len(data) * 6
            back = wrap(f"reads back {stored!r}", WIDTH - 1 - x, weight="bold")
            axes.text(x, top - 6.4, "\n".join(back[:2]), va="center", **style)
        if row.smallest is not None:
            _number_line(axes, row, entered, stored, top - 15)

    return draw("\n".join(words), drawing, size=(WIDTH / 10, tall / 10))


def _short(value):
    """Return a value in words; a very large whole number by its size."""
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        return f"a whole number of {value.bit_length():,} bits"
    return repr(value)


def _jump(entered, stored):
    """Return how a whole number has wrapped around, such as "200 - 256 = -56", or ""."""
    if not (isinstance(entered, int) and isinstance(stored, int)) or entered == stored:
        return ""
    away = entered - stored
    if away.bit_length() > MOST_BITS:
        return ""
    return f"{entered:,} {'-' if away > 0 else '+'} {abs(away):,} = {stored:,}"


def _number_line(axes, row, entered, stored, y):
    """Draw the range as a line; what was typed above it, what is stored below."""
    span = row.largest - row.smallest if row.python is int else 0
    left, right = 22, 58
    axes.plot((left, right), (y, y), color=palette.INK, linewidth=3)
    for x, value in ((left, row.smallest), (right, row.largest)):
        axes.plot((x, x), (y - 0.9, y + 0.9), color=palette.INK, linewidth=3)
        side = "right" if x == left else "left"
        axes.text(
            x - 1 if x == left else x + 1, y, range_words(value), ha=side, va="center", size=10
        )
    if not span:
        return

    def place(value):
        near = max(row.smallest - span, min(row.largest + span, value))
        return max(3, min(77, left + (right - left) * (near - row.smallest) / span))

    if isinstance(entered, int):
        arrow(axes, (place(entered), y + 4.4), (place(entered), y + 0.8), palette.B)
        axes.text(place(entered), y + 6, "typed", ha="center", va="center")
    if isinstance(stored, int):
        arrow(axes, (place(stored), y - 5), (place(stored), y - 0.8), palette.A)
        axes.text(place(stored), y - 6.6, "stored", ha="center", va="center")


def address_spaces(parent: Regions, child: Regions) -> Picture:
    """Draw two processes, the region that both map, and what each has for itself.

    Args:
        parent, child: what `workers.maps.regions` gave in each: the `Region` of the shared object
            and that of an ordinary one; (None, None) where the system does not tell.
    """
    for name, both in (("parent", parent), ("child", child)):
        check_kind(name, both, tuple, "what workers.maps.regions returns")
        if len(both) != 2:
            raise ValueError(f"{name} must be two regions, not {len(both)}")
    if None in (*parent, *child):
        words = "This system has no /proc/self/maps, so a process cannot look at its own regions."
        lines = "\n".join(wrap(words, WIDTH - 2))
        return draw(words, lambda axes: axes.text(1, 4, lines, va="center"), size=(8, 0.8))
    (shared, own), (childs, childs_own) = parent, child
    same = shared.inode == childs.inode and shared.inode != 0
    words = (
        f"The parent maps the object in a region {shared.permissions} of {shared.size:,} bytes, "
        f"backed by {shared.backing}. The child maps it in a region {childs.permissions} of "
        f"{childs.size:,} bytes, backed by {'the same file' if same else 'another file'}. An "
        f"ordinary object lies in a region {own.permissions} in the parent, and in one "
        f"{childs_own.permissions} in the child, each of its own."
    )

    def drawing(axes):
        for x, colour, title, region, private in (
            (2, palette.A, "parent", shared, own),
            (56, palette.B, "child", childs, childs_own),
        ):
            box(axes, x, 3, 22, 32, colour, f"{title}'s addresses")
            _region(axes, x + 2, 21, "its own objects", private.permissions, colour)
            _region(axes, x + 2, 8, "the shared region", region.permissions, palette.MEMORY)
        box(axes, 30, 3, 20, 18, palette.MEMORY, "one file" if same else "two files")
        axes.text(40, 12, f"{shared.size:,} bytes", ha="center", va="center")
        backing = cut(shared.backing.replace(" in ", "\nin "), 19, size=11)
        axes.text(40, 7, backing, ha="center", va="center", size=11)
        arrow(axes, (22, 12), (30, 12), palette.A)
        arrow(axes, (58, 12), (50, 12), palette.B)

    return draw(words, drawing, size=(8, 3.7))


def _region(axes, x, y, text, permissions, colour):
    axes.add_patch(Rectangle((x, y), 18, 8, facecolor=palette.PAPER, edgecolor=colour))
    axes.text(x + 9, y + 5.4, text, ha="center", va="center", size=11)
    axes.text(x + 9, y + 2.4, permissions, ha="center", va="center", family="monospace")
