"""JupyterLab in a real browser: a page is run, saved and opened again, shown as slides; each
explorer is used by click and by key.

It is started once, and loaded once, which takes long. When this file is done it is gone, since an
open page keeps the processor busy."""

import platform
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import nbformat
import pytest

from browser import (
    as_it_stands,
    excerpt,
    jupyter_lab,
    open_copy,
    open_notebook,
    run_all,
    save,
    show_cell,
    trouble,
    wait_until_open,
    watch,
)
from comparison import compare_cells
from deck import slide_type
from refresh_notebooks import METADATA
from shmlib import explorers
from shmlib.shown import VIEW

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# The page that the README's command is given.
STUDIED = "06"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project, as a reader has it."""
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    for name in ("study.py", ".gitignore"):
        shutil.copy(ROOT / name, project)
    return project


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """The folder of JupyterLab's settings."""
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def lab(browser, project, settings):
    """Start JupyterLab by the README's command; yield its address and its token."""
    with jupyter_lab(settings, sys.executable, str(project / "study.py"), STUDIED) as started:
        yield started


@pytest.fixture(scope="module")
def folder(project, lab):
    """The folder that JupyterLab shows, with the reader's copies."""
    return project / "my_course"


@pytest.fixture(scope="module")
def tab(browser, lab):
    """A tab for JupyterLab, which takes long to load: `open_notebook` loads it once."""
    address, _ = lab
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.set_default_timeout(60_000)
    tab.trouble = []
    watch(tab, tab.trouble, address, address.replace("http", "ws"), "data:", "blob:")
    yield tab
    tab.close()


@pytest.fixture
def page(request, tab):
    """The tab, without what the tests before have left in it."""
    failed = request.session.testsfailed
    tab.trouble.clear()
    yield tab
    if request.session.testsfailed > failed:
        tab.goto("about:blank")  # whatever state it is in


# ---------------------------------------------------------------------------- the reader's copies


