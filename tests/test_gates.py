"""A view behaves as the real object does: the same operations on both, and the same answers."""

import ctypes
import multiprocessing
from functools import partial

import pytest

import stepping_workers as w
import unseen_workers as u
from fast import FAST
from shmlib import WorkerError, replay, run
from untimed import explore

forking = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="there is no fork"
)
LOCKING = [
    "v.acquire()",
    "v.acquire(False)",
    "v.acquire(block=True, timeout=0.01)",
    "v.acquire(timeout='x')",
    "v.acquire('x', 0.01)",
    "v.acquire(False, 'x')",
    "v.acquire([])",
    "v.acquire(1, 2, 3)",
    "v.acquire(blok=1)",
    "v.acquire(0.5)",
    "v.acquire(None)",
    "v.release(1)",
    "v.release()",
    "v.release()",
    "v.release()",
    "v.release()",
    "!with v as x: y = x",
    "y",
    "v.get_lock() is v.get_lock()",
    "v.get_lock()",
    "!with v.get_lock(): z = v.get_lock()",
    "repr(z)",
    "v.get_obj() is v.get_obj()",
    "v.missing",
    "!v.vaule = 9",
    "v.vaule",
    "v + 1",
    "v[0] if not hasattr(v, '__getitem__') else 'items'",
    "isinstance(v.get_lock(), type(v.get_lock()))",
    "sorted(name for name in dir(v) if name[0] != '_' and name != 'vaule')",
    "bool(v)",
    "v == 0, v == v, v != v",
]
NUMBER = [
    "v",
    "v.value",
    "!v.value = 7",
    "!v.value += 3",
    "v.value",
    "!v.value = '50'",
    "!v.value = None",
    "!v.value = 2**40",
    "v.value",
    "v.get_obj()",
    "v.get_obj().value",
    "!v.get_obj().value = 5",
    "!v.get_obj().value = 'x'",
    "!del v.value",
    "!del v.get_obj().value",
    "v.value",
    "bool(v.get_obj())",
    "len(v)",
    "v()",
    "type(v).__name__, type(v.get_obj()).__name__",
    "v.get_obj() + 1",
    "v.get_obj()[0]",
    "hash(v.get_obj())",
]
RAW_NUMBER = [
    "v",
    "v.value",
    "!v.value -= 2",
    "v.value",
    "!v.value = 'x'",
    "bool(v)",
    "!v.value = 0",
    "!del v.value",
    "bool(v)",
    "v.get_lock()",
    "!v.vaule = 3",
    "v.vaule",
    "v + 1",
]
ITEMS = [
    "len(v)",
    "v[0], v[-1], v[True]",
    "v[9]",
    "v[-9]",
    "v['x']",
    "v[1.0]",
    "v[:]",
    "v[1:]",
    "v[::-1]",
    "v[::2]",
    "v[3:1]",
    "v[-2:]",
    "list(v)",
    "sum(v)",
    "max(v)",
    "3 in v, 99 in v",
    "[n for n in v]",
    "list(enumerate(v))",
    "list(reversed(v))",
    "!v[0] = 8",
    "!v[-1] += 1",
    "!v[9] = 1",
    "!v[0] = 'x'",
    "!v[0] = None",
    "!v['x'] = 1",
    "!v[1:3] = [20, 30]",
    "!v[1:3] = (21, 31)",
    "!v[1:3] = [1]",
    "!v[1:3] = 5",
    "!v[1:3] = [1, 'x']",
    "!v[::2] = [7, 7]",
    "!v[::2] = range(2)",
    "!del v[0]",
    "v[:]",
    "hash(v) == hash(v)",
    "iter(v).__class__.__name__",
]
TEXT = [
    "v.value",
    "v.raw",
    "v[:]",
    "v[0]",
    "v[1:3]",
    "!v.value = b'hi'",
    "v.value, v.raw, v[:]",
    "!v.value = 'text'",
    "!v.value = b'much too long'",
    "!v.value = b'eight888'",
    "v.value",
    "!v.raw = b'abc'",
    "v.raw",
    "!v.raw = bytearray(b'xyz')",
    "!del v.value",
    "!del v.raw",
    "!v.raw = b'much too long'",
    "!v.raw = 5",
    "!v[0] = b'A'",
    "!v[0] = b'AB'",
    "!v[0] = 66",
    "!v[0:2] = b'QR'",
    "!v[0:2] = [b'S', b'T']",
    "v.value",
    "len(v)",
    "list(v)",
]
WIDE = ["v[:]", "v[0]", "!v[0] = 'ü'", "!v[0] = b'x'", "!v[1:3] = 'yz'", "v[:]", "v[0:2]"]
RAW_WIDE = [
    *WIDE,
    "!del v.value",
    "v.value",
    "!v.value = 'no'",
    "v.value",
    "!v.value = 'far too long'",
    "v[:]",
]
PAIR = [
    "v.left, v.right",
    "!v.left = 4",
    "!v.right += 2",
    "!del v.left",
    "!v.left = 'x'",
    "v.left, v.right",
    "v.value",
    "v.missing",
    "!v.up = 3",
    "v.up",
]
NESTED = [
    "v.pair.left, v.pair.right",
    "!v.pair.left = 3",
    "!v.pair = (5, 6)",
    "v.pair.left, v.pair.right",
    "!v.numbers[1] = 9",
    "v.numbers[:]",
    "v.word",
    "!v.word = b'abc'",
    "!v.word = b'abcdef'",
    "!del v.word",
    "v.word",
    "type(v.pair).__name__, type(v.numbers).__name__",
    "v.numbers[5]",
]
RECORDS = [
    "v[0].left, v[-1].right",
    "!v[0].left = 4",
    "!v[1] = v[0]",
    "v[1].left",
    "!v[1] = (8, 9)",
    "v[1].left, v[1].right",
    "v[7]",
    "[item.left for item in v]",
    "len(v)",
]
LOCK = [
    "v",
    "v.acquire()",
    "v.acquire(False)",
    "v.acquire(True, 0.01)",
    "v.acquire(block=False)",
    "v",
    "v.release()",
    "v.release()",
    "v.release()",
    "!with v as x: y = x",
    "y",
    "v.acquire(timeout=-1)",
    "v.release()",
    "v.missing",
    "isinstance(v, type(v))",
]

