"""Exercises of page 03, Share many numbers with Array."""

from ....engine.explore import explore
from ....engine.replay import Replay
from ....workers import arrays
from ..case import Case, Together
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored


def _copies_and_steps(mp):
    scores = [90, 80, 70]
    shared = mp.Array("i", scores)
    part = shared[0:2]
    part[0] = 1
    scores[1] = 2
    name = mp.Array("c", b"Grace")
    name.value = b"Al"

    def steps(worker):
        (schedule,) = explore([worker], mp.Array("i", 5)).schedules
        return len(schedule)

    return {
        "items": shared[:],
        "text": name.raw,
        "loop_steps": steps(arrays.add_up),
        "slice_steps": steps(arrays.add_up_slice),
    }


COPIES = Exercise(
    number="03.1",
    title="What is copied, and what is read?",
    minutes=3,
    task="""
Say what is left in these two, and how many steps each sum takes for an Array of five items:

- `shared[:]` after `scores = [90, 80, 70]`, `shared = mp.Array("i", scores)`, `part = shared[0:2]`,
  `part[0] = 1`, `scores[1] = 2`
- `name.raw` after `name = mp.Array("c", b"Grace")`, `name.value = b"Al"`
- `sum(numbers)`, and `sum(numbers[:])`
""",
    start="""
items = ...
text = ...
loop_steps = ...
slice_steps = ...
""",
    judge=answers(
        _copies_and_steps,
        slips={
            ("items", (1, 80, 70)): "A slice is a copy: `part` is a list of its own.",
            ("items", (90, 2, 70)): "The Array was filled with a copy of the list.",
            ("items", (1, 2, 70)): "Both are copies: the list it was made from, and the slice.",
            ("text", b"Al"): "That is `name.value`. `raw` is all of the bytes.",
            ("text", b"Al\x00"): "The Array still has five bytes. What is in the last two?",
            ("text", b"Al\x00\x00\x00"): "`value` writes one zero byte, and leaves the rest alone.",
            ("text", b"Alace"): "`value` writes one zero byte behind the text.",
            ("loop_steps", 5): "And how does the loop find out that there is no sixth item?",
            ("loop_steps", 1): "A loop asks for one item after another.",
            ("slice_steps", 5): "A slice is read under the lock, all at once.",
            ("slice_steps", 6): "A slice is read under the lock, all at once.",
            ("items", ...): "Try it in a cell of its own, or count the steps with `replay`.",
            ("text", ...): "Try it in a cell of its own, or count the steps with `replay`.",
            ("loop_steps", ...): "Try it in a cell of its own, or count the steps with `replay`.",
            ("slice_steps", ...): "Try it in a cell of its own, or count the steps with `replay`.",
        },
        read="Copies don't follow each other, and a slice is one step where a loop takes six.",
    ),
    hints=(
        "Which of `scores`, `part` and `shared` are in shared memory? Only one is.",
        "`name.value = ...` writes the text and one zero byte. The Array can't shrink.",
        "A loop asks until it gets an IndexError.",
    ),
    solution="""
items = [90, 80, 70]
text = b"Al\\x00ce"
loop_steps = 6
slice_steps = 1
""",
    mistakes=(
        Mistake(
            "a slice is taken for a view",
            'items = [1, 80, 70]\ntext = b"Al\\x00ce"\nloop_steps = 6\nslice_steps = 1\n',
            "`part` is a list of its own",
        ),
        Mistake(
            "the list is taken for the Array",
            'items = [90, 2, 70]\ntext = b"Al\\x00ce"\nloop_steps = 6\nslice_steps = 1\n',
            "a copy of the list",
        ),
        Mistake(
            "the old text is gone",
            'items = [90, 80, 70]\ntext = b"Al\\x00\\x00\\x00"\nloop_steps = 6\nslice_steps = 1\n',
            "writes one zero byte",
        ),
        Mistake(
            "value in place of raw",
            'items = [90, 80, 70]\ntext = b"Al"\nloop_steps = 6\nslice_steps = 1\n',
            "all of the bytes",
        ),
        Mistake(
            "the end is known beforehand",
            'items = [90, 80, 70]\ntext = b"Al\\x00ce"\nloop_steps = 5\nslice_steps = 1\n',
            "no sixth item",
        ),
        Mistake(
            "a slice is read item by item",
            'items = [90, 80, 70]\ntext = b"Al\\x00ce"\nloop_steps = 6\nslice_steps = 5\n',
            "all at once",
        ),
    ),
    notes=("Ask: Which of the three names lead to shared memory? `shared` alone.",),
)


