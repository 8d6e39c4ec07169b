"""No livelock is claimed of a worker that ends, wherever it keeps what it ends by."""

import gc
import multiprocessing
import time
from functools import partial

import pytest

import counting_workers as w
import stepping_workers
from shmlib import Stepper, WorkerError, explore, replay, run

SPAWN = multiprocessing.get_context("spawn")


@pytest.mark.parametrize("worker", w.GIVE_UP, ids=lambda worker: worker.__name__)
def test_a_worker_that_gives_up_is_in_no_livelock(worker):
    flag = SPAWN.RawValue("i", 0)
    try:
        found = explore(
            [worker, w.set_it], flag, invariant=lambda flag, results: results[0] != "gave up"
        )
    except WorkerError as error:
        assert worker in w.BY_THE_REAL_TIME and "not on the clock" in str(error)
        return
    assert "livelock" not in {outcome.kind for outcome in found.outcomes}
    assert found.verdict != "holds"


@pytest.mark.parametrize("worker", [w.by_a_global_of_a_helper, w.in_a_generator, w.three_times])
def test_it_gives_up_at_full_speed_too(worker):
    assert run([worker], SPAWN.RawValue("i", 0)).results == ("gave up",)
    (outcome,) = explore([worker], SPAWN.RawValue("i", 0)).outcomes
    assert (outcome.kind, outcome.results) == ("finished", ("gave up",))


def test_who_writes_on_the_way_round_and_gives_up_is_in_no_livelock():
    light, flag = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    found = explore([w.give_up_meanwhile, w.light_and_set_it], light, flag)
    assert found.verdict == "complete" and not found.polling
    assert {outcome.kind for outcome in found.outcomes} == {"finished"}
    assert {outcome.results[0] for outcome in found.outcomes} == {None, "gave up"}
    alone = explore([w.give_up_meanwhile], light, flag)
    assert alone.example(*alone.outcomes).outcome.results == ("gave up",)


def test_a_replay_goes_as_far_as_it_says_and_claims_no_livelock():
    flag = SPAWN.RawValue("i", 0)
    workers = [w.by_a_value_that_is_half_computed]
    with pytest.raises(ValueError, match="ends too soon, after step 5"):
        replay("AAAAA", workers, flag)
    found = replay("AAAAA", workers, flag, unfinished=True)
    assert found.outcome.kind == "unfinished" and len(found.steps) == 5
    assert replay("A" * 8, workers, flag).outcome.results == ("gave up",)


def test_what_was_written_in_rounds_that_were_only_tried_is_not_shown():
    flag = SPAWN.RawValue("i", 0)
    found = replay("AAA", [w.tell_and_look], flag)
    assert found.outcome.kind == "livelock"
    assert found.output == ("look\nlook\nlook\nlook\n",)
    assert flag.value == 0


def test_what_is_still_to_be_returned_is_told_apart():
    x, y = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    ends = replay("AAABBAAA", [w.until_three, w.three_after_one], x, y)
    assert ends.outcome.results == ("three", None)
    found = explore([w.until_three, w.three_after_one], x, y)
    assert {outcome.kind: outcome.memory for outcome in found.outcomes} == {
        "finished": (3, 1),
        "livelock": (0, 1),  # B has looked before A had written
    }


def test_a_number_may_be_too_long_to_be_written_in_base_ten():
    (outcome,) = explore([w.count_for_long], SPAWN.RawValue("i", 1)).outcomes
    assert outcome.results == ("seen",)


def test_a_livelock_is_told_in_large_memory_too():
    light, stop = SPAWN.RawArray("i", 20_000), SPAWN.RawValue("i", 0)
    found = explore([partial(blink, at=7)], light, stop)
    assert {outcome.kind for outcome in found.outcomes} == {"livelock"}


def blink(light, stop, at):
    while not stop.value:
        light[at] = 1
        light[at] = 0


def test_a_round_that_leaves_out_whoever_could_go_on_is_no_livelock():
    light, stop = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    with pytest.raises(ValueError, match="ends too soon"):
        replay("AAA", [stepping_workers.blink, stepping_workers.halt], light, stop)


def test_the_time_that_a_worker_has_seen_is_a_part_of_where_it_is():
    flag = SPAWN.RawValue("i", 0)
    (outcome,) = explore([stepping_workers.late_by_the_clock], flag).outcomes
    assert (outcome.kind, outcome.results) == ("finished", ("late",))


