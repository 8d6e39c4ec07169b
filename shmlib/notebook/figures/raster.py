"""A picture made of pixels, and the plan of who fills which of its rows."""

import base64
import html
import struct
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import accumulate, groupby, pairwise

from matplotlib.patches import Rectangle

from ...checks import check_flag, check_kind, check_whole
from ...words import short_repr
from . import palette
from .lettering import LINE, cut, width
from .picture import Picture, draw

# How wide and how high a picture is drawn, in points: 600 and 400 of a browser's pixels.
_WIDE, _HIGH = 450, 300
NOTHING, STAYS = 0, 255
# From early to late: where on the way, and red, green, blue. Blue and orange differ for all eyes.
_STOPS = (
    (0.0, (0, 7, 60)),
    (0.16, (32, 107, 203)),
    (0.42, (237, 255, 255)),
    (0.64, (255, 170, 0)),
    (0.86, (120, 20, 0)),
    (1.0, (20, 2, 0)),
)


def pixels(image: Iterable[int], across: int, evenly: bool = False) -> Picture:
    """Draw bytes as the pixels of a picture, row by row.

    Args:
        image: a number from 0 to 255 for each pixel. 0 stands for nothing yet and is grey, 255 is
            black, and between them the colours go from dark blue over white and orange to brown.
        across: how many pixels a row has.
        evenly: True to spread the colours, so that each is used about as often as any other.

    Raises:
        ValueError: the rows are not whole, or a number is no byte.
    """
    try:
        data = bytes(iter(image))
    except (TypeError, ValueError) as error:
        why = f"image must hold numbers from 0 to 255, one for each pixel: {error}"
        raise type(error)(why) from None
    check_whole("across", across)
    check_flag("evenly", evenly)
    if not data or len(data) % across:
        raise ValueError(f"across must divide the number of pixels, {len(data)}, not {across}")
    shown = data.translate(even_colours(data)) if evenly else data
    picture = base64.b64encode(png(shown, across)).decode()
    words = _pixel_words(data, across)
    size = min(_WIDE / across, _HIGH * across / len(data))
    wide, high = size * across, size * len(data) / across
    return Picture(
        words,
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}pt" height="{high:g}pt"'
        f' viewBox="0 0 {wide:g} {high:g}"><title>{html.escape(words)}</title>'
        f'<image width="{wide:g}" height="{high:g}" style="image-rendering:pixelated"'
        f' preserveAspectRatio="none" href="data:image/png;base64,{picture}"/></svg>',
    )


def even_colours(data: bytes) -> bytes:
    """Return the colour for each of the 256 bytes, spread by how many pixels come before it."""
    counts = [data.count(byte) for byte in range(256)]
    many = sum(counts[1:STAYS]) or 1
    before = accumulate(counts[1:STAYS], initial=0)
    colours = [1 + 253 * earlier // many for earlier in before]
    return bytes([NOTHING, *colours[: STAYS - 1], STAYS])


def png(data: bytes, across: int) -> bytes:
    """Return a PNG file, the same on every machine: what is in it is stored and not compressed."""
    rows = b"".join(b"\0" + data[start : start + across] for start in range(0, len(data), across))
    parts = [rows[start : start + 0xFFFF] for start in range(0, len(rows), 0xFFFF)]
    blocks = b"".join(
        struct.pack("<BHH", place == len(parts), len(part), len(part) ^ 0xFFFF) + part
        for place, part in enumerate(parts, 1)
    )
    packed = b"\x78\x01" + blocks + struct.pack(">I", zlib.adler32(rows))
    head = struct.pack(">IIBBBBB", across, len(data) // across, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in (
            (b"IHDR", head),
            (b"PLTE", _colours()),
            (b"IDAT", packed),
            (b"IEND", b""),
        )
    )


