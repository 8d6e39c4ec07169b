"""Exercises of page 02, Share one number with Value."""

from functools import partial

from ....workers import pooled
from ..case import Case
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored


def _read_back(mp):
    zero = mp.Value("i", 0)
    return {
        "nothing_given": mp.Value("d").value,
        "from_true": mp.Value("i", True).value,
        "equal": mp.Value("i", 3) == mp.Value("i", 3),
        "counts_as_true": bool(zero),
    }


READ_BACK = Exercise(
    number="02.1",
    title="What comes back?",
    minutes=3,
    task="""
Say what each of these gives: `mp.Value("d").value`; `mp.Value("i", True).value`;
`mp.Value("i", 3) == mp.Value("i", 3)`; and `bool(zero)`, if `zero = mp.Value("i", 0)`.
""",
    start="""
nothing_given = ...
from_true = ...
equal = ...
counts_as_true = ...
""",
    judge=answers(
        _read_back,
        slips={
            ("nothing_given", 0): 'Nearly: a `"d"` holds a float, so write it as one.',
            ("nothing_given", None): "There is always a number in it. Which one are zero bytes?",
            ("from_true", True): "It is stored as a C `int`, which does not know truth values.",
            ("equal", True): "Two wrappers are compared here, and not the numbers in them.",
            ("counts_as_true", False): "The wrapper is asked, and not the number in it.",
            ("nothing_given", ...): "Try it in a cell of its own.",
            ("from_true", ...): "Try it in a cell of its own.",
        },
        read="A wrapper is not its number: compare, calculate and decide with `.value`.",
    ),
    hints=(
        "Without a starting value, the memory is filled with zero bytes. What does a float show?",
        "In the last two there is no `.value`. So who is compared, and who counts as true?",
    ),
    solution="""
nothing_given = 0.0
from_true = 1
equal = False
counts_as_true = True
""",
    mistakes=(
        Mistake(
            "the wrapper is taken for its number",
            "nothing_given = 0.0\nfrom_true = 1\nequal = True\ncounts_as_true = False\n",
            "Two wrappers are compared",
        ),
        Mistake(
            "without a start there is nothing",
            "nothing_given = None\nfrom_true = 1\nequal = False\ncounts_as_true = True\n",
            "There is always a number in it",
        ),
        Mistake(
            "a whole number in a double",
            "nothing_given = 0\nfrom_true = 1\nequal = False\ncounts_as_true = True\n",
            "holds a float",
        ),
        Mistake(
            "what goes in comes out",
            "nothing_given = 0.0\nfrom_true = True\nequal = False\ncounts_as_true = True\n",
            "does not know truth values",
        ),
        Mistake(
            "zero counts as false",
            "nothing_given = 0.0\nfrom_true = 1\nequal = False\ncounts_as_true = False\n",
            "The wrapper is asked",
        ),
    ),
    notes=("Ask: Which of the four could cost a bank its money?",),
)

PAY = Exercise(
    number="02.2",
    title="Find the slip",
    minutes=3,
    task="""
`pay(account, price)` should take the price from the account if there is enough money, and return
True if it has paid, and False otherwise. It pays when it shouldn't, and nobody gets an error. Fix
it. (There is only one process, so you need no lock yet.)
""",
    start="""
def pay(account, price):
    if account:
        account.value -= price
        return True
    return False
""",
    judge=explored(
        *(
            Case(
                f"[partial(pay, price={price})]",
                f'mp.Value("i", {before})',
                lambda account, results, left=left, paid=paid: (
                    account.value == left and results == (paid,)
                ),
                f"with {before} in the account, a price of {price} "
                f"{'is paid, and' if paid else 'is not paid:'} {left} is left, "
                f"and {paid} is returned",
            )
            for before, price, left, paid in (
                (0, 30, 0, False),
                (20, 30, 20, False),
                (30, 30, 0, True),
                (100, 40, 60, True),
            )
        )
    ),
    hints=(
        "When does the wrapper count as true? You saw `bool(zero)` on this page.",
        "More than nothing is not yet enough: what must the balance be compared with?",
        "An account that holds exactly the price can pay it.",
    ),
    solution="""
def pay(account, price):
    if account.value >= price:
        account.value -= price
        return True
    return False
""",
    ways=(
        Way(
            "first find out what would be left",
            """
def pay(account, price):
    left = account.value - price
    if left < 0:
        return False
    account.value = left
    return True
""",
            "One read less.",
        ),
        Way(
            "under the lock",
            """
def pay(account, price):
    with account.get_lock():
        enough = account.value >= price
        if enough:
            account.value -= price
    return enough
""",
            "Right with several processes, too; notebook 06 is about that.",
        ),
    ),
    mistakes=(
        Mistake(
            "any money will do",
            """
def pay(account, price):
    if account.value:
        account.value -= price
        return True
    return False
""",
            "with 20 in the account, a price of 30 is not paid",
        ),
        Mistake(
            "the wrapper is compared",
            """
def pay(account, price):
    if account >= price:
        account.value -= price
        return True
    return False
""",
            "'>=' not supported between instances of 'Synchronized' and 'int'",
        ),
        Mistake(
            "the wrapper is never equal to 0",
            """
def pay(account, price):
    if account != 0:
        account.value -= price
        return True
    return False
""",
            "with 0 in the account",
        ),
        Mistake(
            "the last coin may not be spent",
            """
def pay(account, price):
    if account.value > price:
        account.value -= price
        return True
    return False
""",
            "with 30 in the account, a price of 30 is paid",
        ),
        Mistake(
            "a typo makes a new attribute",
            """
def pay(account, price):
    if account.value >= price:
        account.vaule = account.value - price
        return True
    return False
""",
            "happened: account 30, results (True,)",
        ),
        Mistake(
            "it only says so",
            """
def pay(account, price):
    if account.value >= price:
        account.value -= price
        print(True)
    else:
        print(False)
""",
            "returns nothing",
        ),
        Mistake(
            "the price is written down",
            """
def pay(account, price):
    if account.value >= 30:
        account.value -= 30
        return True
    return False
""",
            "a price of 40 is paid",
        ),
        Mistake(
            "an answer that equals everything",
            """
from unittest.mock import ANY

def pay(account, price):
    if account.value >= price:
        account.value -= price
    return ANY
""",
            "False is returned",
        ),
        Mistake(
            "a lock that is never given back",
            """
def pay(account, price):
    account.acquire()
    if account.value >= price:
        account.value -= price
        return True
    return False
""",
            "without giving it back",
        ),
    ),
    notes=(
        "Ask: With which balances would a test have found the slip? 0, and one below the price.",
    ),
)

