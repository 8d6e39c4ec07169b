"""A view behaves as the real object does, also under sequences of operations that nobody chose.

`test_gates` has the operations that were thought of. Here Hypothesis draws them, and a difference
is shown as a short sequence.
"""

import itertools
import re
from functools import cache, partial
from multiprocessing import synchronize

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import stepping_workers as w
from fast import FAST
from shmlib import explore, run
from shmlib.engine.outcome import LockState, content
from shmlib.memory.objects import LOCKS, memory_of

# ------------------------------------------------------------------------- what is drawn

# An operation is Python, with {v} for the object, or for what it has inside. Left out is what a
# view is known to do in another way:
#   bytes(v), memoryview(v), copies, C functions    would go past the gate, and are refused
#   v.pair is v.pair                                is true: a view keeps the views of its parts
#   v.release(x=1)                                  raises the same error in other words
#   v[:] = {0: 1}, v[:] = {1} of a ctypes array     is taken, or raises in other words
#   v[:] = another Array that has a lock            takes steps inside of a step
#   v[:][0].left = 1 of an Array that has a lock    is no step
#   v[:] = [v[0]] of an Array that has a lock       raises, where an item is a record
OF_ANYTHING = """
{v}
str({v})
f'{{v}}'
bool({v})
{v} == {v}, {v} != {v}, {v} == 1
{v} < 1
{v} + 1
{v}()
[{v}].index({v})
hash({v}) == hash({v})
{v}.own = 1
{v}.own
del {v}.own
{v}.missing
{v}._length_
{v}._fields_
type({v}).__name__
isinstance({v}, (type({v}), int))
isinstance({v}, (ctypes.Array, ctypes.Structure))
isinstance({v}, ctypes._SimpleCData)
hasattr({v}, 'get_obj')
sorted(name for name in dir({v}) if name[0] != '_')
"""
OF_A_NUMBER = """
{v}.value
{v}.value = {item}
{v}.value += {item}
{v}.value *= 2
{v}.value = {v}
del {v}.value
len({v})
{v}[0]
{v}[0] = 1
iter({v})
"""
OF_AN_ARRAY = """
{v}[{index}]
{v}[{index}] = {item}
{v}[{index}] += {item}
{v}[{index}] = {v}[{index}]
{v}[{index}] = {v}
del {v}[{index}]
{v}[{slice}]
{v}[{slice}] = {items}
{v}[{slice}] = iter({items})
{v}[:2] = [{item}, {item}]
{v}[::-2] = ({item}, {item})
{v}[{slice}] += {items}
{v}[{slice}] = {v}[{slice}]
{v}[{slice}] = v.get_obj()
{v}[{slice}] == {items}
del {v}[{slice}]
{v}.__getslice__(0, 2)
{v}.__setslice__(0, 2, {items})
len({v})
list({v})
list(reversed({v}))
list(zip({v}, {v}))
sorted({v})
sum({v})
max({v})
any({v})
{item} in {v}
first, *rest = {v}
first, rest
items = iter({v})
next(items)
items
{v}._type_
"""
OF_TEXT = """
{v}.value
del {v}.value
{v}.value = {text}
{v}.value += {text}
{v}.value *= 2
{v}.raw
{v}.raw = {text}
{v}.raw += {text}
"""
OF_A_PAIR = """
{v}.left
{v}.left = {item}
{v}.left += {item}
{v}.right
{v}.right = {item}
{v}.left, {v}.right = {pair}
{v}.value
{v}[0]
len({v})
"""
OF_A_NESTED = """
{v}.pair.left, {v}.pair.right
{v}.pair.left = {item}
{v}.pair.left, {v}.pair.right = {pair}
{v}.pair = {pair}
{v}.pair = {v}.pair
part = {v}.pair
part.left = {item}
part.right += 1
part.left, part.right
part.own = 1
part.own
{v}.numbers[{index}]
{v}.numbers[{index}] = {item}
del {v}.numbers[{index}]
{v}.numbers[{slice}]
{v}.numbers[{slice}] = {items}
{v}.numbers[{slice}] = {v}.numbers
{v}.numbers = {items}
{v}.numbers = {v}.numbers
list({v}.numbers)
{v}.word
{v}.word = {text}
{v}.word += {text}
"""
OF_RECORDS = """
{v}[{index}]
{v}[{index}].left
{v}[{index}].left = {item}
{v}[{index}].right += {item}
{v}[{index}].left, {v}[{index}].right = {pair}
{v}[{index}] = {pair}
{v}[{index}] = {v}[{index}]
del {v}[{index}]
{v}[{slice}]
{v}[{slice}] = [{pair}]
{v}[{slice}] = {v}[{slice}]
{v}[{slice}] = v.get_obj()
part = {v}[{index}]
part.left, part.right
part.right += 1
{v}[{index}] = part
len({v})
[(one.left, one.right) for one in {v}]
[one.left for one in {v}[{slice}]]
"""
OF_ROWS = """
{v}[{index}]
{v}[{index}][{index}]
{v}[{index}][{index}] = {item}
{v}[{index}][{slice}]
{v}[{index}][{slice}] = {items}
{v}[{index}] = {items}
{v}[{index}] = {v}[{index}]
{v}[{slice}] = [{pair}]
{v}[{slice}] = {v}[{slice}]
part = {v}[{index}]
part[{index}] += {item}
list(part)
len(part)
[list(row) for row in {v}]
"""
OF_A_LOCK = """
v.acquire(False)
v.acquire(0)
v.acquire(block=False)
v.acquire(block='')
v.acquire(None)
v.acquire(False, None)
v.acquire(False, 5)
v.acquire(False, v)
v.acquire(False, 'x')
v.acquire(True, 0)
v.acquire(True, '0')
v.acquire(True, 10**400)
v.acquire(1.5, 0)
v.acquire('x', 0)
v.acquire(v, 0)
v.acquire(timeout=0.001)
v.acquire(timeout=-1)
v.acquire(timeout='x')
v.acquire([])
v.acquire(1, 2, 3)
v.acquire(blok=1)
v.release()
v.release()
v.release(1)
v.__enter__(1)
v.__exit__()
v.__exit__(None, None, None)
v.locked()
"""
OF_A_LOCK_IF_FREE = """
v.acquire()
v.acquire(True)
v.acquire(1)
v.acquire(True, None)
v.acquire(block=True, timeout=100)
v.__enter__()
with v as given: pass
given
with v as given: v.release()
with v: 1 / 0
"""
OF_A_LOCK_ALONE = """
v._semlock._is_mine()
v._semlock._count()
v._semlock._is_zero()
v._semlock.kind
v._semlock.maxvalue
v.get_lock()
v.value
len(v)
"""
OF_A_SEMAPHORE = """
v.get_value()
v.release()
v.acquire(False)
v._semlock._count()
v._semlock._is_mine()
v._semlock.maxvalue
repr(v)
"""
OF_A_CONDITION = """
repr(v)
v.acquire(False)
v.acquire(timeout=0.001)
v.release()
v.notify({item})
v.notify()
v.notify_all()
v.wait(0.001)
v.wait(0)
v.wait(timeout='x')
v.wait_for(lambda: {item}, 0.01)
v.wait_for(lambda: False, 0.01)
v.wait_for(lambda: 1 / 0)
v.locked()
with v: v.notify()
with v: v.wait(0.001)
with v: 1 / 0
"""
OF_AN_EVENT = """
str(v)[:7]
v.is_set()
v.set()
v.clear()
v.wait(0)
v.wait(0.001)
v.wait({item}) if v.is_set() else None
v.wait(timeout='x')
"""
OF_A_BARRIER = """
v.wait()
v.wait(0)
v.wait({item})
v.abort()
v.reset()
v.parties
v.n_waiting
v.broken
v.parties = 2
"""
OF_A_WRAPPER = """
v.get_lock()
v.get_lock() is v.get_lock()
v.get_lock().acquire(False)
v.get_lock().release()
v.get_obj() is v.get_obj()
"""

