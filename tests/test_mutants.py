"""Each mistake in the reduction or in the rules of waiting, made on purpose, changes some of the
numbers."""

import functools
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import pytest

import model
from shmlib import engine
from shmlib.engine.counting import ExtensionCounter
from shmlib.engine.walk import Walk
from simulated import SimulatedStepper

ENGINE = Path(engine.__file__).parent

# Drawn at random and made small, so that each mistake shows in one of them.
PROGRAMS = (
    ((("read", "b", 0), ("write", "b", 0, 1)), (("read", "b", 0),)),
    ((("acquire", "lock"),), (("write", "b", 0, 1), ("acquire", "lock"))),
    ((("write", "b", 1, 1), ("release", "lock")),) * 2,
    (
        (
            (
                *("try", "lock"),
                (("with", "lock", (("read", "y", 0),)), ("with", "lock", (("release", "lock"),))),
                (("with", "lock", (("read", "x", 0),)),),
            ),
        ),
        (("read", "y", 0), ("write", "y", 0, 1)),
        (("release", "lock"), ("write", "x", 0, 1), ("acquire", "lock")),
    ),
    (
        (("with", "lock", (("read", "r", 0),)),),
        (("acquire", "lock"), ("release", "lock")),
        (("write", "r", 0, 1), ("acquire", "lock")),
        (("acquire", "lock"), ("add", "a", 1, 1)),
    ),
    (
        (("read", "x", 0), ("try", "rlock", (), ())),
        (("try", "rlock", (("with", "rlock", (("write", "x", 0, 1),)),), ()),),
    ),
    ((("with", "rlock", (("with", "rlock", (("read", "r", 0),)),)),),) * 2,
    ((("read", "x", 0), ("acquire", "a"), ("acquire", "a"), ("release", "a")),) * 2,
    (
        (("read", "b", 0),),
        (("write", "b", 1, 1), ("write", "b", 1, 1)),
        (("write", "r", 0, 1), ("write", "b", 0, 1)),
        (("write", "b", 1, 1), ("write", "r", 0, 1)),
    ),
    (
        (("read", "a", 1), ("acquire", "a"), ("write", "a", 1, 1)),
        (("read", "a", 1),),
        (("try", "lock", (("acquire", "a"),), (("read", "r", 0), ("release", "lock"))),),
        (("read", "r", 0), ("acquire", "a"), ("acquire", "lock")),
    ),
)


# The same for those that wait: small ones, one for each rule.
def held(*body):
    return (("with", "cond", body),)


