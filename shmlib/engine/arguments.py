"""The arguments of run, replay and explore, checked in the parent before a process starts."""

import functools
import inspect
import multiprocessing
import pickle
import string
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from multiprocessing.reduction import ForkingPickler
from types import FunctionType
from typing import Any

from ..memory.objects import Shared
from ..words import counted, short_repr
from .aliases import Invariant, Worker
from .carried import is_shared
from .child import MOST_WORKERS

METHODS = multiprocessing.get_all_start_methods()
# What leaves open how a function is called, and what is not run by a call.
_UNSURE = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)
# From Python 3.14 on, an argument of a partial that is filled in later.
_PLACEHOLDER = type(getattr(functools, "Placeholder", ...))
# What pickle and multiprocessing raise where something cannot be sent.
UNSENDABLE = (pickle.PicklingError, TypeError, AttributeError, ValueError, RuntimeError)


def plain_function(worker: object) -> Any:
    """Return the function of a worker, also where it is inside a functools.partial."""
    while isinstance(worker, partial):
        worker = worker.func
    return worker


def worker_name(worker: object) -> str:
    """Return the name of a worker function, also of one inside a functools.partial."""
    function = plain_function(worker)
    return getattr(function, "__name__", type(function).__name__)


def checked_workers(workers: Iterable[Worker], shared: Sequence[Shared]) -> list[Worker]:
    """Return the workers as a list; TypeError or ValueError where they do not fit."""
    if callable(workers):
        name = worker_name(workers)
        raise TypeError(f"workers must be a list of functions: write [{name}], not {name}")
    try:
        workers = list(islice(workers, MOST_WORKERS + 1))  # they may have no end
    except TypeError:
        raise TypeError(f"workers must be a list of functions, not {short_repr(workers)}") from None
    for place, item in enumerate(shared, 1):
        if item is None or isinstance(item, bool | int | float | complex | str | bytes):
            raise TypeError(
                f"shared object {place} is {short_repr(item)}, which is not shared. Put plain "
                "arguments into a functools.partial of the worker"
            )
    if not 1 <= len(workers) <= MOST_WORKERS:
        raise ValueError(
            f"workers must hold 1 to {MOST_WORKERS} functions, one letter each, not "
            f"{'more' if workers else 'none'}"
        )
    for number, worker in enumerate(workers):
        if not any(worker is known for known in workers[:number]) and not _fits(worker, shared):
            _check_worker(string.ascii_uppercase[number], worker, shared)
    return workers


def _fits(worker, shared):
    """True where a worker is a plain function, or a partial of one, that can surely be called."""
    function, args, keywords = worker, (), {}
    if type(worker) is partial:
        function, args, keywords = worker.func, worker.args, worker.keywords
    plain = type(function) is FunctionType and not vars(function)  # where it may be marked as async
    if not plain or function.__code__.co_flags & _UNSURE:
        return False
    code, given = function.__code__, len(args) + len(shared)
    names = code.co_varnames[: code.co_argcount]
    needed = names[given : len(names) - len(function.__defaults__ or ())]
    return (
        code.co_posonlyargcount == code.co_kwonlyargcount == 0
        and given <= len(names)
        and set(needed) <= keywords.keys() <= set(names[given:])
        and _PLACEHOLDER not in map(type, args)
    )


def _check_worker(letter, worker, shared):
    if not callable(worker):
        raise TypeError(f"worker {letter} must be a function, not {short_repr(worker)}")
    check_runs(f"worker {letter}", worker)
    remedy = f". Fill in the other arguments with functools.partial({worker_name(worker)}, ...)"
    _check_fits(f"worker {letter}", worker, "was", shared, {}, remedy)


def _check_fits(what, function, was, shared, results, remedy=""):
    """Raise TypeError for a function that cannot be called with the shared objects and results.

    Args:
        what: what it is, in words, such as "worker A".
        function: the function.
        was: whether it "is" or "was" handed them.
        shared: the shared objects.
        results: further arguments, by name.
        remedy: what to say beside.
    """
    name = worker_name(function)
    try:
        parameters = inspect.signature(function)
    except ValueError as error:
        if not isinstance(error.__cause__, TypeError):
            return  # a function written in C may have no signature
        raise TypeError(
            f"{what} is {name}{inspect.signature(plain_function(function))}, and what "
            f"functools.partial has filled in does not fit: {error.__cause__}"
        ) from None
    try:
        parameters.bind(*shared, **results)
    except TypeError as error:
        raise TypeError(
            f"{what} is {name}{parameters} and {was} handed "
            f"{counted(len(shared), 'shared object')}: {error}{remedy}"
        ) from None