def test_an_answer_is_nowhere_before_its_cell_is_run(page, lab, project, settings, folder):
    """The README's command on a copy of the project, which git then finds unchanged."""
    if not shutil.which("git"):
        pytest.skip("there is no git")

    def git(*command):
        done = subprocess.run(["git", *command], cwd=project, capture_output=True, check=True)
        return done.stdout

    git("init")
    git("add", "--all")
    before = git("status", "--porcelain")
    (name,) = (path.name for path in folder.glob(f"{STUDIED}_*.ipynb"))
    question, answer, words, reading = a_question(project / "notebooks" / name)
    (opened,) = (settings / "RUNTIME").glob("jpserver-file-to-run-*.html")
    page.goto(opened.as_uri())
    wait_until_open(page)
    assert words not in texts(as_it_stands(page))
    show_cell(page, question)
    page.locator(".jp-MarkdownOutput", has_text="Predict.").first.wait_for()
    assert page.locator(".jp-OutputArea-output").count() == 0
    read = page.locator(".jp-MarkdownCell", has_text=reading).locator("p").first
    read.wait_for(state="hidden")

    show_cell(page, answer)
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-above')")
    assert words not in texts(as_it_stands(page))
    page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
    assert words in texts(as_it_stands(page))
    show_cell(page, answer)
    found = page.locator(".jp-OutputArea-output img").evaluate_all(
        "images => images.map(image => image.alt)"
    )
    assert words in found
    read.wait_for(state="visible")
    save(page)
    assert words in texts(nbformat.read(folder / name, 4))
    assert git("status", "--porcelain") == before

    # What was only run is refreshed.
    shutil.copy(NOTEBOOKS[0], project / "notebooks" / name)
    command = [sys.executable, str(project / "study.py"), "--copy-only"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"my_course: {name}: refreshed\n"


def a_question(path):
    """Return the source of a Predict, that of the cell that answers it, the answer in words, and
    the first words of the text that reads it."""
    cells = nbformat.read(path, as_version=4).cells
    for question, answer, reading in zip(cells, cells[1:], cells[2:], strict=False):
        named = [cell for cell in cells if answer.source in cell.source] == [answer]
        if question.source.startswith("**Predict.**") and answer.cell_type == "code" and named:
            for output in answer.outputs:
                if "<img" in output.get("data", {}).get("text/html", ""):
                    first = re.match(r"[\w ,]+", reading.source)[0]
                    return question.source, answer.source, output.data["text/plain"], first
    raise ValueError(f"no Predict of {path.name} is answered by a picture")


def texts(notebook):
    """Return all that a notebook holds as text."""
    sources = [cell.source for cell in notebook.cells]
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [*sources, *(output.get("data", {}).get("text/plain") for output in outputs)]


# ------------------------------------------------------------------------------------- any page


def test_run_all_gives_the_stored_outputs(page, lab):
    """A page up to its first error, with figures, tables, listings and an explorer. In such a
    kernel `test_other_runs` runs all pages, the tests below each explorer of each."""
    stored = nbformat.read(ROOT / "notebooks" / "04_choose_a_typecode.ipynb", as_version=4)
    error = next(i for i, cell in enumerate(stored.cells) if cell.source.startswith("%%expect"))
    stored.cells = stored.cells[: error + 1]
    open_copy(page, lab, stored)
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    seen = run_all(page)
    counts = [[cell.get("execution_count") for cell in each.cells] for each in (seen, stored)]
    assert counts[0] == counts[1]
    found = compare_cells(seen.cells, stored.cells)
    assert found.compared > 5
    assert found.different == []
    assert trouble(page) == []


def test_opening_and_saving_a_page_changes_nothing(page, lab, folder):
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    path = folder / "stored.ipynb"
    notebook.metadata.language_info.version = platform.python_version()
    nbformat.write(notebook, path)
    before = path.read_text(encoding="utf-8")
    open_notebook(page, lab, path.name)
    assert not page.evaluate("jupyterapp.shell.currentWidget.context.model.dirty")
    written = path.stat().st_mtime_ns
    save(page)
    assert path.stat().st_mtime_ns > written
    assert path.read_text(encoding="utf-8") == before


def test_a_picture_is_shown_with_its_words(page, lab):
    open_copy(page, lab, nbformat.read(NOTEBOOKS[0], as_version=4))
    image = page.locator(".jp-OutputArea img[alt^='Process A: deposits']").first
    image.scroll_into_view_if_needed()
    assert image.evaluate("image => image.complete && image.naturalWidth") > 500


# ------------------------------------------------------------------------------ saved, opened again

SHOWS = {
    "bytes_of_value": 'explorers.bytes_of_value(200, "b")',
    "decision": "explorers.decision()",
    "filling": "explorers.filling()",
    "grain_of_lock": "explorers.grain_of_lock()",
    "lost_updates": "explorers.lost_updates()",
    "memory_live": 'explorers.memory_live([counter.increment] * 2, mp.Value("i", 0))',
    "scheduler": 'explorers.scheduler([counter.increment] * 2, mp.Value("i", 0))',
}
BARS = [  # one is closed, one is interrupted, one belongs to a kernel that dies
    "progress.DELAY = -1\nexplore([counter.increment] * 2, mp.Value('i', 0))",
    "bar = progress.Progress('steps').__enter__()\nbar.update(1, 2)",
    "with progress.Progress('steps') as bar:\n    bar.update(1, 2)\n    raise KeyboardInterrupt",
]


def pictures_and_words(page):
    """Assert that the open notebook shows of every explorer its picture, and of a bar nothing."""
    for place in range(len(SHOWS)):
        show_cell(page, f"# {place}")
        cell = page.locator(".jp-CodeCell", has_text=f"# {place}")
        picture = cell.locator(".jp-OutputArea img[alt]:visible")
        picture.wait_for()
        assert picture.evaluate("image => image.complete && image.naturalWidth") > 300
        assert len(picture.get_attribute("alt")) > 40
        assert cell.locator(".jupyter-widgets").count() == 0
    shown = page.locator(".jp-Notebook .jp-OutputArea").all_inner_texts()
    assert not [text for text in shown if "widget" in text or "model" in text], shown
    kinds = [{k for o in cell.outputs for k in o.get("data", ())} for cell in code(page)]
    assert kinds[1:] == [{"text/plain", "text/html"}] * (len(SHOWS) + 1) + [set()] * 2


def code(page):
    return [cell for cell in as_it_stands(page).cells if cell.cell_type == "code"]


def test_saved_and_opened_again_pictures_and_words_are_there(page, lab, folder):
    assert set(SHOWS) == set(explorers.__all__)
    imports = [
        "import multiprocessing",
        "from shmlib import explore, explorers, progress",
        "from shmlib.workers import counter",
        'mp = multiprocessing.get_context("spawn")',
    ]
    explored = [f"{source}  # {place}" for place, source in enumerate(SHOWS.values())]
    sources = ["\n".join(imports), *explored, *BARS]
    cells = list(map(nbformat.v4.new_code_cell, sources))
    name = open_copy(page, lab, nbformat.v4.new_notebook(metadata=METADATA, cells=cells))
    seen = [cell.outputs for cell in run_all(page).cells]
    assert all(VIEW in str(outputs) for outputs in seen[1:]), seen
    save(page)

    # What is open goes on: its widgets live, and are saved again.
    show_cell(page, "# 0")
    page.get_by_label("value", exact=True).fill("100")
    page.locator("img[alt^='100 in']").wait_for()
    page.evaluate("jupyterapp.shell.currentWidget.content.model.setMetadata('touched', true)")
    save(page)
    saved = folder / name
    assert VIEW not in saved.read_text(encoding="utf-8")

    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.evaluate("jupyterapp.shell.currentWidget.dispose()")
    open_notebook(page, lab, name)
    assert all(cell.metadata.trusted for cell in code(page))
    pictures_and_words(page)

    # As from somebody else: what was never signed here is not trusted.
    notebook = nbformat.read(saved, as_version=4)
    notebook.metadata["from"] = "elsewhere"
    nbformat.write(notebook, saved.with_name("elsewhere.ipynb"))
    open_notebook(page, lab, "elsewhere.ipynb")
    assert not any(cell.metadata.get("trusted") for cell in code(page))
    pictures_and_words(page)
    assert trouble(page) == []


# ------------------------------------------------------------------------------- slides, live

ON_SCREEN = """
() => [...document.querySelectorAll(".jp-Notebook .jp-deck-mod-onscreen.jp-deck-mod-visible")]
    .map(cell => jupyterapp.shell.currentWidget.content.widgets.findIndex(w => w.node === cell))
"""


@pytest.fixture
def live(page, lab):
    """A page of JupyterLab whose slides are ended, whatever the test did: it remembers them."""
    yield page
    page.evaluate("jupyterapp.commands.execute('deck:stop')")


def test_the_live_deck_runs_a_cell_and_moves_a_slider(live, lab):
    page, explorer = live, "explorers.lost_updates()"
    stored = nbformat.read(ROOT / "notebooks" / "05_lose_an_update.ipynb", as_version=4)
    sources = [cell.source for cell in stored.cells]
    first = next(i for i, cell in enumerate(stored.cells) if i and slide_type(cell) == "slide")
    place = sources.index(explorer)
    stored.cells = stored.cells[: first + 3] + stored.cells[place - 1 : place + 1]
    open_copy(page, lab, stored)
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.locator("[data-command='deck:toggle']").first.click()
    page.wait_for_selector("body[data-jp-deck-mode='presenting'] .jp-deck-mod-onscreen")
    page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
    page.locator(".jp-Notebook .jp-Cell h1").click()
    assert page.evaluate(ON_SCREEN) == [0]
    zoom = "getComputedStyle(document.querySelector('.jp-Notebook')).zoom"
    assert float(page.evaluate(zoom)) == 1.5

    # Imports and picture are a fragment of the title; running them leads to the first topic.
    page.keyboard.press("Space")
    page.wait_for_function(f"({ON_SCREEN})().join() === '0,2,3'")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(f"({ON_SCREEN})()[0] === {first}")

    # Every code cell that a slide shows is run from slide to slide, without "Run All".
    source = "jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource()"
    for _ in stored.cells:
        if page.evaluate(source) == explorer:
            break
        page.keyboard.press("Shift+Enter")
    page.keyboard.press("Control+Enter")
    handle = page.locator(".noUi-handle:visible").first
    handle.wait_for()
    page.locator("img[alt*='2 workers, 2 additions each']").wait_for()
    box, track = handle.bounding_box(), page.locator(".noUi-target:visible").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"], box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    page.locator("img[alt*='4 workers, 2 additions each']").wait_for()
    errors = [
        output
        for cell in as_it_stands(page).cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert errors == []

    page.keyboard.press("Escape")
    page.wait_for_function("document.body.dataset.jpDeckMode !== 'presenting'")
    assert trouble(page) == []


# -------------------------------------------------------------------------------- the explorers

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
