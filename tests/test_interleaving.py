"""replay() and explore() on real processes: known counts, outcomes, limits, and clean-up."""

import contextlib
import ctypes
import math
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

import stepping_workers as w
from fast import FAST
from shmlib import Outcome, Stepper, WorkerError, WorkerTimeoutError, replay, run
from shmlib.engine.outcome import Outcomes
from shmlib.workers import bank, counter, guard
from untimed import explore

METHODS = multiprocessing.get_all_start_methods()
HERE = Path(__file__).parent


@pytest.fixture(params=METHODS)
def mp(request):
    return multiprocessing.get_context(request.param)


@pytest.fixture
def number():
    return FAST.Value("i", 0)


def kinds(exploration):
    counts = Counter()
    for outcome, count in exploration.outcomes.items():
        counts[outcome.kind] += count
    return counts


def memories(exploration):
    counts = Counter()
    for outcome, count in exploration.outcomes.items():
        counts[outcome.memory] += count
    return counts


# ------------------------------------------------------------------------------------ replay


def test_a_replay_tells_every_step(mp):
    done = replay("ABAB", [w.read_write, w.read_write], mp.Value("i", 0))
    steps = [(s.worker, s.action, s.target, s.value, s.memory) for s in done.steps]
    assert steps == [
        ("A", "read", "number", 0, (0,)),
        ("B", "read", "number", 0, (0,)),
        ("A", "write", "number", 1, (1,)),
        ("B", "write", "number", 1, (1,)),
    ]
    assert done.outcome == Outcome("finished", (1,), (None, None))
    assert done.schedule == "ABAB"
    assert repr(done).splitlines() == [
        "schedule ABAB: A (read_write), B (read_write)",
        "  1  A  read number: 0    number 0",
        "  2  B  read number: 0    number 0",
        "  3  A  write number: 1   number 1",
        "  4  B  write number: 1   number 1",
        "finished, number 1",
        "B wrote 1 over A's 1: A's update is lost",
    ]


def test_memory_and_locks_are_put_back(mp):
    number = mp.Value("i", 5)
    replay("A", [w.hold], number)
    replay("AA", [w.read_write], number)
    explore([w.hold, w.add_twice], number)
    assert number.value == 5
    assert run([w.add_locked], number).exitcodes == (0,)
    assert number.value == 6


def test_the_lost_update_is_named_by_its_place():
    numbers = FAST.Array("i", 2)
    workers = [partial(w.bump, place=0), partial(w.bump, place=0)]
    assert replay("AABB", workers, numbers).lost_updates == []
    lost = replay("ABBA", workers, numbers).lost_updates
    assert lost == [(2, 3, "A wrote 1 over B's 1: B's update is lost")]
    assert replay("ABBA", [workers[0], partial(w.bump, place=1)], numbers).lost_updates == []


