import importlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from itertools import repeat
from pathlib import Path

import pytest

import failing_workers
import stepping_workers as w
from fast import FAST
from sessions import of_session
from shmlib import Stepper, WorkerError, WorkerTimeoutError, explore, replay, run
from shmlib.engine import waiting
from shmlib.engine.crew import Member
from shmlib.workers import bank

METHODS = multiprocessing.get_all_start_methods()
NEW = [method for method in METHODS if method != "fork"]
HERE = Path(__file__).parent
posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and descriptors of POSIX")


@pytest.fixture(params=METHODS)
def mp(request):
    return multiprocessing.get_context(request.param)


@pytest.fixture
def counter():
    return FAST.Value("i", 0)


@pytest.fixture
def spawned():
    """A counter whose workers are sent to new processes."""
    return multiprocessing.get_context("spawn").Value("i", 0)


def test_results_and_memory_come_back_in_worker_order(mp):
    account = mp.Value("i", 1000)
    jobs = [partial(bank.deposit, amount=50), failing_workers.add]
    done = run(jobs, account, start_method=mp.get_start_method())
    assert done.exitcodes == (0, 0)
    assert done.results[0] is None and done.results[1] in (1001, 1051)
    assert done.seconds > 0


def test_what_a_run_shows_names_workers_results_and_output_but_no_seconds(counter):
    done = run([failing_workers.add, partial(failing_workers.write, text="hi")], counter)
    lines = "\n    wrote: hi" * failing_workers.LINES
    assert repr(done) == f"A (add) returned 1\nB (write) returned None{lines}"


def test_a_worker_that_raises_is_reported_with_its_traceback(mp):
    with pytest.raises(WorkerError) as caught:
        run([failing_workers.add, failing_workers.fail], mp.Value("i", 7))
    error = caught.value
    assert error.worker == "B (fail)"
    assert str(error).startswith("worker B (fail) raised ValueError: no ")
    assert 'raise ValueError(f"no {counter.value}")' in error.traceback
    assert str(HERE.parent) not in str(error)
    assert error.exitcodes == (0, 1)


@posix
def test_a_killed_worker_is_reported(counter):
    with pytest.raises(WorkerError, match=r"A \(kill_oneself\) was killed by SIGKILL"):
        run([failing_workers.kill_oneself], counter)


def test_an_exit_code_is_reported_and_zero_is_no_failure(counter):
    with pytest.raises(WorkerError, match=r"A \(leave\) ended with exit code 3"):
        run([partial(failing_workers.leave, code=3)], counter)
    assert run([partial(failing_workers.leave, code=0)], counter).results == (None,)


def test_a_worker_blocked_by_a_failed_one_does_not_hide_the_failure(counter):
    began = time.monotonic()
    with pytest.raises(WorkerError, match="the lock is still taken"):
        run([failing_workers.take_lock_and_fail, failing_workers.add_later], counter, timeout=60)
    assert time.monotonic() - began < 30


TAKEN = "the lock of counter is still taken: make the shared objects again"


@pytest.fixture(params=list(zip(METHODS, ["RLock", "Lock", "RLock"], strict=False)), ids=" ".join)
def counted(request):
    """A counter, and the context that it comes from."""
    method, kind = request.param
    mp = multiprocessing.get_context(method)
    return mp.Value("i", 0, lock=getattr(mp, kind)()), mp


def test_a_lock_that_a_failed_worker_has_kept_is_named(counted):
    counter, _ = counted
    with pytest.raises(WorkerError) as caught:
        run([failing_workers.take_lock_and_fail], counter)
    assert f"\n\n{TAKEN}\n\n" in str(caught.value)
    with pytest.raises(WorkerTimeoutError, match="the lock of counter was already taken"):
        run([failing_workers.take_and_give_back], counter, timeout=1)


def test_a_lock_that_was_given_back_is_not_spoken_of(counter):
    with pytest.raises(WorkerError) as caught:
        run([failing_workers.take_and_give_back, failing_workers.fail], counter)
    assert "lock" not in str(caught.value)
    with counter.get_lock():
        assert "lock" not in repr(run([failing_workers.look], counter))
    with pytest.raises(WorkerTimeoutError) as caught:
        run([failing_workers.sleep_long], counter, timeout=1)
    assert "lock" not in str(caught.value)