@pytest.mark.parametrize("length", [100, 101, 500])
def test_what_was_read_counts_in_whole_however_long_it_is(length):
    numbers, total = SPAWN.Array("i", length), SPAWN.Value("i", 1)
    found = explore([w.until_the_sum_is_right, w.set_the_first], numbers, total)
    assert {outcome.kind for outcome in found.outcomes} == {"finished"}


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="there is no fork"
)
def test_what_the_parent_does_whenever_rubbish_is_collected_is_nothing_to_a_worker():
    callback, before = lambda *_: time.perf_counter(), gc.get_threshold()
    gc.callbacks.append(callback)
    gc.set_threshold(1)
    try:
        flag = multiprocessing.get_context("fork").RawValue("i", 0)
        found = explore([w.take_notes, w.set_it], flag, start_method="fork")
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(callback)
    assert found.complete and found.polling


def test_whoever_sleeps_between_two_looks_can_loop_forever():
    (outcome,) = explore([w.take_a_nap], SPAWN.RawValue("i", 0)).outcomes
    assert outcome.kind == "livelock"


@pytest.mark.parametrize("worker", w.OUT_OF_A_LOCK, ids=lambda worker: worker.__name__)
@pytest.mark.parametrize("lock", [SPAWN.Lock, SPAWN.RLock, SPAWN.Semaphore])
def test_who_returns_out_of_a_lock_is_in_no_livelock(worker, lock):
    found = explore(
        [worker, w.set_without],
        lock(),
        SPAWN.RawValue("i", 0),
        invariant=lambda lock, flag, results: results[0] == "seen",
    )
    assert found.verdict == "holds" and {o.kind for o in found.outcomes} == {"finished"}


def test_what_was_tried_in_one_memory_is_tried_in_another():
    mode, flag = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    found = explore([w.count_by_mode, w.set_mode], mode, flag, step_limit=40)
    assert "livelock" not in {outcome.kind for outcome in found.outcomes}
    assert "gave up" in {outcome.results[0] for outcome in found.outcomes}


def test_a_fair_round_is_found_inside_an_unfair_group():
    shared = SPAWN.Lock(), SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    workers = [w.hold_until_told, w.toggle, w.want_the_lock]
    seen = replay("ABABBA", workers, *shared, unfinished=True).outcome
    found = explore(workers, *shared, limit=10_000)
    (endless,) = (outcome for outcome in found.outcomes if outcome.kind == "livelock")
    assert (seen.kind, endless.memory) == ("livelock", seen.memory)
    assert found.complete and endless.detail.startswith("A and B can loop forever")
    assert found.example(endless).outcome == endless


def test_what_comes_up_in_a_round_that_is_only_tried_is_no_error():
    flag = SPAWN.RawValue("i", 0)
    found = replay("AABA", [w.return_what_stays_here_at_last, w.set_it], flag)
    assert found.outcome.results == ("seen", None)
    with pytest.raises(WorkerError, match="returned something that cannot be sent back"):
        replay("A" * 62, [w.return_what_stays_here_at_last], flag)


def test_after_a_cut_other_orders_are_tried():
    ready, total = SPAWN.RawArray("i", 2), SPAWN.RawValue("i", 0)
    workers = [w.wait_for_all, partial(w.add_and_tell, me=0), partial(w.add_and_tell, me=1)]
    found = explore(workers, ready, total, step_limit=100, limit=300)
    assert found.verdict == "inconclusive" and found.executed > 100
    assert {(1, 1), (2, 1)} <= {(o.memory[1], o.memory[0][1]) for o in found.outcomes}
    (alone,) = explore(workers[:1], ready, total, step_limit=100).outcomes
    assert alone.kind == "cut"


@pytest.mark.parametrize("worker", w.FOR_IN_WHILE, ids=lambda worker: worker.__name__)
def test_a_for_loop_may_be_a_part_of_a_round(worker):
    ready, total = SPAWN.RawArray("i", 2), SPAWN.RawValue("i", 0)
    both = partial(w.add_and_tell_both, by=1)
    found = explore([worker, both], ready, total, limit=10_000)
    assert found.complete and found.polling
    assert {(o.kind, o.results[0]) for o in found.outcomes} == {("finished", 1)}
    (endless,) = explore([worker], ready, total, limit=10_000).outcomes
    assert endless.kind == "livelock"


@pytest.mark.parametrize("worker", w.BLINK, ids=lambda worker: worker.__name__)
def test_what_handles_an_exception_is_no_loop(worker):
    ready, light = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    found = explore([worker, w.look_at_the_light], SPAWN.Lock(), ready, light, limit=10_000)
    assert found.complete and {outcome.kind for outcome in found.outcomes} == {"livelock"}


def test_what_a_comprehension_has_collected_is_a_part_of_where_it_is():
    with Stepper([w.until_two_looks_differ, w.blink_for_ever], *two()) as stepper:
        places = []
        for schedule in ("A", "BBA", "BBAB"):
            stepper.rewind(schedule)
            places.append(stepper.recurrence.where_are("A"))
    assert places[0][0][1] is None or places[0] != places[2]


def two():
    return SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
