"""replay(): workers under a chosen interleaving, on real processes, one step at a time."""

from collections.abc import Iterable
from functools import cached_property

from ..checks import check_flag, check_whole
from ..memory.objects import Shared
from ..shown import Shown
from ..words import short_lines
from .aliases import Worker
from .anomalies import Anomaly, blind_writes, lost_updates, torn_reads
from .arguments import checked_schedule
from .errors import sentence_alone
from .outcome import Outcome, memory_words
from .stepper import STEP_LIMIT, Stepper

# At most this many of each kind of anomaly are put in words.
MOST_ANOMALIES = 3


class Replay(Shown):
    """What happened under one schedule.

    Attributes:
        schedule: a letter for each step.
        steps: the `Step` of each.
        outcome: the `Outcome` at the end.
        names: of the shared objects.
        workers: letter and name of each worker.
        start: content of the shared objects before the first step.
        blocked: from the letter of each worker that waits at the end to what for, in words.
        raised: from the letter of each worker that raised to where: the line and its file.
        output: what each worker wrote to stdout and stderr.
    """

    def __init__(
        self, stepper: Stepper, step_limit: int = STEP_LIMIT, outcome: Outcome | None = None
    ):
        self.outcome = outcome or stepper.end(step_limit)
        self.schedule = stepper.schedule
        self.steps = tuple(stepper.steps)
        self.names = stepper.names
        self.workers = stepper.workers
        self.start = stepper.start
        self.blocked = stepper.blocked
        self.raised = stepper.raised_at
        self.output = stepper.output

    @cached_property
    def lost_updates(self) -> list[Anomaly]:
        """Writes that go back to a read since which another worker has written."""
        return lost_updates(self.steps)

    @cached_property
    def torn_reads(self) -> list[Anomaly]:
        """Reads that got one part from before and another from after another worker's writes."""
        return torn_reads(self.steps)

    @cached_property
    def blind_writes(self) -> list[Anomaly]:
        """Writes over what another worker has written, by one that never read it."""
        return blind_writes(self.steps)

    def __repr__(self):
        lines = [f"schedule {self.schedule}: {', '.join(self.workers)}"]
        texts = [f"{step.worker}  {step}" for step in self.steps]
        wide = max(map(len, texts), default=0)
        for number, (text, step) in enumerate(zip(texts, self.steps, strict=True), 1):
            words = memory_words(self.names, step.memory)
            lines.append(f"{number:>3}  {text:<{wide}}   {words}".rstrip())
        lines.append(str(self.outcome))
        lines += [f"{letter} raised it in {where}" for letter, where in self.raised.items()]
        for anomalies in (self.lost_updates, self.torn_reads, self.blind_writes):
            lines += [anomaly.words for anomaly in anomalies[:MOST_ANOMALIES]]
            if len(anomalies) > MOST_ANOMALIES:
                lines.append(f"and {len(anomalies) - MOST_ANOMALIES:,} more like this")
        for worker, output in zip(self.workers, self.output, strict=True):
            lines += [f"{worker} wrote: {line}" for line in short_lines(output)]
        return "\n".join(lines)


@sentence_alone
def replay(
    schedule: str,
    workers: Iterable[Worker],
    *shared: Shared,
    unfinished: bool = False,
    step_limit: int = STEP_LIMIT,
    timeout: float = 10.0,
    start_method: str | None = None,
) -> Replay:
    """Run the workers under one schedule, on real processes, and put the memory back.

    Args:
        schedule: a letter for each step, A for the first worker, such as ``"ABAB"``. Spaces are
            ignored.
        workers: list of functions, or of functools.partial of one.
        *shared: the shared objects, handed to every worker in this order.
        unfinished: True if the schedule may stop halfway; it is shown as far as it goes.
        step_limit: a schedule of this many steps need not end; if it does not, it is cut.
        timeout: seconds that a worker may take from one step to the next; its process has ten at
            least to start.
        start_method: as for `run`. None in place of "spawn" takes less time on Linux, where the
            processes are then copied from one that has loaded the engine.

    Returns:
        A `Replay`.

    Raises:
        TypeError, ValueError: an argument does not fit, or a step of the schedule cannot be taken.
        WorkerError: a worker was killed, or could not be imported.
        WorkerTimeoutError: a worker took too long.
    """
    schedule = checked_schedule(schedule)
    check_flag("unfinished", unfinished)
    check_whole("step_limit", step_limit)
    with Stepper(workers, *shared, timeout=timeout, start_method=start_method) as stepper:
        for letter in schedule:
            stepper.grant(letter)
        return Replay(stepper, step_limit, stepper.so_far() if unfinished else None)
