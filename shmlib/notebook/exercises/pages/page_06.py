"""Exercises of page 06, Guard a critical section."""

from functools import partial

from ....engine.explore import explore
from ....engine.replay import Replay
from ....workers import bank, guard
from ..case import Case, Together
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored, tells_apart


def _right_balances(mp):
    workers = [partial(bank.deposit, amount=50), partial(bank.withdraw, amount=30)]
    found = explore(workers, mp.Value("i", 1000), invariant=lambda account: account.value == 1020)
    return {"right": found.interleavings - found.failures.count, "of": found.interleavings}


COUNT = Exercise(
    number="06.1",
    title="How often is it right?",
    minutes=3,
    task="""
An account holds 1000. `bank.deposit` adds 50 and `bank.withdraw` takes 30, both without the lock.
Each is a read and a write. How many interleavings are there, and in how many of them is the balance
right?
""",
    start="""
right = ...
of = ...
""",
    judge=answers(
        _right_balances,
        slips={
            ("right", 1): "One worker after the other is right. There are two ways to do that.",
            ("right", 6): "If all of them were right, nobody would need a lock.",
            ("right", 3): "Half of them? Write the six schedules down: where is one read stale?",
            ("of", 2): "AABB and BBAA are the two in which nobody comes between. There are more.",
            ("of", 4): "There are four steps. In how many orders can two A and two B stand?",
            ("of", 24): "A's two steps keep their order, and so do B's: count AABB once.",
        },
        read="Only AABB and BBAA: in the other four somebody writes over what they have not read.",
    ),
    hints=(
        "Write the schedules down: each has two A and two B.",
        "The balance is right when nobody comes between the other's read and write.",
    ),
    solution="""
right = 2
of = 6
""",
    mistakes=(
        Mistake("counting only the orders that are right", "right = 2\nof = 2\n", "There are more"),
        Mistake("all orders of four steps", "right = 2\nof = 24\n", "keep their order"),
        Mistake("one order", "right = 1\nof = 6\n", "There are two ways"),
        Mistake("the lock seems needless", "right = 6\nof = 6\n", "nobody would need a lock"),
    ),
    notes=("Say: On paper, in pairs; then run the cell.",),
)

_ONE_PAYS = "one of the two returns True, the other False"

PAY = Exercise(
    number="06.2",
    title="Pay with a fee",
    minutes=7,
    task="""
Write `pay(account)`: it takes 10 from the account and a fee of 1, both or neither, and never
overdraws. It returns True if it has paid, and False otherwise. Two workers will run it on one
account.
""",
    start="""
def pay(account):
    ...
""",
    judge=explored(
        *(
            Case(
                "[pay, pay]",
                f'mp.Value("i", {before})',
                lambda account, results, left=left, paid=paid: (
                    account.value == left and sorted(results) == paid
                ),
                f"of {before}, {left} is left, and {told}",
                writes=("account",),
            )
            for before, left, paid, told in (
                (15, 4, [False, True], _ONE_PAYS),
                (10, 10, [False, False], "both return False"),
                (22, 0, [True, True], "both return True"),
                (21, 10, [False, True], _ONE_PAYS),
            )
        )
    ),
    hints=(
        "Both or neither: what must the account hold before you take anything?",
        "Between the check and the payment nobody else may pay. Which lines belong together?",
        "Put `with account.get_lock():` around the check and the payment.",
    ),
    solution="""
def pay(account):
    with account.get_lock():
        if account.value >= 11:
            account.value -= 11
            return True
        return False
""",
    ways=(
        Way(
            "acquire, and release on every way out",
            """
def pay(account):
    account.acquire()
    try:
        if account.value < 11:
            return False
        account.value -= 11
        return True
    finally:
        account.release()
""",
            "The same steps as `with`, in more lines, and more to forget.",
        ),
        Way(
            "read once, decide, write once",
            """
def pay(account):
    with account:
        left = account.value - 11
        if left >= 0:
            account.value = left
    return left >= 0
""",
            "One read less while the lock is held.",
        ),
    ),
    mistakes=(
        Mistake(
            "check outside the lock",
            """
def pay(account):
    if account.value >= 11:
        with account.get_lock():
            account.value -= 11
        return True
    return False
""",
            "While A is between line 3, `if account.value >= 11:`, and line 5",
        ),
        Mistake(
            "a lock that nobody takes",
            """
def pay(account):
    account.get_lock()
    if account.value >= 11:
        account.value -= 11
        return True
    return False
""",
            "update is lost",
        ),
        Mistake(
            "the fee is not in the check",
            """
def pay(account):
    with account.get_lock():
        if account.value >= 10:
            account.value -= 11
            return True
        return False
""",
            "of 10, 10 is left",
        ),
        Mistake(
            "one way out keeps the lock",
            """
def pay(account):
    account.acquire()
    if account.value < 11:
        return False
    account.value -= 11
    account.release()
    return True
""",
            "without giving it back",
        ),
        Mistake(
            "a pause in place of a lock",
            """
import time

def pay(account):
    time.sleep(0.1)
    if account.value >= 11:
        account.value -= 11
        return True
    return False
""",
            "`pay` sleeps",
        ),
        Mistake(
            "the number is written down",
            """
def pay(account):
    with account.get_lock():
        if account.value == 15:
            account.value = 4
            return True
        return False
""",
            "should be calculated",
        ),
        Mistake(
            "a new object in place of the shared one",
            """
def pay(account):
    with account.get_lock():
        balance = account.value
    if balance >= 11:
        account = balance - 11
        return True
    return False
""",
            "gives the name to a new object",
        ),
        Mistake(
            "print in place of return",
            """
def pay(account):
    with account.get_lock():
        if account.value >= 11:
            account.value -= 11
            print("paid")
""",
            "returns nothing",
        ),
        Mistake(
            "waiting for money that never comes",
            """
def pay(account):
    while account.value < 11:
        pass
    with account.get_lock():
        account.value -= 11
    return True
""",
            "keeps coming back to read account",
        ),
        Mistake(
            "the last coin may not be spent",
            """
def pay(account):
    with account.get_lock():
        if account.value > 11:
            account.value -= 11
            return True
        return False
""",
            "of 22, 0 is left",
        ),
        Mistake(
            "the fee in a block of its own",
            """
def pay(account):
    with account.get_lock():
        if account.value < 11:
            return False
        account.value -= 10
    with account.get_lock():
        account.value -= 1
    return True
""",
            "of 21, 10 is left",
        ),
        Mistake(
            "it returns only if it has paid",
            """
def pay(account):
    with account.get_lock():
        if account.value >= 11:
            account.value -= 11
            return True
""",
            "the other False",
        ),
        Mistake(
            "whoever comes last keeps the lock",
            """
def pay(account):
    account.acquire()
    if account.value >= 11:
        account.value -= 11
        account.release()
        return True
    if account.value == 10:
        account.release()
    return False
""",
            "without giving it back",
        ),
    ),
    notes=(
        "Ask: Which two lines must nobody come between?",
        "Watch for: a check against 10. It is right for 15, and overdraws an account of 10.",
    ),
)


