"""Processes and the memory that they own or share."""

from collections.abc import Mapping, Sequence

from ...memory.objects import Shared
from . import palette
from .lettering import cut
from .picture import Picture, draw
from .shapes import arrow, box, cell, lock

_HOW = {
    "fork": "copies the parent's memory",
    "spawn": "starts Python anew, imports",
    "forkserver": "copies a clean server, imports",
}


def bank_program(account: Shared, deposits: Sequence[int], withdrawals: Sequence[int]) -> Picture:
    """Draw the bank program: two processes, and one account in shared memory.

    Args:
        account: the Value that holds the balance.
        deposits, withdrawals: lists of the amounts.
    """
    balance = account.value
    words = (
        f"Process A deposits {len(deposits)} times, {sum(deposits)} in all. Process B withdraws "
        f"{len(withdrawals)} times, {sum(withdrawals)} in all. Both work on one account in shared "
        f"memory, which holds {balance}."
    )

    def drawing(axes):
        box(axes, 2, 8, 22, 14, palette.A, "process A")
        axes.text(13, 14, cut(f"{len(deposits)} deposits", 21), ha="center")
        axes.text(13, 11, cut(f"{sum(deposits)} in all", 21), ha="center")
        box(axes, 56, 8, 22, 14, palette.B, "process B")
        axes.text(67, 14, cut(f"{len(withdrawals)} withdrawals", 21), ha="center")
        axes.text(67, 11, cut(f"{sum(withdrawals)} in all", 21), ha="center")
        box(axes, 31, 4, 18, 22, palette.MEMORY, "shared memory")
        axes.text(40, 18.5, "account", ha="center")
        cell(axes, 34, 11, 12, 6, str(balance))
        arrow(axes, (24, 14), (34, 14), palette.A, "+")
        arrow(axes, (56, 14), (46, 14), palette.B, "\N{MINUS SIGN}")

    return draw(words, drawing, size=(8, 2.8))


def start_methods(parent: object, children: Mapping[str, object]) -> Picture:
    """Draw what a child finds in a variable of an imported module, for each start method.

    Args:
        parent: the value that the parent has set.
        children: dict from start method to the value that the child found.
    """
    words = "\n".join(
        [f"The parent has set balance to {parent}."]
        + [
            f"{method} {_HOW[method]}: the child finds {found}."
            for method, found in children.items()
        ]
    )

    def drawing(axes):
        rows = list(children.items())
        top = 10 * len(rows) + 2
        axes.text(2, top, "start method", weight="bold")
        axes.text(18, top, "parent", weight="bold")
        axes.text(64, top, "child", weight="bold")
        for index, (method, found) in enumerate(rows):
            y = 10 * (len(rows) - 1 - index) + 2
            same = found == parent
            axes.text(2, y + 3.5, method, va="center", family="monospace")
            cell(axes, 18, y + 0.5, 14, 6, f"balance\n{parent}", palette.A)
            cell(axes, 64, y + 0.5, 14, 6, f"balance\n{found}", palette.A if same else palette.B)
            arrow(axes, (33, y + 3.5), (63, y + 3.5), palette.INK, _HOW[method], offset=(0, 0.6))

    return draw(words, drawing, size=(8, len(children) + 0.6))


def value_and_lock(value: Shared) -> Picture:
    """Draw a Value, its lock, and the two processes around it.

    Args:
        value: a Value with a number inside and a lock.
    """
    import ctypes

    holds = value.value
    kind = type(value.get_obj()).__name__
    size = ctypes.sizeof(value.get_obj())
    words = (
        f"One region of shared memory holds a {kind} of {size} bytes with the number {holds}. "
        "Process A and process B each have a wrapper of their own around it. Both wrappers lead to "
        "the same bytes, and to the same lock, which each takes to read and again to write."
    )

    def drawing(axes):
        for x, letter, colour in ((2, "A", palette.A), (58, "B", palette.B)):
            box(axes, x, 6, 20, 20, colour, f"process {letter}")
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
