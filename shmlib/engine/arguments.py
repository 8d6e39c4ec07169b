"""The arguments of run, replay and explore, checked in the parent before a process starts."""

import multiprocessing
import pickle
import string
import threading
from functools import partial
from inspect import signature

from .carried import is_shared, parts

# What pickle and multiprocessing raise where something cannot be sent.
UNSENDABLE = (pickle.PicklingError, TypeError, AttributeError, ValueError, RuntimeError)


def worker_name(worker):
    """Return the name of a worker function, also of one inside a functools.partial."""
    while isinstance(worker, partial):
        worker = worker.func
    return getattr(worker, "__name__", type(worker).__name__)


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
    carried = [item for item, _ in parts((workers, shared)) if is_shared(item)]
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


def unsendable(where, method, error):
    """Return the TypeError for a worker that cannot be pickled.

    Args:
        where: the worker, in words.
        method: the start method.
        error: what the pickler said.
    """
    return TypeError(
        f"{where} or a shared object cannot be sent to a {method} process: {error}. A worker is a "
        "function at the top level of a file; shared objects are made by multiprocessing"
    )
