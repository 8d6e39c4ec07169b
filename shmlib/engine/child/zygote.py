"""A zygote: a clean process that has loaded what a gated worker needs, and is copied for each.

To load it takes a new interpreter far longer than all that follows. A copy then imports the
worker's file, as a process of spawn does. (Android starts its programs so, and gave it the name.)

It is a fork server of multiprocessing, but one of our own: that of the user's program is to load
what the user says, and the hash seed of this one is fixed (see `gated`).
"""

import os
import signal
import socket
import sys
import threading
from multiprocessing import connection, context, forkserver, popen_forkserver
from types import FunctionType, SimpleNamespace
from typing import Any

# Seconds until one that makes no copy is ended.
PATIENCE = 10.0


class _PatientConnection(connection.Connection):
    """One over which a fork server shows who it is, from Python 3.14 on: it may be stopped."""

    def recv_bytes(self, maxlength=None):
        if not self.poll(PATIENCE):
            raise _silent()
        return super().recv_bytes(maxlength)


class _Server(forkserver.ForkServer):
    connect_to_new_process = FunctionType(
        forkserver.ForkServer.connect_to_new_process.__code__,
        vars(forkserver)
        | {"connection": SimpleNamespace(**vars(connection) | {"Connection": _PatientConnection})},
    )


def _silent():
    return TimeoutError("the process that it was to be a copy of did not answer")


class Zygote:
    """The one of this process. A process that is forked makes its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: Any = None
        os.register_at_fork(after_in_child=self._forget)

    def ensure_running(self) -> None:
        """Start it, unless it runs.

        Raises:
            OSError: there is no process or no file left, or no folder for its socket.
        """
        with self._lock:
            if self._server is None:
                self._server = _Server()
                self._server.set_forkserver_preload(_loads())
        self._server.ensure_running()

    def connect_to_new_process(self, descriptors: list[int]) -> Any:
        """Have a copy made, as `multiprocessing.forkserver` does.

        Raises:
            OSError: there is no file left.
            TimeoutError: it did not answer.
        """
        self.ensure_running()
        _check_room()
        try:
            return self._server.connect_to_new_process(descriptors)
        except (ConnectionError, EOFError):  # it is about to end, whoever ends it
            self._end()
            self.ensure_running()
            return self._server.connect_to_new_process(descriptors)
        except TimeoutError:
            self._end()
            raise

    def read_signed(self, descriptor: int) -> int:
        """Return the number of the process that is the copy.

        Raises:
            TimeoutError: none was made.
        """
        if not connection.wait([descriptor], PATIENCE):
            self._end()
            raise _silent()
        return forkserver.read_signed(descriptor)

    def _end(self):
        pid = self._server._forkserver_pid
        self._forget()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    def _forget(self):
        self._lock = threading.Lock()
        server, self._server = self._server, None
        if server is not None and server._forkserver_alive_fd is not None:
            os.close(server._forkserver_alive_fd)  # else it would outlive the process that made it


def _check_room():
    # CPython's fork server ends where one that has connected has no file left for its pipes.
    with socket.socket(socket.AF_UNIX):
        for end in (*os.pipe(), *os.pipe()):
            os.close(end)


def _loads():
    """Return the modules that each copy would have to load for itself.

    If the program has a main file, each process imports it, and with it the engine; a notebook has
    none.
    """
    main_file = getattr(sys.modules["__main__"], "__file__", None)
    with_it = ["shmlib.engine.explore"] if main_file else []
    return [__name__, f"{__package__}.serve", *with_it, f"{__package__}.settled"]


zygote = Zygote()


class _Popen(popen_forkserver.Popen):
    # multiprocessing knows its one fork server by the name of a module: that is the zygote here.
    _launch = FunctionType(
        popen_forkserver.Popen._launch.__code__,  # type: ignore[attr-defined]
        vars(popen_forkserver) | {"forkserver": zygote},
    )


class _Process(context.ForkServerProcess):
    _start_method = "spawn"

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802
        return _Popen(process)

    @staticmethod
    def _after_fork() -> None:
        """Keep what the worker's main file has made, as spawn does; its locks are to be removed."""

    def __getstate__(self):
        return {**vars(self), "_now": (dict(os.environ), os.sched_getaffinity(0))}

    def __setstate__(self, state):
        _close_the_life_of_the_zygote()
        environment, processors = state.pop("_now")
        os.environ.clear()  # it is that of the time when the zygote was made
        os.environ.update(environment)
        os.sched_setaffinity(0, processors)
        vars(self).update(state)


def _close_the_life_of_the_zygote():
    # A process of spawn has no such pipe, and a worker that wrote into it would end the zygote.
    server: Any = forkserver._forkserver
    os.close(server._forkserver_alive_fd)
    server._forkserver_alive_fd = None


class CopyingContext(context.ForkServerContext):
    """Starts processes that are copies of the zygote. To workers they are those of spawn."""

    _name = "spawn"
    Process = _Process
