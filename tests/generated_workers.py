"""Carry out the statements of a generated program on real shared objects; `model` says the same."""

import ctypes


class Pair(ctypes.Structure):
    _fields_ = (("left", ctypes.c_int), ("right", ctypes.c_int))


FIELDS = ("left", "right")


class Raised(Exception):  # noqa: N818
    """What the statement "raise" raises."""


def make(mp):
    """Return the shared objects, in the order of the parameters of `perform`."""
    lock = mp.Lock()
    return (
        mp.Value("i", 0),
        mp.Value("i", 0, lock=mp.Lock()),
        mp.RawValue("i", 0),
        mp.Array("i", 3),
        mp.RawArray("i", 3),
        mp.Value(Pair, 0, 0),
        lock,
        mp.RLock(),
        mp.Semaphore(1),
        mp.BoundedSemaphore(1),
        mp.Condition(),
        mp.Condition(lock),
        mp.Event(),
        mp.Barrier(2),
    )


def perform(x, y, r, a, b, p, lock, rlock, sem, bound, cond, lcond, event, barrier, *, program):
    """Return what the program read, in order."""
    shared = {"x": x, "y": y, "r": r, "a": a, "b": b, "p": p, "lock": lock, "rlock": rlock}
    shared |= {"sem": sem, "bound": bound, "cond": cond, "lcond": lcond, "event": event}
    shared["barrier"] = barrier
    seen = []
    _body(shared, seen, program)
    return tuple(seen)


def _body(shared, seen, statements):
    for kind, *rest in statements:
        _STATEMENTS[kind](shared, seen, *rest)


def _read(shared, seen, name, place):
    item = shared[name]
    if name in "ab":
        seen.append(item[place])
    else:
        seen.append(getattr(item, FIELDS[place] if name == "p" else "value"))


def _write(shared, seen, name, place, value):
    item = shared[name]
    if name in "ab":
        item[place] = value
    else:
        setattr(item, FIELDS[place] if name == "p" else "value", value)


def _add(shared, seen, name, place, value):
    item = shared[name]
    if name in "ab":
        item[place] += value
    elif name == "p" and place:
        item.right += value
    elif name == "p":
        item.left += value
    else:
        item.value += value


def _slice(shared, seen, name):
    seen.append(tuple(shared[name][0:2]))


def _set_slice(shared, seen, name, value):
    shared[name][0:2] = [value, value]


def _lock(shared, name):
    return shared[name].get_lock() if name in "xyap" else shared[name]


def _with(shared, seen, name, inner):
    with _lock(shared, name):
        _body(shared, seen, inner)


def _acquire(shared, seen, name):
    _lock(shared, name).acquire()


def _release(shared, seen, name):
    _lock(shared, name).release()


def _try(shared, seen, name, inner, otherwise):
    if _lock(shared, name).acquire(False):
        _body(shared, seen, inner)
        _lock(shared, name).release()
    else:
        _body(shared, seen, otherwise)


def _if(shared, seen, value, then, otherwise):
    _body(shared, seen, then if seen and seen[-1] == value else otherwise)


def _loop(shared, seen, times, inner):
    for _ in range(times):
        _body(shared, seen, inner)


def _raise(shared, seen):
    raise Raised


def _value(shared, seen, name):
    seen.append(shared[name].get_value())


def _wait(shared, seen, name):
    seen.append(shared[name].wait())


def _wait_in_time(shared, seen, name):
    seen.append(shared[name].wait(1))


def _notify(shared, seen, name, number):
    shared[name].notify(number)


def _on_event(method, *args):
    def statement(shared, seen):
        found = getattr(shared["event"], method)(*args)
        if method not in ("set", "clear"):
            seen.append(found)

    return statement


def _on_barrier(method, *args):
    def statement(shared, seen):
        found = getattr(shared["barrier"], method)(*args)
        if method == "wait":
            seen.append(found)

    return statement


_STATEMENTS = {
    "value": _value,
    "wait": _wait,
    "wait in time": _wait_in_time,
    "notify": _notify,
    "set": _on_event("set"),
    "clear": _on_event("clear"),
    "is set": _on_event("is_set"),
    "await": _on_event("wait"),
    "await in time": _on_event("wait", 1),
    "meet": _on_barrier("wait"),
    "meet in time": _on_barrier("wait", 1),
    "abort": _on_barrier("abort"),
    "reset": _on_barrier("reset"),
    "read": _read,
    "write": _write,
    "add": _add,
    "slice": _slice,
    "set slice": _set_slice,
    "with": _with,
    "acquire": _acquire,
    "release": _release,
    "try": _try,
    "if": _if,
    "loop": _loop,
    "raise": _raise,
}
