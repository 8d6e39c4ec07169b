"""Processes and the memory that they own or share."""

from collections.abc import Mapping
from multiprocessing import sharedctypes

from ...checks import check_kind
from ...memory.objects import Shared
from ...words import short_repr
from . import palette
from .lettering import cut
from .picture import Picture, draw
from .shapes import arrow, box, cell, lock

_HOW = {
    "fork": "copies the parent",
    "spawn": "starts Python anew and imports the file",
    "forkserver": "asks a clean server, which is copied; the copy imports the file",
}
_ARROW = {"fork": "copies the parent", "spawn": "starts Python anew, imports the file"}


def scene(
    first: str,
    shared: Mapping[str, object] | None,
    second: str,
    titles: tuple[str, str] = ("process A", "process B"),
) -> Picture:
    """Draw two processes, what each of them does or has, and the memory between them.

    Args:
        first, second: what stands in their boxes, a line or two each.
        shared: from the name of what they share to what it holds; None where they share nothing.
        titles: what they are called.
    """
    check_kind("first", first, str, "a line or two of text")
    check_kind("second", second, str, "a line or two of text")
    check_kind("shared", shared or {}, Mapping, "a dict from names, or None")
    check_kind("titles", titles, tuple, "a pair of texts")
    if len(titles) != 2 or not all(isinstance(title, str) and title for title in titles):
        raise ValueError(f"titles must be a pair of texts, not {short_repr(titles)}")
    between = ", ".join(f"{name} {_words(holds)}" for name, holds in (shared or {}).items())
    words = f"{_sentence(titles[0], first)} {_sentence(titles[1], second)} " + (
        f"Both reach the same shared memory: {between}." if shared else "They share no memory."
    )

    tall = 9 * len(shared or ()) + 7
    high = max(28, tall + 4)
    middle = high / 2

    def drawing(axes):
        for x, title, text, colour in (
            (2, titles[0], first, palette.A),
            (56, titles[1], second, palette.B),
        ):
            box(axes, x, middle - 8, 22, 16, colour, title)
            said = cut(text, 21)
            axes.text(x + 11, middle - 1.5, said, ha="center", va="center", linespacing=1.5)
        if not shared:
            axes.plot([40, 40], [4, 24], color=palette.MEMORY, linestyle=(0, (3, 3)), linewidth=2)
            axes.text(40, 25, "nothing shared", ha="center", va="bottom")
            return
        top = middle + tall / 2
        box(axes, 29, top - tall, 22, tall, palette.MEMORY, "shared memory")
        for row, (name, holds) in enumerate(shared.items(), start=1):
            y = top - 4 - 9 * row
            axes.text(40, y + 5.7, cut(str(name), 21), ha="center", va="bottom")
            many = holds if isinstance(holds, (list, tuple)) else [holds]
            wide = 18 / max(len(many), 1.5)
            for place, item in enumerate(many):
                cell(axes, 40 + wide * (place - len(many) / 2), y, wide, 5, str(item))
        arrow(axes, (24, middle), (29, middle), palette.A, both=True)
        arrow(axes, (56, middle), (51, middle), palette.B, both=True)

    return draw(words, drawing, size=(8, high / 10))


def _words(holds):
    return " ".join(map(str, holds)) if isinstance(holds, (list, tuple)) else str(holds)


def _sentence(title, text):
    return f"{title[0].upper()}{title[1:]}: {' '.join(text.split())}."


def start_methods(parent: object, children: Mapping[str, object]) -> Picture:
    """Draw what a child finds in a variable of an imported module, for each start method.

    Args:
        parent: the value that the parent has set.
        children: dict from start method to the value that the child found.
    """
    check_kind("children", children, Mapping, "a dict from start method to a value")
    if not children or not children.keys() <= _HOW.keys():
        raise ValueError(
            f"children must be a dict from {', '.join(_HOW)}, not {short_repr(children)}"
        )
    words = "\n".join(
        [f"The parent has set balance to {parent}."]
        + [
            f"{method} {_HOW[method]}: the child finds {found}."
            for method, found in children.items()
        ]
    )

    def drawing(axes):
        rows = list(children.items())
        top = 10 * len(rows) + 1
        for x, heading in ((2, "start method"), (18, "parent"), (64, "child")):
            axes.text(x, top, heading, weight="bold")
        for index, (method, found) in enumerate(rows):
            y = 10 * (len(rows) - 1 - index) + 1
            middle = y + 3.5
            axes.text(2, middle, method, va="center", family="monospace")
            cell(axes, 18, y, 14, 7, f"balance\n{parent}", palette.A)
            colour = palette.A if found == parent else palette.B
            cell(axes, 64, y, 14, 7, f"balance\n{found}", colour)
            if method == "forkserver":
                cell(axes, 41, y, 14, 7, "server\nno balance")
                arrow(axes, (33, middle), (40.5, middle), palette.INK, "asks", offset=(0, 0.6))
                arrow(axes, (55.5, middle), (63, middle), palette.INK, "copy", offset=(0, 0.6))
            else:
                arrow(axes, (33, middle), (63, middle), palette.INK, _ARROW[method])

    return draw(words, drawing, size=(8, len(children) + 0.4))


def value_and_lock(value: Shared) -> Picture:
    """Draw a Value, its lock, and the two processes around it.

    Args:
        value: a Value with a number inside and a lock.
    """
    import ctypes

    check_kind("value", value, sharedctypes.Synchronized, "a Value with a number and a lock")
    holds = value.value
    kind = type(value.get_obj()).__name__
    size = ctypes.sizeof(value.get_obj())
    words = (
        f"One region of shared memory holds a {kind} of {size} bytes with the number {holds}. "
        "The parent and the child each have a wrapper of their own around it. Both wrappers lead "
        "to the same bytes, and to the same lock, which each takes to read and again to write."
    )

    def drawing(axes):
        for x, who, colour in ((2, "parent", palette.A), (58, "child", palette.B)):
            box(axes, x, 6, 20, 20, colour, who)
            cell(axes, x + 3, 11, 14, 8, "wrapper\n.value", colour)
        box(axes, 29, 2, 22, 28, palette.MEMORY, "shared by both")
        lock(axes, 36, 20.5, "one lock")
        cell(axes, 33, 11, 14, 6, str(holds))
        axes.text(40, 7.5, cut(f"{kind}, {size} bytes", 21), ha="center")
        for start, end, colour in (
            ((19, 16), (33, 14), palette.A),
            ((61, 16), (47, 14), palette.B),
        ):
            arrow(axes, start, end, colour, both=True)
        arrow(axes, (19, 17.5), (36, 22), palette.A)
        arrow(axes, (61, 17.5), (47.2, 22), palette.B)

    return draw(words, drawing, size=(8, 3.2))
