"""A campaign of faults: what goes wrong is told in time, nothing is left, and the next cell works.

    python tests/faults.py [NUMBER] [SEED]        default: 1000 faults

A worker dies, stops, spins or lies at a step of its own; the caller, or the kernel that it is in,
is interrupted, restarted or killed at any moment; files, processes or room run out, or the folders
are of no use. `test_faults.py` draws some of each kind.
"""

import contextlib
import faulthandler
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

import campaign_workers
from shmlib import Stepper, WorkerError, explore, replay, run
from shmlib.workers import counter as plain

# Seconds that a worker may take, and how long a call may then take on a busy machine.
TIMEOUT = 3.0
LIMIT = 30.0
VERBS = ("run", "replay", "explore", "step", "click")
METHODS = multiprocessing.get_all_start_methods()
# What is no failure of a worker: it goes on, or raises, and that is an outcome.
HARMLESS = {"leave_a_child", "return_twice", "too_much_output"}
RAISES = {"raise_", "raise_base", "exit_3", "eat_memory", "eat_files"}


def open_files():
    """Return how many files this process has open, without the fonts that matplotlib keeps."""
    files = []
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the listing had one open itself
            files.append(os.readlink(f"/proc/self/fd/{number}"))
    return sum(not file.endswith(".ttf") for file in files)


def children():
    """Return the processes that this one has started, zombies too, and those that they have started
    and left alone, without Python's own helpers."""
    found = [(pid, "alone", "") for pid in orphans()]
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, _, rest = path.read_text().partition(" ")
            state, parent = rest.rpartition(")")[2].split()[:2]
            line = path.with_name("cmdline").read_text()
            if int(parent) == os.getpid() and not is_helper(pid):
                found.append((int(pid), state, line.replace("\0", " ")))
    return found


def orphans():
    """Return the processes that have no parent any more, where the campaign can tell its own."""
    mark = os.environ.get(OWN)
    found = marked(f"{OWN}={mark}") if mark else []
    return [pid for pid in found if parent_of(pid) == 1 and not is_helper(pid)]


def parent_of(pid):
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def is_helper(pid):
    """True for a process that Python has started to look after the others."""
    with contextlib.suppress(OSError):
        line = Path(f"/proc/{pid}/cmdline").read_text()
        return "resource_tracker" in line or "forkserver" in line
    return False


def with_a_limit(call, seconds=LIMIT):
    """Call something; the process is ended with all its stacks where it takes too long."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        return call()
    finally:
        faulthandler.cancel_dump_traceback_later()


def do(verb, workers, *shared, steps=1):
    """Run, replay, explore, step or click through workers; return the result. A replay takes
    `steps`."""
    if verb == "run":
        return run(workers, *shared, timeout=TIMEOUT)
    if verb == "explore":
        return explore(workers, *shared, timeout=TIMEOUT, limit=30, step_limit=60)
    if verb == "replay":
        return replay("A" * steps, workers, *shared, timeout=TIMEOUT, unfinished=True)
    if verb == "click":
        return click(workers, *shared)
    with Stepper(workers, *shared, timeout=TIMEOUT) as stepper:
        while stepper.ready and len(stepper.schedule) < 20:
            stepper.grant(stepper.ready[0])
        if stepper.schedule:
            stepper.undo()
        return stepper.so_far()


def click(workers, *shared):
    """Click through workers as a learner does, in the explorer; return all that it says.

    Raises:
        WorkerError: with the error that it shows.
    """
    from shmlib import explorers
    from shmlib.notebook.explorers.explorer import LiveWorkers

    try:
        explorer = explorers.scheduler(workers, *shared)
        (buttons, _, panel) = explorer.widget.children
        *grants, undo, restart = buttons.children
        said = []
        for button in (*grants * 4, undo, *grants, restart, *grants):
            if not button.disabled:
                button.click()
            said.append(re.sub("<[^>]*>", "", panel.value.partition("aria-live")[2]))
            if "WorkerError: " in said[-1] or "WorkerTimeoutError: " in said[-1]:
                raise WorkerError(said[-1])
        return " ".join(said)
    finally:
        if LiveWorkers.awake:
            LiveWorkers.awake.sleep()


def worker_fault(verb, method, how, at, holding):
    """Let one of two workers go wrong; return a list of what was not as it should be."""
    mp = multiprocessing.get_context(method)
    counter, number = mp.Value("i", 7), mp.RawValue("i", 7)
    bad = partial(campaign_workers.misbehave, how=how, at=at, holding=holding)
    good = partial(campaign_workers.misbehave, how="none", at=-1, holding=False)
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
    if took > LIMIT / 2 + 10 * (verb == "click"):  # an explorer's time limit is that of replay
        trouble.append(f"it took {took:.1f} s")
    if how not in HARMLESS and error is None:
        kinds = {end.kind for end in getattr(result, "outcomes", ())}
        kinds |= {getattr(getattr(result, "outcome", result), "kind", "")}
        kinds |= set(re.findall("error|deadlock", result)) if verb == "click" else set()
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
    deadline = time.monotonic() + (6 if orphans() else 3)  # one that sleeps on purpose for 2 s
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
    good = partial(campaign_workers.misbehave, how="none", at=-1, holding=False)
    before, trouble, came = open_files(), [], False
    left = [interrupts]

    def fire(*_):
        left[0] -= 1
        if left[0] == 0:
            signal.setitimer(signal.ITIMER_REAL, 0)
        os.kill(os.getpid(), signal.SIGINT)

    if verb == "click":  # whatever is interrupted while it is imported may stay half made
        from shmlib import explorers  # noqa: F401
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


# What a program of its own begins with.
BEGIN = f"""
import contextlib, multiprocessing, os, sys
from functools import partial
sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parent.parent)]!r}
import faults, campaign_workers, failing_workers
def good(method):
    mp = multiprocessing.get_context(method)
    worker = partial(campaign_workers.misbehave, how="none", at=-1, holding=False)
    return [worker] * 2, mp.Value("i", 7), mp.RawValue("i", 7)
