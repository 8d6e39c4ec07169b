"""Exercises of page 11, Build something."""

from collections.abc import Callable

from ....engine.replay import Replay
from ..case import Case, Together
from ..exercise import Exercise, Mistake, Way
from ..judging import explored


def _one_owner(width: int, workers: int) -> Callable[..., bool]:
    """Return what says whether every row is one worker's, and each has about as many."""

    def holds(image):
        rows = [set(image[start : start + width]) for start in range(0, len(image), width)]
        numbers = set(range(1, workers + 1))
        if not all(len(row) == 1 and row <= numbers for row in rows):
            return False
        owned = [rows.count({number}) for number in numbers]
        return max(owned) - min(owned) <= 1

    return holds


OWNERS = Exercise(
    number="11.1",
    title="Who owns which rows?",
    minutes=4,
    task="""
`image` is an Array of rows, each `width` bytes long. Write `mark(image, width, place, workers)`:
worker number `place` out of `workers` (the first is 0) writes `place + 1` to every byte of its
own rows. The plan is yours. Every row must have exactly one owner, and no two workers may differ by
more than one row, however many rows there are.
""",
    start="""
def mark(image, width, place, workers):
    ...
""",
    judge=explored(
        *(
            Case(
                "["
                + ", ".join(
                    f"partial(mark, width={width}, place={place}, workers={workers})"
                    for place in range(workers)
                )
                + "]",
                f'mp.Array("B", {width * rows})',
                _one_owner(width, workers),
                f"each of {rows} rows of {width} bytes holds the number of one worker, and of "
                f"{workers} workers none has two rows more than another",
                writes=("image",),
            )
            for width, rows, workers in ((2, 4, 2), (2, 5, 2), (1, 5, 3), (3, 2, 1))
        )
    ),
    hints=(
        "Row number `row` begins at byte `row * width`. How many rows are there?",
        "`range(place, rows, workers)` gives a worker every row that is its turn.",
        "`image[start : start + width] = [place + 1] * width` fills a row.",
    ),
    solution="""
def mark(image, width, place, workers):
    for row in range(place, len(image) // width, workers):
        start = row * width
        image[start : start + width] = [place + 1] * width
""",
    ways=(
        Way(
            "one block each",
            """
def mark(image, width, place, workers):
    rows = len(image) // width
    first, last = rows * place // workers, rows * (place + 1) // workers
    image[first * width : last * width] = [place + 1] * ((last - first) * width)
""",
            "One write for each worker. Multiplied first and divided then, no row is left over.",
        ),
        Way(
            "byte by byte",
            """
def mark(image, width, place, workers):
    for at in range(len(image)):
        if at // width % workers == place:
            image[at] = place + 1
""",
            "Right as well, with a lock for each byte.",
        ),
    ),
    mistakes=(
        Mistake(
            "every other byte, and not every other row",
            """
def mark(image, width, place, workers):
    for at in range(place, len(image), workers):
        image[at] = place + 1
""",
            "each of 4 rows of 2 bytes holds the number of one worker",
        ),
        Mistake(
            "the rows left over have no owner",
            """
def mark(image, width, place, workers):
    each = len(image) // width // workers
    for row in range(place * each, (place + 1) * each):
        image[row * width : (row + 1) * width] = [place + 1] * width
""",
            "a case left out",
        ),
        Mistake(
            "the last worker gets all that is left over",
            """
def mark(image, width, place, workers):
    rows = len(image) // width
    each = rows // workers
    last = rows if place == workers - 1 else (place + 1) * each
    for row in range(place * each, last):
        image[row * width : (row + 1) * width] = [place + 1] * width
""",
            "of 3 workers none has two rows more than another",
        ),
        Mistake(
            "everybody fills everything",
            """
def mark(image, width, place, workers):
    image[:] = [place + 1] * len(image)
""",
            "What must hold: each of 4 rows",
        ),
        Mistake(
            "made for two workers",
            """
def mark(image, width, place, workers):
    for row in range(place, len(image) // width, 2):
        image[row * width : (row + 1) * width] = [place + 1] * width
""",
            "of 3 workers none has two rows more",
        ),
        Mistake(
            "the place itself is written",
            """
def mark(image, width, place, workers):
    for row in range(place, len(image) // width, workers):
        image[row * width : (row + 1) * width] = [place] * width
""",
            "holds the number of one worker",
        ),
        Mistake(
            "a slice of the wrong length",
            """
def mark(image, width, place, workers):
    for row in range(place, len(image) // width, workers):
        image[row * width : (row + 1) * width] = [place + 1]
""",
            "Can only assign sequence of same size",
        ),
    ),
    notes=(
        "Ask: Which plan did you choose, and for which picture is it good?",
        "Watch for: rows that are left over when the division has a rest.",
    ),
)