def test_a_text_that_reads_like_the_state_of_a_lock_is_told():
    word, lock = FAST.Array("u", "free"), FAST.Lock()
    done = replay("A", [w.see_word], word, lock)
    assert (done.outcome.memory, done.outcome.names) == (("free", "free"), ("word", "lock"))
    assert str(done.outcome) == "finished, word 'free', results ('free',)"
    assert str(done).count("word 'free'") == 2


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (
            "AX",
            r"step 2 .* 'X': there is no such worker; the workers are A \(add_locked\), B",
        ),
        (
            "AB",
            r"step 2 .* 'B': it is about to acquire the lock of number, and waits for the lock "
            r"of number, held by A. Who can go on: A \(to read number\)",
        ),
        ("AAAAA", r"step 5 .* 'A': it has ended. Who can go on: B"),
        (
            "AAA",
            r"ends too soon, after step 3\. Who can go on: A \(to release the lock of number\)",
        ),
        ("", "ends too soon, after step 0"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(number, schedule, message):
    with pytest.raises(ValueError, match=message):
        replay(schedule, [w.add_locked, w.add_locked], number)
    assert multiprocessing.active_children() == []


def test_two_objects_with_one_lock():
    lock = FAST.RLock()
    first, second = FAST.Value("i", 0, lock=lock), FAST.Value("i", 0, lock=lock)
    with Stepper([partial(w.take_both, reverse=False), w.idle], first, second) as stepper:
        assert list(stepper.pending) == ["A"]
        assert stepper.pending["A"].target == "the lock of first and second"
    found = explore([partial(w.take_both, reverse=flip) for flip in (False, True)], first, second)
    assert kinds(found) == {"finished": 2}


def ends(found):
    """Return (schedule, outcome) of each interleaving."""
    return [(s, outcome) for trace, outcome, _ in found.traces for s in trace.schedules()]


# ----------------------------------------------------------------------------- known counts


def test_two_read_write_workers_have_six_interleavings(mp):
    found = explore([w.read_write, w.read_write], mp.Value("i", 0))
    assert found.schedules == ("AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA")
    assert memories(found) == {(2,): 2, (1,): 4}
    assert found.complete and found.estimate == 6 and found.verdict == "complete"


def test_two_workers_of_two_additions_have_seventy(number):
    found = explore([w.add_twice, w.add_twice], number)
    assert memories(found) == {(4,): 6, (3,): 32, (2,): 32}
    best = found.example(Outcome("finished", (4,), (None, None)))
    assert best.schedule == "AAAABBBB"
    assert list(found.schedules) == sorted(found.schedules)


@pytest.mark.parametrize("steps", [(2, 3), (4, 2), (1, 2, 3), (1, 1, 1, 1)])
def test_free_workers_have_the_multinomial_number(number, steps):
    found = explore([partial(w.read_times, times=n) for n in steps], number)
    expected = math.factorial(sum(steps))
    for n in steps:
        expected //= math.factorial(n)
    assert len(found.schedules) == expected


def test_with_the_lock_held_there_is_one_outcome(mp):
    found = explore([w.add_locked_twice, w.add_locked_twice], mp.Value("i", 0))
    assert found.outcomes == {Outcome("finished", (4,), (None, None)): math.comb(4, 2)}
    assert repr(found.outcomes) == "6 of 6: number 4"


def test_every_reported_schedule_replays_to_its_outcome(number):
    workers = [w.hold_and_fail, w.add_locked]
    for schedule, outcome in ends(explore(workers, number)):
        assert replay(schedule, workers, number).outcome == outcome


@pytest.mark.parametrize(("variant", "safe"), [("right", True), ("late", False), ("no turn", True)])
def test_petersons_algorithm(variant, safe):
    flags, turn, counter = (
        FAST.RawArray("b", 2),
        FAST.RawValue("b", 0),
        FAST.RawValue("i", 0),
    )
    workers = [partial(w.peterson, me=me, variant=variant) for me in (0, 1)]
    found = explore(workers, flags, turn, counter)
    assert found.complete and found.polling
    counts = {outcome.memory[2] for outcome in found.outcomes if outcome.kind == "finished"}
    assert counts == ({2} if safe else {1, 2})
    assert ("livelock" in kinds(found)) == (variant == "no turn")


# --------------------------------------------------------------------- deadlock and livelock


def test_a_plain_lock_taken_twice_is_a_deadlock():
    number = FAST.Value("i", 0, lock=FAST.Lock())
    found = explore([w.add_locked], number)
    (outcome,) = found.outcomes
    assert outcome.kind == "deadlock"
    assert "which it holds itself: a plain Lock cannot be taken twice" in outcome.detail
    assert number.get_lock().acquire(block=False)


def test_two_locks_in_opposite_order_deadlock_in_some(mp):
    workers = [partial(w.take_both, reverse=flip) for flip in (False, True)]
    found = explore(workers, mp.Value("i", 0), mp.Value("i", 0))
    assert kinds(found) == {"finished": 4, "deadlock": 2}
    detail = next(outcome.detail for outcome in found.outcomes if outcome.kind == "deadlock")
    assert detail == (
        "A waits for the lock of second, held by B; B waits for the lock of first, held by A"
    )
    assert replay("BA", workers, mp.Value("i", 0), mp.Value("i", 0)).outcome.kind == "deadlock"


def test_check_then_act_overdraws_in_some():
    account = FAST.Value("i", 100)
    workers = [partial(w.withdraw_checked, amount=80)] * 2
    found = explore(workers, account, invariant=lambda account: account.value >= 0)
    assert found.verdict == "broken"
    assert 0 < len(found.failures) < len(found.schedules)
    broken = {schedule for schedule, outcome in ends(found) if outcome.memory[0] < 0}
    assert sorted(found.failures) == sorted(broken)


def test_the_invariant_sees_the_final_memory_even_where_a_lock_was_left(number):
    workers = [w.hold_and_fail, w.add_twice]
    found = explore(workers, number, invariant=lambda number: number.value <= 2)
    assert found.verdict == "holds" and "deadlock" in kinds(found)
    found = explore([w.read_write], number, invariant=lambda n: n.value == 1)
    assert found.verdict == "holds" and number.value == 0


def test_polling_is_set_aside_until_something_changes(number):
    for waiter in (w.wait_until_set, w.wait_under_lock):
        found = explore([waiter, w.set_flag], number)
        assert found.complete and found.polling
        assert found.outcomes.keys() == {Outcome("finished", (7,), (7, None))}
        assert "set aside" in repr(found)
    assert not explore([w.set_flag, w.set_flag], number).polling


def results(exploration, position):
    return {outcome.results[position] for outcome in exploration.outcomes}


def test_a_loop_over_equal_items_is_no_polling(number):
    found = explore([w.withdraw_equal, w.deposit_fifty], number)
    assert results(found, 0) == {0, 20, 40}
    assert not found.polling
    assert replay("AABB", [w.withdraw_equal, w.deposit_fifty], number).outcome in found.outcomes


@pytest.mark.parametrize("worker", [w.see_in_list, w.see_in_calls])
def test_hidden_progress_is_no_polling(number, worker):
    found = explore([worker, w.set_nine], number)
    assert results(found, 0) == {0, 1, 2}


def test_locals_of_equal_hash_are_no_polling(number):
    found = explore([w.see_in_countdown, w.set_nine], number)
    assert results(found, 0) == {-1, -2, -3, "gave up"}


def test_a_replay_that_could_go_on_is_no_livelock(number):
    with pytest.raises(ValueError, match="ends too soon"):
        replay("A", [w.see_in_list], number)


def test_a_lock_that_is_taken_wakes_who_polls_it():
    found = explore([w.see_held, w.see_then_hold], FAST.Lock())
    assert ("saw it held", "held it") in {outcome.results for outcome in found.outcomes}
    assert found.complete and found.polling


def test_what_a_polling_worker_does_on_its_round_is_seen():
    light, stop = FAST.RawValue("i", 0), FAST.RawValue("i", 0)
    found = explore([w.blink, w.look_thrice], light, stop)
    assert found.complete
    every = {(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)}
    assert results(found, 1) == every
    found = explore([w.tick, w.try_twice], FAST.Lock(), stop)
    assert found.complete
    assert results(found, 1) == {(a, b) for a in (False, True) for b in (False, True)}


def test_who_always_looks_at_the_wrong_moment_may_never_see_the_light():
    light, stop = FAST.RawValue("i", 0), FAST.RawValue("i", 0)
    workers = [w.blink, w.see_one_round]
    found = explore(workers, light, stop)
    assert found.complete and kinds(found).keys() == {"finished", "livelock"}
    endless = [outcome.detail for outcome in found.outcomes if outcome.kind == "livelock"]
    assert endless and all("A and B can loop forever" in detail for detail in endless)
    with pytest.raises(ValueError, match="ends too soon"):
        replay("AABB", workers, light, stop)


def test_what_a_worker_keeps_in_a_global_is_no_polling():
    number, other = FAST.RawValue("i", 0), FAST.RawValue("i", 0)
    workers = [w.count_in_a_global, w.set_and_then]
    found = explore(workers, number, other)
    assert results(found, 0) == {0, 1, None}  # None: it read 0 first, and goes round for ever
    assert repr(explore(workers, number, other)) == repr(found)


def test_an_exploration_with_polling_is_the_same_every_time():
    values = [FAST.RawValue("i", 0) for _ in range(3)]
    workers = [partial(w.polite, me=me) for me in (0, 1)]
    found = [explore(workers, *values, limit=200) for _ in range(2)]
    assert found[0].schedules == found[1].schedules
    assert found[0].outcomes == found[1].outcomes


def test_what_never_ends_is_not_judged():
    number, other = FAST.RawValue("i", 0), FAST.RawValue("i", 0)
    found = explore(
        [w.flip_for_ever, partial(w.write_one, place=1)],
        number,
        other,
        invariant=lambda number, other: number.value == 1,
        limit=50,
        step_limit=21,
    )
    assert found.outcomes
    for outcome in found.outcomes:
        assert outcome.kind == "livelock"
    assert not found.failures  # what never ends is not judged
    assert "the invariant holds in all that end" in repr(found)


def test_a_patient_worker_that_gives_up_is_no_livelock(number):
    with pytest.raises(ValueError, match="ends too soon"):
        replay("AAAA", [w.retry_fifty_times], number)
    assert explore([w.retry_fifty_times], number).schedules == ("A" * 50,)


def test_equal_reads_on_one_line_are_no_polling(number):
    found = explore([w.reads_twice, w.reads_twice], number)
    assert not found.polling
    assert len(found.schedules) == 6


def test_waiting_for_what_never_comes_is_a_livelock(number):
    found = explore([w.wait_until_set], number)
    (outcome,) = found.outcomes
    assert outcome.kind == "livelock"
    assert "keeps coming back to read flag, and nobody is left to change that" in outcome.detail
    assert replay(found.schedules[0], [w.wait_until_set], number).outcome == outcome


def test_the_step_limit_ends_a_worker_that_always_tries_again(number):
    found = explore([w.hold, w.try_for_ever], number, step_limit=12, limit=30)
    still = [outcome for outcome in found.outcomes if "still running after 12" in outcome.detail]
    assert {outcome.kind for outcome in still} == {"cut"}
    assert not found.complete and found.verdict == "inconclusive"
    assert "were cut after 12 steps: increase step_limit" in repr(found)
    schedule = next(s for s, outcome in ends(found) if outcome in still)
    workers = [w.hold, w.try_for_ever]
    assert replay(schedule, workers, number, step_limit=12).outcome in still


def test_a_timed_acquire_takes_its_turn_at_once(number):
    workers = [w.add_locked, partial(w.try_lock, timeout=30)]
    results = {outcome.results[1] for outcome in explore(workers, number).outcomes}
    assert results == {True, False}


# ------------------------------------------------------------------- errors of the workers


def test_a_worker_that_raises_is_an_outcome_and_the_others_go_on(number):
    found = explore([w.hold_and_fail, w.add_locked], number)
    assert kinds(found) == {"error": 1, "deadlock": 1}
    details = {outcome.kind: outcome.detail for outcome in found.outcomes}
    assert details["error"] == "A raised ValueError: gone with the lock"
    assert details["deadlock"].endswith("held by A, which has ended")


def test_an_access_that_raises_is_a_step():
    done = replay("A", [w.wrong_index], FAST.Array("i", 2))
    assert done.steps[0].raised
    assert done.steps[0].value == "IndexError: invalid index"
    assert done.outcome.detail == "A raised IndexError: invalid index"


def test_an_exit_with_0_is_a_normal_end(number):
    assert replay("", [partial(w.leave, code=0)], number).outcome.kind == "finished"
    assert replay("", [partial(w.leave, code=3)], number).outcome.detail == (
        "A raised SystemExit: 3"
    )


def test_a_worker_that_computes_for_ever_is_named(mp):
    with pytest.raises(WorkerTimeoutError, match=r"worker B \(compute_for_ever\) took more than"):
        replay("B", [w.idle, w.compute_for_ever], mp.Value("i", 0), timeout=3)
    assert multiprocessing.active_children() == []


def test_the_time_limit_says_at_which_step(number):
    with pytest.raises(WorkerTimeoutError, match=r"step 1 of schedule A; .* read number"):
        explore([w.compute_for_ever], number, timeout=0.5)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
def test_a_worker_that_is_killed_is_named(mp):
    with pytest.raises(WorkerError, match=r"worker A \(kill_oneself\) was killed by SIGKILL") as it:
        explore([w.kill_oneself, w.read_write], mp.Value("i", 0))
    assert "taken" not in str(it.value)
    assert multiprocessing.active_children() == []


def test_a_worker_that_swallows_the_end_is_started_anew(number):
    workers = [w.swallow, w.add_locked]
    with Stepper(workers, number) as stepper:
        for _ in range(3):
            stepper.grant("A")
            stepper.grant("A")
            stepper.rewind()
        assert stepper.ready == ["A", "B"]
        stepper.grant("B")
        assert stepper.blocked["A"].endswith("held by B")


def test_a_worker_that_does_something_else_after_the_same_steps_is_named(number):
    with pytest.raises(WorkerError, match=r"A \(write_calls\) did something else after the same"):
        explore([w.write_calls, w.read_write], number)


def test_random_is_the_same_in_every_schedule(number):
    found = explore([w.write_random, w.write_random], number)
    assert len(found.outcomes) == 2


def test_sleep_takes_no_time(number):
    # Were it to sleep, the time limit would end it.
    assert explore([w.sleep_and_add, w.sleep_and_add], number).complete


def test_output_is_kept_for_a_replay(number, capfd):
    done = replay("AB", [w.write_text, w.write_text], number)
    assert done.output == ("before\nafter\n", "before\nafter\n")
    assert capfd.readouterr() == ("", "")


def test_results_may_be_lists_and_must_travel(number):
    found = explore([w.return_list, w.set_flag], number)
    assert {tuple(outcome.results[0]) for outcome in found.outcomes} == {(0,), (7,)}
    with pytest.raises(WorkerError, match=r"A \(return_object\) returned something that"):
        explore([w.return_object], number)


def test_outcomes_are_told_apart_by_type_and_content(number):
    found = explore([w.return_error, w.set_nine], number)
    assert len(found.outcomes) == 2
    for schedule, outcome in ends(found):
        assert replay(schedule, [w.return_error, w.set_nine], number).outcome == outcome
    assert len(explore([w.return_true_or_one, w.set_nine], number).outcomes) == 2
    nan = FAST.Value("d", 0)
    assert explore([w.write_nan, w.write_nan], nan).complete


def test_a_result_that_cannot_be_read_back_is_refused(number):
    with pytest.raises(WorkerError, match="returned something that cannot be sent"):
        explore([w.return_two_arguments], number)


def test_a_large_result_comes_back(number):
    (outcome,) = explore([w.return_megabytes], number).outcomes
    assert len(outcome.results[0]) == 20_000_000


def test_steps_outside_the_one_thread_are_an_error(number):
    with pytest.raises(WorkerError, match="take all its steps in one thread of one process"):
        explore([w.use_a_thread], number)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_of_a_worker_takes_no_steps(number):
    found = explore([w.fork_and_step], number)
    assert memories(found) == {(0,): 1}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_forked_child_of_a_worker_that_returns_is_ended():
    number = multiprocessing.get_context("fork").Value("i", 0)
    (step,) = replay("A", [w.fork_and_return], number).steps
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        deadline = time.monotonic() + 20
        while Path(f"/proc/{step.value}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < deadline, "it is still there"
            time.sleep(0.02)


def test_sleep_imported_by_its_name_takes_no_time_either(number):
    assert explore([w.sleep_by_name, w.sleep_by_name], number).complete


def test_methods_of_a_structure_take_its_steps():
    money = FAST.RawValue(w.Money, 0, 0)
    seen = results(explore([w.pay, w.look_at_money], money), 1)
    assert seen == {(text, "EUR") for text in ("0.00", "1.00", "0.50", "1.50")}
    assert results(explore([w.pay, w.total_money], money), 1) == {0, 50, 100, 150}


@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_a_plain_lock_is_put_back_after_an_exit(kind):
    number = FAST.Value("i", 0, lock=getattr(FAST, kind)())
    with pytest.raises(WorkerError, match="exit code 3") as caught:
        explore([w.take_and_exit, w.idle], number)
    kept = "the lock of number is still taken: make the shared objects again" in str(caught.value)
    assert kept == (kind == "RLock")
    assert number.get_lock().acquire(block=False) == (kind == "Lock")


def test_an_attempt_at_a_lock_that_ends_its_worker_leaves_it_to_its_owner(number):
    lock = FAST.Lock()
    with pytest.raises(WorkerError, match=r"B \(attempt_and_exit\) .* exit code 3"):
        replay("AAB", [w.hold_and_add, w.attempt_and_exit], lock, number)
    assert lock.acquire(block=False) and not lock.acquire(block=False)


def test_a_large_array_is_told_by_its_first_items():
    numbers = FAST.Array("i", 100_000)
    done = replay("A", [partial(w.set_item, place=99_999)], numbers)
    assert done.outcome.memory[0][-1] == 1
    assert "[0, 0, 0, 0, 0, 0, 0, 0, ... 100,000 items]" in repr(done)
    assert len(explore([partial(w.set_item, place=0)] * 2, numbers).outcomes) == 1


def test_outcomes_are_told_a_line_each_and_remain_a_counter(number):
    found = explore([partial(counter.add, times=2)] * 2, number)
    ends = found.outcomes
    assert repr(ends) == "32 of 70: counter 2\n32 of 70: counter 3\n 6 of 70: counter 4"
    (two, _), (three, _), (four, _) = ends.most_common()
    assert list(ends) == [two, three, four] and len(ends) == 3
    assert ends[four] == 6 and ends[Outcome("finished", (9,), ())] == 0
    assert sum(ends.values()) == ends.total() == 70
    assert ends == Counter({four: 6, three: 32, two: 32})
    for same in (ends.copy(), pickle.loads(pickle.dumps(ends))):
        assert (same, repr(same), type(same)) == (ends, repr(ends), type(ends))


def test_outcomes_say_how_it_ended_where_it_did_not_finish(number):
    workers = [partial(guard.add_or_fail_with, amount=amount) for amount in (-10, 20)]
    ends = explore(workers, number).outcomes
    assert repr(ends) == "2 of 2: error, account 20 (A raised ValueError: negative amount)"


def test_outcomes_that_are_not_all_say_so(number):
    found = explore([partial(counter.add, times=9)] * 2, number, limit=40)
    assert not found.outcomes.complete and found.outcomes.total() == found.interleavings
    lines = repr(found.outcomes).splitlines()
    assert all(f" of {found.interleavings:,} so far: counter " in line for line in lines)
    assert repr(found.outcomes.copy()) == repr(found.outcomes)


def test_of_many_outcomes_the_most_frequent_are_told():
    ends = Outcomes((Outcome("finished", (end,), (), "", ("n",)), 1 + end) for end in range(20))
    lines = repr(ends).splitlines()
    assert lines[0] == "20 of 210: n 19" and lines[-1] == "and 8 more outcomes"
    assert len(lines) == 13 and repr(Outcomes()) == "no outcomes"


# --------------------------------------------------------------------------------- limits


def test_a_huge_number_of_interleavings_is_exact_or_estimated(number):
    workers = [partial(w.read_times, times=230)] * 3
    found = explore(workers, number, step_limit=5000)
    exact = math.factorial(690) // math.factorial(230) ** 3
    assert found.complete and found.executed == 1
    assert found.interleavings == found.estimate == found.outcomes.total() == exact
    assert repr(found).startswith("about 2.0e326 interleavings, 1 executed: 1 outcome")
    with pytest.raises(ValueError, match=r"and there are about 2\.0e326: use"):
        found.schedules  # noqa: B018
    assert explore([*workers, w.set_nine], number, limit=1, step_limit=5000).estimate > 10**300


def test_past_the_limit_it_is_inconclusive(number):
    workers = [partial(w.add_times, times=4)] * 2
    found = explore(workers, number, invariant=lambda number: True, limit=100)
    assert not found.complete
    assert found.verdict == "inconclusive"
    assert found.executed == 200  # as many again, in other orders
    assert len(found.schedules) == found.interleavings < math.comb(16, 8)
    assert 0.5 < found.estimate / math.comb(16, 8) < 2
    assert re.match(r"inconclusive: \d{3} of about 1\d,000 interleavings, 200 ", repr(found))
    assert "of 50 drawn at random, all finished" in repr(found)


def test_a_broken_invariant_is_broken_even_past_the_limit(number):
    workers = [partial(w.add_times, times=4)] * 2
    found = explore(workers, number, invariant=lambda number: number.value == 8, limit=100)
    assert found.verdict == "broken"


# -------------------------------------------------------------------------------- stepping


def test_a_stepper_steps_and_undoes(number):
    with Stepper([w.add_locked, w.add_locked], number) as stepper:
        assert stepper.ready == ["A", "B"] and stepper.outcome is None
        stepper.grant("B")
        assert stepper.ready == ["B"]
        assert stepper.blocked == {"A": "waits for the lock of number, held by B"}
        stepper.grant("B")
        assert str(stepper.pending["B"]) == "write 1 to number"
        stepper.undo()
        assert str(stepper.pending["B"]) == "read number"
        assert stepper.schedule == "B"
        stepper.rewind("AAAABBBB")
        assert stepper.outcome.memory == (2,)
        with pytest.raises(ValueError, match=r"it has ended\. Nobody can go on"):
            stepper.grant("A")
        stepper.rewind()
        with pytest.raises(ValueError, match="no step to undo"):
            stepper.undo()
    assert multiprocessing.active_children() == []
    stepper.close()


def test_an_unknown_outcome_is_refused_with_the_known_ones(number):
    found = explore([w.read_write], number)
    with pytest.raises(ValueError, match="The outcomes are: finished, number 1"):
        found.example(Outcome("finished", (9,), (None,)))


# ------------------------------------------------------------------------- what is refused


def two(first, second):
    pass


@pytest.mark.usefixtures("melted")
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda v: replay(3, [w.idle], v), TypeError, 'a string such as "ABAB", not 3'),
        (lambda v: replay("A", w.idle, v), TypeError, r"write \[idle\]"),
        (lambda v: replay("A", [two], v), TypeError, "worker A is two"),
        (lambda v: replay("A", [w.idle], v, timeout=-1), ValueError, "more than 0 seconds"),
        (lambda v: explore([w.idle], v, limit=0), ValueError, "limit must be 1 or more"),
        (lambda v: explore([w.idle], v, limit=1.5), TypeError, "limit must be a whole number"),
        (lambda v: explore([w.idle], v, step_limit=0), ValueError, "step_limit must be 1"),
        (lambda v: explore([w.idle], v, invariant=3), TypeError, "invariant must be a function"),
        (
            lambda v: explore([w.idle], FAST.Queue()),
            TypeError,
            "1 is a multiprocessing Queue, whose steps cannot be seen. Build the queue",
        ),
        (
            lambda v: explore([w.idle], v, FAST.JoinableQueue()),
            TypeError,
            "2 is .* JoinableQueue",
        ),
        (
            lambda v: explore([w.idle], FAST.SimpleQueue()),
            TypeError,
            "1 is .* SimpleQueue, whose",
        ),
        (lambda v: explore([w.idle], FAST.Pipe()[0]), TypeError, "Connection, .* Pass messages"),
        (
            lambda v: explore([w.idle], FAST.Condition(FAST.Semaphore())),
            TypeError,
            "a Condition whose lock is a multiprocessing.synchronize.Semaphore: replay and explore",
        ),
        (lambda v: explore([w.idle], ctypes.c_int(0)), TypeError, "this process alone"),
        (lambda v: explore([w.read_write], w.Pair()), TypeError, "^number is a Pair in the memory"),
        (lambda v: explore([w.read_write], w.Either()), TypeError, "^number is an Either in the"),
        (
            lambda v: explore([w.idle], FAST.Value("i", 0, lock=threading.Lock())),
            TypeError,
            "whose lock is a _thread",
        ),
        (
            lambda v: explore([partial(w.idle, [FAST.SimpleQueue()])]),
            TypeError,
            r"worker A \(idle\) has a multiprocessing SimpleQueue, whose steps cannot be seen",
        ),
        (lambda v: explore([w.use_hidden], v), WorkerError, r"A .*the global hidden of stepping"),
        (
            lambda v: explore([w.idle], FAST.Value(ctypes.c_char_p, b"x")),
            TypeError,
            "which holds a pointer: an address is valid in one",
        ),
        (lambda v: explore([w.idle, w.call_hidden], v), WorkerError, "worker B .*global hidden"),
        (
            lambda v: explore([w.use_held], v),
            WorkerError,
            r"Synchronized that was not passed to it \(Holder.held of",
        ),
        (
            lambda v: explore([w.use_own_lock], v),
            WorkerError,
            r"not passed to it \(the global own_lock of stepping_workers\)",
        ),
        (
            lambda v: explore([w.use_lock_of_value], v),
            WorkerError,
            r"not passed to it \(the lock of the global value of stepping_workers\)",
        ),
    ],
)
def test_what_cannot_be_gated_is_refused_by_name(number, call, error, message):
    with pytest.raises(error, match=message):
        call(number)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("place", ["list", "dict", "dataclass", "slots", "named tuple", "partial"])
