"""explore(): workers under every interleaving, on real processes, one execution for each trace."""

import ctypes
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from ..checks import check_flag, check_seconds, check_whole
from ..memory.objects import Shared, bytes_of
from ..progress import Progress
from ..shown import Shown
from ..words import counted, number_words, schedule_words, short_number, short_repr
from .aliases import Invariant, Worker
from .arguments import check_invariant, checked_workers
from .counting import ExtensionCounter, TooManyError
from .errors import sentence_alone
from .optimal import NotReducibleError, Optimal
from .orders import AtRandom, EveryOrder, Return, fewest_preemptions
from .outcome import MOST_WORDS, Outcome, Outcomes, is_part
from .replay import Replay
from .stepper import STEP_LIMIT, Stepper
from .traces import Interleavings, OneOrder, Trace, switches
from .walk import MisledError, Walk

SECONDS = 10.0
# At most this many schedules are listed.
MOST_LISTED = 10_000


class Exploration(Shown):
    """What happened under every interleaving, or under as many as there was time for.

    Interleavings that differ only in the order of steps that do not conflict end alike. One of them
    is run, and all of them are counted.

    Attributes:
        complete: True where nothing was left out.
        interleavings: how many are known to end as `outcomes` says.
        executed: how many schedules were run.
        failures: the `Interleavings` in which the invariant does not hold, plainest first.
        estimate: how many interleavings there are; about how many, where it was stopped.
        drawn: Counter from (`Outcome`, whether the invariant held) to the number of schedules that
            ended so of those that were drawn at random, where it was stopped.
        polling: True if a polling worker was set aside until something changed; then no
            interleaving stands for others.
        verdict: "holds" or "broken" for the invariant, "complete" without one; "inconclusive"
            where it was stopped before anything was found broken.
        left_taken: from (letter of a worker, name of a lock) to a schedule in which all finish, and
            the worker has not given the lock back.
    """

    def __init__(self, search: "_Search", replay_again: Callable[[str, Outcome], Replay]):
        self._found = tuple(search.found.values())
        self._names = tuple(search.walk.stepper.names)
        self.executed = search.executed
        self.drawn = search.drawn
        self.polling = search.walk.polled
        self.left_taken = dict(search.walk.left_taken)
        self._step_limit = search.walk.step_limit
        self._replay_again = replay_again
        self._examples: dict[Outcome, Replay] = {}
        traces: dict[Outcome, list[Trace | OneOrder]] = {}
        for trace, outcome, _ in self._found:
            traces.setdefault(outcome, []).append(trace)
        self._interleavings_of = {end: Interleavings(some) for end, some in traces.items()}
        self.interleavings = sum(some.count for some in self._interleavings_of.values())
        self.complete = search.complete and not self._cut
        self.estimate = self.interleavings
        if not search.complete:
            self.estimate = max(_rounded(search.estimate), self.interleavings + 1)
        self.failures = Interleavings(trace for trace, _, holds in self._found if not holds)
        self.verdict = "complete" if self.complete else "inconclusive"
        if search.walk.judged and (self.failures or self.complete):
            self.verdict = "broken" if self.failures else "holds"

    @property
    def schedules(self) -> tuple[str, ...]:
        """All interleavings, sorted.

        Raises:
            ValueError: there are more than can be listed.
        """
        if self.interleavings > MOST_LISTED:
            raise ValueError(
                f"schedules lists at most {MOST_LISTED:,} interleavings, and there are "
                f"{number_words(self.interleavings)}: use interleavings_of(outcome), which yields "
                "them one by one, plainest first, or example(outcome)"
            )
        return tuple(Interleavings(trace for trace, _, _ in self._found).in_order())

    @property
    def traces(self) -> tuple[tuple[Trace | OneOrder, Outcome, bool], ...]:
        """(trace, how it ends, whether the invariant holds) for each that was run."""
        return self._found

    def together(self, target: str) -> set[str]:
        """Return the pairs of workers that can be at work on something at the same time.

        Args:
            target: a shared object, such as ``"receipts"``, or a part of it, by the name that steps
                have.

        Returns:
            The pairs, such as ``{"AB"}``: in some interleaving that was found, each of the two has
            taken its first step on the target before the other has taken its last. Locks that are
            held for longer than they are needed show in what is missing here.

        Raises:
            ValueError: it is no shared object, nor a part of one.
        """
        if not any(is_part(str(target), name) for name in self._names):
            names = ", ".join(map(repr, self._names))
            raise ValueError(f"target must be one of {names}, or a part, not {short_repr(target)}")
        return set().union(*(trace.together(target) for trace, _, _ in self._found))

    def interleavings_of(self, outcome: Outcome) -> Interleavings:
        """Return the `Interleavings` that end so.

        Raises:
            TypeError: it is no `Outcome`.
            ValueError: none ends so.
        """
        if not isinstance(outcome, Outcome):
            raise TypeError(f"outcome must be one of the outcomes, not {short_repr(outcome)}")
        if outcome not in self._interleavings_of:
            known = "; ".join(str(known) for known in list(self.outcomes)[:MOST_WORDS])
            raise ValueError(f"no schedule ended with {outcome}. The outcomes are: {known}")
        return self._interleavings_of[outcome]

    def example(self, outcome: Outcome) -> Replay:
        """Return the `Replay` that ends so with the fewest switches, the first alphabetically.

        It is run now, from the memory that the exploration began with.

        Raises:
            TypeError: it is no `Outcome`.
            ValueError: none ends so.
        """
        some = self.interleavings_of(outcome)
        if outcome not in self._examples:
            self._examples[outcome] = self._replay_again(some.plainest, outcome)
        return self._examples[outcome]

    @cached_property
    def outcomes(self) -> Outcomes:
        """Counter from `Outcome` to the number of interleavings that end so, the most frequent
        first; where they are few, of those as frequent the one with the plainest example."""
        few = len(self._interleavings_of) <= MOST_WORDS

        def place(item):
            _, some = item
            return -some.count, *((switches(some.plainest), some.plainest) if few else ())

        ranked = sorted(self._interleavings_of.items(), key=place)
        return Outcomes(((end, some.count) for end, some in ranked), self.complete)

    @cached_property
    def _cut(self):
        ends = self._interleavings_of.items()
        return sum(some.count for outcome, some in ends if outcome.kind == "cut")

    def __repr__(self):
        lines = [self._headline()]
        if self._cut:
            lines.append(
                f"{number_words(self._cut)} of them were cut after {self._step_limit:,} steps: "
                "increase step_limit"
            )
        lines += self.outcomes.lines(
            lambda end: f"  {end}  such as {schedule_words(self.interleavings_of(end).plainest)}"
        )
        if self.verdict == "holds":
            endless = any(outcome.kind == "livelock" for outcome in self.outcomes)
            lines.append(f"the invariant holds in all {'that end' if endless else 'of them'}")
        elif self.failures:
            lines.append(
                f"the invariant is broken in {number_words(self.failures.count)}, "
                f"such as {schedule_words(self.failures.plainest)}"
            )
        if self.drawn:
            lines.append(self._drawn_words())
        if self.polling:
            lines.append(
                "a polling worker was set aside until something changed"
                + ", and every interleaving was run" * self.complete
            )
        return "\n".join(lines)

    def _headline(self):
        if self.interleavings < self.estimate:
            known = short_number(self.interleavings)
            words = f"{known} of about {short_number(self.estimate)} interleavings"
        else:
            words = (
                f"{number_words(self.interleavings)} interleaving{'s' * (self.interleavings != 1)}"
            )
        every = self.executed == self.interleavings
        every = every or self.executed > self.interleavings == self.estimate
        executed = "all" if every else f"{self.executed:,}"
        undecided = "inconclusive: " * (self.verdict == "inconclusive")
        outcomes = counted(len(self.outcomes), "outcome") + " so far" * (not self.complete)
        return f"{undecided}{words}, {executed} executed: {outcomes}"

    def _drawn_words(self):
        bad: Counter[str] = Counter()
        for (outcome, holds), count in self.drawn.items():
            if not holds:
                bad["broke the invariant"] += count
            elif outcome.kind != "finished":
                bad[f"ended in {outcome.kind}"] += count
        words = " and ".join(f"{count:,} {what}" for what, count in bad.items())
        return f"of {self.drawn.total():,} drawn at random, {words or 'all finished'}"