COOL = Exercise(
    number="02.3",
    title="Turn the heating down",
    minutes=5,
    task="""
Write `cool(temperature, degrees)`: it lowers the temperature, a Value of `"d"`, by `degrees`, and
returns the new temperature. Two processes run it at the same time.
""",
    start="""
def cool(temperature, degrees):
    ...
""",
    judge=explored(
        *(
            Case(
                f"[partial(cool, degrees={one}), partial(cool, degrees={other})]",
                f'mp.Value("d", {before})',
                lambda temperature, results, before=before, one=one, other=other: (
                    temperature.value == before - one - other
                    and results
                    in ((before - one, temperature.value), (temperature.value, before - other))
                ),
                f"{before}, lowered by {one} and by {other} degrees, is {before - one - other}. "
                f"A returns {before - one} and B {before - one - other}, or, if B comes first, "
                f"B {before - other} and A {before - one - other}",
                writes=("temperature",),
            )
            for before, one, other in ((21.5, 2.5, 1.0), (-3.0, 0.5, 4.0))
        )
    ),
    hints=(
        "`temperature.value -= degrees` is a read and a write. What keeps others out meanwhile?",
        "What is returned must be what this process has left behind, not what comes later.",
        "Take the lock with `with`, and remember the new temperature before you give it back.",
    ),
    solution="""
def cool(temperature, degrees):
    with temperature.get_lock():
        temperature.value -= degrees
        return temperature.value
""",
    ways=(
        Way(
            "calculate first",
            """
def cool(temperature, degrees):
    with temperature:
        left = temperature.value - degrees
        temperature.value = left
    return left
""",
            "One read less, and the lock is free again before the function returns.",
        ),
        Way(
            "acquire and release",
            """
def cool(temperature, degrees):
    temperature.acquire()
    temperature.value -= degrees
    left = temperature.value
    temperature.release()
    return left
""",
            "If a line between the two raised an error, the lock would stay taken.",
        ),
    ),
    mistakes=(
        Mistake(
            "the Value is taken for its number",
            """
def cool(temperature, degrees):
    temperature -= degrees
    return temperature
""",
            "unsupported operand type(s) for -=: 'Synchronized' and 'float'",
        ),
        Mistake(
            "no lock",
            """
def cool(temperature, degrees):
    temperature.value -= degrees
    return temperature.value
""",
            "While A is between line 3, `temperature.value -= degrees`, and line 4",
        ),
        Mistake(
            "read again after the lock is given back",
            """
def cool(temperature, degrees):
    with temperature.get_lock():
        temperature.value -= degrees
    return temperature.value
""",
            "and line 5, `return temperature.value`, B comes in",
        ),
        Mistake(
            "the old temperature is returned",
            """
def cool(temperature, degrees):
    with temperature.get_lock():
        before = temperature.value
        temperature.value = before - degrees
    return before
""",
            "in any order",
        ),
        Mistake(
            "nothing is returned",
            """
def cool(temperature, degrees):
    with temperature.get_lock():
        temperature.value -= degrees
""",
            "It returns nothing",
        ),
        Mistake(
            "what `with` gives is taken for the number",
            """
def cool(temperature, degrees):
    with temperature as now:
        temperature.value = now - degrees
        return temperature.value
""",
            "in any order",
        ),
        Mistake(
            "a typo in the attribute",
            """
def cool(temperature, degrees):
    with temperature.get_lock():
        temperature.vaule = temperature.value - degrees
        return temperature.vaule
""",
            "never writes to `temperature`",
        ),
    ),
    notes=(
        "Ask: When can the two return values be the same? Only if they are wrong.",
        "Watch for: reading again after the block. By then, somebody else may have written.",
    ),
)