def forever(verb, method):
    while True:
        faults.do(verb, *good(method))
"""

# multiprocessing starts its helper after it has made the first semaphore of all, whose name stays
# if the program is killed in between.
HELPED = "multiprocessing.get_context('spawn').Lock()\n"
KILLED = """
if __name__ == "__main__":
    {helped}
    print("ready", flush=True)
    forever({verb!r}, {method!r})
"""


def killed_parent(method, verb, delay, folder):
    """Kill a program at any moment; return what stays behind after it."""
    surroundings = Surroundings(folder)
    process = surroundings.program(
        KILLED.format(helped=HELPED, verb=verb, method=method), stderr=False
    )
    process.stdout.readline()
    time.sleep(delay)
    process.kill()
    process.wait()
    process.stdout.close()
    return surroundings.left()


class Surroundings:
    """Where a program runs whose processes and files are looked for when it is gone."""

    def __init__(self, folder, temporary="t", home=None):
        self._folder = Path(folder)
        self._mark = f"FAULTS_{os.getpid()}_{time.monotonic_ns()}"
        self._segments = segments()
        self._temporary = self._folder / temporary
        if temporary != "missing":
            self._temporary.mkdir()
        self.environment = {**os.environ, self._mark: "1", "TMPDIR": str(self._temporary)}
        if home:
            self.environment["HOME"] = home

    def program(self, text, *arguments, before=(), stderr=True):
        """Start a program of its own."""
        program = self._folder / "program.py"
        program.write_text(BEGIN + text)
        return subprocess.Popen(
            [*before, sys.executable, program, *map(str, arguments)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if stderr else subprocess.DEVNULL,
            text=True,
        )

    def processes(self, known=None):
        """Return the processes that are left, but for one that is known, and Python's own helpers
        beside it."""
        found = marked(self._mark)
        return [pid for pid in found if pid != known and not (known and is_helper(pid))]

    def left(self, known=None):
        """Return what is left when all should be gone; the processes are ended."""
        within(10, lambda: not self.processes(known))
        left = self.processes(known)
        trouble = [f"processes are left: {left}"] if left else []
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        if known:
            return trouble
        # `tempfile` tries a folder out with a file of eight letters, and may be killed in between.
        files = [path.name for path in self._temporary.rglob("*")]
        files = [name for name in files if not re.fullmatch("[a-z0-9_]{8}", name)]
        within(10, lambda: not segments() - self._segments)
        more = segments() - self._segments
        trouble += [f"files are left: {files}"] if files else []
        return trouble + ([f"segments are left: {more}"] if more else [])


def segments():
    """Return the names of the semaphores and segments there are, where they are all ours."""
    return set(os.listdir("/dev/shm")) if os.environ.get(OWN) else set()


def kernel_fault(how, method, verb, delay, folder):
    """Interrupt, restart or kill a kernel at work; return what was not in order after it."""
    from jupyter_client import KernelManager

    surroundings = Surroundings(folder)
    manager = KernelManager(kernel_name="python3")
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    manager.start_kernel(env=surroundings.environment, cwd=str(folder), **silent)
    client = manager.blocking_client()
    client.start_channels()
    trouble = []
    try:
        client.wait_for_ready(timeout=60)
        # Whatever is interrupted while it is imported may stay half made.
        answer(client, BEGIN + HELPED + "from shmlib import explorers")
        client.execute(f"forever({verb!r}, {method!r})")
        time.sleep(delay + 0.3)
        if how == "interrupt":
            manager.interrupt_kernel()
        else:
            if how == "kill":
                os.kill(manager.provisioner.pid, signal.SIGKILL)
                time.sleep(0.1)
            manager.restart_kernel(now=how != "restart gently")
        client.wait_for_ready(timeout=60)
        trouble += surroundings.left(known=manager.provisioner.pid)
        code = f"print(type(faults.do({verb!r}, *good({method!r}))).__name__)"
        said = answer(client, code if how == "interrupt" else BEGIN + code)
        if not re.fullmatch("(Run|Replay|Exploration|Outcome|str)\n", said):
            trouble.append(f"the next cell said: {said}")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    return trouble + surroundings.left()


def answer(client, code):
    """Execute a cell; return what it wrote, or its error."""
    written = []

    def note(message):
        content = message["content"]
        if message["msg_type"] == "stream":
            written.append(content["text"])
        elif message["msg_type"] == "error":
            trace = re.sub("\x1b\\[[0-9;]*m", "", " ".join(content["traceback"]))
            written.append(f"{content['ename']}: {content['evalue']}, in {trace[-1000:]}")

    client.execute_interactive(code, timeout=60, output_hook=note)
    return "".join(written)


RUNS_OUT = """
import resource
LIMITS = resource.getrlimit(resource.RLIMIT_NOFILE)
def files(left):
    have = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (have + left, LIMITS[1]))

