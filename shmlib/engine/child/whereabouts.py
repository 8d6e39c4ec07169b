"""Where a worker is in its source, and whether it can come back there with nothing changed.

What a worker does next depends on the frames of its functions: where each is, its locals, what a
half-computed expression has on its stack, how far its `for` loops have come. All of it is in the
summary made here. Where something cannot be seen, there is no summary: then nothing may be
concluded from a worker's coming back.
"""

import dis
import functools
import os
import sys
import types
from multiprocessing import synchronize
from typing import Any, NamedTuple

from .messages import Where
from .views import View, name_of

PLAIN = frozenset((int, float, complex, bool, str, bytes, type(None)))
# Locals of more items than this are not looked into.
LONGEST_LOCAL = 200
DEEPEST_LOCAL = 5
_PASSED_OVER = (os.path.dirname(__file__), os.path.dirname(synchronize.__file__))


class Spot(NamedTuple):
    """A place in the source.

    Attributes:
        where: (file, first line of the function, line).
        order: larger for what comes later in its function.
        loops: the loops around it, innermost first, each as (kind, place in the code); the kind is
            "for" or "while".
    """

    where: Where
    order: int
    loops: tuple[tuple[str, int], ...]


class _Level(NamedTuple):
    """A frame as it was at a step.

    Attributes:
        frame, place: the frame, and the number of its place.
        read: a hash of what was read since it last jumped back, part of which may be on its stack;
            None where that cannot be seen.
        state: a hash of all that determines how it goes on; None where that cannot be seen.
    """

    frame: types.FrameType
    place: int
    read: int | None
    state: int | None


# From (id of a code object, offset of an instruction) to the number of the place in the source, or
# None for code that is passed over: the gates themselves and multiprocessing.
_number_of: dict[tuple[int, int], int | None] = {}
_places: list[Spot] = []
_in_while: set[int] = set()  # the numbers of those inside a `while` loop
_numbers: dict[tuple[Any, ...], int] = {}
# From the id of a code object to the lines on which its `for` loops take their next item.
_for_lines_of: dict[int, frozenset[int | None]] = {}
# From the id of a code object to the globals that it names.
_global_names_of: dict[int, tuple[str, ...]] = {}
_kept_alive: list[types.CodeType] = []


def in_source(number: int) -> Spot:
    """Return a `Spot` by its number."""
    return _places[number]


class Whereabouts:
    """Follows a worker from step to step.

    Args:
        outermost: the code object of the function that calls the worker.
    """

    def __init__(self, outermost: types.CodeType):
        self._outermost = outermost
        self.begin()

    def begin(self) -> None:
        """Forget the schedule before."""
        self._levels: tuple[_Level, ...] = ()
        self._turns: dict[types.FrameType, int] = {}

    def _count_turns_of(self, frame):
        """Count the turns of a frame's `for` loops from here on, where it has any."""
        if frame.f_trace is None and _for_lines(frame.f_code):
            frame.f_trace = self._count_turns
            sys.settrace(_trace_no_calls)

    def _count_turns(self, frame, event, argument):
        if event == "line" and frame.f_lineno in _for_lines(frame.f_code):
            self._turns[frame] = self._turns.get(frame, 0) + 1
        elif event == "return":
            self._turns.pop(frame, None)
        return self._count_turns

    def look(self, frame: Any, given: object) -> tuple[int | None, int | None]:
        """Say where the worker is.

        Args:
            frame: its innermost frame.
            given: what its last step gave.

        Returns:
            (number of its place, a hash that is the same only where it goes on in the same way;
            None where it cannot have come back, or that cannot be seen).
        """
        here = None
        outer, outermost = frame, self._outermost
        while (code := outer.f_code) is not outermost:
            number = _number_at(outer, code)
            if number is not None:
                here = number if here is None else here
                if number in _in_while:
                    return here, self._state(frame, given)
            outer = outer.f_back
        self._levels = ()
        return here, None

    def _state(self, frame, given):
        """Return the hash of `look`, where some frame is inside a `while` loop."""
        found = []
        while (code := frame.f_code) is not self._outermost:
            number = _number_at(frame, code)
            if number is not None:
                found.append((frame, number))
            frame = frame.f_back
        for held, _ in found:
            self._count_turns_of(held)
        self._levels = tuple(self._followed(found[::-1], repr(given)))
        kind = next(_places[number].loops[0][0] for _, number in found if _places[number].loops)
        states = tuple(level.state for level in self._levels)
        return None if kind == "for" or None in states else _hash(states)

    def _followed(self, found, given):
        """Yield the `_Level` of each frame, outermost first."""
        before = self._levels
        same = 0  # so many frames are those of the last step
        for (frame, _), level in zip(found, before, strict=False):
            if frame is not level.frame:
                break
            same += 1
        for depth, (frame, number) in enumerate(found):
            read: int | None = 0
            if depth < same - 1:
                read = before[depth].read  # it waits for what it has called
            elif depth == same - 1:
                level = before[depth]
                if _may_be_on_the_stack(_places[level.place], _places[number]):
                    inner = tuple(level.state for level in before[same:])
                    read = None if None in inner else _hash(level.read, given, inner)
            held = _summary([dict(frame.f_locals), _globals_of(frame.f_code, frame.f_globals)])
            state = None
            if held is not None and read is not None:
                state = _hash(number, held, read, self._turns.get(frame, 0))
            yield _Level(frame, number, read, state)


def _may_be_on_the_stack(before, now):
    """True where what was read at one place may still be on the stack at the next: a loop that is
    entered, or jumps back, begins with nothing of it."""
    entered = now.loops and now.loops[0] not in before.loops
    return now.order > before.order and not entered


