"""A cluster of dask on this machine: nothing of it is left, however its process ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from shmlib import local_cluster

# It tells which processes there are and where their folder is, and then waits to be killed.
CLUSTER = """
import glob, os, tempfile, time
import psutil
from shmlib import local_cluster

client = local_cluster.start()
assert local_cluster.start() is client
(folder,) = glob.glob(os.path.join(tempfile.gettempdir(), "shmlib-*"))
children = psutil.Process().children(recursive=True)
print(folder, *(child.pid for child in children), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="what is killed there is told otherwise")
def test_nothing_is_left_of_a_cluster_whose_process_is_killed(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    killed = subprocess.Popen(
        [sys.executable, "-c", CLUSTER],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    folder, *numbers = killed.stdout.readline().split()
    processes = [psutil.Process(int(number)) for number in numbers]
    assert Path(folder).parent == tmp_path and len(processes) >= 3
    os.killpg(killed.pid, signal.SIGKILL)  # as Jupyter kills a kernel
    killed.communicate()
    _, left = psutil.wait_procs(processes, timeout=30)
    end = time.monotonic() + 30
    while Path(folder).exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not left and not Path(folder).exists()


@pytest.mark.parametrize(("workers", "error"), [(0, ValueError), ("2", TypeError)])
def test_a_number_of_workers_that_makes_no_sense_is_refused(workers, error):
    with pytest.raises(error, match="workers must be"):
        local_cluster.start(workers)
    local_cluster.stop()  # there is none, and that is no error
