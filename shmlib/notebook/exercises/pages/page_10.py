"""Exercises of page 10, Count the cost."""

from functools import partial

from ....engine.explore import explore
from ....engine.replay import Replay, replay
from ....words import counted
from ....workers import costs, counter
from ..case import Case
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored


def _seconds_at_best(mp):
    alone, shared = 2, 8
    return {
        "four": alone + shared / 4,
        "hundred": alone + shared / 100,
        "locked": max(alone, (alone + shared) / 100),
    }


AT_BEST = Exercise(
    number="10.1",
    title="How fast at best?",
    minutes=4,
    task="""
A job takes one process 10 s. For 2 s of it only one process can work, while all others wait. How
many seconds do `four` processes need at best, and how many a `hundred`? In another job of 10 s, 2 s
are spent inside a lock, a little at a time, and whoever does not need the lock works on meanwhile:
what is the best for a hundred processes there (`locked`)?
""",
    start="""
four = ...
hundred = ...
locked = ...
""",
    judge=answers(
        _seconds_at_best,
        slips={
            ("four", 2.5): "That shares out all of the 10 s. Two of them can't be shared.",
            ("four", 2): "That shares out the 8 s. The other 2 s are still to be done.",
            ("four", ...): "2 s stay as they are, and 8 s are shared by four.",
            ("hundred", 2): "Nearly: the other 8 s, shared by a hundred, are still there.",
            ("hundred", 0.1): "That shares out all of the 10 s. Two of them can't be shared.",
            ("hundred", 0.08): "That shares out the 8 s. The other 2 s are still to be done.",
            ("hundred", ...): "2 s stay as they are, and 8 s are shared by a hundred.",
            ("locked", 2.08): (
                "That is right where the others wait. Here they can do the 8 s while somebody is "
                "inside the lock."
            ),
            (
                "locked",
                0.1,
            ): "The parts inside the lock still follow one another. How long are they?",
            ("locked", ...): "How long are the parts that follow one another, all together?",
        },
        read=(
            "The serial 2 s are a bound in both. Where the others can work on meanwhile, the bound "
            "can be reached."
        ),
        within=0.005,
    ),
    hints=(
        "Take the job apart: what can be shared out, and what can't?",
        "2 s, and 8 s shared by so many processes. With the lock: what if all of the 8 s are done "
        "while somebody else is inside?",
    ),
    solution="""
four = 2 + 8 / 4
hundred = 2 + 8 / 100
locked = 2
""",
    mistakes=(
        Mistake(
            "all is shared out",
            "four = 2.5\nhundred = 0.1\nlocked = 0.1\n",
            "Two of them can't be shared",
        ),
        Mistake(
            "the serial part is left out",
            "four = 2\nhundred = 0.08\nlocked = 2\n",
            "still to be done",
        ),
        Mistake(
            "the rest vanishes",
            "four = 4\nhundred = 2\nlocked = 2\n",
            "the other 8 s, shared by a hundred",
        ),
        Mistake(
            "a lock stops everybody",
            "four = 4\nhundred = 2.08\nlocked = 2.08\n",
            "while somebody is inside the lock",
        ),
    ),
    notes=("Ask: What is the speed-up with a hundred? About 4.8, and never more than 5.",),
)


def _locks_taken(mp):
    def taken(worker):
        # An access that goes through the wrapper takes the lock by itself.
        through = worker.func is counter.add_locked
        actions = ("acquire", "read", "write") if through else ("acquire",)
        made = _alone(worker, mp.Value("i", 0))
        return sum(step.action in actions for step in made.steps)

    blocks = {
        f"grain_{grain}": taken(partial(costs.add_in_blocks, times=12, grain=grain))
        for grain in (1, 5, 12)
    }
    return blocks | {"add_locked": taken(partial(counter.add_locked, times=12))}


def _alone(worker, number):
    """Return the `Replay` of a worker that is alone."""
    (only,) = explore([worker], number).schedules
    return replay(only, [worker], number)


