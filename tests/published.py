"""Programs whose numbers of interleavings and of traces are known, as workers.

Those up to `philosophers` are from the test suites of GenMC, Nidhugg and Concuerror, or from
Abdulla and others, Optimal dynamic partial order reduction, POPL 2014.
"""

from functools import partial


def write(*places, at, value=1):
    places[at].value = value


def read(*places, at):
    for place in at:
        places[place].value  # noqa: B018


def write_then_read(*places, write, read):
    places[write].value = 1
    return places[read].value


def read_then_write(*places, read, write):
    seen = places[read].value
    places[write].value = 1
    return seen


def write_both(*places, first, second, value):
    places[first].value = value
    places[second].value = value


def last_zero(numbers, start):
    place = start
    while numbers[place] != 0:
        place -= 1
    return place


def one_more(numbers, place):
    numbers[place] = numbers[place - 1] + 1


def add(x, amount):
    x.value = x.value + amount


def add_locked(lock, x):
    with lock:
        x.value = x.value + 1


def set_z(x, y, z):
    if y.value == 0:
        z.value = 1


def set_x(x, y, z):
    if z.value == 1 and y.value == 0:
        x.value = 2


def etsi(*places, order):
    a, b, c = (places[place] for place in order)
    if a.value == 0:
        b.value = 1
    else:
        c.value = 0


def read_if(x, y):
    if y.value == 0:
        return x.value


def read_and_set(x, y):
    seen = x.value
    y.value = 1
    return seen


def dine(*forks, left, right):
    with forks[left], forks[right]:
        pass


def take(lock):
    with lock:
        pass


def increment(x, times):
    for _ in range(times):
        x.value += 1


def fill(numbers, place, times):
    for value in range(times):
        numbers[place] = value


def values(number):
    return lambda mp: tuple(mp.RawValue("i", 0) for _ in range(number))


def locks(number):
    return lambda mp: tuple(mp.Lock() for _ in range(number))


def array(number):
    return lambda mp: (mp.RawArray("i", number),)


def readers(number):
    return [partial(write, at=0, value=42), *[partial(read, at=(0,))] * number]


def lastzero(number):
    writers = [partial(one_more, place=place) for place in range(1, number + 1)]
    return [partial(last_zero, start=number), *writers]


def philosophers(number):
    return [partial(dine, left=n, right=(n + 1) % number) for n in range(number)]


# From a name to the workers, and a function of a context that makes the shared objects.
PROGRAMS = {
    **{f"readers({n})": (readers(n), values(1)) for n in (2, 6, 8)},
    **{f"lastzero({n})": (lastzero(n), array(n + 1)) for n in (3, 4, 6, 8)},
    **{f"inc({n})": ([partial(add, amount=2**i) for i in range(n)], values(1)) for n in (2, 3, 4)},
    **{
        f"lockinc({n})": ([add_locked] * n, lambda mp: (mp.Lock(), mp.RawValue("i", 0)))
        for n in (3, 5)
    },
    "store buffering": (
        [partial(write_then_read, write=a, read=b) for a, b in ((0, 1), (1, 0))],
        values(2),
    ),
    "message passing": (
        [partial(write_both, first=0, second=1, value=1), partial(read, at=(1, 0))],
        values(2),
    ),
    "load buffering": (
        [partial(read_then_write, read=a, write=b) for a, b in ((0, 1), (1, 0))],
        values(2),
    ),
    "2+2W": (
        [partial(write_both, first=a, second=b, value=v) for a, b, v in ((0, 1, 1), (1, 0, 2))],
        values(2),
    ),
    "IRIW": (
        [
            partial(write, at=0),
            partial(write, at=1),
            partial(read, at=(0, 1)),
            partial(read, at=(1, 0)),
        ],
        values(2),
    ),
    "POPL 2014": ([partial(write, at=0), partial(write, at=1), set_z, set_x], values(3)),
    "etsi": (
        [partial(etsi, order=order) for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1))],
        values(3),
    ),
    "conditional readers": ([partial(write, at=0), read_if, read_and_set], values(2)),
    **{f"philosophers({n})": (philosophers(n), locks(n)) for n in (3, 4)},
    "with lock": ([take, take], locks(1)),
    "increment(2)": ([partial(increment, times=2)] * 2, values(1)),
    "increment(3)": ([partial(increment, times=3)] * 2, values(1)),
    "own items": ([partial(fill, place=n, times=3) for n in range(2)], array(2)),
    "four own items": ([partial(fill, place=n, times=6) for n in range(4)], array(4)),
    "six reads": ([partial(read, at=(0,) * 6)] * 2, values(1)),
}
