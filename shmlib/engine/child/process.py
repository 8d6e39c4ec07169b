"""How a worker's process begins: its output is captured, it runs, its result is sent back."""

# The names that `signal` puts around each call take ten times as long.
import _signal  # type: ignore[import-not-found]
import ctypes
import functools
import io
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, TypeAlias

from . import PLAIN, WINDOWS

_PR_SET_PDEATHSIG = 1  # of Linux, prctl(2)
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
_ENGINE = os.path.dirname(os.path.dirname(__file__))
_REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(__file__))))

# What a process sends when it ends: ("returned", the result), or what went wrong ("raised",
# "unreturnable", "unimportable"), the exception in words, and its traceback.
Result: TypeAlias = tuple[str, Any] | tuple[str, str, str]


class Job:
    """A function and its arguments, on their way to the child.

    They are pickled apart and unpickled by `begin`, once its output is captured and its errors
    have a way back: what cannot be imported is then reported, and not printed by multiprocessing.
    """

    def __init__(self, function: Callable[..., object], args: tuple[Any, ...]):
        self._parts = (function, args)
        # The kernel takes the end of the thread that has started a process for that of its parent.
        self.by_kernel = threading.current_thread() is threading.main_thread()

    def __getstate__(self):
        return {
            "_pickled": bytes(ForkingPickler.dumps(self._parts)),
            "by_kernel": self.by_kernel,
        }

    def load(self) -> tuple[Callable[..., object], tuple[Any, ...]]:
        return pickle.loads(self._pickled) if hasattr(self, "_pickled") else self._parts


class UnimportableError(Exception):
    """What a worker is made of could not be imported; its cause says why."""


def begin(results: Connection, prints: Connection, job: Job) -> None:
    _capture(prints)
    _signal.signal(signal.SIGINT, _signal.SIG_IGN)  # the parent ends its workers itself
    if not WINDOWS:
        _signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with_parent(job.by_kernel)
    kind, process = "unimportable", os.getpid()
    try:
        function, args = job.load()
        kind = "raised"
        result = function(*args)
        kind = "unreturnable"
        if os.getpid() == process:  # and not a copy that the worker has forked
            send(results, ("returned", result))
    except SystemExit as error:
        if is_return(error) and os.getpid() == process:
            send(results, ("returned", None))
        raise
    except UnimportableError as error:
        send(results, ("unimportable", *described(error.__cause__)))  # type: ignore[arg-type]
        sys.exit(1)
    except BaseException as error:
        if os.getpid() != process:
            raise
        send(results, (kind, *described(error)))
        sys.exit(1)


def is_return(error: SystemExit) -> bool:
    """True for a sys.exit() that says that all is well."""
    return type(error.code) in PLAIN and error.code in (None, 0)


def send(pipe: Connection, message: Result) -> None:
    """Send a message so that the parent can read it piece by piece and never waits for it."""
    # What is plain holds nothing that only the pickler of multiprocessing can send.
    dumps = pickle.dumps if type(message[1]) in PLAIN else ForkingPickler.dumps
    data = bytes(dumps(message))
    data = len(data).to_bytes(8, "little") + data
    if WINDOWS:
        pipe.send_bytes(data)
        return
    while data:
        data = data[os.write(pipe.fileno(), data) :]


def message_in(data: bytes | bytearray) -> Result | None:
    """Return the message that has arrived in whole, or None."""
    size = int.from_bytes(data[:8], "little")
    return pickle.loads(memoryview(data)[8:]) if 8 <= len(data) == size + 8 else None


def open_standard_files() -> None:
    """Open what is closed of descriptors 0 to 2: else shared memory may get one of them, which a
    worker's output is about to take."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free


class _Whole(io.FileIO):
    """A file that writes all it is given, whatever signals come meanwhile."""

    def write(self, data):
        data, done = memoryview(data).cast("B"), 0
        while done < len(data):
            done += super().write(data[done:])
        return done


@functools.cache
def prepare_output() -> io.TextIOWrapper:
    """Make ahead what a worker writes with: this takes far longer once the process is a copy."""
    ends = os.pipe()
    raw = _Whole(ends[1], "w", closefd=False)
    text = io.TextIOWrapper(raw, "utf-8", "backslashreplace", write_through=True)
    for end in ends:
        os.close(end)
    return text


def _capture(prints):
    """Send what this process writes to stdout and stderr through the pipe instead."""
    if WINDOWS:
        sys.stdout = sys.stderr = _PipeText(prints)
        return
    for number in (1, 2):
        os.dup2(prints.fileno(), number)
    prints.close()
    sys.stdout = sys.stderr = text = prepare_output()
    text.buffer.__init__(1, "w", closefd=False)  # type: ignore[misc]


class _PipeText(io.TextIOBase):
    def __init__(self, pipe):
        self._pipe = pipe

    def write(self, text):
        if text:
            self._pipe.send_bytes(text.encode("utf-8", "backslashreplace"))
        return len(text)


def end_with_parent(by_kernel: bool = True) -> None:
    """Let this process end as soon as its parent has, however that ended.

    Args:
        by_kernel: whether the kernel can see to it.
    """
    if _prctl is not None and by_kernel:
        # A process that is stopped has no thread that could look; the kernel kills it all the same.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == multiprocessing.parent_process().pid:  # type: ignore[union-attr]
            return  # no fork server stands between the two: the kernel sees to it
    threading.Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent():
    multiprocessing.parent_process().join()  # type: ignore[union-attr]
    os._exit(1)


def raised_in(error: BaseException) -> str:
    """Return the line of the worker's own file in which an error came up, such as "line 7 of
    bank.py: ...", or ""."""
    import traceback

    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith((_ENGINE, os.path.dirname(multiprocessing.__file__))):
            return f"line {frame.lineno} of {os.path.basename(frame.filename)}: {frame.line}"
    return ""


def described(error: BaseException) -> tuple[str, str]:
    """Return "Type: message" and the traceback text, without shmlib's frames or absolute paths."""
    import traceback

    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace)).rstrip()
    homes = (_REPOSITORY, os.path.dirname(os.__file__), os.getcwd())
    for home in homes:
        text = text.replace(f'File "{home}{os.sep}', 'File "')
    return "".join(traceback.format_exception_only(error)).rstrip(), text
