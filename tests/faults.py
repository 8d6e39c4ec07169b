"""A campaign of faults: what goes wrong is told in time, nothing is left, and the next cell works.

    python tests/faults.py [NUMBER] [SEED]        default: 1000 faults

A worker dies, stops, spins or lies at a step of its own; the caller is interrupted or killed at any
moment. `test_faults.py` draws a few of them, and sees to what runs out.
"""

import contextlib
import faulthandler
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import fault_workers
from shmlib import Stepper, WorkerError, explore, replay, run
from shmlib.workers import counter as plain

# Seconds that a worker may take, and how long a call may then take on a busy machine.
TIMEOUT = 3.0
LIMIT = 30.0
VERBS = ("run", "replay", "explore", "click")
METHODS = multiprocessing.get_all_start_methods()
# What is no failure of a worker: it goes on, or raises, and that is an outcome.
HARMLESS = {"leave_a_child", "return_twice", "too_much_output"}
RAISES = {"raise_", "raise_base", "exit_3", "eat_memory", "eat_files"}


def open_files():
    """Return how many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


def children():
    """Return the processes that this one has started, zombies too, without Python's own helpers."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, _, rest = path.read_text().partition(" ")
            state, parent = rest.rpartition(")")[2].split()[:2]
            line = path.with_name("cmdline").read_text()
            helper = "resource_tracker" in line or "forkserver" in line
            if int(parent) == os.getpid() and not helper:
                found.append((int(pid), state, line.replace("\0", " ")))
    return found


def with_a_limit(call, seconds=LIMIT):
    """Call something; the process is ended with all its stacks where it takes too long."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        return call()
    finally:
        faulthandler.cancel_dump_traceback_later()


def do(verb, workers, *shared, steps=1):
    """Run, replay, explore or click through workers; return the result. A replay takes `steps`."""
    if verb == "run":
        return run(workers, *shared, timeout=TIMEOUT)
    if verb == "explore":
        return explore(workers, *shared, timeout=TIMEOUT, limit=30, step_limit=60)
    if verb == "replay":
        return replay("A" * steps, workers, *shared, timeout=TIMEOUT, unfinished=True)
    with Stepper(workers, *shared, timeout=TIMEOUT) as stepper:
        while stepper.ready and len(stepper.schedule) < 20:
            stepper.grant(stepper.ready[0])
        if stepper.schedule:
            stepper.undo()
        return stepper.so_far()


def worker_fault(verb, method, how, at, holding):
    """Let one of two workers go wrong; return a list of what was not as it should be."""
    mp = multiprocessing.get_context(method)
    counter, number = mp.Value("i", 7), mp.RawValue("i", 7)
    bad = partial(fault_workers.misbehave, how=how, at=at, holding=holding)
    good = partial(fault_workers.misbehave, how="none", at=-1, holding=False)
    before = open_files()
    trouble = []
    began = time.monotonic()
    try:
        result = with_a_limit(lambda: do(verb, [bad, good], counter, number, steps=at + holding))
        error = None
    except WorkerError as raised:
        result, error = None, raised
        if "A (misbehave)" not in str(raised):
            trouble.append(f"the error does not name the worker: {raised}")
    except Exception as raised:
        error = raised
        trouble.append(f"raised {type(raised).__name__}: {raised}")
    took = time.monotonic() - began
    if took > LIMIT / 2:
        trouble.append(f"it took {took:.1f} s")
    if how not in HARMLESS and error is None:
        kinds = {end.kind for end in getattr(result, "outcomes", ())}
        kinds |= {getattr(getattr(result, "outcome", result), "kind", "")}
        silent = how in ("exit_silently", "close_all_and_end") and verb == "run"
        fine = bool(kinds & {"error", "deadlock", "unfinished"}) and how in RAISES
        if not fine and not silent:
            trouble.append(f"nothing was said: {result}")
    trouble += left_behind(before)
    if verb != "run" and number.value != 7:
        trouble.append("the memory was not put back")
    with contextlib.suppress(WorkerError):  # the lock of a killed worker may stay taken
        do(verb, [good, good], mp.Value("i", 7), mp.RawValue("i", 7))
    result = run([partial(plain.add_locked, times=2)] * 2, mp.Value("i", 0), timeout=LIMIT)
    if result.exitcodes != (0, 0):
        trouble.append(f"the next run failed: {result}")
    return trouble


def left_behind(files):
    """Return what a call has left, compared with the number of files that were open."""
    trouble = []
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and (children() or open_files() > files):
        multiprocessing.active_children()
        time.sleep(0.02)
    if children():
        trouble.append(f"processes are left: {children()}")
    # The first of each kind opens those of Python's own helpers.
    if open_files() > files + 4:
        trouble.append(f"{open_files() - files} files are left open")
    return trouble


def parent_fault(method, verb, delay, interrupts):
    """Interrupt the caller, once or twice, after so many seconds; return what was not in order."""
    mp = multiprocessing.get_context(method)
    counter, number = mp.Value("i", 7), mp.RawValue("i", 7)
    good = partial(fault_workers.misbehave, how="none", at=-1, holding=False)
    before, trouble, came = open_files(), [], False
    left = [interrupts]

    def fire(*_):
        left[0] -= 1
        if left[0] == 0:
            signal.setitimer(signal.ITIMER_REAL, 0)
        os.kill(os.getpid(), signal.SIGINT)

    signal.signal(signal.SIGALRM, fire)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, delay, max(delay / 5, 0.01))
            with_a_limit(lambda: do(verb, [good, good], counter, number))
            while left[0] > 0:
                time.sleep(delay)
        finally:
            signal.signal(signal.SIGINT, lambda *_: None)
    except KeyboardInterrupt:
        came = True
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0)
    time.sleep(0.01)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    trouble += left_behind(before)
    if verb != "run" and number.value != 7:
        trouble.append(f"the memory was not put back ({'interrupted' if came else 'in time'})")
    if counter.acquire(timeout=2):
        counter.release()
    else:
        trouble.append("the lock is still taken")
    with_a_limit(lambda: do(verb, [good, good], mp.Value("i", 7), mp.RawValue("i", 7)))
    return trouble


KILLED = """
import multiprocessing, sys
from functools import partial
sys.path[:0] = {path!r}
import faults, fault_workers
if __name__ == "__main__":
    mp = multiprocessing.get_context({method!r})
    good = partial(fault_workers.misbehave, how="none", at=-1, holding=False)
    print("ready", flush=True)
    while True:
        faults.do({verb!r}, [good, good], mp.Value("i", 7), mp.RawValue("i", 7))
