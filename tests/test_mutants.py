"""Each mistake in the reduction, made on purpose, changes some of the numbers."""

import multiprocessing
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

import generated_workers
import published
from shmlib import Stepper
from shmlib.engine import traces
from shmlib.engine.walk import Walk

METHOD = "fork" if sys.platform == "linux" else "spawn"
CONTEXT = multiprocessing.get_context(METHOD)
ENGINE = Path(traces.__file__).parent


def drawn(*programs):
    """Return workers for programs as the oracle draws them."""
    workers = [partial(generated_workers.perform, program=program) for program in programs]
    return workers, generated_workers.make


HAND_OVER = ((("acquire", "lock"), ("acquire", "lock")), (("release", "lock"),) * 2)
TRIES = ((("try", "lock", (), (("read", "x", 0),)),), (("with", "lock", ()),))
PROGRAMS = {
    name: published.PROGRAMS[name]
    for name in (
        *("readers(2)", "lastzero(3)", "inc(2)", "lockinc(3)", "IRIW", "POPL 2014", "etsi"),
        *("conditional readers", "philosophers(3)", "increment(2)", "own items", "six reads"),
    )
} | {"a lock given back by another": drawn(*HAND_OVER), "a lock that is tried": drawn(*TRIES)}
TOO_MANY = 500
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
    "the leaf rule is dropped": (
        "optimal.py",
        "                if not branch.branches:\n                    return\n",
        "",
    ),
    "a lock's release is taken for what can be turned round": (
        "optimal.py",
        "            return self._taken_before(first.position, lock)\n        return first",
        "            return None\n        return first",
    ),
    "a lock's acquire is turned round though something needs it": (
        "optimal.py",
        "if first is not None and not (before and before.comes_after(first)):",
        "if first is not None:",
    ),
    "the locks are not followed": (
        "optimal.py",
        "                owners = owners_after(owners, event)\n",
        "",
    ),
    "what lies between is forgotten": (
        "traces.py",
        "if (known is None or known.number < event.number) and conflict(",
        "if conflict(",
    ),
    "an RLock taken again conflicts": (
        "traces.py",
        "            if recursive[lock] and own:\n                lock = None\n            else:",
        "            if True:",
    ),
    "a release of what is free changes it": (
        "traces.py",
        "changes = held is not None",
        "changes = True",
    ),
}


def numbers(name, optimal, traces_module):
    """Return how often which outcome was found for how many interleavings."""
    workers, make = PROGRAMS[name]
    shared = make(CONTEXT)
    counter, found = traces_module.Counter(), Counter()
    with Stepper(workers, *shared, start_method=METHOD, timeout=20) as stepper, stepper.stop_button:
        walk = Walk(stepper, shared)
        walk.past = traces_module.Past(stepper.letters)
        walk.effect_at = partial(_effect_at, walk, traces_module)
        for executed, _ in enumerate(optimal.Optimal(walk).executions(), 1):
            outcome, _ = walk.end()
            found[outcome.kind, outcome.memory, outcome.results] += counter.count(walk.past.last)
            if executed > TOO_MANY:
                return "no end"
    return found, executed


def _effect_at(walk, traces_module, position, letter, request, owners=None):
    owners = owners or walk.owners_at(position)
    return traces_module.effect(request, letter, owners, walk.stepper.recursive)


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
    traces_module = loaded("traces.py", *(old, new) if file == "traces.py" else ())
    optimal = loaded("optimal.py", *(old, new) if file == "optimal.py" else ())
    optimal.conflict, optimal.owners_after = traces_module.conflict, traces_module.owners_after
    return optimal, traces_module


@pytest.fixture(scope="module")
def right():
    """The numbers of each program, without a mistake."""
    return {name: numbers(name, *modules()) for name in PROGRAMS}


@pytest.mark.parametrize("mistake", MUTANTS)
def test_a_mistake_changes_the_numbers(right, mistake):
    optimal, traces_module = modules(*MUTANTS[mistake])
    for name in PROGRAMS:
        try:
            found = numbers(name, optimal, traces_module)
        except Exception:
            return
        if found != right[name]:
            return
    pytest.fail(f"where {mistake}, all numbers are the same")
