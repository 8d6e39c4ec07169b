"""Faults of each kind: what went wrong is told in time, nothing is left, and the next cell works.

`python tests/faults.py 1000` is the whole campaign.
"""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import faults

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks at /proc")
HERE = Path(__file__).parent


def test_what_the_campaign_draws_is_survived():
    command = [sys.executable, HERE / "faults.py", "6"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("6 faults, 6 survived")


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


PROGRAM = """
import multiprocessing, os, resource, sys
import faulty_workers
from shmlib import explore, replay, run

def run_out_of_files(left):
    have = len(os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (have + left, have + left))

def run_out_of_processes(left):
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
    counter = multiprocessing.get_context(method).Value("i", 0)
    workers = [faulty_workers.add] * 2
    multiprocessing.get_context(method).RLock()  # Python's own helper runs
    globals()[what](int(left))
    try:
        if verb == "replay":
            replay("AABB", workers, counter)
        else:
            globals()[verb](workers, counter)
    except OSError as error:
        print(error)
    assert not multiprocessing.active_children()
"""


@pytest.mark.parametrize("method", faults.METHODS)
@pytest.mark.parametrize("verb", ["run", "replay", "explore"])
@pytest.mark.parametrize(
    ("what", "left", "said"),
    [
        ("run_out_of_files", 3, "this process has too many files open"),
        ("run_out_of_files", 7, "this process has too many files open"),
        ("run_out_of_processes", 0, "there are too many processes"),
        ("run_out_of_processes", 1, "there are too many processes"),
    ],
)
def test_what_has_run_out_is_told_with_the_remedy(tmp_path, method, verb, what, left, said):
    if method == "forkserver" and what == "run_out_of_processes":
        pytest.skip("the server starts them")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, program, what, verb, method, str(left)],
        env={**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "could not be started" in done.stdout and said in done.stdout


SMALL = "mount -t tmpfs -o size=4k tmpfs /dev/shm && head -c 4096 /dev/zero > /dev/shm/full && "
READ_ONLY = "mount -t tmpfs -o ro tmpfs /dev/shm && "


@pytest.mark.parametrize("mount", [SMALL, READ_ONLY], ids=["full", "read-only"])
def test_the_check_up_names_a_shared_memory_that_cannot_be_used(mount):
    code = "from shmlib import check_environment; print(check_environment())"
    command = ["unshare", "--mount", "sh", "-c", f'{mount} exec "$0" -c "{code}"', sys.executable]
    if not shutil.which("unshare"):
        pytest.skip("there is no unshare")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=HERE.parent)
    if "good " not in done.stdout:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    said = "has 0 MiB free" if mount is SMALL else "cannot be written to"
    assert f"room in shared memory: /dev/shm {said}" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("temporary", ["x" * 120, "nowhere"])
def test_a_temporary_folder_that_is_long_or_missing_is_survived_or_told(tmp_path, temporary):
    folder = tmp_path / temporary
    if temporary != "nowhere":
        folder.mkdir()
    code = textwrap.dedent("""
        import multiprocessing, faulty_workers
        from shmlib import run
        if __name__ == "__main__":
            for method in multiprocessing.get_all_start_methods():
                counter = multiprocessing.get_context(method).Value("i", 0)
                try:
                    run([faulty_workers.add], counter, start_method=method)
                    assert counter.value == 1
                except OSError as error:  # from the forkserver's socket, before Python 3.14
                    assert "Set TMPDIR to a folder with a shorter name" in str(error), error
    """)
    program = tmp_path / "program.py"
    program.write_text(code)
    environment = {**os.environ, "TMPDIR": str(folder), "HOME": "/proc"}
    environment["PYTHONPATH"] = f"{HERE}{os.pathsep}{HERE.parent}"
    done = subprocess.run(
        [sys.executable, program], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


STOPPED = """
import multiprocessing, sys
from functools import partial
import fault_workers
from shmlib import run
if __name__ == "__main__":
    mp = multiprocessing.get_context(sys.argv[1])
    worker = partial(fault_workers.misbehave, how="stop", at=0, holding=False)
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
