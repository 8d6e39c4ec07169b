"""Where a worker is in its source, and whether it can come back there with nothing changed.

What a worker does next depends on the frames of its functions: where each is, what its code can
reach (see `reached`), what a half-computed expression has on its stack, how far its `for` loops
have come. All of it is in the state made here. Where something cannot be seen, there is no state:
then nothing may be concluded from a worker's coming back.
"""

import _thread
import dis
import os
import sys
import types
from collections import Counter, defaultdict
from multiprocessing import synchronize
from typing import Any, NamedTuple

from .bytecode import Loop, layout_of
from .messages import Where
from .reached import reached_from

# Functions whose frames go on after they have returned something.
_RESUMED = sum(
    flag
    for flag, name in dis.COMPILER_FLAG_NAMES.items()
    if name in ("GENERATOR", "COROUTINE", "ASYNC_GENERATOR")
)
_PASSED_OVER = (os.path.dirname(__file__), os.path.dirname(synchronize.__file__))


class Spot(NamedTuple):
    """A place in the source.

    Attributes:
        where: (file, first line of the function, line).
        order: larger for what comes later in its function.
        loops: the loops around it, innermost first.
    """

    where: Where
    order: int
    loops: tuple[Loop, ...]


class _Level(NamedTuple):
    """A frame as it was at a step.

    Attributes:
        frame, place: the frame, and the number of its place.
        lines: how many lines it had begun.
        read: a hash of what was read that may be on its stack; None where that cannot be seen.
        read_before: the same at the start of each loop around its place.
        state: a hash of all that determines how it goes on; None where that cannot be seen.
        at: where it was in the bytecode, which may have a place of the source twice.
        yields: how often a generator had given it something.
    """

    frame: types.FrameType
    place: int
    lines: int
    read: int | None
    read_before: dict[Loop, int | None]
    state: int | None
    at: int
    yields: int


# From (id of a code object, offset of an instruction) to the number of the place in the source, or
# None for code that is passed over: the gates themselves and multiprocessing. No id is given to
# another meanwhile: the `Layout` of a code object keeps it, and so do modules what is passed over.
_number_of: dict[tuple[int, int], int | None] = {}
_places: list[Spot] = []
_in_while: set[int] = set()  # the numbers of those inside a `while` loop
_numbers: dict[tuple[int, int], int] = {}


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
        self._threads = _thread._count()
        self.begin()

    def begin(self) -> None:
        """Forget the schedule before."""
        self._levels: tuple[_Level, ...] = ()
        self._given: list[object] = []  # by steps before the first inside a `while` loop
        self._lines: Counter[types.FrameType] = Counter()  # that a frame has begun
        # Of its `for` loops, by their heads, since they were begun.
        self._turns: defaultdict[types.FrameType, Counter[int]] = defaultdict(Counter)
        self._yields: Counter[types.FrameType | None] = Counter()  # to a frame, of generators

    def _follow(self, frame):
        """Count the lines and the turns of a frame from here on."""
        if frame.f_trace is None:
            frame.f_trace = self._count
            sys.settrace(_trace_no_calls)

    def _count(self, frame, event, argument):
        if event == "line":
            self._lines[frame] += 1
            layout = layout_of(frame.f_code)
            for head in layout.heads_on.get(frame.f_lineno, ()):
                if layout.is_turn(frame.f_lasti, head):
                    self._turns[frame][head] += 1
                elif frame.f_lasti < head:
                    self._turns[frame][head] = 0  # it is about to begin
        elif event == "return" and frame.f_code.co_flags & _RESUMED:
            self._yields[frame.f_back] += 1
        elif event == "return":
            del self._lines[frame], self._yields[frame]
            self._turns.pop(frame, None)
        return self._count

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
        if self._levels:
            self._levels, self._given = (), []
        self._given.append(given)
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
            self._follow(held)
        self._levels = self._followed(found[::-1], given)
        states = tuple(level.state for level in self._levels)
        if None in states or _thread._count() > self._threads:
            return None
        return _hash(states)

    def _followed(self, found, given):
        """Return the `_Level` of each frame, outermost first."""
        before, after = self._levels, []
        same = 0  # so many frames are those of the last step
        for (frame, _), level in zip(found, before, strict=False):
            if frame is not level.frame:
                break
            same += 1
        reached = reached_from([frame for frame, _ in found])
        at_first = 0 if before else _hash(self._given, given)
        for depth, (frame, number) in enumerate(found):
            lines, yields = self._lines[frame], self._yields[frame]
            if depth < same - 1 and yields == before[depth].yields:
                read, read_before = before[depth].read, before[depth].read_before  # it waits
            elif depth < same:
                level = before[depth]
                ended = tuple(inner.state for inner in before[depth + 1 :])
                new = _hash(level.read, given, ended) if None not in (level.read, *ended) else None
                moved = (lines, frame.f_lasti) != (level.lines, level.at)
                read, read_before = _read(level, _places[number], moved, new)
            else:
                read = at_first
                read_before = dict.fromkeys(_places[number].loops, read)
            state = None
            if reached is not None and read is not None:
                turns = [self._turns[frame][head] for _, head in _places[number].loops]
                state = _hash(number, reached[depth], read, turns)
            at = frame.f_lasti
            after.append(_Level(frame, number, lines, read, read_before, state, at, yields))
        return tuple(after)


def _read(level, now, moved, new):
    """Return what was read that may be on the stack of a frame, and the same before each loop.

    Args:
        level: the frame at its last step.
        now: the `Spot` where it is.
        moved: True where it has gone on from there.
        new: a hash of what has been read, with what its last step gave, and those of the functions
            that it has called meanwhile.
    """
    loops = [loop for loop in now.loops if loop in level.read_before]
    if now.order > _places[level.place].order:
        read = new
    elif moved and loops:
        # It has jumped back, and begins the loop anew; a comprehension keeps what it has collected.
        read = new if loops[0][0] == "comprehension" else level.read_before[loops[0]]
    else:
        read = None  # something that is written in C goes on from here, such as a sum(map(...))
    known = {loop: level.read_before[loop] for loop in loops}
    return read, dict.fromkeys(now.loops, read) | known


def _number_at(frame, code):
    """Return the number of the place of a frame, or None for code that is passed over."""
    key = id(code), frame.f_lasti
    number = _number_of.get(key, -1)
    return _enter(key, code, frame) if number == -1 else number


def _enter(key, code, frame):
    """Note an instruction that is met for the first time; return the number of its place.

    The compiler may double the condition of a `while` loop: its two copies are one place, as in the
    source. Other copies, as of what a `with` or a `finally` does at its end, lead to other places.
    """
    _number_of[key] = None
    if not code.co_filename.startswith(_PASSED_OVER):
        layout = layout_of(code)
        order = layout.place_of(frame.f_lasti)
        number = _numbers.setdefault((id(code), order), len(_places))
        if number == len(_places):
            where = code.co_filename, code.co_firstlineno, frame.f_lineno
            loops = layout.loops_around(order)
            _places.append(Spot(where, order, loops))
            if any(kind == "while" for kind, _ in loops):
                _in_while.add(number)
        _number_of[key] = number
    return _number_of[key]


def _trace_no_calls(frame, event, argument):
    return None


def _hash(*parts):
    """Return a hash of plain things: of their words, since -1 and -2 have the same hash."""
    return hash(repr(parts))
