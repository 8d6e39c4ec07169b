"""How answers are judged: a function for each kind of exercise, which returns its judge.

A judge is given what a learner's cell has defined, and returns a `Verdict`. "Passed" is a claim of
proof: the workers were right in every interleaving of every case.
"""

import dis
import inspect
import linecache
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import CodeType
from typing import Any

from ...engine.arguments import plain_function
from ...engine.errors import WorkerError, WorkerTimeoutError
from ...engine.explore import explore
from ...engine.outcome import Outcome, Step
from ...engine.replay import Replay, replay
from ...engine.run import run
from ...words import number_words, short_repr
from .exercise import Judge
from .verdict import Verdict

# Seconds that all explorations of one check may take together, and a worker between two steps.
SECONDS = 4.0
PATIENCE = 2.0
# A schedule of more steps is taken for one without end.
STEP_LIMIT = 300


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
    """

    workers: str
    shared: str
    holds: Callable[..., bool]
    must: str
    writes: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()


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
        context = _context(defined)
        known = {"partial": partial, **(names or {}), **defined, "mp": context}
        end = time.monotonic() + SECONDS
        total = executed = 0
        found = None
        for place, case in enumerate(cases):
            try:
                workers = eval(case.workers, dict(known))
            except NameError as error:
                return Verdict("wrong", f"The cell defines no `{error.name}`.")
            shared = eval(f"({case.shared},)", dict(known))
            misfit = _misfit(workers, shared)
            if misfit:
                return Verdict("wrong", misfit)
            try:
                found = explore(
                    workers,
                    *shared,
                    invariant=case.holds,
                    seconds=max(0.5, end - time.monotonic()),
                    step_limit=STEP_LIMIT,
                    timeout=PATIENCE,
                )
            except (WorkerError, TypeError, ValueError) as error:
                return Verdict("wrong", *_sentences(error))
            total += found.interleavings
            executed += found.executed
            wrong = _what_is_wrong(found, case, workers, shared, place, polling)
            if wrong is not None:
                return wrong
        return Verdict(
            "passed",
            f"Right in every interleaving: {number_words(total)} of them, {executed:,} executed, "
            "on real processes.",
        )

    return judge


def answers(
    truth: Callable[[Any], Mapping[str, Any]],
    slips: Mapping[tuple[str, Any], str] | None = None,
    read: str = "",
) -> Judge:
    """Judge values that a learner has predicted or chosen.

    Args:
        truth: a function of a multiprocessing context that finds out what is right, by running it:
            from each name to its value, or to a set of values of which any will do.
        slips: what to say to a wrong value, from (name, value).
        read: what to say when all is right.
    """

    told = dict(slips or {})

    def judge(defined: Mapping[str, Any]) -> Verdict:
        right = truth(_context(defined))
        missing = [name for name in right if name not in defined]
        if missing:
            return Verdict("wrong", f"The cell gives no value to `{'`, `'.join(missing)}`.")
        blank = [name for name in right if defined[name] is ...]
        if blank:
            return Verdict("empty", f"Replace the `...` of `{'` and of `'.join(blank)}`.")
        reasons = []
        for name, value in right.items():
            given = defined[name]
            if not _same(given, value):
                known = [text for (n, v), text in told.items() if n == name and _same(given, v)]
                said = known[0] if known else ""
                reasons.append(f"`{name} = {short_repr(given)}` is not right. {said}".strip())
        if reasons:
            return Verdict("wrong", *reasons)
        return Verdict("passed", *([read] if read else []))

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
        known = {"mp": _context(defined), "partial": partial, **(names or {})}
        try:
            made = replay(schedule, eval(workers, dict(known)), *eval(f"({shared},)", dict(known)))
        except (TypeError, ValueError) as error:
            return Verdict("wrong", *_sentences(error))
        if goal(made):
            return Verdict("passed", f"{schedule} ends so: {made.outcome}.", replay=made)
        return Verdict(
            "wrong", f"{schedule} ends so: {made.outcome}. The task: {must}.", replay=made
        )

    return judge


def tells_apart(
    function: str,
    right: Sequence[tuple[str, str]],
    wrong: Sequence[tuple[str, str, str]],
    names: Mapping[str, Any] | None = None,
) -> Judge:
    """Judge an invariant that a learner has written, by what `explore` says with it.

    Args:
        function: its name.
        right: (workers, shared), as for `Case`, of programs that it must accept.
        wrong: (workers, shared, what is wrong with it) of programs that it must refuse.
        names: other names that the code uses.
    """

    def judge(defined: Mapping[str, Any]) -> Verdict:
        known = {"mp": _context(defined), "partial": partial, **(names or {})}
        invariant = defined.get(function)
        if not callable(invariant):
            return Verdict("wrong", f"The cell defines no function `{function}`.")
        executed = 0
        programs = [(*program, "") for program in right] + list(wrong)
        try:  # in a process that can be ended: it may never return
            run([invariant], *eval(f"({programs[0][1]},)", dict(known)), timeout=PATIENCE)
        except (WorkerError, TypeError, ValueError) as error:
            return Verdict("wrong", *_sentences(error))
        for workers, shared, fault in programs:
            call = f"explore({workers}, {shared}, invariant={function})"
            try:
                found = explore(
                    eval(workers, dict(known)),
                    *eval(f"({shared},)", dict(known)),
                    invariant=invariant,
                    timeout=PATIENCE,
                )
            except (WorkerError, TypeError, ValueError, ArithmeticError, LookupError) as error:
                return Verdict("wrong", *_sentences(error), call=call)
            executed += found.executed
            if not fault and found.verdict != "holds":
                plainest = found.failures.plainest
                said = f"{function} refuses {plainest}, where nothing went wrong."
                return Verdict("wrong", said, call=call)
            if fault and found.verdict != "broken":
                return Verdict(
                    "wrong", f"{function} accepts a program in which {fault}.", call=call
                )
        return Verdict(
            "passed",
            f"It accepts what is right and refuses what is wrong: {len(programs)} programs, "
            f"{executed:,} interleavings executed.",
        )

    return judge


def _context(defined):
    given = defined.get("mp")
    known = isinstance(given, multiprocessing.context.BaseContext)
    return given if known and given.get_start_method() else multiprocessing.get_context("spawn")


def _same(given, right):
    if isinstance(right, set | frozenset):
        return any(_same(given, one) for one in right)
    if isinstance(given, list | tuple) and isinstance(right, list | tuple):
        return len(given) == len(right) and all(map(_same, given, right))
    return type(given) is type(right) and given == right


def _sentences(error):
    """What an error says, without the traceback that may follow."""
    endless = isinstance(error, WorkerTimeoutError)
    text = str(error).partition("\n\nTraceback")[0].strip()
    if not isinstance(error, WorkerError | TypeError | ValueError):
        text = f"{type(error).__name__}: {text}"
    parts = [part for part in text.split("\n\n") if part]
    return [*parts, "Does a loop in it never end?"] if endless else parts


# ------------------------------------------------------------------- what is wrong with workers


def _misfit(workers, shared):
    """Say in what way functions do not fit what they are handed, or return ""."""
    for worker in workers:
        function = plain_function(worker)
        name = getattr(function, "__name__", repr(function))
        if not inspect.isfunction(function):
            return f"`{name}` must be a function, written with `def`."
        try:
            inspect.signature(worker).bind(*shared)
        except TypeError as error:
            return f"`{name}{inspect.signature(function)}` does not fit: {error}."
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
        return _too_careful(found, case, workers, polling)
    _, schedule, outcome = min(bad, key=lambda item: item[:2])
    if outcome is not None and outcome.kind in ("cut", "livelock"):
        return Verdict("wrong", _endless(outcome, workers))
    made = replay(schedule, workers, *shared, timeout=PATIENCE, step_limit=STEP_LIMIT)
    code = [plain_function(worker).__code__ for worker in workers]
    reasons = list(_why(made, found, case, workers, place))
    race = window(made)
    if race and made.outcome.kind == "finished" and found.failures.count < found.interleavings:
        reasons.append(race.words(code))
        sleeps = [c.co_name for c in code if "sleep" in _names(c)]
        if sleeps:
            reasons.append(
                f"`{sleeps[0]}` sleeps. A pause makes a bad order rarer, or likelier; it rules "
                "none out."
            )
    return Verdict(
        "wrong", *reasons, replay=made, call=f'replay("{schedule}", {case.workers}, {case.shared})'
    )


def _endless(outcome, workers):
    name = plain_function(workers[0]).__name__
    if outcome.kind == "cut":
        return f"{outcome.detail.capitalize()}: does the loop in `{name}` ever end?"
    return f"It may go on forever: {outcome.detail}."


def _why(made, found, case, workers, place):
    """Yield what a counterexample shows."""
    outcome = made.outcome
    if outcome.kind == "error":
        yield f"{outcome.detail}, in {' and '.join(made.raised.values())}."
        return
    if outcome.kind == "deadlock":
        yield from _why_deadlock(made, workers)
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
            "It is right where the exercise begins, and wrong from another start. Is a number "
            "written down that should be calculated?"
        )
    else:
        yield "It goes wrong in any order, even if one worker follows the other."
    yield f"What must hold: {case.must}."
    yield f"What happened: {str(outcome).removeprefix('finished, ')}."
    for anomaly in (*made.lost_updates[:1], *made.torn_reads[:1]):
        yield f"{anomaly.words[0].upper()}{anomaly.words[1:]}."


def _why_deadlock(made, workers):
    waits = [f"{letter} {reason}" for letter, reason in made.blocked.items()]
    yield f"Deadlock: {'; '.join(waits)}."
    if any("which has ended" in reason for reason in made.blocked.values()):
        kept = {step.worker for step in made.steps if step.action == "acquire"} - set(made.blocked)
        number = ord(min(kept, default="A")) - ord("A")
        name = plain_function(workers[number]).__name__
        yield (
            f"`{name}` takes the lock and ends without giving it back. `with` gives it back "
            "however its block is left."
        )


def _untouched(made, case, workers):
    """Say which object was to be written to and was not, or return ""."""
    written = {step.target for step in made.steps if step.action == "write"}
    for target in case.writes:
        if not any(
            name == target or name.startswith((f"{target}[", f"{target}.")) for name in written
        ):
            functions = [plain_function(worker) for worker in workers]
            names = " and ".join(sorted({f"`{function.__name__}`" for function in functions}))
            replaced = [f for f in functions if target in _bound(f.__code__)]
            why = (
                f" `{target} = ...` gives the name to a new object, which nobody else sees."
                if replaced
                else ""
            )
            return f"{names} never writes to `{target}`, which all processes share.{why}"
    return ""


def _silent(made, case):
    """Say that a worker prints what it should return, or return ""."""
    asked = "results" in inspect.signature(case.holds).parameters
    if not asked or any(result is not None for result in made.outcome.results):
        return ""
    printed = next((text.strip() for text in made.output if text.strip()), "")
    if printed:
        return (
            f"It prints `{short_repr(printed)}` and returns nothing. A worker's answer is what it "
            "returns."
        )
    return "It returns nothing: the answer must come after `return`."


def _too_careful(found, case, workers, polling):
    if found.verdict != "holds":
        of_all = f"{number_words(found.interleavings)} of about {number_words(found.estimate)}"
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
    for need in case.together:
        if need.pair not in found.together(need.target):
            return Verdict(
                "wrong",
                f"Nothing goes wrong, but the lock is held for too long: {need.said}. Hold it only "
                "where others must not come between.",
            )
    return None


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
    """A worker has read something, another writes it, and the first one goes on with what it read.

    Attributes:
        read, write: the `Step` of the worker that begins it, and its next write.
        between: the other's `Step`.
    """

    read: Step
    between: Step
    write: Step

    def words(self, code: Sequence[CodeType]) -> str:
        """Say it with the lines of the learner's own, from the code of each worker."""
        first, other, last = (_line(step, code) for step in (self.read, self.between, self.write))
        worker = self.read.worker
        where = f"in {first}" if first == last else f"between {first}, and {last}"
        how = "reads and writes" if first == last else "is"
        return f"While {worker} {how} {where}, {self.between.worker} comes in with {other}."


def window(made: Replay) -> Window | None:
    """Return the first `Window` of a `Replay`, or None."""
    steps = made.steps
    for number, read in enumerate(steps):
        if read.action != "read" or read.place is None:
            continue
        between = None
        for step in steps[number + 1 :]:
            if step.worker == read.worker:
                if step.action == "write" and between:
                    return Window(read, between, step)
            elif step.action == "write" and step.place and step.place.overlaps(read.place):
                between = between or step
    return None


def _line(step, code):
    function = code[ord(step.worker) - ord("A")]
    text = linecache.getline(function.co_filename, step.line or 0).strip()
    return f"line {step.line}, `{text}`" if text else f"line {step.line}"