def _elsewhere(made: Replay) -> str:
    """Say of a `Replay` which worker writes what is not its part."""
    for step in made.steps:
        first = 3 * (ord(step.worker) - ord("A"))
        written = range(step.place.first // 4, step.place.last // 4 + 1) if step.place else ()
        if step.action == "write" and not {first, first + 1, first + 2}.issuperset(written):
            return (
                f"{step.worker} writes to `{step.target}`, and its part is the items {first} to "
                f"{first + 2}."
            )
    return ""


FILLERS = Exercise(
    number="03.2",
    title="To each of four its own part",
    minutes=4,
    task="""
Make `fillers`, a list of four workers for an Array of twelve items. The first puts the number 1
into the items 0 to 2, the second 2 into the items 3 to 5, and so on. `arrays.fill` takes `numbers`,
`start`, `stop` and `value`, and fills the items from `start` up to, but not including,
`stop`.
""",
    start="""
from functools import partial

from shmlib.workers import arrays

fillers = ...
""",
    judge=explored(
        Case(
            "fillers",
            'mp.Array("i", 12)',
            lambda numbers: numbers[:] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4],
            "the workers fill in [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]",
            together=(Together("numbers", "AD", "the last worker waits for the first"),),
            count=4,
            wasted=_elsewhere,
        ),
    ),
    hints=(
        "`partial(arrays.fill, start=0, stop=3, value=1)` is the first of them.",
        "If `k` goes from 0 to 3, where does part `k` start, where does it stop, what is put in?",
        "Write it as a list comprehension: `[partial(arrays.fill, ...) for k in range(4)]`.",
    ),
    solution="""
from functools import partial

from shmlib.workers import arrays

fillers = [
    partial(arrays.fill, start=3 * k, stop=3 * k + 3, value=k + 1) for k in range(4)
]
""",
    ways=(
        Way(
            "one by one",
            """
from functools import partial

from shmlib.workers import arrays

fillers = [
    partial(arrays.fill, start=0, stop=3, value=1),
    partial(arrays.fill, start=3, stop=6, value=2),
    partial(arrays.fill, start=6, stop=9, value=3),
    partial(arrays.fill, start=9, stop=12, value=4),
]
""",
            "As good for four, and tedious for forty.",
        ),
        Way(
            "a worker of your own",
            """
from functools import partial

def fill_part(numbers, part):
    numbers[3 * part : 3 * part + 3] = [part + 1] * 3

fillers = [partial(fill_part, part=part) for part in range(4)]
""",
            "Each worker needs one number only, and writes its part in one step.",
        ),
    ),
    mistakes=(
        Mistake(
            "stop is taken for the last item",
            """
from functools import partial

from shmlib.workers import arrays

fillers = [
    partial(arrays.fill, start=3 * k, stop=3 * k + 2, value=k + 1) for k in range(4)
]
""",
            "[1, 1, 0, 2, 2, 0, 3, 3, 0, 4, 4, 0]",
        ),
        Mistake(
            "the parts overlap",
            """
from functools import partial

from shmlib.workers import arrays

fillers = [
    partial(arrays.fill, start=3 * k, stop=min(3 * k + 4, 12), value=k + 1)
    for k in range(4)
]
""",
            "It goes wrong in",
        ),
        Mistake(
            "four lambdas that share one k",
            """
from shmlib.workers import arrays

fillers = [
    lambda numbers: arrays.fill(numbers, 3 * k, 3 * k + 3, k + 1) for k in range(4)
]
""",
            "cannot be",
        ),
        Mistake(
            "a worker, and no list",
            """
from functools import partial

from shmlib.workers import arrays

fillers = partial(arrays.fill, start=0, stop=12, value=1)
""",
            "`fillers` must be a list of workers",
        ),
        Mistake(
            "called, and not handed over",
            """
from shmlib.workers import arrays

fillers = [arrays.fill([0] * 12, 3 * k, 3 * k + 3, k + 1) for k in range(4)]
""",
            "`None` must be a function",
        ),
        Mistake(
            "one worker does it all",
            """
def fill_all(numbers):
    numbers[:] = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]

fillers = [fill_all]
""",
            "must hold 4 workers, not 1",
        ),
        Mistake(
            "a value is missing",
            """
from functools import partial

from shmlib.workers import arrays

fillers = [partial(arrays.fill, start=3 * k, stop=3 * k + 3) for k in range(4)]
""",
            "missing a required argument: 'value'",
        ),
        Mistake(
            "each fills in everything",
            """
def fill_all(numbers):
    numbers[:] = [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]

fillers = [fill_all] * 4
""",
            "its part is the items 0 to 2",
        ),
        Mistake(
            "the parts in the wrong order",
            """
from functools import partial

from shmlib.workers import arrays

fillers = [
    partial(arrays.fill, start=3 * k, stop=3 * k + 3, value=k + 1)
    for k in (3, 2, 1, 0)
]
""",
            "its part is the items 0 to 2",
        ),
    ),
    notes=("Watch for: a lambda. A new process imports its worker by name, and it has none.",),
)

