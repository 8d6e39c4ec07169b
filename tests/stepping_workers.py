"""Workers for the tests of replay and explore."""

import contextlib
import ctypes
import itertools
import multiprocessing
import os
import random
import re
import signal
import sys
import threading
import time
from array import array
from dataclasses import dataclass
from functools import partial
from multiprocessing import resource_tracker, synchronize
from time import sleep
from typing import NamedTuple

_ADDRESS = re.compile("0x[0-9a-fA-F]+")
hidden = multiprocessing.get_context("spawn").RawValue("i", 0)
times_called = 0


class Pair(ctypes.Structure):
    _fields_ = (("left", ctypes.c_int), ("right", ctypes.c_int))


class TwoInts(ctypes.c_int * 2):
    pass


class Nested(ctypes.Structure):
    _fields_ = (("pair", Pair), ("numbers", ctypes.c_int * 2), ("word", ctypes.c_char * 4))


def idle(*_):
    pass


def surroundings(number):
    return dict(os.environ) | {
        "folder": os.getcwd(),
        "path": sys.path,
        "name": multiprocessing.current_process().name,
        "main": sys.modules["__main__"].__name__,
        "method": multiprocessing.get_start_method(),
        "daemon": multiprocessing.current_process().daemon,
        "hash": hash("a set of strings"),
        "parent": os.getppid(),
        "of": multiprocessing.parent_process().pid,
        "interrupt": signal.getsignal(signal.SIGINT).name,
        "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        "files": len(os.listdir("/proc/self/fd")),
        "processors": sorted(os.sched_getaffinity(0)),
    }


def loaded_modules(number):
    return sorted(sys.modules)


def bump(numbers, place):
    numbers[place] += 1


def reads_twice(number):
    return number.value + number.value


def _read(number):
    return number.value


def read_write(number):
    number.value = number.value + 1


def add_twice(number):
    number.value += 1
    number.value += 1


def add_times(number, times):
    for _ in range(times):
        number.value += 1


def add_locked(number):
    with number.get_lock():
        number.value += 1


def add_locked_twice(number):
    add_locked(number)
    add_locked(number)


def read_times(number, times):
    for _ in range(times):
        _read(number)


def take_both(first, second, reverse):
    one, two = (second, first) if reverse else (first, second)
    with one.get_lock(), two.get_lock():
        first.value += 1


def withdraw_checked(account, amount):
    if account.value >= amount:
        account.value -= amount


def peterson(flags, turn, counter, me, variant):
    other = 1 - me
    if variant != "late":
        flags[me] = 1
    if variant != "no turn":
        turn.value = other
    if variant == "late":
        flags[me] = 1
    while flags[other] and (variant == "no turn" or turn.value == other):
        pass
    counter.value += 1
    flags[me] = 0


def wait_until_set(flag):
    while not flag.value:
        pass
    return flag.value


def wait_under_lock(flag):
    while True:
        with flag:
            if flag.value:
                return flag.value


def set_flag(flag):
    flag.value = 7


def try_for_ever(number):
    tries = 0
    while not number.get_lock().acquire(block=False):
        tries += 1


def hold(number):
    number.get_lock().acquire()


def hold_and_fail(number):
    number.get_lock().acquire()
    raise ValueError("gone with the lock")


def try_lock(number, timeout):
    lock = number.get_lock()
    got = lock.acquire(timeout=timeout)
    if got:
        lock.release()
    return got


def compute_for_ever(number):
    _read(number)
    while True:
        pass


def swallow(number):
    with number.get_lock():
        while True:
            with contextlib.suppress(BaseException):
                _read(number)


def kill_oneself(number):
    _read(number)
    os.kill(os.getpid(), signal.SIGKILL)


def write_calls(number):
    global times_called
    times_called += 1
    if times_called % 2:
        number.value = 1
    else:
        return number.value


def write_random(number):
    number.value = random.randrange(10**6)


def sleep_and_add(number):
    before = number.value
    time.sleep(60)
    number.value = before + 1