def test_a_shared_object_is_found_wherever_it_travels(number, place):
    worker, argument = w.add_inside, w.CARRIERS[place](number)
    found = explore([worker, worker], argument)
    assert sorted(found.outcomes.values()) == [2, 4] and found.complete
    inside = partial(worker, argument)
    assert sorted(explore([inside, inside]).outcomes.values()) == [2, 4]
    assert number.value == 0


def test_the_method_of_an_object_that_holds_a_value_and_a_lock_is_explored(mp):
    counter = w.Counter(mp)
    assert sorted(explore([counter.add] * 2).outcomes.values()) == [2, 4]
    found = explore([counter.add_locked] * 2, start_method=mp.get_start_method())
    assert [outcome.memory[0] for outcome in found.outcomes] == [2]
    run([counter.add_locked] * 2, start_method=mp.get_start_method())
    assert counter.number.value == 2


def test_a_name_that_is_also_a_global_is_not_mistaken_for_it(number):
    assert explore([w.add_to_value], number).complete


def test_what_a_worker_keeps_in_its_arguments_is_new_in_each_schedule(number):
    found = explore([partial(w.append_and_read, kept=[]), w.add_twice], number)
    assert {outcome.results[0] for outcome in found.outcomes} == {1}


def test_a_lock_that_is_held_is_refused(number):
    with number.get_lock(), pytest.raises(ValueError, match="lock of number is held by this"):
        explore([w.add_twice], number)