def _given_out(before: int, height: int) -> Callable[..., bool]:
    def holds(next_row, results):
        given = sorted(row for block in results for row in block)
        return given == list(range(before, height)) and next_row.value == height

    return holds


BLOCKS = Exercise(
    number="11.2",
    title="Fix the shared counter",
    minutes=5,
    task="""
`take_block(next_row, height, size)` takes the next `size` free rows of a picture with `height`
rows, or what is left of them, perhaps nothing, and returns them as a list. Alone it is right. Fix
it so that several workers can use it at once: each row is given out exactly once.
""",
    start="""
def take_block(next_row, height, size):
    start = next_row.value
    stop = min(start + size, height)
    next_row.value = stop
    return list(range(start, stop))
""",
    judge=explored(
        *(
            Case(
                f"[partial(take_block, height={height}, size={size})] * {workers}",
                f'mp.Value("i", {before})',
                _given_out(before, height),
                f"rows {before} to {height - 1} are given out, each of them once, and `next_row` "
                f"is {height}",
                writes=("next_row",),
            )
            for before, height, size, workers in (
                (0, 4, 2, 2),
                (0, 3, 2, 2),
                (10, 12, 2, 3),
                (0, 5, 2, 3),
            )
        )
    ),
    hints=(
        "Between which two lines may another worker come, and take the same rows?",
        "Reading `next_row` and writing it belong together: `with next_row.get_lock():`.",
    ),
    solution="""
def take_block(next_row, height, size):
    with next_row.get_lock():
        start = next_row.value
        stop = min(start + size, height)
        next_row.value = stop
    return list(range(start, stop))
""",
    ways=(
        Way(
            "everything under the lock",
            """
def take_block(next_row, height, size):
    with next_row:
        start = next_row.value
        next_row.value = min(start + size, height)
        return list(range(start, next_row.value))
""",
            "Right, with one more access, and the list is made while the others wait.",
        ),
        Way(
            "acquire and release",
            """
def take_block(next_row, height, size):
    next_row.acquire()
    try:
        start = next_row.value
        stop = start + min(size, height - start)
        next_row.value = stop
    finally:
        next_row.release()
    return [*range(start, stop)]
""",
            "What `with` does, written out.",
        ),
    ),
    mistakes=(
        Mistake(
            "only the write is under the lock",
            """
def take_block(next_row, height, size):
    start = next_row.value
    stop = min(start + size, height)
    with next_row.get_lock():
        next_row.value = stop
    return list(range(start, stop))
""",
            "rows 0 to 3 are given out, each of them once",
        ),
        Mistake(
            "two critical sections",
            """
def take_block(next_row, height, size):
    with next_row.get_lock():
        start = next_row.value
    stop = min(start + size, height)
    with next_row.get_lock():
        next_row.value = stop
    return list(range(start, stop))
""",
            "rows 0 to 3 are given out, each of them once",
        ),
        Mistake(
            "get_lock() is called and not taken",
            """
def take_block(next_row, height, size):
    next_row.get_lock()
    start = next_row.value
    stop = min(start + size, height)
    next_row.value = stop
    return list(range(start, stop))
""",
            "returns the lock and does not take it",
        ),
        Mistake(
            "the counter runs past the end",
            """
def take_block(next_row, height, size):
    with next_row.get_lock():
        start = next_row.value
        next_row.value += size
    return list(range(start, start + size))
""",
            "a case left out",
        ),
        Mistake(
            "the lock is kept when nothing is left",
            """
def take_block(next_row, height, size):
    next_row.acquire()
    start = next_row.value
    if start >= height:
        return []
    stop = min(start + size, height)
    next_row.value = stop
    next_row.release()
    return list(range(start, stop))
""",
            "without giving it back",
        ),
        Mistake(
            "a pause in place of a lock",
            """
import time

def take_block(next_row, height, size):
    start = next_row.value
    stop = min(start + size, height)
    next_row.value = stop
    time.sleep(0.001)
    return list(range(start, stop))
""",
            "rules none out",
        ),
        Mistake(
            "printed, and not returned",
            """
def take_block(next_row, height, size):
    with next_row.get_lock():
        start = next_row.value
        stop = min(start + size, height)
        next_row.value = stop
    print(list(range(start, stop)))
""",
            "returns nothing",
        ),
    ),
    notes=(
        "Ask: What do larger blocks gain, and what do they cost? Think of the grain of a lock.",
        "Watch for: a lock around the write alone.",
    ),
)


