"""Explorers and figures without a browser: what they refuse, what they carry, what they leave."""

import html
import multiprocessing
from collections import Counter
from functools import partial

import pytest

import stepping_workers as w
from fast import FAST
from shmlib import explore, explorers, figures, replay
from shmlib.notebook.explorers.explorer import LiveWorkers
from shmlib.shown import MARK, VIEW
from shmlib.workers import counter, rendezvous


def number():
    return FAST.Value("i", 0)


def scheduler(**options):
    return explorers.scheduler([counter.increment] * 2, number(), **options)


def test_an_explorer_carries_words_a_picture_and_a_view():
    shown, metadata = scheduler(goal="Lose.", reached=lambda end: True)._repr_mimebundle_()
    assert metadata == {VIEW: MARK}
    assert set(shown) == {"text/plain", "text/html", VIEW}
    assert "Goal: Lose." in shown["text/plain"]
    assert "Worker A (increment) is about to read counter." in shown["text/plain"]
    assert shown["text/html"].startswith('<img alt="Be the scheduler')


def test_one_scheduler_at_a_time_has_live_workers():
    scheduler()
    before = multiprocessing.active_children()
    assert len(before) == 2
    scheduler()
    after = multiprocessing.active_children()
    assert len(after) == 2 and not set(before) & set(after)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"goal": 3}, TypeError, "goal must be a sentence, not 3"),
        ({"goal": "Lose."}, ValueError, "goal and reached go together"),
        ({"goal": "Lose.", "reached": 1}, TypeError, "reached must be a function"),
    ],
)
def test_bad_arguments_of_a_scheduler_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        scheduler(**options)


def test_a_scheduler_takes_two_or_three_workers():
    with pytest.raises(ValueError, match="2 or 3 functions, not 1"):
        explorers.scheduler([counter.increment], number())


def test_programs_to_choose_from_need_names():
    with pytest.raises(ValueError, match=r"workers must give each list a name, not {}"):
        explorers.scheduler({}, number())
    with pytest.raises(ValueError, match="give each list a name"):
        explorers.scheduler({1: [counter.increment] * 2}, number())
    with pytest.raises(ValueError, match="2 or 3 functions, not 1"):
        explorers.scheduler({"two": [counter.increment] * 2, "one": [counter.increment]}, number())


def parts(live):
    """The buttons by what stands on them, the chosen program, and the text of the panel."""
    rows, panel = live.widget.children[:-1], live.widget.children[-1]
    inner = [widget for row in rows for widget in row.children]
    named = {widget.description: widget for widget in inner}
    return named, html.unescape(panel.value)


@pytest.mark.usefixtures("asleep_again")
def test_every_schedule_is_tried_and_the_workers_are_where_they_were():
    counted = number()
    pair = {"bare": [counter.increment] * 2, "three": [counter.increment] * 3}
    live = explorers.scheduler(
        pair, counted, goal="Lose.", reached=lambda end: end.memory[0] < len(end.results)
    )
    parts(live)[0]["A: read counter"].click()
    parts(live)[0]["A: write 1 to counter"].click()
    parts(live)[0]["Try every schedule"].click()
    assert "Of 6 schedules, 4 reach the goal." in parts(live)[1]
    assert counted.value == 1 and parts(live)[0]["schedule"].value == "AA"
    parts(live)[0]["program"].value = "three"
    assert counted.value == 0 and "reach the goal" not in parts(live)[1]
    assert list(parts(live)[0])[:3] == [f"{letter}: read counter" for letter in "ABC"]
    parts(live)[0]["Try every schedule"].click()
    assert "Of 90 schedules, 84 reach the goal." in parts(live)[1]


@pytest.mark.usefixtures("asleep_again")
def test_what_is_tried_and_fails_is_said():
    live = scheduler(goal="Lose.", reached=lambda end: end.results[7])
    parts(live)[0]["Try every schedule"].click()
    assert "IndexError" in parts(live)[1]
    parts(live)[0]["A: read counter"].click()
    assert "Next: write 1 to counter." in parts(live)[1]


@pytest.mark.usefixtures("asleep_again")
def test_whoever_sleeps_says_what_for():
    news, told = FAST.Condition(), number()
    live = explorers.scheduler([rendezvous.wait_for_news, rendezvous.bring_news], news, told)
    parts(live)[0]["schedule"].value = "AABBB"
    buttons, panel = parts(live)
    assert buttons["A: waits to wake on news"].disabled
    assert "It waits for news, held by B." in panel
    assert "wait on (asleep)" in panel and "notify (wakes 1)" in panel
    parts(live)[0]["schedule"].value = "AA"
    assert "It waits for news, asleep until a notify." in parts(live)[1]
    start = FAST.Event()
    live = explorers.scheduler([rendezvous.start_when_told, rendezvous.tell], start, told)
    parts(live)[0]["schedule"].value = "A"
    assert "It waits for start, which nobody has set." in parts(live)[1]