def write_text(number):
    print("before")
    number.value = 1
    print("after")


def use_hidden(number):
    hidden.value += 1


def call_hidden(number):
    use_hidden(number)


def pass_on(number):
    multiprocessing.get_context("spawn").Process(target=set_flag, args=(number,)).start()


def torn_write(pair):
    pair.left = 1
    pair.right = 1


def torn_read(pair):
    return pair.left, pair.right


def fill_slice(numbers, value):
    numbers[:] = [value] * len(numbers)


def read_slice(numbers):
    return numbers[:]


def wrong_index(numbers):
    return numbers[9]


def leave(number, code):
    raise SystemExit(code)


def return_object(number):
    return partial(print, number)


def return_list(number):
    return [number.value]


# ------------------------------------------------ what looks like polling, and is none, or is


def withdraw_equal(account):
    paid = 0
    for amount in [20, 20]:
        if account.value >= amount:
            account.value -= amount
            paid += amount
    return paid


def deposit_fifty(account):
    account.value += 50


def see_in_list(number):
    return sum(1 for _ in "aa" if number.value)


def _read_for(number, _):
    return number.value


def see_in_calls(number):
    return sum(map(partial(_read_for, number), "aa")) // 9


def see_in_countdown(number):
    left = 0
    while left > -3:
        left -= 1
        if number.value:
            return left
    return "gave up"


def set_nine(number):
    number.value = 9


def see_held(lock):
    while lock.acquire(False):
        lock.release()
    return "saw it held"


def see_then_hold(lock):
    while lock.acquire(False):
        lock.release()
    with lock:
        pass
    return "held it"


def blink(light, stop):
    while stop.value == 0:
        light.value = 1
        light.value = 0


def look_thrice(light, stop):
    seen = light.value, light.value, light.value
    stop.value = 1
    return seen


def try_twice(lock, stop):
    got = []
    for _ in range(2):
        got.append(lock.acquire(False))
        if got[-1]:
            lock.release()
    stop.value = 1
    return tuple(got)


def tick(lock, stop):
    while stop.value == 0:
        if lock.acquire(False):
            lock.release()


def see_one_round(light, stop):
    while light.value == 0:
        pass
    while light.value == 1:
        pass
    stop.value = 1


def flip_for_ever(number, other):
    while True:
        number.value = 1
        _read(other)
        number.value = 0


def count_in_a_global(number, other):
    global times_called
    times_called = number.value
    while times_called < 3:
        if times_called:
            times_called += 1
        _read(number)
    return other.value


def set_and_then(number, other):
    number.value = 1
    _read(number)
    _read(number)
    other.value = 1


def polite(first, second, number, me):
    mine, other = (first, second) if me == 0 else (second, first)
    mine.value = 1
    while other.value == 1:
        mine.value = 0
        mine.value = 1
    number.value += 1
    mine.value = 0


def write_one(*numbers, place):
    numbers[place].value = 1


def retry_fifty_times(number):
    for _ in [None] * 50:
        if number.value:
            return "seen"
    return "gave up"


# -------------------------------------------------------------- what goes wrong, or might


class Account:
    def __init__(self, balance):
        self.balance = balance

    def deposit(self):
        self.balance.value += 1

    def __call__(self):
        self.balance.value += 1


class TwoArgumentsError(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} {second}")


class Money(ctypes.Structure):
    _fields_ = (("euros", ctypes.c_int), ("cents", ctypes.c_int))
    unit = "EUR"

    @property
    def total(self):
        return 100 * self.euros + self.cents

    def __repr__(self):
        return f"{self.euros}.{self.cents:02d}"


def pay(money):
    money.euros = 1
    money.cents = 50


def look_at_money(money):
    return repr(money), money.unit


def total_money(money):
    return money.total


def write_nan(number):
    number.value = float("nan")


def return_two_arguments(number):
    _read(number)
    return TwoArgumentsError(1, 2)


def return_error(number):
    return ValueError(_read(number))