def _number_at(frame, code):
    """Return the number of the place of a frame, or None for code that is passed over."""
    key = id(code), frame.f_lasti
    number = _number_of.get(key, -1)
    return _enter(key, code, frame) if number == -1 else number


def _enter(key, code, frame):
    """Note an instruction that is met for the first time; return the number of its place.

    The compiler may double a loop's condition: its two copies are one place, as in the source.
    """
    _kept_alive.append(code)  # so that its id is not given to another
    _number_of[key] = None
    if not code.co_filename.startswith(_PASSED_OVER):
        position = list(code.co_positions())[frame.f_lasti // 2]
        if None in position:
            position = frame.f_lasti
        function = code.co_filename, code.co_firstlineno
        number = _numbers.setdefault((*function, position), len(_places))
        if number == len(_places):
            order, loops = _order_and_loops(code, frame.f_lasti, position)
            _places.append(Spot((*function, frame.f_lineno), order, loops))
            if any(kind == "while" for kind, _ in loops):
                _in_while.add(number)
        _number_of[key] = number
    return _number_of[key]


def _order_and_loops(code, offset, position):
    """Return the order of an instruction, and the loops around it, as a `Spot` has them.

    A loop is where the code jumps back. The compiler may double a `while` condition, with the first
    copy before the loop; it has the position of the second.
    """
    instructions = list(dis.get_instructions(code))
    heads = set(_heads_of_for(instructions))
    jumps = {*dis.hasjrel, *dis.hasjabs}
    loops = {
        (step.argval, step.offset)
        for step in instructions
        if step.opcode in jumps and step.argval < step.offset
    }
    places = {offset} | {
        step.offset for step in instructions if tuple(step.positions or ()) == position
    }
    around = sorted(
        (end - begin, begin) for begin, end in loops if any(begin <= p <= end for p in places)
    )
    kinds = tuple(("for" if begin in heads else "while", begin) for _, begin in around)
    return min(places), kinds


def _heads_of_for(instructions):
    """Yield where `for` loops jump back to: before a long body a prefix of FOR_ITER holds a part of
    its argument."""
    prefix = None
    for step in instructions:
        if step.opname == "FOR_ITER":
            yield step.offset if prefix is None else prefix
        if step.opname != "EXTENDED_ARG":
            prefix = None
        elif prefix is None:
            prefix = step.offset


def _trace_no_calls(frame, event, argument):
    return None


def _for_lines(code):
    """Return the lines on which a function's `for` loops take their next item."""
    if id(code) not in _for_lines_of:
        _kept_alive.append(code)
        _for_lines_of[id(code)] = frozenset(
            step.positions.lineno
            for step in dis.get_instructions(code)
            if step.opname == "FOR_ITER" and step.positions is not None
        )
    return _for_lines_of[id(code)]


def _summary(value, depth=0):
    """Return a hashable stand-in, equal where the values are; None where that cannot be seen."""
    kind: Any = type(value)
    if kind in PLAIN or kind is range:
        return kind.__name__, value
    if isinstance(value, View):
        return "view", name_of(value)
    if isinstance(value, types.ModuleType | type | types.BuiltinFunctionType):
        return "object", id(value)
    if depth > DEEPEST_LOCAL:
        return None
    if kind in (list, tuple, set, frozenset, dict):
        if len(value) > LONGEST_LOCAL:
            return None
        items = [_summary(item, depth + 1) for item in (value.items() if kind is dict else value)]
        if None in items:
            return None
        return kind.__name__, *(sorted(items, key=repr) if kind in (set, frozenset) else items)
    if kind is types.FunctionType:
        inside = [cell.cell_contents for cell in value.__closure__ or () if _is_full(cell)]
        reached = _globals_of(value.__code__, value.__globals__) if depth < 3 else None
        parts = [inside, value.__defaults__, value.__kwdefaults__, value.__dict__, reached]
        return _parts("function", value.__code__, parts, depth)
    if kind is types.MethodType:
        return _parts("method", value.__func__, [value.__self__], depth)
    if kind is functools.partial:
        return _parts("partial", None, [value.func, value.args, value.keywords], depth)
    if isinstance(value, BaseException):
        return _parts("exception", kind, [value.args], depth)
    if _keeps_all_in_its_dict(kind):
        return _parts("instance", kind, [value.__dict__], depth)
    return None


def _globals_of(code, names):
    """Return the globals that a function names and that may change: no modules, no classes."""
    return {
        name: names[name]
        for name in _global_names(code)
        if name in names and not isinstance(names[name], types.ModuleType | type)
    }


def _global_names(code):
    if id(code) not in _global_names_of:
        loads = (step for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL")
        _global_names_of[id(code)] = tuple(sorted({step.argval for step in loads}))
        _kept_alive.append(code)
    return _global_names_of[id(code)]


def _hash(*parts):
    """Return a hash of plain things: of their words, since -1 and -2 have the same hash."""
    return hash(repr(parts))


@functools.cache
def _keeps_all_in_its_dict(kind):
    """True for a class written in Python, without slots, all of whose bases are such classes."""
    return kind is not object and not any(
        isinstance(member, _OF_C) for base in kind.__mro__[:-1] for member in vars(base).values()
    )


_OF_C = (
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MemberDescriptorType,
    types.BuiltinFunctionType,
)


def _is_full(cell):
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _parts(name, identity, parts, depth):
    inside = _summary(parts, depth + 1)
    return None if inside is None else (name, id(identity), inside)
