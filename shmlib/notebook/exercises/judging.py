"""How answers are judged: a function for each kind of exercise, which returns its judge.

A judge is given what a learner's cell has defined, and returns a `Verdict`. "Passed" is a claim of
proof: the workers were right in every interleaving of every case.
"""

import dis
import inspect
import linecache
import multiprocessing
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from types import CodeType
from typing import Any

from ...engine.arguments import plain_function, takes_results
from ...engine.errors import WorkerError, WorkerTimeoutError
from ...engine.explore import explore
from ...engine.outcome import Outcome, Step, is_part
from ...engine.replay import Replay, replay
from ...engine.run import run
from ...engine.traces import Interleavings
from ...words import counted, number_words, short_repr
from .ends import end_of, put_back, said_at
from .exercise import Judge
from .verdict import Verdict

# Seconds that all explorations of one check may take together, and a worker between two steps.
SECONDS = 4.0
PATIENCE = 2.0
# A schedule of more steps is taken for one without end.
STEP_LIMIT = 300
# Of what a worker writes, no more characters are told in a line.
LONGEST = 200
# Values inside values are looked at down to here.
DEEPEST = 20
_KNOWN = {*sys.stdlib_module_names, "numpy"}
_HOLDS = (list, tuple, set, frozenset, dict)
# The truth of `answers` where this system cannot find it out.
UNKNOWN = object()


@dataclass(frozen=True)
class Together:
    """Two workers that must be able to work at the same time.

    Attributes:
        target: what they work on; each touches it twice or more, or touches a part of its own.
        pair: their letters, such as "AB".
        said: what is wrong where they can't, such as "nobody can write a receipt meanwhile".
    """

    target: str
    pair: str
    said: str


@dataclass(frozen=True)
class Case:
    """A setting in which every interleaving of the learner's workers is run.

    Attributes:
        workers: the list of workers, as code, such as ``"[pay, pay]"``.
        shared: the shared objects, as code, such as ``'mp.Value("i", 15)'``.
        holds: a function of the shared objects, and of `results` if it has such a parameter, that
            returns True where all is well at the end.
        must: what it is that must hold, such as "4 is left".
        writes: names of shared objects that the workers have to write to.
        together: who must be able to work at the same time.
        count: how many workers there must be, where it is the cell that makes the list.
        wasted: says of a `Replay`, with as few switches as can be, what is done too often or not
            as was asked; "" if nothing.
        stuck: what to say where nobody can go on, if the usual words don't fit.
    """

    workers: str
    shared: str
    holds: Callable[..., bool]
    must: str
    writes: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()
    count: int | None = None
    wasted: Callable[[Replay], str] | None = None
    stuck: str = ""


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
            wrong = _what_is_wrong(found, case, workers, shared, place, polling)
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


def _without_errors(holds):
    """What a learner's workers return may be anything; where it does not even compare, all is not
    well."""

    @wraps(holds)
    def told(*shared, **more):
        try:
            return _is_plain(more.get("results")) and bool(holds(*shared, **more))
        except Exception:
            return False

    return told


def _is_plain(value, depth=0):
    """False where a value, or one in it, is of a learner's own type, which decides for itself what
    it is equal to and how it is shown."""
    if type(value).__module__.partition(".")[0] not in _KNOWN or depth > DEEPEST:
        return False
    inner = value.items() if isinstance(value, dict) else value
    return not isinstance(value, _HOLDS) or all(_is_plain(item, depth + 1) for item in inner)


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
            if not _is_plain(given):
                kind = type(given).__name__
                reasons.append(
                    f"`{name}` must be a number, a text or the like, not of type {kind}."
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
                "wrong", f'`schedule` must be a text such as "ABAB", not of type {kind}.'
            )
        known = {"mp": context_of(defined), "partial": partial, **(names or {})}
        try:
            made = replay(schedule, eval(workers, dict(known)), *eval(f"({shared},)", dict(known)))
        except (TypeError, ValueError) as error:
            return Verdict("wrong", *sentences(error))
        happened = f"What happened: {str(made.outcome).removeprefix('finished, ')}."
        if goal(made):
            return Verdict("passed", happened, *_anomalies(made), replay=made)
        asked = f"What is asked: {must}."
        return Verdict("wrong", happened, *_anomalies(made), asked, replay=made)

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
                says_at = _asked(invariant, objects, ends)
            except WorkerTimeoutError:
                return Verdict(
                    "wrong", f"`{function}` did not come back. Does a loop in it never end?"
                )
            except (WorkerError, ValueError) as error:
                of_trial = f"Worker A ({said_at.__name__})"
                reasons = [text.replace(of_trial, f"`{function}`") for text in sentences(error)]
                return Verdict("wrong", *reasons)
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