WIPE = Exercise(
    number="03.3",
    title="Wipe the password",
    minutes=3,
    task="""
A password is kept in an Array of `"c"`. `wipe(secret)` should set every byte of it to zero,
whatever its length and whatever was in it. It leaves something behind. Fix it.
""",
    start="""
def wipe(secret):
    secret.value = b""
""",
    judge=explored(
        *(
            Case(
                "[wipe]",
                f'mp.Array("c", {password!r})',
                lambda secret: secret.raw == bytes(len(secret)),
                f"all {len(password)} bytes are zero",
                writes=("secret",),
            )
            for password in (b"swordfish", b"one\x00two\x00three", b"correct horse battery")
        )
    ),
    hints=(
        "`value` writes one zero byte behind the text. What does `raw` show after that?",
        "`bytes(3)` is three zero bytes, and `len(secret)` says how many there are.",
    ),
    solution="""
def wipe(secret):
    secret.raw = bytes(len(secret))
""",
    ways=(
        Way(
            "as a slice",
            """
def wipe(secret):
    secret[:] = bytes(len(secret))
""",
            "The same, in one locked write.",
        ),
        Way(
            "byte by byte",
            """
def wipe(secret):
    for place in range(len(secret)):
        secret[place] = b"\\0"
""",
            "A step for each byte; somebody who reads meanwhile sees half a password.",
        ),
    ),
    mistakes=(
        Mistake(
            "a text of spaces",
            'def wipe(secret):\n    secret.value = b" " * len(secret)\n',
            "all 9 bytes are zero",
        ),
        Mistake(
            "the length of the text, not of the Array",
            "def wipe(secret):\n    secret[: len(secret.value)] = bytes(len(secret.value))\n",
            "all 13 bytes are zero",
        ),
        Mistake(
            "a length that is written down",
            "def wipe(secret):\n    secret.raw = bytes(9)\n",
            "should be calculated",
        ),
        Mistake(
            "no byte in place of a zero byte",
            """
def wipe(secret):
    for place in range(len(secret)):
        secret[place] = b""
""",
            "TypeError",
        ),
        Mistake(
            "a new object in place of the shared one",
            "def wipe(secret):\n    secret = bytes(len(secret))\n",
            "gives the name to a new object",
        ),
        Mistake(
            "text in place of bytes",
            'def wipe(secret):\n    secret.value = ""\n',
            "TypeError",
        ),
    ),
    notes=("Ask: Who could read what is left? Every process that was handed the Array.",),
)


