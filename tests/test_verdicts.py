"""What explore and replay claim: nothing is said to hold, to be complete or endless that is not."""

import multiprocessing
import sys
from functools import partial
from types import SimpleNamespace

import pytest

import shmlib
import stepping_workers as w
from shmlib import Stepper, WorkerError, replay, run
from shmlib.engine.child.whereabouts import Whereabouts, in_source
from shmlib.workers import guard
from untimed import explore

SPAWN = multiprocessing.get_context("spawn")
FORKS = "fork" in multiprocessing.get_all_start_methods()
FORK = multiprocessing.get_context("fork") if FORKS else SPAWN
forking = pytest.mark.skipif(not FORKS, reason="there is no fork")


@pytest.fixture
def number():
    return SPAWN.Value("i", 0)


def kinds(found):
    return {outcome.kind for outcome in found.outcomes}


@pytest.mark.parametrize(
    ("worker", "steps"),
    [
        (partial(w.add_times, times=150), 300),
        (partial(w.read_repeatedly, times=120), 120),
    ],
)
def test_a_worker_that_gets_on_is_no_livelock_however_long_it_takes(number, worker, steps):
    found = explore([worker], number)
    assert found.complete and kinds(found) == {"finished"}
    assert [len(schedule) for schedule in found.schedules] == [steps]


def test_a_for_loop_is_known_as_one_however_long_its_body_is():
    body = "".join(f"        x = {n}\n" for n in range(300))
    made = {}
    exec(f"def go(look):\n    for turn in range(1):\n{body}        look()\n", made)

    def begin():
        made["go"](look)

    def look():
        number, _ = Whereabouts(begin.__code__).look(sys._getframe(1), None)
        ((kind, _),) = in_source(number).loops
        assert kind == "for"

    begin()


def test_a_loop_over_a_long_array_is_no_livelock():
    found = explore([w.go_through], SPAWN.Array("i", 201))
    assert found.complete and kinds(found) == {"finished"}


def test_an_invariant_that_the_end_breaks_is_broken_after_many_steps(number):
    found = explore([partial(w.add_times, times=150)], number, invariant=lambda n: n.value <= 100)
    assert found.verdict == "broken"


def test_what_is_cut_is_not_judged_and_nothing_is_complete(number):
    worker = partial(w.add_times, times=30)
    found = explore([worker], number, invariant=lambda n: n.value == 30, step_limit=40)
    assert kinds(found) == {"cut"} and not found.failures
    assert not found.complete and found.verdict == "inconclusive"
    assert "cut after 40 steps: increase step_limit" in repr(found)
    held = explore([worker], number, invariant=lambda n: n.value == 30, step_limit=60)
    assert held.verdict == "holds"


def test_two_who_give_way_to_each_other_can_do_so_without_end():
    locks = SPAWN.Lock(), SPAWN.Lock()
    workers = [partial(w.give_way, swap=False), partial(w.give_way, swap=True)]
    found = explore(workers, *locks, invariant=lambda first, second: True)
    assert found.complete and kinds(found) == {"finished", "livelock"}
    assert "the invariant holds in all that end" in repr(found)
    (endless,) = [outcome for outcome in found.outcomes if outcome.kind == "livelock"]
    assert endless.detail.startswith("A and B can loop forever")
    seen = replay("AB" * 150, workers, *locks).outcome
    assert seen.kind == "livelock" and "ABABAB brings everything back" in seen.detail


def test_one_who_gives_way_alone_ends():
    locks = SPAWN.Lock(), SPAWN.Lock()
    found = explore([partial(w.give_way, swap=False)], *locks)
    assert kinds(found) == {"finished"}


def test_a_loop_with_a_time_limit_ends_as_it_does_at_full_speed(number):
    found = explore([w.wait_five_seconds, w.set_flag], number)
    assert found.complete and kinds(found) == {"finished"}
    assert {outcome.results[0] for outcome in found.outcomes} == {"seen", "late"}


def test_what_stands_on_the_stack_of_an_expression_is_no_polling():
    number, other = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 3)
    found = explore([w.add_two_reads, w.set_flag_of_two], number, other)
    assert found.complete and kinds(found) == {"finished"}


def test_an_invariant_may_ask_for_what_the_workers_returned(number):
    pays = [w.pay_160, w.pay_160]
    found = explore(pays, number, invariant=lambda paid, results: paid.value == sum(results))
    assert found.verdict == "broken"
    ends = {outcome.memory for _, outcome, holds in found.traces if not holds}
    assert ends == {(160,)}


