"""Which configurations lead back to each other, and whether that can go on forever."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .recurrence import Recurrence


class _Way(NamedTuple):
    """Steps from one configuration to another.

    Attributes:
        taken: the letters that took them.
        able: the letters that could have gone on meanwhile.
    """

    taken: frozenset[str]
    able: frozenset[str]


# From a configuration to its followers, and the ways to each.
_Graph = dict[int, dict[int, set[_Way]]]


class Cycles:
    """The configurations that workers in `while` loops were seen in, and the ways between them."""

    def __init__(self) -> None:
        self._ways: _Graph = {}
        self._here: int | None = None
        self._groups: dict[int, tuple[int, str]] | None = None

    def begin(self, recurrence: Recurrence) -> None:
        """Follow the workers from the start of a schedule."""
        self._here = recurrence.configuration
        self._taken: set[str] = set()
        self._able: set[str] = set()

    def follow(self, letter: str, able: Iterable[str], recurrence: Recurrence) -> None:
        """Note that a worker has taken a step, and who was able to go on before it."""
        after = recurrence.configuration
        if self._here is None:
            self._here = after
            return
        self._taken.add(letter)
        self._able.update(able)
        if after is None:
            return  # on the way, somebody is where nothing can be told
        way = _Way(frozenset(self._taken), frozenset(self._able))
        self._ways.setdefault(self._here, {}).setdefault(after, set()).add(way)
        self.begin(recurrence)
        self._groups = None

    def fair_group(self, configuration: int | None) -> tuple[int, str] | None:
        """Return (number, letters) of the group of configurations that lead to each other, where
        that can go on forever with nobody left out: whoever can go on in the group, the letters,
        takes a step in it. Else None."""
        if self._groups is None:
            groups = enumerate(_fair_groups(self._ways))
            self._groups = {
                node: (number, letters) for number, (nodes, letters) in groups for node in nodes
            }
        return self._groups.get(configuration)  # type: ignore[arg-type]


def _fair_groups(ways: _Graph) -> Iterator[tuple[set[int], str]]:
    """Yield the configurations of each fair group, and the letters that take steps in it.

    Where somebody could go on in a group and never does, the ways on which that is so belong to no
    fair round; without them the group may have smaller groups that are fair.
    """
    for group in _strongly_connected(ways):
        inside = {
            node: {after: found for after, found in ways.get(node, {}).items() if after in group}
            for node in group
        }
        every = [way for after in inside.values() for found in after.values() for way in found]
        taken = frozenset().union(*(way.taken for way in every))
        if all(way.able <= taken for way in every):
            if taken:
                yield group, "".join(sorted(taken))
            continue
        fewer = {
            node: {
                after: fair
                for after, found in followers.items()
                if (fair := {way for way in found if way.able <= taken})
            }
            for node, followers in inside.items()
        }
        yield from _fair_groups(fewer)


def _strongly_connected(ways: _Graph) -> Iterator[set[int]]:
    """Yield the strongly connected components (Tarjan 1972, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()

    def enter(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        work.append((node, iter(ways.get(node, ()))))

    for root in ways:
        work: list[tuple[int, Iterator[int]]] = []
        if root not in index:
            enter(root)
        while work:
            node, followers = work[-1]
            for follower in followers:
                if follower not in index:
                    enter(follower)
                    break
                if follower in on_stack:
                    low[node] = min(low[node], index[follower])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    place = stack.index(node)
                    group = set(stack[place:])
                    del stack[place:]
                    on_stack -= group
                    yield group
