"""Workers that poll a flag and give up in the end, by something that is not in their locals.

Each returns "gave up" where it was not seen to be set; `set_it` sets it.
"""

import collections
import datetime
import functools
import itertools
import os
import random
import threading
import time

import counting_state

tries = 0


def set_it(flag):
    flag.value = 1


def again():
    global tries
    tries += 1
    return tries < 4


def by_a_global_of_a_helper(flag):
    global tries
    tries = 0
    while not flag.value:
        if not again():
            return "gave up"


def by_a_helper_inside_an_expression(flag):
    global tries
    tries = 0
    while not flag.value:
        if not all(again() for _ in range(1)):
            return "gave up"


def by_globals(flag):
    globals()["tries"] = 0
    while not flag.value:
        globals()["tries"] += 1
        if globals()["tries"] > 3:
            return "gave up"


class Retry:
    left = 4

    def once(self):
        type(self).left -= 1
        return type(self).left

    @classmethod
    def once_more(cls):
        cls.left -= 1
        return cls.left

    @property
    def is_over(self):
        Retry.left -= 1
        return Retry.left < 1


def by_a_class(flag):
    Retry.left = 4
    while not flag.value:
        Retry.left -= 1
        if not Retry.left:
            return "gave up"


def by_the_class_of_an_object(flag):
    Retry.left, retry = 4, Retry()
    while not flag.value:
        if not retry.once():
            return "gave up"


def by_a_class_method(flag):
    Retry.left = 4
    while not flag.value:
        if not Retry.once_more():
            return "gave up"


def by_a_property(flag):
    Retry.left, retry = 4, Retry()
    while not flag.value:
        if retry.is_over:
            return "gave up"


def by_a_local_class(flag):
    class Local:
        left = 4

    while not flag.value:
        Local.left -= 1
        if not Local.left:
            return "gave up"


def by_a_module(flag):
    counting_state.tries = 0
    while not flag.value:
        counting_state.tries += 1
        if counting_state.tries > 3:
            return "gave up"


def more(module):
    module.handed += 1
    return module.handed < 4


def by_a_module_that_is_handed_on(flag):
    counting_state.handed = 0
    while not flag.value:
        if not more(counting_state):
            return "gave up"


def by_a_set(flag):
    left = {1, 2, 3, 4}
    while not flag.value:
        number = left.pop()
        left.add(number)
        left.discard(min(left))
        if not left:
            return "gave up"


def by_an_attribute_of_a_view(flag):
    flag.tries = 0
    while not flag.value:
        flag.tries += 1
        if flag.tries > 3:
            return "gave up"


def by_a_module_that_is_imported_inside(flag):
    again_by_a_module(first=True)
    while not flag.value:
        if not again_by_a_module():
            return "gave up"


def again_by_a_module(first=False):
    import counting_state as state

    state.inside = 0 if first else state.inside + 1
    return state.inside < 4


def by_a_method_that_was_taken(flag):
    pop = [4, 3, 2, 1, 0].pop
    while not flag.value:
        if pop() == 3:
            return "gave up"


class LateError(Exception):
    pass


def by_an_attribute_of_an_exception(flag):
    late = LateError()
    late.tries = 0
    while not flag.value:
        late.tries += 1
        if late.tries > 3:
            return "gave up"


def by_an_attribute_of_a_partial(flag):
    late = functools.partial(set_it)
    late.tries = 0
    while not flag.value:
        late.tries += 1
        if late.tries > 3:
            return "gave up"


def by_the_time_of_the_process(flag):
    end = time.process_time() + 0.01
    while not flag.value:
        if time.process_time() > end:
            return "gave up"


def by_another_clock(flag):
    end = time.clock_gettime(time.CLOCK_MONOTONIC) + 0.01
    while not flag.value:
        if time.clock_gettime(time.CLOCK_MONOTONIC) > end:
            return "gave up"


def by_the_date(flag):
    end = datetime.datetime.now().timestamp() + 0.01
    while not flag.value:
        if datetime.datetime.now().timestamp() > end:
            return "gave up"


def by_its_own_clock(flag):
    end = time.monotonic() + 0.003
    while not flag.value:
        if time.monotonic() > end:
            return "gave up"


def by_chance(flag):
    while not flag.value:
        if random.random() < 0.2:
            return "gave up"