WAIT, IN_TIME, NOTIFY = ("wait", "cond"), ("wait in time", "cond"), ("notify", "cond", 1)
TRY, LOOK = (("try", "cond", (), ()),), held(("read", "r", 0))
SIGNALS = (
    ((("acquire", "sem"),),) * 2,
    ((("acquire", "sem"), ("release", "sem"), ("acquire", "sem")), (("try", "sem", (), ()),)),
    ((("release", "bound"),), (("acquire", "bound"), ("acquire", "bound"))),
    ((("release", "bound"),), (("value", "bound"),)),
    ((("try", "sem", (), ()),), (("value", "sem"),)),
    (held(WAIT), held(NOTIFY), held(WAIT)),
    (held(WAIT), held(NOTIFY), TRY),
    (held(WAIT), held(NOTIFY, NOTIFY), TRY),
    (held(NOTIFY), TRY),
    (held(IN_TIME), LOOK),
    (held(IN_TIME), TRY),
    (held(*held(WAIT)), held(NOTIFY) + LOOK),
    ((("await",), ("await",)), (("set",), ("clear",))),
    ((("await",), ("await",)), (("set",), ("set",), ("clear",))),
    ((("await in time",), ("await",)), (("set",), ("clear",))),
    ((("set",), ("set",)), (("is set",),)),
    ((("set",), ("clear",)), (("is set",),)),
    ((("meet",),), (("meet",), ("meet",))),
    ((("meet",),), (("abort",),)),
    ((("meet",),), (("reset",), ("meet",))),
    ((("abort",), ("reset",)), (("meet",),)),
    ((("with", "rlock", (("with", "rlock", ()),)),), (("try", "rlock", (), ()),)),
)
# Programs at a barrier for three.
THREE = (
    ((("meet",),),) * 3,
    ((("meet in time",),),) * 2,
    ((("meet in time",),), (("meet",),)),
)
CASES = [(some, 2) for some in PROGRAMS + SIGNALS] + [(some, 3) for some in THREE]
TOO_MANY = 2_000
# From what is wrong to the file, what stands there, and what the mistake makes of it.
MUTANTS = {
    "races are cut at their second step": (
        "optimal.py",
        "            if not event.comes_after(first):\n",
        "            if event.request is request:\n                break\n"
        "            if not event.comes_after(first):\n",
    ),
    "blocked acquires are forgotten": (
        "optimal.py",
        "in walk.pending_at(len(events)).items():",
        "in ():",
    ),
    "two reads conflict": ("conflicts.py", "(one.writes or other.writes)", "True"),
    "two reads under one lock conflict": (
        "conflicts.py",
        "one.lock == other.lock and (one.changes or other.changes)",
        "one.lock == other.lock",
    ),
    "a try that fails conflicts with nobody": (
        "conflicts.py",
        "one.lock == other.lock and (one.changes or other.changes)",
        "one.lock == other.lock and (one.changes and other.changes)",
    ),
    "sleep sets are not passed down": ("optimal.py", "if not conflict(held, step)}", "if False}"),
    "sleepers are never woken": ("optimal.py", "if not conflict(held, step)}", "if True}"),
    "what was run does not sleep": (
        "optimal.py",
        "node.sleep[done.letter] = done.effect",
        "pass",
    ),
    "weak initials are forgotten": (
        "optimal.py",
        "            return False\n    return True\n",
        "            return False\n    return False\n",
    ),
    "a leaf does not lead to what follows": (
        "optimal.py",
        "            if _weak_initial(branch.letter, branch.effect, sequence):",
        "            if branch.branches and _weak_initial(branch.letter, branch.effect, sequence):",
    ),
    "a lock's release is taken for what can be turned round": (
        "optimal.py",
        "        return self._taken_at(first.position, letter, request)\n",
        "        return None\n",
    ),
    "a lock's acquire is turned round though something needs it": (
        "optimal.py",
        "if first is not None and not (before and before.comes_after(first)):",
        "if first is not None:",
    ),
    "the locks are not followed": (
        "optimal.py",
        "                states = walk.after(states, event.letter, event.request)\n",
        "",
    ),
    "what lies between is forgotten": (
        "conflicts.py",
        "if (known is None or known.number < event.number) and conflict(",
        "if conflict(",
    ),
    "an RLock taken again conflicts": (
        "awaited.py",
        "            if self.recursive and own:\n                return None\n",
        "",
    ),
    "a release of what is free changes it": (
        "awaited.py",
        "            return held is not None\n",
        "            return True\n",
    ),
    "a semaphore can be taken though it is empty": (
        "awaited.py",
        "return states[self.number][0] > 0 or not request.waits or",
        "return True or",
    ),
    "a try takes from a semaphore that is empty": (
        "awaited.py",
        'if request.action == "acquire" and value > 0:',
        'if request.action == "acquire":',
    ),
    "a bounded semaphore has no bound": (
        "awaited.py",
        'elif request.action == "release" and value < self._most:',
        'elif request.action == "release":',
    ),
    "a try at a semaphore only looks at it": (
        "awaited.py",
        "            return value > 0 or request.waits\n",
        "            return request.waits\n",
    ),
    "a release that is refused changes a semaphore": (
        "awaited.py",
        'return request.action == "release" and value < self._most',
        'return request.action == "release"',
    ),
    "whoever sleeps on a condition may wake": (
        "awaited.py",
        "        return letter in queue and TOKEN in queue[queue.index(letter) :]\n",
        "        return letter in queue\n",
    ),
    "who fell asleep after a notify may wake": (
        "awaited.py",
        "        return letter in queue and TOKEN in queue[queue.index(letter) :]\n",
        "        return letter in queue and TOKEN in queue\n",
    ),
    "a notify wakes one after the other": (
        "awaited.py",
        "                    rest.remove(TOKEN)\n",
        "                    pass\n",
    ),
    "who wakes does not wait for the lock": (
        "awaited.py",
        "return states[self.key] is None and self.may_wake(states, letter)",
        "return self.may_wake(states, letter)",
    ),
    "whose time is over does not wait for the lock": (
        "awaited.py",
        '        return request.action != "retake" or states[self.key] is None\n',
        "        return True\n",
    ),
    "who falls asleep keeps the lock": (
        "awaited.py",
        "            states = self._lock._set(states, None)\n",
        "",
    ),
    "who wakes holds the lock only once": (
        "awaited.py",
        "(letter, request.value or 1)",
        "(letter, 1)",
    ),
    "every notify wakes all": (
        "awaited.py",
        "tokens = min(request.value, self.asleep(states))",
        "tokens = self.asleep(states)",
    ),
    "who was woken is counted among the sleepers": (
        "awaited.py",
        "return len(queue) - 2 * queue.count(TOKEN)",
        "return len(queue) - queue.count(TOKEN)",
    ),
    "a notify is nothing to the sleepers": (
        "awaited.py",
        "            return self.asleep(states) > 0\n",
        "            return False\n",
    ),
    "a notify that nobody hears changes something": (
        "awaited.py",
        "            return self.asleep(states) > 0\n",
        "            return True\n",
    ),
    "falling asleep and waking only look": (
        "awaited.py",
        '        return request.action != "read"\n\n    def matters',
        "        return False\n\n    def matters",
    ),
    "who waits for an event need not be woken": (
        "awaited.py",
        '        return request.action != "wake on" or letter in states[self.number][2]\n',
        "        return True\n",
    ),
    "a set wakes nobody": (
        "awaited.py",
        '= True, "", _with(woken, asleep), ""',
        '= True, "", woken, ""',
    ),
    "who was woken by an event stays so": (
        "awaited.py",
        '            woken = woken.replace(letter, "")\n',
        "            pass\n",
    ),
    "who waits for an event that is set falls asleep": (
        "awaited.py",
        "request.waits and not flag:",
        "request.waits:",
    ),
    "who waits for an event in time falls asleep": (
        "awaited.py",
        'request.action == "wait on" and request.waits and not flag:',
        'request.action == "wait on" and not flag:',
    ),
    "a second set changes an event": (
        "awaited.py",
        '(request.action == "set" and not flag)',
        'request.action == "set"',
    ),
    "a clear is nothing to others": (
        "awaited.py",
        ' or (request.action == "clear" and flag)',
        "",
    ),
    "a barrier is entered while others leave": (
        "awaited.py",
        "            return phase in (FILLING, BROKEN)\n",
        "            return True\n",
    ),
    "a barrier holds nobody": (
        "awaited.py",
        '        return request.action != "leave" or not request.waits or phase != FILLING\n',
        "        return True\n",
    ),
    "those who leave a barrier conflict": (
        "awaited.py",
        ' and (request.action != "leave" or phase == FILLING)',
        "",
    ),
    "whose time is over at a barrier is nothing to others": (
        "awaited.py",
        '(request.action != "leave" or phase == FILLING)',
        'request.action != "leave"',
    ),
    "whose time is over does not break the barrier": (
        "awaited.py",
        "_one_less(BROKEN if phase == FILLING else phase, inside)",
        "_one_less(phase, inside)",
    ),
    "an abort breaks nothing": (
        "awaited.py",
        '        elif action == "abort":\n            phase = BROKEN\n',
        "",
    ),
    "a reset lets nobody go": (
        "awaited.py",
        "            phase = RESETTING\n",
        "            pass\n",
    ),
    "a barrier that was aborted stays so after a reset": (
        "awaited.py",
        'elif action == "reset" and not inside:',
        'elif action == "reset" and not inside and phase != BROKEN:',
    ),
    "who leaves last does not open a barrier that was reset": (
        "awaited.py",
        "if not inside and phase in (DRAINING, RESETTING) else",
        "if not inside and phase == DRAINING else",
    ),
}


