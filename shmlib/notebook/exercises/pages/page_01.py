"""Exercises of page 01, Give each process its own memory."""

import multiprocessing
from functools import partial

from ....engine.run import run
from ....workers import memory
from ..case import Case
from ..exercise import Exercise, Mistake, Way
from ..judging import UNKNOWN, answers, explored


def _what_children_return(mp):
    methods = multiprocessing.get_all_start_methods()
    before = memory.balance
    memory.balance = 70
    try:
        found = {
            method: run([partial(memory.spend, 20)], start_method=method).results[0]
            if method in methods
            else UNKNOWN
            for method in ("spawn", "forkserver", "fork")
        }
        return found | {"parent": memory.balance}
    finally:
        memory.balance = before


_IMPORTS = "Nobody sends the 70 to the child: it imports the file, and the file says 1000."

METHODS = Exercise(
    number="01.1",
    title="What does each child return?",
    minutes=3,
    task="""
The file says `balance = 1000`. The parent sets `memory.balance = 70` and lets a child run
`memory.spend(20)`, which takes 20 from the balance and returns what is left: once under each start
method. What does each child return, and what does the parent's balance hold after that?
""",
    start="""
spawn = ...
forkserver = ...
fork = ...
parent = ...
""",
    judge=answers(
        _what_children_return,
        slips={
            ("spawn", 50): _IMPORTS,
            ("forkserver", 50): _IMPORTS + " The server was started clean, too.",
            ("spawn", 1000): "That is what the child finds. What does it return?",
            ("forkserver", 1000): "That is what the child finds. What does it return?",
            ("fork", 980): "A forked child imports nothing. It is a copy of the parent as it is.",
            ("fork", 70): "That is what the child finds. What does it return?",
            ("parent", 50): "Each child spends from a balance of its own, a forked one too.",
            ("parent", 10): "Each child spends from a balance of its own, a forked one too.",
            ("parent", 980): "The children have 980. Who told the parent about it?",
            ("parent", 1000): "The parent itself has set its balance to 70.",
            ("spawn", ...): "Does this child import the file, or is it a copy of the parent?",
            ("forkserver", ...): "Does this child import the file, or is it a copy of the parent?",
            ("fork", ...): "Does this child import the file, or is it a copy of the parent?",
        },
        read="Only fork copies the 70. And whatever a child spends, the parent still has it.",
    ),
    hints=(
        "Where does each child get its `balance` from: from the file, or from the parent?",
        "Under fork the child is a copy of the parent. Under the other two it imports the file.",
    ),
    solution="""
spawn = 980
forkserver = 980
fork = 50
parent = 70
""",
    mistakes=(
        Mistake(
            "every child knows the 70",
            "spawn = 50\nforkserver = 50\nfork = 50\nparent = 70\n",
            "imports the file, and the file says 1000",
        ),
        Mistake(
            "the server of forkserver is a copy of the parent",
            "spawn = 980\nforkserver = 50\nfork = 50\nparent = 70\n",
            "The server was started clean",
        ),
        Mistake(
            "the children share one balance with the parent",
            "spawn = 980\nforkserver = 980\nfork = 50\nparent = 50\n",
            "a balance of its own",
        ),
        Mistake(
            "what the child found, not what it returned",
            "spawn = 1000\nforkserver = 1000\nfork = 70\nparent = 70\n",
            "That is what the child finds",
        ),
    ),
    notes=(
        "Ask: Which of the four numbers would change if the file said 500?",
        "Watch for: 50 three times. Ask: who copies your 70? Only fork.",
    ),
)