def _asked(invariant, shared, ends):
    """Ask a learner's invariant, and return a function that says the same.

    Raises:
        ValueError: it returned None, or it keeps a lock.
        WorkerError, WorkerTimeoutError: it raised something, or did not come back.
    """
    name = invariant.__name__
    start = end_of(shared, ())
    trial = partial(said_at, invariant=invariant, ends=tuple(ends.values()))
    try:
        made = run([trial], *shared, timeout=2 * PATIENCE)  # it has to start first
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


def sentences(error: Exception) -> list[str]:
    """Return what an error says, without the traceback that may follow."""
    endless = isinstance(error, WorkerTimeoutError)
    text = str(error).partition("\n\nTraceback")[0].strip()
    if not isinstance(error, WorkerError | TypeError | ValueError):
        text = f"{type(error).__name__}: {text}"
    text = "\n".join(_begin(line) for line in text.splitlines())
    parts = [part[0].upper() + part[1:].rstrip(".") + "." for part in text.split("\n\n") if part]
    return [*parts, "Does a loop in it never end?"] if endless else parts


def _begin(text):
    """The beginning of a text that may be long, since a worker may write anything."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


# ------------------------------------------------------------------- what is wrong with workers


def misfit(
    workers: Sequence[Any],
    shared: Sequence[Any],
    told: str = "workers",
    count: int | None = None,
) -> str:
    """Say in what way functions do not fit what they are handed, or how many there are, or return
    ""."""
    if not isinstance(workers, list | tuple):
        return f"`{told}` must be a list of workers, and is of type {type(workers).__name__}."
    if count not in (None, len(workers)):
        return f"`{told}` must hold {count} workers, not {len(workers):,}."
    for worker in workers:
        function = plain_function(worker)
        shown = short_repr(function) if _is_plain(function) else type(function).__name__
        name = getattr(function, "__name__", shown)
        if not inspect.isfunction(function):
            return f"`{name}` must be a function, written with `def`."
        given, named = (worker.args, worker.keywords) if isinstance(worker, partial) else ((), {})
        try:
            inspect.signature(function).bind(*given, *shared, **named)
        except TypeError as error:
            handed = [counted(len(shared), "shared object"), *(f"`{key}`" for key in named)]
            listed = " and ".join([", ".join(handed[:-1]), handed[-1]] if handed[1:] else handed)
            return f"`{name}{inspect.signature(function)}` is handed {listed}: {error}."
    return ""


def _what_is_wrong(found, case, workers, shared, place, polling):
    """Return the `Verdict` on what an exploration has found, or None where all is well."""
    bad: list[tuple[int, str, Outcome | None]] = [
        (len(schedule), schedule, outcome)
        for outcome in found.outcomes
        if outcome.kind != "finished"
        for schedule in [found.interleavings_of(outcome).plainest]
    ]
    if found.failures:
        bad.append((len(found.failures.plainest), found.failures.plainest, None))
    if not bad:
        return _too_careful(found, case, workers, shared, polling)
    _, schedule, outcome = min(bad, key=lambda item: item[:2])
    if outcome is not None and outcome.kind in ("cut", "livelock"):
        return Verdict("wrong", _endless(outcome, workers))
    made = replay(schedule, workers, *shared, timeout=PATIENCE, step_limit=STEP_LIMIT)
    reasons = list(_why(made, found, case, workers, place))
    race = window(made)
    if race and made.outcome.kind == "finished" and found.failures.count < found.interleavings:
        reasons.append(str(race))
        sleeps = _who_calls("sleep", workers)
        if sleeps:
            reasons.append(
                f"`{sleeps}` sleeps. A pause makes a bad order rarer, or likelier; it rules "
                "none out."
            )
    if not made.steps:
        return Verdict("wrong", *reasons)
    call = f'replay("{schedule}", {case.workers}, {case.shared})'
    return Verdict("wrong", *reasons, replay=made, call=call)


def _endless(outcome, workers):
    name = _written(workers)[0].__name__
    if outcome.kind == "cut":
        return f"{outcome.detail.capitalize()}: does the loop in `{name}` ever end?"
    return f"It may go on forever: {outcome.detail}."


def _why(made, found, case, workers, place):
    """Yield what a counterexample shows."""
    outcome = made.outcome
    if outcome.kind == "error":
        yield from _errors(made)
        if "bytes-like object" in outcome.detail or "invalid type" in outcome.detail:
            yield (
                "Where steps are counted, NumPy, memoryview and addresses can't reach the bytes: "
                "their steps could not be seen. Use items or slices."
            )
        return
    if outcome.kind == "deadlock":
        yield from _why_deadlock(made, workers, case.stuck)
        return
    every = found.failures.count == found.interleavings
    if every and not place:
        missing = _untouched(made, case, workers)
        if missing:
            yield missing
            return
        silent = _silent(made, case)
        if silent:
            yield silent
            return
    if not every:
        of_all = f"{number_words(found.failures.count)} of {number_words(found.interleavings)}"
        yield f"It goes wrong in {of_all} interleavings."
    elif place:
        yield (
            "It is right where the exercise begins, and wrong from another start. Does it rely on "
            "what was there, or on a number that should be calculated, or is a case left out?"
        )
    elif len(workers) > 1:
        yield "It goes wrong in any order, even if the workers run one after another."
    yield f"What must hold: {case.must}."
    yield f"What happened: {str(outcome).removeprefix('finished, ')}."
    yield from _anomalies(made)
    bare = _who_calls("get_lock", workers)
    if bare and not any(step.action == "acquire" for step in made.steps):
        yield (
            f"`{bare}` calls `get_lock()`, which returns the lock and does not take it. With "
            "`with` in front of it, and a colon behind, it is taken for a block."
        )


def _errors(made):
    said: dict[tuple[str, str], list[str]] = {}
    for told in re.split(r"; (?=[A-Z] raised )", made.outcome.detail):
        letter, _, error = told.partition(" raised ")
        said.setdefault((_begin(error), made.raised.get(letter, "")), []).append(letter)
    for (error, where), letters in said.items():
        place, _, code = where.partition(": ")
        where = f", in {place}: `{code}`" if code else ""
        yield f"{' and '.join(letters)} raised {error}{where}."


def _anomalies(made):
    yield from map(_sentence, (*made.lost_updates[:1], *made.torn_reads[:1]))


def _sentence(anomaly):
    return f"{anomaly.words[0].upper()}{anomaly.words[1:]}."


def _why_deadlock(made, workers, stuck):
    waits = [f"{letter} {reason}" for letter, reason in made.blocked.items()]
    yield f"Deadlock: {'; '.join(waits)}."
    if stuck:
        yield stuck
        return
    if any("which has ended" in reason for reason in made.blocked.values()):
        kept = {step.worker for step in made.steps if step.action == "acquire"} - set(made.blocked)
        number = ord(min(kept, default="A")) - ord("A")
        name = _written([workers[number]])[0].__name__
        yield (
            f"`{name}` takes the lock and ends without giving it back. `with` gives it back "
            "however its block is left."
        )
    elif not any(wait.holders for wait in made.outcome.waits):
        yield "Nobody is left who could let them go on."
        yield from map(_sentence, made.lost_updates[:1])
    elif len(made.blocked) > 1:
        yield (
            "Each waits for what another holds. Take several locks in the same order everywhere, "
            "or one lock for all."
        )


def _untouched(made, case, workers):
    """Say which object was to be written to and was not, or return ""."""
    written = {step.target for step in made.steps if step.action == "write"}
    for target in case.writes:
        if not any(is_part(name, target) for name in written):
            functions = _written(workers)
            names = [f"`{function.__name__}`" for function in functions]
            never = f"{' and '.join(names)} never {'write' if len(names) > 1 else 'writes'}"
            replaced = [f for f in functions if target in _bound(f.__code__)]
            result = next(filter(None, made.outcome.results), None)
            printed = _printed(made)
            if replaced:
                why = f" `{target} = ...` gives the name to a new object, which nobody else sees."
            elif result is not None and not takes_results(case.holds):
                why = f" It returns `{_begin(repr(result))}` instead."
            else:
                why = f" It prints `{_begin(repr(printed))}` instead." if printed else ""
            return f"{never} to `{target}`, which all processes share.{why}"
    return ""


def _silent(made, case):
    """Say that a worker prints what it should return, or return ""."""
    if not takes_results(case.holds) or any(result is not None for result in made.outcome.results):
        return ""
    printed = _printed(made)
    if printed:
        return (
            f"It prints `{_begin(repr(printed))}` and returns nothing. A worker's answer is what "
            "it returns."
        )
    return "It returns nothing: the answer must come after `return`."


def _printed(made):
    """Return what the first worker that wrote something wrote, or ""."""
    return next(filter(None, map(str.strip, made.output)), "")


def _too_careful(found, case, workers, shared, polling):
    if found.verdict != "holds":
        about = number_words(found.estimate).removeprefix("about ")
        of_all = f"{number_words(found.interleavings)} of about {about}"
        return Verdict(
            "unproven",
            f"Nothing went wrong in {of_all} interleavings, but that is no proof, and there was no "
            "time for more. Run it again, or take fewer steps.",
        )
    if found.polling and not polling:
        return Verdict(
            "wrong",
            "Nothing goes wrong, but somebody waits by looking again and again, and keeps a "
            "processor busy meanwhile. Wait for a lock, which lets the process sleep.",
        )
    for (letter, lock), schedule in found.left_taken.items():
        function = _written([workers[ord(letter) - ord("A")]])[0]
        if is_cell(function.__code__.co_filename):
            return Verdict(
                "wrong",
                f"Everybody comes to an end, but `{function.__name__}` takes {lock} and ends "
                "without giving it back: whoever asks for it next waits forever. `with` gives it "
                "back however its block is left.",
                replay=replay(schedule, workers, *shared, timeout=PATIENCE),
                call=f'replay("{schedule}", {case.workers}, {case.shared})',
            )
    if case.wasted:
        made = _plainest(found, workers, shared)
        wasted = case.wasted(made)
        if wasted:
            return Verdict("wrong", f"Nothing goes wrong, but {wasted}", replay=made)
    for need in case.together:
        if need.pair not in found.together(need.target):
            made = _plainest(found, workers, shared)
            if any(step.held for step in made.steps if step.target.startswith(need.target)):
                said = (
                    f"the lock is held for too long: {need.said}. Hold it only where others must "
                    "not come between."
                )
            else:
                said = f"{need.said}. Does one of them do it all?"
            return Verdict("wrong", f"Nothing goes wrong, but {said}")
    return None


def _plainest(found, workers, shared):
    schedule = Interleavings(trace for trace, _, _ in found.traces).plainest
    return replay(schedule, workers, *shared, timeout=PATIENCE, step_limit=STEP_LIMIT)


def _written(workers):
    """Return the learner's functions among the workers and what they are handed, or the workers."""
    found: list[Any] = []
    for worker in workers:
        handed = (*worker.args, *worker.keywords.values()) if isinstance(worker, partial) else ()
        for function in filter(inspect.isfunction, (plain_function(worker), *handed)):
            if is_cell(function.__code__.co_filename) and function not in found:
                found.append(function)
    return found or [plain_function(worker) for worker in workers]


