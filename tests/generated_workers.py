"""Carry out the statements of a generated program on real shared objects; `model` says the same."""

import ctypes


class Pair(ctypes.Structure):
    _fields_ = (("left", ctypes.c_int), ("right", ctypes.c_int))


FIELDS = ("left", "right")


class Raised(Exception):  # noqa: N818
    """What the statement "raise" raises."""


def make(mp):
    """Return the shared objects: x, y, r, a, b, p, lock, rlock."""
    return (
        mp.Value("i", 0),
        mp.Value("i", 0, lock=mp.Lock()),
        mp.RawValue("i", 0),
        mp.Array("i", 3),
        mp.RawArray("i", 3),
        mp.Value(Pair, 0, 0),
        mp.Lock(),
        mp.RLock(),
    )


def perform(x, y, r, a, b, p, lock, rlock, *, program):
    """Return what the program read, in order."""
    shared = {"x": x, "y": y, "r": r, "a": a, "b": b, "p": p, "lock": lock, "rlock": rlock}
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
    return shared[name] if "lock" in name else shared[name].get_lock()


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


_STATEMENTS = {
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