HITS = Exercise(
    number="01.2",
    title="It works on her machine",
    minutes=4,
    task="""
A colleague counts the visitors of a web page. Under fork her counter is right; under spawn it
stays at 0, because each child makes a `hits` of its own. Fix `count_hit`, so that the parent can
hand it the Value to count in: `count_hit(hits)`. Two processes run it at the same time.
""",
    start="""
import multiprocessing

hits = multiprocessing.Value("i", 0)

def count_hit():
    with hits.get_lock():
        hits.value += 1
""",
    judge=explored(
        *(
            Case(
                "[count_hit, count_hit]",
                f'mp.Value("i", {before})',
                lambda hits, left=before + 2: hits.value == left,
                f"{before} hits and two more are {before + 2}",
                writes=("hits",),
            )
            for before in (0, 40)
        ),
        Case(
            "[count_hit]",
            'mp.Value("i", 7)',
            lambda hits: hits.value == 8,
            "7 hits and one more are 8",
        ),
    ),
    hints=(
        "A child finds a shared object if it is handed over when the child is started.",
        "What has to stand between the parentheses of `def count_hit()`?",
        "With `hits` as its parameter, the lines of the function can stay as they are.",
    ),
    solution="""
def count_hit(hits):
    with hits.get_lock():
        hits.value += 1
""",
    ways=(
        Way(
            "acquire and release",
            """
def count_hit(hits):
    hits.acquire()
    try:
        hits.value += 1
    finally:
        hits.release()
""",
            "What `with` does, written out.",
        ),
        Way(
            "another name for it",
            """
def count_hit(counter):
    with counter:
        counter.value += 1
""",
            "The name is the function's own; a Value works in a `with` statement, too.",
        ),
    ),
    mistakes=(
        Mistake(
            "nothing is handed over",
            """
import multiprocessing

hits = multiprocessing.Value("i", 0)

def count_hit():
    global hits
    with hits.get_lock():
        hits.value += 1
""",
            "`count_hit()` is handed 1 shared object",
        ),
        Mistake(
            "handed over, and not used",
            """
import multiprocessing

hits = multiprocessing.Value("i", 0)

def count_hit(counter):
    with hits.get_lock():
        hits.value += 1
""",
            "the lock of the global hits of my_01_2",
        ),
        Mistake(
            "a new Value in each child",
            """
import multiprocessing

def count_hit(hits):
    hits = multiprocessing.Value("i", 0)
    with hits.get_lock():
        hits.value += 1
""",
            "gives the name to a new object",
        ),
        Mistake(
            "the lock is left out",
            """
def count_hit(hits):
    hits.value += 1
""",
            "update is lost",
        ),
        Mistake(
            "a list in place of the Value",
            """
hits = [0]

def count_hit(counter):
    hits[0] += 1
""",
            "never writes to `hits`",
        ),
        Mistake(
            "one counts for both",
            """
def count_hit(hits):
    with hits.get_lock():
        if hits.value in (0, 40):
            hits.value += 2
""",
            "7 hits and one more are 8",
        ),
    ),
    notes=("Ask: Why does it work on her Linux machine up to Python 3.13, and not from 3.14 on?",),
)

ADD_UP = Exercise(
    number="01.3",
    title="Leave the answer behind",
    minutes=4,
    task="""
Write a worker `add_up(numbers, answer)`: it puts the sum of the Array `numbers` into the Value
`answer`, where the parent will look for it.
""",
    start="""
def add_up(numbers, answer):
    ...
""",
    judge=explored(
        *(
            Case(
                "[add_up]",
                f'mp.Array("i", {numbers}), mp.Value("i", {before})',
                lambda numbers, answer, items=numbers: (
                    answer.value == sum(items) and numbers[:] == items
                ),
                f"the sum of {numbers} is {sum(numbers)}, whatever `answer` held before, and "
                "`numbers` stays as it is",
                writes=("answer",),
            )
            for numbers, before in (([1, 2, 3], 0), ([40, -2, 7], 0), ([5, 5, 5, 5], 9))
        )
    ),
    hints=(
        "The parent can't see a variable of the child. What can both of them see?",
        "`answer` is the Value. The number in it is `answer.value`.",
    ),
    solution="""
def add_up(numbers, answer):
    answer.value = sum(numbers[:])
""",
    ways=(
        Way(
            "without a slice",
            """
def add_up(numbers, answer):
    answer.value = sum(numbers)
""",
            "It goes to shared memory once for each number, as notebook 03 shows.",
        ),
        Way(
            "a loop of your own",
            """
def add_up(numbers, answer):
    total = 0
    for number in numbers[:]:
        total += number
    answer.value = total
""",
            "It adds in a variable of the child, and writes to shared memory once.",
        ),
    ),
    mistakes=(
        Mistake(
            "a new name in place of the Value",
            "def add_up(numbers, answer):\n    answer = sum(numbers[:])\n",
            "gives the name to a new object",
        ),
        Mistake(
            "the answer is only returned",
            "def add_up(numbers, answer):\n    return sum(numbers[:])\n",
            "It returns `6` instead",
        ),
        Mistake(
            "it is printed",
            "def add_up(numbers, answer):\n    print(sum(numbers[:]))\n",
            "It prints `'6'` instead",
        ),
        Mistake(
            "a misspelt name",
            "def add_up(numbers, answer):\n    answer.value = sum(nubmers[:])\n",
            "NameError: name 'nubmers' is not defined",
        ),
        Mistake(
            "a sum that begins with what was there",
            """
def add_up(numbers, answer):
    for number in numbers[:]:
        answer.value += number
""",
            "whatever `answer` held before",
        ),
        Mistake(
            "the number is written down",
            "def add_up(numbers, answer):\n    answer.value = 6\n",
            "should be calculated",
        ),
        Mistake(
            "the answer alone is handed over",
            "numbers = [1, 2, 3]\n\ndef add_up(answer):\n    answer.value = sum(numbers)\n",
            "is handed 2 shared objects",
        ),
        Mistake(
            "the numbers are used up",
            """
def add_up(numbers, answer):
    for place in range(1, len(numbers)):
        numbers[0] += numbers[place]
    answer.value = numbers[0]
""",
            "`numbers` stays as it is",
        ),
    ),
    notes=("Ask: The worker could also return the sum. Who brings it to the parent then?",),
)

