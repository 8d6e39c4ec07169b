"""One execution for each trace: published numbers, exact counts, and what happens at the limit."""

import math
import multiprocessing
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import published
import stepping_workers as w
from shmlib.engine import counting
from shmlib.engine.child.messages import Place, Request
from shmlib.engine.conflicts import Effect, Past
from shmlib.engine.counting import ExtensionCounter
from shmlib.engine.traces import Interleavings, Trace, switches
from shmlib.workers import counter
from untimed import explore

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def number():
    return SPAWN.Value("i", 0)


def explored(name, **options):
    workers, make = published.PROGRAMS[name]
    return explore(workers, *make(SPAWN), **options)


@pytest.mark.parametrize(
    ("name", "interleavings", "traces"),
    [
        ("readers(2)", 6, 4),
        ("readers(6)", 5_040, 64),
        ("lastzero(3)", 920, 12),
        ("lastzero(4)", 44_300, 28),
        ("lastzero(6)", 416_108_000, 144),
        ("inc(2)", 6, 4),
        ("inc(3)", 90, 36),
        ("lockinc(3)", 6, 6),
        ("store buffering", 6, 3),
        ("message passing", 6, 3),
        ("load buffering", 6, 3),
        ("2+2W", 6, 3),
        ("IRIW", 180, 15),
        ("POPL 2014", 69, 5),
        ("etsi", 90, 7),
        ("conditional readers", 29, 6),
        ("philosophers(3)", 168, 7),
        ("philosophers(4)", 98_184, 15),
        ("with lock", 2, 2),
        ("increment(2)", 70, 34),
        ("increment(3)", 924, 328),
        ("own items", 20, 1),
        ("four own items", math.factorial(24) // math.factorial(6) ** 4, 1),
        ("six reads", 924, 1),
    ],
)
def test_the_published_numbers(name, interleavings, traces):
    found = explored(name)
    assert (found.interleavings, found.executed) == (interleavings, traces)
    assert found.complete and found.outcomes.total() == interleavings == found.estimate
    assert len(found.traces) == traces


@pytest.mark.parametrize("name", ["lastzero(3)", "inc(3)", "philosophers(3)", "IRIW", "etsi"])
def test_every_interleaving_run_for_itself_gives_the_same(name):
    reduced, every = explored(name), explored(name, reduce=False)
    assert every.executed == every.interleavings
    assert reduced.outcomes == every.outcomes
    assert reduced.schedules == every.schedules
    for outcome in every.outcomes:
        plainest = [
            min((switches(s), s) for s in found.interleavings_of(outcome))
            for found in (reduced, every)
        ]
        assert plainest[0] == plainest[1]
        assert reduced.example(outcome).schedule == plainest[0][1]
        assert reduced.example(outcome).outcome == outcome


def test_one_of_four_philosophers_deadlocks_and_the_words_say_both_numbers():
    found = explored("philosophers(4)")
    assert repr(found).startswith("98,184 interleavings, 15 executed: 2 outcomes\n")
    (deadlock,) = [outcome for outcome in found.outcomes if outcome.kind == "deadlock"]
    assert found.outcomes[deadlock] == 24 == len(found.interleavings_of(deadlock))
    assert found.example(deadlock).schedule == "ABCD"


# ------------------------------------------------------------------ what is judged on the way


def test_what_is_judged_on_the_way_is_judged_in_every_order():
    places = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    workers = [partial(published.write, at=0), partial(published.write, at=1)]
    assert explore(workers, *places).executed == 1
    found = explore(workers, *places, always=lambda x, y: x.value or not y.value)
    assert found.verdict == "broken" and list(found.failures) == ["BA"]
    assert found.executed == 2


def test_two_locks_are_watched_as_well():
    locks = SPAWN.Lock(), SPAWN.Lock()
    place = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    workers = [partial(w.set_under, lock=0, place=0), partial(w.set_under, lock=1, place=1)]
    seen = set()

    def look(*shared):
        seen.add((shared[2].value, shared[3].value))
        return True

    assert explore(workers, *locks, *place, always=look).verdict == "holds"
    assert seen == {(0, 0), (0, 1), (1, 0), (1, 1)}


# ---------------------------------------------------------------------------- at the limit


def test_an_early_switch_is_found_however_much_follows(number):
    workers = [w.add_then_ten_locked] * 2
    found = explore(workers, number, invariant=lambda n: n.value == 22, limit=40)
    assert found.verdict == "broken" and not found.complete
    assert switches(next(iter(found.failures))) <= 2


def test_with_a_limit_the_same_schedules_are_run_every_time(number):
    workers = [partial(counter.add, times=6)] * 3
    one, other = (explore(workers, number, limit=30) for _ in range(2))
    assert repr(one) == repr(other) and one.executed == other.executed == 60
    assert [trace.schedule for trace, _, _ in one.traces] == [
        trace.schedule for trace, _, _ in other.traces
    ]


def test_the_time_given_is_kept_and_an_answer_comes(number):
    workers = [partial(counter.add, times=40)] * 3
    found = explore(workers, number, limit=None, seconds=0.2)
    assert not found.complete and found.verdict == "inconclusive"
    assert repr(found).startswith("inconclusive: ")


def test_unlike_workers_are_estimated_well(number):
    workers = [partial(counter.add, times=20), partial(counter.add, times=1)]
    found = explore(workers, number, limit=40)
    assert 600 < found.estimate < 1_200  # 861


def test_a_limit_that_suffices_is_complete(number):
    workers = [counter.increment] * 2
    assert explore(workers, number, limit=4).complete
    assert not explore(workers, number, limit=3).complete


def test_the_random_schedules_are_told_apart_from_what_is_counted():
    found = explored("philosophers(4)", limit=4)
    assert found.drawn.total() == 2
    assert found.outcomes.total() == found.interleavings < found.estimate


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"seconds": 0}, ValueError, "seconds must be more than 0"),
        ({"seconds": "1"}, TypeError, "seconds must be a number"),
        ({"limit": True}, TypeError, "limit must be a whole number"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(number, given, error, words):
    with pytest.raises(error, match=words):
        explore([counter.increment], number, **given)


def test_an_outcome_that_never_came_is_refused(number):
    found = explore([counter.increment], number)
    other = next(iter(explore([counter.increment] * 2, number).outcomes))
    with pytest.raises(ValueError, match=r"no schedule ended with .* The outcomes are: finished"):
        found.example(other)


# ------------------------------------------------------------- traces, without any process


@st.composite
def pasts(draw):
    """Strategy for schedules of three workers, on four places and two locks."""
    past = Past("ABC")
    for _ in range(draw(st.integers(1, 8))):
        letter = draw(st.sampled_from("ABC"))
        kind = draw(st.sampled_from(("read", "write", "take", "look")))
        first = draw(st.integers(0, 3))
        place = Place(0, first, draw(st.integers(first, 3))) if kind in ("read", "write") else None
        lock = None if place else draw(st.integers(0, 1))
        request = Request(kind, "", lock, False, ("", 0, 0), place)
        past.add(letter, request, Effect(place, kind == "write", lock, kind == "take"))
    return past


@settings(deadline=None, database=None, derandomize=True, max_examples=150)
@given(pasts(), st.sampled_from([0, 200]))
def test_counting_equals_listing(past, small):
    counted = []
    for limit in (small, 0):
        counting.SMALL, before = limit, counting.SMALL
        try:
            counted.append(ExtensionCounter().count(past.last))
        finally:
            counting.SMALL = before
    trace = Trace(past, counted[0])
    listed = list(trace.schedules())
    assert counted == [len(listed)] * 2
    assert listed == sorted(set(listed)) and trace.schedule in listed
    plainest = sorted((switches(schedule), schedule) for schedule in listed)
    assert list(trace.plainest_first()) == plainest
    assert trace.plainest() == plainest[0]
    assert trace.plainest(plainest[0][0]) == plainest[0]
    assert plainest[0][0] == 0 or trace.plainest(plainest[0][0] - 1) is None
    assert list(Interleavings([trace])) == [schedule for _, schedule in plainest]


def test_workers_without_steps_have_one_interleaving():
    found = explore([w.idle, w.idle], SPAWN.Lock())
    assert found.schedules == ("",) and list(found.interleavings_of(*found.outcomes)) == [""]
    assert repr(found).startswith("1 interleaving, all executed: 1 outcome\n1 of 1  finished")


def test_a_wide_trace_is_counted_in_parts():
    past = Past("ABC")
    place = Place(0, 0, 3)
    read = Request("read", "", None, True, ("", 0, 0), place)
    write = Request("write", "", None, True, ("", 0, 0), place)
    for letter in "ABC" * 200 + "A" + "BC" * 200:
        writes = letter == "A" and len(past.events) == 600
        past.add(letter, write if writes else read, Effect(place, writes, None, False))
    before = math.factorial(600) // math.factorial(200) ** 3
    assert ExtensionCounter().count(past.last) == before * math.comb(400, 200)
