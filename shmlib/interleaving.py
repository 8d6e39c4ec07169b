"""replay() and explore(): workers under a chosen, or under every, interleaving.

Both run real processes on the real shared memory, one step at a time (see `stepper`).
"""

import random
from collections import Counter
from itertools import pairwise

from .processes import WorkerError
from .progress import Progress
from .stepper import STEP_LIMIT, Stepper, memory_words

LIMIT = 10_000
# An exploration also stops at this many steps for each interleaving that `limit` allows.
STEPS_EACH = 50
# Interleavings drawn at random to estimate how many there are.
PROBES = 100


class Replay:
    """What happened under one schedule.

    Attributes:
        schedule: a letter for each step.
        steps: the `Step` of each.
        outcome: the `Outcome` at the end.
        names: of the shared objects.
        workers: letter and name of each worker.
        start: content of the shared objects before the first step.
        blocked: from the letter of each worker that waits at the end to what for, in words.
        output: what each worker wrote to stdout and stderr.
    """

    def __init__(self, stepper, step_limit=STEP_LIMIT):
        self.outcome = stepper.end(step_limit)
        self.schedule = stepper.schedule
        self.steps = tuple(stepper.steps)
        self.names = stepper.names
        self.workers = stepper.workers
        self.start = stepper.start
        self.blocked = stepper.blocked
        self.output = stepper.output

    @property
    def lost_updates(self):
        """The lost updates, each as (number of the overwritten step, of the last step, words)."""
        return lost_updates(self.steps)

    def __repr__(self):
        lines = [f"schedule {self.schedule}: {', '.join(self.workers)}"]
        texts = [f"{step.worker}  {step}" for step in self.steps]
        wide = max(map(len, texts), default=0)
        for number, (text, step) in enumerate(zip(texts, self.steps, strict=True), 1):
            words = memory_words(self.names, step.memory)
            lines.append(f"{number:>3}  {text:<{wide}}   {words}".rstrip())
        lines.append(str(self.outcome))
        lines += [words for _, _, words in self.lost_updates]
        for worker, output in zip(self.workers, self.output, strict=True):
            lines += [f"{worker} wrote: {line}" for line in output.splitlines()]
        return "\n".join(lines)

    def _repr_html_(self):
        from .figures import timeline

        return timeline(self)._repr_html_()


class Exploration:
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

    def __init__(self, ends, complete, failures, estimate, polling, judged, examples):
        self.ends = ends
        self.complete = complete
        self.failures = failures
        self.estimate = estimate
        self.polling = polling
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
        outcomes = _count(len(self.outcomes), "outcome")
        lines = [f"{_count(total, 'interleaving')}, all run: {outcomes}"]
        if not self.complete:
            about = f"{total:,} of about {self.estimate:,} interleavings were run"
            lines = [f"inconclusive: {about}: {outcomes} so far"]
        wide = len(f"{max(self.outcomes.values()):,}")
        for outcome, count in self.ranked:
            schedule = self._examples[outcome].schedule
            lines.append(f"{count:>{wide},} of {total:,}  {outcome}  such as {schedule}")
        if self.verdict == "holds":
            lines.append("the invariant holds in all of them")
        elif self.failures:
            first = min(self.failures, key=_plainness)
            lines.append(f"the invariant is broken in {len(self.failures):,}, such as {first}")
        if self.polling:
            lines.append("a worker that polls was set aside until something changed")
        return "\n".join(lines)

    def _repr_html_(self):
        from .figures import interleavings

        return interleavings(self)._repr_html_()


def replay(schedule, workers, *shared, step_limit=STEP_LIMIT, timeout=10.0, start_method=None):
    """Run the workers under one schedule, on real processes, and put the memory back.

    Args:
        schedule: a letter for each step, A for the first worker, such as ``"ABAB"``.
        workers: list of functions, or of functools.partial of one.
        *shared: the shared objects, handed to every worker in this order.
        step_limit: a schedule of so many steps need not end; it is a livelock if it does not.
        timeout: seconds that a worker may take from one step to the next.
        start_method: as for `run`.

    Returns:
        A `Replay`.

    Raises:
        TypeError, ValueError: an argument does not fit, or a step of the schedule cannot be taken.
        WorkerError: a worker was killed, or could not be imported.
        WorkerTimeoutError: a worker took too long.
    """
    if not isinstance(schedule, str):
        raise TypeError(f'schedule must be a string such as "ABAB", not {schedule!r}')
    with Stepper(workers, *shared, timeout=timeout, start_method=start_method) as stepper:
        for letter in schedule:
            stepper.grant(letter)
        return Replay(stepper, step_limit)


