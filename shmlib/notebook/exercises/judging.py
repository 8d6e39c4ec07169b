"""How answers are judged: a function for each kind of exercise, which returns its judge.

A judge is given what a learner's cell has defined, and returns a `Verdict`. "Passed" is a claim of
proof: the workers were right in every interleaving of every case.
"""

import inspect
import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from typing import Any

from ...engine.arguments import takes_results, worker_name
from ...engine.errors import WorkerError, WorkerTimeoutError
from ...engine.explore import explore
from ...engine.replay import Replay, replay
from ...engine.run import Run, run
from ...engine.traces import Interleavings
from ...words import number_words, short_repr
from .case import Case
from .diagnosis import anomalies, is_plain, misfit, sentences, what_is_wrong
from .exercise import Judge
from .in_worker import end_of, put_back, said_at
from .verdict import Verdict

# Seconds that all explorations of one check may take together, and a worker between two steps.
SECONDS = 4.0
PATIENCE = 2.0
# A schedule of more steps is taken for one without end.
STEP_LIMIT = 300
# The truth of `answers` where this system cannot find it out.
UNKNOWN = object()


def explored(
    *cases: Case,
    polling: bool = False,
    names: Mapping[str, Any] | None = None,
) -> Judge:
    """Judge workers by every interleaving of every case.

    Args:
        *cases: the first should be the plainest: what goes wrong there is told first.
        polling: True where a worker may wait by looking again and again.
        names: other names that the cases' code uses, such as modules of workers.
    """

    def judge(defined: Mapping[str, Any]) -> Verdict:
        context = context_of(defined)
        known = {"partial": partial, **(names or {}), **defined, "mp": context}
        end = time.monotonic() + SECONDS
        total = executed = 0
        found = None
        for place, case in enumerate(cases):
            try:
                workers = eval(case.workers, dict(known))
                shared = eval(f"({case.shared},)", dict(known))
            except NameError as error:
                return Verdict("wrong", f"The cell defines no `{error.name}`.")
            except (TypeError, ValueError) as error:
                return Verdict("wrong", f"`{case.shared}` is refused: {error}.")
            wrong_form = misfit(workers, shared, case.workers, case.count)
            if wrong_form:
                return Verdict("wrong", wrong_form)
            try:
                found = explore(
                    workers,
                    *shared,
                    invariant=_without_errors(case.holds),
                    seconds=max(0.5, end - time.monotonic()),
                    step_limit=STEP_LIMIT,
                    timeout=PATIENCE,
                )
            except (WorkerError, TypeError, ValueError) as error:
                reasons = sentences(error)
                if "was not passed to it" in reasons[0]:
                    reasons = [
                        *reasons,
                        "Use what it is handed, not an object that its module has made.",
                    ]
                return Verdict("wrong", *reasons)
            total += found.interleavings
            executed += found.executed
            again = partial(_again, workers, shared)
            wrong = what_is_wrong(found, case, workers, again, place, polling)
            if wrong is not None:
                wrong.names = {"replay": replay, "partial": partial, **(names or {})}
                return wrong
        if total == len(cases):
            return Verdict("passed", f"Right in each of {total} cases, on real processes.")
        return Verdict(
            "passed",
            f"Right in every interleaving: {number_words(total)} of them, {executed:,} executed, "
            "on real processes.",
        )

    return judge


def _again(workers, shared, schedule):
    return replay(schedule, workers, *shared, timeout=PATIENCE, step_limit=STEP_LIMIT)


def _without_errors(holds):
    """What a learner's workers return may be anything; where it does not even compare, all is not
    well."""

    @wraps(holds)
    def told(*shared, **more):
        try:
            return is_plain(more.get("results")) and bool(holds(*shared, **more))
        except Exception:
            return False

    return told


