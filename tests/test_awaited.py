"""Semaphore, Condition, Event and Barrier: what may come of them, in words, and put back."""

import functools
import multiprocessing
import threading
from functools import partial

import pytest

import own_code as own
import stepping_workers as w
from fast import FAST
from shmlib import WorkerError, WorkerTimeoutError, replay, run
from shmlib.workers import buffer, philosophers, readers, rendezvous, transfer
from untimed import explore


# What a forked worker is handed is as it was; forkserver pickles it as spawn does.
@pytest.fixture(params=sorted({"spawn", FAST.get_start_method()}))
def mp(request):
    return multiprocessing.get_context(request.param)


def ends(found):
    assert found.complete
    return {(outcome.kind, outcome.memory[-1], outcome.results) for outcome in found.outcomes}


def results(found):
    assert found.complete
    return {
        tuple(tuple(one) if isinstance(one, list) else one for one in outcome.results)
        for outcome in found.outcomes
    }


def kinds(found):
    assert found.complete
    return {outcome.kind for outcome in found.outcomes}


# ------------------------------------------------------- the same as CPython's own code, inside

WITH_CONDITION = (
    (own.wait, own.notify),
    (own.wait, own.wait, own.notify),
    (own.wait, own.wait, own.notify_two),
    (own.wait, own.wait, own.notify_twice),
    (own.wait_twice, own.notify_twice),
    (own.wait_held_twice, own.notify),
    (own.wait_for_two, own.notify_twice),
    (own.wait, own.notify_and_wait, own.notify),
    (own.wait_in_time, own.notify),
    (own.wait_in_time, own.wait, own.notify),
)
WITH_EVENT = (
    (own.event_wait, own.event_set),
    (own.event_wait, own.event_pulse),
    (own.event_wait_twice, own.event_set_twice),
    (own.event_wait_in_time, own.event_pulse),
    (own.event_look, own.event_pulse),
)
WITH_BARRIER = (
    (own.barrier_wait, own.barrier_wait),
    (own.barrier_wait, own.barrier_abort),
    (own.barrier_wait, own.barrier_reset),
    (own.barrier_wait_in_time, own.barrier_wait),
)


def names(programs):
    return " ".join(program.__name__ for program in programs)


def semaphores(number):
    return [FAST.Semaphore(0) for _ in range(number)]


@pytest.mark.parametrize("programs", WITH_CONDITION, ids=names)
def test_what_may_come_of_a_condition_is_what_its_own_code_may_do(programs):
    workers = [partial(own.with_condition, program=program) for program in programs]
    inside = explore(workers, FAST.RLock(), *semaphores(3), FAST.RawValue("i", 0))
    assert ends(explore(workers, FAST.Condition(), FAST.RawValue("i", 0))) == ends(inside)


@pytest.mark.parametrize("programs", WITH_EVENT, ids=names)
def test_what_may_come_of_an_event_is_what_its_own_code_may_do(programs):
    workers = [partial(own.with_event, program=program) for program in programs]
    inside = explore(workers, FAST.Lock(), *semaphores(4), FAST.RawValue("i", 0))
    assert ends(explore(workers, FAST.Event(), FAST.RawValue("i", 0))) == ends(inside)


@pytest.mark.parametrize("programs", WITH_BARRIER, ids=names)
def test_what_may_come_of_a_barrier_is_what_its_own_code_may_do(programs):
    workers = [partial(own.with_barrier, program=program, parties=2) for program in programs]
    state, number = FAST.RawArray("i", 2), FAST.RawValue("i", 0)
    inside = explore(workers, FAST.RLock(), *semaphores(3), state, number)
    assert ends(explore(workers, FAST.Barrier(2), state, number)) == ends(inside)


# ------------------------------------------------------------------- programs that are known


def ring(size=2):
    return FAST.RawArray("i", size), FAST.RawArray("i", 2)


def on_semaphores(values, *consumers):
    shared = *ring(), FAST.Semaphore(2), FAST.Semaphore(0), FAST.Lock()
    return [partial(buffer.produce, values=values), *consumers], shared