COUNTS = st.integers(-5, 5).map(str)
INDICES = st.one_of(
    st.integers(-2, 1).map(str),
    st.integers(-2, 3).map(str),
    COUNTS,
    st.sampled_from(("True", "10**30", "None", "'x'", "1.0", "(0, 1)", "b'1'", "-(10**30)")),
)
BOUNDS = st.one_of(st.just(""), COUNTS, st.sampled_from(("None", "10**30", "True")))
SLICES = st.one_of(
    st.just(":"),
    st.builds("{}:{}".format, BOUNDS, BOUNDS),
    st.builds("{}:{}:{}".format, BOUNDS, BOUNDS, st.sampled_from(("1", "2", "-1", "-2", "5"))),
    st.sampled_from(("::0", "'x':", ":1.5", "::None", "::'x'")),
)
WRONG = st.sampled_from(
    ("None", "'x'", "b'x'", "''", "[1]", "()", "{}", "1j", "2.5", "object", "ctypes.c_int(3)")
)
NUMBERS = st.one_of(
    COUNTS,
    st.integers(6, 126).map(str),
    st.sampled_from(("127", "128", "255", "256", "2**31 - 1", "2**31", "2**63", "2**64", "-129")),
    st.sampled_from(("2.5", "-0.0", "1e300", "float('nan')", "float('inf')", "10**400", "True")),
    WRONG,
)
LETTER = st.sampled_from("abxyz")
BYTES = st.one_of(
    LETTER.map("b'{}'".format),
    st.sampled_from(
        ("b''", "b'ab'", "b'a\\0b'", "bytearray(b'a')", "65", "256", "ctypes.c_char(5)")
    ),
    WRONG,
)
WORDS_OF_BYTES = st.one_of(
    st.text(LETTER, max_size=6).map("b'{}'".format),
    st.text(LETTER, min_size=5, max_size=5).map("b'{}'".format),
    st.sampled_from(
        ("b'a\\0b'", "b'abc\\0\\0'", "bytearray(b'ab')", "memoryview(b'ab')", "'ab'", "65")
    ),
    WRONG,
)
LETTERS = st.one_of(
    LETTER.map("'{}'".format), st.sampled_from(("''", "'ab'", "'ü'", "'😀'", "'\\0'")), WRONG
)
WORDS = st.one_of(
    st.text(LETTER, max_size=6).map("'{}'".format),
    st.text(LETTER, min_size=5, max_size=5).map("'{}'".format),
    st.sampled_from(("'a\\0b'", "'ü😀'", "b'ab'", "['a', 'b']")),
    WRONG,
)
PAIRS = st.sampled_from(
    ("(1, 2)", "Pair(3, 4)", "Pair()", "()", "(1,)", "(1, 2, 3)", "(1, 'x')", "[1, 2]", "5", "None")
)