SEMAPHORE = [
    *("v", "v.get_value()", "v.acquire()", "v.get_value()", "v.acquire(False)", "v"),
    *("v.acquire(False)", "v.acquire(timeout=0.01)", "v.acquire(True, 0)", "v.acquire(0)"),
    *("v.acquire(timeout='x')", "v.acquire(1, 2, 3)", "v.acquire(blok=1)", "v.release(1)"),
    *("v.release()", "v.get_value()", "!with v as x: y = x", "y", "v.release()", "v"),
    *("v.release()", "v.get_value()", "v.release()", "v.get_value()", "v.acquire(timeout=-1)"),
    *("v._semlock._count()", "v._semlock._is_mine()", "v._semlock._is_zero()"),
    *("v.missing", "isinstance(v, type(v))", "type(v).__name__", "v == v", "bool(v)"),
    "sorted(name for name in dir(v) if name[0] != '_')",
]
CONDITION = [
    *("v", "v.wait()", "v.notify()", "v.notify_all()", "v.wait_for(lambda: False)"),
    *("v.wait_for(lambda: 5)", "v.release()", "v.acquire()", "v", "v.wait(0.01)", "v.wait(0)"),
    *("v.wait(-1)", "v.wait(timeout='x')", "v.wait(None, 1)", "v.notify()", "v.notify(2)"),
    *("v.notify(0)", "v.notify(-1)", "v.notify(1.5)", "v.notify('x')", "v.notify(None)"),
    *("v.notify_all()", "v.notify_all(1)", "v.wait_for(lambda: True)", "v.wait_for(5)"),
    *("v.wait_for(lambda: False, 0.01)", "v.wait_for(lambda: False, timeout=0)"),
    *("v.wait_for(lambda: False, 'x')", "v.acquire(False)", "v.acquire(timeout=0.01)"),
    *("v", "v.release()", "v", "v.release()", "!with v as x: y = x", "y", "v.locked()"),
    *("!with v: v.wait(0.01)", "!with v: v.notify(3)", "v.missing", "type(v).__name__"),
    "sorted(name for name in dir(v) if name[0] != '_')",
]
EVENT = [
    *("v", "v.is_set()", "v.wait(0.01)", "v.wait(0)", "v.wait(-1)", "v.wait('x')", "v.set()"),
    *("v", "v.is_set()", "v.wait()", "v.wait(1)", "v.wait('x')", "v.set()", "v.clear()"),
    *("v.clear()", "v.is_set()", "v.wait(timeout=0.01)", "v.set(1)", "v.wait(1, 2)", "v.isSet()"),
    *("v.missing", "type(v).__name__", "isinstance(v, type(v))", "bool(v)", "v == v"),
    "sorted(name for name in dir(v) if name[0] != '_')",
]
BARRIER = [
    *("v.parties", "v.n_waiting", "v.broken", "v.wait()", "v.wait(0)", "v.wait(1)", "v.wait('x')"),
    *("v.abort()", "v.broken", "v.n_waiting", "v.wait()", "v.reset()", "v.broken", "v.wait()"),
    *("v.reset()", "v.n_waiting", "v", "v.abort(1)", "v.missing", "type(v).__name__"),
    "sorted(name for name in dir(v) if name[0] != '_')",
]
LONELY = [
    *("v.wait(0.01)", "v.broken", "v.wait()", "v.wait(0)", "v.reset()", "v.broken", "v.wait(0)"),
    *("v.broken", "v.reset()", "v.wait('x')", "v.broken", "v.n_waiting", "v.wait(-1)", "v.parties"),
]