def on_condition(produce, consume, size):
    shared = *ring(size), FAST.Condition()
    return [partial(produce, values=(1, 2)), *[partial(consume, times=1)] * 2], shared


def at_table(worker, number=3):
    return [partial(worker, left=n, right=(n + 1) % number) for n in range(number)]


def both_ways(worker):
    return [partial(worker, source=n, target=1 - n, amount=10) for n in (0, 1)]


def locks(number):
    return [FAST.Lock() for _ in range(number)]


def accounts(make=FAST.Value):
    return [make("i", 100), make("i", 100)]


def meeting(worker):
    shared = FAST.RawArray("i", 2), semaphores(2)
    return [partial(worker, me=n) for n in (0, 1)], shared


def turnstiles(rounds):
    worker = partial(rendezvous.go_round, workers=2, rounds=rounds)
    return [worker] * 2, (
        FAST.RawValue("i", 0), FAST.Lock(), FAST.Semaphore(0), FAST.Semaphore(1)
    )  # fmt: skip


def told(*workers, by=FAST.Event):
    return list(workers), (by(), FAST.RawValue("i", 0))


# From a name to (workers, shared objects), interleavings, executions, and how often they deadlock.
KNOWN = {
    "a buffer of 2 on semaphores": (
        lambda: on_semaphores((1, 2, 3), partial(buffer.consume, times=3)), 16_900, 16, 0,
    ),
    "two consumers": (
        lambda: on_semaphores((1, 2), *[partial(buffer.consume, times=1)] * 2), 4_228, 22, 0,
    ),
    "the lock before the semaphore": (
        lambda: on_semaphores((1,), partial(buffer.consume_lock_first, times=1)), 4, 2, 2,
    ),
    "a buffer on a condition": (
        lambda: on_condition(buffer.produce_on, buffer.consume_on, 2), 30, 30, 0,
    ),
    "if and not while": (
        lambda: on_condition(buffer.produce_on, buffer.consume_on_if, 2), 30, 30, 0,
    ),
    "notify wakes the wrong one": (
        lambda: on_condition(buffer.produce_on, buffer.consume_on, 1), 40, 40, 4,
    ),
    "notify_all wakes the right one too": (
        lambda: on_condition(buffer.produce_for_all, buffer.consume_for_all, 1), 40, 40, 0,
    ),
    "readers and a writer": (
        lambda: (
            [readers.read, readers.read, readers.write],
            (FAST.RawArray("i", 2), FAST.RawValue("i", 0), FAST.Lock(), FAST.Semaphore(1)),
        ), 253_946, 14, 0,
    ),
    "a rendezvous": (lambda: meeting(rendezvous.meet), 36, 1, 0),
    "both wait first": (lambda: meeting(rendezvous.meet_waiting_first), 2, 1, 2),
    "turnstiles": (lambda: turnstiles(1), 704, 16, 0),
    "two wait for a start": (
        lambda: told(*[rendezvous.start_when_told] * 2, rendezvous.tell), 66, 4, 0,
    ),
    "a start for a moment": (
        lambda: told(rendezvous.start_when_told, rendezvous.tell_for_a_moment), 9, 4, 1,
    ),
    "a lost wake-up": (
        lambda: told(rendezvous.wait_for_news, rendezvous.bring_news, by=FAST.Condition), 2, 2, 1,
    ),
    "no lost wake-up": (
        lambda: told(
            rendezvous.wait_until_there_is_news, rendezvous.bring_news, by=FAST.Condition
        ), 2, 2, 0,
    ),
    "philosophers": (lambda: (at_table(philosophers.dine), (locks(3),)), 168, 7, 6),
    "philosophers in order": (
        lambda: (at_table(philosophers.dine_in_order), (locks(3),)), 142, 6, 0,
    ),
    "two seats for three philosophers": (
        lambda: (at_table(philosophers.dine_seated), (locks(3), FAST.Semaphore(2))),
        20_280, 126, 0,
    ),
    "transfers both ways": (lambda: (both_ways(transfer.transfer), (accounts(),)), 6, 3, 2),
    "in one order": (lambda: (both_ways(transfer.transfer_in_order), (accounts(),)), 2, 2, 0),
    "under one lock": (
        lambda: (both_ways(transfer.transfer_under), (accounts(FAST.RawValue), FAST.Lock())),
        2, 2, 0,
    ),
    "only if both are free": (
        lambda: (both_ways(transfer.transfer_if_free), (accounts(),)), 20, 7, 0,
    ),
}  # fmt: skip