def processes(left):
    import multiprocessing.util as util
    def limited(real):
        def start(*args):
            nonlocal left
            left -= 1
            if left < 0:
                raise BlockingIOError(11, "Resource temporarily unavailable")
            return real(*args)
        return start
    os.fork, util.spawnv_passfds = limited(os.fork), limited(util.spawnv_passfds)

if __name__ == "__main__":
    what, verb, method, left = sys.argv[1:]
    workers, *shared = good(method)
    multiprocessing.get_context(method).RLock()  # Python's own helper runs
    if verb == "click":
        from shmlib import explorers
    globals()[what](int(left))
    try:
        faults.do(verb, workers, *shared)
    except OSError as error:
        print(error)
    assert not multiprocessing.active_children()
    assert shared[1].value == 7 or verb == "run"
    resource.setrlimit(resource.RLIMIT_NOFILE, LIMITS)  # Python clears up
"""
SAID = {
    "files": "this process has too many files open",
    "processes": "there are too many processes",
}


def run_out(what, verb, method, left, folder, must_fail=False):
    """Let a program have so many files or processes more; return what was not in order."""
    surroundings = Surroundings(folder)
    process = surroundings.program(RUNS_OUT, what, verb, method, left)
    said, error = process.communicate(timeout=60)
    trouble = surroundings.left()
    if error or process.returncode:
        trouble.append(f"exit code {process.returncode}: {error}")
    if (said or must_fail) and not ("could not be started" in said and SAID[what] in said):
        trouble.append(f"it said: {said}")
    return trouble


IN_FOLDERS = """
if __name__ == "__main__":
    for method in multiprocessing.get_all_start_methods():
        try:
            faults.do(sys.argv[1], *good(method))
        except OSError as error:  # from the forkserver's socket, before Python 3.14
            assert "Set TMPDIR to a folder with a shorter name" in str(error), error
"""


def in_folders(temporary, home, verb, folder):
    """Run a program with such folders; return what was not in order."""
    surroundings = Surroundings(folder, temporary, home)
    process = surroundings.program(IN_FOLDERS, verb)
    _, error = process.communicate(timeout=60)
    trouble = surroundings.left()
    # matplotlib warns of a home that it cannot write to.
    return trouble + ([error] if "Traceback" in error or process.returncode else [])


WITHOUT_ROOM = """
from shmlib import check_environment
if __name__ == "__main__":
    print(check_environment())
    for method in multiprocessing.get_all_start_methods():
        try:
            workers, *shared = good(method)
        except OSError as error:  # Python's own
            print(error)
        else:
            faults.do(sys.argv[1], workers, *shared)