def _right_total(place, total, moved):
    """All is in the place that was asked for, and the accounts hold what money was moved."""

    def holds(numbers, totals):
        others = [number for at, number in enumerate(totals[:]) if at != place]
        return totals[place] == total and not any(others) and numbers[:] == moved

    return holds


REPORT = Exercise(
    number="03.4",
    title="Add up while others write",
    minutes=6,
    task="""
Money moves between the accounts in the Array `numbers`: `arrays.shift` takes an amount from the
first one and adds it to the last one, both under the lock of `numbers`. Write
`report(numbers, totals, place)`: it puts the sum of all accounts into item `place` of the Array
`totals`, and leaves the other items alone. The sum must be right, even while money is moving.
""",
    start="""
def report(numbers, totals, place):
    ...
""",
    judge=explored(
        *(
            Case(
                f"[partial(report, place={place}), partial(arrays.shift, amount={amount})]",
                f'mp.Array("i", {numbers}), mp.Array("i", 2)',
                _right_total(
                    place,
                    sum(numbers),
                    [numbers[0] - amount, *numbers[1:-1], numbers[-1] + amount],
                ),
                f"the accounts {numbers} hold {sum(numbers)} in all, at every moment, and `totals` "
                f"has that number in item {place} alone; `report` leaves the accounts as they are",
                writes=("totals",),
            )
            for place, amount, numbers in ((0, 5, [10, 20, 30]), (1, 7, [40, 1, 1]))
        ),
        names={"arrays": arrays},
    ),
    hints=(
        "A loop over `numbers` reads one item after another. What can happen in between?",
        "How do you read all items in one step?",
        "`sum(numbers[:])` goes into `totals[place]`.",
    ),
    solution="""
def report(numbers, totals, place):
    totals[place] = sum(numbers[:])
""",
    ways=(
        Way(
            "a loop under the lock",
            """
def report(numbers, totals, place):
    total = 0
    with numbers.get_lock():
        for number in numbers:
            total += number
    totals[place] = total
""",
            "Right, too, but the lock is held for as long as the loop takes.",
        ),
        Way(
            "a slice, and then a loop",
            """
def report(numbers, totals, place):
    total = 0
    for number in numbers[:]:
        total += number
    totals[place] = total
""",
            "The loop runs over a list of its own, so it can take as long as it likes.",
        ),
    ),
    mistakes=(
        Mistake(
            "one item after another",
            "def report(numbers, totals, place):\n    totals[place] = sum(numbers)\n",
            "It goes wrong in",
        ),
        Mistake(
            "the lock of the other Array",
            """
def report(numbers, totals, place):
    with totals.get_lock():
        totals[place] = sum(numbers)
""",
            "It goes wrong in",
        ),
        Mistake(
            "the first place, whichever was asked for",
            "def report(numbers, totals, place):\n    totals[0] = sum(numbers[:])\n",
            "in item 1 alone",
        ),
        Mistake(
            "all places at once",
            "def report(numbers, totals, place):\n    totals[:] = [sum(numbers[:])] * 2\n",
            "in item 0 alone",
        ),
        Mistake(
            "the sum is returned",
            "def report(numbers, totals, place):\n    return sum(numbers[:])\n",
            "It returns `60` instead",
        ),
        Mistake(
            "the number is written down",
            "def report(numbers, totals, place):\n    totals[place] = 60\n",
            "should be calculated",
        ),
        Mistake(
            "the lock is taken again for each item",
            """
def report(numbers, totals, place):
    total = 0
    for number in range(len(numbers)):
        with numbers.get_lock():
            total += numbers[number]
    totals[place] = total
""",
            "It goes wrong in",
        ),
        Mistake(
            "the money goes to the first account",
            """
def report(numbers, totals, place):
    with numbers.get_lock():
        total = sum(numbers)
        numbers[:] = [total] + [0] * (len(numbers) - 1)
    totals[place] = total
""",
            "leaves the accounts as they are",
        ),
    ),
    notes=(
        "Ask: What does `sum(numbers)` see if the money moves after its first read?",
        "Watch for: a lock around each item. Each read takes it anyway.",
    ),
)

EXERCISES = (COPIES, FILLERS, WIPE, REPORT)
