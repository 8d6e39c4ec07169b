"""The explorers in JupyterLab, in a real browser: each is used by click and by key."""

import re
from pathlib import Path

import nbformat
import pytest

from browser import excerpt, open_copy, run_all, show_cell, trouble
from shmlib import explorers

ROOT = Path(__file__).parent.parent


def open_explorer(page, lab, name, text):
    """Open a page's explorer, run with no more of the page than it needs."""
    open_copy(page, lab, excerpt(nbformat.read(ROOT / "notebooks" / name, as_version=4), text))
    run_all(page)
    show_cell(page, text)


def test_the_scheduler_is_played_by_click_and_by_key(page, lab):
    open_explorer(page, lab, "05_lose_an_update.ipynb", "explorers.scheduler(")
    box = page.locator(".jp-OutputArea-output", has=page.get_by_label("be the scheduler")).first
    panel = box.get_by_label("be the scheduler")
    schedule = box.get_by_label("schedule", exact=True)
    page.get_by_role("button", name="A: read counter").click()
    panel.get_by_text("Next: write 1 to counter.").wait_for()
    assert schedule.input_value() == "A"
    page.get_by_role("button", name="B: read counter").click()
    panel.get_by_text('replay("AB", workers, number, unfinished=True)').wait_for()
    schedule.focus()
    page.keyboard.press("End")
    page.keyboard.type("ab")
    panel.get_by_text("Reached.").wait_for()
    assert schedule.input_value() == "ABAB"
    assert "finished, counter 1" in panel.inner_text()
    page.get_by_role("button", name="Undo").click()
    panel.get_by_text('replay("ABA", workers, number, unfinished=True)').wait_for()
    assert page.get_by_role("button", name="A: has ended").is_disabled()
    schedule.focus()
    page.keyboard.press("End")
    page.keyboard.type("a")
    panel.get_by_text("it has ended. Who can go on: B").wait_for()
    page.get_by_role("button", name="Restart", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="A: read counter").wait_for()
    schedule.fill("AABB")
    panel.get_by_text("Not this time").wait_for()
    assert trouble(page) == []


def test_lost_updates_runs_for_real(page, lab):
    open_explorer(page, lab, "05_lose_an_update.ipynb", "explorers.lost_updates()")
    page.get_by_role("button", name="Run 100 times").click()
    page.locator("img[alt*='100 real runs: ']").wait_for()
    page.locator(".noUi-handle").nth(1).focus()
    page.keyboard.press("ArrowRight")
    picture = page.locator("img[alt*='all 924 interleavings']")
    picture.wait_for()
    assert "real runs" not in picture.get_attribute("alt")
    page.keyboard.press("ArrowRight")
    page.get_by_text("too many to run them all").wait_for()
    assert trouble(page) == []


def test_a_blocked_worker_says_why(page, lab):
    open_explorer(page, lab, "06_guard_a_critical_section.ipynb", "explorers.scheduler(")
    schedule = page.get_by_label("schedule", exact=True)
    schedule.fill("ABBBAA")
    page.get_by_label("be the scheduler").get_by_text("Reached.").wait_for()
    assert "account -60" in page.get_by_label("be the scheduler").inner_text()
    assert trouble(page) == []


def test_a_deadlock_is_reached_and_then_made_impossible(page, lab):
    open_explorer(page, lab, "09_survive_deadlock_and_death.ipynb", "explorers.scheduler(")
    panel = page.get_by_label("be the scheduler")
    schedule = page.get_by_label("schedule", exact=True)
    page.get_by_role("button", name="A: acquire the lock of accounts[0]").click()
    page.get_by_role("button", name="B: acquire the lock of accounts[1]").click()
    panel.get_by_text("Reached.").wait_for()
    panel.get_by_text("It waits for the lock of accounts[1], held by B.").wait_for()
    panel.get_by_text('replay("AB", remedies["none"], own)').wait_for()
    everything = page.get_by_role("button", name="Try every schedule")
    everything.click()
    panel.get_by_text("Of 6 schedules, 2 reach the goal.").wait_for()
    assert schedule.input_value() == "AB"
    page.get_by_label("program", exact=True).select_option(label="order")
    panel.get_by_text("transfer_in_order").first.wait_for()
    assert schedule.input_value() == "" and "reach the goal" not in panel.inner_text()
    schedule.fill("AB")
    panel.get_by_text("waits for the lock of accounts[0], held by A. Who can go on").wait_for()
    everything.focus()
    page.keyboard.press("Enter")
    panel.get_by_text("Of 2 schedules, none reaches the goal.").wait_for()
    assert trouble(page) == []


def test_a_value_is_typed_and_its_bytes_are_shown(page, lab):
    open_explorer(page, lab, "04_choose_a_typecode.ipynb", "explorers.bytes_of_value(")
    field = page.get_by_label("value", exact=True)
    field.fill("2**31")
    page.locator("img[alt^='2147483648 in']").wait_for()
    page.get_by_label("typecode", exact=True).select_option(label="i  c_int")
    page.locator("img[alt*='bytes 00 00 00 80, read back as -2147483648, not the same']").wait_for()
    field.fill("'text'")
    page.locator("img[alt*='TypeError']").wait_for()
    assert trouble(page) == []


@pytest.mark.parametrize(
    "name", ["03_share_many_numbers_with_array.ipynb", "07_look_under_the_wrapper.ipynb"]
)
def test_the_live_memory_map_steps_plays_and_stops(page, lab, name):
    open_explorer(page, lab, name, "explorers.memory_live(")
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text("A: write numbers[0]: 1.").wait_for()
    changed = page.locator("img[alt*='(changed)']")
    changed.wait_for()
    page.get_by_label("order", exact=True).select_option("one after the other")
    page.get_by_label("speed", exact=True).select_option("fast")
    page.locator(".widget-play button").first.click()
    page.get_by_text("The end: finished.").wait_for()
    page.get_by_role("button", name="Restart", exact=True).click()
    page.get_by_text("At the start.").wait_for()
    assert changed.count() == 0
    assert trouble(page) == []


def test_the_grain_of_the_lock_is_measured(page, lab):
    open_explorer(page, lab, "10_count_the_cost.ipynb", "explorers.grain_of_lock(")
    page.locator("img[alt*='the lock is taken 20,000 times.']").wait_for()
    page.get_by_role("button", name="Measure", exact=True).click()
    page.get_by_text("Measured with 2 processes at once.").wait_for()
    assert " ms (" in page.locator("img[alt*='1 at a time']").first.get_attribute("alt")
    assert trouble(page) == []


def test_a_picture_is_filled_while_one_watches(page, lab):
    open_explorer(page, lab, "11_build_something.ipynb", "explorers.filling(")
    page.locator("img[alt*='Rows still empty']").first.wait_for()
    plan = page.get_by_label("plan", exact=True)
    page.get_by_role("button", name="Fill", exact=True).click()
    page.get_by_text("A filled 100 rows").wait_for()
    page.locator("img[alt^='A picture of 300 x 200 pixels. In the top']").wait_for()
    plan.select_option(label="the next free row")
    page.get_by_label("size", exact=True).select_option(label="150 x 100")
    page.get_by_role("button", name="Fill", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("img[alt^='A picture of 150 x 100 pixels. In the top']").wait_for()
    page.get_by_text("B filled").wait_for()
    assert trouble(page) == []


def test_every_explorer_is_used_in_a_browser():
    used = Path(__file__).read_text(encoding="utf-8")
    for name in explorers.__all__:
        assert re.search(rf'open_explorer\(page, lab, [^,]+, "explorers\.{name}\(', used)
