"""Whatever is handed to a public function, it raises a standard error that names the argument."""

import multiprocessing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import shmlib
from conftest import FAST
from shmlib import explorers, stopwatch, transports
from shmlib.workers import counter

NONSENSE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.sampled_from([object(), int, len, lambda: 0, ..., 10**400, float("inf"), float("nan")]),
)


def number():
    return FAST.Value("i", 0)


# From the name of a case to (function, arguments that are right, by name; what comes first without
# a name; other words that may name an argument).
CALLS = {
    "run": (shmlib.run, {"timeout": 5.0, "start_method": None}, ()),
    "replay": (
        shmlib.replay,
        {"unfinished": True, "step_limit": 9, "timeout": 5.0, "start_method": None},
        ("AA",),
    ),
    "explore": (
        shmlib.explore,
        {
            "invariant": None,
            "always": None,
            "reduce": True,
            "limit": 5,
            "seconds": 5.0,
            "step_limit": 9,
            "timeout": 5.0,
            "start_method": None,
        },
        (),
    ),
    "Stepper": (shmlib.Stepper, {"timeout": 5.0, "start_method": None}, ()),
}
CASES = [(verb, name) for verb, (_, options, _) in CALLS.items() for name in options]


def refused(call, *named):
    """Call something, and hold it to its word: it returns, or raises an error that names one of
    these, without a traceback from deep inside."""
    try:
        result = call()
        if isinstance(result, shmlib.Stepper):
            result.close()
    except (TypeError, ValueError, KeyError) as error:
        assert any(name in str(error) for name in named), f"{type(error).__name__}: {error}"
    except shmlib.WorkerError:
        pass  # it is a worker, and goes wrong
    assert not multiprocessing.active_children()


few = settings(
    max_examples=10, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize(("verb", "name"), CASES, ids=[" ".join(case) for case in CASES])
@few
@given(nonsense=NONSENSE)
def test_an_option_of_a_verb(verb, name, nonsense):
    function, options, first = CALLS[verb]
    if (
        name in ("seconds", "timeout")
        and isinstance(nonsense, int | float)
        and nonsense == nonsense
    ):
        nonsense = -abs(nonsense)  # a limit of nearly nothing is kept to, and that is no nonsense
    if name in ("invariant", "always") and callable(nonsense):
        return  # it is called
    refused(
        lambda: function(*first, [counter.increment], number(), **options | {name: nonsense}), name
    )


@pytest.mark.parametrize("verb", CALLS)
@few
@given(nonsense=NONSENSE)
def test_the_workers_and_what_is_shared(verb, nonsense):
    function, options, first = CALLS[verb]
    for workers in (nonsense, [nonsense], [counter.increment, nonsense]):
        refused(lambda workers=workers: function(*first, workers, number(), **options), "worker")
    if not isinstance(nonsense, list | dict) and not callable(nonsense) and nonsense is not ...:
        if type(nonsense) is object:
            return
        with pytest.raises(TypeError, match="shared object 1 is"):
            function(*first, [counter.increment], nonsense, **options)


@few
@given(nonsense=NONSENSE)
def test_a_schedule(nonsense):
    refused(
        lambda: shmlib.replay(nonsense, [counter.increment], number()), "schedule", "ends too soon"
    )


ONE = {
    "memory_map": (shmlib.memory_map, "item"),
    "show_source": (shmlib.show_source, ("function", "name")),
    "run_script": (shmlib.run_script, "name"),
    "run_script timeout": (lambda x: shmlib.run_script("with_guard.py", timeout=x), "timeout"),
    "check": (shmlib.check, ("number", "exercise")),
    "calls": (lambda x: stopwatch.calls(x, "time"), "ways"),
    "calls of": (lambda x: stopwatch.calls({"a": x}, "time"), "ways"),
    "calls rounds": (lambda x: stopwatch.calls({"a": int}, "time", rounds=x), "rounds"),
    "workers": (lambda x: stopwatch.workers(x, "time"), "ways"),
    "workers of": (lambda x: stopwatch.workers({"a": x}, "time"), "ways"),
    "workers per": (lambda x: stopwatch.workers({"a": []}, "time", per=x), ("per", "ways")),
    "measure": (transports.measure, "sizes"),
    "measure of": (lambda x: transports.measure([x], ways=["pipe"]), "sizes"),
    "measure ways": (lambda x: transports.measure([8], ways=x, rounds=1), ("ways", "rounds")),
    "measure rounds": (lambda x: transports.measure([8], ["one process alone"], x), "rounds"),
    "measure method": (lambda x: transports.measure([8], [], start_method=x), ("ways", "start_")),
    "bytes_of_value": (explorers.bytes_of_value, "value"),
    "bytes_of_value code": (lambda x: explorers.bytes_of_value(1, x), "code"),
    "memory_live": (lambda x: explorers.memory_live([counter.increment], x), "shared"),
    "memory_live workers": (lambda x: explorers.memory_live(x, number()), "worker"),
    "scheduler": (lambda x: explorers.scheduler([counter.increment], x), ("shared", "worker")),
    "scheduler goal": (
        lambda x: explorers.scheduler([counter.increment], number(), goal=x),
        ("goal", "workers"),
    ),
    "scheduler reached": (
        lambda x: explorers.scheduler([counter.increment], number(), goal="g", reached=x),
        ("reached", "workers"),
    ),
}


def most(nonsense):
    """The largest number in it."""
    numbers = nonsense if isinstance(nonsense, list) else [nonsense]
    return max((number for number in numbers if type(number) is int), default=0)


@pytest.mark.parametrize("case", ONE)
@few
@given(nonsense=NONSENSE)
def test_any_other_argument(case, nonsense):
    function, named = ONE[case]
    if case == "calls of" and callable(nonsense):
        return  # it is called
    if "rounds" in case and type(nonsense) is int and nonsense > 50:
        return  # it would be a long wait, as asked
    if case in ("measure", "measure of") and most(nonsense) > 10**6:
        return  # it would take much memory, as asked
    if case == "run_script timeout" and isinstance(nonsense, int | float) and 0 < nonsense < 60:
        return
    refused(lambda: function(nonsense), *([named] if isinstance(named, str) else named))
