"""What is wrong with what a learner has written, and what a counterexample shows of it."""

import dis
import inspect
import linecache
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from ...engine.arguments import plain_function, takes_results
from ...engine.errors import WorkerError, WorkerTimeoutError
from ...engine.explore import Exploration
from ...engine.outcome import Outcome, Step, is_part
from ...engine.replay import Replay
from ...engine.traces import Interleavings
from ...words import counted, number_words, short_repr
from .case import Case
from .verdict import Verdict

# Of what a worker writes, no more characters are told in a line.
LONGEST = 200
# Values inside values are looked at down to here.
DEEPEST = 20
# But not what is made to equal everything, such as unittest.mock.ANY.
_KNOWN = {*sys.stdlib_module_names, "numpy"} - {"unittest"}
_HOLDS = (list, tuple, set, frozenset, dict)


def is_plain(value: Any, depth: int = 0) -> bool:
    """False where a value, or one in it, is of a learner's own type, which decides for itself what
    it is equal to and how it is shown."""
    if type(value).__module__.partition(".")[0] not in _KNOWN or depth > DEEPEST:
        return False
    inner = value.items() if isinstance(value, dict) else value
    return not isinstance(value, _HOLDS) or all(is_plain(item, depth + 1) for item in inner)


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
        shown = short_repr(function) if is_plain(function) else type(function).__name__
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


def what_is_wrong(
    found: Exploration,
    case: Case,
    workers: Sequence[Any],
    again: Callable[[str], Replay],
    place: int,
    polling: bool,
) -> Verdict | None:
    """Return the `Verdict` on what an exploration has found, or None where all is well.

    Args:
        found: the `Exploration`.
        case, workers: what was explored.
        again: a function of a schedule that replays it.
        place: how many cases were right before this one.
        polling: as for `explored`.
    """
    bad: list[tuple[int, str, Outcome | None]] = [
        (len(schedule), schedule, outcome)
        for outcome in found.outcomes
        if outcome.kind != "finished"
        for schedule in [found.interleavings_of(outcome).plainest]
    ]
    if found.failures:
        bad.append((len(found.failures.plainest), found.failures.plainest, None))
    if not bad:
        return _too_careful(found, case, workers, again, polling)
    _, schedule, outcome = min(bad, key=lambda item: item[:2])
    if outcome is not None and outcome.kind in ("cut", "livelock"):
        return Verdict("wrong", _endless(outcome, workers))
    made = again(schedule)
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
    yield from anomalies(made)
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


def anomalies(made: Replay) -> Iterator[str]:
    """Yield the first lost update and the first torn read, a sentence each."""
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


def _too_careful(found, case, workers, again, polling):
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
                replay=again(schedule),
                call=f'replay("{schedule}", {case.workers}, {case.shared})',
            )
    if case.wasted:
        made = _plainest(found, again)
        wasted = case.wasted(made)
        if wasted:
            return Verdict("wrong", f"Nothing goes wrong, but {wasted}", replay=made)
    for need in case.together:
        if need.pair not in found.together(need.target):
            made = _plainest(found, again)
            if any(step.held for step in made.steps if step.target.startswith(need.target)):
                said = (
                    f"the lock is held for too long: {need.said}. Hold it only where others must "
                    "not come between."
                )
            else:
                said = f"{need.said}. Does one of them do it all?"
            return Verdict("wrong", f"Nothing goes wrong, but {said}")
    return None


def _plainest(found, again):
    schedule = Interleavings(trace for trace, _, _ in found.traces).plainest
    return again(schedule)


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