def explore(
    workers,
    *shared,
    invariant=None,
    limit=LIMIT,
    step_limit=STEP_LIMIT,
    timeout=10.0,
    start_method=None,
):
    """Run the workers under every interleaving, on real processes, and put the memory back.

    Args:
        workers: list of functions, or of functools.partial of one.
        *shared: the shared objects, handed to every worker in this order.
        invariant: a function of the shared objects, judged when a schedule has ended.
        limit: interleavings at most, and 50 times as many steps.
        step_limit: steps at most in one schedule; one that still goes on is a livelock.
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
    if invariant is not None and not callable(invariant):
        raise TypeError(f"invariant must be a function of the shared objects, not {invariant!r}")
    with (
        Stepper(workers, *shared, timeout=timeout, start_method=start_method) as stepper,
        Progress("interleavings") as progress,
    ):
        return _Search(stepper, shared, invariant, limit, step_limit, progress).run()


# ------------------------------------------------------------------------ every interleaving


class _Search:
    """A depth-first walk through all interleavings, each run from the start."""

    def __init__(self, stepper, shared, invariant, limit, step_limit, progress):
        self.stepper = stepper
        self.shared = shared
        self.invariant = invariant
        self.limit = limit
        self.step_limit = step_limit
        self.progress = progress
        self.steps = 0
        self.ends = {}
        self.failures = []
        self.polling = False

    def run(self):
        with self.stepper.patience:
            return self._run()

    def _run(self):
        choices = []  # for each step: the letters that remain to be tried, the one taken first
        fates = []  # for each step: what its worker did next
        first = {letter: self._fate(letter) for letter in self.stepper.letters}
        while True:
            for letter, fate in first.items():
                self._check(fate, self._fate(letter), letter)
            for depth, letters in enumerate(choices):
                self.stepper.advance(letters[0])
                if depth < len(fates):
                    self._check(fates[depth], self._fate(letters[0]), letters[0])
                else:
                    fates.append(self._fate(letters[0]))
            self._finish(choices, fates)
            while choices and len(choices[-1]) == 1:
                choices.pop()
            if not choices:
                return self._exploration(complete=True, estimate=len(self.ends))
            choices[-1].pop(0)
            del fates[len(choices) - 1 :]
            if len(self.ends) >= self.limit or self.steps >= self.limit * STEPS_EACH:
                return self._exploration(complete=False, estimate=self._estimate())
            self.stepper.rewind()

    def _finish(self, choices, fates):
        """Go on to the end of this schedule, always with the first choice, and note how it ends."""
        stepper = self.stepper
        outcome = None
        while len(stepper.schedule) < self.step_limit and (ready := stepper.ready):
            letters, fresh = self._choices(ready)
            if not fresh and (outcome := stepper.outcome):
                break  # a livelock: all that can go on have been seen to go round in vain
            choices.append(letters)
            stepper.advance(letters[0])
            fates.append(self._fate(letters[0]))
        schedule = stepper.schedule
        self.steps += len(schedule)
        outcome = outcome or stepper.end(self.step_limit)
        self.ends[schedule] = outcome
        if self.invariant:
            stepper.settle_memory()
            if not self.invariant(*self.shared):
                self.failures.append(schedule)
        self.progress.update(len(self.ends), self.limit)

    def _choices(self, ready):
        """Return who may be tried next, and True; or one of those that poll in vain, and False."""
        spinning = self.stepper.spinning
        if not spinning:
            return ready, True
        fresh = [letter for letter in ready if letter not in spinning]
        self.polling = self.polling or len(fresh) < len(ready)
        if fresh:
            return fresh, True
        schedule = self.stepper.schedule
        return [min(ready, key=schedule.rfind)], False

    def _fate(self, letter):
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
        draw = random.Random(0)
        total = 0
        for _ in range(PROBES):
            self.stepper.rewind()
            product = 1
            while len(self.stepper.schedule) < self.step_limit and (ready := self.stepper.ready):
                letters, _ = self._choices(ready)
                product *= len(letters)
                self.stepper.advance(draw.choice(letters))
            total += product
        mean = total // PROBES
        return max(round(mean, 2 - len(str(mean))), len(self.ends) + 1)

    def _exploration(self, complete, estimate):
        ends = {schedule: self.ends[schedule] for schedule in sorted(self.ends)}
        best = {}
        for schedule, outcome in ends.items():
            if outcome not in best or _plainness(schedule) < _plainness(best[outcome]):
                best[outcome] = schedule
        examples = {}
        for outcome, schedule in best.items():
            self.stepper.rewind(schedule)
            examples[outcome] = Replay(self.stepper, self.step_limit)
        failures = tuple(sorted(self.failures))
        judged = self.invariant is not None
        return Exploration(ends, complete, failures, estimate, self.polling, judged, examples)


def _plainness(schedule):
    """Sort key: fewest switches first, then alphabetically."""
    return sum(a != b for a, b in pairwise(schedule)), schedule


def lost_updates(steps):
    """Find writes that go back to a read since which another worker has written.

    Args:
        steps: of a `Replay`.

    Returns:
        A list of (number of the overwritten step, number of the step that overwrote it, words),
        numbers counted from 0.
    """
    found = []
    several = len({step.target for step in steps if step.action == "write"}) > 1
    last_read, last_write = {}, {}
    for number, step in enumerate(steps):
        place = step.worker, step.target
        if step.raised:
            continue
        if step.action == "read":
            last_read[place] = number
        elif step.action == "write":
            over = last_write.get(step.target)
            read = last_read.get(place)
            if over is not None and read is not None and read < over:
                other = steps[over].worker
                if other != step.worker:
                    what = f" in {step.target}" if several else ""
                    words = (
                        f"{step.worker} wrote {step.value!r} over {other}'s "
                        f"{steps[over].value!r}{what}: {other}'s update is lost"
                    )
                    found.append((over, number, words))
            last_write[step.target] = number
    return found


def _count(number, noun):
    return f"{number:,} {noun}" + "s" * (number != 1)