def test_exact_counts_are_those_of_every_interleaving():
    from shmlib.notebook.explorers.lost_updates import exact_counts, interleavings

    assert exact_counts(2, 2) == {4: 6, 3: 32, 2: 32}
    assert exact_counts(2, 10) == {}
    assert interleavings(2, 10) == "about 1e+11 interleavings"
    assert interleavings(2, 10_000).startswith("more interleavings than")


def test_real_counts_tell_every_round():
    from shmlib.notebook.explorers.lost_updates import real_counts

    seen = real_counts(3, 5, 4)
    assert seen.total() == 4
    assert all(2 <= end <= 15 for end in seen)


# --------------------------------------------------------------------------------- figures


def pictures():
    yield figures.timeline(replay("ABAB", [counter.increment] * 2, number()))
    yield figures.timeline(replay("AAAABBBB", [w.add_locked] * 2, number()))
    pair = [partial(w.take_both, reverse=flip) for flip in (False, True)]
    yield figures.timeline(replay("AB", pair, number(), number()))
    yield figures.timeline(replay("A", [w.wrong_index], FAST.Array("i", 2)))
    yield figures.timeline(replay("", [w.idle], number()))
    yield figures.interleavings(explore([counter.increment] * 2, number()))
    yield figures.interleavings(explore([partial(counter.add, times=3)] * 2, number()))
    yield figures.interleavings(explore(pair, number(), number(), invariant=lambda *_: False))
    yield figures.final_counts(Counter({2: 2, 1: 4}), Counter({2: 100}), 2, 1)
    yield figures.final_counts(Counter(), Counter({20_000: 1, 11_111: 2}), 2, 10_000)


def test_pictures_are_the_same_every_time_and_say_what_they_show():
    for first, second in zip(pictures(), pictures(), strict=True):
        assert first.svg == second.svg
        assert first.words == second.words != ""
        assert "<svg" in first.svg


def test_the_words_of_a_timeline_name_the_conflict():
    done = replay("ABAB", [counter.increment] * 2, number())
    alternative = html.unescape(done._repr_html_().partition("src=")[0])
    assert "B wrote 1 over A's 1: A's update is lost" in alternative
    assert figures.timeline(done).words == repr(done)


@pytest.fixture
def asleep_again():
    """See that no workers of an explorer are left to the tests that follow."""
    yield
    LiveWorkers.awake.sleep()


@pytest.mark.usefixtures("asleep_again")
def test_a_learners_text_is_no_html():
    text = FAST.Array("c", b"<img src=x onerror=alert(1)>")
    live = explorers.memory_live([partial(w.write_text_item, text=b"<b>")], text)
    step = next(
        button for button in live.widget.children[0].children if button.description == "Step"
    )
    step.click()
    pages = [child.value for child in live.widget.children if hasattr(child, "value")]
    assert any("&lt;b&gt;" in page for page in pages)
    for page in pages:
        assert "<b>" not in page and "<img src=x" not in page


@pytest.mark.usefixtures("asleep_again")
@pytest.mark.parametrize("holding", [False, True])
def test_a_scheduler_whose_worker_was_killed_says_so(holding):
    live = explorers.scheduler([w.add_locked] * 2, number())
    buttons, _, panel = live.widget.children
    a, *_ = buttons.children
    if holding:
        a.click()
    for process in multiprocessing.active_children():
        process.kill()
    a.click()
    assert "was killed by SIGKILL" in panel.value
    if holding:  # the lock of the dead: nothing can be started with it
        assert "is held by another process" in panel.value and "Run this cell again." in panel.value
        assert a.disabled
    else:
        assert not a.disabled
        a.click()
        assert "was killed" not in panel.value


@pytest.mark.usefixtures("asleep_again")
def test_every_click_says_so_where_the_lock_of_a_killed_worker_is_still_taken():
    shared = FAST.Value("i", 0)
    live = explorers.memory_live([w.add_locked] * 2, shared)
    row, said, _ = live.widget.children
    _, step, restart, *_ = row.children
    step.click()
    for process in multiprocessing.active_children():
        process.kill()
    step.click()
    assert "was killed by SIGKILL" in said.value
    for button in (restart, step):
        said.value = ""
        button.click()
        assert "is held by another process" in said.value


@pytest.mark.usefixtures("asleep_again")
def test_a_program_that_cannot_be_started_is_told_when_it_is_chosen():
    programs = {"good": [w.add_locked] * 2, "bad": [partial(w.add_locked), w.kill_on_arrival]}
    live = explorers.scheduler(programs, number())
    _, row, panel = live.widget.children
    row.children[1].value = "bad"
    assert "was killed by SIGKILL" in panel.value and "Run this cell again" in panel.value
