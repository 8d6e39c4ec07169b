"""Text that keeps to its place: how wide it is, where its lines break, where it is cut."""

import re
from functools import cache
from typing import Any

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

# How tall a line of ordinary text is, in tenths of an inch, as all lengths here.
LINE = 2.6
# Points of small text, and how wide a character of it is in the monospace font.
SMALL = 10
CHARACTER = 0.86


@cache
def width(text: str, size: float = 12, weight: str = "normal", family: str = "sans-serif") -> float:
    """Return how wide a text is.

    Args:
        text: one line.
        size: in points.
        weight: "normal" or "bold".
        family: "sans-serif" or "monospace".
    """
    name = "DejaVu Sans Mono" if family == "monospace" else "DejaVu Sans"
    font = FontProperties(family=name, size=size, weight=weight)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 7.2


def wrap(text: str, room: float, **letters: Any) -> list[str]:
    """Return the lines of a text, each as wide as there is room at most.

    Args:
        text: words; one that is wider than a line is broken.
        room: width of a line.
        letters: size, weight and family, as for `width`.
    """
    lines = [""]
    for word in re.findall(r"\S+", text):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if width(longer, **letters) <= room:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if lines[-1] and width(lines[-1] + character, **letters) > room:
                lines.append("")
            lines[-1] += character
    return lines


def cut(text: str, room: float, **letters: Any) -> str:
    """Return a text, each line of it cut short with "…" where it is wider than there is room.

    Args:
        text: one line or several.
        room: width of a line.
        letters: size, weight and family, as for `width`.
    """
    return "\n".join(_cut(line, room, **letters) for line in text.split("\n"))


def _cut(line, room, **letters):
    if width(line, **letters) <= room:
        return line
    kept = next((n for n in range(1, len(line)) if width(line[:n] + "…", **letters) > room), 1)
    return line[: max(1, kept - 1)] + "…"
