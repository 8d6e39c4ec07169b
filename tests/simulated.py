"""A Stepper without processes, for the search alone: it takes the model's workers along."""

import model
from shmlib.engine.child.messages import Place, Request

LOCKS = tuple(model.RECURSIVE)
MEMORIES = tuple(model.START)


class SimulatedStepper:
    """Stands in for a `Stepper` of workers that carry out programs (see `model`)."""

    polls = False
    came_back = None
    recursive = tuple(model.RECURSIVE.values())

    def __init__(self, programs):
        self._programs = programs
        self.letters = "ABCDEFG"[: len(programs)]
        self.workers = tuple(self.letters)
        self.rewind()

    def rewind(self):
        """Begin anew."""
        self.world = model.World()
        self.schedule = ""
        self._needs, self.results, self.raised = {}, dict.fromkeys(self.letters), set()
        self._workers = {
            letter: model.worker_of(self.world, letter, program)
            for letter, program in zip(self.letters, self._programs, strict=True)
        }
        for letter in self.letters:
            self._go_on(letter)

    def advance(self, letter):
        """Let a worker take its next step."""
        del self._needs[letter]
        self.schedule += letter
        self._go_on(letter)

    def _go_on(self, letter):
        try:
            self._needs[letter] = next(self._workers[letter])
        except StopIteration as end:
            self.results[letter] = end.value
        except model.Wrong:
            self.raised.add(letter)

    @property
    def pending(self):
        return {letter: _request(need) for letter, need in self._needs.items()}

    @property
    def ready(self):
        return [
            letter
            for letter in self.letters
            if letter in self._needs and model.is_free(self.world, letter, self._needs[letter])
        ]

    @property
    def owners(self):
        return tuple(self.world.owners[lock] for lock in LOCKS)

    @property
    def end(self):
        """How the schedule has ended, in the model's words."""
        return model.end_of(self.world, self._needs, self.results, self.raised)


def _request(need):
    place = None
    if need.cells:
        places = [place for _, place in need.cells]
        place = Place(MEMORIES.index(need.cells[0][0]), min(places), max(places))
    lock = None if need.lock is None else LOCKS.index(need.lock)
    action = "acquire" if need.action == "try" else need.action
    return Request(action, repr(need), lock, need.action != "try", ("", 0, 0), place)