def _filled_under_the_lock(made: Replay) -> str:
    """Say of a `Replay` who keeps the lock while they fill in a line."""
    for step in made.steps:
        if step.action == "write" and step.target.startswith("receipt") and step.held:
            return (
                f"the lock is held for too long: {step.worker} fills in `{step.target}`, a line "
                "that is its own, and everybody else waits. Fill in all three without it."
            )
    return ""


RECEIPT = Exercise(
    number="06.3",
    title="Lock no more than you must",
    minutes=5,
    task="""
`sell(tickets, receipt, place)` takes a ticket from `tickets`, a Value, and then fills in its own
three lines of `receipt`, an Array without a lock, with the number of the ticket. It is right, but
slow: while one worker fills in its lines, all others wait. Fix that. No ticket may be sold twice.
""",
    start="""
def sell(tickets, receipt, place):
    with tickets.get_lock():
        number = tickets.value
        tickets.value = number - 1
        for line in range(3):
            receipt[3 * place + line] = number
""",
    judge=explored(
        Case(
            "[partial(sell, place=0), partial(sell, place=1)]",
            'mp.Value("i", 9), mp.RawArray("i", 6)',
            lambda tickets, receipt: (
                tickets.value == 7 and receipt[:] in ([8] * 3 + [9] * 3, [9] * 3 + [8] * 3)
            ),
            "7 tickets are left, and each receipt has a number of its own, three times",
            writes=("tickets", "receipt"),
            together=(
                Together("receipt", "AB", "nobody can fill in a receipt while somebody else does"),
            ),
            wasted=_filled_under_the_lock,
        ),
        Case(
            "[partial(sell, place=1)]",
            'mp.Value("i", 40), mp.RawArray("i", 9)',
            lambda tickets, receipt: (
                tickets.value == 39 and receipt[:] == [0] * 3 + [40] * 3 + [0] * 3
            ),
            "39 tickets are left, and lines 3 to 5 of the receipt, those of place 1, have the "
            "number 40",
        ),
    ),
    hints=(
        "Which lines touch something that another worker touches too?",
        "Each worker has its own three lines of `receipt`. Does filling them need the lock?",
    ),
    solution="""
def sell(tickets, receipt, place):
    with tickets.get_lock():
        number = tickets.value
        tickets.value = number - 1
    for line in range(3):
        receipt[3 * place + line] = number
""",
    ways=(
        Way(
            "acquire and release",
            """
def sell(tickets, receipt, place):
    tickets.acquire()
    number = tickets.value
    tickets.value -= 1
    tickets.release()
    for line in range(3):
        receipt[3 * place + line] = number
""",
            "One more read under the lock.",
        ),
        Way(
            "the receipt in one slice",
            """
def sell(tickets, receipt, place):
    with tickets.get_lock():
        tickets.value -= 1
        number = tickets.value + 1
    receipt[3 * place : 3 * place + 3] = [number] * 3
""",
            "The same three writes, in one line of Python.",
        ),
    ),
    mistakes=(
        Mistake(
            "no lock at all",
            """
def sell(tickets, receipt, place):
    number = tickets.value
    tickets.value = number - 1
    for line in range(3):
        receipt[3 * place + line] = number
""",
            "update is lost",
        ),
        Mistake(
            "only the write is locked",
            """
def sell(tickets, receipt, place):
    number = tickets.value
    with tickets.get_lock():
        tickets.value = number - 1
    for line in range(3):
        receipt[3 * place + line] = number
""",
            "update is lost",
        ),
        Mistake(
            "the number is read again after the lock",
            """
def sell(tickets, receipt, place):
    with tickets.get_lock():
        tickets.value -= 1
    number = tickets.value + 1
    for line in range(3):
        receipt[3 * place + line] = number
""",
            "goes wrong",
        ),
        Mistake(
            "the lock is held to the end",
            """
def sell(tickets, receipt, place):
    tickets.acquire()
    number = tickets.value
    tickets.value = number - 1
    receipt[3 * place : 3 * place + 3] = [number] * 3
    tickets.release()
""",
            "held for too long",
        ),
        Mistake(
            "the lines of two receipts mixed",
            """
def sell(tickets, receipt, place):
    with tickets.get_lock():
        number = tickets.value
        tickets.value = number - 1
    for line in range(3):
        receipt[2 * line + place] = number
""",
            "each receipt has a number of its own",
        ),
        Mistake(
            "somebody else's receipt",
            """
def sell(tickets, receipt, place):
    with tickets.get_lock():
        number = tickets.value
        tickets.value = number - 1
    for line in range(3):
        receipt[3 * (1 - place) + line] = number
""",
            "those of place 1",
        ),
        Mistake(
            "the lock again for each line",
            """
def sell(tickets, receipt, place):
    with tickets.get_lock():
        number = tickets.value
        tickets.value = number - 1
    for line in range(3):
        with tickets.get_lock():
            receipt[3 * place + line] = number
""",
            "all three without it",
        ),
    ),
    notes=("Ask: What is shared here, and what is each worker's own?",),
)