def answers(
    truth: Callable[[Any], Mapping[str, Any]],
    slips: Mapping[tuple[str, Any], str] | None = None,
    read: str = "",
    within: float | None = None,
) -> Judge:
    """Judge values that a learner has predicted or chosen.

    Args:
        truth: a function of a multiprocessing context that finds out what is right, by running it:
            from each name to its value, to a set of values of which any will do, or to `UNKNOWN`.
        slips: what to say to a wrong value, from (name, value); `...` is any other value.
        read: what to say when all is right.
        within: how far a number may be off; 4 and 4.0 are then the same. None: not at all.
    """

    told = dict(slips or {})

    def judge(defined: Mapping[str, Any]) -> Verdict:
        right = truth(context_of(defined))
        missing = [name for name in right if name not in defined]
        if missing:
            return Verdict("wrong", f"The cell gives no value to `{'`, `'.join(missing)}`.")
        blank = [name for name in right if defined[name] is ...]
        if blank:
            return Verdict("empty", f"Replace the `...` of `{'` and of `'.join(blank)}`.")
        reasons = []
        for name, value in right.items():
            given = defined[name]
            if not is_plain(given):
                kind = type(given).__name__
                reasons.append(
                    f"`{name}` must be a number, a string or the like, not of type {kind}."
                )
            elif value is not UNKNOWN and not _same(given, value, within):
                known = [
                    text for (n, v), text in told.items() if n == name and _same(given, v, within)
                ]
                said = known[0] if known else told.get((name, ...), "")
                if not known and _same_number(given, value):
                    said = f"It is the right number, and the wrong type: {type(given).__name__}."
                reasons.append(f"`{name} = {short_repr(given)}` is not right. {said}".strip())
        if reasons:
            return Verdict("wrong", *reasons)
        unknown = [name for name, value in right.items() if value is UNKNOWN]
        if unknown:
            names = "`, `".join(unknown)
            reasons.append(f"Your system has no way to run it, so this was not checked: `{names}`.")
        return Verdict("passed", *([read] if read else []), *reasons)

    return judge


def scheduled(
    workers: str,
    shared: str,
    goal: Callable[[Replay], bool],
    must: str,
    names: Mapping[str, Any] | None = None,
) -> Judge:
    """Judge a schedule that a learner has written, by replaying it.

    Args:
        workers, shared: as for `Case`.
        goal: True for a `Replay` that does what is asked.
        must: what is asked, such as "the counter ends at 2".
        names: other names that the code uses.
    """

    def judge(defined: Mapping[str, Any]) -> Verdict:
        schedule = defined.get("schedule", ...)
        if schedule is ...:
            return Verdict("empty", "Give `schedule` a letter for each step.")
        if not isinstance(schedule, str):
            kind = type(schedule).__name__
            return Verdict(
                "wrong", f'`schedule` must be a string such as "ABAB", not of type {kind}.'
            )
        known = {"mp": context_of(defined), "partial": partial, **(names or {})}
        try:
            made = replay(schedule, eval(workers, dict(known)), *eval(f"({shared},)", dict(known)))
        except (TypeError, ValueError) as error:
            return Verdict("wrong", *sentences(error))
        happened = f"What happened: {str(made.outcome).removeprefix('finished, ')}."
        if goal(made):
            return Verdict("passed", happened, *anomalies(made), replay=made)
        asked = f"What is asked: {must}."
        return Verdict("wrong", happened, *anomalies(made), asked, replay=made)

    return judge


def tells_apart(
    function: str,
    reference: Callable[..., bool],
    programs: Sequence[tuple[str, str]],
    well: str,
    ill: str,
    names: Mapping[str, Any] | None = None,
) -> Judge:
    """Judge an invariant that a learner has written, in every interleaving of some programs.

    Args:
        function: its name.
        reference: an invariant that is right. The learner's must say the same as this one.
        programs: (workers, shared), as for `Case`; some interleavings break the reference.
        well, ill: what is so where the reference holds, and where it doesn't, such as "no money is
            lost", "money is lost".
        names: other names that the code uses.
    """

    def judge(defined: Mapping[str, Any]) -> Verdict:
        used = {"partial": partial, **(names or {})}
        known = {**used, "mp": context_of(defined)}
        invariant = defined.get(function)
        if not inspect.isfunction(invariant):
            return Verdict("wrong", f"The cell defines no function `{function}`.")
        holds = breaks = 0
        for workers, shared in programs:
            call = f"{workers}, {shared}"
            crew, objects = eval(workers, dict(known)), eval(f"({shared},)", dict(known))
            asked = takes_results(invariant)
            wrong_form = misfit([partial(invariant, results=()) if asked else invariant], objects)
            if wrong_form:
                return Verdict("wrong", wrong_form)
            right, ends = _judged_by(reference, crew, objects)
            try:
                says_at = _asked(invariant, function, objects, ends)
            except WorkerTimeoutError:
                return Verdict(
                    "wrong", f"`{function}` did not come back. Does a loop in it never end?"
                )
            except (WorkerError, ValueError) as error:
                return Verdict("wrong", *sentences(error))
            found, _ = _judged_by(says_at, crew, objects)
            if not (found.complete and right.complete):
                return Verdict("unproven", "There was not enough time for all. Run it again.")
            for says in (False, True):
                mistaken = Interleavings(
                    trace
                    for (trace, _, said), (_, _, should) in zip(
                        found.traces, right.traces, strict=True
                    )
                    if said == says != should
                )
                if mistaken:
                    schedule = mistaken.plainest
                    made = replay(schedule, crew, *objects, timeout=PATIENCE)
                    return Verdict(
                        "wrong",
                        f"`{function}` is {says} at the end of {schedule}, where "
                        f"{ill if says else well}.",
                        f"What happened: {str(made.outcome).removeprefix('finished, ')}.",
                        replay=made,
                        call=f'replay("{schedule}", {call})',
                        names={"replay": replay, **used},
                    )
            holds += found.interleavings - found.failures.count
            breaks += found.failures.count
        return Verdict(
            "passed",
            f"Right about every interleaving: True at the end of {number_words(holds)}, where "
            f"{well}, and False at the end of {number_words(breaks)}, where {ill}.",
        )

    return judge


