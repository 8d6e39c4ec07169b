"""Why a program needs its guard: who imports what, in order."""

from ...checks import check_kind
from . import palette
from .lettering import cut
from .picture import Picture, draw
from .shapes import arrow, box


def import_chain(error: str) -> Picture:
    """Draw how a spawned child runs an unguarded program again, up to the error.

    Args:
        error: what the child ended with, in words.
    """
    check_kind("error", error, str, "an exception in words")
    steps = [
        ("parent", palette.A, "runs the program\nas __main__"),
        ("parent", palette.A, "reaches start():\na child is spawned"),
        ("child", palette.B, "imports the program\nas __mp_main__"),
        ("child", palette.B, "reaches start()\nitself"),
    ]
    words = "\n".join(
        [f"{n}. The {who} {' '.join(what.split())}." for n, (who, _, what) in enumerate(steps, 1)]
        + [f"5. Python stops it: {error}"]
    )

    def drawing(axes):
        for place, (who, colour, what) in enumerate(steps):
            x = 1 + place * 20
            box(axes, x, 10, 17.5, 12, colour, f"{place + 1}  {who}")
            axes.text(x + 8.7, 14, what, ha="center", va="center", size=11)
            if place:
                arrow(axes, (x - 2.4, 16), (x, 16))
        first = error.partition(":")[0]
        box(axes, 1, 1, 77.5, 6, palette.INK)
        last = cut(f"5  Python stops the child: {first}", 74, weight="bold")
        axes.text(3, 4, last, va="center", weight="bold")

    return draw(words, drawing, size=(8, 2.3))