@functools.cache
def explored(name):
    make, *_ = KNOWN[name]
    workers, shared = make()
    return explore(workers, *shared)


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_of_programs_that_wait(name):
    make, interleavings, executed, deadlocks = KNOWN[name]
    found = explored(name)
    counts = [n for outcome, n in found.outcomes.items() if outcome.kind == "deadlock"]
    assert (found.interleavings, found.executed) == (interleavings, executed)
    assert sum(counts) == deadlocks and kinds(found) <= {"finished", "deadlock"}
    if executed < interleavings < 50:
        workers, shared = make()
        assert explore(workers, *shared, reduce=False).outcomes == found.outcomes


def test_the_oldest_item_comes_first_and_none_comes_twice():
    assert results(explored("a buffer of 2 on semaphores")) == {(None, (1, 2, 3))}
    both = {(None, (1,), (2,)), (None, (2,), (1,))}
    assert results(explored("a buffer on a condition")) == both


def test_if_and_not_while_takes_from_an_empty_buffer():
    found = explored("if and not while")
    stolen = {(None, (0,), (1,)), (None, (1,), (0,))}
    assert results(found) == {(None, (1,), (2,)), (None, (2,), (1,)), *stolen}
    assert sum(n for outcome, n in found.outcomes.items() if [0] in outcome.results) == 6


def test_no_reader_sees_half_of_what_is_written():
    ends = results(explored("readers and a writer"))
    assert {seen for end in ends for seen in end[:2]} == {(0, 0), (1, 1)}


def test_two_polite_workers_can_give_way_without_end():
    found = explore(both_ways(transfer.transfer_politely), accounts())
    assert kinds(found) == {"finished", "livelock"}


def test_a_loop_that_looks_at_an_event_is_set_aside_until_it_is_set():
    found = explore(*_spread(told(rendezvous.work_until_stopped, rendezvous.stop_work)))
    assert found.polling and results(found) == {(1, None)}


def _spread(both):
    return both[0], *both[1]


# --------------------------------------------------------------------------------- in words


def deadlock(workers, *shared):
    (outcome,) = [o for o in explore(workers, *shared).outcomes if o.kind == "deadlock"]
    return outcome


def test_who_waits_for_whom_is_told_along_the_cycle():
    forks = locks(3)
    workers = [partial(philosophers.dine, left=a, right=b) for a, b in ((0, 1), (2, 0), (1, 2))]
    outcome = deadlock(workers, forks)
    assert outcome.detail == (
        "A waits for forks[1], held by C; C waits for forks[2], held by B; "
        "B waits for forks[0], held by A"
    )
    assert [tuple(wait) for wait in outcome.waits] == [
        ("A", "forks[1]", "C"),
        ("C", "forks[2]", "B"),
        ("B", "forks[0]", "A"),
    ]


def test_a_semaphore_that_is_used_as_a_lock_is_held_by_somebody():
    workers = [partial(philosophers.dine, left=n, right=1 - n) for n in (0, 1)]
    outcome = deadlock(workers, [FAST.Semaphore(1), FAST.Semaphore(1)])
    assert outcome.detail == (
        "A waits for argument[0][1], whose value is 0: taken by B; "
        "B waits for argument[0][0], whose value is 0: taken by A"
    ).replace("argument[0]", "forks")