def _who_calls(name, workers):
    """Return the name of a function in which a name is used, or ""."""
    return next((f.__name__ for f in _written(workers) if name in _names(f.__code__)), "")


def _names(code: CodeType) -> set[str]:
    inner = [part for part in code.co_consts if isinstance(part, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _bound(code):
    """Names of parameters that a function gives to something else."""
    return {
        name
        for instruction in dis.get_instructions(code)
        if instruction.opname.startswith("STORE_FAST")
        for name in _strings(instruction.argval)
    }


def _strings(value: Any) -> Iterator[str]:
    yield from (value,) if isinstance(value, str) else value


# --------------------------------------------------------------------- where another came between


@dataclass(frozen=True)
class Window:
    """Two accesses of a worker that belong together, and another's write between them.

    Attributes:
        first, last: the `Step` of the worker that begins it, and the one that ends it.
        between: the other's `Step`.
    """

    first: Step
    between: Step
    last: Step

    def __str__(self) -> str:
        first, other, last = map(_line, (self.first, self.between, self.last))
        worker = self.first.worker
        where = f"in {first}" if first == last else f"between {first}, and {last}"
        how = "reads and writes" if first == last else "is"
        return f"While {worker} {how} {where}, {self.between.worker} comes in with {other}."


def window(made: Replay) -> Window | None:
    """Return the first `Window` of a `Replay`, or None.

    Somebody goes on with what they have read, or else reads again what they have read or written.
    """
    for first, last, anywhere in (
        ("read", "write", False),
        ("read", "write", True),
        ("write", "read", False),
        ("read", "read", False),
    ):
        for number, step in enumerate(made.steps):
            if step.action == first and step.place:
                found = _window(step, made.steps[number + 1 :], last, anywhere)
                if found:
                    return found
    return None


def _window(first, steps, ends, anywhere):
    between = None
    for step in steps:
        touched = step.place and step.place.overlaps(first.place)
        if step.worker != first.worker:
            if step.action == "write" and touched:
                between = between or step
        elif between and step.action == ends and (anywhere or touched):
            return Window(first, between, step)
    return None


def is_cell(file: str) -> bool:
    """True for a file that was made from the cell of an exercise."""
    return Path(file).name.startswith("my_")


def _line(step):
    file, line = step.file or "", step.line or 0
    text = linecache.getline(file, line).strip()
    where = f"line {line}" if is_cell(file) else f"line {line} of {Path(file).name}"
    return f"{where}, `{text}`" if text else where