LOCKS = Exercise(
    number="10.2",
    title="How often is the lock taken?",
    minutes=4,
    task="""
Look at `costs.add_in_blocks` and at `counter.add_locked`, further up on this page. One worker adds
12 times. How often is the lock taken by `add_in_blocks` with a grain of 1, of 5 and of 12? And how
often by `add_locked`, if you count every time that it is taken, for an access too?
""",
    start="""
grain_1 = ...
grain_5 = ...
grain_12 = ...
add_locked = ...
""",
    judge=answers(
        _locks_taken,
        slips={
            ("grain_1", 36): "`inside` is the object under the wrapper. Does it take the lock?",
            ("grain_1", ...): "One addition each time that the lock is held: 12 of them.",
            ("grain_5", 2): "After two blocks of 5 there are 2 additions left.",
            ("grain_5", 5): "5 additions make one block. How many blocks are there?",
            ("grain_5", ...): "Blocks of 5, 5 and what is left: the lock is taken once for each.",
            ("grain_12", 12): "All 12 additions are one block.",
            ("grain_12", 0): "Other processes are kept out, so it must be taken.",
            ("grain_12", ...): "How many blocks of 12 are there in 12 additions?",
            ("add_locked", 12): "`with` takes it 12 times. And what does `.value` do?",
            ("add_locked", 24): "`+=` reads `.value`, and writes `.value`. Each takes the lock.",
            ("add_locked", 1): "Is `with` outside the loop, or inside?",
            ("add_locked", ...): "For each addition: `with`, the read, and the write.",
        },
        read=(
            "Working on the object under the wrapper brings 36 down to 12, and the grain does the "
            "rest."
        ),
    ),
    hints=(
        "How many times does the `with` line run?",
        "An access through the wrapper takes the lock, even if the worker holds it already.",
    ),
    solution="""
grain_1 = 12
grain_5 = 3
grain_12 = 1
add_locked = 36
""",
    mistakes=(
        Mistake(
            "the rest is forgotten",
            "grain_1 = 12\ngrain_5 = 2\ngrain_12 = 1\nadd_locked = 36\n",
            "2 additions left",
        ),
        Mistake(
            "only `with` counts",
            "grain_1 = 12\ngrain_5 = 3\ngrain_12 = 1\nadd_locked = 12\n",
            "what does `.value` do?",
        ),
        Mistake(
            "the read is forgotten",
            "grain_1 = 12\ngrain_5 = 3\ngrain_12 = 1\nadd_locked = 24\n",
            "Each takes the lock",
        ),
        Mistake(
            "get_obj is taken for the wrapper",
            "grain_1 = 36\ngrain_5 = 3\ngrain_12 = 1\nadd_locked = 36\n",
            "Does it take the lock?",
        ),
        Mistake(
            "one block, no lock",
            "grain_1 = 12\ngrain_5 = 3\ngrain_12 = 0\nadd_locked = 36\n",
            "Other processes are kept out",
        ),
    ),
    notes=("Demo: `replay` of each with one worker lists every step at the lock.",),
)


def _sparing(locks, accesses):
    """Return what says, of a `Replay`, which worker takes the lock or touches memory too often."""

    def wasted(made: Replay) -> str:
        for letter in sorted(set(made.schedule)):
            actions = [step.action for step in made.steps if step.worker == letter]
            taken = actions.count("acquire")
            touched = actions.count("read") + actions.count("write")
            if taken > locks:
                return f"{letter} takes the lock {taken} times, where {locks} would do."
            if touched > accesses:
                return (
                    f"{letter} reads and writes shared memory {counted(touched, 'time')}, where "
                    f"{accesses} would do: count in a variable of its own."
                )
        return ""

    return wasted


