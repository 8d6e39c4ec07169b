"""Exercises of page 00, Start here."""

from functools import partial

from ....engine.explore import explore
from ....workers import bank
from ..case import Case
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored, scheduled


def _balances(mp):
    workers = [
        partial(bank.deposit_each, amounts=[50], pause=0),
        partial(bank.withdraw_each, amounts=[20], pause=0),
    ]
    found = explore(workers, mp.Value("i", 1000))
    left = {found.interleavings_of(end).plainest: end.memory[0] for end in found.outcomes}
    return {"correct": left["AABB"], "least": min(left.values()), "most": max(left.values())}


BALANCES = Exercise(
    number="00.1",
    title="How wrong can it be?",
    minutes=2,
    task="""
An account holds 1000. Process A deposits 50 and process B withdraws 20, both without the lock: each
reads the balance and then writes a new one. Which balance is correct? And what are the least and
the most that the account may hold in the end?
""",
    start="""
correct = ...
least = ...
most = ...
""",
    judge=answers(
        _balances,
        slips={
            ("correct", 1000): "Money has come in, and money has gone out.",
            ("correct", 1070): "Is the 20 paid in, or paid out?",
            ("least", 1030): "That is right for `AABB`. Write down what happens in `ABAB`.",
            ("least", 1000): "Neither of them writes 1000. What does B write after it read 1000?",
            ("least", 930): "The 50 can get lost, but nobody takes it off.",
            ("most", 1030): "That is right for `AABB`. Write down what happens in `BABA`.",
            ("most", 1000): "Neither of them writes 1000. What does A write after it read 1000?",
            ("most", 1070): "The 20 can get lost, but nobody pays it in.",
            (
                "correct",
                ...,
            ): "Write down the steps of `AABB`, `ABAB` and `BABA`, and what each writes.",
            (
                "least",
                ...,
            ): "Write down the steps of `AABB`, `ABAB` and `BABA`, and what each writes.",
            (
                "most",
                ...,
            ): "Write down the steps of `AABB`, `ABAB` and `BABA`, and what each writes.",
        },
        read=(
            "980 is left when the deposit is lost, and 1050 when the withdrawal is lost. Both "
            "can't happen in one run: whoever writes last leaves their own balance behind."
        ),
    ),
    hints=(
        "A reads 1000. B reads 1000. What does each of them write?",
        "Whoever writes last writes over what the other has written, without knowing it.",
    ),
    solution="""
correct = 1030
least = 980
most = 1050
""",
    mistakes=(
        Mistake(
            "a deposit and a withdrawal do not disturb each other",
            "correct = 1030\nleast = 1030\nmost = 1030\n",
            "Write down what happens in `ABAB`",
        ),
        Mistake(
            "at worst nothing happens at all",
            "correct = 1030\nleast = 1000\nmost = 1050\n",
            "Neither of them writes 1000",
        ),
        Mistake(
            "a lost deposit is taken off",
            "correct = 1030\nleast = 930\nmost = 1050\n",
            "nobody takes it off",
        ),
        Mistake(
            "a lost withdrawal is paid in",
            "correct = 1030\nleast = 980\nmost = 1070\n",
            "nobody pays it in",
        ),
        Mistake(
            "both are paid in",
            "correct = 1070\nleast = 980\nmost = 1050\n",
            "paid in, or paid out?",
        ),
    ),
    notes=("Ask: Can the deposit and the withdrawal both get lost in one run?",),
)

# Each worker reads and writes once for each amount.
_ONE_EACH = (
    "[partial(bank.deposit_each, amounts=[50], pause=0), "
    "partial(bank.withdraw_each, amounts=[20], pause=0)]"
)
_TWO_AND_ONE = (
    "[partial(bank.deposit_each, amounts=[10, 20], pause=0), "
    "partial(bank.withdraw_each, amounts=[100], pause=0)]"
)

WITHDRAWAL = Exercise(
    number="00.2",
    title="Lose the withdrawal",
    minutes=2,
    task="""
The account holds 1000. A deposits 50 and B withdraws 20, without the lock, as before. Write an
order of their four steps that begins with A, such as `"AABB"`, but in which the withdrawal is lost
and 1050 is left.
""",
    start="""
schedule = ...
""",
    judge=scheduled(
        _ONE_EACH,
        'mp.Value("i", 1000)',
        lambda made: made.outcome.memory == (1050,) and made.schedule[0] == "A",
        "A takes the first step, and 1050 is left",
        names={"bank": bank},
    ),
    hints=(
        "The withdrawal is lost if A writes over it. Who has to write last?",
        "A must not have seen the withdrawal: it reads before B writes.",
    ),
    solution="""
schedule = "ABBA"
""",
    mistakes=(
        Mistake("the other one is lost", 'schedule = "ABAB"\n', "A's update is lost"),
        Mistake("one after the other", 'schedule = "BBAA"\n', "account 1030"),
        Mistake("B begins", 'schedule = "BABA"\n', "A takes the first step"),
        Mistake("a letter for each worker", 'schedule = "BA"\n', "ends too soon"),
        Mistake("a step too many", 'schedule = "ABBAA"\n', "asks for worker 'A': it has ended"),
        Mistake("a worker that is not there", 'schedule = "ABCA"\n', "there is no such worker"),
    ),
    notes=("Ask: Is there another such order? Not if A begins; `BABA` and `BAAB` begin with B.",),
)

