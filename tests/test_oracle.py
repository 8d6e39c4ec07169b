"""explore against the model: drawn programs must end alike, in as many schedules.

python tests/test_oracle.py 2000        draws so many programs, and prints how many were alike
python tests/test_oracle.py 2000 7      draws others: 7 is the seed, else 0
"""

import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import hypothesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import generated_workers
import model
from fast import FAST
from shmlib import explore
from shmlib.engine.counting import ExtensionCounter
from shmlib.engine.optimal import Optimal
from shmlib.engine.walk import Walk
from simulated import SimulatedStepper

MOST = 300  # schedules of one program
FEW = 50  # so many are run without reduction too
DEEPEST = 2  # statements inside statements
SHARE = 100  # programs that the command draws from one seed

# ------------------------------------------------------------------------- what is drawn

SIMPLE = (
    *("read", "write", "add", "add", "add", "slice", "set slice"),
    *("acquire", "release", "raise"),
)
NESTING = ("with", "with", "try", "if", "loop")
LOCKS = ("lock", "rlock", "x", "y", "a")
# From what programs of one kind are about to its locks and its statements.
SIGNALS = {
    "semaphores": (("sem", "bound"), ("acquire", "release", "value", "add")),
    "condition": (("cond",), ("wait", "wait", "wait in time", "notify", "notify", "add")),
    "two conditions": (("lock",), ("wait", "notify", "notify", "acquire", "value")),
    "event": (("lock",), ("set", "clear", "is set", "await", "await", "await in time")),
    "barrier": (("sem",), ("meet", "meet", "meet", "meet in time", "abort", "reset", "add")),
}


@st.composite
def drawn_programs(draw):
    """Strategy for two or three workers that get in each other's way: all of them use the same one
    or two objects, and the same one or two locks."""
    names = st.sampled_from(draw(st.lists(st.sampled_from("xyrabp"), min_size=1, max_size=2)))
    locks = st.sampled_from(draw(st.lists(st.sampled_from(LOCKS), min_size=1, max_size=2)))
    first, second, *others = draw(st.lists(bodies(names, locks, 3, 0), min_size=2, max_size=3))
    if draw(st.sampled_from((False, False, False, True))):
        lock = draw(st.sampled_from(("lock", "y")))
        first = (("acquire", lock), *first)
        second = (*second, ("release", lock))
    return first, second, *others


@st.composite
def drawn_signals(draw, kind):
    """Strategy for two to four workers that wait for each other."""
    locks, simple = SIGNALS[kind]
    names, locks = st.sampled_from(draw(st.sampled_from(("x", "r")))), st.sampled_from(locks)
    most = 3 if kind != "condition" else 2
    some = draw(st.lists(bodies(names, locks, most, 1, simple), min_size=2, max_size=4))
    if "condition" in kind:  # most of its operations are errors without its lock
        some = [draw(st.sampled_from((held(locks, draw, body), body))) for body in some]
    return tuple(some)


def held(locks, draw, body):
    lock = draw(locks)
    return (("with", lock, (("with", lock, body),) if lock == "cond" and len(body) == 1 else body),)


def bodies(names, locks, most, depth, simple=SIMPLE):
    some = st.lists(statements(names, locks, depth, simple), min_size=1, max_size=most)
    return some.map(tuple)


@st.composite
def statements(draw, names, locks, depth, simple):
    nesting = NESTING * 2 if simple is SIMPLE else NESTING
    kind = draw(st.sampled_from(simple if depth == DEEPEST else simple + nesting))
    inner = bodies(names, locks, 2, depth + 1, simple)
    arrays = st.sampled_from("ab")

    def cell():
        name = draw(names)
        start = model.START[name]
        return name, draw(st.integers(0, len(start) - 1)) if isinstance(start, tuple) else 0

    rest = {
        "read": cell,
        "write": lambda: (*cell(), draw(st.integers(1, 2))),
        "add": lambda: (*cell(), 1),
        "slice": lambda: (draw(arrays),),
        "set slice": lambda: (draw(arrays), 5),
        "acquire": lambda: (draw(locks),),
        "release": lambda: (draw(locks),),
        "raise": lambda: (),
        "with": lambda: (draw(locks), draw(inner)),
        "try": lambda: (draw(locks), draw(inner), draw(inner)),
        "if": lambda: (draw(st.integers(0, 1)), draw(inner), draw(inner)),
        "loop": lambda: (2, draw(inner)),
        "value": lambda: (draw(st.sampled_from(("sem", "bound"))),),
        "wait": lambda: (condition(),),
        "wait in time": lambda: (condition(),),
        "notify": lambda: (condition(), draw(st.integers(1, 2))),
    }

    def condition():
        return {"lock": "lcond"}.get(lock := draw(locks), lock)

    return kind, *rest.get(kind, tuple)()