"""
# From what is wrong with /dev/shm to the command that makes it so.
MOUNTS = {
    "full": "mount -t tmpfs -o size=4k tmpfs /dev/shm && head -c 4096 /dev/zero > /dev/shm/full",
    "small": "mount -t tmpfs -o size=8k tmpfs /dev/shm",
    "read-only": "mount -t tmpfs -o ro tmpfs /dev/shm",
}
PRIVATE = ("unshare", "--map-root-user", "--mount", "sh", "-c")
OWN = "FAULTS_HAVE_THEIR_OWN_SHM"


def can_mount():
    """True where a program may be given a /dev/shm of its own."""
    command = [*PRIVATE, "mount -t tmpfs tmpfs /dev/shm"]
    return shutil.which("unshare") and not subprocess.run(command, capture_output=True).returncode


def without_room(what, verb, folder):
    """Run a program with such a /dev/shm; return what was not in order."""
    surroundings = Surroundings(folder)
    before = [*PRIVATE, f'{MOUNTS[what]} && exec "$0" "$@"']
    process = surroundings.program(WITHOUT_ROOM, verb, before=before)
    said, error = process.communicate(timeout=60)
    trouble = surroundings.left()
    told = {"full": "has 0 MiB free", "small": "has 0 MiB free", "read-only": "cannot be written"}
    if f"room in shared memory: /dev/shm {told[what]}" not in said:
        trouble.append(f"the check-up said: {said}")
    return trouble + ([error] if error or process.returncode else [])


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


def fault_of_a_worker(chance, verb, method):
    how, at = chance.choice(campaign_workers.HOW), chance.randrange(4)
    holding = chance.random() < 0.5
    name = f"{how} before step {at}{', holding a lock' * holding}"
    return name, lambda folder: worker_fault(verb, method, how, at, holding)


def interrupts_of_the_caller(chance, verb, method):
    delay, interrupts = some_time(chance), chance.choice((1, 1, 2, 3))
    name = f"{interrupts} interrupts after {delay:.4f} s"
    return name, lambda folder: parent_fault(method, verb, delay, interrupts)


def end_of_the_caller(chance, verb, method):
    delay = some_time(chance)
    name = f"the caller is killed after {delay:.4f} s"
    return name, lambda folder: killed_parent(method, verb, delay, folder)


def fault_of_a_kernel(chance, verb, method):
    how, delay = chance.choice(("interrupt", "restart", "restart gently", "kill")), chance.random()
    name = f"the kernel, after {delay:.4f} s: {how}"
    return name, lambda folder: kernel_fault(how, method, verb, delay, folder)


def want_of_means(chance, verb, method):
    what = chance.choice([what for what in SAID if (what, method) != ("processes", "forkserver")])
    left = chance.randrange(12 if what == "files" else 3)
    name = f"{left} more {what}"
    return name, lambda folder: run_out(what, verb, method, left, folder)


def fault_of_folders(chance, verb, method):
    temporary = chance.choice(("x" * 120, "missing", "t"))
    home = chance.choice(("/proc", "/nowhere"))
    return f"TMPDIR {temporary}, HOME {home}", lambda folder: in_folders(
        temporary, home, verb, folder
    )


def want_of_room(chance, verb, method):
    what = chance.choice(list(MOUNTS))
    return f"/dev/shm is {what}", lambda folder: without_room(what, verb, folder)


def some_time(chance):
    return chance.choice((0.002, 0.05, 0.2, 0.5)) * chance.random() * 2


# From each kind of fault to how many of a hundred are of it.
KINDS = {
    fault_of_a_worker: 68,
    interrupts_of_the_caller: 12,
    end_of_the_caller: 8,
    fault_of_a_kernel: 4,
    want_of_means: 4,
    fault_of_folders: 2,
    want_of_room: 2,
}


def draw(chance, kind):
    """Draw a fault of a kind: (its name, a function that carries it out in a folder)."""
    verb, method = chance.choice(VERBS), chance.choice(METHODS)
    name, fault = kind(chance, verb, method)
    return f"{verb} under {method}: {name}", fault


def main(number=1000, seed=0):
    """Carry out so many faults, the first ones one of each kind; print what was not survived."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    kinds = {kind: n for kind, n in KINDS.items() if kind is not want_of_room or can_mount()}
    chance, bad, began = random.Random(seed), 0, time.monotonic()
    tried = Counter()
    drawn = [*kinds, *chance.choices(list(kinds), kinds.values(), k=max(0, number - len(kinds)))]
    for count, kind in enumerate(drawn[:number], 1):
        name, fault = draw(chance, kind)
        tried[kind.__name__] += 1
        with tempfile.TemporaryDirectory() as folder:
            trouble = fault(folder)
        if trouble:
            bad += 1
            print(f"{count}. {name}: {'; '.join(trouble)}", flush=True)
        if count % 100 == 0:
            print(f"{count} faults, {count - bad} survived", flush=True)
    print(f"{number} faults, {number - bad} survived, {time.monotonic() - began:.0f} s")
    print(", ".join(f"{n} {kind.replace('_', ' ')}" for kind, n in tried.most_common()))
    return bad


if __name__ == "__main__":
    if not os.environ.get(OWN) and can_mount():  # then what is left in /dev/shm is ours
        shell = 'mount -t tmpfs tmpfs /dev/shm && exec "$0" "$@"'
        os.environ[OWN] = f"{os.getpid()} {time.time_ns()}"
        os.execvp(PRIVATE[0], [*PRIVATE, shell, sys.executable, *sys.argv])
    sys.exit(main(*map(int, sys.argv[1:])) > 0)
