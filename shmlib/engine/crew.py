"""One worker as the parent sees it: its process, and the two pipes that come from it."""

import ctypes
import errno
import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Collection
from multiprocessing import connection, util
from multiprocessing.connection import Connection
from typing import Any

from ..words import without_loader
from .aliases import Worker
from .arguments import UNSENDABLE, unsendable, worker_name
from .child import WINDOWS
from .child.process import (
    Job,
    Result,
    begin,
    message_in,
    open_standard_files,
    prepare_output,
)
from .errors import not_started
from .tracker import outlive_the_group
from .waiting import wait

# Once a worker has failed, the others get this long (seconds) to end by themselves.
GRACE = 1.0
# What a worker writes is kept up to this many bytes.
OUTPUT_LIMIT = 1_000_000

# A process ends with this code where it is to start others while it still imports the main file.
UNGUARDED = 211

_NO_SERVER = (
    "the fork server has ended. What it wrote, if anything, says why; else there are too many "
    "processes, or too little memory for more"
)
# Seconds until the first look at a process that has closed all its connections, and at most between
# two, each of which waits twice as long as the one before: it is nearly always about to end.
FIRST_LOOK, LOOK = 0.001, 0.05

open_standard_files()
prepare_output()  # for workers that are forked
outlive_the_group()  # before a notebook's next cell makes its first semaphore