@pytest.mark.parametrize(
    ("workers", "make", "words"),
    [
        (
            [rendezvous.wait_for_news, rendezvous.bring_news],
            FAST.Condition,
            "A waits for news, asleep until a notify: that of B came when nobody slept",
        ),
        ([rendezvous.start_when_told], FAST.Event, "A waits for start, which nobody has set"),
        (
            [rendezvous.start_when_told, rendezvous.tell_for_a_moment],
            FAST.Event,
            "A waits for start, which B has cleared",
        ),
    ],
)
def test_a_signal_that_was_missed_is_the_reason(workers, make, words):
    assert deadlock(workers, make(), FAST.RawValue("i", 0)).detail == words


def test_the_steps_are_told_as_a_reader_sees_them():
    news, number = FAST.Condition(), FAST.RawValue("i", 0)
    found = replay("AABBBBAAA", [rendezvous.wait_for_news, rendezvous.bring_news], news, number)
    assert [f"{step.worker} {step}" for step in found.steps] == [
        "A acquire news",
        "A wait on news (asleep)",
        "B acquire news",
        "B write number: 7",
        "B notify news (wakes 1)",
        "B release news",
        "A wake on news",
        "A read number: 7",
        "A release news",
    ]
    assert [step.held for step in found.steps][:3] == [("news",), (), ("news",)]
    assert found.steps[1].memory[0] == "A asleep"
    early = replay("BBBBAA", [rendezvous.wait_for_news, rendezvous.bring_news], news, number)
    assert str(early.steps[2]) == "notify news (wakes nobody)"


def test_the_steps_of_a_barrier_and_of_a_semaphore():
    barrier, number = FAST.Barrier(2), FAST.RawValue("i", 0)
    meet = partial(own.with_barrier, parties=2, program=own.barrier_wait)
    found = replay("ABA", [meet] * 2, barrier, FAST.RawArray("i", 2), number)
    assert [str(step) for step in found.steps] == [
        "arrive at parts[0] (as number 1)",
        "arrive at parts[0] (as number 2)",
        "leave parts[0]",
    ]
    with pytest.raises(ValueError, match=r"waits for parts\[0\], where 1 of 2 have arrived"):
        replay("AA", [meet] * 2, barrier, FAST.RawArray("i", 2), number)
    free = FAST.Semaphore(2)
    steps = replay("AA", [w.take_and_look], free).steps
    assert [str(step) for step in steps] == ["acquire free", "read free: 1"]
    assert [step.memory for step in steps] == [(1,), (1,)]


# ---------------------------------------------------------------- barriers with all they have


def test_the_action_of_a_barrier_is_run_by_who_comes_last_and_its_steps_are_seen(mp):
    number = mp.Value("i", 0)
    barrier = mp.Barrier(2, action=partial(w.add_five, number))
    found = explore([w.meet_and_read] * 2, barrier, number)
    assert results(found) == {((0, 5), (1, 5)), ((1, 5), (0, 5))}
    (first, *_) = found.outcomes
    told = [f"{step.action} {step.target}" for step in found.example(first).steps]
    assert told[:5] == [
        "arrive at barrier",
        "arrive at barrier",
        "read number",
        "write number",
        "open barrier",
    ]


def test_an_action_that_fails_breaks_the_barrier(mp):
    number = mp.Value("i", 0)
    found = explore([w.meet_and_read] * 2, mp.Barrier(2, action=w.fail), number)
    for outcome in found.outcomes:
        assert outcome.kind == "error" and outcome.memory[0] == "broken"
        assert "ValueError: the action" in outcome.detail
        assert "BrokenBarrierError" in outcome.detail


def test_a_time_limit_of_the_barrier_breaks_it_for_all():
    found = explore([w.meet] * 2, FAST.Barrier(2, timeout=1))
    assert results(found) == {(0, 1), (1, 0), ("broken", "broken")}


# -------------------------------------------------------------------------- put back, and start