def by_the_environment(flag):
    os.environ["TRIES"] = ""
    while not flag.value:
        os.environ["TRIES"] += "x"
        if len(os.environ["TRIES"]) > 3:
            return "gave up"


def by_a_thread(flag):
    box = []
    threading.Thread(target=tell_later, args=(box,), daemon=True).start()
    while not flag.value:
        if box:
            return "gave up"


def tell_later(box):
    threading.Event().wait(0.05)
    box.append("told")


# ------------------------------------------------------------ what goes on in C, or in a generator


def attempt(flag, tries=2):
    for_each = 0
    while not flag.value:
        for_each += 1
        if for_each == tries:
            return 0
    return 1


def three_times(flag):
    return "gave up" if not sum(map(attempt, [flag] * 3)) else None


def in_a_list(flag):
    return "gave up" if not any(list(map(attempt, [flag] * 3))) else None


def in_arguments(flag):
    return "gave up" if not max(*map(attempt, [flag] * 3)) else None


def in_an_assignment(flag):
    first, second, third = map(attempt, [flag] * 3)
    return "gave up" if not (first or second or third) else None


def in_a_reduction(flag):
    total = functools.reduce(lambda total, one: total + attempt(one), [flag] * 3, 0)
    return "gave up" if not total else None


def in_a_key(flag):
    max([1, 2, 3], key=lambda _: attempt(flag))
    return "gave up"


def in_a_comparison(flag):
    sorted([1, 2, 3], key=functools.cmp_to_key(lambda *_: attempt(flag)))
    return "gave up"


def in_a_loop_around(flag):
    total = 0
    while total < 1:
        if not sum(map(attempt, [flag] * 2)):
            return "gave up"
        total += 1


def readings(flag):
    while True:
        yield flag.value


def in_a_generator_that_c_resumes(flag):
    return "gave up" if not any(list(itertools.islice(readings(flag), 3))) else None


def turns(flag):
    for _ in range(3):
        yield attempt(flag)


def in_a_generator(flag):
    return "gave up" if not any(list(turns(flag))) else None


# ------------------------------------ what no summary has, and what shows only round after round


def by_a_value_that_is_half_computed(flag):
    tries = [0]
    while not flag.value:
        tries.append(tries.pop() + 1 + flag.value)
        if tries[0] > 3:
            return "gave up"


def by_what_a_function_says_of_itself(flag):
    by_what_a_function_says_of_itself.__doc__ = ""
    while not flag.value:
        by_what_a_function_says_of_itself.__doc__ += "x"
        if len(by_what_a_function_says_of_itself.__doc__) > 50:
            return "gave up"


def by_what_it_looks_at_twice_in_turn(flag):
    tries = [0]
    while not flag.value:
        tries.append(tries.pop() + 1 + flag.value + flag.value)
        if tries[0] > 90:
            return "gave up"


def give_up_meanwhile(light, flag):
    tries = [0]
    while not flag.value:
        light.value = 1
        tries.append(tries.pop() + 1 + flag.value)
        light.value = 0
        if tries[0] > 3:
            return "gave up"


def light_and_set_it(light, flag):
    flag.value = 1


def by_a_list_on_a_view(flag):
    flag.history, flag._tries = [], 0
    while not flag.value:
        flag.history.append(1)
        flag._tries += 1
        if len(flag.history) > 120 or flag._tries > 120:
            return "gave up"


def by_the_number_of_an_error(flag):
    late = OSError(0, "late")
    while not flag.value:
        late.errno += 1
        if late.errno > 120:
            return "gave up"


# ---------------------------------------------------------------- a `for` loop inside of a `while`


def by_a_for_loop_inside(flag):
    while not flag.value:
        for _ in range(150):
            if flag.value:
                return "seen"
        return "gave up"


def by_for_loops_inside(flag):
    while not flag.value:
        for _ in range(2):
            for _ in itertools.repeat(None, 110):
                if flag.value:
                    return "seen"
        return "gave up"


exec(
    "def by_a_loop_on_one_line(flag):\n"
    "    while not flag.value:\n"
    "        for _ in [None] * 150: flag.value\n"
    "        return 'gave up'\n"
)


def by_a_comprehension(flag):
    while not flag.value:
        if not sum([flag.value for _ in "." * 150]):
            return "gave up"


LONG_BODY = "            a = [flag, flag, flag]\n" * 60
exec(
    "def by_a_for_loop_with_a_long_body(flag):\n"
    "    while not flag.value:\n"
    "        for _ in range(110):\n"
    f"{LONG_BODY}"
    "            if flag.value:\n"
    "                return 'seen'\n"
    "        return 'gave up'\n"
)