def test_a_shared_object_cannot_be_passed_on(number):
    with pytest.raises(WorkerError, match="shared objects cannot be copied or passed on"):
        explore([w.pass_on], number)


def test_objects_that_do_not_fit_are_refused_with_the_remedy(number):
    if "fork" in METHODS:
        with pytest.raises(ValueError, match="made for fork"):
            forked = multiprocessing.get_context("fork").Value("i", 0)
            explore([w.read_write], forked, start_method="spawn")


# -------------------------------------------------------------------------------- torn data


def test_a_raw_structure_and_a_raw_slice_can_tear():
    pair = FAST.RawValue(w.Pair, 0, 0)
    found = explore([w.torn_write, w.torn_read], pair)
    assert {outcome.results[1] for outcome in found.outcomes} == {(0, 0), (1, 0), (0, 1), (1, 1)}
    for numbers, torn in ((FAST.RawArray("i", 2), True), (FAST.Array("i", 2), False)):
        found = explore([partial(w.fill_slice, value=5), w.read_slice], numbers)
        seen = {tuple(outcome.results[1]) for outcome in found.outcomes}
        assert ((5, 0) in seen or (0, 5) in seen) == torn


def test_a_structure_locked_field_by_field_tears_too():
    found = explore([w.torn_write, w.torn_read], FAST.Value(w.Pair, 0, 0))
    assert (0, 1) in {outcome.results[1] for outcome in found.outcomes}