def test_always_is_judged_on_the_way_while_nobody_holds_a_lock(number):
    there_and_back = [w.add_and_take_back]
    assert explore(there_and_back, number, invariant=lambda n: n.value == 0).verdict == "holds"
    found = explore(there_and_back, number, always=lambda n: n.value == 0)
    assert found.verdict == "broken"
    locked = [w.add_and_take_back_locked]
    assert explore(locked, number, always=lambda n: n.value == 0).verdict == "holds"
    assert explore(locked, number, always=lambda n: n.value == 1).verdict == "broken"


def test_a_semaphore_holds_no_judgement_back_since_it_has_no_owner(number):
    free = SPAWN.Semaphore(1)
    worker = w.add_and_take_back_under
    assert explore([worker], number, free, always=lambda n, _: n.value == 0).verdict == "broken"
    lock = SPAWN.Lock()
    assert explore([worker], number, lock, always=lambda n, _: n.value == 0).verdict == "holds"


def test_an_assertion_is_a_broken_invariant_and_another_error_is_shown_with_its_schedule(number):
    def check(n):
        assert n.value == 2
        return True

    assert explore([w.read_write, w.read_write], number, invariant=check).verdict == "broken"
    with pytest.raises(ZeroDivisionError) as caught:
        explore([w.read_write], number, invariant=lambda n: 1 / 0)
    assert caught.value.__notes__ == ["The invariant raised this under schedule 'AA'."]
    assert number.value == 0


@pytest.mark.parametrize("name", ["invariant", "always"])
def test_an_invariant_that_returns_nothing_neither_holds_nor_breaks(number, name):
    def forgets(n):
        n.value == 5  # noqa: B015

    def only_asserts(n):
        assert n.value < 5

    for check in (forgets, only_asserts):
        message = rf"{name} {check.__name__} returned None.* return n\.value .* return True"
        with pytest.raises(TypeError, match=message):
            explore([w.read_write], number, **{name: check})
    assert number.value == 0


def test_a_set_is_gone_through_in_the_same_order_every_time(number):
    seen = {repr(replay("A" * 5, [w.set_of_words], number)) for _ in range(4)}
    assert len(seen) == 1


# ---------------------------------------------------------------------------------- in words


def test_a_replay_says_what_a_worker_raised_and_where(number):
    shown = repr(replay("A", [w.raise_typo], number))
    assert "A raised AttributeError: " in shown and "valeu" in shown
    assert "A raised it in line " in shown and "stepping_workers.py: return number.valeu" in shown
    with pytest.raises(ValueError, match=r"step 2 .* it raised AttributeError: .* in line \d+"):
        replay("AA", [w.raise_typo], number)


def test_a_schedule_may_stop_half_way_and_may_have_blanks(number):
    with pytest.raises(ValueError, match="ends too soon"):
        replay("AB", [w.read_write, w.read_write], number)
    found = replay("A B\n", [w.read_write, w.read_write], number, unfinished=True)
    assert found.schedule == "AB" and found.outcome.kind == "unfinished"
    assert "Who can go on: A (to write 1 to number), B (to write 1 to number)" in repr(found)
    assert number.value == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda n: run([w.read_write], n, timeout="x"),
        lambda n: replay("AA", [w.read_write, 3], n),
        lambda n: replay("ZZ", [w.read_write], n),
        lambda n: explore([w.read_write], n, limit=0),
        lambda n: explore([w.take_and_exit], n),
    ],
)
def test_an_error_of_ours_is_shown_without_the_lines_that_led_to_it(number, call):
    with pytest.raises((TypeError, ValueError, WorkerError)) as caught:
        call(number)
    assert [frame.path.name for frame in caught.traceback][-1] == "errors.py"
    assert len(caught.traceback) == 3  # here, in the lambda, and at the door of shmlib
    assert caught.value.__suppress_context__


def test_the_lines_of_an_invariant_stay(number):
    def check(n):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine") as caught:
        explore([w.read_write], number, invariant=check)
    assert caught.traceback[-1].name == "check"


def test_a_long_result_is_shown_by_its_beginning(number):
    shown = repr(run([w.return_much], number))
    assert len(shown) < 2_000 and "(2,000,002 characters)" in shown


def test_the_records_of_a_slice_are_seen():
    eithers = SPAWN.Array(w.Either, 1)
    found = explore([w.bump_each_of_slice] * 2, eithers)
    assert {outcome.memory[0][0].left for outcome in found.outcomes} == {1, 2}


def test_an_array_set_from_another_is_refused_and_no_worker_hangs():
    with pytest.raises(
        WorkerError, match="numbers cannot be set from others in one step: copy it first"
    ):
        explore([w.set_from] * 2, SPAWN.Array("i", 2), SPAWN.Array("i", 2))


