"""Five questions that are asked before the course and, with other numbers, after it.

They are about what most people believe until a page shows them otherwise. Before the course nobody
is told whether an answer is right.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from ....engine.errors import WorkerError
from ....engine.explore import explore
from ....engine.run import run
from ....workers import counter, dying, guard, memory
from ..exercise import Exercise, Judge, Mistake
from ..judging import answers


@dataclass(frozen=True)
class Numbers:
    """What is not the same in the two rounds.

    Attributes:
        page: "before" or "after".
        balance, spent: of a variable, and of the process that changes it.
        items, place, item: of a list, and of the process that changes an Array made of it.
        start, processes, times: of a counter, who adds to it, and how often.
        account, price: what two processes pay from one account.
        ends: the two ways in which a process ends with the lock in hand, as questions; `killed`
            comes first.
        how: the functions that end it so.
    """

    page: str
    balance: int
    spent: int
    items: tuple[int, ...]
    place: int
    item: int
    start: int
    processes: int
    times: int
    account: int
    price: int
    ends: tuple[str, str]
    how: tuple[Callable[[], None], Callable[[], None]]


def five(numbers: Numbers) -> tuple[Exercise, ...]:
    """Return the five questions with these numbers."""
    makers = (_variable, _list, _counter, _account, _lock)
    return tuple(make(f"{numbers.page}.{n}", numbers) for n, make in enumerate(makers, 1))


def _question(
    number: str,
    title: str,
    task: str,
    judge: Judge,
    page: str,
    right: Sequence[tuple[str, object]],
    wrong: Sequence[tuple[str, Sequence[object], str]],
) -> Exercise:
    """Make a question.

    Args:
        page: that answers it.
        right: names with the right values, for the solution; what is right is found by running.
        wrong: what some believe: its name, the values, and a part of what they are told.
    """
    names = [name for name, _ in right]

    def cell(values):
        return "".join(f"{name} = {value!r}\n" for name, value in zip(names, values, strict=True))

    return Exercise(
        number=number,
        title=title,
        minutes=2,
        task=task,
        start="".join(f"{name} = ...\n" for name in names),
        judge=judge,
        hints=(f"Page {page} answers it. Which of its cells is nearest to this question?",),
        solution=cell([value for _, value in right]),
        mistakes=tuple(Mistake(belief, cell(values), said) for belief, values, said in wrong),
        silent=number.startswith("before"),
    )


def _variable(number, n):
    def truth(mp):
        before = memory.balance
        memory.balance = n.balance
        try:
            method = mp.get_start_method()
            run([partial(memory.spend, n.spent)], start_method=method)
            return {"balance": memory.balance}
        finally:
            memory.balance = before

    task = f"""
A program sets its variable `balance` to {n.balance}. It starts a process that runs `spend`, and
waits until that has ended:

```python
def spend():
    global balance
    balance -= {n.spent}
```

What is `balance` in the program then?
"""
    slip = "The process changed a `balance` of its own, which was gone when the process ended."
    return _question(
        number,
        "Who changes the balance?",
        task,
        answers(truth, {("balance", ...): slip}),
        "01",
        [("balance", n.balance)],
        [("a process changes the program's variables", [n.balance - n.spent], "of its own")],
    )


def _list(number, n):
    def truth(mp):
        numbers = list(n.items)
        shared = mp.Array("i", numbers)
        method = mp.get_start_method()
        run([partial(memory.set_item, index=n.place, value=n.item)], shared, start_method=method)
        return {"in_list": numbers[n.place], "in_shared": shared[n.place]}

    task = f"""
A program makes a list and, from it, an array in shared memory:

```python
numbers = {list(n.items)}
shared = multiprocessing.Array("i", numbers)
```

