"""Exercises of page 09, Survive deadlock and death."""

from functools import partial

from ....engine.explore import explore
from ....engine.replay import Replay, replay
from ....workers import philosophers
from ..case import Case, Together
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored, scheduled

RING = ((0, 1), (1, 2), (2, 0))
TURNED = ((0, 1), (1, 2), (0, 2))
ALL_TURNED = ((1, 0), (2, 1), (0, 2))


def _at_table(pairs, meals=1):
    return [
        partial(philosophers.dine, left=left, right=right, meals=meals) for left, right in pairs
    ]


def _who_waits(mp):
    forks = [mp.Lock() for _ in range(3)]
    stuck = replay("ABC", _at_table(RING), forks).outcome
    truth: dict[str, str | bool] = {
        "a_waits_for": next(wait.holders for wait in stuck.waits if wait.worker == "A")
    }
    for name, pairs in (("turned", TURNED), ("all_turned", ALL_TURNED)):
        ends = explore(_at_table(pairs), forks).outcomes
        truth[name] = any(end.kind == "deadlock" for end in ends)
    return truth


WAITS = Exercise(
    number="09.1",
    title="Who waits for whom?",
    minutes=3,
    task="""
Three philosophers sit at a round table with three forks, which are locks. Each takes one fork, then
the other one, eats, and puts both back: A takes fork 0 and then 1, B takes 1 and then 2, C takes 2
and then 0. After ABC each has one fork. For whom does A wait then? Give the letter. Then say
whether there can still be a deadlock (True or False) if C alone takes its forks the other way round
(`turned`), and if all three do (`all_turned`).
""",
    start="""
a_waits_for = ...
turned = ...
all_turned = ...
""",
    judge=answers(
        _who_waits,
        slips={
            ("a_waits_for", "C"): "A has fork 0, which C wants. Which one does A want?",
            ("a_waits_for", "A"): "A wants fork 1. Who has taken that?",
            ("turned", True): "Now A and C both begin with fork 0: only one of them gets a fork.",
            ("all_turned", False): "Then the arrows run the other way round. Is it still a circle?",
        },
        read="One philosopher who begins with the lower fork breaks the circle. If all of them "
        "turn, it is a circle again, the other way round.",
    ),
    hints=(
        "Draw the three, and an arrow from each to the one who has the fork that they want.",
        "There is a deadlock if the arrows can form a circle. After turning, who takes which fork "
        "first?",
    ),
    solution="""
a_waits_for = "B"
turned = False
all_turned = True
""",
    mistakes=(
        Mistake(
            "the wrong neighbour",
            'a_waits_for = "C"\nturned = False\nall_turned = True\n',
            "Which one does A want",
        ),
        Mistake(
            "waiting for oneself",
            'a_waits_for = "A"\nturned = False\nall_turned = True\n',
            "Who has taken that",
        ),
        Mistake(
            "one is not enough",
            'a_waits_for = "B"\nturned = True\nall_turned = True\n',
            "both begin with fork 0",
        ),
        Mistake(
            "what helps once helps three times",
            'a_waits_for = "B"\nturned = False\nall_turned = False\n',
            "still a circle",
        ),
    ),
    notes=(
        "Ask: Draw the table with three arrows. Which way do they run?",
        "Watch for: the forks and not the people. An arrow goes from one who waits to one who has.",
    ),
)


def _fed_then_stuck(made):
    fed = [
        sum(step.worker == letter and step.action == "release" for step in made.steps)
        for letter in "ABC"
    ]
    return made.outcome.kind == "deadlock" and fed == [2, 2, 2]


STARVE = Exercise(
    number="09.2",
    title="Starve them",
    minutes=5,
    task="""
The three of 09.1 want to eat twice each. A meal takes four steps: a fork, the other fork, and each
of the two put back. Write a `schedule`, one letter a step, after which everybody has eaten exactly
once and nobody will ever eat again.
""",
    start="""
schedule = ...
""",
    judge=scheduled(
        "[partial(philosophers.dine, left=n, right=(n + 1) % 3, meals=2) for n in range(3)]",
        "[mp.Lock(), mp.Lock(), mp.Lock()]",
        _fed_then_stuck,
        "a deadlock, after each of them has eaten once and put back both forks",
        names={"philosophers": philosophers},
    ),
    hints=(
        "First let them eat, one after the other. How many steps does that take?",
        "Then each takes one fork, and no more.",
    ),
    solution="""
schedule = "AAAABBBBCCCCABC"
""",
    ways=(
        Way(
            "another order",
            """
schedule = "CCCC BBBB AAAA CBA"
""",
            "Blanks are ignored, so a schedule can be written in groups.",
        ),
        Way(
            "made with Python",
            """
schedule = "".join(letter * 4 for letter in "ABC") + "ABC"
""",
            "A schedule is a string like any other.",
        ),
    ),
    mistakes=(
        Mistake("nobody has eaten", 'schedule = "ABC"\n', "after each of them has eaten once"),
        Mistake(
            "they eat, and then they eat again",
            'schedule = "AAAABBBBCCCCAAAABBBBCCCC"\n',
            "finished",
        ),
        Mistake("it stops too early", 'schedule = "AAAABBBBCCCC"\n', "Who can go on"),
        Mistake("one step too many", 'schedule = "AAAABBBBCCCCABCA"\n', "waits for"),
        Mistake(
            "only two have eaten",
            'schedule = "AAAABBBBABC"\n',
            "after each of them has eaten once",
        ),
    ),
    notes=(
        "Say: At the keyboard; a schedule that cannot be taken says who could go on.",
        "Ask: Why is it the last three letters that starve them, and not the first twelve?",
    ),
)