@cache
def _colours() -> bytes:
    """Return red, green and blue for each of the 256 bytes."""
    found = bytearray(bytes.fromhex("d3d7de"))
    for byte in range(1, STAYS):
        place = (byte - 1) / (STAYS - 2)
        (start, low), (end, high) = next(
            (one, other) for one, other in pairwise(_STOPS) if place <= other[0]
        )
        share = (place - start) / (end - start)
        found += bytes(round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return bytes(found + b"\0\0\0")


def _pixel_words(data, across):
    """Say how large it is, and what is to be seen in each third of it."""
    rows = len(data) // across
    words = [f"A picture of {across} x {rows} pixels."]
    empty = [row for row in range(rows) if not any(data[row * across : (row + 1) * across])]
    if empty:
        words.append(f"Rows still empty: {_ranges(empty)}.")
    if len(empty) == rows:
        return words[0] + " All are still empty."
    for place, name in enumerate(("top", "middle", "bottom")):
        first, last = place * rows // 3, (place + 1) * rows // 3
        third = [byte for byte in data[first * across : last * across] if byte]
        if third:
            third.sort()
            black = third.count(STAYS)
            words.append(
                f"In the {name} third, half of the pixels are at most {third[len(third) // 2]}"
                f" of 255 and {100 * black / len(third):.0f} % are black."
            )
    return " ".join(words)


def _ranges(numbers):
    """Say whole numbers that grow: runs of them as first-last, or how many where runs are many."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ]
    if len(runs) > 4:
        return f"{len(numbers)}, such as {', '.join(str(run[0]) for run in runs[:3])}"
    return ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def row_owners(plans: Mapping[str, str], across: int) -> Picture:
    """Draw who fills which rows of a picture, one column for each plan.

    Args:
        plans: from a name to a letter for each row, from the top down, such as "AABB"; a "?"
            stands for whoever comes first.
        across: how many pixels, and so bytes, a row has.
    """
    check_whole("across", across)
    check_kind("plans", plans, Mapping, "a dict from names to letters")
    letters = [each for pair in plans.items() for each in pair]
    if not letters or not all(isinstance(each, str) and each for each in letters):
        raise ValueError(f"plans must be a dict from names to letters, not {short_repr(plans)}")
    words = [f"A row has {across} bytes."]
    for name, owners in plans.items():
        parts = []
        for letter in sorted(set(owners)):
            rows = [row for row, owner in enumerate(owners) if owner == letter]
            who = "whoever comes first" if letter == "?" else letter
            parts.append(f"{who} fills rows {', '.join(map(str, rows))}")
        words.append(f"{name}: {'; '.join(parts)}.")
    high = max(len(owners) for owners in plans.values())
    last = f"{(high - 1) * across:,}-{high * across - 1:,}"
    left = 3 + width(f"row {high - 1}: bytes {last}")
    wide = (79 - left) / len(plans)
    tall = 3.2 * high + LINE + 2.5

    def drawing(axes):
        for row in range(high):
            y = tall - LINE - 2.2 - 3.2 * (row + 0.5)
            text = f"row {row}: bytes {row * across:,}-{(row + 1) * across - 1:,}"
            axes.text(left - 1.5, y, text, ha="right", va="center")
        for place, (name, owners) in enumerate(plans.items()):
            x = left + place * wide
            title = cut(name, wide - 2, weight="bold")
            axes.text(x, tall - 1, title, va="top", weight="bold")
            for row, owner in enumerate(owners):
                y = tall - LINE - 2.2 - 3.2 * (row + 1)
                known = owner in "ABC"
                colour = palette.of_worker(ord(owner) - ord("A")) if known else palette.MEMORY
                axes.add_patch(
                    Rectangle(
                        (x, y + 0.2),
                        wide - 2,
                        2.7,
                        facecolor=palette.tint(colour, 0.3),
                        edgecolor=colour,
                    )
                )
                axes.text(x + wide / 2 - 1, y + 1.5, owner, ha="center", va="center", weight="bold")

    return draw("\n".join(words), drawing, size=(8, tall / 10))
