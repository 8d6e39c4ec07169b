"""One execution for each trace: optimal dynamic partial order reduction with wakeup trees.

Abdulla, Aronis, Jonsson, Sagonas: Optimal dynamic partial order reduction, POPL 2014; Source sets,
Journal of the ACM 64(4), 2017. After each execution its races are looked for; a tree at the place
of each race holds the beginnings of executions in which it goes the other way, and that no other
execution leads to.
"""

from collections.abc import Iterator
from typing import NamedTuple

from .child.messages import Request
from .conflicts import Effect, StepEvent, conflict
from .walk import Walk


class NotReducibleError(Exception):
    """Traces do not say enough here: workers poll, or an execution was in vain."""


class _Branch(NamedTuple):
    """The beginning of executions that are still to be run: a step, and what may follow."""

    letter: str
    effect: Effect | None  # None until the step has been taken
    branches: list["_Branch"]


class _Node:
    """A place on the way of the current execution.

    Attributes:
        sleep: from the letters that need not be tried here to the effects of their steps.
        branches: those still to be run; the first is under way.
    """

    __slots__ = ("branches", "sleep")

    def __init__(self, sleep: dict[str, Effect], branches: list[_Branch]):
        self.sleep = sleep
        self.branches = branches


class Optimal:
    """Runs one interleaving of each trace.

    Args:
        walk: the `Walk` to use.
    """

    def __init__(self, walk: Walk):
        self._walk = walk
        self._nodes = [_Node({}, [])]

    def executions(self) -> Iterator[bool]:
        """Yield at the end of each execution, which the walk tells, whether more are to come.

        Raises:
            NotReducibleError: one execution for each trace cannot be had.
        """
        while self._nodes:
            self._walk.start("".join(node.branches[0].letter for node in self._nodes[:-1]))
            self._extend()
            self._turn_races_round()
            self._go_back()
            yield bool(self._nodes)

    def _extend(self):
        """Go on to the end of the schedule."""
        walk, recurrence = self._walk, self._walk.stepper.recurrence
        while ready := walk.ready:
            node = self._nodes[-1]
            if not node.branches:
                letter = next((letter for letter in ready if letter not in node.sleep), None)
                if letter is None:
                    raise NotReducibleError("an execution was run for nothing")
                node.branches.append(_Branch(letter, None, []))
            branch = node.branches[0]
            if branch.letter not in ready:
                raise NotReducibleError("the next step cannot be taken")
            step = walk.go(branch.letter)
            if recurrence.polls or recurrence.came_back is not None:
                raise NotReducibleError("a worker polls")
            node.branches[0] = branch._replace(effect=step)
            sleep = {k: held for k, held in node.sleep.items() if not conflict(held, step)}
            self._nodes.append(_Node(sleep, branch.branches))

    def _go_back(self):
        """Drop what has been run, back to a place where something is still to be run."""
        self._nodes.pop()
        while self._nodes:
            node = self._nodes[-1]
            done = node.branches.pop(0)
            node.sleep[done.letter] = done.effect  # type: ignore[assignment]
            if node.branches:
                return
            self._nodes.pop()

    def _turn_races_round(self):
        """See to it that each race of this execution is also run the other way round."""
        walk = self._walk
        events = walk.past.events
        for event in events:
            before = event.past[event.worker]
            for position in event.races:
                first = self._reversible(events[position], event)
                if first is not None and not (before and before.comes_after(first)):
                    self._turn_round(first, event.letter, event.request)
        for letter, request in walk.pending_at(len(events)).items():
            # It waits. Had it come before what it waits for was taken, it would have had it.
            if not walk.able_at(len(events), letter, request):
                taken = self._taken_at(len(events), letter, request)
                before = walk.past.last[walk.stepper.letters.index(letter)]
                if taken is not None and not (before and before.comes_after(taken)):
                    self._turn_round(taken, letter, request)

    def _reversible(self, first: StepEvent, second: StepEvent) -> StepEvent | None:
        """Return the event that the second can come before, or None.

        What waited for the first, such as for a lock to be given back, cannot come before it, but
        before what had made it wait.
        """
        letter, request = second.letter, second.request
        ordered = first.effect.lock is not None and first.effect.lock == second.effect.lock
        if not ordered or self._walk.able_at(first.position, letter, request):
            return first
        return self._taken_at(first.position, letter, request)

    def _taken_at(self, position: int, letter: str, request: Request) -> StepEvent | None:
        """Return the event that has made a step wait which waits at a place of the schedule: the
        last one before which it could have been taken. All that it can wait for is in one order."""
        walk = self._walk
        key = walk.effect(walk.states_at(position), letter, request).lock
        for event in reversed(walk.past.events[:position]):
            if event.effect.lock == key and event.effect.changes:
                if event.letter == letter:
                    return None
                if walk.able_at(event.position, letter, request):
                    return event
        return None

    def _turn_round(self, first, letter, request):
        """Let a worker's step come before an event, together with all that does not need that
        event, unless some execution leads there anyway."""
        walk = self._walk
        states = walk.states_at(first.position)
        sequence = []
        for event in walk.past.events[first.position + 1 :]:
            if not event.comes_after(first):
                sequence.append((event.letter, event.effect))
                states = walk.after(states, event.letter, event.request)
        sequence.append((letter, walk.effect(states, letter, request)))
        node = self._nodes[first.position]
        if not any(_weak_initial(k, held, sequence) for k, held in node.sleep.items()):
            _insert(node.branches, sequence)


def _weak_initial(letter, step, sequence):
    """True where some order of the sequence, or of it and this step, begins with this step."""
    for other, effect in sequence:
        if other == letter:
            return True
        if conflict(effect, step):
            return False
    return True


def _insert(branches, sequence):
    """Add a sequence to a tree, unless a leaf of the tree leads to it anyway."""
    while True:
        for branch in branches:
            if _weak_initial(branch.letter, branch.effect, sequence):
                if not branch.branches:
                    return
                place = next((n for n, (k, _) in enumerate(sequence) if k == branch.letter), None)
                if place is not None:
                    sequence = sequence[:place] + sequence[place + 1 :]
                branches = branch.branches
                break
        else:
            for letter, effect in sequence:
                branches.append(_Branch(letter, effect, []))
                branches = branches[-1].branches
            return