@sentence_alone
def explore(
    workers: Iterable[Worker],
    *shared: Shared,
    invariant: Invariant | None = None,
    always: Invariant | None = None,
    reduce: bool = True,
    limit: int | None = None,
    seconds: float = SECONDS,
    step_limit: int = STEP_LIMIT,
    timeout: float = 10.0,
    start_method: str | None = None,
) -> Exploration:
    """Run the workers under every interleaving, on real processes, and put the memory back.

    Of interleavings that differ only in the order of steps without conflict, one is run: two steps
    conflict where they touch the same bytes and one of them writes, or where they work on the same
    lock. If there is not time for all of them, as many schedules again are run in another order:
    those with the fewest preemptions, and some drawn at random.

    Args:
        workers: list of functions, or of functools.partial of one.
        *shared: the shared objects, handed to every worker in this order.
        invariant: a function of the shared objects that returns something true if all is well at
            the end of a schedule; an AssertionError counts as false, None is an error. If it has a
            parameter `results`, it is given what the workers returned.
        always: the same, but without `results`, checked at the start and after each step that
            leaves no lock held. A semaphore that is taken holds nothing back: anyone may give it,
            so nobody can tell whether it guards something. Use a Lock.
        reduce: False to run every single interleaving.
        limit: how many schedules to run at most, and as many again if these do not suffice. The
            same ones are run every time. None: as many as there is time for.
        seconds: how long to look for an answer, if there is no limit.
        step_limit: how many steps a schedule may have; a longer one is cut, and its end is not
            judged.
        timeout: seconds that a worker may take from one step to the next; its process has ten at
            least to start.
        start_method: as for `run`. None in place of "spawn" takes less time on Linux, where the
            processes are then copied from one that has loaded the engine.

    Returns:
        An `Exploration`.

    Raises:
        TypeError, ValueError: an argument does not fit; no process was started.
        TypeError: `invariant` or `always` returned None.
        WorkerError: a worker was killed, could not be imported, or did not do the same after the
            same steps.
        WorkerTimeoutError: a worker took too long.
    """
    check_flag("reduce", reduce)
    if limit is not None:
        check_whole("limit", limit)
    check_whole("step_limit", step_limit)
    check_seconds("seconds", seconds)
    for name, function in (("invariant", invariant), ("always", always)):
        if function is not None:
            check_invariant(name, function, shared)
    workers = checked_workers(workers, shared)
    options: dict[str, Any] = {"timeout": timeout, "start_method": start_method}

    def replay_again(schedule, outcome):
        now = [(memory, bytes_of(memory)) for memory, _ in start]
        _set(start)
        try:
            with Stepper(workers, *shared, **options) as stepper:
                stepper.rewind(schedule)
                return Replay(stepper, step_limit, outcome)
        finally:
            _set(now)

    with (
        Stepper(workers, *shared, **options) as stepper,
        Progress("schedules") as progress,
        stepper.stop_button,
    ):
        start = stepper.initial
        budget = _Budget(limit, seconds)
        search = _Search(Walk(stepper, shared, invariant, always, step_limit), budget, progress)
        search.run(reduce)
        return Exploration(search, replay_again)


