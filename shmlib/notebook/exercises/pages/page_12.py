"""Exercises of page 12, Choose your tool."""

from array import array
from collections.abc import Mapping
from functools import partial
from multiprocessing.managers import SharedMemoryManager
from typing import Any

from ....engine.errors import WorkerError
from ....engine.run import run
from ....workers import named, overlap
from .. import diagnosis, judging
from ..exercise import Exercise, Mistake, Way
from ..in_worker import attached, reduced
from ..judging import answers
from ..verdict import Verdict


def _seen(mp):
    with SharedMemoryManager(ctx=mp) as manager:
        kept = manager.ShareableList([b"10\0\0"])[0]
    with mp.Manager() as manager:
        managed = manager.Value("b", 300).value
        number = manager.Value("i", 0)
        run([partial(overlap.add_after_all_have_read, number, mp.Barrier(3))] * 3)
        added = number.value
    return {"kept": kept, "managed": managed, "wrapped": mp.Value("b", 300).value, "added": added}


PREDICT = Exercise(
    number="12.1",
    title="What is read?",
    minutes=4,
    task="""
What is read, in the end? `kept` is the item of `ShareableList([b"10\\0\\0"])`; `managed` is
`manager.Value("b", 300).value`, and `wrapped` is `mp.Value("b", 300).value`. For `added`, three
workers run `overlap.add_after_all_have_read` once each, with a Barrier for three, on a Manager's
number that starts at 0.
""",
    start="""
kept = ...
managed = ...
wrapped = ...
added = ...
""",
    judge=answers(
        _seen,
        slips={
            ("kept", b"10\0\0"): "Zeros at the end are taken for padding, and stripped.",
            ("kept", b"10\0"): "It strips all zeros at the end, not only one.",
            ("kept", "10"): "Bytes stay bytes.",
            ("kept", 10): "Bytes stay bytes; nobody makes a number of them.",
            ("kept", ...): "What does a ShareableList do to zeros at the end?",
            ("managed", 44): "A Manager looks at no typecode.",
            ("managed", ...): "A Manager keeps whatever object it is given.",
            ("wrapped", 300): 'A `"b"` has one byte, and holds -128 to 127.',
            ("wrapped", ...): 'A `"b"` has one byte: 300 wraps around. Notebook 04 shows how.',
            ("added", 3): "All three have read before the first of them writes.",
            ("added", 2): "All three have read the same 0 before the first of them writes.",
            ("added", 0): "Each of them writes something. What has it read before?",
            ("added", ...): "What has each of them read, and what does it write?",
        },
        read="A Manager's Value has the name in common with multiprocessing's, and little else.",
    ),
    hints=(
        "Three of the four are on the page, with other numbers.",
        "300 - 256 is 44. Which of the two Values is one byte in memory?",
    ),
    solution="""
kept = b"10"
managed = 300
wrapped = 44
added = 1
""",
    mistakes=(
        Mistake(
            "what was put in comes out",
            'kept = b"10\\0\\0"\nmanaged = 300\nwrapped = 44\nadded = 1\n',
            "taken for padding",
        ),
        Mistake(
            "a Manager's Value is taken for multiprocessing's",
            'kept = b"10"\nmanaged = 44\nwrapped = 44\nadded = 1\n',
            "looks at no typecode",
        ),
        Mistake(
            "nothing wraps around",
            'kept = b"10"\nmanaged = 300\nwrapped = 300\nadded = 1\n',
            "holds -128 to 127",
        ),
        Mistake(
            "a server loses nothing",
            'kept = b"10"\nmanaged = 300\nwrapped = 44\nadded = 3\n',
            "before the first of them writes",
        ),
    ),
    notes=(
        "Ask: Which two have the same name, and what do they have in common?",
        'Watch for: 3, because "the Manager does one thing at a time".',
    ),
)


def _judge_attached(defined: Mapping[str, Any]) -> Verdict:
    function: Any = defined.get("add_up")
    wrong_form = diagnosis.misfit([partial(function, "name", 1)] if function else [], [])
    if not function or wrong_form:
        return Verdict("wrong", wrong_form or "The cell defines no function `add_up`.")
    method = judging.context_of(defined).get_start_method()
    for numbers, behind in (([3, 4, 5], [0]), ([-7, 2], [1_000, 1_000]), ([], [9])):
        with named.named(4 * (len(numbers) + len(behind))) as memory:
            memory.buf[: 4 * (len(numbers) + len(behind))] = array("i", numbers + behind).tobytes()
            handed = partial(attached, function, memory.name, len(numbers))
            try:
                made = judging.called(handed, told="worker A (add_up)", start_method=method)
            except WorkerError as error:
                return Verdict("wrong", *_told(error))
            result, closed, unlinked = made.results[0]
        said = _what_is_wrong(result, numbers, behind, closed, unlinked)
        if said:
            return Verdict("wrong", said)
    return Verdict("passed", "Right in each of 3 cases, and nothing is left open or taken away.")