@pytest.mark.parametrize("kind", ["RLock", "Lock"])
def test_an_invariant_that_keeps_a_lock_is_told_so_and_the_lock_is_free(kind):
    mp = multiprocessing.get_context("spawn")
    lock = getattr(mp, kind)()
    number = mp.Value("i", 0, lock=lock)

    def forgets(number):
        lock.acquire()
        return True

    for options in ({"invariant": forgets}, {"always": forgets}):
        with pytest.raises(ValueError, match="forgets took the lock of number and did not give it"):
            explore([w.increment] * 2, number, **options)
        assert lock.acquire(timeout=1)
        lock.release()


def test_a_lock_that_is_left_taken_is_named_though_all_finish(number):
    well = explore([partial(guard.add_between, amount=1)] * 2, number)
    assert well.left_taken == {}
    found = explore([partial(guard.add_between, amount=1), guard.take], number)
    ((worker, lock), schedule) = next(iter(found.left_taken.items()))
    assert (worker, lock) == ("B", "the lock of account") and schedule.endswith("B")
    assert kinds(found) == {"finished", "deadlock"} and len(found.left_taken) == 1


# ------------------------------------------- what a forked worker reaches otherwise than as handed


@forking
def test_under_fork_what_was_handed_over_and_is_used_by_another_name_is_refused():
    number, lock = FORK.Value("i", 0), FORK.Lock()

    def add(_):
        number.value += 1

    def guarded(_, raw):
        with lock:
            raw.value += 1

    with pytest.raises(
        WorkerError, match=r"used the Synchronized that it was handed by another wa"
    ):
        explore([add, add], number, invariant=lambda number: number.value == 2)
    with pytest.raises(WorkerError, match=r"used the Lock that it was handed by another way"):
        explore([guarded, guarded], lock, FORK.RawValue("i", 0))
    assert number.value == 0 and lock.acquire(timeout=0)


@forking
def test_under_fork_a_local_worker_is_handed_views_inside_a_list_and_arguments_made_anew():
    number = FORK.Value("i", 0)

    def add(seen, numbers):
        numbers[0].value += 1
        seen.append("once")
        return len(seen)

    found = explore([partial(add, []), partial(add, [])], [number])
    assert sum(found.outcomes.values()) == 6
    assert {outcome.results for outcome in found.outcomes} == {(1, 1)}
    assert {outcome.memory[0] for outcome in found.outcomes} == {1, 2}


@forking
def test_under_fork_a_local_worker_keeps_what_cannot_be_copied():
    number = FORK.Value("i", 0)

    def add(held, numbers):
        held["kept"] += [type(held["file"])]
        numbers[0].value += len(held["kept"])

    with open(__file__, encoding="utf-8") as file:
        held = {"file": file, "module": multiprocessing, "kept": []}
        found = explore([partial(add, held)] * 2, [number])
    assert {outcome.memory[0] for outcome in found.outcomes} == {1, 2}
    assert sum(found.outcomes.values()) == 6


# ------------------------------------------------------------------- what differs from run to run


def counted(number, seen=[]):  # noqa: B006
    seen.append("once")
    number.value = 1
    return len(seen)


def test_a_worker_that_returns_something_else_in_the_next_run_is_refused():
    with pytest.raises(WorkerError, match=r"its end, returning 1, now to its end, returning 3"):
        explore([counted, counted], SPAWN.Value("i", 0))


async def later(number):
    return number.value == 2


def one_by_one(number):
    yield number.value == 2


@pytest.mark.parametrize("name", ["invariant", "always"])
@pytest.mark.parametrize(
    ("function", "kind"), [(later, "an async function"), (one_by_one, "a generator function")]
)
def test_an_invariant_that_a_call_does_not_run_is_refused(name, function, kind):
    with pytest.raises(TypeError, match=f"{name} is {function.__name__}, {kind}: calling it runs"):
        explore([counted], SPAWN.Value("i", 0), **{name: function})


def test_results_are_told_apart_however_deep_they_differ():
    found = explore([w.return_it_deep_inside, w.set_to_1], SPAWN.RawValue("i", 0))
    assert {outcome.results[0][0][0][0][0] for outcome in found.outcomes} == {0, 1}


@pytest.mark.parametrize("worker", [w.return_a_slotted, w.return_a_frozen, w.return_an_array])
def test_equal_results_are_one_outcome_and_others_are_not(worker):
    found = explore([worker, w.set_to_1], SPAWN.RawValue("i", 0))
    assert sorted(found.outcomes.values()) == [1, 1]
    (again,) = explore([worker], SPAWN.RawValue("i", 0)).outcomes
    assert again in explore([worker], SPAWN.RawValue("i", 0)).outcomes


def test_functions_and_classes_are_told_apart_by_which_they_are():
    found = explore([w.return_a_function, w.set_to_1], SPAWN.RawValue("i", 0))
    assert {outcome.results[0] for outcome in found.outcomes} == {w.set_to_1, w.return_a_function}