PROGRAMS = st.one_of(drawn_programs(), *(drawn_signals(kind) for kind in SIGNALS))
DRAWN = settings(
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
)

# -------------------------------------------------------------------- what must be alike


def explored(programs, mp, reduce=True):
    """Return how the engine finds that they end, in the model's words, and how many schedules it
    ran for that."""
    workers = [partial(generated_workers.perform, program=program) for program in programs]
    found = explore(workers, *generated_workers.make(mp), limit=10 * MOST, reduce=reduce)
    assert found.complete
    ends = Counter()
    for outcome, count in found.outcomes.items():
        x, y, r, a, b, p, *locks, sem, bound, _, _, event, _ = outcome.memory
        memory = ((x,), (y,), (r,), tuple(a), tuple(b), tuple(p), sem, bound, event)
        owners = tuple(None if held == "free" else held[-1] for held in locks)
        ends[outcome.kind, memory, owners, outcome.results] += count
    return ends, found.executed


@settings(DRAWN, derandomize=True, max_examples=10)
@given(PROGRAMS)
def test_explore_and_the_model_find_the_same_ends_in_as_many_schedules(programs):
    known = model.every_order(programs, MOST)
    assume(known)
    ends, _ = known
    assert explored(programs, FAST) == known
    if ends.total() < FEW:
        assert explored(programs, FAST, reduce=False) == (ends, ends.total())


@settings(DRAWN, derandomize=True, max_examples=60)
@given(PROGRAMS)
def test_the_search_alone_finds_the_same_without_processes(programs):
    known = model.every_order(programs, MOST)
    assume(known)
    stepper = SimulatedStepper(programs)
    walk, counter = Walk(stepper, ()), ExtensionCounter()
    ends, executed = Counter(), 0
    for _ in Optimal(walk).executions():
        ends[stepper.end] += counter.count(walk.past.last)
        executed += 1
    assert (ends, executed) == known


def test_the_model_knows_what_is_known():
    add = (("add", "x", 0, 1),)
    ends, traces = model.every_order((add, add), MOST)
    assert traces == 4
    assert {memory[0]: n for (_, memory, _, _), n in ends.items()} == {(2,): 2, (1,): 4}
    left = (("with", "lock", (("with", "rlock", ()),)),)
    right = (("with", "rlock", (("with", "lock", ()),)),)
    kinds = Counter()
    ends, traces = model.every_order((left, right), MOST)
    assert traces == 3
    for (kind, *_), count in ends.items():
        kinds[kind] += count
    assert kinds == {"finished": 4, "deadlock": 2}


# ------------------------------------------------------------------------- many of them


def test_the_command_compares_so_many_programs():
    command = [sys.executable, __file__, "3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 programs, ") and " 0 different" in done.stdout


def compare_some(seed, number):
    """Compare so many programs, or fewer where one differs.

    Returns:
        (from each program that was alike to its number of schedules; a small program that was not,
        in words, or None)
    """
    alike, last = {}, None

    @hypothesis.seed(seed)
    @settings(DRAWN, max_examples=number, report_multiple_bugs=False)
    @given(PROGRAMS)
    def compare(programs):
        nonlocal last
        known = model.every_order(programs, MOST)
        assume(known)
        if programs not in alike:  # Hypothesis draws small ones again and again
            last = programs
            found = explored(programs, FAST)
            assert found == known, f"explore: {found}\nthe model: {known}"
            alike[programs] = known[0].total()

    try:
        compare()
    except Exception as error:
        return alike, f"different: {last}\n{type(error).__name__}: {error}"
    return alike, None


def main(number, seed=0):
    began = time.monotonic()
    sizes = [min(SHARE, number - start) for start in range(0, number, SHARE)]
    seeds = [seed * 1_000_000 + place for place in range(len(sizes))]
    alike, different = {}, 0
    with ProcessPoolExecutor(os.cpu_count(), FAST) as pool:
        for schedules, found in pool.map(compare_some, seeds, sizes):
            alike |= schedules
            if found:
                different += 1
                print(found, flush=True)
    seconds = time.monotonic() - began
    print(
        f"{number:,} programs, {len(alike):,} of them distinct and alike, "
        f"{sum(alike.values()):,} schedules, {different} different, {seconds:,.0f} s"
    )
    return different > 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