SWAP = Exercise(
    number="09.3",
    title="Fix the swap",
    minutes=6,
    task="""
`swap(cells, locks, i, j)` exchanges two items of an Array; there is a plain Lock for each item, and
whoever touches an item must hold its lock. Two swaps at once can deadlock. Fix it. Swaps of other
items must still be able to go on at the same time, and `i` and `j` may be the same.
""",
    start="""
def swap(cells, locks, i, j):
    with locks[i], locks[j]:
        cells[i], cells[j] = cells[j], cells[i]
""",
    judge=explored(
        Case(
            "[partial(swap, i=0, j=1), partial(swap, i=1, j=0)]",
            'mp.RawArray("i", [3, 4]), [mp.Lock(), mp.Lock()]',
            lambda cells, locks: cells[:] == [3, 4],
            "exchanged twice, the two items are where they were",
            writes=("cells",),
        ),
        Case(
            "[partial(swap, i=0, j=1), partial(swap, i=2, j=1)]",
            'mp.RawArray("i", [5, 6, 7]), [mp.Lock(), mp.Lock(), mp.Lock()]',
            lambda cells, locks: cells[:] in ([6, 7, 5], [7, 5, 6]),
            "5, 6, 7 has become 6, 7, 5 or 7, 5, 6",
        ),
        Case(
            "[partial(swap, i=1, j=0), partial(swap, i=2, j=3)]",
            'mp.RawArray("i", [1, 2, 3, 4]), [mp.Lock() for _ in range(4)]',
            lambda cells, locks: cells[:] == [2, 1, 4, 3],
            "1, 2, 3, 4 has become 2, 1, 4, 3",
            together=(Together("cells", "AB", "two swaps of different items wait for each other"),),
        ),
        Case(
            "[partial(swap, i=1, j=1)]",
            'mp.RawArray("i", [8, 9]), [mp.Lock(), mp.Lock()]',
            lambda cells, locks: cells[:] == [8, 9],
            "an item that is exchanged with itself stays",
        ),
    ),
    hints=(
        "In which order does each of the two take its locks? Make it the same for both.",
        "`sorted((i, j))` gives the lower number first.",
        "A plain Lock can't be taken twice. If `i == j`, there is nothing to do.",
    ),
    solution="""
def swap(cells, locks, i, j):
    if i == j:
        return
    first, second = sorted((i, j))
    with locks[first], locks[second]:
        cells[i], cells[j] = cells[j], cells[i]
""",
    ways=(
        Way(
            "as many locks as there are items",
            """
from contextlib import ExitStack

def swap(cells, locks, i, j):
    with ExitStack() as held:
        for place in sorted({i, j}):
            held.enter_context(locks[place])
        cells[i], cells[j] = cells[j], cells[i]
""",
            "Works for any number of items. A set holds each number once, so `i == j` is no case "
            "of its own.",
        ),
        Way(
            "lower and higher",
            """
def swap(cells, locks, i, j):
    if i != j:
        with locks[min(i, j)]:
            with locks[max(i, j)]:
                cells[i], cells[j] = cells[j], cells[i]
""",
            "The same order, said in another way.",
        ),
    ),
    mistakes=(
        Mistake(
            "no locks at all",
            """
def swap(cells, locks, i, j):
    cells[i], cells[j] = cells[j], cells[i]
""",
            "goes wrong",
        ),
        Mistake(
            "an item and itself",
            """
def swap(cells, locks, i, j):
    first, second = sorted((i, j))
    with locks[first], locks[second]:
        cells[i], cells[j] = cells[j], cells[i]
""",
            "which it holds itself",
        ),
        Mistake(
            "the same lock for everybody",
            """
def swap(cells, locks, i, j):
    with locks[0]:
        cells[i], cells[j] = cells[j], cells[i]
""",
            "held for too long",
        ),
        Mistake(
            "the order of the arguments turned round",
            """
def swap(cells, locks, i, j):
    if i != j:
        with locks[j], locks[i]:
            cells[i], cells[j] = cells[j], cells[i]
""",
            "Deadlock",
        ),
        Mistake(
            "one after the other",
            """
def swap(cells, locks, i, j):
    with locks[i]:
        mine = cells[i]
    with locks[j]:
        other = cells[j]
        cells[j] = mine
    with locks[i]:
        cells[i] = other
""",
            "goes wrong",
        ),
        Mistake(
            "it gives up",
            """
def swap(cells, locks, i, j):
    with locks[i]:
        if i != j and locks[j].acquire(block=False):
            cells[i], cells[j] = cells[j], cells[i]
            locks[j].release()
""",
            "goes wrong",
        ),
        Mistake(
            "it tries until it is done",
            """
def swap(cells, locks, i, j):
    while i != j:
        with locks[i]:
            if locks[j].acquire(block=False):
                cells[i], cells[j] = cells[j], cells[i]
                locks[j].release()
                return
""",
            "may go on forever",
        ),
        Mistake(
            "the lock is kept if there is nothing to do",
            """
def swap(cells, locks, i, j):
    first, second = sorted((i, j))
    locks[first].acquire()
    if i == j:
        return
    with locks[second]:
        cells[i], cells[j] = cells[j], cells[i]
    locks[first].release()
""",
            "without giving it back",
        ),
    ),
    notes=(
        "Ask: What decides the order of the locks, the code or the arguments?",
        "Watch for: `i == j`. A plain Lock hangs the worker that holds it.",
    ),
)