Another process, to which `shared` was passed, runs `shared[{n.place}] = {n.item}`, and ends. What
are `numbers[{n.place}]` and `shared[{n.place}]` in the program then?
"""
    slips = {
        ("in_list", ...): "The Array has copied the numbers, and shares nothing with the list.",
        ("in_shared", ...): "This is the memory that both processes have: what one writes, "
        "the other reads.",
    }
    old = n.items[n.place]
    return _question(
        number,
        "A list, and an array made from it",
        task,
        answers(truth, slips),
        "03",
        [("in_list", old), ("in_shared", n.item)],
        [
            ("an Array shares the list that it is made from", [n.item, n.item], "has copied"),
            ("nothing that a process writes is seen", [old, old], "what one writes"),
        ],
    )


def _counter(number, n):
    def truth(mp):
        workers = [partial(counter.add, times=n.times)] * n.processes
        found = explore(workers, mp.Value("i", n.start))
        ends = [outcome.memory[0] for outcome in found.outcomes]
        return {"smallest": min(ends), "largest": max(ends)}

    largest = n.start + n.processes * n.times
    smallest = n.start + min(n.times, 2)
    each, whole = {1: "once", 2: "twice"}[n.times], {2: "both", 3: "all three"}[n.processes]
    task = f"""
`counter` is a `Value` in shared memory, which holds {n.start}. {_COUNT[n.processes]} processes run
`counter.value += 1` at the same time, each of them {each}, and {whole} end without an error.
What is the smallest number that `counter` can hold at the end, and what is the largest?
"""
    slips = {
        ("smallest", largest): "`+=` reads, adds and writes. Another process may write in between, "
        "and what it has written is lost.",
        ("smallest", ...): "Which of the processes can write last, and what has it read before?",
        ("largest", ...): "If one comes after the other, nothing is lost. No order adds more.",
    }
    return _question(
        number,
        "What can a counter hold?",
        task,
        answers(truth, slips),
        "05",
        [("smallest", smallest), ("largest", largest)],
        [("`+=` on a Value is one step", [largest, largest], "is lost")],
    )


_COUNT = {2: "Two", 3: "Three"}


def _account(number, n):
    def truth(mp):
        workers = [partial(guard.withdraw, amount=n.price)] * 2
        found = explore(workers, mp.Value("i", n.account))
        return {"lowest": min(outcome.memory[0] for outcome in found.outcomes)}

    task = f"""
`account` is a `Value`, which holds {n.account}. It has a lock of its own, which each single read
and each single write takes and gives back. Two processes run `pay(account)` at the same time:

```python
def pay(account):
    if account.value >= {n.price}:
        account.value -= {n.price}
```

What is the lowest number that `account` can hold at the end?
"""
    slips = {
        (
            "lowest",
            n.account - n.price,
        ): "Each access is locked, and the lock is free between two of "
        "them: both may look before either of them pays.",
        ("lowest", ...): "What if both look before either of them pays?",
    }
    return _question(
        number,
        "Is the account safe?",
        task,
        answers(truth, slips),
        "06",
        [("lowest", n.account - 2 * n.price)],
        [("a lock on each access is enough", [n.account - n.price], "both may look")],
    )


def _lock(number, n):
    def truth(mp):
        return {
            name: _is_free(mp, how) for name, how in zip(("first", "second"), n.how, strict=True)
        }

    task = f"""
A process takes a lock with `with lock:`. Inside, before it gives the lock back,

- `first`: {n.ends[0]}
- `second`: {n.ends[1]}

Can another process take the lock after that? Answer with True or False for each.
"""
    slips = {
        ("first", True): "A process that is killed runs no further line, and `with` cannot give "
        "anything back. Nobody else does it.",
        ("second", False): "`with` gives the lock back however Python leaves it: at its end, by an "
        "error, or by `sys.exit()`.",
    }
    return _question(
        number,
        "Who gives the lock back?",
        task,
        answers(truth, slips),
        "09",
        [("first", False), ("second", True)],
        [
            ("a dead process frees its locks", [True, True], "runs no further line"),
            ("an error keeps the lock", [False, False], "however Python leaves it"),
        ],
    )


def _is_free(mp, how):
    lock = mp.Lock()
    with suppress(WorkerError):  # it was killed, or it raised something
        run([partial(dying.end_inside, how=how)], lock, start_method=mp.get_start_method())
    return lock.acquire(timeout=0.1)
