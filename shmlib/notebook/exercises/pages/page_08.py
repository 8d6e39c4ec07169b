"""Exercises of page 08, Explain the bank program."""

from functools import partial
from itertools import chain

from ....engine.explore import explore
from ....workers import arrays, booking
from ..case import Case, Together
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored


def _orders(mp):
    workers = [partial(booking.book_if_covered, amounts=[amount]) for amount in (-40, -45, 40)]
    found = explore(
        workers, mp.Value("i", 50), invariant=lambda account, results: all(map(len, results))
    )
    return {
        "orders": found.interleavings,
        "ends": sorted({outcome.memory[0] for outcome in found.outcomes}),
        "refused": found.failures.count,
    }


ORDERS = Exercise(
    number="08.1",
    title="Three bankers, one account",
    minutes=4,
    task="""
An account holds 50. Three workers run `booking.book_if_covered` on it: A with `amounts=[-40]`, B
with `[-45]` and C with `[40]`. How many interleavings (`orders`) are there? Which balances can it
end at (a list, smallest first)? And in how many of the interleavings is somebody refused?
""",
    start="""
orders = ...
ends = ...
refused = ...
""",
    judge=answers(
        _orders,
        slips={
            ("orders", 1): "The lock decides that they take turns, and not whose turn it is.",
            ("orders", 3): "Each of the three can come first. And then?",
            ("orders", ...): (
                "Under the lock each booking is one block, and no step of another comes in. In how "
                "many orders can three blocks stand?"
            ),
            ("ends", (5,)): "That is the balance if all three are booked. Is everybody, always?",
            ("ends", (5, 45)): "What if A comes first, and B next?",
            ("ends", (5, 50)): "What if B comes first, and A next?",
            ("ends", (45, 50)): "What if C comes first?",
            ("ends", ...): (
                "Follow each order of A, B and C with a balance that begins at 50. Whoever is not "
                "covered books nothing."
            ),
            ("refused", 0): "A takes 40 of the 50. Is B's 45 covered, if C has not come yet?",
            ("refused", 1): "A before B, and B before A: look at both.",
            ("refused", 4): "If C comes first, or second, there is enough for everybody.",
            ("refused", ...): "In which orders do A and B both come before C?",
        },
        read="Only where A and B both come before C there is not enough for the second of them.",
    ),
    hints=(
        "Each booking is one critical section. Write down who can follow whom.",
        "For each order: what is left after the first, and is the second covered?",
    ),
    solution="""
orders = 6
ends = [5, 45, 50]
refused = 2
""",
    mistakes=(
        Mistake(
            "one order for each that comes first",
            "orders = 3\nends = [5, 45, 50]\nrefused = 2\n",
            "can come first. And then?",
        ),
        Mistake(
            "steps are counted, and not blocks",
            "orders = 90\nends = [5, 45, 50]\nrefused = 2\n",
            "In how many orders can three blocks stand?",
        ),
        Mistake(
            "everybody is covered",
            "orders = 6\nends = [5]\nrefused = 0\n",
            "Is everybody, always?",
        ),
        Mistake(
            "only A before B",
            "orders = 6\nends = [5, 50]\nrefused = 1\n",
            "What if B comes first, and A next?",
        ),
    ),
    notes=("Ask: Is it a mistake of the program that it can end in three ways? Is money lost?",),
)

