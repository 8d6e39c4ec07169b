"""dask.distributed on this machine: a scheduler in this process, and workers beside it.

Nothing is left behind: the workers end when this process does, however that comes about, and then
their folder is removed, too. The process that forks the workers lives as long as this one, as the
forkserver of multiprocessing does. (ipyparallel was tried: it leaves a controller and engines.)
"""

import logging
import multiprocessing
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from typing import Any

from ..checks import check_whole

# Removes a folder when the other end of its standard input is closed, be it by a process that is
# killed; the workers may need a moment to follow. A kernel that ends sends its children SIGTERM.
_TIDY = """
import shutil, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.stdin.read()
for _ in range(100):
    try:
        shutil.rmtree(sys.argv[1])
    except FileNotFoundError:
        break
    except OSError:
        time.sleep(0.1)
"""
_running = ExitStack()
_client: Any = None


def start(workers: int = 2) -> Any:
    """Start a cluster on 127.0.0.1, unless there is one.

    Args:
        workers: how many processes, each with one thread.

    Returns:
        Its `distributed.Client`.

    Raises:
        TypeError, ValueError: workers is not a number of 1 or more.
    """
    global _client
    check_whole("workers", workers)
    _share_what_is_loaded()
    from distributed import Client, LocalCluster

    if _client is None:
        with _uninterrupted(), ExitStack() as opened:
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                local_directory=opened.enter_context(_folder()),
                silence_logs=logging.CRITICAL,
            )
            opened.enter_context(cluster)
            _client = opened.enter_context(Client(cluster))
            _running.push(opened.pop_all())
    return _client


def stop() -> None:
    """End the cluster, if there is one."""
    global _client
    _client = None
    _running.close()


def _share_what_is_loaded():
    """Let one process load dask and fork the workers: half of the memory, and half of the time."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return
    import dask

    dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
    from distributed.utils import get_mp_context

    get_mp_context()  # which says what to load, once and for all; so here it is said again
    multiprocessing.set_forkserver_preload([f"{__package__}.preloaded"])


@contextmanager
def _folder():
    """A folder that is gone after the block, and when this process has ended in whichever way."""
    folder = tempfile.mkdtemp(prefix="shmlib-")
    # In a session of its own, since a kernel is killed with its whole group.
    tidy = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _TIDY, folder],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        tidy.communicate()


@contextmanager
def _uninterrupted():
    """Processes that are started in the block ignore the stop button, which signals them, too."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
