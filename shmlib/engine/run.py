"""run(): workers at full speed on real processes, with a time limit and nothing left behind."""

import multiprocessing
import string
import sys
import time
from collections.abc import Iterable
from typing import Any

from ..checks import check_seconds
from ..memory.objects import Shared, awaited_of, has_sleepers, is_taken, locks_in
from ..words import short_lines, short_repr
from .aliases import Worker
from .arguments import check_builtins, checked_workers, fitting_start_method
from .carried import names_of_awaited, shared_in
from .child import MOST_WORKERS, WINDOWS
from .crew import GRACE, Member
from .errors import WorkerError, WorkerTimeoutError, sentence_alone, stay_taken, still_waited_for
from .sources import check_unchanged
from .waiting import SigintBlocked, StopButton, wait

# Windows waits for 63 things at once, three for each worker; Python 3.13 waits in batches.
MOST_AT_ONCE = 21 if WINDOWS and sys.version_info < (3, 13) else MOST_WORKERS
# So many characters of a worker's output are shown with an error; `output` has all.
MOST_SHOWN = 4_000
# A process that has nothing to do with the run may hold a lock for so many seconds.
BRIEFLY = 0.1


class Run:
    """What `run` saw: results, exit codes and output in worker order, and the time.

    Attributes:
        names: letter and name of each worker, such as ``"A (deposit)"``.
        results: what each worker returned.
        exitcodes: 0 for each worker.
        output: what each worker wrote to stdout and stderr, as text.
        seconds: from before the first start to after the last end.
        taken: names of the locks that the workers took and did not give back.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        results: tuple[Any, ...],
        exitcodes: tuple[int | None, ...],
        output: tuple[str, ...],
        seconds: float,
        taken: tuple[str, ...],
    ):
        self.names = names
        self.results = results
        self.exitcodes = exitcodes
        self.output = output
        self.seconds = seconds
        self.taken = taken

    def __repr__(self):
        lines = []
        for name, result, output in zip(self.names, self.results, self.output, strict=True):
            lines.append(f"{name} returned {short_repr(result)}")
            lines += [f"    wrote: {line}" for line in short_lines(output)]
        if self.taken:
            lines.append(stay_taken(self.taken))
        return "\n".join(lines)


@sentence_alone
def run(
    workers: Iterable[Worker],
    *shared: Shared,
    start_method: str | None = None,
    timeout: float = 10.0,
) -> Run:
    """Run the workers at full speed, each in a process of its own, and wait for them.

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
        TypeError, ValueError: an argument does not fit; no process was started.
        WorkerError: a worker raised, was killed, or could not be imported.
        WorkerTimeoutError: the time limit ran out. It is a TimeoutError too.
    """
    workers = checked_workers(workers, shared)
    if len(workers) > MOST_AT_ONCE:
        raise ValueError(
            f"workers must hold at most {MOST_AT_ONCE} functions on Windows before Python 3.13, "
            f"not {len(workers)}"
        )
    carried = shared_in(workers, shared)
    method = fitting_start_method(carried, start_method)
    check_builtins(workers, method)
    check_unchanged(workers, method)
    check_seconds("timeout", timeout)
    context = multiprocessing.get_context(method)
    awaited = awaited_of(carried)
    locks = [(item, lock, is_taken(lock)) for item in awaited for lock in locks_in(item)]
    slept_on = [item for item in awaited if has_sleepers(item)]
    crew = [
        Member(letter, worker)
        for letter, worker in zip(string.ascii_uppercase, workers, strict=False)
    ]
    began = time.perf_counter()
    with StopButton() as stop_button:
        try:
            for member in crew:
                member.prepare(context, member.worker, shared)
            with SigintBlocked():
                for member in crew:
                    member.start()
            late = _wait(crew, timeout, stop_button)
            seconds = time.perf_counter() - began
        finally:
            for member in crew:
                member.end()
    held = [(item, before) for item, lock, before in locks if is_taken(lock, BRIEFLY)]
    left = [item for item in awaited if has_sleepers(item) and item not in slept_on]
    name_of = names_of_awaited(workers, shared) if held or left else {}
    taken = tuple(name_of[id(item)] for item, before in held if not before)
    taken_before = [name_of[id(item)] for item, before in held if before]
    _raise_failure(crew, late, timeout, taken, [name_of[id(item)] for item in left], taken_before)
    return Run(
        names=tuple(member.name for member in crew),
        results=tuple(member.result for member in crew),
        exitcodes=tuple(member.exitcode for member in crew),
        output=tuple(member.output for member in crew),
        seconds=seconds,
        taken=taken,
    )


def _wait(crew, timeout, stop_button):
    """Collect from the workers until all have ended; return those that are late."""
    deadline = time.monotonic() + timeout
    while running := [member for member in crew if member.running]:
        left = deadline - time.monotonic()
        if left <= 0:
            return running
        sources = [source for member in running for source in member.sources]
        seconds = min(left, *(member.patience for member in running))
        ready = set(stop_button.wait(wait, sources, seconds))
        for member in running:
            member.collect(ready)
        if any(member.failed for member in running):
            deadline = min(deadline, time.monotonic() + GRACE)
    return []


def _end_of(output):
    """Return the end of a worker's output, where most errors stand."""
    cut = len(output) - MOST_SHOWN
    return output if cut <= 0 else f"[{cut:,} characters are left out]\n{output[cut:]}"


def _raise_failure(crew, late, timeout, taken, left, taken_before):
    failed = [member for member in crew if member.failed and member not in late]
    if failed:
        worker = failed[0].name
        message, traceback = failed[0].failure()
        kind = WorkerError
    elif late:
        worker = ", ".join(member.name for member in late)
        several = "workers" if len(late) > 1 else "worker"
        message = f"{several} {worker} did not finish within {timeout:g} s and had to be ended"
        message += "".join(
            f"\n\n{name} was already taken before they started" for name in taken_before
        )
        traceback = ""
        kind = WorkerTimeoutError
    else:
        return
    if taken:
        message += f"\n\n{stay_taken(taken)}"
    if left:
        message += f"\n\n{still_waited_for(left)}"
    if traceback:
        message += f"\n\n{traceback}"
    if failed and late:
        message += f"\n\nStill running, and ended too: {', '.join(member.name for member in late)}"
    for member in crew:
        if member.output:
            message += f"\n\nWorker {member.name} wrote:\n{_end_of(member.output)}"
    raise kind(
        message.rstrip(),
        worker=worker,
        traceback=traceback,
        exitcodes=tuple(member.exitcode for member in crew),
        output=tuple(member.output for member in crew),
    )