def made():
    """(name, operations, function that makes the shared object)."""
    for lock in ("RLock", "Lock", "None", "own"):
        options = {
            "RLock": lambda: {"lock": FAST.RLock()},
            "Lock": lambda: {"lock": FAST.Lock()},
            "None": lambda: {"lock": None},
            "own": dict,
        }[lock]
        once = [o for o in LOCKING if lock != "Lock" or "acquire(" not in o or "x'" in o]
        # A plain Lock is taken by each read: locked with it, only what does not wait is alike.
        yield f"locking-{lock}", once, lambda o=options: FAST.Value("i", 1, **o())
        yield f"Value-{lock}", NUMBER, lambda o=options: FAST.Value("i", 1, **o())
        yield f"Array-{lock}", ITEMS, lambda o=options: FAST.Array("i", [1, 2, 3], **o())
    yield "Value-d", NUMBER, lambda: FAST.Value("d", 0.5)
    yield "Value-False", RAW_NUMBER, lambda: FAST.Value("i", 5, lock=False)
    yield "RawValue", RAW_NUMBER, lambda: FAST.RawValue(ctypes.c_short, 5)
    yield "RawArray", ITEMS, lambda: FAST.RawArray("i", [1, 2, 3])
    yield "Array-d", ITEMS, lambda: FAST.Array("d", [1, 2, 3])
    yield "text", TEXT, lambda: FAST.Array("c", b"old text")
    yield "raw text", TEXT, lambda: FAST.RawArray("c", b"old text")
    yield "wide", WIDE, lambda: FAST.Array("u", "wide")
    yield "raw wide", RAW_WIDE, lambda: FAST.RawArray("u", "wide")
    yield "Pair", PAIR, lambda: FAST.Value(w.Pair, 1, 2)
    yield "raw Pair", PAIR, lambda: FAST.RawValue(w.Pair, 1, 2)
    yield "Nested", NESTED, lambda: FAST.Value(w.Nested)
    yield "raw Nested", NESTED, lambda: FAST.RawValue(w.Nested)
    yield "records", RECORDS, lambda: FAST.Array(w.Pair, [(1, 2), (3, 4)])
    yield "raw records", RECORDS, lambda: FAST.RawArray(w.Pair, [(1, 2), (3, 4)])
    yield "Lock", [o for o in LOCK if o not in ("v.acquire()",)], FAST.Lock
    yield "RLock", LOCK, FAST.RLock
    yield "Semaphore", SEMAPHORE, lambda: FAST.Semaphore(2)
    yield "BoundedSemaphore", SEMAPHORE, lambda: FAST.BoundedSemaphore(2)
    yield "Condition", CONDITION, FAST.Condition
    held = [o for o in CONDITION if "acquire(" not in o or o == "v.acquire()"]
    yield "Condition of a Lock", held, lambda: FAST.Condition(FAST.Lock())
    yield "Event", EVENT, FAST.Event
    yield "Barrier", BARRIER, lambda: FAST.Barrier(1)
    yield "Barrier of two", LONELY, lambda: FAST.Barrier(2)
    yield "Barrier with an action", BARRIER, lambda: FAST.Barrier(1, action=w.fail)
    yield "inside", ["v.value", "v.get_obj()"], lambda: FAST.Value("i", 1)
    of_the_type = ["!import ctypes", "ctypes.sizeof(v)", "ctypes.alignment(v)", "type(v)(5).value"]
    yield "kind of a number", of_the_type, lambda: FAST.RawValue("h", 1)
    yield "kind of a Value", of_the_type[:3], lambda: FAST.Value("h", 1)
    yield (
        "kind of an Array",
        ["!import ctypes", "ctypes.sizeof(v)", "type(v)(5, 6)[:]"],
        (lambda: FAST.RawArray("h", 2)),
    )