@posix
@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_a_lock_is_spoken_of_after_a_kill_only_where_it_is_held(counter, kind):
    with pytest.raises(WorkerError, match="SIGKILL") as caught:
        run([failing_workers.kill_oneself], counter)
    assert "lock" not in str(caught.value)
    counter = FAST.Value("i", 0, lock=getattr(FAST, kind)())
    with pytest.raises(WorkerError, match=f"SIGKILL\n\n{TAKEN}"):
        run([failing_workers.take_lock_and_kill_oneself], counter)


def test_a_lock_that_was_kept_to_a_normal_end_is_a_line_of_what_a_run_shows(counted):
    counter, mp = counted
    lock = mp.Lock()
    done = run([failing_workers.take_lock], counter)
    assert repr(done) == f"A (take_lock) returned None\n{TAKEN}"
    done = run([partial(failing_workers.take, lock)])
    assert done.taken == ("argument[0]",)
    counter, lock = mp.Value("i", 0), mp.Lock()
    both = [
        partial(failing_workers.take_lock, counter=counter),
        partial(failing_workers.take, lock),
    ]
    assert "the lock of counter and argument[0] are still taken: make" in repr(run(both))


@pytest.mark.parametrize("method", NEW)
def test_a_worker_without_a_file_is_reported_with_the_remedy(method):
    code = (
        "import multiprocessing, shmlib\n"
        "def double(number): number.value *= 2\n"
        f"number = multiprocessing.get_context({method!r}).Value('i', 1)\n"
        "try:\n"
        f"    shmlib.run([double], number, start_method={method!r})\n"
        "except shmlib.WorkerError as error:\n"
        "    print(error)\n"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert seen.stderr == ""
    assert (
        f"A (double) could not be imported by its {method} process: AttributeError" in seen.stdout
    )
    assert "Put double into a .py file" in seen.stdout


NOTEBOOK = """
import ctypes, multiprocessing, sys
sys.path.insert(0, {here!r})
import failing_workers
from shmlib import WorkerError, explore, run
class Money(ctypes.Structure):
    _fields_ = [("euros", ctypes.c_int)]
mp = multiprocessing.get_context({method!r})
try:
    {verb}([failing_workers.look], {value}, start_method={method!r})
except WorkerError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("verb", "value", "method"),
    [
        ("explore", "mp.RawArray(Money, 2)", NEW[0]),
        ("run", "mp.Value(Money, 1)", NEW[-1]),
    ],
)
def test_a_structure_without_a_file_is_named_and_not_the_worker(verb, value, method):
    code = NOTEBOOK.format(here=str(HERE), verb=verb, value=value, method=method)
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert seen.stderr == ""
    assert seen.stdout.startswith(
        "the Structure Money that worker A (look) is handed could not be imported by its "
        f"{method} process: AttributeError: "
        + ("Can't get attribute 'Money' on <module '__main__'>\n", "module '__main__' has no ")[
            sys.version_info >= (3, 14)
        ]
    )
    assert "Put Money into a .py file" in seen.stdout


UNGUARDED = """
import logging, multiprocessing, sys
sys.path.insert(0, {here!r})
import failing_workers
from shmlib import explore, run
logging.getLogger(__name__)
number = multiprocessing.get_context("spawn").Value("i", 0)
{verb}([failing_workers.add] * 2, number, start_method={method!r})
"""


@pytest.mark.parametrize(
    ("verb", "method"), [*zip(["run", "explore"], NEW, strict=False), ("explore", None)]
)
def test_a_script_without_a_main_guard_is_told_once_what_to_write(tmp_path, verb, method):
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED.format(here=str(HERE), verb=verb, method=method))
    seen = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert seen.stderr.count("Traceback") == 1 and "bootstrapping" not in seen.stderr
    remedy = 'and end the file with\n\nif __name__ == "__main__":\n    main()\n'
    if method == "forkserver" and sys.version_info >= (3, 14):  # its server imports the script
        assert seen.stderr.count(remedy) == 1
        assert seen.stderr.partition("could not be started: ")[2].startswith("the fork server has")
        return
    assert seen.stderr.endswith(
        "WorkerError: script.py starts processes without a main guard: each new process imports "
        "script.py and would start them again. Put the code that starts them into a function main, "
        + remedy
    )


def test_output_is_captured_and_kept_out_of_the_parent(mp, capfd):
    jobs = [partial(failing_workers.write, text="one"), partial(failing_workers.write, text="two")]
    done = run(jobs, mp.Value("i", 0), start_method=mp.get_start_method())
    assert done.output == ("one\n" * failing_workers.LINES, "two\n" * failing_workers.LINES)
    assert capfd.readouterr() == ("", "")


def test_long_output_and_large_results_do_not_block(counter):
    done = run(
        [partial(failing_workers.write_much, size=300_000), failing_workers.return_much], counter
    )
    assert len(done.output[0]) == 300_001
    assert len(done.results[1]) == 5_000_000


def test_a_result_that_cannot_be_sent_is_refused(counter):
    with pytest.raises(WorkerError, match="returned something that cannot be sent"):
        run([failing_workers.return_unpicklable], counter)


def test_the_time_limit_names_the_late_workers_and_ends_them(counter):
    with pytest.raises(WorkerTimeoutError) as caught:
        run([failing_workers.sleep_long, failing_workers.add], counter, timeout=2)
    error = caught.value
    assert isinstance(error, TimeoutError)
    assert error.worker == "A (sleep_long)"
    assert error.output[0] == "asleep\n"
    assert error.exitcodes[1] == 0
    assert multiprocessing.active_children() == []


def test_the_start_method_is_that_of_the_locks():
    if "fork" in METHODS:
        number = multiprocessing.get_context("fork").Value("i", 0)
        names = run([failing_workers.loaded_modules], number).results[0]
        assert "pytest" in names  # a forked child has all that the parent had
    names = run([failing_workers.loaded_modules], multiprocessing.RawValue("i", 0)).results[0]
    assert "pytest" not in names


@pytest.mark.skipif("fork" not in METHODS, reason="no fork here")
def test_objects_that_do_not_fit_are_refused_with_the_remedy(spawned):
    forked = multiprocessing.get_context("fork").Value("i", 0)
    with pytest.raises(ValueError, match="make them all with one context"):
        run([two_numbers], forked, spawned)
    with pytest.raises(ValueError, match=r'get_context\("spawn"\)'):
        run([failing_workers.add], forked, start_method="spawn")
    with pytest.raises(ValueError, match="made for fork"):
        run([partial(failing_workers.add, forked)], start_method="spawn")
    with pytest.raises(ValueError, match="made for fork"):
        run([partial(failing_workers.add, failing_workers.Box(forked))], start_method="spawn")


def two_numbers(first, second):
    pass


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (lambda v: run(failing_workers.add, v), TypeError, r"write \[add\], not add"),
        (lambda v: run(3, v), TypeError, "must be a list of functions, not 3"),
        (lambda v: run([], v), ValueError, "1 to 26 functions, one letter each, not none"),
        (lambda v: run(repeat(failing_workers.add), v), ValueError, "1 to 26 .*, not more"),
        (lambda v: run([failing_workers.add, 3], v), TypeError, "worker B must be a function"),
        (lambda v: run([bank.deposit], v), TypeError, r"worker A is deposit\(account, amount\)"),
        (lambda v: run([failing_workers.add], v, start_method="thread"), ValueError, "one of"),
        (lambda v: run([failing_workers.add], v, timeout=0), ValueError, "more than 0 seconds"),
        (lambda v: run([failing_workers.add], v, timeout="1"), TypeError, "number of seconds"),
        (lambda v: run([lambda v: None], v), TypeError, "cannot be sent to a spawn process"),
        (lambda v: run([two_numbers], v, threading.Lock()), TypeError, "cannot be sent"),
    ],
)
def test_bad_arguments_are_refused_in_the_parent(spawned, arguments, error, message):
    with pytest.raises(error, match=message):
        arguments(spawned)


@pytest.mark.parametrize("verb", [run, explore, partial(replay, "A")])
@pytest.mark.parametrize(
    ("worker", "message"),
    [
        (
            failing_workers.count,
            "worker B is count, a generator function: calling it runs nothing. "
            "Write a plain function that calls list(count(...))",
        ),
        (failing_workers.Counting(), "worker B is Counting, a generator function: calling"),
        (partial(failing_workers.fetch), "B is fetch, an async function: calling it runs nothing"),
        (failing_workers.stream, "B is stream, an async generator function: calling it runs"),
    ],
)
def test_a_worker_whose_call_runs_nothing_is_refused(counter, verb, worker, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        verb([failing_workers.add, worker], counter)


def test_a_builtin_may_be_run_but_not_stepped_through(spawned):
    assert run([os.getpid, partial(max, 3, 4)]).results[1] == 4
    with pytest.raises(TypeError, match=r"B \(acquire\) .* cannot be sent to a spawn process"):
        run([os.getpid, spawned.acquire])
    for verb in (explore, partial(replay, "")):
        with pytest.raises(TypeError, match="B is setattr, a builtin: replay and explore stop at"):
            verb([failing_workers.add_later, partial(setattr, spawned, "value")], [3])


@pytest.fixture
def edited(tmp_path, monkeypatch):
    """A function that writes a text into mine.py and returns the module, imported once."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(text):
        tmp_path.joinpath("mine.py").write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module("mine")

    yield write
    sys.modules.pop("mine", None)


ADDS = "AMOUNT = 1\n\n\ndef add(number):\n    number.value += AMOUNT\n"
VERBS = pytest.mark.parametrize("verb", [run, explore, partial(replay, "AA")])
CHANGED = re.escape(
    "mine.py has changed since it was imported: run importlib.reload(mine) and import from it "
    "again, or restart the kernel"
)


@VERBS
def test_a_file_that_was_edited_since_its_import_is_noticed(spawned, verb, edited):
    mine = edited(ADDS)
    verb([mine.add], spawned)
    edited(ADDS.replace("AMOUNT = 1", "AMOUNT = 22"))
    for _ in range(2):
        with pytest.raises(ValueError, match=CHANGED):
            verb([partial(mine.add)], spawned)
    importlib.reload(mine)
    verb([mine.add], spawned)


@pytest.mark.parametrize("text", [ADDS.replace("+=", "-="), "def add(number:", "add = 3\n"])
def test_an_edit_before_the_first_run_is_noticed(spawned, text, edited):
    mine = edited(ADDS)
    edited(text)
    with pytest.raises(ValueError, match=CHANGED):
        run([failing_workers.add, mine.add], spawned)


def test_a_file_that_was_only_touched_is_as_it_was(spawned, edited):
    for _ in range(2):
        mine = edited(ADDS)
        os.utime(mine.__file__, (1, time.time() + 5))
        assert run([mine.add], spawned).exitcodes == (0,)


@pytest.mark.skipif("fork" not in METHODS, reason="no fork here")
def test_a_forked_process_does_not_look_at_the_file(edited):
    counter = multiprocessing.get_context("fork").Value("i", 0)
    mine = edited(ADDS)
    edited(ADDS.replace("AMOUNT = 1", "AMOUNT = 22"))
    run([mine.add], counter)
    assert counter.value == 1


@posix
@pytest.mark.parametrize("verb", [explore, partial(replay, "AA")])
def test_a_worker_that_stops_while_it_starts_is_ended_in_time(spawned, verb, edited, monkeypatch):
    monkeypatch.setattr("shmlib.engine.stepper.START_LIMIT", 0.0)
    stops = "import multiprocessing, os, signal\nif multiprocessing.parent_process():\n    "
    mine = edited(f"{stops}os.kill(os.getpid(), signal.SIGSTOP)\n{ADDS}")
    with pytest.raises(
        WorkerTimeoutError, match="more than 1 s\n\nIt had not reached its first step"
    ):
        verb([mine.add], spawned, timeout=0.5)


def test_a_child_imports_the_standard_library_and_the_process_side_alone(spawned):
    names = run([failing_workers.loaded_modules], spawned).results[0]
    roots = {name.partition(".")[0] for name in names}
    allowed = set(sys.stdlib_module_names) | {"__mp_main__", "shmlib", "failing_workers"}
    # Modules that an installation's own .pth files load into every interpreter are not ours.
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True
    )
    allowed |= {name.partition(".")[0] for name in bare.stdout.split()}
    assert roots - allowed == set()
    assert {n for n in names if n.startswith("shmlib")} == {
        "shmlib",
        "shmlib.engine",
        "shmlib.engine.child",
        "shmlib.engine.child.process",
    }


