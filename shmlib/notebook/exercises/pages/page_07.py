"""Exercises of page 07, Look under the wrapper."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ....engine.errors import WorkerError, WorkerTimeoutError
from ....engine.run import run
from ....memory.memory_map import memory_map
from ....workers import arrays, guard
from .. import diagnosis, judging
from ..case import Case
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored
from ..verdict import Verdict


def _reserved(mp):
    made = {
        "number": mp.Value("d", 1.5),
        "small": mp.Array("B", 3),
        "large": mp.Array("i", 5),
        "text": mp.RawArray("c", 16),
    }
    return {name: memory_map(item).reserved for name, item in made.items()}


RESERVED = Exercise(
    number="07.1",
    title="How many bytes are reserved?",
    minutes=3,
    task="""
How many bytes of shared memory are reserved for the number of `mp.Value("d", 1.5)`, for the items
of `mp.Array("B", 3)` and of `mp.Array("i", 5)`, and for `mp.RawArray("c", 16)`? Answer first; then
`memory_map` shows you.
""",
    start="""
number = ...
small = ...
large = ...
text = ...
""",
    judge=answers(
        _reserved,
        slips={
            ("number", 4): 'A `"d"` is a double: how many bytes has it?',
            ("number", 16): "The lock lies elsewhere: it is a semaphore of the system.",
            ("number", ...): 'A `"d"` has 8 bytes.',
            ("small", 3): "3 are used. Shared memory is handed out in multiples of eight.",
            ("small", 4): "3 are used. It is rounded up to a multiple of eight, not of four.",
            ("small", ...): 'A `"B"` has 1 byte. Three are used, and what is reserved is more.',
            ("large", 5): 'An item of the type `"i"` has 4 bytes.',
            ("large", 20): "20 are used. Shared memory is handed out in multiples of eight.",
            ("large", 32): "32 is a power of two, but a smaller multiple of eight will do.",
            ("large", 40): "Not each item is rounded up, but all of them together.",
            ("large", ...): 'An `"i"` has 4 bytes. How many have five, and what is reserved?',
            ("text", 17): 'A `"c"` ends with no zero of its own, as a string in C would.',
            ("text", 24): "16 is a multiple of eight already.",
            ("text", ...): 'A `"c"` has 1 byte.',
        },
        read="What is used is rounded up to a multiple of eight, once for the whole object.",
    ),
    hints=(
        "How many bytes has one item, and how many have all of them?",
        "Round that up to the next multiple of eight.",
    ),
    solution="""
number = 8
small = 8
large = 24
text = 16
""",
    mistakes=(
        Mistake(
            "nothing is rounded up",
            "number = 8\nsmall = 3\nlarge = 20\ntext = 16\n",
            "20 are used",
        ),
        Mistake(
            "each item is rounded up",
            "number = 8\nsmall = 24\nlarge = 40\ntext = 128\n",
            "all of them together",
        ),
        Mistake(
            "room for the lock",
            "number = 16\nsmall = 8\nlarge = 24\ntext = 16\n",
            "The lock lies elsewhere",
        ),
        Mistake(
            "a zero at the end of a text",
            "number = 8\nsmall = 8\nlarge = 24\ntext = 24\n",
            "a multiple of eight already",
        ),
        Mistake(
            "powers of two",
            "number = 8\nsmall = 4\nlarge = 32\ntext = 16\n",
            "a smaller multiple of eight",
        ),
    ),
    notes=("Demo: `memory_map` of each, once everybody has written four numbers down.",),
)

PAST = Exercise(
    number="07.2",
    title="Fix what goes past the lock",
    minutes=5,
    task="""
`add(numbers, times)` adds 1 to the first item of an Array, `times` times over. It is fast, because
it works on the ctypes object under the wrapper. But two workers that run it lose additions,
although the Array has a lock. Fix it. You may go on using `get_obj()`.
""",
    start="""
def add(numbers, times):
    data = numbers.get_obj()
    for _ in range(times):
        data[0] += 1
""",
    judge=explored(
        *(
            Case(
                f"[partial(add, times={times}), partial(add, times={others})]",
                f'mp.Array("i", [{before}, {before + 7}])',
                lambda numbers, end=before + times + others, second=before + 7: (
                    numbers[:] == [end, second]
                ),
                f"the first item is {before + times + others}, and the second is left as it was",
                writes=("numbers",),
            )
            for times, others, before in ((1, 1, 0), (2, 2, 0), (1, 2, 40))
        )
    ),
    hints=(
        "Who asks for the lock here? `get_obj()` does not, and neither does what it returns.",
        "`data[0] += 1` is a read and a write. Both must be done while the lock is held.",
        "Put `with numbers.get_lock():` around the addition.",
    ),
    solution="""
