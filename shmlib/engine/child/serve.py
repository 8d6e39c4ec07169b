"""The loop of a gated worker's process: it runs the worker anew for each START."""

import copy
import gc
import io
import os
import pickle
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeAlias

from ...memory.objects import Shared, awaited_names, awaited_of, memories_of
from . import low_level
from .foreign import Foreign, shared_objects
from .gate import Gate, shown
from .messages import CLEAN, QUIT, SAYS, TAKE, Answer, WorkerEnd
from .process import UnimportableError, described, is_return, raised_in
from .replaced import Found, names_of_what_is_replaced, replace
from .twins import twins_of
from .views import Views

# The arguments and the worker: pickled, or under fork as they are, with those of their parts that
# cannot be copied (see `handover`).
Packed: TypeAlias = bytes | tuple[tuple[Any, ...], Callable[..., Any], list[Any]]


class Inherited(NamedTuple):
    """What the parent has found in itself: to look again would take a forked process its copy of
    most of the parent's memory.

    Attributes:
        shared: all shared objects, and all of ctypes.
        replaced: see `replaced`.
    """

    shared: list[Any]
    replaced: list[Found]


def look_through_this_process() -> Inherited:
    """Return what a process that is forked from this one need not look for."""
    return Inherited(shared_objects(), names_of_what_is_replaced())


def serve(
    packed: Packed,
    names: Sequence[str],
    letter: str,
    orders: Connection,
    answers: Connection,
    inherited: Inherited | None,
    *shared: Shared,
) -> None:
    """Run the worker once for each START that the parent sends, one step at a time.

    Args:
        packed: the worker and its arguments (see `handover`).
        names: of the shared objects.
        letter: of the worker; it seeds random.
        orders, answers: the pipes from the parent and to it.
        inherited: under fork, what the parent has found already.
        *shared: the real shared objects.
    """
    handed, shared = shared, tuple(twins_of(shared)) if inherited else shared
    line = WorkerEnd(orders, answers)
    awaited, memories = awaited_of(shared), memories_of(shared)
    gate = Gate(line, awaited, awaited_names(shared, names), memories, _run.__code__)
    foreign = Foreign(gate, shared, inherited and inherited.shared, handed)
    if inherited:
        gc.callbacks.clear()  # the parent's, which may look at the clock in the midst of a round
    replace(inherited.replaced if inherited else names_of_what_is_replaced(), gate.clock)
    try:
        _unpacked(packed, Views(gate, shared, names), shared, handed)
    except Exception as error:
        raise UnimportableError from error
    line.send(SAYS, pickle.dumps(("waits",)))
    while (order := line.next_order()) != QUIT:
        if order[:1] == CLEAN:
            gate.give_back(order[1:])
            answer: Answer = ("clean",)
        elif order[:1] == TAKE:
            for number in order[1:]:
                gate.awaited[number].acquire(False)
            answer = ("clean",)
        else:
            random.seed(letter)
            gate.begin()
            args, worker = _unpacked(packed, Views(gate, shared, names), shared, handed)
            foreign.look_again()
            answer = _run(gate, worker, args)
            if gate.in_a_copy:
                if gate.misuse:
                    line.send(SAYS, pickle.dumps(answer))
                os._exit(0)
        try:
            message = pickle.dumps(answer)
        except Exception as error:
            message = pickle.dumps(("unreturnable", gate.given, f"{type(error).__name__}: {error}"))
        line.send(SAYS, message)


def _run(gate: Gate, worker: Callable[..., Any], args: Iterable[Any]) -> Answer:
    """Run a worker under one schedule; return what the parent is to know."""
    try:
        try:
            result = worker(*args)
        finally:
            sys.settrace(None)  # see whereabouts
        answer: Answer = ("returned", gate.given, result)
    except SystemExit as error:
        if is_return(error):
            answer = ("returned", gate.given, None)
        else:
            answer = ("raised", gate.given, f"SystemExit: {shown(error.code)}", "")
    except BaseException as error:
        answer = ("raised", gate.given, described(error)[0], raised_in(error))
        gate.misuse = gate.misuse or low_level.misuse_in(error)
    if gate.misuse:
        answer = ("refused", gate.given, gate.misuse)
    return ("clean",) if gate.abandoned else answer


def _unpacked(packed, views, shared, handed):
    """Return the arguments and the worker, made anew, with views in place of shared objects."""
    if isinstance(packed, bytes):
        unpickler = _Unpacker(io.BytesIO(packed), views, shared)
        args, worker = unpickler.load()
        for number, action in unpickler.load().items():
            views.of(shared[number])._action = action
        return args, worker
    args, worker, kept = packed
    in_place_of: dict[int, Any] = {id(item): item for item in kept}
    in_place_of |= {id(item): views.of(one) for item, one in zip(handed, shared, strict=True)}
    return copy.deepcopy((args, worker), in_place_of)


class _Unpacker(pickle.Unpickler):
    def __init__(self, file, views, shared):
        super().__init__(file)
        self._views = views
        self._shared = shared

    def persistent_load(self, number):
        return self._views.of(self._shared[number])
