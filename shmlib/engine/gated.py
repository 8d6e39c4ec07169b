"""One worker as a Stepper sees it: its process, and the line over which its steps are granted."""

import contextlib
import marshal
import multiprocessing
import os
import pickle
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import connection
from typing import Any, Literal, TypeAlias

from ..memory.objects import Shared
from .aliases import Worker
from .child import messages
from .child.messages import Answer, Ask, Given, Place, Request
from .child.serve import Inherited, Packed, serve
from .crew import GRACE, Member
from .errors import not_started
from .waiting import SigintBlocked, StopButton, wait

# An `Ask` as the parent takes it: what the step before gave, the next request, and the hash.
Asks: TypeAlias = tuple[Literal["asks"], Given, Request, int | None]


class GatedMember(Member):
    """A worker's process, with the line over which its steps are granted."""

    # None before it is opened and after it is closed.
    line: Any = None

    def __init__(self, letter: str, worker: Worker, stop_button: StopButton):
        super().__init__(letter, worker)
        self._letter = letter
        self._stop_button = stop_button

    def open(
        self,
        context: Any,
        packed: Packed,
        names: Sequence[str],
        inherited: Inherited | None,
        shared: Iterable[Shared],
    ) -> None:
        """Start the process, and its line."""
        ends: list[connection.Connection] = []
        try:
            ends += connection.Pipe(duplex=False)
            ends += connection.Pipe(duplex=False)
        except OSError as error:
            for end in ends:
                end.close()
            raise not_started(self.name, error) from None
        answers, its_answers, its_orders, orders = ends
        line = its_orders, its_answers
        try:
            self.prepare(context, serve, (packed, names, self._letter, *line, inherited, *shared))
            self.start()
        except BaseException:
            answers.close()
            orders.close()
            raise
        finally:
            its_orders.close()
            its_answers.close()
        self.line = messages.ParentEnd(answers, orders)
        self._requests: list[Request] = []

    def receive(self, seconds: float) -> Asks | Answer | None:
        """Return the next message, or None where it has not come in time, or never will."""
        line = self.line
        deadline = time.monotonic() + seconds
        if line.rest or self._stop_button.wait(line.peek):
            return self._message(deadline)
        while self.running:
            left = max(0, deadline - time.monotonic())
            ready = self._stop_button.wait(
                wait, [line.answers, *self.sources], min(left, self.patience)
            )
            if line.answers in ready:
                return self._message(deadline)
            self.collect(ready)
            if left == 0:
                return None
        return None

    def _message(self, deadline):
        try:
            kind, message = self.line.receive(deadline)
        except (EOFError, OSError):
            self.await_end(time.monotonic() + GRACE)
            return None
        if kind == messages.ASKS:
            ask: Ask = marshal.loads(message)
            number, description, value, given, state = ask
            if description is not None:
                action, target, lock, waits, where, place, whole = description
                places = place and Place(*place), whole and Place(*whole)
                self._requests.append(Request(action, target, lock, waits, where, *places))
            request = self._requests[number]
            if value is not None:
                request = Request(*request[:-1], value)
            return "asks", given, request, state
        try:
            return self._stop_button.wait(pickle.loads, message)
        except Exception as error:
            return "unreturnable", None, f"{type(error).__name__}: {error}"

    def drained(self) -> str:
        """Return what the worker has written since its output was last forgotten."""
        while ready := connection.wait(self.pipes, 0):
            self.collect(ready)
        return self.output

    def forget_output(self) -> None:
        self._output.clear()

    def leave(self, deadline: float) -> None:
        """Give the process until the deadline to end by itself, then end it."""
        if self.line:
            self.await_end(deadline)
            self.line.close()
            self.line = None
        self.end()


def copying_context() -> Any:
    """Return a context whose processes begin as those of spawn do, in a fraction of the time; None
    where the system does not let us."""
    # On macOS it could not be tried; and whoever is still being imported starts no processes.
    inheriting = getattr(multiprocessing.current_process(), "_inheriting", False)
    if sys.platform != "linux" or inheriting:
        return None
    from .child.zygote import CopyingContext, zygote

    try:
        with SigintBlocked(), fixed_hash_seed():
            zygote.ensure_running()
    except OSError:
        return None
    return CopyingContext()


_seeding = threading.RLock()


@contextlib.contextmanager
def fixed_hash_seed() -> Iterator[None]:
    """Let a new interpreter go through a set of strings in the same order every time."""
    with _seeding:
        before = os.environ.get("PYTHONHASHSEED")
        os.environ["PYTHONHASHSEED"] = "0"
        try:
            yield
        finally:
            if before is None:
                del os.environ["PYTHONHASHSEED"]
            else:
                os.environ["PYTHONHASHSEED"] = before
