"""Which configurations lead back to each other, and whether that can go on forever."""

from collections.abc import Iterable, Iterator

from .recurrence import Recurrence


class Cycles:
    """The configurations that workers in `while` loops were seen in, and the ways between them."""

    def __init__(self) -> None:
        # From a configuration to its followers, and for each the letters that took the steps to
        # it, and those that could have gone on meanwhile.
        self._ways: dict[int, dict[int, tuple[set[str], set[str]]]] = {}
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
        taken, able = self._ways.setdefault(self._here, {}).setdefault(after, (set(), set()))
        taken |= self._taken
        able |= self._able
        self.begin(recurrence)
        self._groups = None

    def fair_group(self, configuration: int | None) -> tuple[int, str] | None:
        """Return (number, letters) of the group of configurations that lead to each other, where
        that can go on forever with nobody left out: whoever can go on in the group, the letters,
        takes a step in it. Else None."""
        if self._groups is None:
            self._groups = self._fair_groups()
        return self._groups.get(configuration)  # type: ignore[arg-type]

    def _fair_groups(self):
        fair: dict[int, tuple[int, str]] = {}
        for number, group in enumerate(self._strongly_connected()):
            all_taken: set[str] = set()
            all_able: set[str] = set()
            for node in group:
                for after, (taken, able) in self._ways.get(node, {}).items():
                    if after in group:
                        all_taken |= taken
                        all_able |= able
            if all_taken and all_able <= all_taken:
                fair |= dict.fromkeys(group, (number, "".join(sorted(all_taken))))
        return fair

    def _strongly_connected(self):
        """Yield the strongly connected components (Tarjan 1972, without recursion)."""
        index: dict[int, int] = {}
        low: dict[int, int] = {}
        stack: list[int] = []
        on_stack: set[int] = set()

        def enter(node):
            index[node] = low[node] = len(index)
            stack.append(node)
            on_stack.add(node)
            work.append((node, iter(self._ways.get(node, ()))))

        for root in self._ways:
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
