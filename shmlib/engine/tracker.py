"""A resource tracker that outlives a killed process group, and clears up its temporary folder.

multiprocessing names each semaphore of spawn and forkserver, and its resource tracker, a helper
process, removes the names (on Linux from /dev/shm) when the program has ended, however it ended.
But the tracker is in the program's process group: who kills the group, as Jupyter and nbval do with
a kernel, kills both, and the names stay. Here the tracker is started in a session of its own, and
removes the folder of multiprocessing's sockets as well (those of a forkserver or a manager).
"""

import os
import subprocess
import sys
from multiprocessing import resource_tracker, util
from typing import Any

# The first process forks and ends, so that the tracker is nobody's child: a kernel that is shut
# down waits for its children, and the tracker ends only after it.
_START = """
import os, shutil, sys
if not os.fork():
    from multiprocessing.resource_tracker import main
    try:
        main(int(sys.argv[1]))
    finally:  # newer Pythons end it by sys.exit
        shutil.rmtree(sys.argv[2], ignore_errors=True)
"""


def outlive_the_group() -> None:
    """Have the tracker start apart from this process's group, once it is needed.

    multiprocessing starts it with the first semaphore. A child process is handed its parent's.
    """
    tracker: Any = resource_tracker._resource_tracker
    if not hasattr(os, "fork") or hasattr(tracker, "_outlives_the_group"):
        return
    tracker._outlives_the_group = True
    # Newer Pythons start it by the second of these.
    for name in ("ensure_running", "_ensure_running_and_write"):
        if hasattr(tracker, name):
            setattr(tracker, name, _started_first(tracker, getattr(tracker, name)))


def start_tracker() -> None:
    """Start the tracker now, where the system has one."""
    if hasattr(os, "fork"):
        resource_tracker._resource_tracker.ensure_running()


def _started_first(tracker, method):
    def call(*args, **kwargs):
        if tracker._fd is None:
            _start(tracker)
        return method(*args, **kwargs)

    return call


def _start(tracker):
    reading, writing = os.pipe()
    try:
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", _START, str(reading), util.get_temp_dir()],
            pass_fds=[reading],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        os.close(writing)  # multiprocessing will start its own
    else:
        tracker._fd = (
            writing  # as in a child process, which inherits a tracker that it did not start
        )
    finally:
        os.close(reading)