# -------------------------------------------------------------------------- what is asked amiss


def test_a_question_about_something_that_there_is_not_says_what_there_is(number):
    found = explore([w.set_to_1, w.set_to_1], number)
    with pytest.raises(ValueError, match=r"target must be one of 'number', or a part, not 'numb'"):
        found.together("numb")
    with pytest.raises(ValueError, match="target must be one of 'number', or a part, not 3"):
        found.together(3)
    with pytest.raises(TypeError, match="outcome must be one of the outcomes, not 'finished'"):
        found.interleavings_of("finished")
    with pytest.raises(TypeError, match=r"outcome must be one of the outcomes, not \[\]"):
        found.example([])
    with pytest.raises(ValueError, match="there is no such interleaving"):
        found.failures.plainest  # noqa: B018


def test_a_closed_stepper_says_so(number):
    with Stepper([w.set_to_1], number) as stepper:
        pass
    for ask in (
        lambda: stepper.rewind("A"),
        lambda: stepper.grant("A"),
        lambda: stepper.advance("A"),
        lambda: stepper.outcome,
        lambda: stepper.ended,
        lambda: stepper.output,
    ):
        with pytest.raises(ValueError, match="this stepper is closed"):
            ask()


def test_a_stepper_whose_worker_has_died_is_closed_and_blames_nobody_else(number):
    with Stepper([w.end_the_process, w.set_to_1], number) as stepper:
        with pytest.raises(WorkerError, match="exit code 3"):
            stepper.grant("A")
        with pytest.raises(ValueError, match="this stepper is closed"):
            stepper.grant("B")


def test_a_stepper_says_what_does_not_fit(number):
    with Stepper([w.set_to_1], number) as stepper:
        for step in (stepper.grant, stepper.advance):
            with pytest.raises(ValueError, match="step 1 of the schedule asks for worker 'Z'"):
                step("Z")
        with pytest.raises(ValueError, match=r"asks for worker \[\]: there is no such worker"):
            stepper.grant([])
        with pytest.raises(TypeError, match='schedule must be a string such as "ABAB", not 5'):
            stepper.rewind(5)
        with pytest.raises(TypeError, match="step_limit must be a whole number, not 'x'"):
            stepper.end("x")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"invariant": lambda: True}, "invariant is <lambda>() and is handed 1 shared object: too"),
        ({"always": lambda n, m: True}, "always is <lambda>(n, m) and is handed 1 shared object"),
        ({"always": lambda n, results: True}, "missing a required argument: 'results'"),
    ],
)
def test_an_invariant_that_cannot_be_called_is_refused_before_anything_starts(
    options, words, number, monkeypatch
):
    monkeypatch.setattr("shmlib.engine.explore.Stepper", None)
    with pytest.raises(TypeError) as caught:
        explore([w.set_to_1], number, **options)
    assert words in str(caught.value)


# ------------------------------------------------------------------------------ what is counted


def test_nothing_is_counted_twice_where_polling_begins_late(number):
    flag = SPAWN.RawValue("i", 0)
    workers = [w.set_flag_and_add_3, w.wait_and_add_3]
    found = shmlib.explore(workers, flag, number, limit=200)
    assert found.polling and not found.complete
    schedules = found.schedules
    assert len(schedules) == len(set(schedules)) == found.interleavings


def test_a_clock_that_stands_still_for_a_while_is_no_error(number, monkeypatch):
    ticks = iter([5.0] * 3 + [99.0] * 9)
    monkeypatch.setattr("shmlib.engine.explore.time", SimpleNamespace(monotonic=ticks.__next__))
    assert shmlib.explore([w.increment] * 2, number).interleavings > 0


def test_it_is_called_inconclusive_where_the_verdict_is(number):
    broken = shmlib.explore([w.increment] * 5, number, invariant=lambda n: n.value == 5, limit=9)
    assert broken.verdict == "broken" and not broken.complete
    assert "inconclusive" not in repr(broken)
    undecided = shmlib.explore([w.increment] * 5, number, limit=9)
    assert undecided.verdict == "inconclusive" and repr(undecided).startswith("inconclusive: ")
    for found in (broken, undecided):
        assert " of about " in repr(found) and "outcomes so far\n" in repr(found)


def test_every_interleaving_was_run_only_where_all_were():
    flag, light = SPAWN.RawValue("i", 0), SPAWN.RawValue("i", 0)
    workers = [w.wait_and_add_3, w.set_flag_and_add_3]
    few, every = (shmlib.explore(workers, flag, light, limit=limit) for limit in (4, 10_000))
    assert few.polling and "was set aside until something changed" in repr(few)
    assert "every interleaving was run" not in repr(few)
    assert every.complete and "and every interleaving was run" in repr(every)