def numbers(case, optimal, conflicts, awaited):
    """Return how many interleavings end how, and how many were executed."""
    programs, parties = case
    counter, found = ExtensionCounter(), Counter()
    with patch.object(model, "PARTIES", parties):
        stepper = SimulatedStepper(programs, awaited)
        walk = Walk(stepper, ())
        walk.past = conflicts.Past(stepper.letters)
        walk.effect = partial(_effect, walk, conflicts)
        for executed, _ in enumerate(optimal.Optimal(walk).executions(), 1):
            found[stepper.end] += counter.count(walk.past.last)
            if executed > TOO_MANY:
                return "no end"
    return found, executed


def _effect(walk, conflicts, states, letter, request):
    return conflicts.effect(request, letter, states, walk.stepper.rules)


def loaded(file, old="", new=""):
    """Return the module of the engine, with a change."""
    source = (ENGINE / file).read_text(encoding="utf-8")
    assert not old or source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {file}"
    module = ModuleType(f"shmlib.engine.mutant_{Path(file).stem}")
    module.__package__ = "shmlib.engine"
    sys.modules[module.__name__] = module  # classes look their module up
    exec(compile(source.replace(old, new) if old else source, file, "exec"), vars(module))
    return module


def modules(file=None, old="", new=""):
    found = {
        name: loaded(name, *(old, new) if file == name else ())
        for name in ("conflicts.py", "awaited.py", "optimal.py")
    }
    found["optimal.py"].conflict = found["conflicts.py"].conflict
    return found["optimal.py"], found["conflicts.py"], found["awaited.py"]


@functools.cache
def right(case):
    """Return the numbers without a mistake."""
    return numbers(case, *modules())


@pytest.mark.parametrize("case", CASES)
def test_without_a_mistake_the_numbers_are_right(case):
    programs, parties = case
    with patch.object(model, "PARTIES", parties):
        assert right(case) == model.every_order(programs, 10**6)


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_mistake_changes_the_numbers(mistake):
    mistaken = modules(*MUTANTS[mistake])
    for case in CASES:
        try:
            found = numbers(case, *mistaken)
        except Exception:
            return
        if found != right(case):
            return
    pytest.fail(f"where {mistake}, all numbers are the same")