def _goes_on_alone(made: Replay) -> str:
    """Say of a `Replay` who has ended before all have written."""
    last = {step.worker: place for place, step in enumerate(made.steps)}
    written = max(place for place, step in enumerate(made.steps) if step.action == "write")
    for letter, place in last.items():
        if place < written:
            late = made.steps[written]
            return (
                f"{letter} ends before {late.worker} has written to `{late.target}`: it has not "
                "waited."
            )
    return ""


MEET = Exercise(
    number="09.4",
    title="Meet",
    minutes=7,
    task="""
Write `meet(words, arrived, me, mine)` for two workers: `me` is 0 for one of them and 1 for the
other. Each writes its number `mine` to `words[me]`, waits until the other one has written too, and
returns what the other one has written. `arrived` is a list of two Semaphores that start at 0, one
for each worker. Nobody may wait by looking again and again.
""",
    start="""
def meet(words, arrived, me, mine):
    ...
""",
    judge=explored(
        *(
            Case(
                f"[partial(meet, me=0, mine={a}), partial(meet, me=1, mine={b})]",
                'mp.RawArray("i", 2), [mp.Semaphore(0), mp.Semaphore(0)]',
                lambda words, arrived, results, a=a, b=b: (
                    words[:] == [a, b] and tuple(results) == (b, a)
                ),
                f"A, who writes {a}, returns {b}, and B, who writes {b}, returns {a}",
                writes=("words",),
                wasted=_goes_on_alone,
            )
            for a, b in ((3, 4), (7, 5))
        )
    ),
    hints=(
        "A Semaphore at 0 is a door that somebody else opens. Which one do you open, once you have "
        "written?",
        "`arrived[me].release()` says that you are there. Which one do you acquire?",
        "First say that you are there, and then wait for the other one.",
    ),
    solution="""
def meet(words, arrived, me, mine):
    other = 1 - me
    words[me] = mine
    arrived[me].release()
    arrived[other].acquire()
    return words[other]
""",
    ways=(
        Way(
            "open the other one's door",
            """
def meet(words, arrived, me, mine):
    words[me] = mine
    arrived[1 - me].release()
    arrived[me].acquire()
    return words[1 - me]
""",
            "Each Semaphore means `you may go on` and not `I am here`. The steps are the same.",
        ),
        Way(
            "one after the other",
            """
def meet(words, arrived, me, mine):
    words[me] = mine
    if me == 0:
        arrived[0].release()
        arrived[1].acquire()
    else:
        arrived[0].acquire()
        arrived[1].release()
    return words[1 - me]
""",
            "Right for two who are told apart, and hard to extend to three.",
        ),
    ),
    mistakes=(
        Mistake(
            "wait first",
            """
def meet(words, arrived, me, mine):
    words[me] = mine
    arrived[1 - me].acquire()
    arrived[me].release()
    return words[1 - me]
""",
            "Deadlock",
        ),
        Mistake(
            "nobody waits",
            """
def meet(words, arrived, me, mine):
    words[me] = mine
    return words[1 - me]
""",
            "goes wrong",
        ),
        Mistake(
            "the own door",
            """
def meet(words, arrived, me, mine):
    words[me] = mine
    arrived[me].release()
    arrived[me].acquire()
    return words[1 - me]
""",
            "goes wrong",
        ),
        Mistake(
            "written too late",
            """
def meet(words, arrived, me, mine):
    arrived[me].release()
    arrived[1 - me].acquire()
    words[me] = mine
    return words[1 - me]
""",
            "goes wrong",
        ),
        Mistake(
            "looking again and again",
            """
def meet(words, arrived, me, mine):
    words[me] = mine
    while words[1 - me] == 0:
        pass
    return words[1 - me]
""",
            "again and again",
        ),
        Mistake(
            "the other one's number is written down",
            """
def meet(words, arrived, me, mine):
    words[me] = mine
    arrived[me].release()
    arrived[1 - me].acquire()
    return 4 - me
""",
            "should be calculated",
        ),
        Mistake(
            "the answers are written down",
            """
def meet(words, arrived, me, mine):
    words[me] = mine
    return {3: 4, 4: 3, 7: 5, 5: 7}[mine]
""",
            "it has not waited",
        ),
    ),
    notes=(
        "Ask: Two steps, say that you are there, and wait for the other. In which order?",
        "Say: This is called a rendezvous. A Barrier does it for any number of workers.",
    ),
)

