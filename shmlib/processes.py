"""run(): workers let loose on real processes, with a time limit and nothing left behind."""

import io
import multiprocessing
import os
import pickle
import signal
import string
import sys
import threading
import time
from functools import partial
from multiprocessing import connection, resource_tracker
from multiprocessing.reduction import ForkingPickler

# Once a worker has failed, the others get this long (seconds) to end by themselves.
GRACE = 1.0
# What a worker writes is kept up to this many bytes.
OUTPUT_LIMIT = 1_000_000
# On Windows nothing waits for longer than this (seconds) without a look at the stop button.
SLICE = 0.1

_WINDOWS = sys.platform == "win32"
# Windows waits for 63 things at once, three for each worker; Python 3.13 waits in batches.
MOST_AT_ONCE = 21 if _WINDOWS and sys.version_info < (3, 13) else 26


class WorkerError(RuntimeError):
    """A worker raised, was killed, or could not be imported.

    Attributes:
        worker: letter and name of the worker, such as ``"A (deposit)"``.
        traceback: its traceback text, or ``""`` where there is none.
        exitcodes: one exit code for each worker, in worker order.
        output: what each worker wrote to stdout and stderr, in worker order.
    """

    def __init__(self, message, *, worker="", traceback="", exitcodes=(), output=()):
        super().__init__(message)
        self.worker = worker
        self.traceback = traceback
        self.exitcodes = exitcodes
        self.output = output


class WorkerTimeoutError(WorkerError, TimeoutError):
    """A worker was still running at the time limit; ``worker`` names all that were."""


class Run:
    """What `run` saw: results, exit codes and output in worker order, and the time.

    Attributes:
        names: letter and name of each worker, such as ``"A (deposit)"``.
        results: what each worker returned.
        exitcodes: 0 for each worker.
        output: what each worker wrote to stdout and stderr, as text.
        seconds: from before the first start to after the last end.
    """

    def __init__(self, names, results, exitcodes, output, seconds):
        self.names = names
        self.results = results
        self.exitcodes = exitcodes
        self.output = output
        self.seconds = seconds

    def __repr__(self):
        lines = []
        for name, result, output in zip(self.names, self.results, self.output, strict=True):
            lines.append(f"{name} returned {result!r}")
            lines += [f"    wrote: {line}" for line in output.splitlines()]
        return "\n".join(lines)


def run(workers, *shared, start_method=None, timeout=10.0):
    """Run each worker in a process of its own, all at once, and wait for them.

    Args:
        workers: list of functions, or of functools.partial of one; at most 26 (21 on Windows
            before Python 3.13).
        *shared: the shared objects, handed to every worker in this order.
        start_method: "spawn", "forkserver" or "fork". None: the one that the shared objects'
            locks were made for ("spawn" where a lock fits both spawn and forkserver), else "spawn".
        timeout: seconds until the workers still running are ended.

    Returns:
        A `Run` with ``results``, ``exitcodes``, ``output`` and ``seconds``.

    Raises:
        TypeError, ValueError: an argument does not fit; no process was started for it.
        WorkerError: a worker raised, was killed, or could not be imported.
        WorkerTimeoutError: the time limit ran out. It is a TimeoutError too.
    """
    workers = checked_workers(workers, shared)
    if len(workers) > MOST_AT_ONCE:
        raise ValueError(
            f"workers must hold at most {MOST_AT_ONCE} functions on Windows before Python 3.13, "
            f"not {len(workers)}"
        )
    context = multiprocessing.get_context(fitting_start_method(workers, shared, start_method))
    check_timeout(timeout)
    crew = []
    began = time.perf_counter()
    try:
        with Patience(), SigintBlocked():
            for letter, worker in zip(string.ascii_uppercase, workers, strict=False):
                crew.append(Member(letter, worker))
                crew[-1].start(context, worker, shared)
        late = _wait(crew, timeout)
        seconds = time.perf_counter() - began
    finally:
        for member in crew:
            member.end()
    _raise_failure(crew, late, timeout)
    return Run(
        names=tuple(member.name for member in crew),
        results=tuple(member.result for member in crew),
        exitcodes=tuple(member.exitcode for member in crew),
        output=tuple(member.output for member in crew),
        seconds=seconds,
    )


def worker_name(worker):
    """Return the name of a worker function, also of one inside a functools.partial."""
    while isinstance(worker, partial):
        worker = worker.func
    return getattr(worker, "__name__", type(worker).__name__)


def without_loader(text):
    """Return the text with ``<module '__main__' ...>`` cut short: its end differs by version."""
    import re

    return re.sub(r"(<module '__main__') .*>", r"\1>", text)