TRANSFER = Exercise(
    number="08.2",
    title="Transfer between two accounts",
    minutes=5,
    task="""
Write `transfer(accounts, source, target, amount)`: it moves `amount` from `accounts[source]` to
`accounts[target]`, and returns True. If there is not enough, it moves nothing and returns False.
`accounts` is an Array with its own lock. Whoever adds up all accounts at any moment, in one slice,
must find as much money as at the start.
""",
    start="""
def transfer(accounts, source, target, amount):
    ...
""",
    judge=explored(
        Case(
            "[partial(transfer, source=0, target=1, amount=50)] * 2",
            'mp.Array("i", [60, 40])',
            lambda accounts, results: accounts[:] == [10, 90] and sorted(results) == [False, True],
            "60 and 40 become 10 and 90: one of the two moves its 50 and returns True, and one is "
            "refused, and returns False",
            writes=("accounts",),
        ),
        Case(
            "[partial(transfer, source=0, target=1, amount=50), "
            "partial(transfer, source=1, target=0, amount=30)]",
            'mp.Array("i", [60, 40])',
            lambda accounts, results: accounts[:] == [40, 60] and results == (True, True),
            "60 and 40 become 40 and 60, and both return True",
        ),
        Case(
            "[partial(transfer, source=0, target=1, amount=10), "
            "partial(transfer, source=1, target=2, amount=10)]",
            'mp.Array("i", [10, 0, 0])',
            lambda accounts, results: (
                results[0] and accounts[:] == ([0, 0, 10] if results[1] else [0, 10, 0])
            ),
            "A moves all that there is, and B moves it on or, if it is too early, is refused",
        ),
        Case(
            "[partial(transfer, source=0, target=1, amount=50), arrays.add_up_slice]",
            'mp.Array("i", [60, 40])',
            lambda accounts, results: accounts[:] == [10, 90] and results[1] == 100,
            "B, who adds up all accounts, finds 100 at any moment",
        ),
        names={"arrays": arrays},
    ),
    hints=(
        "Which lines belong together? Nobody may come between the check and the last change.",
        "One Array has one lock, for all of its items.",
        "Put the check and both changes under one `with accounts.get_lock():`.",
    ),
    solution="""
def transfer(accounts, source, target, amount):
    with accounts.get_lock():
        if accounts[source] < amount:
            return False
        accounts[source] -= amount
        accounts[target] += amount
        return True
""",
    ways=(
        Way(
            "acquire, and release on every way out",
            """
def transfer(accounts, source, target, amount):
    accounts.acquire()
    try:
        covered = accounts[source] >= amount
        if covered:
            accounts[source] -= amount
            accounts[target] += amount
    finally:
        accounts.release()
    return covered
""",
            "What `with` does, written out.",
        ),
        Way(
            "past the lock that is held",
            """
def transfer(accounts, source, target, amount):
    with accounts:
        inside = accounts.get_obj()
        if inside[source] >= amount:
            inside[source] -= amount
            inside[target] += amount
            return True
    return False
""",
            "The lock is taken once, and not again for each access.",
        ),
    ),
    mistakes=(
        Mistake(
            "no lock",
            """
def transfer(accounts, source, target, amount):
    if accounts[source] >= amount:
        accounts[source] -= amount
        accounts[target] += amount
        return True
    return False
""",
            "update is lost",
        ),
        Mistake(
            "check outside the lock",
            """
def transfer(accounts, source, target, amount):
    if accounts[source] >= amount:
        with accounts.get_lock():
            accounts[source] -= amount
            accounts[target] += amount
        return True
    return False
""",
            "While A is between line 3, `if accounts[source] >= amount:`",
        ),
        Mistake(
            "the money is on its way while the lock is free",
            """
def transfer(accounts, source, target, amount):
    with accounts.get_lock():
        if accounts[source] < amount:
            return False
        accounts[source] -= amount
    with accounts.get_lock():
        accounts[target] += amount
    return True
""",
            "finds 100 at any moment",
        ),
        Mistake(
            "overdrawn",
            """
def transfer(accounts, source, target, amount):
    with accounts.get_lock():
        accounts[source] -= amount
        accounts[target] += amount
    return True
""",
            "one is refused",
        ),
        Mistake(
            "the last coin is not moved",
            """
def transfer(accounts, source, target, amount):
    with accounts.get_lock():
        if accounts[source] > amount:
            accounts[source] -= amount
            accounts[target] += amount
            return True
        return False
""",
            "A moves all that there is",
        ),
        Mistake(
            "always from the first account to the second",
            """
def transfer(accounts, source, target, amount):
    with accounts.get_lock():
        if accounts[0] >= amount:
            accounts[0] -= amount
            accounts[1] += amount
            return True
        return False
""",
            "60 and 40 become 40 and 60",
        ),
        Mistake(
            "a refusal keeps the lock",
            """
def transfer(accounts, source, target, amount):
    accounts.acquire()
    if accounts[source] < amount:
        return False
    accounts[source] -= amount
    accounts[target] += amount
    accounts.release()
    return True
""",
            "without giving it back",
        ),
        Mistake(
            "print in place of return",
            """
def transfer(accounts, source, target, amount):
    with accounts.get_lock():
        if accounts[source] >= amount:
            accounts[source] -= amount
            accounts[target] += amount
            print("moved")
""",
            "returns nothing",
        ),
        Mistake(
            "a parameter is missing",
            """
def transfer(accounts, source, amount):
    with accounts.get_lock():
        accounts[source] -= amount
""",
            "unexpected keyword argument 'target'",
        ),
        Mistake(
            "it returns only if it has moved something",
            """
def transfer(accounts, source, target, amount):
    with accounts.get_lock():
        if accounts[source] >= amount:
            accounts[source] -= amount
            accounts[target] += amount
            return True
""",
            "one is refused, and returns False",
        ),
    ),
    notes=(
        "Ask: Where is the money between the two changes?",
        "Watch for: two `with` blocks. All is right at the end, and wrong in between.",
    ),
)