@posix
@pytest.mark.parametrize("worker", [failing_workers.close_all, failing_workers.stop_half_way])
def test_a_worker_that_is_not_heard_any_more_is_ended_at_the_time_limit(counter, worker):
    # Its watch over the parent may see that the descriptors are closed, and end it before.
    with pytest.raises(WorkerError, match=rf"A \({worker.__name__}\) (did not finish|ended with)"):
        run([worker], counter, timeout=1)
    assert run([failing_workers.add], counter).results == (1,)


@posix
def test_a_worker_that_closes_everything_and_ends_is_missed_at_once(counter):
    with pytest.raises(WorkerError, match="ended with exit code"):
        run([failing_workers.close_all_and_end], counter, timeout=60)


def _alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


PARENT = """
import multiprocessing, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
sys.path.insert(0, {here!r})
import failing_workers, shmlib
mp = multiprocessing.get_context({method!r})
number = mp.Value("i", 0)
try:
    shmlib.run([failing_workers.sleep_named] * 2, number, start_method={method!r}, timeout=60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    print(shmlib.run([failing_workers.add], number).results, flush=True)
"""


def _parent_with_sleepers(method):
    """Start a program whose two workers sleep; return it and the workers' pids."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(here=str(HERE), method=method)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    pids = []
    while len(pids) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
        pids = _sleepers(parent.pid)
    assert len(pids) == 2, "the workers did not start"
    return parent, pids


def _sleepers(session):
    """Return the pids in a session whose worker has written its mark into its own name."""
    found = []
    for pid in of_session(session):
        with suppress(OSError):
            if "asleep" in Path(f"/proc/{pid}/comm").read_text(encoding="utf-8"):
                found.append(pid)
    return found


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@linux
@pytest.mark.parametrize("method", METHODS)
def test_workers_end_soon_after_a_killed_parent(method):
    parent, pids = _parent_with_sleepers(method)
    parent.kill()
    parent.communicate(timeout=30)
    deadline = time.monotonic() + 20
    while any(map(_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_alive, pids))


def test_an_interrupt_that_is_held_back_too_long_is_taken_when_it_comes_again(monkeypatch):
    came = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
    with pytest.raises(KeyboardInterrupt), waiting.StopButton():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        came.append("held back")
        monkeypatch.setattr(waiting, "URGENT", -1.0)
        signal.raise_signal(signal.SIGINT)
        came.append("held back again")
    assert came == ["held back"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


HOLDER = """
import multiprocessing, os, time
from shmlib import {name}
number = multiprocessing.get_context("spawn").Value("i", 0)
if {name!r} == "run":
    run([os.getpid], start_method="forkserver")