def check_runs(what: str, function: Callable[..., object]) -> None:
    """Raise TypeError for a function that a call does not run.

    Args:
        what: what it is, in words, such as "worker A".
        function: the function.
    """
    name, function = worker_name(function), plain_function(function)
    if not isinstance(function, type) and not inspect.isroutine(function):
        function = type(function).__call__
    for is_kind, kind, remedy in (
        (inspect.isgeneratorfunction, "a generator function", f" that calls list({name}(...))"),
        (inspect.iscoroutinefunction, "an async function", f" that calls asyncio.run({name}(...))"),
        (inspect.isasyncgenfunction, "an async generator function", ""),
    ):
        if is_kind(function):
            raise TypeError(
                f"{what} is {name}, {kind}: calling it runs nothing. Write a plain function{remedy}"
            )


def checked_schedule(schedule: str) -> str:
    """Return a schedule without its blanks; TypeError where it is no string."""
    if not isinstance(schedule, str):
        raise TypeError(f'schedule must be a string such as "ABAB", not {short_repr(schedule)}')
    return "".join(schedule.split())


def check_invariant(name: str, function: Invariant, shared: Sequence[Shared]) -> None:
    """Raise TypeError for what cannot be called with the shared objects.

    Args:
        name: of the parameter, "invariant" or "always".
        function: what was given for it.
        shared: the shared objects.
    """
    if not callable(function):
        raise TypeError(
            f"{name} must be a function of the shared objects, not {short_repr(function)}"
        )
    check_runs(name, function)
    results = {"results": ()} if name == "invariant" and takes_results(function) else {}
    _check_fits(name, function, "is", shared, results)


def check_builtins(workers: Sequence[Worker], method: str, stepped: bool = False) -> None:
    """Raise TypeError for a builtin that cannot be a worker.

    Args:
        workers: the workers.
        method: the start method.
        stepped: True where the workers are to take one step at a time.
    """
    for letter, worker in zip(string.ascii_uppercase, workers, strict=False):
        function, name = plain_function(worker), worker_name(worker)
        in_python = inspect.isfunction(function) or inspect.ismethod(function)
        if in_python or not inspect.isroutine(function):
            continue
        if stepped:
            raise TypeError(
                f"worker {letter} is {name}, a builtin: replay and explore stop at lines of "
                "Python code, and a builtin has none. Write a Python function that calls it"
            )
        if method != "fork":
            try:
                ForkingPickler.dumps(function)
            except UNSENDABLE as error:
                raise unsendable(f"worker {letter} ({name})", method, error) from None


def fitting_start_method(carried: Iterable[Any], asked: str | None) -> str:
    """Return the start method to use; ValueError where locks and method do not fit.

    Args:
        carried: the shared objects, see `carried.shared_in`.
        asked: the one that is asked for, or None.
    """
    if asked is not None and asked not in METHODS:
        kind = ValueError if isinstance(asked, str) else TypeError
        raise kind(f"start_method must be one of {', '.join(METHODS)}, not {short_repr(asked)}")
    forked = {lock._is_fork_ctx for item in carried for lock in _locks(item)}
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
    """Yield the locks and semaphores that a shared object is made of."""
    if hasattr(item, "_is_fork_ctx"):  # CPython before 3.11.5 does not tell
        yield item
        return
    for part in getattr(item, "__dict__", {}).values():
        if is_shared(part):
            yield from _locks(part)


def unsendable(where: str, method: str, error: object) -> TypeError:
    """Return the TypeError for a worker that cannot be pickled.

    Args:
        where: the worker, in words.
        method: the start method.
        error: what the pickler said.
    """
    return TypeError(
        f"{where} or a shared object cannot be sent to a {method} process: {error}. A worker must "
        "be a function at the top level of a file; shared objects must come from multiprocessing"
    )


def takes_results(invariant: Invariant | None) -> bool:
    """True where an invariant has a parameter `results`."""
    try:
        return "results" in inspect.signature(invariant).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
