"""Recurrence: notices when workers that loop come back to where they were in a schedule."""

import ctypes
from collections.abc import Collection, Iterable, Sequence

from ..memory.objects import Memory, bytes_of

# Memory of more bytes than this is taken to be another after each write.
MOST_COMPARED = 1 << 20


class Recurrence:
    """What is told of the steps of one schedule, and whether a worker, or all, have come back.

    Args:
        letters: of the workers.
        memories: all that is shared.

    Attributes:
        configuration: a hash of where all workers are and of all that is shared; None where nobody
            can have come back.
        came_back: after how many steps all was as it is now, if something has changed meanwhile;
            else None.
        polls: True where some worker came back to where it was with nothing changed meanwhile.
        looping: True as soon as somebody has been in a `while` loop; before, nobody comes back.
        untried: the letters of steps that have led back to where all was, where nobody has seen yet
            that they do so again and again; else "".
        trusted: False once they did not: some worker keeps something that no summary has.
    """

    def __init__(self, letters: str, memories: Sequence[Memory]):
        self._letters = letters
        self._memories = memories
        self._large = sum(map(ctypes.sizeof, memories)) > MOST_COMPARED
        self.trusted = True
        # Where workers were, and what was shared, where it was seen that they come back there.
        self._tried: set[object] = set()

    def begin(self, matter: object) -> None:
        """Forget the schedule before.

        Args:
            matter: as for `note_locks`.
        """
        self.configuration: int | None = None
        self.came_back: int | None = None
        self.polls = self.looping = False
        self.untried = ""
        self._matter = matter
        self._changes = 0  # of the memory and of the locks
        self._hashed = -1, 0  # the memory, after so many changes
        self._quiet_since: int | None = None
        # For each worker a hash of all that its steps have given, and one of all that it goes by.
        self._given = dict.fromkeys(self._letters, 0)
        self._summaries: dict[str, int | None] = {}
        self._schedule = ""
        # For each worker how often it has been where, since the last change; and after how many
        # steps of its own it was there last.
        self._visits: dict[str, dict[int | None, int]] = {}
        self._steps: dict[tuple[str, int | None], int] = {}
        # From a configuration to after how many steps, and changes, it was seen last.
        self._path: dict[int, tuple[int, int]] = {}
        self._able: list[Collection[str]] = []

    def note_able(self, letters: Collection[str]) -> None:
        """Note who can go on to something new, before each step; it matters only after somebody
        was `looping`."""
        self._able.append(letters)

    def note_given(self, letter: str, kept: bool, value: object, summary: int | None) -> None:
        """Note what a step has given, and the summary of where the worker is now, if there is
        one."""
        self._given[letter] = hash((self._given[letter], kept, repr(value)))
        self._summaries[letter] = summary if self.trusted else None

    def note_write(self) -> None:
        """Note that memory was written to."""
        self._changes += 1

    def note_locks(self, matter: object) -> None:
        """Note all that `matters` of the states of what workers wait for."""
        self._changes += matter != self._matter
        self._matter = matter

    def arrive(self, schedule: str, pending: Collection[str]) -> None:
        """Look where all are, when all is noted of a step.

        Args:
            schedule: the steps so far, a letter each.
            pending: the letters of those that have not ended.
        """
        self.configuration = self.came_back = None
        self.untried = ""
        self._schedule = schedule
        letter = schedule[-1:]
        if letter and not self.looping and self._summaries[letter] is None:
            return
        if self._changes != self._quiet_since:
            self._quiet_since = self._changes
            self._visits = {k: {} for k in pending}
            for each in pending:
                self._visit(each)
        elif letter in pending and letter:
            self._visit(letter)
        self.configuration = self._configuration(pending)
        if self.configuration is not None:
            self.looping = True
            depth, changes = self._path.get(self.configuration, (None, self._changes))
            if changes != self._changes:  # else it is the round of a worker that polls
                self.came_back = depth
                self._doubt(schedule[depth:])
            self._path[self.configuration] = len(schedule), self._changes

    def _visit(self, letter):
        """Note that a worker is where it is; where that is not the first time, it polls."""
        summary = self._summaries[letter]
        if summary is None:
            return  # it cannot have come back, or that cannot be seen
        visits, place = self._visits[letter], (letter, summary)
        steps = self._schedule.count(letter)
        visits[summary] = visits.get(summary, 0) + 1
        if visits[summary] > 1:
            self.polls = True
            self._doubt(letter * (steps - self._steps[place]))
        self._steps[place] = steps

    def _doubt(self, letters):
        if self.where_are(letters) not in self._tried:
            self.untried = letters

    def where_are(self, letters: str) -> tuple[object, ...]:
        """Return where those are who take some steps, and all that is shared."""
        return (*((k, self._summaries[k]) for k in sorted(set(letters))), *self._shared())

    def note_tried(self, places: Iterable[tuple[object, ...]]) -> None:
        """Note that workers come back to some places of `where_are` again and again."""
        self._tried.update(places)

    def _configuration(self, pending):
        """Return a hash of where all workers are and of all that is shared; None where nobody can
        have come back to where it was."""
        given, summaries = self._given, self._summaries
        if all(summaries[k] is None for k in pending):
            return None
        places = tuple(
            (k, given[k] if summaries[k] is None else (0, summaries[k])) for k in sorted(pending)
        )
        ended = tuple(sorted((k, given[k]) for k in self._letters if k not in pending))
        return hash((places, ended, self._shared()))

    def _shared(self):
        """Return a hash of the memory, and all that matters of what workers wait for."""
        if self._hashed[0] != self._changes:
            whole = self._changes if self._large else b"".join(map(bytes_of, self._memories))
            self._hashed = self._changes, hash(whole)
        return self._hashed[1], self._matter

    def keeps_coming_back(self, letter: str) -> bool:
        """True for a worker that polls: it is where it was, and nothing has changed meanwhile."""
        return self._visits[letter].get(self._summaries[letter], 0) > 1

    def able_since(self, step: int) -> set[str]:
        """Return the letters of those that could go on at some time since so many steps."""
        return set().union(*self._able[step:])