def _spent_what_there_was(account, results, before, amounts, paid):
    told = [answer for answers in results for answer in answers or [None]]
    asked = [amount for one in amounts for amount in one]
    spent = [amount for amount, answer in zip(asked, told, strict=False) if answer]
    return (
        all(answer in (True, False) for answer in told)
        and len(spent) == paid
        and account.value == before - sum(spent)
    )


POOL = Exercise(
    number="02.4",
    title="Hand it to a pool",
    minutes=6,
    task="""
A pool will call `keep(account)` once in each of its processes, as its initializer, and then do
tasks with `spend(amount)`. Write both. A task takes the amount from the account and returns True;
if that would overdraw the account, it leaves the account as it is and returns False.
""",
    start="""
def keep(shared):
    ...

def spend(amount):
    ...
""",
    judge=explored(
        *(
            Case(
                f"[partial(pooled.work, keep=keep, task=spend, amounts={first}), "
                f"partial(pooled.work, keep=keep, task=spend, amounts={second})]",
                f'mp.Value("i", {before})',
                partial(_spent_what_there_was, before=before, amounts=(first, second), paid=paid),
                f"{before} is in the account, and {first} and {second} are to be spent. What there "
                "is enough for is taken, and `spend` returns True for it, else False",
                writes=("account",),
            )
            for before, first, second, paid in (
                (60, [50], [50], 1),
                (100, [30], [50], 2),
                (10, [20], [7, 3], 2),
            )
        ),
        names={"pooled": pooled},
    ),
    hints=(
        "`keep` has to leave the Value where `spend` will find it: under a name of the module.",
        "In a function, `account = shared` makes a local name, unless the function says `global`.",
        "Between the check and the payment nobody may come, so take the lock around both.",
    ),
    solution="""
account = None

def keep(shared):
    global account
    account = shared

def spend(amount):
    with account.get_lock():
        if account.value < amount:
            return False
        account.value -= amount
        return True
""",
    ways=(
        Way(
            "in a dictionary",
            """
kept = {}

def keep(shared):
    kept["account"] = shared

def spend(amount):
    account = kept["account"]
    with account.get_lock():
        enough = account.value >= amount
        if enough:
            account.value -= amount
    return enough
""",
            "The name stays what it is, so `global` is not needed.",
        ),
        Way(
            "take it, and look at what is left",
            """
account = None

def keep(shared):
    global account
    account = shared

def spend(amount):
    with account.get_lock():
        account.value -= amount
        if account.value >= 0:
            return True
        account.value += amount
        return False
""",
            "Under the lock nobody sees the account overdrawn; there is one write more.",
        ),
    ),
    mistakes=(
        Mistake(
            "a local name",
            """
account = None

def keep(shared):
    account = shared

def spend(amount):
    with account.get_lock():
        if account.value < amount:
            return False
        account.value -= amount
        return True
""",
            "'NoneType' object has no attribute 'get_lock'",
        ),
        Mistake(
            "the name is nowhere",
            """
def keep(shared):
    pass

def spend(amount):
    with account.get_lock():
        account.value -= amount
        return True
""",
            "name 'account' is not defined",
        ),
        Mistake(
            "an account of its own",
            """
import multiprocessing

account = multiprocessing.Value("i", 100)

def keep(shared):
    pass

def spend(amount):
    with account.get_lock():
        if account.value < amount:
            return False
        account.value -= amount
        return True
""",
            "not an object that its module has made",
        ),
        Mistake(
            "no lock",
            """
account = None

def keep(shared):
    global account
    account = shared

def spend(amount):
    if account.value < amount:
        return False
    account.value -= amount
    return True
""",
            "update is lost",
        ),
        Mistake(
            "the check is outside the lock",
            """
account = None

def keep(shared):
    global account
    account = shared

def spend(amount):
    if account.value >= amount:
        with account.get_lock():
            account.value -= amount
        return True
    return False
""",
            "`if account.value >= amount:`",
        ),
        Mistake(
            "it always pays",
            """
account = None

def keep(shared):
    global account
    account = shared

def spend(amount):
    with account.get_lock():
        account.value -= amount
    return True
""",
            "What there is enough for is taken",
        ),
        Mistake(
            "the number is kept, and not the Value",
            """
account = None

def keep(shared):
    global account
    account = shared.value

def spend(amount):
    global account
    account -= amount
    return True
""",
            "`keep` and `spend` never write to `account`",
        ),
        Mistake(
            "it returns only if it has paid",
            """
account = None

def keep(shared):
    global account
    account = shared

def spend(amount):
    with account.get_lock():
        if account.value >= amount:
            account.value -= amount
            return True
""",
            "returns True for it, else False",
        ),
    ),
    notes=(
        "Ask: Why can't the account be an argument of `spend`? Tasks are sent through a queue.",
        "Watch for: `global` in `spend` and not in `keep`. Only the function that sets the name "
        "needs it.",
    ),
)

EXERCISES = (READ_BACK, PAY, COOL, POOL)
