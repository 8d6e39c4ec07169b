"""The explorers in JupyterLab, in a real browser: each is used by click and by key."""

import re
import uuid
from pathlib import Path

import nbformat
import pytest

from browser import excerpt, open_notebook, run_all, show_cell, trouble
from refresh_notebooks import METADATA
from shmlib import explorers

ROOT = Path(__file__).parent.parent


# Every explorer of every page, as (number of the page, name of the explorer).
EXPLORERS = [
    ("03", "memory_live"),
    ("04", "bytes_of_value"),
    ("05", "scheduler"),
    ("05", "lost_updates"),
    ("06", "scheduler"),
    ("07", "memory_live"),
    ("09", "scheduler"),
    ("10", "grain_of_lock"),
    ("11", "filling"),
    ("12", "decision"),
]
TOGETHER = "explorers.ipynb"


def open_explorer(page, lab, folder, number, name):
    """Show a page's explorer; return its cell. All of them are in one notebook, and run in one
    kernel, each with no more of its page than it needs."""
    if not page.url.endswith(TOGETHER):
        cells = []
        for place in EXPLORERS:
            path = next((ROOT / "notebooks").glob(f"{place[0]}_*.ipynb"))
            needed = excerpt(nbformat.read(path, as_version=4), f"explorers.{place[1]}(").cells
            needed[-1].source = f"# {' '.join(place)}\n{needed[-1].source}"
            cells += needed
        for cell in cells:
            cell.id = uuid.uuid4().hex[:8]
        together = nbformat.v4.new_notebook(metadata=METADATA, cells=cells)
        nbformat.write(together, folder / TOGETHER)
        open_notebook(page, lab, TOGETHER)
        run_all(page)
    show_cell(page, f"# {number} {name}\n")
    return page.locator(".jp-CodeCell", has_text=f"# {number} {name}")


def test_the_scheduler_is_played_by_click_and_by_key(page, lab, folder):
    cell = open_explorer(page, lab, folder, "05", "scheduler")
    panel = cell.get_by_label("be the scheduler")
    schedule = cell.get_by_label("schedule", exact=True)
    cell.get_by_role("button", name="A: read counter").click()
    panel.get_by_text("Next: write 1 to counter.").wait_for()
    assert schedule.input_value() == "A"
    cell.get_by_role("button", name="B: read counter").click()
    panel.get_by_text('replay("AB", workers, number, unfinished=True)').wait_for()
    schedule.focus()
    page.keyboard.press("End")
    page.keyboard.type("ab")
    panel.get_by_text("Reached.").wait_for()
    assert schedule.input_value() == "ABAB"
    assert "finished, counter 1" in panel.inner_text()
    cell.get_by_role("button", name="Undo").click()
    panel.get_by_text('replay("ABA", workers, number, unfinished=True)').wait_for()
    assert cell.get_by_role("button", name="A: has ended").is_disabled()
    schedule.focus()
    page.keyboard.press("End")
    page.keyboard.type("a")
    panel.get_by_text("it has ended. Who can go on: B").wait_for()
    cell.get_by_role("button", name="Restart", exact=True).focus()
    page.keyboard.press("Enter")
    cell.get_by_role("button", name="A: read counter").wait_for()
    schedule.fill("AABB")
    panel.get_by_text("Not this time").wait_for()
    assert trouble(page) == []


def test_lost_updates_runs_for_real(page, lab, folder):
    cell = open_explorer(page, lab, folder, "05", "lost_updates")
    cell.get_by_role("button", name="Run 100 times").click()
    cell.locator("img[alt*='100 real runs: ']").wait_for()
    cell.locator(".noUi-handle").nth(1).focus()
    page.keyboard.press("ArrowRight")
    picture = cell.locator("img[alt*='all 924 interleavings']")
    picture.wait_for()
    assert "real runs" not in picture.get_attribute("alt")
    page.keyboard.press("ArrowRight")
    cell.get_by_text("too many to run them all").wait_for()
    assert trouble(page) == []


def test_a_blocked_worker_says_why(page, lab, folder):
    cell = open_explorer(page, lab, folder, "06", "scheduler")
    schedule = cell.get_by_label("schedule", exact=True)
    schedule.fill("ABBBAA")
    cell.get_by_label("be the scheduler").get_by_text("Reached.").wait_for()
    assert "account -60" in cell.get_by_label("be the scheduler").inner_text()
    assert trouble(page) == []