# ------------------------------------------------------------------ checks, in the parent


def checked_workers(workers, shared):
    """Return the workers as a list; TypeError or ValueError where they do not fit."""
    if callable(workers):
        name = worker_name(workers)
        raise TypeError(f"workers must be a list of functions: write [{name}], not {name}")
    try:
        workers = list(workers)
    except TypeError:
        raise TypeError(f"workers must be a list of functions, not {workers!r}") from None
    if not 1 <= len(workers) <= len(string.ascii_uppercase):
        raise ValueError(
            f"workers must hold 1 to 26 functions, a letter for each, not {len(workers)}"
        )
    from inspect import signature

    for letter, worker in zip(string.ascii_uppercase, workers, strict=False):
        if not callable(worker):
            raise TypeError(f"worker {letter} must be a function, not {worker!r}")
        try:
            parameters = signature(worker)
        except ValueError:
            continue  # a function written in C may have no signature
        try:
            parameters.bind(*shared)
        except TypeError as error:
            raise TypeError(
                f"worker {letter} is {worker_name(worker)}{parameters} and was handed "
                f"{len(shared)} shared object(s): {error}. Put other arguments in with "
                f"functools.partial({worker_name(worker)}, ...)"
            ) from None
    return workers


def check_timeout(timeout):
    """Raise TypeError or ValueError where timeout is no number of seconds to wait."""
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"timeout must be a number of seconds, not {timeout!r}")
    if not 0 < timeout <= threading.TIMEOUT_MAX:
        raise ValueError(f"timeout must be more than 0 seconds, such as 10.0, not {timeout!r}")


def fitting_start_method(workers, shared, asked):
    """Return the start method to use; ValueError where locks and method do not fit."""
    methods = multiprocessing.get_all_start_methods()
    if asked is not None and asked not in methods:
        raise ValueError(f"start_method must be one of {', '.join(methods)}, not {asked!r}")
    forked = {lock._is_fork_ctx for lock in _locks((workers, shared))}
    if asked is None:
        if forked == {True, False}:
            raise ValueError(
                "some shared objects were made for fork and others for spawn or forkserver: "
                'make them all with one context, mp = multiprocessing.get_context("spawn")'
            )
        return "fork" if forked == {True} else "spawn"
    if asked != "fork" and True in forked:
        raise ValueError(
            f"a shared object was made for fork, so a {asked} process cannot use its lock: make it "
            f'with multiprocessing.get_context("{asked}"), or use start_method="fork"'
        )
    return asked


def _locks(item):
    """Yield the multiprocessing locks inside a shared object, a partial or a container."""
    if isinstance(item, list | tuple | set | frozenset):
        for element in item:
            yield from _locks(element)
    elif isinstance(item, dict):
        yield from _locks(list(item.values()))
    elif isinstance(item, partial):
        yield from _locks((item.args, item.keywords))
    elif type(item).__module__.startswith("multiprocessing."):
        if hasattr(item, "_semlock"):
            if hasattr(item, "_is_fork_ctx"):  # CPython before 3.11.5 does not tell
                yield item
        else:
            yield from _locks(list(getattr(item, "__dict__", {}).values()))


# ------------------------------------------------------------- a worker, seen from the parent


