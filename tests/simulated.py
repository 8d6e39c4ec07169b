"""A Stepper without processes, for the search alone: it takes the model's workers along."""

from types import SimpleNamespace

import model
from shmlib.engine import awaited
from shmlib.engine.child.messages import Place, Request

AWAITED = (*model.RECURSIVE, *model.SEMAPHORES, "condition", "lcond", "event", "barrier")
MEMORIES = tuple(model.START)


class SimulatedStepper:
    """Stands in for a `Stepper` of workers that carry out programs (see `model`)."""

    recurrence = SimpleNamespace(polls=False, came_back=None, trusted=True)

    def __init__(self, programs, awaited=awaited):
        self._programs = programs
        self.letters = "ABCDEFG"[: len(programs)]
        self.workers = tuple(self.letters)
        self.rules = _rules(awaited)
        self.rewind()

    def rewind(self):
        """Begin anew."""
        self.world = model.World()
        self.schedule = ""
        self.lock_states = tuple(rule.start for rule in self.rules)
        self._needs, self.results, self.raised = {}, dict.fromkeys(self.letters), set()
        self._workers = {
            letter: model.worker_of(self.world, letter, program)
            for letter, program in zip(self.letters, self._programs, strict=True)
        }
        for letter in self.letters:
            self._go_on(letter)

    def advance(self, letter):
        """Let a worker take its next step."""
        request = _request(self._needs.pop(letter))
        if request.lock is not None:
            self.lock_states = self.rules[request.lock].after(self.lock_states, letter, request)
        self.schedule += letter
        self._go_on(letter)

    def _go_on(self, letter):
        try:
            self._needs[letter] = next(self._workers[letter])
        except StopIteration as end:
            self.results[letter] = end.value
        except model.Wrong:
            self.raised.add(letter)

    def end_of(self, letter):
        """Return how a worker has ended, in words, and what it returned."""
        return f"raised {letter in self.raised}", self.results[letter]

    @property
    def pending(self):
        return {letter: _request(need) for letter, need in self._needs.items()}

    @property
    def ready(self):
        ready = [k for k, need in self._needs.items() if model.is_free(self.world, k, need)]
        by_rules = [k for k, request in self.pending.items() if self._able(k, request)]
        assert sorted(ready) == sorted(by_rules)
        return sorted(ready)

    def _able(self, letter, request):
        rule = None if request.lock is None else self.rules[request.lock]
        return rule is None or rule.able(self.lock_states, letter, request)

    @property
    def end(self):
        """How the schedule has ended, in the model's words."""
        return model.end_of(self.world, self._needs, self.results, self.raised)


def _rules(awaited):
    rules = [
        awaited.LockRules(number, name, recursive)
        for number, (name, recursive) in enumerate(model.RECURSIVE.items())
    ]
    for name, (value, most) in model.SEMAPHORES.items():
        rules.append(awaited.SemaphoreRules(len(rules), name, value, most or 10**6))
    for name, lock in (("condition", "cond"), ("lcond", "lock")):
        rules.append(awaited.ConditionRules(len(rules), name, rules[AWAITED.index(lock)]))
    rules.append(awaited.EventRules(len(rules), "event", (False, "", "", "")))
    rules.append(awaited.BarrierRules(len(rules), "barrier", model.PARTIES, False, 0))
    return rules


def _request(need):
    place = None
    if need.cells:
        places = [place for _, place in need.cells]
        place = Place(MEMORIES.index(need.cells[0][0]), min(places), max(places))
    action = "acquire" if need.action == "try" else need.action.removesuffix(" in time")
    name = need.lock
    if name == "cond" and action in ("wait on", "wake on", "retake", "notify"):
        name = "condition"
    lock = None if name is None else AWAITED.index(name)
    waits = (action == need.action and action != "read") or name in model.RECURSIVE
    waits = waits and need.action != "try"
    return Request(action, repr(need[:3]), lock, waits, ("", 0, 0), place, value=need.value)