MERGE = Exercise(
    number="10.3",
    title="Merge once",
    minutes=5,
    task="""
`count_even(total, numbers)` adds to `total`, a Value, how many of its `numbers` are even. It is
right, but takes the lock for each of them. Make it cheap: the lock is taken at most once, and the
shared number is read and written once. Its speed isn't measured; its steps are counted.
""",
    start="""
def count_even(total, numbers):
    for number in numbers:
        if number % 2 == 0:
            with total.get_lock():
                total.value += 1
""",
    judge=explored(
        *(
            Case(
                f"[partial(count_even, numbers={one}), partial(count_even, numbers={other})]",
                f'mp.Value("i", {before})',
                lambda total, end=end: total.value == end,
                f"{before} becomes {end}, since there are {end - before} even numbers",
                writes=("total",) if end > before else (),
                wasted=_sparing(1, 2),
            )
            for one, other, before, end in (
                ([2, 4, 7], [1, 6, 8], 0, 4),
                ([10, 20, 30], [5], 100, 103),
                ([1], [3], 7, 7),
            )
        )
    ),
    hints=(
        "Who else needs to know of each single number? Count in a variable of your own.",
        "After the loop add what you have counted, once, under the lock.",
    ),
    solution="""
def count_even(total, numbers):
    own = 0
    for number in numbers:
        if number % 2 == 0:
            own += 1
    with total.get_lock():
        total.value += own
""",
    ways=(
        Way(
            "counted in one line",
            """
def count_even(total, numbers):
    own = sum(number % 2 == 0 for number in numbers)
    with total:
        total.value += own
""",
            "The same four steps.",
        ),
        Way(
            "nothing to add, nothing to lock",
            """
def count_even(total, numbers):
    own = len([number for number in numbers if number % 2 == 0])
    if own:
        with total.get_lock():
            total.value += own
""",
            "Not even one lock where there is nothing to add.",
        ),
    ),
    mistakes=(
        Mistake(
            "one lock around the loop",
            """
def count_even(total, numbers):
    with total.get_lock():
        for number in numbers:
            if number % 2 == 0:
                total.value += 1
""",
            "count in a variable of its own",
        ),
        Mistake(
            "merged without the lock",
            """
def count_even(total, numbers):
    own = 0
    for number in numbers:
        if number % 2 == 0:
            own += 1
    total.value += own
""",
            "update is lost",
        ),
        Mistake(
            "merged after each number",
            """
def count_even(total, numbers):
    own = 0
    for number in numbers:
        if number % 2 == 0:
            own += 1
            with total.get_lock():
                total.value += own
                own = 0
""",
            "takes the lock 2 times, where 1 would do",
        ),
        Mistake(
            "what others have counted is written over",
            """
def count_even(total, numbers):
    own = 0
    for number in numbers:
        if number % 2 == 0:
            own += 1
    with total.get_lock():
        total.value = own
""",
            "0 becomes 4",
        ),
        Mistake(
            "read at the start, written at the end",
            """
def count_even(total, numbers):
    own = total.value
    for number in numbers:
        if number % 2 == 0:
            own += 1
    with total.get_lock():
        total.value = own
""",
            "update is lost",
        ),
        Mistake(
            "returned, and not added",
            """
def count_even(total, numbers):
    return sum(number % 2 == 0 for number in numbers)
""",
            "`count_even` never writes to `total`",
        ),
    ),
    notes=(
        "Ask: How many steps at the lock are there for a million numbers, before and after?",
        "Watch for: one lock around the loop. It is taken once, and everybody else waits.",
    ),
)


def _in_blocks(grain, blocks, total):
    """Return what says, of a `Replay` of one worker, when it merged too early or too late."""

    def wasted(made: Replay) -> str:
        grown = [sum(step.memory[0]) for step in made.steps if step.action == "release"]
        asked = [min(grain * block, total) for block in range(1, blocks + 1)]
        if grown == asked:
            return ""
        return (
            f"of {total} numbers with a grain of {grain}, `counts` should hold "
            f"{_one_by_one(asked)} when the lock is given back, and it holds {_one_by_one(grown)}."
        )

    return wasted


def _one_by_one(numbers):
    return ", then ".join(map(str, numbers)) or "none"