def test_all_is_put_back_also_after_a_deadlock(mp):
    start, news, free = mp.Event(), mp.Condition(), mp.BoundedSemaphore(2)
    barrier = mp.Barrier(3)
    method = mp.get_start_method()
    for _ in range(2):
        found = explore([w.use_all] * 2, start, news, free, barrier, start_method=method)
        assert kinds(found) == {"deadlock"}
    assert not start.is_set() and free.get_value() == 2
    assert (barrier.n_waiting, barrier.broken) == (0, False)
    with news:
        news.notify_all()  # it would wait for a worker that sleeps
    free.acquire()
    free.acquire()
    assert not free.acquire(False)


@pytest.mark.parametrize("name", ["a lost wake-up", "the lock before the semaphore"])
def test_a_schedule_that_ends_in_a_deadlock_leaves_nothing_to_the_next(name):
    make, *_ = KNOWN[name]
    workers, shared = make()
    first, again = explore(workers, *shared), explore(workers, *shared)
    assert first.outcomes == again.outcomes == explored(name).outcomes
    every = explore(workers, *shared, reduce=False)
    assert every.outcomes == first.outcomes


def test_an_event_that_is_set_and_a_semaphore_that_was_taken_are_the_start(mp):
    start, free = mp.Event(), mp.Semaphore(2)
    start.set()
    free.acquire()
    found = explore([w.look], start, free, start_method=mp.get_start_method())
    assert results(found) == {((True, 1),)}
    assert start.is_set() and free.get_value() == 1


def test_a_lock_that_the_parent_holds_is_a_signal(mp):
    lock, number = mp.Lock(), mp.Value("i", 0)
    lock.acquire()
    found = explore([w.set_and_give_back, w.take_and_read], lock, number)
    assert results(found) == {(None, 7)}
    outcome = deadlock([w.take_and_read], lock, number)
    assert outcome.detail == "A waits for lock, held by the parent"
    assert not lock.acquire(False) and lock._semlock._count() == 1
    lock.release()
    assert lock.acquire(False)


def test_an_rlock_that_the_parent_holds_is_refused_since_nobody_could_give_it_back():
    lock = FAST.RLock()
    with lock, pytest.raises(ValueError, match=r"held by this process.* nobody else could give it"):
        explore([w.idle], lock)


def test_a_condition_that_a_dead_worker_sleeps_on_is_refused_and_run_says_so():
    news, number = FAST.Condition(), FAST.Value("i", 0)
    with pytest.raises(WorkerTimeoutError, match="was ended while it slept on news"):
        run([rendezvous.wait_for_news], news, number, timeout=1)
    with pytest.raises(ValueError, match="a process sleeps on news, or was ended while it did"):
        explore([rendezvous.wait_for_news], news, number)
    start = FAST.Event()
    with pytest.raises(WorkerTimeoutError, match="was ended while it slept on start, and whoever"):
        run([rendezvous.start_when_told], start, number, timeout=1)


def test_they_are_found_wherever_they_hide():
    hidden = {"start": FAST.Event(), "rest": [FAST.Semaphore(1)]}
    found = explore([w.wait_inside, w.set_inside], hidden)
    assert kinds(found) == {"finished"}
    assert "hidden['start'] True, hidden['rest'][0] 0" in repr(found)


@pytest.mark.usefixtures("melted")
@pytest.mark.parametrize("name", ["Condition", "Event", "Barrier", "Semaphore"])
def test_one_that_was_not_handed_over_is_refused(name):
    with pytest.raises(WorkerError, match=f"used a shared {name} that was not passed to it"):
        explore([partial(w.use_unknown, name)], FAST.Value("i", 0))


def test_who_waits_must_hold_the_lock():
    lock = FAST.Lock()
    with pytest.raises(WorkerError, match=r"waits on .*, whose lock it has taken"):
        explore([w.wait_without, w.release_only], lock, FAST.Condition(lock))


def test_workers_at_full_speed_agree_with_one_of_the_interleavings(mp):
    barrier, number = mp.Barrier(2), mp.Value("i", 0)
    method = mp.get_start_method()
    done = run([w.meet_and_read] * 2, barrier, number, start_method=method).results
    assert done in results(explore([w.meet_and_read] * 2, barrier, number, start_method=method))
    assert issubclass(threading.BrokenBarrierError, RuntimeError)