class Member:
    """One worker: its process and the two pipes that come from it."""

    def __init__(self, letter: str, worker: Worker):
        self.worker = worker
        self.name = f"{letter} ({worker_name(worker)})"
        self.process: Any = None
        self.pipes: list[Connection] = []
        self._theirs: list[Connection] = []  # the other ends, until its process has them
        self.message: Result | None = None
        self.exitcode: Any = None
        self._output = bytearray()
        self._answer = bytearray()  # what has come of the message with the result
        self._look = 0.0  # seconds until the next; 0 while its sentinel will tell

    def prepare(self, context: Any, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Make ready a process that calls function(*args) and sends back what it returns.

        What is done ahead of a fork costs less than after it, where all memory is shared.
        """
        if getattr(multiprocessing.current_process(), "_inheriting", False):
            _leave_the_import()
        self.method = context.get_start_method()
        try:
            for _ in range(2):
                ours, theirs = connection.Pipe(duplex=False)
                self.pipes.append(ours)
                self._theirs.append(theirs)
        except OSError as error:
            raise not_started(self.name, error) from None
        self.results, self.prints = self.pipes
        self._prepared = context.Process(
            target=begin, args=(*self._theirs, Job(function, args)), name=f"worker {self.name}"
        )

    def start(self) -> None:
        """Start the process."""
        try:
            self._prepared.start()
        except UNSENDABLE as error:
            raise unsendable(f"worker {self.name}", self.method, error) from error
        except (EOFError, ConnectionError):
            raise not_started(self.name, OSError(errno.EPIPE, _NO_SERVER)) from None
        except OSError as error:
            raise not_started(self.name, error) from None
        finally:
            self._close_theirs()
        self.process = self._prepared

    def _close_theirs(self):
        while self._theirs:
            self._theirs.pop().close()

    @property
    def running(self) -> bool:
        return self.exitcode is None

    @property
    def sources(self) -> list[Any]:
        return self.pipes if self._look else [self.process.sentinel, *self.pipes]

    @property
    def patience(self) -> float:
        """Seconds to wait at most before another look at the process."""
        return self._look or float("inf")

    def collect(self, ready: Collection[object]) -> None:
        """Take in what has arrived; notice the end of the process. It never waits."""
        for pipe in list(self.pipes):
            if pipe in ready:
                self._read(pipe)
        if self._look or self.process.sentinel in ready:
            self.exitcode = self.process.exitcode
            # Its end of the sentinel is closed, and it goes on: it has closed all that it had.
            self._look = min(2 * self._look or FIRST_LOOK, LOOK) * self.running
            for pipe in list(self.pipes):
                while not self.running and pipe in self.pipes and _has_more(pipe):
                    self._read(pipe)

    def await_end(self, deadline: float) -> None:
        """Collect until the process has ended, or until the deadline by time.monotonic()."""
        while self.running and (left := deadline - time.monotonic()) > 0:
            self.collect(wait(self.sources, min(left, self.patience)))

    def _read(self, pipe):
        try:
            data = pipe.recv_bytes() if WINDOWS else os.read(pipe.fileno(), 1 << 20)
            if not data:
                raise EOFError
        except (EOFError, OSError):
            self.pipes.remove(pipe)
            pipe.close()
            return
        if pipe is self.prints:
            self._output += data[: max(0, OUTPUT_LIMIT - len(self._output))]
            return
        self._answer += data
        try:
            self.message = message_in(self._answer) or self.message
        except Exception as error:
            self.message = ("unreadable", f"{type(error).__name__}: {error}", "")

    def end(self) -> None:
        """Kill the process if it still runs, and close what belongs to it."""
        if self.process is not None:
            if self.running:
                self.process.kill()
                self.process.join(GRACE)
                self.exitcode = self.process.exitcode
            self.process.close()
            self.process = None
        self._close_theirs()
        while self.pipes:
            self.pipes.pop().close()

    @property
    def output(self) -> str:
        text = self._output.decode(errors="replace").replace("\r\n", "\n")
        return text + f"\n[cut at {OUTPUT_LIMIT} bytes]" * (len(self._output) == OUTPUT_LIMIT)

    @property
    def result(self) -> Any:
        return self.message[1] if self.message else None

    @property
    def failed(self) -> bool:
        if self.running:
            return False
        return self.exitcode != 0 or self.message is None or self.message[0] != "returned"

    @property
    def unguarded(self) -> bool:
        """True where the process came to start others when it imported the main file."""
        return self.exitcode == UNGUARDED and self.message is None

    def unreturnable(self, what: object) -> str:
        """Return a sentence for a result that cannot be sent back."""
        return (
            f"worker {self.name} returned something that cannot be sent back to the parent: "
            f"{what}. Return numbers, text, or lists and dictionaries of them"
        )

    def failure(self) -> tuple[str, str]:
        """Return a sentence for what went wrong, and the worker's traceback text."""
        kind, what, traceback = (*(self.message or (None, None)), "")[:3]
        if kind == "raised":
            return f"worker {self.name} raised {what}", traceback
        if kind == "unimportable":
            who, name = f"worker {self.name}", worker_name(self.worker)
            if record := _missing_record(what):
                kind, name = record
                who = f"the {kind} {name} that worker {self.name} is handed"
            return (
                f"{who} could not be imported by its {self.method} process: "
                f"{without_loader(what)}\n"
                "A new process imports its worker, and the types of the shared objects, from a "
                f"file; what a notebook cell defines is in no file. Put {name} "
                "into a .py file beside the notebook and import it from there.",
                "",
            )
        if kind in ("unreturnable", "unreadable"):
            return self.unreturnable(what), traceback
        if self.unguarded:
            return _no_guard(), ""
        if self.exitcode < 0:
            try:
                number = signal.Signals(-self.exitcode).name
            except ValueError:
                number = f"signal {-self.exitcode}"
            return f"worker {self.name} was killed by {number}", ""
        when = ", after it had returned" if kind == "returned" else ""
        if self.exitcode == 0:
            when = ", before it had returned"
        return f"worker {self.name} ended with exit code {self.exitcode}{when}", ""


def _missing_record(what):
    """Return (kind, name) of the record of a notebook cell that pickle has missed, or None."""
    # The second is said from Python 3.14 on.
    missed = re.search(r"attribute '(\w+)' on <module '__main__'", what) or re.search(
        r"module '__main__' has no attribute '(\w+)'", what
    )
    if missed is None:
        return None
    found = getattr(sys.modules["__main__"], missed[1], None)
    for kind in (ctypes.Structure, ctypes.Union):
        if isinstance(found, type) and issubclass(found, kind):
            return kind.__name__, missed[1]
    return None


def _leave_the_import():
    """End this process, without the traceback that multiprocessing would have it print."""
    if multiprocessing.current_process().name == "MainProcess":
        sys.exit(_no_guard())  # a forkserver that preloads the main file; nobody reads its code
    util._exit_function()  # type: ignore[attr-defined]
    sys.stdout.flush()
    os._exit(UNGUARDED)


def _no_guard():
    path = getattr(sys.modules["__main__"], "__file__", None)
    name = os.path.basename(path) if path else "the main file"
    return (
        f"{name} starts processes without a main guard: each new process imports {name} and would "
        "start them again. Put the code that starts them into a function main, and end the file "
        "with\n\n"
        'if __name__ == "__main__":\n'
        "    main()"
    )


def _has_more(pipe):
    try:
        return pipe.poll()
    except OSError:  # on Windows, where the other end is closed
        return True  # the read will tell