def _told(error):
    reasons = diagnosis.sentences(error)
    if "exported pointers" in reasons[0]:
        reasons.append("A view, or what was cast from one, is still in use when it is closed.")
    return reasons


def _what_is_wrong(result, numbers, behind, closed, unlinked):
    """Say what is wrong with a learner's call, or return ""."""
    if unlinked:
        return (
            "It takes the memory away, with `unlink`. That belongs to whoever has made it: the "
            "next one who looks for the name finds nothing."
        )
    if result is None:
        return "It returns nothing: the sum must come after `return`."
    if result != sum(numbers):
        where = f"With {numbers} as the numbers, and {behind} in the bytes behind them, it"
        return f"{where} returns {result!r}. How many of the items count?"
    if not closed:
        return "The sum is right, and the memory is never closed."
    return ""


ATTACH = Exercise(
    number="12.2",
    title="Add up what another program shares",
    minutes=6,
    task="""
Another program has put numbers of the typecode `"i"` into SharedMemory. Write
`add_up(name, count)`: it attaches by the `name`, and returns the sum of the first `count` numbers.
The memory may be longer than they are. Leave it as a good guest would: closed, and there for the
next one.
""",
    start="""
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    ...
""",
    judge=_judge_attached,
    hints=(
        'Look at `squares.sum_named`: `memory.buf.cast("i")` is a view of the numbers.',
        "Release the views before you close: with `with`, or `view.release()`.",
        "Compute the sum first, then release, then close, then return.",
    ),
    solution="""
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    memory = SharedMemory(name)
    with memory.buf.cast("i") as numbers, numbers[:count] as part:
        total = sum(part)
    memory.close()
    return total
""",
    ways=(
        Way(
            "copied out first",
            """
from array import array
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    memory = SharedMemory(name)
    numbers = array("i", bytes(memory.buf[: 4 * count]))
    memory.close()
    return sum(numbers)
""",
            "A copy needs no release, and takes the room a second time.",
        ),
        Way(
            "closed however the block is left",
            """
from contextlib import closing
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    with closing(SharedMemory(name)) as memory, memory.buf.cast("i") as numbers:
        return sum(numbers[i] for i in range(count))
""",
            "The safest: an error closes it, too. Item by item, no second view is needed.",
        ),
    ),
    mistakes=(
        Mistake(
            "all that is there",
            """
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    memory = SharedMemory(name)
    with memory.buf.cast("i") as numbers:
        total = sum(numbers)
    memory.close()
    return total
""",
            "How many of the items count?",
        ),
        Mistake(
            "the guest unlinks",
            """
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    memory = SharedMemory(name)
    with memory.buf.cast("i") as numbers, numbers[:count] as part:
        total = sum(part)
    memory.close()
    memory.unlink()
    return total
""",
            "belongs to whoever has made it",
        ),
        Mistake(
            "never closed",
            """
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    memory = SharedMemory(name)
    return sum(memory.buf.cast("i")[:count])
""",
            "is never closed",
        ),
        Mistake(
            "closed while a view is in use",
            """
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    memory = SharedMemory(name)
    numbers = memory.buf.cast("i")
    total = sum(numbers[:count])
    memory.close()
    return total
""",
            "is still in use when it is closed",
        ),
        Mistake(
            "bytes in place of numbers",
            """
from multiprocessing.shared_memory import SharedMemory

def add_up(name, count):
    memory = SharedMemory(name)
    total = sum(memory.buf[:count])
    memory.close()
    return total
""",
            "How many of the items count?",
        ),
    ),
    notes=(
        "Ask: Who unlinks? Not the guest.",
        'Watch for: `sum(memory.buf.cast("i"))`, right as long as only zeros follow.',
    ),
)


_CASES = [
    (parts, order)
    for parts in (
        [[4, 8]],
        [[1, 2], [3, 4]],
        [[1, 2, 3], [10]],
        [[0], [0], [6, 6], [100, 2, 4]],
        [[5], [], [7, 9]],
    )
    for order in range(3)
]


