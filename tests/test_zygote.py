"""The process that is copied for each gated worker: to workers and to users it is not there."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

import stepping_workers as w
from shmlib import WorkerError, explore, replay

if sys.platform == "linux":
    import resource

    from shmlib.engine.child import zygote

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are spawned")
SPAWN = multiprocessing.get_context("spawn")


def returned_by(worker, **options):
    (outcome,) = explore([worker], SPAWN.Value("i", 0), **options).outcomes
    return outcome.results[0]


def zygotes(process):
    return [
        child
        for child in process.children()
        if "shmlib.engine.child.zygote" in " ".join(child.cmdline())
    ]


def test_a_worker_has_the_environment_and_the_folder_of_now(monkeypatch, tmp_path):
    monkeypatch.setenv("SHMLIB_OF_NOW", "first")
    assert returned_by(w.surroundings)["SHMLIB_OF_NOW"] == "first"
    monkeypatch.setenv("SHMLIB_OF_NOW", "second")
    monkeypatch.chdir(tmp_path)
    now = returned_by(w.surroundings)
    assert now["SHMLIB_OF_NOW"] == "second" and now["folder"] == str(tmp_path)
    monkeypatch.delenv("SHMLIB_OF_NOW")
    assert "SHMLIB_OF_NOW" not in returned_by(w.surroundings)


def test_a_worker_has_the_processors_of_now():
    before = os.sched_getaffinity(0)
    returned_by(w.surroundings)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert returned_by(w.surroundings)["processors"] == [min(before)]
    finally:
        os.sched_setaffinity(0, before)
    assert returned_by(w.surroundings)["processors"] == sorted(before)


def test_a_worker_is_as_under_spawn():
    copied, spawned = returned_by(w.surroundings), returned_by(w.surroundings, start_method="spawn")
    for name in ("LINES", "COLUMNS"):  # a library has set them, past Python
        copied.pop(name, None)
        spawned.pop(name, None)
    differ = {name for name in copied | spawned if copied.get(name) != spawned.get(name)}
    assert differ == {"parent"}  # it is the child of another
    assert copied["hash"] == hash_in_a_new_interpreter()


LOADED = """
import multiprocessing
import sys
sys.path.insert(0, {here!r})
import stepping_workers as w

if __name__ == "__main__":
    from shmlib import explore

    number = multiprocessing.get_context("spawn").Value("i", 0)
    (outcome,) = explore([w.loaded_modules], number).outcomes
    print(*outcome.results[0], sep="\\n")
"""


@pytest.mark.parametrize("is_file", [True, False])
def test_a_copy_has_loaded_the_engine_for_a_main_file_alone(tmp_path, is_file):
    program = LOADED.format(here=os.path.dirname(w.__file__))
    if is_file:
        (tmp_path / "main.py").write_text(program, encoding="utf-8")
    command = [tmp_path / "main.py"] if is_file else ["-c", program]
    told = subprocess.check_output([sys.executable, *command], text=True).split()
    assert "shmlib.engine.child.serve" in told
    assert ("shmlib.engine.explore" in told) == is_file
    assert not {"numpy", "IPython", "matplotlib", "ipywidgets", "pytest"} & set(told)


def hash_in_a_new_interpreter():
    code, environment = "print(hash('a set of strings'))", {**os.environ, "PYTHONHASHSEED": "0"}
    return int(subprocess.check_output([sys.executable, "-c", code], env=environment))


def test_one_that_was_killed_is_made_anew():
    returned_by(w.surroundings)
    (before,) = zygotes(psutil.Process())
    before.kill()
    deadline = time.monotonic() + 20
    while before.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.01)
    returned_by(w.surroundings)
    (after,) = zygotes(psutil.Process())
    assert after.pid != before.pid


def test_one_that_was_stopped_is_ended_in_time(monkeypatch):
    returned_by(w.surroundings)
    (before,) = zygotes(psutil.Process())
    before.suspend()
    with monkeypatch.context() as patch:
        patch.setattr(zygote, "PATIENCE", 0.5)
        with pytest.raises(OSError, match=r"worker A .idle. could not be started: the process tha"):
            replay("", [w.idle], SPAWN.Value("i", 0))
    replay("", [w.idle], SPAWN.Value("i", 0))
    (after,) = zygotes(psutil.Process())
    assert after.pid != before.pid


def test_no_worker_writes_into_its_pipes():
    returned_by(w.surroundings)
    before = zygotes(psutil.Process())
    with pytest.raises(WorkerError):
        replay("A", [w.write_into_all_files], SPAWN.Value("i", 0))
    returned_by(w.surroundings)
    assert zygotes(psutil.Process()) == before


def test_a_want_of_files_does_not_end_it():
    number = SPAWN.Value("i", 0)
    replay("", [w.idle], number)
    before = zygotes(psutil.Process())
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = [open(os.devnull) for _ in range(20)]  # noqa: SIM115
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(file.fileno() for file in files) + 1, hard))
    try:
        while files:
            files.pop().close()
            with suppress(OSError):
                replay("", [w.idle], number)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    replay("", [w.idle], number)
    assert zygotes(psutil.Process()) == before


def test_one_that_cannot_fork_is_told_with_the_remedy(monkeypatch):
    def ends(*_):
        raise EOFError  # multiprocessing's fork server does, where it cannot fork

    monkeypatch.setattr(zygote._Popen, "_launch", ends)
    with pytest.raises(
        OSError, match=r"worker A .idle. could not be started: the fork server has ended"
    ):
        replay("", [w.idle], SPAWN.Value("i", 0))


def test_a_forked_process_makes_its_own_and_takes_it_with_it():
    returned_by(w.surroundings)
    (ours,) = zygotes(psutil.Process())
    receiving, sending = multiprocessing.Pipe(duplex=False)
    forked = multiprocessing.get_context("fork").Process(target=tell_zygotes, args=(sending,))
    forked.start()
    (pid,) = receiving.recv()
    assert pid != ours.pid and ours.is_running()
    its_own = psutil.Process(pid)
    os.kill(forked.pid, signal.SIGKILL)
    forked.join()
    its_own.wait(20)
    returned_by(w.surroundings)
    assert [zygote.pid for zygote in zygotes(psutil.Process())] == [ours.pid]


def tell_zygotes(pipe):
    returned_by(w.surroundings)
    pipe.send([zygote.pid for zygote in zygotes(psutil.Process())])
    time.sleep(60)


def test_where_there_is_no_room_for_its_socket_workers_are_spawned(tmp_path):
    code = f"""
import multiprocessing, sys
sys.path[:0] = {sys.path!r}
from shmlib import replay
import stepping_workers as w
if __name__ == "__main__":
    print(replay("", [w.idle], multiprocessing.get_context("spawn").Value("i", 0)).outcome.kind)
"""
    file = tmp_path / "program.py"
    file.write_text(code)
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    environment = {**os.environ, "TMPDIR": str(folder)}
    said = subprocess.run(
        [sys.executable, file], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (said.stdout, said.stderr) == ("finished\n", "")


def test_what_the_main_file_holds_is_no_leak(tmp_path):
    code = """
import multiprocessing
spawn = multiprocessing.get_context("spawn")
lock = spawn.Lock()  # before the import of shmlib, whose tracker is silent
from shmlib import replay
def idle(number):
    pass
if __name__ == "__main__":
    print(replay("", [idle], spawn.RawValue("i", 0)).outcome.kind)
"""
    file = tmp_path / "program.py"
    file.write_text(code)
    said = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=60)
    assert (said.stdout, said.stderr) == ("finished\n", "")
