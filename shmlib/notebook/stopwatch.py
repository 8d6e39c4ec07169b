"""A stopwatch that is fair: what is compared takes turns, each round in another order.

Were one measured after the other, a machine that gets busy meanwhile would slow down only the last.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random

from ..checks import check_whole
from ..engine.aliases import Worker
from ..engine.arguments import checked_workers, fitting_start_method
from ..engine.carried import shared_in
from ..engine.run import run
from ..progress import Progress
from ..shown import Shown
from ..words import short_repr, time_words
from ..workers import costs

ROUNDS = 10
# How many seconds all rounds of `workers` may take together; a busy machine needs a few.
TIMEOUT = 50.0


class Timings(Shown):
    """How long each of several ways took, in seconds.

    Attributes:
        what: what was timed, such as "time for one addition".
        times: from the name of a way to its times, one for each round.
        medians: from the name of a way to the median of its times.
        quartiles: from the name of a way to the two times that bound the middle half.
        fastest_first: the names, in the order of their quickest rounds, which other work on the
            machine disturbs the least.
    """

    def __init__(self, what: str, times: Mapping[str, Sequence[float]]):
        self.what = what
        self.times = dict(times)
        self.medians: dict[str, float] = {}
        self.quartiles: dict[str, tuple[float, float]] = {}
        for name, seconds in times.items():
            first, self.medians[name], third = statistics.quantiles(
                seconds, n=4, method="inclusive"
            )
            self.quartiles[name] = first, third
        self.fastest_first = sorted(self.times, key=lambda name: min(self.times[name]))

    def __repr__(self):
        rounds = min(map(len, self.times.values()))
        lines = [f"{self.what}: the median of {rounds} rounds (the middle half of them)"]
        for name, middle in self.medians.items():
            first, third = map(time_words, self.quartiles[name])
            lines.append(f"{name}: {time_words(middle)} ({first} to {third})")
        return "\n".join(lines)

    def factor(self, slow: str, fast: str) -> float:
        """Return how many times as long one way took as another.

        Raises:
            ValueError: there is no such way.
        """
        for name in (slow, fast):
            if name not in list(self.medians):
                raise ValueError(
                    f"no way called {short_repr(name)} was measured; "
                    f"the ways are {', '.join(self.medians)}"
                )
        return self.medians[slow] / self.medians[fast]

    def at_least(self, factor: float, slow: str, fast: str) -> str:
        """Say whether one way took at least so many times as long as another.

        Raises:
            TypeError: factor is no number.
            ValueError: there is no such way.
        """
        if isinstance(factor, bool) or not isinstance(factor, int | float):
            raise TypeError(f"factor must be a number, such as 10, not {short_repr(factor)}")
        found = self.factor(slow, fast)
        answer = "Yes." if found >= factor else f"No, {found:.2g} times."
        return f'Does "{slow}" take at least {factor:g} times as long as "{fast}"? {answer}'


def calls(
    ways: Mapping[str, Callable[[], object]],
    what: str,
    rounds: int = ROUNDS,
    expected: object = None,
) -> Timings:
    """Call each function once a round, in an order that changes from round to round.

    Args:
        ways: from a name to a function without arguments.
        what: what is timed, such as "time for one sum".
        rounds: how many, 3 or more; the first, which is slower, is not counted.
        expected: what each call must give, None for anything.

    Returns:
        `Timings`.

    Raises:
        TypeError, ValueError: an argument does not fit, or there are too few rounds, or no ways.
        RuntimeError: a call gave something other than expected.
    """
    _check(ways, rounds)
    for name, function in ways.items():
        if not callable(function):
            raise TypeError(
                f"ways[{short_repr(name)}] must be a function, not {short_repr(function)}"
            )
    finest = time.get_clock_info("perf_counter").resolution  # 1 us on some systems
    times: dict[str, list[float]] = {name: [] for name in ways}
    shuffled = Random(0)
    with Progress("rounds") as progress:
        for number in range(rounds):
            for name in shuffled.sample(list(ways), len(ways)):
                before = time.perf_counter()
                got = ways[name]()
                times[name].append(max(time.perf_counter() - before, finest))
                if expected is not None and got != expected:
                    raise RuntimeError(f"{name} gave {got!r} instead of {expected!r}")
            progress.update(number + 1, rounds)
    return Timings(what, {name: seconds[1:] for name, seconds in times.items()})


def workers(
    ways: Mapping[str, Sequence[Worker]],
    what: str,
    per: int = 1,
    rounds: int = ROUNDS,
) -> Timings:
    """Run the workers of each way once a round, at the same time, in processes that wait for them.

    The order changes from round to round. The start of the processes is not counted. Where a way
    has fewer workers than another, the processes left over rest.

    Args:
        ways: from a name to a list of functions without arguments, each for a process of its own;
            `functools.partial` holds the shared objects.
        what: what is timed, such as "time for one addition".
        per: how often a worker does that; its time is divided by this.
        rounds: how many, 3 or more; the first, which is slower, is not counted.

    Returns:
        `Timings`; the time of several workers is that of the slowest.

    Raises:
        TypeError, ValueError: an argument does not fit, or there are too few rounds, or no ways.
        WorkerError: a worker raised.
    """
    _check(ways, rounds)
    check_whole("per", per)
    for name, together in ways.items():
        if not isinstance(together, Sequence) or isinstance(together, str):
            raise TypeError(
                f"ways[{short_repr(name)}] must be a list of workers, not {short_repr(together)}"
            )
        if not together:
            raise ValueError(
                f"ways[{short_repr(name)}] must be a list of one or more workers, not an empty one"
            )
        try:
            checked_workers(together, ())
        except (TypeError, ValueError) as error:
            raise type(error)(f"ways[{short_repr(name)}]: {error}") from None
    processes = max(map(len, ways.values()))
    crew = []
    for place in range(processes):
        tasks = [way[place] if place < len(way) else None for way in ways.values()]
        crew.append(partial(costs.in_rounds, tasks=tasks, rounds=rounds))
    method = fitting_start_method(shared_in(crew), None)
    barrier = multiprocessing.get_context(method).Barrier(processes)
    results = run(crew, barrier, start_method=method, timeout=TIMEOUT).results
    times = {}
    for row, (name, together) in enumerate(ways.items()):
        each_round = zip(*(seconds[row] for seconds in results[: len(together)]), strict=True)
        times[name] = [max(seconds) / per for seconds in each_round][1:]
    return Timings(what, times)


def _check(ways, rounds):
    if not isinstance(ways, Mapping):
        raise TypeError(
            f"ways must be a dictionary such as {{'loop': function}}, not {short_repr(ways)}"
        )
    if not ways:
        raise ValueError("ways must hold at least one way to measure, such as {'loop': function}")
    check_whole("rounds", rounds, least=3)  # the first is not counted