def add(numbers, times):
    data = numbers.get_obj()
    for _ in range(times):
        with numbers.get_lock():
            data[0] += 1
""",
    ways=(
        Way(
            "once, at the end",
            """
def add(numbers, times):
    own = 0
    for _ in range(times):
        own += 1
    with numbers.get_lock():
        numbers.get_obj()[0] += own
""",
            "The lock is taken once, whatever `times` is: the fastest of the three.",
        ),
        Way(
            "through the wrapper",
            """
def add(numbers, times):
    for _ in range(times):
        with numbers:
            numbers[0] += 1
""",
            "Nothing goes past the lock, which is taken three times for each addition.",
        ),
    ),
    mistakes=(
        Mistake(
            "only get_obj is locked",
            """
def add(numbers, times):
    with numbers.get_lock():
        data = numbers.get_obj()
    for _ in range(times):
        data[0] += 1
""",
            "update is lost",
        ),
        Mistake(
            "the wrapper is trusted",
            """
def add(numbers, times):
    for _ in range(times):
        numbers[0] += 1
""",
            "in line 4, `numbers[0] += 1`",
        ),
        Mistake(
            "a lock that nobody takes",
            """
def add(numbers, times):
    data = numbers.get_obj()
    for _ in range(times):
        numbers.get_lock()
        data[0] += 1
""",
            "update is lost",
        ),
        Mistake(
            "a lock that the other worker does not have",
            """
import multiprocessing

def add(numbers, times):
    lock = multiprocessing.Lock()
    data = numbers.get_obj()
    for _ in range(times):
        with lock:
            data[0] += 1
""",
            "update is lost",
        ),
        Mistake(
            "only the write is locked",
            """
def add(numbers, times):
    data = numbers.get_obj()
    for _ in range(times):
        number = data[0]
        with numbers.get_lock():
            data[0] = number + 1
""",
            "update is lost",
        ),
        Mistake(
            "a copy is added to",
            """
def add(numbers, times):
    with numbers.get_lock():
        data = numbers[:]
        for _ in range(times):
            data[0] += 1
""",
            "`add` never writes to `numbers`",
        ),
        Mistake(
            "the lock is not given back",
            """
def add(numbers, times):
    data = numbers.get_obj()
    numbers.acquire()
    for _ in range(times):
        data[0] += 1
""",
            "without giving it back",
        ),
    ),
    notes=("Ask: The Array has a lock. Which line of `add` asks for it?",),
)


def _right_half(defined: Mapping[str, Any]) -> Verdict:
    context, function = judging.context_of(defined), defined.get("right_half")
    if function is None:
        return Verdict("wrong", "The cell defines no `right_half`.")
    for items in ([1, 2, 3, 4], [5, 6, 7, 8, 9, 10]):
        numbers = context.Array("i", items)
        wrong = diagnosis.misfit([function], [numbers])
        if wrong:
            return Verdict("wrong", wrong)
        trial = partial(arrays.try_view, make_view=function)
        try:
            found = run([trial], numbers, timeout=judging.PATIENCE).results[0]
        except WorkerTimeoutError:
            return Verdict("wrong", "`right_half` did not come back. Does a loop in it never end?")
        except WorkerError as error:
            return Verdict("wrong", *diagnosis.sentences(error))
        said = _no_view(found, items, numbers[:])
        if said:
            return Verdict("wrong", f"Called with `mp.Array('i', {items})`:", *said)
    return Verdict("passed", "What a process writes into the view is in the shared Array.")


def _no_view(found, items, after):
    """Say in what `right_half` falls short, from what a child has found."""
    half = items[len(items) // 2 :]
    if "raised" in found:
        return [f"`right_half` raised {found['raised']}."]
    if found["kind"] == "NoneType":
        return ["`right_half` returns nothing: the view must come after `return`."]
    if found["kind"] != "ndarray":
        return [f"`right_half` returns an object of type {found['kind']}, not a NumPy array."]
    if found["items"] != half or found["dtype"] != "int32":
        said = [f"`right_half` returns {found['items']}, and not {half}."]
        if found["dtype"] != "int32":
            said.append(f'Its dtype is {found["dtype"]}. The bytes of `"i"` are those of int32.')
        return said
    if after[-1] != 99:
        return [
            "The numbers are right, but 99 was written into the last of them, and the Array still "
            f"ends with {after[-1]}: `right_half` returns a copy."
        ]
    return []


VIEW = Exercise(
    number="07.3",
    title="Look at half of the bytes",
    minutes=5,
    task="""
