"""Each mistake in the reduction, made on purpose, changes some of the numbers."""

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

import model
from shmlib.engine import traces
from shmlib.engine.walk import Walk
from simulated import SimulatedStepper

ENGINE = Path(traces.__file__).parent

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
        (("read", "x", 0), ("try", "rlock", (("release", "rlock"),), (("read", "r", 0),))),
        (("read", "r", 0),),
        (
            ("with", "a", (("read", "r", 0),)),
            ("try", "rlock", (("with", "rlock", (("write", "x", 0, 1),) * 2),), ()),
            ("acquire", "rlock"),
        ),
    ),
    (
        (
            ("read", "x", 0),
            ("try", "rlock", (("read", "y", 0), ("release", "rlock")), (("read", "r", 0),)),
        ),
        (("read", "r", 0),),
        (
            ("with", "a", (("read", "r", 0),)),
            (
                "try",
                "rlock",
                (("with", "rlock", (("write", "x", 0, 1),) * 2),),
                (("acquire", "rlock"),),
            ),
        ),
    ),
    ((("with", "rlock", (("with", "rlock", (("read", "r", 0),)),)),),) * 2,
    ((("read", "x", 0), ("acquire", "a"), ("acquire", "a"), ("release", "a")),) * 2,
    (
        (("write", "b", 0, 1),),
        (("read", "b", 1), ("read", "b", 0), ("write", "r", 0, 1)),
        (("read", "b", 1), ("write", "b", 0, 1)),
        (("read", "r", 0),),
        (("read", "b", 1), ("read", "r", 0), ("write", "b", 1, 1)),
    ),
    (
        (("read", "a", 1), ("acquire", "a"), ("write", "a", 1, 1)),
        (("read", "a", 1),),
        (("try", "lock", (("acquire", "a"),), (("read", "r", 0), ("release", "lock"))),),
        (("read", "r", 0), ("acquire", "a"), ("acquire", "lock")),
    ),
)
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
    "two reads conflict": ("traces.py", "(one.writes or other.writes)", "True"),
    "two reads under one lock conflict": (
        "traces.py",
        "one.lock == other.lock and (one.changes or other.changes)",
        "one.lock == other.lock",
    ),
    "a try that fails conflicts with nobody": (
        "traces.py",
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
        "traces.py",
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
}


def numbers(programs, optimal, traces_module, awaited):
    """Return how many interleavings end how, and how many were executed."""
    counter, found = traces_module.Counter(), Counter()
    stepper = SimulatedStepper(programs, awaited)
    walk = Walk(stepper, ())
    walk.past = traces_module.Past(stepper.letters)
    walk.effect_at = partial(_effect_at, walk, traces_module)
    for executed, _ in enumerate(optimal.Optimal(walk).executions(), 1):
        found[stepper.end] += counter.count(walk.past.last)
        if executed > TOO_MANY:
            return "no end"
    return found, executed


def _effect_at(walk, traces_module, position, letter, request, states=None):
    states = walk.states_at(position) if states is None else states
    return traces_module.effect(request, letter, states, walk.stepper.rules)


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
        for name in ("traces.py", "awaited.py", "optimal.py")
    }
    found["optimal.py"].conflict = found["traces.py"].conflict
    return found["optimal.py"], found["traces.py"], found["awaited.py"]


@pytest.mark.parametrize("programs", PROGRAMS)
def test_without_a_mistake_the_numbers_are_right(programs):
    assert numbers(programs, *modules()) == model.every_order(programs, 10**6)


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_mistake_changes_the_numbers(mistake):
    for programs in PROGRAMS:
        try:
            found = numbers(programs, *modules(*MUTANTS[mistake]))
        except Exception:
            return
        if found != numbers(programs, *modules()):
            return
    pytest.fail(f"where {mistake}, all numbers are the same")
