"""What run, replay and explore raise where a worker went wrong, and how it is shown."""

import errno
import functools
import os
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep

P = ParamSpec("P")
R = TypeVar("R")


class WorkerError(RuntimeError):
    """A worker raised, was killed, or could not be imported.

    Attributes:
        worker: letter and name of the worker, such as ``"A (deposit)"``.
        traceback: its traceback text, or ``""`` where there is none.
        exitcodes: one exit code for each worker, in worker order.
        output: what each worker wrote to stdout and stderr, in worker order.
    """

    def __init__(
        self,
        message: str,
        *,
        worker: str = "",
        traceback: str = "",
        exitcodes: Sequence[int | None] = (),
        output: Sequence[str] = (),
    ):
        super().__init__(message)
        self.worker = worker
        self.traceback = traceback
        self.exitcodes = exitcodes
        self.output = output


class WorkerTimeoutError(WorkerError, TimeoutError):
    """A worker was still running at the time limit; ``worker`` names all that were."""


_REMEDIES = {
    errno.EMFILE: "this process has too many files open. Close some, or restart the kernel",
    errno.ENFILE: "all processes together have too many files open. End some",
    errno.EAGAIN: "there are too many processes, or too little memory for more. End some",
    errno.ENOMEM: "there is too little memory. End some processes, or run fewer workers",
    errno.ENOSPC: "there is no room left. Free some in the temporary folder, or in /dev/shm",
}


def not_started(worker: str, error: OSError) -> OSError:
    """Return the OSError for a process that could not be started, with the remedy.

    Args:
        worker: letter and name.
        error: what the system said.
    """
    why = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
    if "AF_UNIX" in why:
        why = f"{why}. Set TMPDIR to a folder with a shorter name, and restart Python"
    return OSError(error.errno, f"worker {worker} could not be started: {why}")


def stay_taken(names: Sequence[str]) -> str:
    """Say that locks, by their names, were not given back."""
    verb = "are" if len(names) > 1 else "is"
    return f"{' and '.join(names)} {verb} still taken: make the shared objects again"


def still_waited_for(names: Sequence[str]) -> str:
    """Say that workers were ended while they slept on objects, by their names."""
    whom = "it" if len(names) == 1 else "them"
    return (
        f"a worker was ended while it slept on {' and '.join(names)}, and whoever sets or notifies "
        f"{whom} would wait for that worker: make the shared objects again"
    )


def sentence_alone(function: Callable[P, R]) -> Callable[P, R]:
    """Let an error that shmlib raises itself be shown without the lines of shmlib that led to it.

    The lines of a learner's own, such as those of an invariant, stay.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True  # IPython shows no frame that says so
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError, RuntimeError, OSError) as error:
            trace = error.__traceback__
            while trace.tb_next:  # type: ignore[union-attr]
                trace = trace.tb_next  # type: ignore[union-attr]
            if not trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):  # type: ignore[union-attr]
                raise
            raise error.with_traceback(None) from None

    return call
