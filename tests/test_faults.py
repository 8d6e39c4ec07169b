"""Faults of each kind: what went wrong is told in time, nothing is left, and the next cell works.

`python tests/faults.py 1000` is the whole campaign.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import faults

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks at /proc")
HERE = Path(__file__).parent


def test_a_fault_of_each_kind_is_survived():
    number = str(len(faults.KINDS))
    command = [sys.executable, HERE / "faults.py", number]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"{number} faults, {number} survived")


def test_the_campaign_sees_what_is_left(tmp_path):
    before = faults.open_files()
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    files = [open(os.devnull) for _ in range(9)]  # noqa: SIM115
    try:
        left, open_still = faults.left_behind(before)
    finally:
        process.kill()
        process.wait()
        for file in files:
            file.close()
    assert left.startswith("processes are left:") and open_still.endswith("files are left open")


@pytest.mark.parametrize(
    ("what", "verb", "method", "left"),
    [
        ("files", "run", "spawn", 3),
        ("files", "replay", "fork", 7),
        ("files", "explore", "forkserver", 3),
        ("processes", "run", "fork", 0),
        ("processes", "click", "fork", 1),
        ("processes", "explore", "spawn", 0),
    ],
)
def test_what_has_run_out_is_told_with_the_remedy(tmp_path, what, verb, method, left):
    if method not in faults.METHODS:
        pytest.skip("there is no such start method")
    assert faults.run_out(what, verb, method, left, tmp_path, must_fail=True) == []


@pytest.mark.parametrize("what", ["full", "read-only"])
def test_a_shared_memory_that_cannot_be_used_is_named_by_the_check_up(tmp_path, what):
    if not faults.can_mount():
        pytest.skip("mounting is not allowed here")
    assert faults.without_room(what, "run", tmp_path) == []


@pytest.mark.parametrize("temporary", ["x" * 120, "missing"])
def test_a_temporary_folder_that_is_long_or_missing_is_survived_or_told(tmp_path, temporary):
    assert faults.in_folders(temporary, "/proc", "run", tmp_path) == []


STOPPED = """
import multiprocessing, sys
from functools import partial
import campaign_workers
from shmlib import run
if __name__ == "__main__":
    mp = multiprocessing.get_context(sys.argv[1])
    worker = partial(campaign_workers.misbehave, how="stop", at=0, holding=False)
    run([worker], mp.Value("i", 7), mp.RawValue("i", 7), timeout=600)
"""


@pytest.mark.parametrize("method", faults.METHODS)
def test_a_stopped_worker_does_not_outlive_a_killed_parent(tmp_path, method):
    mark = f"STOPPED_{os.getpid()}_{method}"
    program = tmp_path / "program.py"
    program.write_text(STOPPED)
    environment = {**os.environ, mark: "1", "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"}
    parent = subprocess.Popen([sys.executable, program, method], env=environment)
    stopped = faults.within(60, lambda: [pid for pid in faults.marked(mark) if state(pid) == "T"])
    parent.kill()
    parent.wait()
    assert stopped
    assert faults.within(30, lambda: not faults.marked(mark))


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
