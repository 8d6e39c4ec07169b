"""JupyterLab in a real browser: each notebook is run from top to bottom, each explorer is used."""

import itertools
import multiprocessing
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from browser import (
    as_it_stands,
    excerpt,
    jupyter_lab,
    open_notebook,
    run_all,
    show_cell,
    wait_until_open,
)
from comparison import is_compared, reworded, under
from deck import slide_type
from refresh_notebooks import METADATA
from shmlib import explorers
from shmlib.shown import VIEW

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
COPIES = itertools.count()
# What JupyterLab itself reports, whatever the notebook.
NOT_OURS = ("favicon", "Failed to load resource")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


@pytest.fixture(scope="module")
def lab(browser, folder):
    """Start JupyterLab in that folder; yield its address and its token."""
    with jupyter_lab(folder) as started:
        yield started


@pytest.fixture
def page(browser, lab):
    address, _ = lab
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    page.trouble = []
    page.on("console", lambda m: m.type == "error" and page.trouble.append(m.text))
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
            or page.trouble.append(f"request to {request.url}")
        ),
    )
    yield page
    page.close()


def open_copy(page, lab, notebook):
    """Open a notebook that is none of the stored ones, with its own kernel; return its name."""
    address, token = lab
    name = f"copy{next(COPIES)}.ipynb"
    answer = page.request.put(
        f"{address}/api/contents/notebooks/{name}?token={token}",
        data={"type": "notebook", "content": notebook},
    )
    assert answer.ok, answer.text()
    open_notebook(page, lab, name)
    return name


def save(page):
    """Save the open notebook as its user does; nothing asks back."""
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    assert page.locator(".jp-Dialog").count() == 0


def told(output):
    """What nbval compares of an output."""
    told = {
        k: v for k, v in output.items() if k not in ("metadata", "execution_count", "traceback")
    }
    if "text" in told:
        told["text"] = reworded(told["text"])
    if "data" in told:
        told["data"] = {kind: v for kind, v in told["data"].items() if kind != VIEW}
    return told


def joined(outputs):
    """What was printed in several pieces, as it happens on a busy machine, in one."""
    whole = []
    for output in outputs:
        if whole and output.get("name") and output.get("name") == whole[-1].get("name"):
            whole[-1] = whole[-1] | {"text": whole[-1]["text"] + output["text"]}
        else:
            whole.append(output)
    return whole


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_run_all_gives_the_stored_outputs(page, lab, path):
    stored = nbformat.read(path, as_version=4)
    notebook = nbformat.read(path, as_version=4)
    if "forkserver" in multiprocessing.get_all_start_methods():
        under("forkserver")(notebook)  # nbval compares under spawn
    open_copy(page, lab, notebook)
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    seen = run_all(page)
    assert len(seen.cells) == len(stored.cells)
    compared = 0
    for now, before in zip(seen.cells, stored.cells, strict=True):
        if now.cell_type != "code":
            continue
        assert now.execution_count == before.execution_count
        assert not [output for output in now.outputs if output.output_type == "error"]
        if is_compared(before):
            shown = [output for output in map(told, now.outputs) if output.get("data") != {}]
            assert joined(shown) == joined(map(told, before.outputs)), before.source
            compared += 1
    assert compared > 5
    assert [text for text in page.trouble if not any(word in text for word in NOT_OURS)] == []


def test_opening_and_saving_a_page_changes_nothing(page, lab, folder):
    path = folder / "notebooks" / NOTEBOOKS[0].name
    notebook = nbformat.read(path, as_version=4)
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
    open_notebook(page, lab, NOTEBOOKS[0].name)
    image = page.locator(".jp-OutputArea img[alt^='Process A: deposits']").first
    image.scroll_into_view_if_needed()
    assert image.evaluate("image => image.complete && image.naturalWidth") > 500


# ------------------------------------------------------------------------------ saved, opened again