def return_true_or_one(number):
    return True if _read(number) else 1


def use_a_thread(number):
    thread = threading.Thread(target=increment, args=(number,))
    thread.start()
    thread.join()


def increment(number):
    number.value += 1


def fork_and_return(number):
    """Let the copy return too, without a step."""
    copy = os.fork()
    if copy:
        number.value = copy


def fork_and_step(number):
    if os.fork() == 0:
        try:
            number.value += 1
        finally:
            os._exit(0)
    os.wait()


def take_and_exit(number):
    number.get_lock().acquire()
    os._exit(3)


def look_with_numpy(numbers):
    import numpy

    return list(numpy.asarray(numbers.get_obj()))


def attempt_and_exit(lock, number):
    lock.acquire(block=False)
    os._exit(3)


def hold_and_add(lock, number):
    with lock:
        number.value += 1


def sleep_by_name(number):
    sleep(60)
    number.value += 1


def set_item(numbers, place):
    numbers[place] = 1


def return_megabytes(number):
    return b"x" * 20_000_000


# ----------------------------------------------------------- the same operations on both sides


def attempt(operations, *shared):
    """Carry out operations, and tell the type and text of each result or exception."""
    names = dict(zip(("v", "w"), shared, strict=False))
    told = []
    for operation in operations:
        try:
            if operation.startswith("!"):
                exec(operation[1:], names)
                result = None
            else:
                result = eval(operation, names)
            told.append((type(result).__name__, _text(result)))
        except Exception as error:
            told.append((type(error).__name__, str(error)))
    return told


def _text(result):
    text = repr(result)
    return text.partition(" at 0x")[0]


def operate(operation, v):
    attempt([operation], v)


def carry_out(sequences, *shared):
    """Carry out a sequence of operations on each of the first shared objects; tell what each gave.

    An operation is (an expression or statement, True where it takes the lock of the object and
    waits for it). What would wait for ever is left out, and told.
    """
    return [_carried_out(*both) for both in zip(sequences, shared, strict=False)]


def _carried_out(operations, v):
    names = {"v": v, "Pair": Pair, "array": array, "ctypes": ctypes}
    return [
        ("it would wait", operation) if waits and _is_taken(v) else _given(operation, names)
        for operation, waits in operations
    ]


def _given(operation, names):
    try:
        try:
            result = eval(compile(operation, operation, "eval"), names)
        except SyntaxError:
            result = exec(operation, names)
        return type(result).__name__, _ADDRESS.sub("0x...", repr(result))
    except Exception as error:
        return type(error).__name__, _ADDRESS.sub("0x...", str(error))


def _is_taken(v):
    lock = v.get_lock() if hasattr(v, "get_lock") else v
    if not isinstance(lock, synchronize.Lock):
        return False
    if lock.acquire(block=False):
        lock.release()
        return False
    return True


def see_word(word, lock):
    return word[:]


def read_repeatedly(number, times):
    for _ in itertools.repeat(None, times):
        _read(number)


def go_through(numbers):
    for _ in numbers:
        pass


def give_way(first, second, *, swap):
    """Take both locks; who gets only one gives it back and tries again."""
    one, other = (second, first) if swap else (first, second)
    while True:
        one.acquire()
        if other.acquire(block=False):
            other.release()
            one.release()
            return
        one.release()


def wait_five_seconds(flag):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if flag.value:
            return "seen"
        sleep(1)
    return "late"


def add_two_reads(number, other):
    while number.value + other.value < 3:
        pass


def pay_160(paid):
    paid.value += 160
    return 160


def raise_typo(number):
    number.value = 1
    return number.valeu


def set_of_words(number):
    for word in {"alpha", "beta", "gamma", "delta", "epsilon"}:
        number.value = len(word)


def set_flag_of_two(number, other):
    number.value = 3


def add_and_take_back(number):
    number.value = 1
    number.value = 0


def add_and_take_back_locked(number):
    with number.get_lock():
        add_and_take_back(number)


def add_and_take_back_under(number, guard):
    with guard:
        add_and_take_back(number)