def _kept(before, item):
    """What goes in and what was there is what comes out and what is left; a put that was refused
    has put nothing in."""

    def holds(buffer, count, results):
        made, taken = results
        out = [] if taken is None else [taken]
        return sorted(out + buffer[: count.value]) == sorted(before + [item] * bool(made))

    return holds


BUFFER = Exercise(
    number="08.3",
    title="A buffer with a limit",
    minutes=6,
    task="""
`buffer` is an Array, of which the first `count.value` items are in use; `count` is a Value. Write
`put(buffer, count, item)`: if there is room, it adds the item and returns True, else it returns
False. Write `take(buffer, count)`: it takes out one of the items in use, whichever you like, and
returns it, or returns None if there is none. Neither waits for the other to do something.
""",
    start="""
def put(buffer, count, item):
    ...

def take(buffer, count):
    ...
""",
    judge=explored(
        Case(
            "[partial(put, item=7), partial(put, item=8)]",
            'mp.Array("i", [5, 0]), mp.Value("i", 1)',
            lambda buffer, count, results: (
                sorted(results) == [False, True]
                and sorted(buffer[: count.value]) == [5, 7 if results[0] else 8]
            ),
            "there is room for one more: 5 and one of 7 and 8 are in the buffer. Whoever put it "
            "there returns True, the other returns False",
            writes=("buffer", "count"),
        ),
        Case(
            "[take, take]",
            'mp.Array("i", [5, 0]), mp.Value("i", 1)',
            lambda buffer, count, results: count.value == 0 and set(results) == {5, None},
            "one of the two gets the 5, the other None, and nothing is left",
        ),
        Case(
            "[partial(put, item=7), take]",
            'mp.Array("i", [0, 3]), mp.Value("i", 1)',
            lambda buffer, count, results: (
                results[0] is True
                and results[1] is not None
                and _kept([0], 7)(buffer, count, results)
            ),
            "of 0 and 7, B has taken one, and the other is in the buffer; A returns True",
        ),
        Case(
            "[partial(put, item=7), take]",
            'mp.Array("i", [0]), mp.Value("i", 0)',
            lambda buffer, count, results: results[0] and _kept([], 7)(buffer, count, results),
            "B has taken the 7, or it is in the buffer",
        ),
        Case(
            "[partial(put, item=7), take]",
            'mp.Array("i", [5]), mp.Value("i", 1)',
            lambda buffer, count, results: (
                results[1] == 5 and _kept([5], 7)(buffer, count, results)
            ),
            "B has taken the 5, and the 7 is in the buffer, or refused",
        ),
    ),
    hints=(
        "What must nobody see half done? The item and the count belong together.",
        "There are two objects with a lock each. Choose one of the two locks, for both functions.",
        "Put all of `put` under `with count.get_lock():`, and all of `take` as well.",
    ),
    solution="""
def put(buffer, count, item):
    with count.get_lock():
        if count.value == len(buffer):
            return False
        buffer[count.value] = item
        count.value += 1
        return True

def take(buffer, count):
    with count.get_lock():
        if count.value == 0:
            return None
        count.value -= 1
        return buffer[count.value]
""",
    ways=(
        Way(
            "the lock of the Array, and first in, first out",
            """
def put(buffer, count, item):
    with buffer.get_lock():
        used = count.value
        if used < len(buffer):
            buffer[used] = item
            count.value = used + 1
        return used < len(buffer)

def take(buffer, count):
    with buffer.get_lock():
        used = count.value
        if used:
            first, *rest = buffer[:used]
            buffer[: used - 1] = rest
            count.value = used - 1
            return first
""",
            "Whoever comes first leaves first. The price is that all others move up.",
        ),
        Way(
            "both locks, in the same order",
            """
def put(buffer, count, item):
    with buffer.get_lock(), count.get_lock():
        if count.value < len(buffer):
            buffer[count.value] = item
            count.value += 1
            return True
        return False

def take(buffer, count):
    with buffer.get_lock(), count.get_lock():
        if count.value > 0:
            count.value -= 1
            return buffer[count.value]
""",
            "Right, because both take them in the same order. One lock would do.",
        ),
    ),
    mistakes=(
        Mistake(
            "no lock",
            """
def put(buffer, count, item):
    if count.value == len(buffer):
        return False
    buffer[count.value] = item
    count.value += 1
    return True

def take(buffer, count):
    if count.value == 0:
        return None
    count.value -= 1
    return buffer[count.value]
""",
            "IndexError",
        ),
        Mistake(
            "two functions, two locks",
            """
def put(buffer, count, item):
    with buffer.get_lock():
        if count.value == len(buffer):
            return False
        buffer[count.value] = item
        count.value += 1
        return True

def take(buffer, count):
    with count.get_lock():
        if count.value == 0:
            return None
        count.value -= 1
        return buffer[count.value]
""",
            "or one lock for all",
        ),
        Mistake(
            "both locks, in opposite orders",
            """
def put(buffer, count, item):
    with buffer.get_lock(), count.get_lock():
        if count.value == len(buffer):
            return False
        buffer[count.value] = item
        count.value += 1
        return True

def take(buffer, count):
    with count.get_lock(), buffer.get_lock():
        if count.value == 0:
            return None
        count.value -= 1
        return buffer[count.value]
""",
            "in the same order",
        ),
        Mistake(
            "is there room? asked before the lock is held",
            """
def put(buffer, count, item):
    if count.value == len(buffer):
        return False
    with count.get_lock():
        buffer[count.value] = item
        count.value += 1
    return True

def take(buffer, count):
    with count.get_lock():
        if count.value == 0:
            return None
        count.value -= 1
        return buffer[count.value]
""",
            "IndexError",
        ),
        Mistake(
            "the count is not taken down",
            """
def put(buffer, count, item):
    with count.get_lock():
        if count.value == len(buffer):
            return False
        buffer[count.value] = item
        count.value += 1
        return True

def take(buffer, count):
    with count.get_lock():
        if count.value == 0:
            return None
        return buffer[count.value - 1]
""",
            "one of the two gets the 5",
        ),
        Mistake(
            "refused, and the lock is kept",
            """
def put(buffer, count, item):
    count.acquire()
    if count.value == len(buffer):
        return False
    buffer[count.value] = item
    count.value += 1
    count.release()
    return True

def take(buffer, count):
    with count.get_lock():
        if count.value == 0:
            return None
        count.value -= 1
        return buffer[count.value]
""",
            "without giving it back",
        ),
        Mistake(
            "waiting for room",
            """
def put(buffer, count, item):
    while count.value == len(buffer):
        pass
    with count.get_lock():
        buffer[count.value] = item
        count.value += 1
    return True

def take(buffer, count):
    with count.get_lock():
        if count.value == 0:
            return None
        count.value -= 1
        return buffer[count.value]
""",
            "keeps coming back to read count",
        ),
        Mistake(
            "take is missing",
            """
def put(buffer, count, item):
    with count.get_lock():
        if count.value == len(buffer):
            return False
        buffer[count.value] = item
        count.value += 1
        return True
""",
            "The cell defines no `take`",
        ),
        Mistake(
            "a 0 is taken for nothing",
            """
def put(buffer, count, item):
    with count.get_lock():
        if count.value == len(buffer):
            return False
        buffer[count.value] = item
        count.value += 1
        return True

def take(buffer, count):
    with count.get_lock():
        if count.value == 0:
            return None
        count.value -= 1
        return buffer[count.value] or None
""",
            "of 0 and 7, B has taken one",
        ),
    ),
    notes=(
        "Ask: Two objects, two locks. How many locks guard one invariant?",
        "Watch for: `put` under one lock and `take` under the other. Each is guarded, from nobody.",
    ),
)

