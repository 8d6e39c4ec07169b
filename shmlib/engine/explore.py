"""explore(): workers under every interleaving, on real processes."""

import random
from collections import Counter
from inspect import signature
from itertools import pairwise

from ..progress import Progress
from ..shown import Shown
from ..words import counted, schedule_words
from .cycles import Cycles
from .errors import WorkerError, sentence_alone
from .replay import Replay
from .stepper import STEP_LIMIT, Stepper

LIMIT = 10_000
# An exploration also stops at this many steps for each interleaving that `limit` allows.
STEPS_EACH = 50
# Interleavings drawn at random to estimate how many there are.
PROBES = 100
# So many steps are taken for it at most.
PROBE_STEPS = 10_000
# Outcomes that an invariant can be judged by.
ENDED = ("finished", "error", "deadlock")


class Exploration(Shown):
    """What happened under every interleaving, or under as many as the limit allowed.

    Attributes:
        complete: True where every interleaving was run.
        schedules: all that were run, sorted.
        outcomes: Counter from `Outcome` to the number of schedules that ended so.
        failures: the schedules after which the invariant did not hold.
        estimate: how many interleavings there are; about how many, where it was stopped.
        polling: True where a worker that polled was set aside until something changed.
        verdict: "holds" or "broken" for the invariant, "complete" without one; "inconclusive"
            where it was stopped before anything was found broken.
    """

    def __init__(
        self, ends, *, complete, failures, estimate, polling, judged, examples, step_limit
    ):
        self.ends = ends
        self.complete = complete
        self.failures = failures
        self.estimate = estimate
        self.polling = polling
        self._step_limit = step_limit
        self.verdict = "complete" if complete else "inconclusive"
        if judged and (failures or complete):
            self.verdict = "broken" if failures else "holds"
        self.schedules = tuple(ends)
        self.outcomes = Counter(ends.values())
        self._examples = examples

    def example(self, outcome):
        """Return the `Replay` that ends so with the fewest switches, the first alphabetically.

        Raises:
            ValueError: no schedule ended so.
        """
        if outcome not in self._examples:
            known = "; ".join(str(known) for known in self._examples)
            raise ValueError(f"no schedule ended with {outcome}. The outcomes are: {known}")
        return self._examples[outcome]

    @property
    def ranked(self):
        """(outcome, number of schedules), the most frequent first."""
        return sorted(
            self.outcomes.items(),
            key=lambda item: (-item[1], self._examples[item[0]].schedule),
        )

    def __repr__(self):
        total = len(self.schedules)
        outcomes = counted(len(self.outcomes), "outcome")
        cut = sum(count for outcome, count in self.outcomes.items() if outcome.kind == "cut")
        lines = [f"{counted(total, 'interleaving')}, all run: {outcomes}"]
        if total < self.estimate:
            about = f"{total:,} of about {self.estimate:,} interleavings were run"
            lines = [f"inconclusive: {about}: {outcomes} so far"]
        elif cut:
            lines = [f"inconclusive: {counted(total, 'interleaving')}: {outcomes} so far"]
        if cut:
            lines.append(
                f"{cut:,} of them were cut after {self._step_limit:,} steps: raise step_limit"
            )
        wide = len(f"{max(self.outcomes.values()):,}")
        for outcome, count in self.ranked:
            schedule = self._examples[outcome].schedule
            lines.append(
                f"{count:>{wide},} of {total:,}  {outcome}  such as {schedule_words(schedule)}"
            )
        if self.verdict == "holds":
            endless = any(outcome.kind == "livelock" for outcome in self.outcomes)
            lines.append(f"the invariant holds in all {'that end' if endless else 'of them'}")
        elif self.failures:
            first = min(self.failures, key=_plainness)
            lines.append(
                f"the invariant is broken in {len(self.failures):,}, "
                f"such as {schedule_words(first)}"
            )
        if self.polling:
            lines.append("a worker that polls was set aside until something changed")
        return "\n".join(lines)