INVARIANT = Exercise(
    number="06.4",
    title="Say what must hold",
    minutes=5,
    task="""
Two workers save money: each moves an amount from `money.current` to `money.savings`, which begin
with 100 and 0. Write an invariant, `nothing_lost(money)`, that is true if no money was lost or
made, whatever the amounts are.
""",
    start="""
def nothing_lost(money):
    return ...
""",
    judge=tells_apart(
        "nothing_lost",
        lambda money: money.current + money.savings == 100,
        [
            (
                f"[partial(guard.save, amount={one}), partial(guard.save, amount={other})]",
                "mp.Value(guard.Money, 100, 0)",
            )
            for one, other in ((10, 20), (1, 5))
        ],
        "no money is lost or made",
        "money is lost or made",
        names={"guard": guard},
    ),
    hints=(
        "Money moves, and none is made. What stays the same, however much is moved?",
        "The sum of the two fields.",
    ),
    solution="""
def nothing_lost(money):
    return money.current + money.savings == 100
""",
    ways=(
        Way(
            "with assert, as in a test",
            """
def nothing_lost(money):
    assert money.current + money.savings == 100
    return True
""",
            "An AssertionError counts as broken.",
        ),
        Way(
            "the difference",
            """
def nothing_lost(money):
    return 100 - money.current == money.savings
""",
            "The same sum, written otherwise.",
        ),
    ),
    mistakes=(
        Mistake(
            "only for these amounts",
            "def nothing_lost(money):\n    return money.savings == 30\n",
            "is False at the end of ABBAABBA, where no money",
        ),
        Mistake(
            "nobody is in debt",
            "def nothing_lost(money):\n    return money.current >= 0\n",
            "where money is lost or made",
        ),
        Mistake(
            "always true",
            "def nothing_lost(money):\n    return True\n",
            "where money is lost or made",
        ),
        Mistake(
            "both at once",
            "def nothing_lost(money):\n    return money.current == 100 and money.savings == 0\n",
            "is False at the end of AAAABBBB, where no money",
        ),
        Mistake(
            "a loop that ends only if all is well",
            """
def nothing_lost(money):
    while money.current + money.savings != 100:
        pass
    return True
""",
            "did not come back",
        ),
        Mistake(
            "nothing is lost, but it may be made",
            """
def nothing_lost(money):
    return money.current + money.savings >= 100
""",
            "is True at the end of",
        ),
        Mistake(
            "it puts it right",
            """
def nothing_lost(money):
    money.savings = 100 - money.current
    return True
""",
            "is True at the end of",
        ),
        Mistake(
            "print in place of return",
            """
def nothing_lost(money):
    print(money.current + money.savings == 100)
""",
            "comes after `return`",
        ),
    ),
    notes=("Ask: Is a sum of 100 enough? What could be wrong that it does not see?",),
)

EXERCISES = (COUNT, PAY, RECEIPT, INVARIANT)