def by_an_iterator_that_goes_on(flag):
    numbers = iter(range(120))
    while not flag.value:
        for _ in numbers:
            break
        else:
            return "gave up"


GIVE_UP = [
    value
    for name, value in list(globals().items())
    if name.startswith(("by_", "in_")) or name == "three_times"
]


BY_THE_REAL_TIME = [by_the_time_of_the_process, by_another_clock, by_the_date, by_a_thread]


# ------------------------------------------------------------------- what is still to be returned


def seen_in_the_end(x, y):
    try:
        return x.value
    finally:
        done = False
        while not done:
            y.value = 1
            done = True


def until_three(x, y):
    while seen_in_the_end(x, y) != 3:
        pass
    return "three"


def three_after_one(x, y):
    if y.value == 1:
        x.value = 3


def until_the_sum_is_right(numbers, total):
    while sum(numbers[:]) != total.value:
        pass


def set_the_first(numbers, total):
    numbers[0] = 1


def tell_and_look(flag):
    print("look", flush=True)
    while not flag.value:
        print("look", flush=True)


def take_notes(flag):
    while not flag.value:
        notes = [[n] for n in range(3)]
        assert notes


def take_a_nap(flag):
    while not flag.value:
        time.sleep(0.1)


def count_for_long(flag):
    number = 10**5000
    while not flag.value:
        number += 1
    return "seen"


# ---------------------------------------------- out of a `with` and a `finally`, by two ways


def wait_in_a_with(lock, flag):
    while True:
        with lock:
            if flag.value:
                return "seen"


def wait_and_break(lock, flag):
    while True:
        with lock:
            if flag.value:
                break
    return "seen"


def wait_with_a_finally(lock, flag):
    while True:
        lock.acquire()
        try:
            if flag.value:
                return "seen"
        finally:
            lock.release()


OUT_OF_A_LOCK = [wait_in_a_with, wait_and_break, wait_with_a_finally]


def set_without(lock, flag):
    flag.value = 1


def count_by_mode(mode, flag):
    tries = [0]
    while not flag.value:
        tries.append(tries.pop() + mode.value + flag.value)
        if tries[0] > 3:
            return "gave up"


def set_mode(mode, flag):
    mode.value = 1


# ----------------------------------------------------------------- a small round inside a large one


def hold_until_told(lock, mode, stop):
    with lock:
        while not stop.value:
            if mode.value:
                break


def toggle(lock, mode, stop):
    while not stop.value:
        mode.value = 1
        mode.value = 0


def want_the_lock(lock, mode, stop):
    with lock:
        stop.value = 1


def return_what_stays_here_at_last(flag):
    tries = [0]
    while not flag.value:
        tries.append(tries.pop() + 1 + flag.value)
        if tries[0] > 30:
            return lambda: None
    return "seen"


def wait_for_all(ready, total):
    seen = collections.deque()
    while len(seen) < 2:
        seen.clear()
        seen.extend(flag for flag in ready if flag)
    return total.value


def add_and_tell(ready, total, me):
    total.value += 1
    ready[me] = 1


def until_all_are_set(ready, total):
    while True:
        for flag in range(len(ready)):
            if not ready[flag]:
                break
        else:
            return total.value


def until_none_is_unset(ready, total):
    done = False
    while not done:
        done = True
        for flag in ready:
            if not flag:
                done = False
    return total.value


FOR_IN_WHILE = [until_all_are_set, until_none_is_unset]


def add_and_tell_both(ready, total, by):
    total.value += by
    ready[0] = ready[1] = 1


# --------------------------------------------------------- what stands behind all else in the code


def blink_in_two_locks(lock, ready, light):
    while not ready.value:
        with lock:
            light.value = 1
        with lock:
            light.value = 0


def blink_and_try(lock, ready, light):
    while not ready.value:
        try:
            light.value = 1
        except ValueError:
            light.value = 2
        light.value = 0


def look_at_the_light(lock, ready, light):
    return light.value


BLINK = [blink_in_two_locks, blink_and_try]


def until_two_looks_differ(light, flag):
    while True:
        if [light.value for _ in range(2)] == [1, 0]:
            return "seen"


def blink_for_ever(light, flag):
    while not flag.value:
        light.value = 1
        light.value = 0
