"""The stopwatch: what is compared takes turns, and what it says follows from the times."""

import multiprocessing
import threading
import time
from functools import partial

import pytest

from shmlib import WorkerError, figures, stopwatch, words
from shmlib.notebook.explorers.grain_of_lock import measured
from shmlib.workers import costs, counter

SPAWN = multiprocessing.get_context("spawn")
TIMINGS = stopwatch.Timings("time", {"snail": [9.0, 10.0, 14.0], "hare": [2.0, 2.0, 2.0]})


def test_calls_take_turns_and_the_first_round_is_not_counted():
    called = []
    ways = {name: partial(called.append, name) for name in "abc"}
    timings = stopwatch.calls(ways, "time", rounds=4)
    turns = ["".join(called[start : start + 3]) for start in range(0, 12, 3)]
    assert {"".join(sorted(turn)) for turn in turns} == {"abc"}
    assert len(set(turns)) > 1
    assert [len(times) for times in timings.times.values()] == [3, 3, 3]
    assert min(min(times) for times in timings.times.values()) > 0


def test_a_call_that_gives_something_else_is_noticed():
    with pytest.raises(RuntimeError, match="wrong gave 4 instead of 3"):
        stopwatch.calls({"right": lambda: 3, "wrong": lambda: 4}, "time", expected=3)


def test_workers_take_turns_and_the_others_rest():
    value = SPAWN.Value("i", 0)
    adding = partial(counter.add_locked, value, 5)
    ways = {"one": [adding], "two": [adding, adding]}
    timings = stopwatch.workers(ways, "time", per=5, rounds=3)
    assert value.value == 3 * 5 * 3
    assert [len(times) for times in timings.times.values()] == [2, 2]


def test_the_time_of_several_workers_is_that_of_the_slowest_for_each_thing_done():
    ways = {"two": [partial(time.sleep, 0), partial(time.sleep, 0.05)]}
    timings = stopwatch.workers(ways, "time", per=10, rounds=3)
    assert timings.medians["two"] >= 0.005


def test_tasks_are_done_in_rounds_and_each_is_timed():
    done = []
    tasks = [partial(done.append, "a"), None, partial(time.sleep, 0.01), partial(done.append, "b")]
    seconds = costs.in_rounds(threading.Barrier(1), tasks, 3)
    assert [set(done[start : start + 2]) for start in (0, 2, 4)] == [{"a", "b"}] * 3
    assert [len(took) for took in seconds] == [3, 3, 3, 3]
    assert min(seconds[2]) >= 0.009


def test_a_worker_that_fails_is_named():
    with pytest.raises(WorkerError, match="TypeError"):
        stopwatch.workers({"bad": [partial(costs.add_to_own, times="x")]}, "time", rounds=3)
    with pytest.raises(TypeError, match=r"ways\['bad'\]: worker A is add_to_own\(times\)"):
        stopwatch.workers({"bad": [costs.add_to_own]}, "time", rounds=3)


def test_timings_say_their_medians_and_their_spread():
    assert TIMINGS.medians == {"snail": 10.0, "hare": 2.0}
    assert TIMINGS.quartiles["snail"] == (9.5, 12.0)
    assert TIMINGS.fastest_first == ["hare", "snail"]
    # The machine was busy while it was the turn of "quick".
    disturbed = stopwatch.Timings("time", {"slow": [5, 5, 6, 6], "quick": [9, 9, 9, 1]})
    assert disturbed.fastest_first == ["quick", "slow"]
    said = repr(TIMINGS)
    assert "the median of 3 rounds" in said and "snail: 10 s (9.5 s to 12 s)" in said
    assert figures.durations(TIMINGS).words == said


def test_timings_answer_with_a_yes_or_with_what_was_found():
    asked = 'Does "snail" take at least {} times as long as "hare"? {}'
    assert TIMINGS.factor("snail", "hare") == 5
    assert TIMINGS.at_least(5, "snail", "hare") == asked.format(5, "Yes.")
    assert TIMINGS.at_least(5.5, "snail", "hare") == asked.format(5.5, "No, 5 times.")
    with pytest.raises(
        ValueError, match="no way called 'bird' was measured; the ways are snail, hare"
    ):
        TIMINGS.at_least(2, "bird", "hare")


@pytest.mark.parametrize("low, high", [(3e-8, 3e-6), (1e-3, 1e-3), (0.02, 0.19), (9.99, 10.01)])
def test_a_picture_has_an_axis_for_any_times(low, high):
    timings = stopwatch.Timings("time", {"low": [low] * 3, "high": [high] * 3})
    assert "<svg" in figures.durations(timings).svg


@pytest.mark.parametrize("measure", [stopwatch.calls, stopwatch.workers])
def test_bad_arguments_are_refused(measure):
    with pytest.raises(ValueError, match="ways must hold at least one"):
        measure({}, "time")
    with pytest.raises(ValueError, match=r"rounds must be 3 or more.*, not 2"):
        measure({"one": [time.time]}, "time", rounds=2)


def test_a_way_without_workers_is_refused():
    with pytest.raises(ValueError, match=r"\['none'\] must be a list of one or more workers"):
        stopwatch.workers({"none": []}, "time")


def test_the_grain_is_measured_and_the_sum_checked():
    timings = measured(2, additions=100)
    assert list(timings.medians) == [f"{n:,} at a time" for n in (1, 10, 100, 1_000, 10_000)]


def test_words_for_sizes_and_times():
    assert [words.size_words(n) for n in (8, 1024, 1000, 2**26)] == [
        "8 B",
        "1 KiB",
        "1000 B",
        "64 MiB",
    ]
    assert [words.time_words(s) for s in (2.5, 0.0421, 15.2e-6, 9e-8)] == [
        "2.5 s",
        "42.1 ms",
        "15.2 us",
        "90 ns",
    ]