@sentence_alone
def explore(
    workers,
    *shared,
    invariant=None,
    always=None,
    limit=LIMIT,
    step_limit=STEP_LIMIT,
    timeout=10.0,
    start_method=None,
):
    """Run the workers under every interleaving, on real processes, and put the memory back.

    Args:
        workers: list of functions, or of functools.partial of one.
        *shared: the shared objects, handed to every worker in this order.
        invariant: a function of the shared objects that is to return what counts as true wherever
            a schedule has ended; an AssertionError counts as false. Where it has a parameter
            `results`, that is what the workers returned.
        always: the same, judged at the start and after each step while nobody holds a lock.
        limit: interleavings at most, and 50 times as many steps.
        step_limit: steps at most in one schedule; one that still goes on is cut, and not judged.
        timeout: seconds that a worker may take from one step to the next.
        start_method: as for `run`.

    Returns:
        An `Exploration`.

    Raises:
        TypeError, ValueError: an argument does not fit; no process was started for it.
        WorkerError: a worker was killed, could not be imported, or did not do the same after the
            same steps.
        WorkerTimeoutError: a worker took too long.
    """
    for name, number in (("limit", limit), ("step_limit", step_limit)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"{name} must be a whole number, not {number!r}")
        if number < 1:
            raise ValueError(f"{name} must be 1 or more, not {number}")
    for name, function in (("invariant", invariant), ("always", always)):
        if function is not None and not callable(function):
            raise TypeError(f"{name} must be a function of the shared objects, not {function!r}")
    with (
        Stepper(workers, *shared, timeout=timeout, start_method=start_method) as stepper,
        Progress("interleavings") as progress,
    ):
        return _Search(stepper, shared, invariant, always, limit, step_limit, progress).run()