FIX = Exercise(
    number="00.3",
    title="Fix the bank",
    minutes=4,
    task="""
Two processes run `pay_in` on one account, each with amounts of its own, and sometimes money gets
lost. Fix `pay_in` so that every amount reaches the account, in whatever order the processes take
their steps.
""",
    start="""
def pay_in(account, amounts):
    for amount in amounts:
        balance = account.value
        account.value = balance + amount
""",
    judge=explored(
        *(
            Case(
                f"[partial(pay_in, amounts={first}), partial(pay_in, amounts={second})]",
                f'mp.Value("i", {before})',
                lambda account, left=left: account.value == left,
                f"{before} and all amounts are {left}",
                writes=("account",),
            )
            for before, first, second, left in (
                (1000, "[50, 20]", "[7]", 1077),
                (30, "[1]", "[2, 4, 8]", 45),
            )
        )
    ),
    hints=(
        "`bank.deposit_all` on this page does it right. What does it take before it begins?",
        "Nobody else may come between the line that reads and the line that writes.",
        "Put both lines into a block: `with account.get_lock():`.",
    ),
    solution="""
def pay_in(account, amounts):
    for amount in amounts:
        with account.get_lock():
            balance = account.value
            account.value = balance + amount
""",
    ways=(
        Way(
            "the lock around the whole loop",
            """
def pay_in(account, amounts):
    with account.get_lock():
        for amount in amounts:
            balance = account.value
            account.value = balance + amount
""",
            "The lock is taken once, but the other process waits until all amounts are paid in.",
        ),
        Way(
            "add first, pay in once",
            """
def pay_in(account, amounts):
    total = sum(amounts)
    with account.get_lock():
        account.value += total
""",
            "One read and one write, however many amounts there are.",
        ),
    ),
    mistakes=(
        Mistake(
            "only the writing is locked",
            """
def pay_in(account, amounts):
    for amount in amounts:
        balance = account.value
        with account.get_lock():
            account.value = balance + amount
""",
            "While A is between line 4, `balance = account.value`, and line 6",
        ),
        Mistake(
            "two blocks, and a gap between them",
            """
def pay_in(account, amounts):
    for amount in amounts:
        with account.get_lock():
            balance = account.value
        with account.get_lock():
            account.value = balance + amount
""",
            "While A is between line 5",
        ),
        Mistake(
            "a lock that nobody takes",
            """
def pay_in(account, amounts):
    account.get_lock()
    for amount in amounts:
        balance = account.value
        account.value = balance + amount
""",
            "does not take it",
        ),
        Mistake(
            "the same in one line",
            """
def pay_in(account, amounts):
    for amount in amounts:
        account.value += amount
""",
            "While A reads and writes in line 4",
        ),
        Mistake(
            "a pause",
            """
import time

def pay_in(account, amounts):
    for amount in amounts:
        time.sleep(0.01)
        balance = account.value
        account.value = balance + amount
""",
            "`pay_in` sleeps",
        ),
        Mistake(
            "the lock is taken and never given back",
            """
def pay_in(account, amounts):
    account.acquire()
    for amount in amounts:
        balance = account.value
        account.value = balance + amount
""",
            "without giving it back",
        ),
        Mistake(
            "the number is written down",
            """
def pay_in(account, amounts):
    account.value = 1077
""",
            "should be calculated",
        ),
    ),
    notes=(
        "Ask: Which two lines belong together?",
        "Watch for: `with` around the writing alone. What was read may be old by then.",
    ),
)

FORGET = Exercise(
    number="00.4",
    title="Forget two deposits at once",
    minutes=3,
    task="""
Now A deposits 10 and then 20, and B withdraws 100, all without the lock. The account holds 1000,
so 930 would be correct. Write an order of the six steps after which both deposits are forgotten and
900 is left.
""",
    start="""
schedule = ...
""",
    judge=scheduled(
        _TWO_AND_ONE,
        'mp.Value("i", 1000)',
        lambda made: made.outcome.memory == (900,),
        "900 is left",
        names={"bank": bank},
    ),
    hints=(
        "B writes 900 only if it has read 1000. When must it read, then?",
        "And if B's write is not the last one, what becomes of the 900?",
        "B reads, A does all that it has to do, and B writes.",
    ),
    solution="""
schedule = "BAAAAB"
""",
    ways=(
        Way(
            "A reads first",
            """
schedule = "ABAAAB"
""",
            "All that matters is that B reads before A's first write, and writes last.",
        ),
    ),
    mistakes=(
        Mistake("turn by turn", 'schedule = "ABABAA"\n', "account 920"),
        Mistake("one after the other", 'schedule = "AAAABB"\n', "account 930"),
        Mistake("B in the middle", 'schedule = "AABBAA"\n', "account 930"),
        Mistake("B reads too late", 'schedule = "AABAAB"\n', "account 910"),
        Mistake("the withdrawal is lost", 'schedule = "AAABBA"\n', "account 1030"),
        Mistake(
            "B has only two steps", 'schedule = "BABABA"\n', "asks for worker 'B': it has ended"
        ),
    ),
    notes=("Ask: Who pays for a process that reads early and writes late?",),
)

EXERCISES = (BALANCES, WITHDRAWAL, FIX, FORGET)