print(number.get_lock()._semlock.name, flush=True)
time.sleep(60)
"""


@linux
@pytest.mark.parametrize("name", ["run", "typecode_table"])  # one starts processes, one does not
def test_nothing_stays_where_the_whole_process_group_is_killed(temporary, name):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER.format(name=name)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    semaphore = Path("/dev/shm", "sem." + holder.stdout.readline().strip().lstrip("/"))
    assert semaphore.exists() and (name != "run" or list(temporary.iterdir()))
    os.killpg(holder.pid, signal.SIGKILL)
    assert holder.communicate(timeout=30) == ("", "")
    deadline = time.monotonic() + 20
    while (semaphore.exists() or list(temporary.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not semaphore.exists()
    assert list(temporary.iterdir()) == []


@linux
@pytest.mark.parametrize("method", METHODS)
def test_the_stop_button_ends_the_workers_and_the_next_run_works(method):
    parent, pids = _parent_with_sleepers(method)
    os.killpg(parent.pid, signal.SIGINT)
    out, err = parent.communicate(timeout=30)
    assert out == "interrupted\n(1,)\n"
    assert err == ""
    assert not any(map(_alive, pids))


def test_two_locks_of_the_same_name_are_told_apart(mp):
    one, other = mp.Lock(), mp.Lock()
    done = run([partial(failing_workers.take, one), partial(failing_workers.take, other)])
    assert done.taken == ("argument[0]", "argument[0] (2)")


# ------------------------------------------------------------------------- odd ends of a worker


@posix
def test_a_copy_that_the_worker_has_forked_returns_nothing(mp):
    number = mp.Value("i", 0)
    for _ in range(5):
        assert run([w.fork_and_name], number).results == ("parent",)


def test_an_end_before_the_worker_has_returned_is_told(mp):
    number = mp.Value("i", 0)
    with pytest.raises(WorkerError, match="ended with exit code 0, before it had returned"):
        run([w.end_with_code_0], number)
    assert run([w.leave_with_code_0], number).results == (None,)


@posix
def test_output_is_whole_whatever_signals_come(mp):
    (output,) = run([w.write_much_under_signals], mp.Value("i", 0)).output
    assert len(output) == 20 * 40_001


def test_an_error_shows_the_end_of_a_long_output_and_keeps_all(mp):
    with pytest.raises(WorkerError, match=r"\[16,\d{3} characters are left out\]") as caught:
        run([w.write_and_fail], mp.Value("i", 0))
    assert len(str(caught.value)) < 6_000
    assert len(caught.value.output[0]) == 20_001


@posix
def test_an_interrupt_while_workers_are_ended_leaves_none(monkeypatch, mp):
    end = Member.end

    def interrupted_end(member):
        signal.raise_signal(signal.SIGINT)
        end(member)

    monkeypatch.setattr(Member, "end", interrupted_end)
    # Whoever runs the tests in the background of a shell has it ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run([w.spin] * 3, mp.Value("i", 0), timeout=0.1)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("method", [None, *METHODS])
def test_a_stepper_outlives_the_thread_that_made_it(method):
    number, made = multiprocessing.get_context(method or "spawn").Value("i", 0), []
    thread = threading.Thread(
        target=lambda: made.append(Stepper([failing_workers.add], number, start_method=method))
    )
    thread.start()
    thread.join()
    with made[0] as stepper:
        assert [stepper.grant(letter).action for letter in "AA"] == ["read", "write"]


@posix
def test_a_handler_that_raises_before_a_step_is_told(mp):
    with Stepper([w.give_up_at_an_alarm], mp.RawValue("i", 0)) as stepper:
        time.sleep(0.5)
        with pytest.raises(WorkerError, match="interrupted before a step, by TimeoutError"):
            stepper.grant("A")


CLOSED = """
import multiprocessing, sys
sys.path[:0] = {path!r}
from shmlib import replay, run
import failing_workers

if __name__ == "__main__":
    number = multiprocessing.get_context({method!r}).Value("i", 0)
    done = run([failing_workers.add], number).results
    stepped = replay("AAA", [failing_workers.add], number, start_method={method!r}).outcome.results
    open({told!r}, "w").write(repr((done, stepped)))
"""


@posix
@pytest.mark.parametrize("method", METHODS)
def test_a_program_whose_output_is_closed_can_start_workers(tmp_path, method):
    program, told = tmp_path / "program.py", tmp_path / "told"
    program.write_text(CLOSED.format(path=sys.path, method=method, told=str(told)))
    subprocess.run(["sh", "-c", 'exec "$0" "$1" <&- >&- 2>&-', sys.executable, program], timeout=60)
    assert told.read_text() == "((1,), (2,))"