class _Search:
    """A depth-first walk through all interleavings, each run from the start."""

    def __init__(self, stepper, shared, invariant, always, limit, step_limit, progress):
        self.stepper = stepper
        self.shared = shared
        self.invariant = invariant
        self.always = always
        self.limit = limit
        self.step_limit = step_limit
        self.progress = progress
        self.steps = 0
        self.ends = {}
        self.failures = []
        self.polling = False
        self.cycles = Cycles()
        self.returns = []  # (schedule, configuration it came back to, letters of the cycle)

    def run(self):
        with self.stepper.stop_button:
            return self._run()

    def _run(self):
        choices = []  # for each step: the letters that remain to be tried, the one taken first
        followed = []  # for each step: what its worker was about to do next
        sound = [self._holds_now()]  # for the start and each step: whether `always` held
        first = {letter: self._next_of(letter) for letter in self.stepper.letters}
        while True:
            self.cycles.begin(self.stepper)
            for letter, request in first.items():
                self._check(request, self._next_of(letter), letter)
            for depth, letters in enumerate(choices):
                if depth == len(followed):
                    self._go_on(letters[0], followed, sound)
                else:
                    self._advance(letters[0])
                    self._check(followed[depth], self._next_of(letters[0]), letters[0])
            self._finish(choices, followed, sound)
            while choices and len(choices[-1]) == 1:
                choices.pop()
            if not choices:
                return self._exploration(complete=True)
            choices[-1].pop(0)
            del followed[len(choices) - 1 :], sound[len(choices) :]
            tried = len(self.ends) + len(self.returns)
            if tried >= self.limit or self.steps >= self.limit * STEPS_EACH:
                return self._exploration(complete=False)
            self.stepper.rewind()

    def _finish(self, choices, followed, sound):
        """Go on to the end of this schedule, always with the first choice, and note how it ends."""
        stepper = self.stepper
        outcome = None
        while (ready := stepper.ready) and stepper.came_back is None:
            if len(stepper.schedule) >= self.step_limit or (outcome := stepper.outcome):
                break
            letters = self._choices(ready)
            choices.append(letters)
            self._go_on(letters[0], followed, sound)
        schedule = stepper.schedule
        self.steps += len(schedule)
        self.progress.update(len(self.ends) + len(self.returns), self.limit)
        if ready and stepper.came_back is not None:
            # Whatever follows from here follows from where it was before.
            self.returns.append((schedule, stepper.configuration, schedule[stepper.came_back :]))
            return
        outcome = outcome or stepper.end(self.step_limit)
        self.ends[schedule] = outcome
        holds = all(sound)
        if self.invariant and outcome.kind in ENDED:
            stepper.settle_memory()
            holds = self._holds(self.invariant, outcome.results) and holds
        if not holds:
            self.failures.append(schedule)

    def _go_on(self, letter, followed, sound):
        """Take a step that was not taken in this schedule before."""
        self._advance(letter)
        followed.append(self._next_of(letter))
        sound.append(self._holds_now())

    def _advance(self, letter):
        able = self.stepper.free
        self.stepper.advance(letter)
        self.cycles.follow(letter, able, self.stepper)

    def _holds_now(self):
        """True where `always` holds, or somebody holds a lock and may be half way."""
        if self.always is None or any(self.stepper.locks.values()):
            return True
        return self._holds(self.always, None)

    def _holds(self, invariant, results):
        """Judge what is shared now. An invariant may be stopped like any cell."""
        extra = {"results": results} if results is not None and _takes_results(invariant) else {}
        try:
            return bool(self.stepper.stop_button.wait(lambda: invariant(*self.shared, **extra)))
        except AssertionError:
            return False
        except Exception as error:
            error.add_note(f"The invariant raised this under schedule {self.stepper.schedule!r}.")
            raise

    def _choices(self, ready):
        """Return who may be tried next: who polls is set aside until something changes."""
        spinning = self.stepper.spinning
        self.polling = self.polling or bool(spinning)
        return [letter for letter in ready if letter not in spinning]

    def _next_of(self, letter):
        request = self.stepper.pending.get(letter)
        return request or "it ended"

    def _check(self, before, now, letter):
        if before != now and repr(before) != repr(now):  # NaN differs from itself
            worker = self.stepper.workers[self.stepper.letters.index(letter)]
            raise WorkerError(
                f"worker {worker} does not do the same after the same steps "
                f"{self.stepper.schedule!r}: first it went on to {before}, now to {now}. A worker "
                "under explore may depend on nothing but its arguments and the shared objects: "
                "not on the clock, nor on globals that it changes",
                worker=worker,
            )

    def _estimate(self):
        """Estimate the number of interleavings from random ones (Knuth 1975, Mathematics of
        Computation 29, 122-136): the mean of the product of the numbers of choices."""
        stepper = self.stepper
        draw = random.Random(0)
        total = drawn = steps = 0
        while drawn < PROBES and steps < PROBE_STEPS:
            stepper.rewind()
            product = 1
            while (ready := stepper.ready) and stepper.came_back is None:
                letters = self._choices(ready)
                if len(stepper.schedule) >= self.step_limit or not letters:
                    break
                product *= len(letters)
                stepper.advance(draw.choice(letters))
            total += product
            drawn += 1
            steps += len(stepper.schedule)
        mean = total // drawn
        return max(round(mean, 2 - len(str(mean))), len(self.ends) + 1)

    def _exploration(self, complete):
        self._add_livelocks()
        estimate = len(self.ends) if complete else self._estimate()
        ends = {schedule: self.ends[schedule] for schedule in sorted(self.ends)}
        best = {}
        for schedule, outcome in ends.items():
            if outcome not in best or _plainness(schedule) < _plainness(best[outcome]):
                best[outcome] = schedule
        examples = {}
        for outcome, schedule in best.items():
            self.stepper.rewind(schedule)
            examples[outcome] = Replay(self.stepper, self.step_limit, outcome)
        return Exploration(
            ends,
            complete=complete and not any(outcome.kind == "cut" for outcome in ends.values()),
            failures=tuple(sorted(self.failures)),
            estimate=estimate,
            polling=self.polling or bool(self.returns),
            judged=self.invariant is not None or self.always is not None,
            examples=examples,
            step_limit=self.step_limit,
        )

    def _add_livelocks(self):
        """Make outcomes of the returns that can go on for ever, with nobody left out."""
        groups = {}
        for schedule, configuration, letters in self.returns:
            group = self.cycles.fair_group(configuration)
            if group is not None:
                groups.setdefault(group, []).append((schedule, letters))
        for (_, everyone), returns in groups.items():
            # One outcome for all of them: with as many workers on the round as there are.
            schedule, letters = min(returns, key=lambda r: (-len(set(r[1])), _plainness(r[0])))
            self.stepper.rewind(schedule)
            outcome = self.stepper.livelock(letters, everyone)
            self.ends |= {schedule: outcome for schedule, _ in returns}


def _takes_results(invariant):
    try:
        return "results" in signature(invariant).parameters
    except (TypeError, ValueError):
        return False


def _plainness(schedule):
    """Sort key: fewest switches first, then alphabetically."""
    return sum(a != b for a, b in pairwise(schedule)), schedule
