"""Where the loops of a function are in its bytecode."""

import dis
from collections import defaultdict
from types import CodeType
from typing import TypeAlias

# A loop: "for", "while" or "comprehension", and the offset that the code jumps back to.
Loop: TypeAlias = tuple[str, int]

_JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))
# What is never followed by the next instruction.
_ENDS = ("JUMP_FORWARD", "JUMP_BACKWARD", "RETURN_VALUE", "RETURN_CONST", "RAISE", "RERAISE")
_COLLECTS = ("LIST_APPEND", "SET_ADD", "MAP_ADD")
_layouts: dict[int, "Layout"] = {}


def layout_of(code: CodeType) -> "Layout":
    """Return the `Layout` of a code object."""
    found = _layouts.get(id(code))
    if found is None:
        found = _layouts[id(code)] = Layout(code)
    return found


class Layout:
    """What `whereabouts` needs to know of a code object, which it keeps alive.

    Attributes:
        first: from the offset of each instruction to its own, or where the compiler has doubled the
            condition of a `while` loop, to that of its first copy, which stands before the loop.
        heads_on: from a line to the heads of the `for` loops on it: they take the next item there.
    """

    def __init__(self, code: CodeType):
        self._code = code
        self._steps = list(dis.get_instructions(code))
        self._back = self._jumps_back()
        heads = set(self._heads_of_for())
        collects = [step.offset for step in self._steps if step.opname in _COLLECTS]
        self._kinds = {}
        for end, begin in self._back:
            kind = "for" if begin in heads else "while"
            if kind == "for" and any(begin <= offset <= end for offset in collects):
                kind = "comprehension"
            self._kinds[begin] = kind
        self.first = self._first_copies()
        self.heads_on: defaultdict[int | None, list[int]] = defaultdict(list)
        for step in self._steps:
            if step.offset in heads and step.positions is not None:
                self.heads_on[step.positions.lineno].append(step.offset)

    def place_of(self, offset: int) -> int:
        """Return the offset of an instruction, or of its first copy.

        Args:
            offset: of the instruction, or of its caches: where it calls a function, a frame may be
                at the last of these.
        """
        return self.first[max(filter(offset.__ge__, self.first))]

    def loops_around(self, place: int) -> tuple[Loop, ...]:
        """Return the loops around a place, innermost first; the first copy of its condition belongs
        to a loop."""
        copies = [copy for copy, first in self.first.items() if first == place]
        around = sorted(
            (end - begin, begin)
            for end, begin in self._back
            if any(begin <= copy <= end for copy in copies)
        )
        return tuple((self._kinds[begin], begin) for _, begin in around)

    def is_turn(self, offset: int, head: int) -> bool:
        """True where a frame that begins a line there goes on to the next turn of a `for` loop.

        From Python 3.13 on it is still at the jump, if that is on the same line.
        """
        return offset == head or (offset, head) in self._back

    def _jumps_back(self):
        """Return (offset, offset that it jumps back to) for each jump that closes a loop: nobody
        comes there but by the place that it jumps back to.

        What handles an exception stands behind all else, and jumps back without a loop.
        """
        handlers = dis.Bytecode(self._code).exception_entries  # type: ignore[attr-defined]
        ways: dict[int, list[int]] = {}
        for step, following in zip(self._steps, [*self._steps[1:], None], strict=True):
            found = [each.target for each in handlers if each.start <= step.offset < each.end]
            if step.opcode in _JUMPS:
                found.append(step.argval)
            if following is not None and not step.opname.startswith(_ENDS):
                found.append(following.offset)
            ways[step.offset] = found

        def closes_a_loop(end, begin):
            met, new = {begin}, [self._steps[0].offset]
            while new:
                place = new.pop()
                if place not in met:
                    met.add(place)
                    new += ways[place]
            return end not in met

        return {
            (step.offset, step.argval)
            for step in self._steps
            if step.opcode in _JUMPS
            and step.argval < step.offset
            and closes_a_loop(step.offset, step.argval)
        }

    def _heads_of_for(self):
        """Yield where `for` loops jump back to.

        Before a long body a prefix of FOR_ITER holds a part of its argument.
        """
        prefix = None
        for step in self._steps:
            if step.opname == "FOR_ITER":
                yield step.offset if prefix is None else prefix
            if step.opname != "EXTENDED_ARG":
                prefix = None
            elif prefix is None:
                prefix = step.offset

    def _first_copies(self):
        found = {step.offset: step.offset for step in self._steps}
        steps = [step for step in self._steps if not _is_filling(step.opname)]
        for end, begin in self._back:
            firsts = [step for step in steps if step.offset < begin]
            seconds = [step for step in steps if begin <= step.offset <= end]
            for first, second in zip(reversed(firsts), reversed(seconds), strict=False):
                if (first.opcode, first.positions) != (second.opcode, second.positions):
                    break
                found[second.offset] = first.offset
        return found


def _is_filling(name):
    """True for what two copies may differ in: jumps, and what does nothing."""
    return "JUMP" in name or name in ("EXTENDED_ARG", "NOP", "CACHE", "NOT_TAKEN")