TALLY = Exercise(
    number="10.4",
    title="Choose the grain",
    minutes=7,
    task="""
`counts` is an Array of two numbers: how many even and how many odd numbers were seen. A progress
bar looks at it. Write `tally(counts, numbers, grain)`: it counts its `numbers` by itself and, after
every `grain` of them, adds the new counts to `counts`. If some are left at the end, it adds them
too. The lock is taken once for each block, never for nothing, and a block costs at most four
accesses to `counts`.
""",
    start="""
def tally(counts, numbers, grain):
    ...
""",
    judge=explored(
        Case(
            "[partial(tally, numbers=[2, 4, 5], grain=3), "
            "partial(tally, numbers=[1, 8, 6], grain=3)]",
            'mp.Array("i", [0, 0])',
            lambda counts: counts[:] == [4, 2],
            "4 even and 2 odd numbers are counted",
            writes=("counts",),
            wasted=_sparing(1, 4),
        ),
        Case(
            "[partial(tally, numbers=[2, 4, 5], grain=2), "
            "partial(tally, numbers=[1, 3, 8], grain=2)]",
            'mp.Array("i", [10, 20])',
            lambda counts: counts[:] == [13, 23],
            "to 10 and 20 are added 3 even and 3 odd numbers",
            wasted=_sparing(2, 8),
        ),
        *(
            Case(
                f"[partial(tally, numbers={numbers}, grain={grain})]",
                'mp.Array("i", [0, 0])',
                lambda counts, end=end: counts[:] == end,
                f"{end[0]} even and {end[1]} odd numbers are counted",
                wasted=_in_blocks(grain, blocks, len(numbers)),
            )
            for numbers, grain, blocks, end in (
                ([1, 2, 3, 4, 5], 2, 3, [2, 3]),
                ([1, 2, 3, 4], 2, 2, [2, 2]),
                ([7, 9], 1, 2, [0, 2]),
            )
        ),
    ),
    hints=(
        "`range(0, len(numbers), grain)` gives you where each block begins; the last one may be "
        "short.",
        "For each block: count in variables of your own; then, under the lock, add both.",
        "`odd = sum(number % 2 for number in block)`, and the even ones are the rest.",
    ),
    solution="""
def tally(counts, numbers, grain):
    for start in range(0, len(numbers), grain):
        block = numbers[start : start + grain]
        odd = sum(number % 2 for number in block)
        with counts.get_lock():
            counts[0] += len(block) - odd
            counts[1] += odd
""",
    ways=(
        Way(
            "number by number",
            """
def tally(counts, numbers, grain):
    own = [0, 0]
    for seen, number in enumerate(numbers, 1):
        own[number % 2] += 1
        if seen % grain == 0 or seen == len(numbers):
            with counts.get_lock():
                counts[0] += own[0]
                counts[1] += own[1]
            own = [0, 0]
""",
            "For numbers that come one by one, as from a file. Don't forget to set `own` back.",
        ),
        Way(
            "both counts in a slice",
            """
def tally(counts, numbers, grain):
    for start in range(0, len(numbers), grain):
        block = numbers[start : start + grain]
        odd = sum(number % 2 for number in block)
        with counts:
            even, before = counts[:]
            counts[:] = even + len(block) - odd, before + odd
""",
            "Two accesses in place of four.",
        ),
    ),
    mistakes=(
        Mistake(
            "a lock for each number",
            """
def tally(counts, numbers, grain):
    for number in numbers:
        with counts.get_lock():
            counts[number % 2] += 1
""",
            "takes the lock 3 times, where 1 would do",
        ),
        Mistake(
            "merged at the end only",
            """
def tally(counts, numbers, grain):
    odd = sum(number % 2 for number in numbers)
    with counts.get_lock():
        counts[0] += len(numbers) - odd
        counts[1] += odd
""",
            "should hold 2, then 4, then 5",
        ),
        Mistake(
            "the last block is forgotten",
            """
def tally(counts, numbers, grain):
    own = [0, 0]
    for seen, number in enumerate(numbers, 1):
        own[number % 2] += 1
        if seen % grain == 0:
            with counts.get_lock():
                counts[0] += own[0]
                counts[1] += own[1]
            own = [0, 0]
""",
            "a case left out",
        ),
        Mistake(
            "a lock in vain at the end",
            """
def tally(counts, numbers, grain):
    own = [0, 0]
    for number in numbers:
        own[number % 2] += 1
        if sum(own) == grain:
            with counts.get_lock():
                counts[0] += own[0]
                counts[1] += own[1]
            own = [0, 0]
    with counts.get_lock():
        counts[0] += own[0]
        counts[1] += own[1]
""",
            "takes the lock 2 times, where 1 would do",
        ),
        Mistake(
            "counted again and again",
            """
def tally(counts, numbers, grain):
    own = [0, 0]
    for seen, number in enumerate(numbers, 1):
        own[number % 2] += 1
        if seen % grain == 0 or seen == len(numbers):
            with counts.get_lock():
                counts[0] += own[0]
                counts[1] += own[1]
""",
            "are added 3 even and 3 odd",
        ),
        Mistake(
            "no lock",
            """
def tally(counts, numbers, grain):
    for start in range(0, len(numbers), grain):
        block = numbers[start : start + grain]
        odd = sum(number % 2 for number in block)
        counts[0] += len(block) - odd
        counts[1] += odd
""",
            "update is lost",
        ),
        Mistake(
            "the lock is held while it counts",
            """
def tally(counts, numbers, grain):
    for start in range(0, len(numbers), grain):
        with counts.get_lock():
            for number in numbers[start : start + grain]:
                counts[number % 2] += 1
""",
            "count in a variable of its own",
        ),
    ),
    notes=(
        "Ask: Which grain for a progress bar that moves ten times a second?",
        "Watch for: a lock at the end, with nothing to add.",
    ),
)

EXERCISES = (AT_BEST, LOCKS, MERGE, TALLY)