"""


def killed_parent(method, verb, delay, folder):
    """Kill a program at any moment; return what stays behind after it."""
    mark = f"FAULTS_{os.getpid()}_{time.monotonic_ns()}"
    program = Path(folder) / "program.py"
    path = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
    program.write_text(KILLED.format(path=path, method=method, verb=verb))
    temporary = Path(folder) / "t"
    temporary.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, program],
        env={**os.environ, mark: "1", "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    process.stdout.readline()
    time.sleep(delay)
    process.kill()
    process.wait()
    process.stdout.close()
    within(10, lambda: not marked(mark))
    left = marked(mark)
    trouble = [f"processes are left: {left}"] if left else []
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    files = [path.name for path in temporary.rglob("*")]
    return trouble + ([f"files are left: {files}"] if files else [])


def within(seconds, found):
    """Wait until found() is true, or for so many seconds; return what it was at last."""
    deadline = time.monotonic() + seconds
    while not (what := found()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return what


def marked(mark):
    """Return the processes that have a mark in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def draw(chance):
    """Draw a fault: (its name, a function that carries it out in a folder)."""
    verb, method = chance.choice(VERBS), chance.choice(METHODS)
    kind = chance.random()
    if kind < 0.75:
        how, at = chance.choice(fault_workers.HOW), chance.randrange(4)
        holding = chance.random() < 0.5
        name = f"{verb} under {method}: {how} before step {at}{', holding a lock' * holding}"
        return name, lambda folder: worker_fault(verb, method, how, at, holding)
    delay = chance.choice((0.002, 0.05, 0.2, 0.5)) * chance.random() * 2
    if kind < 0.9:
        interrupts = chance.choice((1, 1, 2, 3))
        name = f"{verb} under {method}: {interrupts} interrupts after {delay:.4f} s"
        return name, lambda folder: parent_fault(method, verb, delay, interrupts)
    name = f"{verb} under {method}: the caller is killed after {delay:.4f} s"
    return name, lambda folder: killed_parent(method, verb, delay, folder)


def main(number=1000, seed=0):
    """Carry out so many faults, and print those that were not survived."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chance, bad, began = random.Random(seed), 0, time.monotonic()
    for count in range(1, number + 1):
        name, fault = draw(chance)
        with tempfile.TemporaryDirectory() as folder:
            trouble = fault(folder)
        if trouble:
            bad += 1
            print(f"{count}. {name}: {'; '.join(trouble)}", flush=True)
        if count % 100 == 0:
            print(f"{count} faults, {count - bad} survived", flush=True)
    print(f"{number} faults, {number - bad} survived, {time.monotonic() - began:.0f} s")
    return bad


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])) > 0)