# --------------------------------------------------------------------- nothing left behind


@pytest.mark.parametrize("method", METHODS)
def test_a_program_with_a_stepper_left_open_comes_to_its_end(method):
    code = (
        "import multiprocessing, sys\n"
        f"sys.path.insert(0, {str(HERE)!r})\n"
        "import stepping_workers as w\n"
        "from shmlib import Stepper\n"
        f"number = multiprocessing.get_context({method!r}).Value('i', 0)\n"
        "stepper = Stepper([w.add_locked, w.add_locked], number)\n"
        "stepper.grant('A')\n"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (seen.returncode, seen.stdout, seen.stderr) == (0, "", "")


INTERRUPTED = """
import multiprocessing, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {here!r})
from functools import partial
import stepping_workers as w
from shmlib import explore, run
number = multiprocessing.get_context({method!r}).Value("i", 0)
try:
    print("begin", flush=True)
    explore([partial(w.add_times, times=9)] * 2, number, limit=10**9, reduce=False)
except KeyboardInterrupt:
    print(number.value, multiprocessing.active_children(), flush=True)
    print(run([w.add_locked], number).exitcodes, number.value, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("late", [0.0, 0.7])
def test_an_interrupted_exploration_leaves_nothing_behind(method, late):
    parent = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.format(here=str(HERE), method=method)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout.readline() == "begin\n"
    time.sleep(late)
    os.killpg(parent.pid, signal.SIGINT)
    out, err = parent.communicate(timeout=30)
    assert (out, err) == ("0 []\n(0,) 1\n", "")


OF_A_CHILD = (
    *("bytecode", "clock", "foreign", "gate", "low_level", "messages", "process"),
    *("reached", "replaced", "serve", "twins", "whereabouts"),
    *("views", "views_base", "views_memory", "views_sync"),
)


def test_a_gated_child_imports_no_more_than_a_child():
    number = multiprocessing.get_context("spawn").Value("i", 0)
    (outcome,) = explore([w.loaded_modules], number, start_method="spawn").outcomes
    assert {name for name in outcome.results[0] if name.startswith("shmlib")} == {
        "shmlib",
        "shmlib.engine",
        "shmlib.engine.child",
        *(f"shmlib.engine.child.{name}" for name in OF_A_CHILD),
        "shmlib.memory",
        "shmlib.memory.objects",
    }
    roots = {name.partition(".")[0] for name in outcome.results[0]}
    assert not {"numpy", "IPython", "matplotlib", "ipywidgets", "pytest"} & roots


def test_the_bank_program_is_right_with_the_lock_in_every_interleaving():
    account = FAST.Value("i", 1000)
    workers = [
        partial(bank.deposit_all, amounts=[10, 20], pause=0),
        partial(bank.withdraw_all, amounts=[5, 6], pause=0),
    ]
    found = explore(workers, account, invariant=lambda account: account.value == 1019)
    assert found.verdict == "holds" and len(found.schedules) == 2