def test_a_deadlock_is_reached_and_then_made_impossible(page, lab, folder):
    cell = open_explorer(page, lab, folder, "09", "scheduler")
    panel = cell.get_by_label("be the scheduler")
    schedule = cell.get_by_label("schedule", exact=True)
    cell.get_by_role("button", name="A: acquire the lock of accounts[0]").click()
    cell.get_by_role("button", name="B: acquire the lock of accounts[1]").click()
    panel.get_by_text("Reached.").wait_for()
    panel.get_by_text("It waits for the lock of accounts[1], held by B.").wait_for()
    panel.get_by_text('replay("AB", remedies["none"], own)').wait_for()
    everything = cell.get_by_role("button", name="Try every schedule")
    everything.click()
    panel.get_by_text("Of 6 schedules, 2 reach the goal.").wait_for()
    assert schedule.input_value() == "AB"
    cell.get_by_label("program", exact=True).select_option(label="order")
    panel.get_by_text("transfer_in_order").first.wait_for()
    assert schedule.input_value() == "" and "reach the goal" not in panel.inner_text()
    schedule.fill("AB")
    panel.get_by_text("waits for the lock of accounts[0], held by A. Who can go on").wait_for()
    everything.focus()
    page.keyboard.press("Enter")
    panel.get_by_text("Of 2 schedules, none reaches the goal.").wait_for()
    assert trouble(page) == []


def test_a_value_is_typed_and_its_bytes_are_shown(page, lab, folder):
    cell = open_explorer(page, lab, folder, "04", "bytes_of_value")
    field = cell.get_by_label("value", exact=True)
    field.fill("2**31")
    cell.locator("img[alt^='2147483648 in']").wait_for()
    cell.get_by_label("typecode", exact=True).select_option(label="i  c_int")
    cell.locator("img[alt*='bytes 00 00 00 80, read back as -2147483648, not the same']").wait_for()
    field.fill("'text'")
    cell.locator("img[alt*='TypeError']").wait_for()
    assert trouble(page) == []


@pytest.mark.parametrize("number", ["03", "07"])
def test_the_live_memory_map_steps_plays_and_stops(page, lab, folder, number):
    cell = open_explorer(page, lab, folder, number, "memory_live")
    cell.get_by_role("button", name="Step", exact=True).click()
    cell.get_by_text("A: write numbers[0]: 1.").wait_for()
    changed = cell.locator("img[alt*='(changed)']")
    changed.wait_for()
    cell.get_by_label("order", exact=True).select_option("one after the other")
    cell.get_by_label("speed", exact=True).select_option("fast")
    cell.locator(".widget-play button").first.click()
    cell.get_by_text("The end: finished.").wait_for()
    cell.get_by_role("button", name="Restart", exact=True).click()
    cell.get_by_text("At the start.").wait_for()
    assert changed.count() == 0
    assert trouble(page) == []


def test_the_grain_of_the_lock_is_measured(page, lab, folder):
    cell = open_explorer(page, lab, folder, "10", "grain_of_lock")
    cell.locator("img[alt*='the lock is taken 20,000 times.']").wait_for()
    cell.get_by_role("button", name="Measure", exact=True).click()
    cell.get_by_text("Measured with 2 processes at once.").wait_for()
    assert " ms (" in cell.locator("img[alt*='1 at a time']").first.get_attribute("alt")
    assert trouble(page) == []


def test_a_picture_is_filled_while_one_watches(page, lab, folder):
    cell = open_explorer(page, lab, folder, "11", "filling")
    cell.locator("img[alt*='Rows still empty']").first.wait_for()
    plan = cell.get_by_label("plan", exact=True)
    cell.get_by_role("button", name="Fill", exact=True).click()
    cell.get_by_text("A filled 100 rows").wait_for()
    cell.locator("img[alt^='A picture of 300 x 200 pixels. In the top']").wait_for()
    plan.select_option(label="the next free row")
    cell.get_by_label("size", exact=True).select_option(label="150 x 100")
    cell.get_by_role("button", name="Fill", exact=True).focus()
    page.keyboard.press("Enter")
    cell.locator("img[alt^='A picture of 150 x 100 pixels. In the top']").wait_for()
    cell.get_by_text("B filled").wait_for()
    assert trouble(page) == []


def test_questions_lead_to_a_tool(page, lab, folder):
    cell = open_explorer(page, lab, folder, "12", "decision")
    cell.get_by_text("Question 1.").wait_for()
    cell.get_by_role("button", name="No", exact=True).click()
    cell.get_by_text("Question 2.").wait_for()
    cell.get_by_role("button", name="Yes", exact=True).focus()
    page.keyboard.press("Enter")
    cell.get_by_text("ThreadPoolExecutor()").wait_for()
    cell.locator("img[alt$='That leads to threads.']").wait_for()
    assert cell.get_by_role("button", name="Yes", exact=True).is_disabled()
    cell.get_by_role("button", name="Back", exact=True).click()
    cell.get_by_text("Question 2.").wait_for()
    assert trouble(page) == []


def test_every_explorer_is_used_in_a_browser():
    assert {name for _, name in EXPLORERS} == set(explorers.__all__)
    shown = [
        (path.name[:2], name)
        for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
        for name in explorers.__all__
        if f"explorers.{name}(" in path.read_text(encoding="utf-8")
    ]
    assert sorted(shown) == sorted(EXPLORERS)
    used = Path(__file__).read_text(encoding="utf-8")
    for name in explorers.__all__:
        assert re.search(rf'open_explorer\(page, lab, folder, [^,]+, "{name}"\)', used)