def return_much(number):
    return "x" * 2_000_000


def write_text_item(array, text):
    array[0:3] = text


class Holder:
    held = multiprocessing.get_context("spawn").Value("i", 0)


own_lock = multiprocessing.get_context("spawn").Lock()
value = multiprocessing.get_context("spawn").Value("i", 0)


def use_held(number):
    Holder.held.value += 1


def use_own_lock(number):
    with own_lock:
        number.value += 1


def use_lock_of_value(number):
    with value.get_lock():
        number.value += 1


def add_to_value(number):
    number.value += 1  # a module-level Value has the name `value`, too


def append_and_read(number, kept):
    kept.append(number.value)
    return len(kept)


class Counter:
    """The commonest counter of all: a Value and a Lock inside."""

    def __init__(self, mp):
        self.number = mp.Value("i", 0)
        self.lock = mp.Lock()

    def add(self):
        self.number.value += 1

    def add_locked(self):
        with self.lock:
            self.number.value += 1


@dataclass
class Box:
    number: object


class Slots:
    __slots__ = ("number",)

    def __init__(self, number):
        self.number = number


class Row(NamedTuple):
    number: object


CARRIERS = {
    "list": lambda number: [number],
    "dict": lambda number: {"number": number},
    "dataclass": Box,
    "slots": Slots,
    "named tuple": Row,
    "partial": lambda number: partial(idle, number),
}


def add_inside(carrier):
    if isinstance(carrier, list):
        carrier[0].value += 1
    elif isinstance(carrier, dict):
        carrier["number"].value += 1
    elif isinstance(carrier, partial):
        carrier.args[0].value += 1
    else:
        carrier.number.value += 1


class Either(ctypes.Union):
    _fields_ = (("left", ctypes.c_int), ("right", ctypes.c_int))


def bump_left(either):
    either.left += 1


def set_right(either):
    either.right = 7


def add_one_to_slice(numbers):
    numbers[0:2] = [number + 1 for number in numbers[0:2]]


def set_1_and_add_one_to_all(numbers):
    seen = numbers[:]
    numbers[1] = 7
    numbers[:] = [number + 1 for number in seen]


def set_item_of(numbers, place):
    numbers[place] = 5


def set_under(*shared, lock, place):
    with shared[lock]:
        shared[2 + place].value = 1


def add_then_ten_locked(number):
    number.value += 1
    for _ in range(10):
        with number.get_lock():
            number.value += 1


def bump_each_of_slice(pairs):
    for pair in pairs[:]:
        pair.left += 1


def set_from(numbers, others):
    numbers[0:2] = others


def add_with_a_name_that_is_longer_than_the_room_that_a_picture_has_for_it(shared):
    shared.value += 1


class AnErrorWithANameThatIsLongerThanAnyBoxOfAPictureError(Exception):
    pass


def raise_at_length(shared):
    if shared.value > 0:
        raise AnErrorWithANameThatIsLongerThanAnyBoxOfAPictureError(" a $long$ reason" * 10)
    shared.value += 10**9


class ARecordWithANameThatIsLongerThanAnyBoxOfAPicture(ctypes.Structure):
    _fields_ = (("a_field_with_a_name_that_is_too_long", ctypes.c_double),)


def set_far(record):
    record.a_field_with_a_name_that_is_too_long += 1 / 3


def take_and_look(free):
    free.acquire()
    return free.get_value()


def add_five(number):
    number.value += 5


def fail():
    raise ValueError("the action")


def meet(barrier):
    try:
        return barrier.wait()
    except threading.BrokenBarrierError:
        return "broken"


def meet_and_read(barrier, number):
    return barrier.wait(), number.value


def use_all(start, news, free, barrier):
    free.acquire()
    start.set()
    with news:
        news.notify()
        news.wait()
    barrier.wait()


def look(start, free):
    return start.is_set(), free.get_value()


def set_and_give_back(lock, number):
    number.value = 7
    lock.release()


