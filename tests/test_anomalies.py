"""Lost updates, torn reads and blind writes are told by the bytes, not by what they are called."""

import ctypes
from functools import partial

import pytest

import stepping_workers as w
from fast import FAST
from shmlib import replay
from shmlib.workers import clock


@pytest.fixture
def nine_59():
    return FAST.RawValue(clock.Time, 9, 59)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("BAAB", "B read the old time.hour 9 and the new time.minute 0: a torn read"),
        ("ABBA", "B read the new time.hour 10 and the old time.minute 59: a torn read"),
    ],
)
def test_half_a_record_is_a_torn_read(nine_59, schedule, words):
    seen = replay(schedule, [clock.strike_ten, clock.look], nine_59)
    (torn,) = seen.torn_reads
    assert torn.words == words and words in repr(seen)
    assert [seen.steps[n].worker for n in (torn.first, torn.last)] == ["B", "B"]


@pytest.mark.parametrize("schedule", ["AABB", "BBAA", "ABAB", "BABA"])
def test_a_whole_record_is_no_torn_read(nine_59, schedule):
    seen = replay(schedule, [clock.strike_ten, clock.look], nine_59)
    # In BABA, 9:59 is what the clock showed, and in ABAB 10:00.
    assert seen.torn_reads == []


def test_a_lock_around_each_field_does_not_help():
    time = FAST.Value(clock.Time, 9, 59)
    assert len(replay("BAAB", [clock.strike_ten, clock.look], time).torn_reads) == 1


def test_half_a_slice_is_a_torn_read_and_a_locked_one_is_none():
    workers = [partial(clock.fill, value=5), clock.copy]
    seen = replay("ABBA", workers, FAST.RawArray("i", 2))
    assert [t.words for t in seen.torn_reads] == [
        "B read the new numbers[0] 5 and the old numbers[1] 0: a torn read"
    ]
    assert replay("AB", workers, FAST.Array("i", 2)).torn_reads == []
    nothing_new = [partial(clock.fill, value=0), clock.copy]
    assert replay("ABBA", nothing_new, FAST.RawArray("i", 2)).torn_reads == []


def test_a_write_over_what_was_never_read_is_blind():
    workers = [partial(clock.fill, value=5), partial(clock.fill, value=6)]
    seen = replay("ABBA", workers, FAST.RawArray("i", 2))
    assert [tuple(blind) for blind in seen.blind_writes] == [
        (0, 1, "B wrote 6 over A's 5 in numbers[0] without reading it"),
        (2, 3, "A wrote 5 over B's 6 in numbers[1] without reading it"),
    ]
    assert seen.lost_updates == []


def test_many_of_a_kind_are_counted():
    workers = [partial(clock.fill, value=5), partial(clock.fill, value=6)]
    assert "and 4 more like this" in repr(replay("A" * 7 + "B" * 7, workers, FAST.RawArray("i", 7)))


def test_an_item_and_the_slice_around_it_are_the_same_bytes():
    numbers = FAST.Array("i", 3)
    seen = replay("ABA", [w.add_one_to_slice, partial(w.set_item_of, place=1)], numbers)
    assert [(lost.first, lost.last) for lost in seen.lost_updates] == [(1, 2)]
    apart = replay("ABA", [w.add_one_to_slice, partial(w.set_item_of, place=2)], numbers)
    assert apart.lost_updates == []


def test_each_byte_is_told_by_who_wrote_it_last():
    numbers = FAST.Array("i", 3)
    seen = replay("ABAA", [w.set_1_and_add_one_to_all, partial(w.set_item_of, place=0)], numbers)
    assert seen.outcome.memory == ((1, 1, 1),)
    assert [(lost.first, lost.last) for lost in seen.lost_updates] == [(1, 3)]
    others = [partial(w.set_item_of, place=place) for place in (0, 2)]
    seen = replay("ABCAA", [w.set_1_and_add_one_to_all, *others], numbers)
    assert sorted((lost.first, lost.last) for lost in seen.lost_updates) == [(1, 4), (2, 4)]


def test_the_fields_of_a_union_are_the_same_bytes():
    seen = replay("ABA", [w.bump_left, w.set_right], FAST.RawValue(w.Either, 0))
    assert [(lost.first, lost.last) for lost in seen.lost_updates] == [(1, 2)]


def test_a_place_is_told_in_bytes():
    seen = replay("AA", [partial(w.bump, place=2)], FAST.Array("d", 3))
    assert {(step.place.first, step.place.last) for step in seen.steps} == {(16, 23)}
    assert ctypes.sizeof(ctypes.c_double) == 8


def test_what_only_lies_between_the_first_and_the_last_item_of_a_step_is_not_lost():
    seen = replay("ABA", [w.add_to_every_second, w.set_item_1], FAST.Array("i", 4))
    assert seen.outcome.memory == ((1, 5, 1, 0),)
    assert seen.lost_updates == seen.blind_writes == []


def test_other_bits_of_a_number_are_not_lost():
    seen = replay("ABA", [w.add_to_the_low_bits, w.set_the_high_bits], FAST.RawValue(w.Bits))
    assert (seen.steps[-1].memory[0].low, seen.steps[-1].memory[0].high) == (1, 1)
    assert seen.lost_updates == seen.blind_writes == []


def test_a_read_counts_where_it_read_what_was_written_over():
    numbers = FAST.Array("i", 2)
    seen = replay("ABAA", [w.read_1_then_0_and_write_both, w.set_item_1], numbers)
    assert [(lost.first, lost.last) for lost in seen.lost_updates] == [(1, 3)]
    seen = replay("ABA", [w.read_0_and_write_both, w.set_item_1], numbers)
    assert seen.lost_updates == []
    assert [(blind.first, blind.last) for blind in seen.blind_writes] == [(1, 2)]


def test_a_worker_is_not_torn_from_itself():
    seen = replay("AAAA", [w.look_in_between], FAST.RawValue(w.Pair))
    assert seen.torn_reads == []