def _judge_reduction(defined: Mapping[str, Any]) -> Verdict:
    names = ("summarize", "merge", "finish")
    missing = [name for name in names if not callable(defined.get(name))]
    if missing:
        return Verdict("wrong", f"The cell defines no function `{'`, `'.join(missing)}`.")
    handed = partial(reduced, [defined[name] for name in names], _CASES)
    method = judging.context_of(defined).get_start_method()
    try:
        made = judging.called(handed, told="it", start_method=method)
    except WorkerError as error:
        reasons = diagnosis.sentences(error)
        if "ZeroDivisionError" in reasons[0]:
            reasons.append("A part may be empty, if only not all of them are.")
        return Verdict("wrong", *reasons)
    for (parts, _), found in zip(_CASES, made.results[0], strict=True):
        numbers = [number for part in parts for number in part]
        mean = sum(numbers) / len(numbers)
        if not isinstance(found, int | float) or abs(found - mean) > 1e-9:
            return Verdict("wrong", *_why_not(parts, mean, found))
    return Verdict("passed", "Right for five ways to share numbers out, in any order of merging.")


def _why_not(parts, mean, found):
    yield f"With the parts {parts}, the mean of all is {mean:g}, and `finish` returns {found!r}."
    means = [sum(part) / len(part) for part in parts if part]
    if found is None:
        yield "What it finds must come after `return`."
    elif len(parts) > 1:
        yield (
            "The mean of means is the mean of all only if the parts are of the same size: what "
            "else must a part tell?"
            if isinstance(found, int | float) and min(means) <= found <= max(means)
            else "Does `merge` keep everything that both parts tell?"
        )


REDUCE = Exercise(
    number="12.3",
    title="A mean from many machines",
    minutes=8,
    task="""
Numbers lie on many machines, a part on each. Write three functions with which an engine finds the
mean of them all: `summarize(part)` runs on each machine, and is handed its list of numbers, perhaps
an empty one; `merge(one, other)` puts two summaries together, or what was merged before, in
whatever order they come; `finish(summary)` returns the mean. What is in a summary is up to you, as
long as it is small.
""",
    start="""
def summarize(part):
    ...

def merge(one, other):
    ...

def finish(summary):
    ...
""",
    judge=_judge_reduction,
    hints=(
        "Try it by hand with the parts [1, 2, 3] and [10]. Is the mean of 2 and 10 right?",
        "Which two numbers of a part are enough, and can be added up?",
        "A summary is the sum and the count.",
    ),
    solution="""
def summarize(part):
    return sum(part), len(part)

def merge(one, other):
    return one[0] + other[0], one[1] + other[1]

def finish(summary):
    return summary[0] / summary[1]
""",
    ways=(
        Way(
            "the mean, and how many it stands for",
            """
def summarize(part):
    return (sum(part) / len(part) if part else 0, len(part))

def merge(one, other):
    count = one[1] + other[1]
    total = one[0] * one[1] + other[0] * other[1]
    return (total / count if count else 0, count)

def finish(summary):
    return summary[0]
""",
            "There is a mean at every moment, for a progress bar. It rounds at every step.",
        ),
        Way(
            "a dictionary",
            """
def summarize(part):
    return {"sum": sum(part), "count": len(part)}

def merge(one, other):
    return {name: one[name] + other[name] for name in one}

def finish(summary):
    return summary["sum"] / summary["count"]
""",
            "Longer, and it says what it holds; another number is soon added.",
        ),
    ),
    mistakes=(
        Mistake(
            "the mean of means",
            """
def summarize(part):
    return sum(part) / len(part) if part else 0

def merge(one, other):
    return (one + other) / 2

def finish(summary):
    return summary
""",
            "only if the parts are of the same size",
        ),
        Mistake(
            "an empty part",
            """
def summarize(part):
    return sum(part) / len(part), len(part)

def merge(one, other):
    count = one[1] + other[1]
    return (one[0] * one[1] + other[0] * other[1]) / count, count

def finish(summary):
    return summary[0]
""",
            "A part may be empty",
        ),
        Mistake(
            "the counts are not added",
            """
def summarize(part):
    return sum(part), len(part)

def merge(one, other):
    return one[0] + other[0], one[1]

def finish(summary):
    return summary[0] / summary[1]
""",
            "Does `merge` keep everything",
        ),
        Mistake(
            "printed, and not returned",
            """
def summarize(part):
    return sum(part), len(part)

def merge(one, other):
    return one[0] + other[0], one[1] + other[1]

def finish(summary):
    print(summary[0] / summary[1])
""",
            "must come after `return`",
        ),
        Mistake(
            "counted while it goes, in a variable of the module",
            """
count = 0

def summarize(part):
    global count
    count = len(part)
    return sum(part)

def merge(one, other):
    return one + other

def finish(summary):
    return summary / count
""",
            "Does `merge` keep everything",
        ),
    ),
    notes=(
        "Ask: Could you find the largest number in this way? And the median?",
        "Watch for: the mean of means, which is right for parts of equal size.",
    ),
)

EXERCISES = (PREDICT, ATTACH, REDUCE)
