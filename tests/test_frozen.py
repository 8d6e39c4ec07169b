"""Results are one outcome where type and content are equal, and others where they are not."""

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import pickle

import numpy as np
import pytest

from shmlib.engine.frozen import frozen

NOT_A_NUMBER = float("nan")


class Colour(enum.Enum):
    RED = 0
    BLUE = 1


class Plain:
    def __init__(self, number):
        self.number = number


class Slotted:
    __slots__ = ("number", "unset")

    def __init__(self, number):
        self.number = number


class Unhashable(Plain):
    def __eq__(self, other):
        return self.number == other.number


@dataclasses.dataclass
class Hidden:
    number: object = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Frozen:
    number: float


class Row(list):
    pass


Pair = collections.namedtuple("Pair", "left right")


def row(number):
    made = Row([1])
    made.number = number
    return made


def error(number):
    made = ValueError("wrong")
    made.number = number
    return made


def linked(number, length):
    head = None
    for place in range(length):
        node = Plain(place + number * (place == 0))
        node.next = head
        head = node
    return head


def everyone_knows_everyone(number):
    people = [Plain(place) for place in range(25)]
    for person in people:
        person.others = [other for other in people if other is not person]
    people[-1].number += number
    return people


MAKE = {
    "plain object": Plain,
    "with slots": Slotted,
    "unhashable": Unhashable,
    "hidden field": Hidden,
    "object in a hidden field": lambda n: Hidden(Plain(n)),
    "in a deque": lambda n: collections.deque([Plain(n)]),
    "frozen": Frozen,
    "list with an attribute": row,
    "exception with an attribute": error,
    "linked": lambda n: linked(n, 6),
    "long linked": lambda n: linked(n, 150),
    "graph": everyone_knows_everyone,
    "named tuple": lambda n: Pair(n, [n]),
    "enum": Colour,
    "dict": lambda n: {1: {"a": n}},
    "set": lambda n: {n, 5, "a"},
    "set of tuples": lambda n: frozenset([(n, "a"), (2, "b")]),
    "date": lambda n: datetime.date(2026, 1, n + 1),
    "decimal": decimal.Decimal,
    "bytearray": lambda n: bytearray([n]),
    "array": lambda n: array.array("i", [n]),
    "counter": lambda n: collections.Counter(a=n + 1),
    "many": lambda n: [n] * 1000,
    "floats": lambda n: (1.0, n + 0.5),
    "close numbers": lambda n: np.array([0.1 + n * 1e-12]),
    "in the middle": lambda n: np.where(np.arange(3000) == 1500, n, 7),
    "NumPy's number": np.float64,
    "function": lambda n: (print, len)[n],
    "class": lambda n: (Plain, Slotted)[n],
}


def copied(value):
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)
def test_a_copy_is_equal_and_another_is_not(make):
    assert frozen(make(0)) == frozen(copied(make(0)))
    assert hash(frozen(make(0))) == hash(frozen(copied(make(0))))
    assert frozen(make(0)) != frozen(make(1))


@pytest.mark.parametrize(
    "value",
    [
        NOT_A_NUMBER,
        [NOT_A_NUMBER],
        complex(NOT_A_NUMBER),
        np.float64(NOT_A_NUMBER),
        np.datetime64("NaT", "s"),
        decimal.Decimal("NaN"),
        Frozen(NOT_A_NUMBER),
    ],
    ids=repr,
)
def test_what_is_no_number_is_equal_to_itself(value):
    assert frozen(value) == frozen(copied(value))


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), ([1], [True]), ((1,), [1]), ([0.0], [0]), (1, 1.0), (b"", "")]
)
def test_what_is_of_another_type_is_not_equal(one, other):
    assert frozen(one) != frozen(other)


def test_a_cycle_comes_to_an_end():
    one, other = [], []
    one.append(one)
    other.append(other)
    assert frozen(one) == frozen(other) != frozen([[]])