def _judged_by(invariant, workers, shared):
    """Explore, and return the `Exploration` and from the name of each end to its `End`."""
    ends = {}

    def judged(*objects, results):
        end = end_of(objects, results)
        ends[repr(end)] = end
        return invariant(*objects, **({"results": results} if takes_results(invariant) else {}))

    found = explore(workers, *shared, invariant=judged, seconds=SECONDS, timeout=PATIENCE)
    return found, ends


def _asked(invariant, name, shared, ends):
    """Ask a learner's invariant, and return a function that says the same.

    Raises:
        ValueError: it returned None, or it keeps a lock.
        WorkerError, WorkerTimeoutError: it raised something, or did not come back.
    """
    start = end_of(shared, ())
    trial = partial(said_at, invariant=invariant, ends=tuple(ends.values()))
    try:
        made = called(trial, *shared, told=f"`{name}`")
    finally:
        put_back(shared, start)
    said = dict(zip(ends, made.results[0], strict=True))
    if made.taken:
        raise ValueError(
            f"`{name}` takes a lock and does not give it back: nobody works while it is called, so "
            "it needs none"
        )
    if None in said.values():
        raise ValueError(
            f"`{name}` returns nothing, which is neither True nor False: what must hold comes "
            "after `return`"
        )
    return lambda *objects, results: said[repr(end_of(objects, results))]


def called(function: partial[Any], *shared: Any, told: str, start_method: str | None = None) -> Run:
    """Call a function of `in_worker` as the only worker of a `run`.

    Args:
        function: it, with the learner's functions filled in.
        *shared, start_method: as for `run`.
        told: what stands for the worker's name where an error tells of it.

    Raises:
        WorkerError, WorkerTimeoutError: it raised something, or did not come back.
    """
    try:
        # It has to start first.
        return run([function], *shared, start_method=start_method, timeout=2 * PATIENCE)
    except WorkerError as error:
        text, name = str(error), f"A ({worker_name(function)})"
        error.args = (text.replace(f"worker {name}", told).replace(f"Worker {name}", told),)
        raise


def context_of(defined: Mapping[str, Any]) -> Any:
    """Return the learner's `mp`, or a context of its own where there is none."""
    given: Any = defined.get("mp")
    known = isinstance(given, multiprocessing.context.BaseContext)
    return given if known and given.get_start_method() else multiprocessing.get_context("spawn")


def _same(given, right, within=None):
    if isinstance(right, set | frozenset):
        return any(_same(given, one, within) for one in right)
    if type(given) in (set, frozenset) and isinstance(right, list | tuple):
        return given == set(right)
    if type(given) in (list, tuple) and isinstance(right, list | tuple):
        alike = (_same(*pair, within) for pair in zip(given, right, strict=False))
        return len(given) == len(right) and all(alike)
    if within is not None and {type(given), type(right)} <= {int, float}:
        return abs(given - right) <= within
    return type(given) is type(right) and given == right


def _same_number(given, right):
    numbers = (bool, int, float)
    return type(given) in numbers and type(right) in numbers and given == right