CASES = {name: (operations, make) for name, operations, make in made()}


@pytest.mark.parametrize("name", CASES)
def test_a_view_answers_as_the_real_object(name):
    operations, make = CASES[name]
    worker = partial(w.attempt, operations)
    (real,) = run([worker], make()).results
    (outcome,) = explore([worker], make(), step_limit=1000).outcomes
    assert outcome.kind == "finished", outcome.detail
    for operation, view, expected in zip(operations, outcome.results[0], real, strict=True):
        assert (operation, *view) == (operation, *expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("ctypes.addressof(v)", "ctypes.addressof cannot look at"),
        ("ctypes.byref(v)", "ctypes.byref cannot look at"),
        ("ctypes.pointer(v)", "ctypes.pointer cannot look at"),
        ("ctypes.cast(v, ctypes.c_void_p)", "ctypes.cast cannot look at"),
        ("ctypes.memmove(dst=v, src=b'12', count=2)", "ctypes.memmove cannot look at"),
        ("memmove(v, b'12', 2)", "ctypes.memmove cannot look at"),  # a global of another module
        ("ctypes.string_at(v, 2)", "ctypes.string_at cannot look at"),
        ("bytes(v)", "cannot be read in one step"),
        ("__import__('pickle').dumps(v)", "cannot be copied or passed on"),
        ("__import__('copy').copy(v)", "cannot be copied or passed on"),
    ],
)
def test_what_would_go_past_the_gate_is_refused(call, message):
    operations = ["!import ctypes", "!from unseen_workers import memmove", call]
    for make in (lambda: FAST.RawArray("i", 2), lambda: FAST.Array("i", 2).get_obj()):
        with pytest.raises(WorkerError) as caught:
            explore([partial(w.attempt, operations)], make())
        assert "under replay and explore" in str(caught.value) and message in str(caught.value)


@pytest.mark.parametrize("worker", u.READ_BYTES, ids=lambda worker: worker.__name__)
def test_what_reads_bytes_is_refused_and_no_outcome(worker):
    with pytest.raises(WorkerError, match=r"under replay and explore .* read"):
        explore([worker], FAST.RawArray("i", 2))


def test_an_error_about_other_bytes_stays_an_outcome():
    (outcome,) = explore([u.read_bytes_of_a_number], FAST.RawArray("i", 2)).outcomes
    assert outcome.kind == "error" and "a bytes-like object is required, not 'int'" in str(outcome)