HAND_OVER = Exercise(
    number="01.4",
    title="Let nothing depend on the start method",
    minutes=6,
    task="""
`convert` doubles small prices. The parent would like to set `rate`, and to see in `changed` which
prices were changed. Neither works under every start method. Rewrite it as
`convert(prices, changed, rate)`: it multiplies each price below 100 in the Array `prices` by
`rate`, sets the item at the same place in the Array `changed` to 1, and returns how many prices it
has changed.
""",
    start="""
rate = 2
changed = []

def convert(prices):
    for place, price in enumerate(prices[:]):
        if price < 100:
            prices[place] = price * rate
            changed.append(place)
""",
    judge=explored(
        *(
            Case(
                f"[partial(convert, rate={rate})]",
                f'mp.Array("i", {prices}), mp.Array("i", {len(prices)})',
                lambda prices, changed, results, after=after, places=places: (
                    prices[:] == after and changed[:] == places and results == (sum(places),)
                ),
                f"with a rate of {rate}, {prices} becomes {after}, `changed` {places}, and "
                f"{sum(places)} is returned",
                writes=("prices", "changed"),
            )
            for rate, prices, after, places in (
                (3, [50, 200, 60], [150, 200, 180], [1, 0, 1]),
                (5, [100, 99], [100, 495], [0, 1]),
                (4, [1, 2, 3, 4], [4, 8, 12, 16], [1, 1, 1, 1]),
            )
        )
    ),
    hints=(
        "What does the worker need that it isn't handed? What does it leave where nobody looks?",
        "An Array can't grow: `changed[place] = 1` in place of `append`.",
        "Count in a variable of the function, and return it after the loop.",
    ),
    solution="""
def convert(prices, changed, rate):
    count = 0
    for place, price in enumerate(prices[:]):
        if price < 100:
            prices[place] = price * rate
            changed[place] = 1
            count += 1
    return count
""",
    ways=(
        Way(
            "first find the places",
            """
def convert(prices, changed, rate):
    places = [place for place, price in enumerate(prices[:]) if price < 100]
    for place in places:
        prices[place] *= rate
        changed[place] = 1
    return len(places)
""",
            "The list is the child's own, and only its length goes back.",
        ),
        Way(
            "whole slices",
            """
def convert(prices, changed, rate):
    before = prices[:]
    prices[:] = [price * rate if price < 100 else price for price in before]
    changed[:] = [int(price < 100) for price in before]
    return sum(changed[:])
""",
            "A few accesses to shared memory, however many prices there are.",
        ),
    ),
    mistakes=(
        Mistake(
            "the rate of the file",
            """
rate = 2

def convert(prices, changed):
    return 0
""",
            "unexpected keyword argument 'rate'",
        ),
        Mistake(
            "an Array is no list",
            """
def convert(prices, changed, rate):
    for place, price in enumerate(prices[:]):
        if price < 100:
            prices[place] = price * rate
            changed.append(place)
    return len(changed)
""",
            "has no attribute 'append'",
        ),
        Mistake(
            "it looks at prices that it has changed",
            """
def convert(prices, changed, rate):
    count = 0
    for place in range(len(prices)):
        while prices[place] < 100:
            prices[place] *= rate
            changed[place] = 1
            count += 1
    return count
""",
            "[4, 8, 12, 16]",
        ),
        Mistake(
            "nothing is returned",
            """
def convert(prices, changed, rate):
    for place, price in enumerate(prices[:]):
        if price < 100:
            prices[place] = price * rate
            changed[place] = 1
""",
            "It returns nothing",
        ),
        Mistake(
            "the count goes to a variable at the top of the file",
            """
count = 0

def convert(prices, changed, rate):
    global count
    for place, price in enumerate(prices[:]):
        if price < 100:
            prices[place] = price * rate
            changed[place] = 1
            count += 1
    print(count)
""",
            "A worker's answer is what it returns",
        ),
        Mistake(
            "a slice is changed, which is a copy",
            """
def convert(prices, changed, rate):
    count = 0
    own = prices[:]
    for place, price in enumerate(own):
        if price < 100:
            own[place] = price * rate
            changed[place] = 1
            count += 1
    return count
""",
            "never writes to `prices`",
        ),
        Mistake(
            "the rate is written down",
            """
def convert(prices, changed, rate):
    count = 0
    for place, price in enumerate(prices[:]):
        if price < 100:
            prices[place] = price * 3
            changed[place] = 1
            count += 1
    return count
""",
            "should be calculated",
        ),
    ),
    notes=(
        "Ask: Which of its three arguments are shared, and which one is copied to the child?",
        "Watch for: `global`. It reaches as far as the process, and no further.",
    ),
)

EXERCISES = (METHODS, HITS, ADD_UP, HAND_OVER)