ALL_HERE = Exercise(
    number="09.5",
    title="Build a barrier",
    minutes=8,
    task="""
Write `arrive(count, changed, workers)`: a barrier that is used once. `count` is a RawValue that
starts at 0, `changed` a Condition, and `workers` says how many will come. Each worker calls it
once. It adds 1 to `count`, waits until all have come, and returns `count.value`: the same for all
of them, which is how many there are.
""",
    start="""
def arrive(count, changed, workers):
    ...
""",
    judge=explored(
        *(
            Case(
                f"[partial(arrive, workers={number})] * {number}",
                'mp.RawValue("i", 0), mp.Condition()',
                lambda count, changed, results, number=number: (
                    count.value == number and list(results) == [number] * number
                ),
                f"with {number} workers, each of them returns {number}",
                writes=("count",),
                wasted=_goes_on_alone,
            )
            for number in (2, 3)
        )
    ),
    hints=(
        "All of it happens with the Condition held: `with changed:`.",
        "Until what is true must a worker wait? Look again whenever you are woken.",
        "Who knows that everybody is there? The last one. How many must it wake?",
    ),
    solution="""
def arrive(count, changed, workers):
    with changed:
        count.value += 1
        while count.value < workers:
            changed.wait()
        changed.notify_all()
        return count.value
""",
    ways=(
        Way(
            "only the last one wakes the others",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
        if count.value == workers:
            changed.notify_all()
        while count.value < workers:
            changed.wait()
        return count.value
""",
            "One `notify_all` and not one for each worker.",
        ),
        Way(
            "wait_for",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
        changed.notify_all()
        changed.wait_for(lambda: count.value == workers)
        return count.value
""",
            "The loop is inside `wait_for`. Everybody is woken at every arrival, and looks.",
        ),
        Way(
            "one wakes the next",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
        while count.value < workers:
            changed.wait()
        changed.notify()
        return count.value
""",
            "A chain: whoever is woken wakes one more before leaving.",
        ),
    ),
    mistakes=(
        Mistake(
            "the last one wakes one",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
        if count.value == workers:
            changed.notify()
        while count.value < workers:
            changed.wait()
        return count.value
""",
            "asleep until a notify",
        ),
        Mistake(
            "an if for a while",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
        changed.notify_all()
        if count.value < workers:
            changed.wait()
        return count.value
""",
            "returns 3",
        ),
        Mistake(
            "nobody is woken",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
        while count.value < workers:
            changed.wait()
        return count.value
""",
            "asleep until a notify",
        ),
        Mistake(
            "without the lock",
            """
def arrive(count, changed, workers):
    count.value += 1
    while count.value < workers:
        changed.wait()
    changed.notify_all()
    return count.value
""",
            "AssertionError",
        ),
        Mistake(
            "counted outside of the lock",
            """
def arrive(count, changed, workers):
    count.value += 1
    with changed:
        while count.value < workers:
            changed.wait()
        changed.notify_all()
        return count.value
""",
            "update is lost",
        ),
        Mistake(
            "looking again and again",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
    while count.value < workers:
        pass
    return count.value
""",
            "again and again",
        ),
        Mistake(
            "it does not wait",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
        changed.notify_all()
        return count.value
""",
            "goes wrong",
        ),
        Mistake(
            "nobody waits, and all return what they were told",
            """
def arrive(count, changed, workers):
    with changed:
        count.value += 1
    return workers
""",
            "it has not waited",
        ),
    ),
    notes=(
        "Ask: Which of the page's two mistakes can you make here? Both: `if`, and one `notify`.",
        "Watch for: three workers. With two, one `notify` is enough.",
    ),
)

EXERCISES = (WAITS, STARVE, SWAP, MEET, ALL_HERE)