SHOWS = {
    "bytes_of_value": 'explorers.bytes_of_value(200, "b")',
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
    saved = folder / "notebooks" / name
    assert VIEW not in saved.read_text(encoding="utf-8")

    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.goto("about:blank")
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
    assert quiet(page)


# ---------------------------------------------------------------------------- the reader's copies


def test_an_answer_is_nowhere_before_its_cell_is_run(page, tmp_path):
    """The README's command on a copy of the project, which git then finds unchanged."""
    if not shutil.which("git"):
        pytest.skip("there is no git")
    project, settings = tmp_path / "project", tmp_path / "settings"
    settings.mkdir()
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    for name in ("study.py", ".gitignore"):
        shutil.copy(ROOT / name, project)

    def git(*command):
        done = subprocess.run(["git", *command], cwd=project, capture_output=True, check=True)
        return done.stdout

    git("init")
    git("add", "--all")
    before = git("status", "--porcelain")
    name = "06_guard_a_critical_section.ipynb"
    question, answer, words, reading = a_question(ROOT / "notebooks" / name)
    command = [sys.executable, str(project / "study.py"), name[:2]]
    with jupyter_lab(settings, command):
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
        assert words in texts(nbformat.read(project / "my_course" / name, 4))
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
    page, name = live, "05_lose_an_update.ipynb"
    open_notebook(page, lab, name)
    stored = nbformat.read(ROOT / "notebooks" / name, as_version=4)
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
    first = next(i for i, cell in enumerate(stored.cells) if i and slide_type(cell) == "slide")
    page.wait_for_function(f"({ON_SCREEN})()[0] === {first}")

    # Every code cell that a slide shows is run from slide to slide, without "Run All".
    source = "jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getSource()"
    for _ in stored.cells:
        if page.evaluate(source) == "explorers.lost_updates()":
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
    assert quiet(page)


# ---------------------------------------------------------------------------- the explorers


def open_explorer(page, lab, name, text):
    """Open a page's explorer, run with no more of the page than it needs."""
    open_copy(page, lab, excerpt(nbformat.read(ROOT / "notebooks" / name, as_version=4), text))
    run_all(page)
    show_cell(page, text)


def quiet(page):
    return [text for text in page.trouble if not any(word in text for word in NOT_OURS)] == []


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
    assert quiet(page)


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
    assert quiet(page)


def test_a_blocked_worker_says_why(page, lab):
    open_explorer(page, lab, "06_guard_a_critical_section.ipynb", "explorers.scheduler(")
    schedule = page.get_by_label("schedule", exact=True)
    schedule.fill("ABBBAA")
    page.get_by_label("be the scheduler").get_by_text("Reached.").wait_for()
    assert "account -60" in page.get_by_label("be the scheduler").inner_text()
    assert quiet(page)


def test_a_value_is_typed_and_its_bytes_are_shown(page, lab):
    open_explorer(page, lab, "04_choose_a_typecode.ipynb", "explorers.bytes_of_value(")
    field = page.get_by_label("value", exact=True)
    field.fill("2**31")
    page.locator("img[alt^='2147483648 in']").wait_for()
    page.get_by_label("typecode", exact=True).select_option(label="i  c_int")
    page.locator("img[alt*='bytes 00 00 00 80, read back as -2147483648, not the same']").wait_for()
    field.fill("'text'")
    page.locator("img[alt*='TypeError']").wait_for()
    assert quiet(page)


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
    assert quiet(page)


def test_the_grain_of_the_lock_is_measured(page, lab):
    open_explorer(page, lab, "10_count_the_cost.ipynb", "explorers.grain_of_lock(")
    page.locator("img[alt*='the lock is taken 20,000 times.']").wait_for()
    page.get_by_role("button", name="Measure", exact=True).click()
    page.get_by_text("Measured with 2 processes at once.").wait_for()
    assert " ms (" in page.locator("img[alt*='1 at a time']").first.get_attribute("alt")
    assert quiet(page)


def test_every_explorer_is_used_in_a_browser():
    used = Path(__file__).read_text(encoding="utf-8")
    for name in explorers.__all__:
        assert re.search(rf'open_explorer\(page, lab, [^,]+, "explorers\.{name}\(', used)