def _set(memories):
    for memory, held in memories:
        ctypes.memmove(ctypes.addressof(memory), held, len(held))


# So many schedules are never run, and a float can hold the number.
ENDLESS = 10**15


class _Budget:
    """How many schedules may be run, or for how long.

    Half is for the search that can be complete, a quarter for the schedules of fewest preemptions,
    a quarter for those at random. A limit is the limit of the first half.
    """

    def __init__(self, limit, seconds):
        self._limit = limit and min(limit, ENDLESS)
        self._seconds = seconds
        self._began = time.monotonic()

    def used(self, executed: int) -> float:
        """Return the share that is used up."""
        if self._limit is not None:
            return executed / (2 * self._limit)
        return (time.monotonic() - self._began) / self._seconds


class _Search:
    """The search for outcomes, and what it has found.

    Attributes:
        walk: the `Walk`.
        found: from the name of a trace to (trace, outcome, whether the invariant holds).
        executed: how many schedules were run.
        complete: True where all were.
        drawn: likewise of an `Exploration`.
        estimate: of how many interleavings there are, where it is not complete.
    """

    def __init__(self, walk: Walk, budget: _Budget, progress: Progress):
        self.walk = walk
        self._budget = budget
        self._progress = progress
        self._counter = ExtensionCounter()
        self._forget()

    def run(self, reduce: bool) -> None:
        """Search, and begin again where it turns out that another way must be taken."""
        try:
            self._search(reduce)
        except MisledError:
            self._forget()
            self._search(reduce)

    def _search(self, reduce):
        if reduce:
            try:
                return self._run_all(Optimal(self.walk).executions(), self._add_trace)
            except NotReducibleError:
                self._forget()
        every = EveryOrder(self.walk)
        self._run_all(every.executions(), self._add_order)
        self._add_livelocks(every)

    def _run_all(self, executions, add):
        """Run executions to their end, or if there is no time for that, some in other orders."""
        walk = self.walk
        self.complete = self._run(executions, 0.5, add)
        if add == self._add_trace and any(end.kind == "cut" for _, end, _ in self.found.values()):
            self.complete = False  # what comes after the cut was not turned round
        if not self.complete:
            self.complete = self._run(fewest_preemptions(walk), 0.75, add)
        if not self.complete:
            at_random = AtRandom(walk, [trace.schedule for trace, _, _ in self.found.values()])

            def add_drawn():
                ended = add()
                if ended:
                    self.drawn[ended] += 1

            self._run(at_random.executions(), 1, add_drawn)
            self.estimate = at_random.estimate
        first = next(iter(self.found.values()), None)
        if first:
            walk.start(first[0].schedule)  # once more: a worker may keep something from run to run

    def _forget(self):
        self.found: dict[object, tuple[Trace | OneOrder, Outcome, bool]] = {}
        self.executed = self.estimate = 0
        self.complete = False
        self.drawn: Counter[tuple[Outcome, bool]] = Counter()

    def _run(self, executions, share, add):
        """Run schedules and note how they end, up to a share of the budget; True where all are."""
        for more in executions:
            try:
                add()
            except TooManyError:
                return False
            self.executed += 1
            used = self._budget.used(self.executed)
            self._progress.update(self.executed, round(self.executed / min(used or 1, 1)))
            if used >= share:
                return not more
        return True

    def _add_trace(self):
        walk = self.walk
        if walk.polled:
            raise NotReducibleError("a worker polls")
        name = walk.past.trace
        outcome, holds = walk.end()
        if name not in self.found:
            count = self._counter.count(walk.past.last)
            self.found[name] = Trace(walk.past, count), outcome, holds
        return self.found[name][1:]

    def _add_order(self):
        walk = self.walk
        if walk.stepper.recurrence.came_back is not None and walk.stepper.ready:
            return None
        order = OneOrder(walk.schedule, [event.request.target for event in walk.past.events])
        self.found[order.name] = order, *walk.end()
        return self.found[order.name][1:]

    def _add_livelocks(self, every):
        """Make outcomes of the ways that lead back and can go on forever, with nobody left out."""
        groups: dict[tuple[int, str], list[Return]] = {}
        for each in every.returns:
            group = every.cycles.fair_group(each.configuration)
            if group is not None:
                groups.setdefault(group, []).append(each)
        for (_, everyone), returns in groups.items():
            # One outcome for all: told by a way that is fair by itself, with as many workers on it
            # as there are.
            told = min(
                returns,
                key=lambda r: (not r.fair, -len(set(r.letters)), switches(r.schedule), r.schedule),
            )
            self.walk.start(told.schedule)
            outcome = self.walk.stepper.livelock(told.letters, everyone)
            for each in returns:
                self.found[each.schedule] = OneOrder(each.schedule), outcome, True


def _rounded(number):
    """Return a number rounded to two digits."""
    return round(number, 2 - len(str(number)))
