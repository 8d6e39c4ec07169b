"""Whatever is handed to a public function, it raises a standard error that names the argument."""

import multiprocessing
import os
import sys
from collections import Counter
from functools import partial

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

import shmlib
from fast import FAST
from shmlib import explorers, figures, stopwatch, transports
from shmlib.engine.arguments import checked_workers
from shmlib.notebook.exercises import magics
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
    except (TypeError, ValueError, KeyError, AssertionError) as error:
        assert any(name in str(error) for name in named), f"{type(error).__name__}: {error}"
    except shmlib.WorkerError:
        pass  # it is a worker, and goes wrong
    assert not multiprocessing.active_children()


# With EXAMPLES in the environment, so many of each.
few = settings(
    max_examples=int(os.environ.get("EXAMPLES", 10)),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
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


NAMES = st.sampled_from("abcd")
PARAMETERS = ("{}", "{}=0", "/", "*", "*rest", "**others")


@settings(few, max_examples=500)
@given(
    parameters=st.lists(st.tuples(st.sampled_from(PARAMETERS), NAMES), max_size=5),
    filled=st.integers(0, 3),
    keywords=st.sets(NAMES, max_size=3),
    handed=st.integers(0, 3),
)
def test_a_worker_is_refused_exactly_where_a_call_of_it_would_be(
    parameters, filled, keywords, handed
):
    source = ", ".join(pattern.format(name) for pattern, name in parameters)
    try:
        worker = eval(f"lambda {source}: None")
    except SyntaxError:
        assume(False)
    worker = partial(worker, *range(filled), **dict.fromkeys(keywords))
    shared = [object() for _ in range(handed)]
    try:
        worker(*shared)
    except TypeError:
        with pytest.raises(TypeError, match=r"was handed|has filled in"):
            checked_workers([worker], shared)
    else:
        assert checked_workers([worker], shared) == [worker]


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
    "filling": (explorers.filling, "view"),
    "timeline": (figures.timeline, "replay"),
    "interleavings": (figures.interleavings, "exploration"),
    "waiting_workers": (figures.waiting_workers, "stepper"),
    "waits": (figures.waits, "ended"),
    "memory_grid": (figures.memory_grid, "memory"),
    "value_and_lock": (figures.value_and_lock, "value"),
    "address_spaces": (lambda x: figures.address_spaces(x, (x, x)), ("parent", "child")),
    "start_methods": (lambda x: figures.start_methods(1, x), "children"),
    "scene": (lambda x: figures.scene(x, x, "b"), ("first", "shared")),
    "scene titles": (lambda x: figures.scene("a", None, "b", x), "titles"),
    "final_counts": (lambda x: figures.final_counts(x, Counter(), 2, 2), "exact"),
    "final_counts times": (lambda x: figures.final_counts(Counter(), Counter(), 2, x), "times"),
    "durations": (figures.durations, "timings"),
    "locks_taken": (lambda x: figures.locks_taken(x, 10), "grains"),
    "locks_taken times": (lambda x: figures.locks_taken([1], x), "additions"),
    "import_chain": (figures.import_chain, "error"),
    "pixels": (lambda x: figures.pixels(x, 1), ("image", "across")),
    "pixels across": (lambda x: figures.pixels(b"ab", x), "across"),
    "decision": (figures.decision, "answers"),
    "row_owners": (lambda x: figures.row_owners(x, 1), "plans"),
    "row_owners across": (lambda x: figures.row_owners({"a": "AB"}, x), "across"),
}


def most(nonsense):
    """The largest number in it."""
    numbers = nonsense if isinstance(nonsense, list) else [nonsense]
    return max((number for number in numbers if type(number) is int), default=0)


@pytest.mark.filterwarnings("ignore:Glyph")
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


HUGE = {"list": [0] * 10**5, "text": "x" * 10**5, "keys": {"x" * 10**5: 0}}
LONGEST = 2000
DRAWN = "bytes_of_value"  # it takes long to draw something so huge


@pytest.mark.parametrize("case", ONE)
@pytest.mark.parametrize("huge", HUGE)
def test_no_message_is_as_long_as_what_was_given(case, huge):
    if case == DRAWN:
        return
    try:
        ONE[case][0](HUGE[huge])
    except (TypeError, ValueError, KeyError) as error:
        assert len(str(error)) <= LONGEST, str(error)[:200]


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A shell in an empty folder."""
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("cells"))
    sys.path.insert(0, os.getcwd())
    shell = InteractiveShell.instance()
    shell.run_line_magic("reload_ext", "shmlib.notebook")
    shell.user_ns["mp"] = FAST
    yield shell
    InteractiveShell.clear_instance()
    sys.path.remove(os.getcwd())
    os.chdir(before)
    for name in [name for name in sys.modules if name.startswith("my_")]:
        del sys.modules[name]


LINES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["06", "06.2.1", "6.2 x", "my_x", "my_x.py y", "../my_x.py", "json.py", "x.py\0"]
    ),
)
CELLS = st.one_of(
    st.text(min_size=1, max_size=8),
    st.sampled_from(
        ["\0", "\ud800", "(" * 300, f"x = {'-' * 600}1", f"x = {'-' * 9000}1", "def f(:"]
    ),
)


@pytest.mark.parametrize(
    ("magic", "said"),
    [
        ("exercise", "there is no exercise"),
        ("workers", "write %%workers and the name of a file"),
        ("expect", "write %%expect and the name of an exception"),
    ],
)
@few
@given(line=LINES)
def test_a_line_of_a_magic(shell, magic, said, line):
    refused(lambda: shell.run_cell_magic(magic, line, "x = 1\n"), said, "would hide", "should have")


@few
@given(line=LINES)
def test_a_line_of_the_others(shell, line):
    refused(lambda: shell.run_line_magic("hint", line), "there is no exercise")
    shell.run_line_magic("progress", line)


@pytest.mark.parametrize(
    ("magic", "line"), [("exercise", "06.2"), ("workers", "my_cell.py"), ("expect", "ValueError")]
)
@few
@given(cell=CELLS)
def test_a_cell_of_a_magic(shell, magic, line, cell):
    try:
        shell.run_cell_magic(magic, line, cell)
    except SyntaxError:
        pass
    except Exception as error:
        trace = error.__traceback__
        while trace.tb_next:
            trace = trace.tb_next
        its_own = trace.tb_frame.f_code.co_name == "<module>"
        assert its_own or magic == "expect", repr(error)
    if magic == "exercise":
        assert "passed" not in repr(magics._last.get("06.2"))