class Member:
    """One worker: its process and the two pipes that come from it."""

    def __init__(self, letter, worker):
        self.worker = worker
        self.name = f"{letter} ({worker_name(worker)})"
        self.process = None
        self.pipes = []
        self.message = None
        self.exitcode = None
        self._output = bytearray()

    def start(self, context, function, args):
        """Start a process that calls function(*args) and sends back what it returns."""
        self.results, child_results = connection.Pipe(duplex=False)
        self.pipes.append(self.results)
        self.prints, child_prints = connection.Pipe(duplex=False)
        self.pipes.append(self.prints)
        job = _Job(function, args)
        process = context.Process(
            target=_child, args=(child_results, child_prints, job), name=f"worker {self.name}"
        )
        try:
            process.start()
        except (pickle.PicklingError, TypeError, AttributeError, ValueError, RuntimeError) as error:
            raise TypeError(
                f"worker {self.name} or a shared object cannot be sent to a "
                f"{context.get_start_method()} process: {error}. A worker is a function at the top "
                "level of a file; shared objects are made by multiprocessing"
            ) from error
        finally:
            child_results.close()
            child_prints.close()
        self.process = process
        self.method = context.get_start_method()

    @property
    def running(self):
        return self.exitcode is None

    @property
    def sources(self):
        return [self.process.sentinel, *self.pipes]

    def collect(self, ready):
        """Take in what has arrived; notice the end of the process."""
        for pipe in list(self.pipes):
            if pipe in ready:
                self._read(pipe)
        if self.process.sentinel in ready:
            for pipe in list(self.pipes):
                while pipe in self.pipes and _has_more(pipe):
                    self._read(pipe)
            self.process.join(GRACE)
            self.exitcode = self.process.exitcode

    def _read(self, pipe):
        try:
            if pipe is self.results:
                self.message = pipe.recv()
                return
            text = pipe.recv_bytes() if _WINDOWS else os.read(pipe.fileno(), 65536)
            if not text:
                raise EOFError
            self._output += text[: max(0, OUTPUT_LIMIT - len(self._output))]
        except (EOFError, OSError):
            self.pipes.remove(pipe)
            pipe.close()
        except Exception as error:
            self.message = ("unreadable", f"{type(error).__name__}: {error}", "")

    def end(self):
        """Kill the process if it still runs, and close what belongs to it."""
        if self.process is not None:
            if self.running:
                self.process.kill()
                self.process.join(GRACE)
                self.exitcode = self.process.exitcode
            self.process.close()
            self.process = None
        while self.pipes:
            self.pipes.pop().close()

    @property
    def output(self):
        text = self._output.decode(errors="replace").replace("\r\n", "\n")
        return text + f"\n[cut at {OUTPUT_LIMIT} bytes]" * (len(self._output) == OUTPUT_LIMIT)

    @property
    def result(self):
        return self.message[1] if self.message else None

    @property
    def failed(self):
        if self.running:
            return False
        return self.exitcode != 0 or bool(self.message and self.message[0] != "returned")

    def unreturnable(self, what):
        """Return a sentence for a result that cannot be sent back."""
        return (
            f"worker {self.name} returned what cannot be sent back to the parent: {what}. "
            "Return numbers, text, or lists and dictionaries of them"
        )

    def failure(self):
        """Return a sentence for what went wrong, and the worker's traceback text."""
        kind, what, traceback = (*(self.message or (None, None)), "")[:3]
        if kind == "raised":
            return f"worker {self.name} raised {what}", traceback
        if kind == "unimportable":
            what = without_loader(what)
            return (
                f"worker {self.name} could not be imported by its {self.method} process: {what}\n"
                "A new process imports its worker, and the types of the shared objects, from a "
                f"file; what a notebook cell defines is in no file. Put {worker_name(self.worker)} "
                "into a .py file beside the notebook and import it from there.",
                "",
            )
        if kind in ("unreturnable", "unreadable"):
            return self.unreturnable(what), traceback
        if self.exitcode < 0:
            try:
                number = signal.Signals(-self.exitcode).name
            except ValueError:
                number = f"signal {-self.exitcode}"
            return (
                f"worker {self.name} was killed by {number}. A lock that it held stays taken: "
                "make the shared objects again",
                "",
            )
        late = ", after it had returned" if kind == "returned" else ""
        return f"worker {self.name} ended with exit code {self.exitcode}{late}", ""


def wait(sources, seconds):
    """Return those of the sources that are ready, as `multiprocessing.connection.wait` does.

    On Windows a wait is not woken by the stop button, so it is cut into slices there.
    """
    if not _WINDOWS:
        return connection.wait(sources, seconds)
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        ready = connection.wait(sources, max(0, min(left, SLICE)))
        if ready or left <= SLICE:
            return ready


def _has_more(pipe):
    try:
        return pipe.poll()
    except OSError:  # on Windows, where the other end is closed
        return True  # the read will tell


def _wait(crew, timeout):
    """Collect from the workers until all have ended; return those that are late."""
    deadline = time.monotonic() + timeout
    while running := [member for member in crew if member.running]:
        left = deadline - time.monotonic()
        if left <= 0:
            return running
        sources = [source for member in running for source in member.sources]
        ready = set(wait(sources, left))
        for member in running:
            member.collect(ready)
        if any(member.failed for member in running):
            deadline = min(deadline, time.monotonic() + GRACE)
    return []


def _raise_failure(crew, late, timeout):
    failed = [member for member in crew if member.failed and member not in late]
    if failed:
        worker = failed[0].name
        message, traceback = failed[0].failure()
        kind = WorkerError
    elif late:
        worker = ", ".join(member.name for member in late)
        several = "workers" if len(late) > 1 else "worker"
        message, traceback = (
            f"{several} {worker} still running after {timeout:g} s, and ended now. A lock held by "
            "an ended worker stays taken: make the shared objects again",
            "",
        )
        kind = WorkerTimeoutError
    else:
        return
    if traceback:
        message += f"\n\n{traceback}"
    if failed and late:
        message += f"\n\nEnded with it: {', '.join(member.name for member in late)}"
    for member in crew:
        if member.output:
            message += f"\n\nWorker {member.name} wrote:\n{member.output}"
    raise kind(
        message.rstrip(),
        worker=worker,
        traceback=traceback,
        exitcodes=tuple(member.exitcode for member in crew),
        output=tuple(member.output for member in crew),
    )