def _merged_once(locks: int) -> Callable[[Replay], str]:
    """Return what says, of a `Replay`, which worker takes locks more often than it needs to."""

    def wasted(made: Replay) -> str:
        for letter in sorted(set(made.schedule)):
            taken = [s.action for s in made.steps if s.worker == letter].count("acquire")
            if taken > locks:
                return (
                    f"{letter} takes a lock {taken} times, where {locks} would do: once for each "
                    "row, once to see that there are no more, and once to merge."
                )
        return ""

    return wasted


PAINT = Exercise(
    number="11.3",
    title="Paint and count",
    minutes=8,
    task="""
The whole worker: `paint(image, next_row, counts, colours)`. `image` has one byte for each row, and
`colours[row]`, which stands for a slow calculation, is what belongs there. A worker takes the next
free row from `next_row`, a Value, writes its colour to `image`, and begins again, until all
`len(image)` rows are taken. At the end it adds to the Array `counts` how often it has used each
colour: `counts[1]` grows by its rows of colour 1. Each row is painted once, other workers can paint
at the same time, and each merges once.
""",
    start="""
def paint(image, next_row, counts, colours):
    ...
""",
    judge=explored(
        *(
            Case(
                f"[partial(paint, colours={colours})] * {workers}",
                f'mp.Array("B", {len(colours)}), mp.Value("i", 0), mp.Array("i", {before})',
                lambda image, next_row, counts, colours=colours, before=before: (
                    image[:] == colours
                    and counts[:] == [n + colours.count(at) for at, n in enumerate(before)]
                ),
                f"`image` is {colours}, and `counts` is "
                f"{[n + colours.count(at) for at, n in enumerate(before)]}",
                writes=("image", "counts"),
                together=(
                    (Together("image", "AB", "while a row is painted, nobody else can paint one"),)
                    if workers == len(colours) == 2
                    else ()
                ),
                wasted=_merged_once(len(colours) + 2),
            )
            for colours, before, workers in (
                ([1, 1], [0, 0], 2),
                ([2, 0, 1], [0, 10, 20], 1),
                ([1], [5, 0], 2),
            )
        )
    ),
    hints=(
        "Three parts: take a row, under the lock of `next_row`; paint it, under no lock; merge at "
        "the end, under the lock of `counts`.",
        "Count in a list of your own, `own = [0] * len(counts)`.",
        "`while True:`, take a row, and `break` if it is not smaller than `len(image)`.",
    ),
    solution="""
def paint(image, next_row, counts, colours):
    own = [0] * len(counts)
    while True:
        with next_row.get_lock():
            row = next_row.value
            next_row.value += 1
        if row >= len(image):
            break
        image[row] = colours[row]
        own[colours[row]] += 1
    with counts.get_lock():
        counts[:] = [old + new for old, new in zip(counts[:], own)]
""",
    ways=(
        Way(
            "taken by a function of its own",
            """
def take(next_row):
    with next_row:
        next_row.value += 1
        return next_row.value - 1

def paint(image, next_row, counts, colours):
    own = [0] * len(counts)
    while (row := take(next_row)) < len(image):
        image[row] = colours[row]
        own[colours[row]] += 1
    with counts:
        for colour, number in enumerate(own):
            counts[colour] += number
""",
            "The part in which workers meet can be explored alone. Merging item by item takes more "
            "steps.",
        ),
        Way(
            "the counter stays at the end",
            """
def paint(image, next_row, counts, colours):
    mine = []
    while True:
        with next_row.get_lock():
            row = next_row.value
            if row == len(image):
                break
            next_row.value = row + 1
        image[row] = colours[row]
        mine.append(colours[row])
    if mine:
        with counts.get_lock():
            for colour in set(mine):
                counts[colour] += mine.count(colour)
""",
            "A worker that comes too late writes nothing at all.",
        ),
    ),
    mistakes=(
        Mistake(
            "the row is taken without the lock",
            """
def paint(image, next_row, counts, colours):
    own = [0] * len(counts)
    while next_row.value < len(image):
        row = next_row.value
        next_row.value = row + 1
        image[row] = colours[row]
        own[colours[row]] += 1
    with counts.get_lock():
        counts[:] = [old + new for old, new in zip(counts[:], own)]
""",
            "raised IndexError",
        ),
        Mistake(
            "painted under the lock",
            """
def paint(image, next_row, counts, colours):
    own = [0] * len(counts)
    while True:
        with next_row.get_lock():
            row = next_row.value
            next_row.value += 1
            if row >= len(image):
                break
            image[row] = colours[row]
            own[colours[row]] += 1
    with counts.get_lock():
        counts[:] = [old + new for old, new in zip(counts[:], own)]
""",
            "nobody else can paint one",
        ),
        Mistake(
            "merged after each row",
            """
def paint(image, next_row, counts, colours):
    while True:
        with next_row.get_lock():
            row = next_row.value
            next_row.value += 1
        if row >= len(image):
            break
        image[row] = colours[row]
        with counts.get_lock():
            counts[colours[row]] += 1
    with counts.get_lock():
        pass
""",
            "where 4 would do",
        ),
        Mistake(
            "merged without the lock",
            """
def paint(image, next_row, counts, colours):
    own = [0] * len(counts)
    while True:
        with next_row.get_lock():
            row = next_row.value
            next_row.value += 1
        if row >= len(image):
            break
        image[row] = colours[row]
        own[colours[row]] += 1
    counts[:] = [old + new for old, new in zip(counts[:], own)]
""",
            "update is lost",
        ),
        Mistake(
            "one row only",
            """
def paint(image, next_row, counts, colours):
    with next_row.get_lock():
        row = next_row.value
        next_row.value += 1
    image[row] = colours[row]
    with counts.get_lock():
        counts[colours[row]] += 1
""",
            "is right where the exercise begins",
        ),
        Mistake(
            "what was in counts is written over",
            """
def paint(image, next_row, counts, colours):
    own = [0] * len(counts)
    while True:
        with next_row.get_lock():
            row = next_row.value
            next_row.value += 1
        if row >= len(image):
            break
        image[row] = colours[row]
        own[colours[row]] += 1
    with counts.get_lock():
        counts[:] = own
""",
            "`counts` is [0, 2]",
        ),
        Mistake(
            "nothing is counted",
            """
def paint(image, next_row, counts, colours):
    while True:
        with next_row.get_lock():
            row = next_row.value
            next_row.value += 1
        if row >= len(image):
            return
        image[row] = colours[row]
""",
            "never writes to `counts`",
        ),
    ),
    notes=(
        "Ask: Which two locks are there, and is anybody ever holding both?",
        "Watch for: painting under the lock. Then the rows are painted one after another.",
    ),
)

EXERCISES = (OWNERS, BLOCKS, PAINT)
