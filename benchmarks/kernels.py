"""Pages that are run from top to bottom, each in a kernel of its own, and what that takes.

A kernel is the first process of its session, so all that it has started is known by the session,
children of children too, and whatever has lost its parent. Linux alone tells all of this.
"""

import contextlib
import os
import re
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import sessions

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
SHARED = "/dev/shm/"
# Before a child becomes another program it may have its parent's memory, which would count twice.
YOUNG = 0.2
# Seconds that a kernel may take to start, and a cell to end, on a machine that is very busy.
PATIENCE = 600


@dataclass
class Need:
    """What processes have taken so far: each figure is the largest that was seen.

    Attributes:
        memory: bytes, proportional set size: what processes share is counted once.
        processes, threads: how many there were at once.
        cpu: seconds, of those that have ended too.
        shared: bytes of files in /dev/shm.
        names: of all files there that were in the memory of a process.
    """

    memory: int = 0
    processes: int = 0
    threads: int = 0
    cpu: float = 0.0
    shared: int = 0
    names: set = field(default_factory=set)

    def see(self, processes):
        """Look at processes as they are now; the youngest are looked at the next time."""
        born = time.time() - YOUNG
        processes = [process for process in processes if process.create_time() < born]
        self.processes = max(self.processes, len(processes))
        memory = threads = 0
        cpu = 0.0
        files = {}
        for process in processes:
            with contextlib.suppress(psutil.Error, OSError):
                cpu += sum(process.cpu_times()[:4])
                threads += process.num_threads()
                memory += process.memory_full_info().pss
                found, names = _shared_files(process.pid)
                files.update(found)
                self.names |= names
        self.memory = max(self.memory, memory)
        self.threads = max(self.threads, threads)
        self.cpu = max(self.cpu, cpu)
        self.shared = max(self.shared, sum(files.values()))


def _shared_files(pid):
    """Return the files in /dev/shm that a process has open, unlinked or not, or has in its memory,
    as locks are: their bytes, by inode, and the names of the latter."""
    opened = [entry.path for entry in os.scandir(f"/proc/{pid}/fd")]
    names = set(re.findall(rf"{SHARED}\S+", Path(f"/proc/{pid}/maps").read_text()))
    sizes = {}
    for path in [*opened, *names]:
        with contextlib.suppress(OSError):
            if path in names or os.readlink(path).startswith(SHARED):
                found = os.stat(path)
                sizes[found.st_ino] = found.st_blocks * 512
    return sizes, names


def of_session(session):
    """Return the processes of a session."""
    found = []
    for pid in sessions.of_session(session):
        with contextlib.suppress(psutil.Error):
            found.append(psutil.Process(pid))
    return found


@dataclass
class Run:
    """A page in a kernel.

    Attributes:
        page: the path of the notebook.
        session: of the kernel, and of all that it starts; None until it has started.
        need: a `Need`, where somebody looks.
        first: seconds from the start of the kernel to the first output; None without any.
        seconds: that it took to run the page to its end, without the end of the kernel.
        error: why it did not come to its end, or "".
    """

    page: Path
    session: int | None = None
    need: Need = field(default_factory=Need)
    first: float | None = None
    seconds: float = 0.0
    error: str = ""

    def run(self):
        """Run the page in a kernel that starts in a folder of its own, and end the kernel."""
        notebook = nbformat.read(self.page, as_version=4)
        with tempfile.TemporaryDirectory(prefix="page") as folder:
            client = _Client(
                notebook,
                timeout=PATIENCE,
                startup_timeout=PATIENCE,
                kernel_name="python3",
                extra_arguments=["--Application.log_level=ERROR"],
                resources={"metadata": {"path": folder}},
            )
            client.run = self
            client.began = time.monotonic()
            try:
                client.execute()
            except CellExecutionError as error:
                self.error = self.error or f"{error.ename}: {error.evalue}"
            except Exception as error:
                self.error = self.error or f"{type(error).__name__}: {error}"
        return self

    def end(self, why):
        """End the kernel and all that it has started, at once."""
        self.error = self.error or why
        if self.session is not None:
            for process in of_session(self.session):
                with contextlib.suppress(psutil.Error):
                    process.kill()


class _Client(NotebookClient):
    async def async_start_new_kernel(self, **options):
        if self.run.error:
            raise RuntimeError(self.run.error)
        await super().async_start_new_kernel(**options)
        self.run.session = self.km.provisioner.pid

    def output(self, outs, msg, display_id, cell_index):
        self.run.first = self.run.first or time.monotonic() - self.began
        return super().output(outs, msg, display_id, cell_index)

    async def _async_cleanup_kernel(self):
        self.run.seconds = self.run.seconds or time.monotonic() - self.began
        await super()._async_cleanup_kernel()


class Watch(threading.Thread):
    """Looks at runs again and again, while it is entered.

    Args:
        runs: a list of `Run`, of which each has its own `Need`.
        pause: seconds between two looks.

    Attributes:
        all: the `Need` of all of them together.
    """

    def __init__(self, runs, pause):
        super().__init__(daemon=True)
        self._runs = runs
        self._pause = pause
        self._ended = threading.Event()
        self.all = Need()

    def run(self):
        while not self._ended.wait(self._pause):
            running = [run for run in self._runs if run.session and not run.seconds]
            together = []
            for run in running:
                processes = of_session(run.session)
                run.need.see(processes)
                together += processes
            if len(self._runs) > 1:
                self.all.see(together)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join()


def left_of(runs):
    """Return what is left of runs that have ended, in words: a line for each process, and for each
    file in /dev/shm that one of them had in its memory. They are given 10 s to go."""
    deadline = time.monotonic() + 10
    while (left := _processes(runs) + _files(runs)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


def _processes(runs):
    found = []
    for process in [p for run in runs if run.session for p in of_session(run.session)]:
        with contextlib.suppress(psutil.Error):
            found.append(f"process {process.pid} {' '.join(process.cmdline())[:80]}")
    return found


def _files(runs):
    return sorted({name for run in runs for name in run.need.names if os.path.exists(name)})


def checked_system():
    """End with a sentence where the system cannot tell what is measured."""
    if sys.platform != "linux":
        sys.exit("Only Linux tells what is measured here: /proc/PID/smaps_rollup and /dev/shm.")
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