def several(items):
    """Strategy for what may be assigned to a slice of such items."""
    few = st.lists(items, max_size=4)
    return st.one_of(
        few.map(lambda some: f"[{', '.join(some)}]"),
        few.map(lambda some: f"({''.join(f'{one}, ' for one in some)})"),
        st.sampled_from(("range(2)", "range(3)", "array('i', [1, 2])", "(ctypes.c_int * 2)(7, 8)")),
        st.sampled_from(("b'ab'", "'ab'", "'abc'", "bytearray(b'abc')", "memoryview(b'ab')")),
        WRONG,
    )


NUMERIC = {"item": NUMBERS, "items": several(NUMBERS), "pair": PAIRS, "text": WORDS_OF_BYTES}
IN_BYTES = {"item": BYTES, "items": several(BYTES), "text": WORDS_OF_BYTES}
IN_LETTERS = {"item": LETTERS, "items": several(LETTERS), "text": WORDS}
DRAWN = {"index": INDICES, "slice": SLICES}

# From the name of a kind to (how it is made, its operations, what is drawn for them).
KINDS = {f"Value of {code}": (partial(FAST.Value, code, 1), OF_A_NUMBER, NUMERIC) for code in "ibd"}
KINDS |= {
    "Value of c": (partial(FAST.Value, "c", b"x"), OF_A_NUMBER, IN_BYTES),
    "Value of u": (partial(FAST.Value, "u", "x"), OF_A_NUMBER, IN_LETTERS),
    "Value of Pair": (partial(FAST.Value, w.Pair, 1, 2), OF_A_PAIR, NUMERIC),
    "Value of Nested": (partial(FAST.Value, w.Nested), OF_A_NESTED, NUMERIC),
    "Array of i": (partial(FAST.Array, "i", [1, 2, 3]), OF_AN_ARRAY, NUMERIC),
    "Array of d": (partial(FAST.Array, "d", [0.5, 2, 3]), OF_AN_ARRAY, NUMERIC),
    "Array of c": (partial(FAST.Array, "c", b"wor\0\0"), OF_AN_ARRAY + OF_TEXT * 5, IN_BYTES),
    "Array of u": (partial(FAST.Array, "u", "wörds"), OF_AN_ARRAY + OF_TEXT * 5, IN_LETTERS),
    "Array of Pair": (partial(FAST.Array, w.Pair, [(1, 2), (3, 4)]), OF_RECORDS, NUMERIC),
    "Array of rows": (partial(FAST.Array, w.TwoInts, [(1, 2), (3, 4)]), OF_ROWS, NUMERIC),
    "Lock": (FAST.Lock, OF_A_LOCK_ALONE, {}),
    "RLock": (FAST.RLock, OF_A_LOCK_ALONE, {}),
    "Semaphore": (partial(FAST.Semaphore, 2), OF_A_SEMAPHORE, {}),
    "BoundedSemaphore": (partial(FAST.BoundedSemaphore, 2), OF_A_SEMAPHORE, {}),
    "Condition": (FAST.Condition, OF_A_CONDITION, NUMERIC),
    "Event": (FAST.Event, OF_AN_EVENT, NUMERIC),
    "Barrier": (partial(FAST.Barrier, 1), OF_A_BARRIER, NUMERIC),
}
# What waits for nothing else.
ALONE = ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Event", "Barrier")
# From the name of a guard to the arguments that give it to a Value or an Array.
GUARDS = {"RLock": dict, "Lock": lambda: {"lock": FAST.Lock()}, "nothing": lambda: {"lock": False}}