WORK = Exercise(
    number="08.4",
    title="Share the work out",
    minutes=6,
    task="""
Write `work(following, numbers)`. `following` is a Value: the next place that nobody has
taken yet. `numbers` is an Array without a lock. A worker takes the next place, doubles the number
there, and begins again, until there is no place left; then it returns the list of its places. Two
or three workers do so at once. No number may be doubled twice, and while one is being doubled, the
others must be able to take a place and double theirs.
""",
    start="""
def work(following, numbers):
    ...
""",
    judge=explored(
        *(
            Case(
                f"[work] * {workers}",
                f'mp.Value("i", {first}), mp.RawArray("i", {before})',
                lambda following, numbers, results, first=first, before=before: (
                    numbers[:] == before[:first] + [2 * number for number in before[first:]]
                    and all(isinstance(places, list) for places in results)
                    and sorted(chain(*results)) == list(range(first, len(before)))
                ),
                f"from place {first} on, each of {before} is doubled once, and its place is in one "
                "worker's list",
                writes=("following", "numbers"),
                together=(
                    (
                        Together(
                            "numbers", "AB", "nobody can double a number while somebody else does"
                        ),
                    )
                    if workers == len(before) == 2
                    else ()
                ),
            )
            for workers, first, before in (
                (2, 0, [3]),
                (2, 0, [3, 5]),
                (2, 1, [9, 3, 5, 8]),
                (3, 0, [4]),
            )
        )
    ),
    hints=(
        "To take a place is: look which is next, see if there is one, and move on. Nobody may come "
        "between.",
        "A number that you have taken the place of is yours alone. Does doubling it need the lock?",
        "In a loop: under the lock read the place, return if it is `len(numbers)`, add 1. Then, "
        "without the lock, double the number.",
    ),
    solution="""
def work(following, numbers):
    mine = []
    while True:
        with following.get_lock():
            place = following.value
            if place == len(numbers):
                return mine
            following.value = place + 1
        numbers[place] *= 2
        mine.append(place)
""",
    ways=(
        Way(
            "a function that takes a place",
            """
def take_place(following):
    with following.get_lock():
        following.value += 1
        return following.value - 1

def work(following, numbers):
    mine = []
    while (place := take_place(following)) < len(numbers):
        numbers[place] *= 2
        mine.append(place)
    return mine
""",
            "Shorter. Each worker takes one place too many at the end, which does no harm.",
        ),
        Way(
            "acquire and release",
            """
def work(following, numbers):
    mine = []
    following.acquire()
    while following.value < len(numbers):
        place = following.value
        following.value += 1
        following.release()
        numbers[place] += numbers[place]
        mine.append(place)
        following.acquire()
    following.release()
    return mine
""",
            "The lock is held where the loop looks, and given back for the work.",
        ),
    ),
    mistakes=(
        Mistake(
            "no lock",
            """
def work(following, numbers):
    mine = []
    while following.value < len(numbers):
        place = following.value
        following.value += 1
        numbers[place] *= 2
        mine.append(place)
    return mine
""",
            "IndexError",
        ),
        Mistake(
            "the lock is held while a number is doubled",
            """
def work(following, numbers):
    mine = []
    while True:
        with following.get_lock():
            place = following.value
            if place == len(numbers):
                return mine
            following.value += 1
            numbers[place] *= 2
        mine.append(place)
""",
            "held for too long",
        ),
        Mistake(
            "one does all the work",
            """
def work(following, numbers):
    mine = []
    with following.get_lock():
        while following.value < len(numbers):
            numbers[following.value] *= 2
            mine.append(following.value)
            following.value += 1
    return mine
""",
            "held for too long",
        ),
        Mistake(
            "is one left? asked before the lock is held",
            """
def work(following, numbers):
    mine = []
    while following.value < len(numbers):
        with following.get_lock():
            place = following.value
            following.value += 1
        numbers[place] *= 2
        mine.append(place)
    return mine
""",
            "IndexError",
        ),
        Mistake(
            "two critical sections where one is needed",
            """
def work(following, numbers):
    mine = []
    while True:
        with following.get_lock():
            place = following.value
        if place >= len(numbers):
            return mine
        with following.get_lock():
            following.value += 1
        numbers[place] *= 2
        mine.append(place)
""",
            "goes wrong in",
        ),
        Mistake(
            "one number each",
            """
def work(following, numbers):
    with following.get_lock():
        place = following.value
        if place == len(numbers):
            return []
        following.value += 1
    numbers[place] *= 2
    return [place]
""",
            "from place 1 on, each of [9, 3, 5, 8] is doubled once",
        ),
        Mistake(
            "nothing is returned",
            """
def work(following, numbers):
    while True:
        with following.get_lock():
            place = following.value
            if place == len(numbers):
                return
            following.value += 1
        numbers[place] *= 2
""",
            "returns nothing",
        ),
        Mistake(
            "a loop without end",
            """
def work(following, numbers):
    mine = []
    while True:
        with following.get_lock():
            place = following.value
            if place < len(numbers):
                following.value += 1
        if place < len(numbers):
            numbers[place] *= 2
            mine.append(place)
    return mine
""",
            "forever",
        ),
        Mistake(
            "one takes all the places",
            """
def work(following, numbers):
    with following.get_lock():
        first = following.value
        following.value = len(numbers)
    mine = list(range(first, len(numbers)))
    for place in mine:
        numbers[place] *= 2
    return mine
""",
            "Does one of them do it all?",
        ),
    ),
    notes=(
        "Ask: Why is this better than half of the numbers for each, if some take longer?",
        "Say: Pools and web servers hand out their work like this.",
    ),
)

EXERCISES = (ORDERS, TRANSFER, BUFFER, WORK)