@forking
@pytest.mark.parametrize("worker", u.WRITE_UNSEEN, ids=lambda worker: worker.__name__)
def test_memory_that_changes_without_a_step_is_noticed(worker):
    when = "before any step|after step 2 of schedule AA,"
    with pytest.raises(WorkerError, match=rf"while worker A .* ({when}).* by no step") as caught:
        explore([worker, u.set_first], u.unseen, start_method="fork")
    assert "numbers was changed" in str(caught.value)
    assert u.unseen[:] == [0, 0, 0]


@forking
@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("worker", u.USE_A_PART, ids=lambda worker: worker.__name__)
def test_a_part_of_what_is_shared_is_refused_by_another_name(worker, method, melted):
    with pytest.raises(WorkerError, match=r"it used .* by another way|it used a shared"):
        explore([worker], u.records, start_method=method)


@forking
@pytest.mark.parametrize("part", ["an item", "NumPy", "a memoryview"])
def test_a_part_is_not_handed_over_by_itself_under_fork(part):
    numbers = multiprocessing.get_context("fork").RawArray("i", 2)
    views = {
        "an item": lambda: u.records[0],
        "NumPy": lambda: u.np.frombuffer(numbers, "i4"),
        "a memoryview": lambda: memoryview(numbers),
    }
    account = u.Account(numbers, views[part]())
    with pytest.raises(TypeError, match=r"worker A \(deposit\) has .* that is a part of a shared"):
        explore([account.deposit] * 2)


def test_a_record_may_say_itself_what_its_bytes_are():
    header = FAST.RawValue(u.Header)
    found = explore(
        [u.check_header, u.change_header], header, invariant=lambda header: header.checked == 1
    )
    assert found.verdict == "broken" and sum(found.outcomes.values()) == 3
    assert (header.kind, header.checked) == (0, 0)


@pytest.mark.parametrize(
    ("worker", "make"),
    [(u.copy_into_a_local, lambda: u.records), (u.join_bytes, lambda: FAST.RawArray("c", b"ab"))],
)
def test_what_c_does_not_take_a_view_for_is_no_outcome(worker, make):
    with pytest.raises(WorkerError, match=r"what copies bytes, .* cannot look at a worker's"):
        explore([worker], make(), start_method="spawn")


def test_an_index_of_any_kind_is_told_by_its_number():
    seen = replay("AA", [u.by_an_index], FAST.Array("i", 2))
    assert [step.target for step in seen.steps] == ["numbers[1]"] * 2


def test_who_watches_may_only_look():
    number = FAST.RawValue("i", 0)

    def writes(number):
        number.value += 1
        return True

    with pytest.raises(ValueError, match=r"always writes has changed number: .* may only look"):
        explore([w.set_to_1], number, always=writes)


def test_parts_that_come_of_the_parameter_may_be_kept_while_modules_are_imported():
    (outcome,) = explore([u.keep_a_part], u.records, start_method="spawn").outcomes
    assert outcome.results == (4,)


def test_numpy_gets_no_copy_in_silence():
    with pytest.raises(WorkerError, match="NumPy cannot look at a worker's shared objects"):
        explore([w.look_with_numpy], FAST.Array("i", 2))


def test_each_access_is_the_step_that_the_design_says():
    numbers = FAST.Array("i", [1, 2, 3])
    for operation, steps in {
        "v[0]": ["read v[0]"],
        "v[-1]": ["read v[2]"],
        "v[0:2]": ["read v[0:2]"],
        "!v[:2] = [5, 6]": ["write v[:2]"],
        "len(v)": [],
        "sum(v)": ["read v[0]", "read v[1]", "read v[2]", "read v[3]"],
        "!v[0] += 1": ["read v[0]", "write v[0]"],
        "v.get_obj()[0:2]": ["read v[0]", "read v[1]"],
        "!with v: v[0]": ["acquire the lock of v", "read v[0]", "release the lock of v"],
    }.items():
        found = explore([partial(w.operate, operation)], numbers)
        (outcome,) = found.outcomes
        told = [f"{step.action} {step.target}" for step in found.example(outcome).steps]
        assert told == steps, operation