@st.composite
def operations(draw, templates, drawn=DRAWN, v="v", waits=False):
    """Strategy for (operation, True where it waits for the lock of the object)."""
    template = draw(st.sampled_from([line for line in templates.splitlines() if line]))
    operation = re.sub(
        r"\{(\w+)\}", lambda found: v if found[1] == "v" else draw(drawn[found[1]]), template
    )
    return operation, waits


@cache
def sequences(kind, guard):
    _, templates, drawn = KINDS[kind]
    drawn = DRAWN | drawn
    wrapped = guard in ("RLock", "Lock")
    some = [operations(templates, drawn, waits=wrapped) for _ in range(3)]
    some += [operations(OF_ANYTHING)]
    if wrapped:
        some += [operations(templates, drawn, "v.get_obj()") for _ in range(2)]
        some += [operations(OF_ANYTHING, v="v.get_obj()"), operations(OF_A_WRAPPER)]
    if wrapped or kind in ("Lock", "RLock"):
        some += [operations(OF_A_LOCK), operations(OF_A_LOCK_IF_FREE, waits=True)]
    return st.lists(st.one_of(some), min_size=1, max_size=12)


def objects(kind):
    """Strategy for objects of a kind: for each, what guards it, and what is done to it."""
    guards = ("",) if kind in ALONE else GUARDS
    guarded = st.sampled_from(list(guards)).flatmap(
        lambda guard: st.tuples(st.just(guard), sequences(kind, guard))
    )
    # Processes are started for each example. Lists of lists are longer, and shrink all the same.
    some = st.lists(st.lists(guarded, min_size=1), min_size=1, max_size=3)
    return some.map(lambda parts: list(itertools.chain(*parts)))


# -------------------------------------------------------------------- what must be alike


def make(kind, guard):
    make = KINDS[kind][0]
    return make(**GUARDS[guard]()) if guard else make()


def with_locks(items):
    return items + [item.get_lock() for item in items if hasattr(item, "get_lock")]


def state_of(item):
    if isinstance(item, synchronize.Semaphore):
        return item.get_value()
    if isinstance(item, synchronize.Event):
        return item.is_set()
    if isinstance(item, synchronize.Barrier):
        return LockState("broken" if item.broken else "free")
    if not isinstance(item, (*LOCKS, synchronize.Condition)):
        return content(memory_of(item))
    return LockState("free" if item.acquire(block=False) else "held by A")


def in_words(memory):
    return [repr(held) for held in memory if not isinstance(held, LockState)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_answers_as_the_real_object_whatever_is_done(kind):
    @seed(list(KINDS).index(kind))
    @settings(
        max_examples=3,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow,),
    )
    @given(objects(kind))
    def each(drawn):
        compare(kind, drawn)

    each()


def compare(kind, drawn):
    worker = partial(w.carry_out, [operations for _, operations in drawn])
    reals = with_locks([make(kind, guard) for guard, _ in drawn])
    views = with_locks([make(kind, guard) for guard, _ in drawn])
    method = FAST.get_start_method()
    (expected,) = run([worker], *reals, start_method=method).results
    found = explore([worker], *views, step_limit=10_000, start_method=method)
    (outcome,) = found.outcomes
    assert outcome.kind == "finished", outcome.detail
    for (guard, operations), told, real in zip(drawn, outcome.results[0], expected, strict=True):
        for (operation, _), one, other in zip(operations, told, real, strict=True):
            assert (guard, operation, *one) == (guard, operation, *other)
    assert repr(outcome.memory) == repr(tuple(map(state_of, reals)))
    steps = found.example(outcome).steps
    before = in_words(map(state_of, views))
    for step in steps:
        after = in_words(step.memory)
        writes = step.action in ("write", "set", "clear") or isinstance(
            views[0], synchronize.Semaphore
        )
        assert writes or after == before, f"{step} changed what is shared"
        before = after