Write `right_half(numbers)`: it gets an Array of `"i"` with an even number of items, and returns a
NumPy array that is the right half of it. It must be a view: what is written into it is in the
Array. The function is called in another process, so it needs its import of NumPy in the cell.
""",
    start="""
import numpy as np

def right_half(numbers):
    ...
""",
    judge=_right_half,
    hints=(
        "NumPy needs the object under the wrapper, and the type of the items.",
        "`np.frombuffer(numbers.get_obj(), dtype=np.int32)` is a view of all of them. "
        "A slice of a view is a view.",
    ),
    solution="""
import numpy as np

def right_half(numbers):
    view = np.frombuffer(numbers.get_obj(), dtype=np.int32)
    return view[len(view) // 2 :]
""",
    ways=(
        Way(
            "the type comes from ctypes",
            """
import numpy as np

def right_half(numbers):
    return np.ctypeslib.as_array(numbers.get_obj())[len(numbers) // 2 :]
""",
            "It fits every typecode.",
        ),
        Way(
            "begin in the middle",
            """
import numpy as np

def right_half(numbers):
    half = len(numbers) // 2
    return np.frombuffer(numbers.get_obj(), np.int32, half, 4 * half)
""",
            "So many items from this byte on: you have to count the bytes yourself.",
        ),
    ),
    mistakes=(
        Mistake(
            "a slice of an Array is a copy",
            """
import numpy as np

def right_half(numbers):
    return np.array(numbers[len(numbers) // 2 :], dtype=np.int32)
""",
            "returns a copy",
        ),
        Mistake(
            "as_array of the wrapper",
            """
import numpy as np

def right_half(numbers):
    return np.ctypeslib.as_array(numbers)[len(numbers) // 2 :].astype(np.int32)
""",
            "returns a copy",
        ),
        Mistake(
            "no dtype",
            """
import numpy as np

def right_half(numbers):
    view = np.frombuffer(numbers.get_obj())
    return view[len(view) // 2 :]
""",
            "Its dtype is float64",
        ),
        Mistake(
            "the wrapper in place of the object in it",
            """
import numpy as np

def right_half(numbers):
    return np.frombuffer(numbers, dtype=np.int32)[len(numbers) // 2 :]
""",
            "raised TypeError: a bytes-like object is required",
        ),
        Mistake(
            "no NumPy",
            """
def right_half(numbers):
    return numbers.get_obj()[len(numbers) // 2 :]
""",
            "object of type list",
        ),
        Mistake(
            "for four items only",
            """
import numpy as np

def right_half(numbers):
    return np.frombuffer(numbers.get_obj(), dtype=np.int32)[2:]
""",
            "and not [8, 9, 10]",
        ),
        Mistake(
            "print in place of return",
            """
import numpy as np

def right_half(numbers):
    view = np.frombuffer(numbers.get_obj(), dtype=np.int32)
    print(view[len(view) // 2 :])
""",
            "returns nothing",
        ),
        Mistake(
            "the import is missing",
            """
def right_half(numbers):
    return np.frombuffer(numbers.get_obj(), dtype=np.int32)[len(numbers) // 2 :]
""",
            "NameError: name 'np' is not defined",
        ),
        Mistake(
            "a loop without end",
            """
def right_half(numbers):
    while True:
        pass
""",
            "`right_half` did not come back",
        ),
    ),
    notes=("Watch for: `numbers[2:]`, from those who know that a slice in NumPy is a view.",),
)

INVERT = Exercise(
    number="07.4",
    title="Carry on without the lock",
    minutes=6,
    task="""
A process has ended without giving back the lock of `pixels`, an Array of `"B"`, and nobody will
ever get that lock again. The picture can still be saved: `invert(pixels, start, stop)` turns each
pixel from `start` up to, but not including, `stop` into 255 minus what it was. Two workers each
have a part of their own. Fix `invert` so that it needs no lock. (Without NumPy: `explore` can't see
its steps.)
""",
    start="""
def invert(pixels, start, stop):
    with pixels.get_lock():
        for place in range(start, stop):
            pixels[place] = 255 - pixels[place]
""",
    judge=explored(
        *(
            Case(
                f"[partial(invert, start=0, stop={cut}), partial(invert, start={cut}, stop=3)"
                + (", guard.take]" if taken else "]"),
                f'mp.Array("B", {before})',
                lambda pixels, after=[255 - pixel for pixel in before]: (
                    pixels.get_obj()[:] == after
                ),
                f"{before} has become {[255 - pixel for pixel in before]}",
                writes=("pixels",),
                stuck=(
                    "C has ended with the lock in its hands, so whoever asks for it waits in vain. "
                    "Each pixel has one worker: does anybody need the lock?"
                ),
            )
            for cut, taken, before in (
                (2, False, [0, 100, 250]),
                (1, False, [9, 128, 127]),
                (2, True, [0, 100, 250]),
            )
        ),
        names={"guard": guard},
    ),
    hints=(
        "Each pixel belongs to one worker. Who could come between its read and its write?",
        "`pixels[place]` takes the lock, too, for as long as it reads or writes.",
        "Work on `pixels.get_obj()`, which knows nothing of the lock.",
    ),
    solution="""
def invert(pixels, start, stop):
    data = pixels.get_obj()
    for place in range(start, stop):
        data[place] = 255 - data[place]
""",
    ways=(
        Way(
            "a slice",
            """
def invert(pixels, start, stop):
    data = pixels.get_obj()
    data[start:stop] = [255 - pixel for pixel in data[start:stop]]
""",
            "Its own part in one go; the other part is neither read nor written.",
        ),
        Way(
            "read all, then write",
            """
def invert(pixels, start, stop):
    data = pixels.get_obj()
    for place, pixel in enumerate(data[start:stop], start):
        data[place] = 255 - pixel
""",
            "Its own part is read in one slice and written item by item.",
        ),
    ),
    mistakes=(
        Mistake(
            "the wrapper, without `with`",
            """
def invert(pixels, start, stop):
    for place in range(start, stop):
        pixels[place] = 255 - pixels[place]
""",
            "waits in vain",
        ),
        Mistake(
            "a slice of the wrapper",
            """
def invert(pixels, start, stop):
    pixels[start:stop] = [255 - pixel for pixel in pixels[start:stop]]
""",
            "waits in vain",
        ),
        Mistake(
            "the whole picture is written back",
            """
def invert(pixels, start, stop):
    data = pixels.get_obj()
    copy = list(data)
    for place in range(start, stop):
        copy[place] = 255 - copy[place]
    data[:] = copy
""",
            "goes wrong in",
        ),
        Mistake(
            "steps that can't be seen",
            """
def invert(pixels, start, stop):
    data = memoryview(pixels.get_obj()).cast("B")
    for place in range(start, stop):
        data[place] ^= 255
""",
            "cannot look at a worker's shared objects: read and write their items",
        ),
        Mistake(
            "one pixel too many",
            """
def invert(pixels, start, stop):
    data = pixels.get_obj()
    for place in range(start, min(stop + 1, len(data))):
        data[place] = 255 - data[place]
""",
            "[0, 100, 250] has become [255, 155, 5]",
        ),
        Mistake(
            "somebody else's lock is given back",
            """
def invert(pixels, start, stop):
    pixels.release()
    data = pixels.get_obj()
    for place in range(start, stop):
        data[place] = 255 - data[place]
""",
            "AssertionError",
        ),
        Mistake(
            "the copy is changed, and not the picture",
            """
def invert(pixels, start, stop):
    data = list(pixels.get_obj())
    for place in range(start, stop):
        data[place] = 255 - data[place]
""",
            "`invert` never writes to `pixels`",
        ),
        Mistake(
            "the numbers are written down",
            """
def invert(pixels, start, stop):
    data = pixels.get_obj()
    data[start:stop] = [255, 155, 5][start:stop]
""",
            "should be calculated",
        ),
    ),
    notes=(
        "Ask: Why is no lock needed here, though two processes write to one Array?",
        "Watch for: `pixels[place]` without `with`. The wrapper asks for the lock by itself.",
    ),
)

EXERCISES = (RESERVED, PAST, VIEW, INVERT)