def take_and_read(lock, number):
    lock.acquire()
    return number.value


def wait_inside(hidden):
    hidden["start"].wait()
    hidden["rest"][0].acquire()


def set_inside(hidden):
    hidden["start"].set()


_SPAWN = multiprocessing.get_context("spawn")
unknown = {
    "Condition": _SPAWN.Condition(),
    "Event": _SPAWN.Event(),
    "Barrier": _SPAWN.Barrier(1),
    "Semaphore": _SPAWN.Semaphore(),
}


def use_unknown(name, number):
    own = unknown[name]
    if name == "Condition":
        own.acquire()
    elif name == "Event":
        own.is_set()
    elif name == "Barrier":
        own.abort()
    else:
        own.acquire()


def wait_without(lock, condition):
    lock.acquire()
    condition.wait()


def release_only(lock, condition):
    lock.release()


def take_at_length(number, an_event_with_a_name_that_is_longer_than_any_box):
    with number.get_lock():
        an_event_with_a_name_that_is_longer_than_any_box.wait()


def take_a_lock_twice(lock):
    lock.acquire()
    lock.acquire()


def kill_on_arrival(number):
    os.kill(os.getpid(), signal.SIGKILL)


def write_into_all_files(number):
    for descriptor in {*range(3, 64)} - {resource_tracker.getfd()}:
        with contextlib.suppress(OSError):
            os.write(descriptor, b"?")
    os._exit(3)


def fork_and_name(number):
    copy = os.fork()
    if copy:
        os.waitpid(copy, 0)
    return "parent" if copy else "copy"


def spin(number):
    while True:
        pass


def end_with_code_0(number):
    number.value = 1
    os._exit(0)


def leave_with_code_0(number):
    sys.exit(0)


def write_much_under_signals(number):
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    for line in range(20):
        print(f"{line:02}" * 20_000)
    signal.setitimer(signal.ITIMER_REAL, 0)


def write_and_fail(number):
    print("o" * 20_000)
    raise ValueError("after all this")


def give_up_at_an_alarm(number):
    def late(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    try:
        return number.value
    except TimeoutError:
        number.value = 5
        return "late"


def add_to_every_second(numbers):
    numbers[0:4:2] = [number + 1 for number in numbers[0:4:2]]


def set_item_1(numbers):
    numbers[1] = 5


def read_1_then_0_and_write_both(numbers):
    one = numbers[1]
    numbers[0:2] = [numbers[0], one + 1]


def read_0_and_write_both(numbers):
    numbers[0:2] = [numbers[0], 7]


class Bits(ctypes.Structure):
    _fields_ = (("low", ctypes.c_int, 4), ("high", ctypes.c_int, 4))


def add_to_the_low_bits(bits):
    bits.low = bits.low + 1


def set_the_high_bits(bits):
    bits.high = 1


def look_in_between(sides):
    sides.left = 1
    seen = sides.left, sides.right
    sides.right = 1
    return seen


def return_it_deep_inside(number):
    return [[[[number.value]]]]


def set_to_1(number):
    number.value = 1


def halt(light, stop):
    stop.value = 1


def late_by_the_clock(flag):
    end = time.monotonic() + 0.002
    while not flag.value:
        if time.monotonic() > end:
            return "late"


class Slotted:
    __slots__ = ("number", "unset")

    def __init__(self, number):
        self.number = [number]


@dataclass(frozen=True, eq=False)
class Frozen:
    number: int


def return_a_slotted(number):
    return Slotted(number.value)


def return_a_frozen(number):
    return {"held": Frozen(number.value)}


def return_an_array(number):
    return array("i", [number.value])


def return_a_function(number):
    return set_to_1 if number.value else return_a_function


def end_the_process(number):
    number.value = 1
    os._exit(3)


def set_flag_and_add_3(flag, number):
    flag.value = 1
    for _ in range(3):
        number.value += 1


def wait_and_add_3(flag, number):
    while not flag.value:
        pass
    for _ in range(3):
        number.value += 1