class Patience:
    """Hold a KeyboardInterrupt back until the next wait, or the end of the `with` block.

    In between it would lose a process that is half started, or an answer that is half read.
    """

    _depth = 0

    def __enter__(self):
        self._depth += 1
        if self._depth == 1:
            self._came = self._waiting = False
            alone = threading.current_thread() is threading.main_thread()
            handler = signal.getsignal(signal.SIGINT) if alone else None
            self._handler = handler if callable(handler) else None
            if self._handler:
                signal.signal(signal.SIGINT, self._hold)
        return self

    def __exit__(self, *_):
        self._depth -= 1
        if self._depth == 0 and self._handler:
            signal.signal(signal.SIGINT, self._handler)
            if self._came:
                self._handler(signal.SIGINT, None)

    def _hold(self, number, frame):
        self._came = True
        if self._waiting:
            self._interrupt()

    def _interrupt(self):
        self._came = self._waiting = False
        self._handler(signal.SIGINT, None)

    def wait(self, waiting, *args):
        """Return waiting(*args), which an interrupt may end."""
        self._waiting = True
        if self._came:
            self._interrupt()
        try:
            return waiting(*args)
        finally:
            self._waiting = False


class SigintBlocked:
    """Start workers with SIGINT blocked: the stop button signals them too, and one that is not
    yet ready for it would write its traceback into the cell."""

    def __enter__(self):
        if not _WINDOWS:
            self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def __exit__(self, *_):
        if not _WINDOWS:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)


# ------------------------------------------------------------------------- in the child


class _Job:
    """A function and its arguments, on their way to the child.

    They are pickled apart and unpickled by `_child`, once its output is captured and its errors
    have a way back: what cannot be imported is then reported, and not printed by multiprocessing.
    """

    def __init__(self, function, args):
        self._parts = (function, args)

    def __getstate__(self):
        return {"_pickled": bytes(ForkingPickler.dumps(self._parts))}

    def load(self):
        return pickle.loads(self._pickled) if hasattr(self, "_pickled") else self._parts


def _child(results, prints, job):
    _capture(prints)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers itself
    if not _WINDOWS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    end_with_parent()
    kind = "unimportable"
    try:
        function, args = job.load()
        kind = "raised"
        result = function(*args)
        kind = "unreturnable"
        results.send(("returned", result))
    except SystemExit:
        raise
    except BaseException as error:
        results.send((kind, *described(error)))
        sys.exit(1)


def _capture(prints):
    """Send what this process writes to stdout and stderr through the pipe instead."""
    if _WINDOWS:
        sys.stdout = sys.stderr = _PipeText(prints)
        return
    for number in (1, 2):
        os.dup2(prints.fileno(), number)
    prints.close()
    raw = io.FileIO(1, "w", closefd=False)
    text = io.TextIOWrapper(raw, "utf-8", "backslashreplace", write_through=True)
    sys.stdout = sys.stderr = text


class _PipeText(io.TextIOBase):
    def __init__(self, pipe):
        self._pipe = pipe

    def write(self, text):
        if text:
            self._pipe.send_bytes(text.encode("utf-8", "backslashreplace"))
        return len(text)


def end_with_parent():
    """Let this process end as soon as its parent has, however that ended."""
    threading.Thread(target=_end_after_parent, daemon=True).start()


def _end_after_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def described(error):
    """Return "Type: message" and the traceback text, without shmlib's frames or absolute paths."""
    import traceback

    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    text = "".join(traceback.format_exception(type(error), error, trace)).rstrip()
    homes = (os.path.dirname(os.path.dirname(__file__)), os.path.dirname(os.__file__), os.getcwd())
    for home in homes:
        text = text.replace(f'File "{home}{os.sep}', 'File "')
    return "".join(traceback.format_exception_only(error)).rstrip(), text


# ------------------------------------------------------------------------- in the parent

if not _WINDOWS and resource_tracker._resource_tracker._fd is None:  # a child has its parent's
    # Now, before a notebook's next cell makes its first Value, and so its first semaphore.
    from .tracker import outlive_the_group

    outlive_the_group()
