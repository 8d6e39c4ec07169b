"""JupyterLab in a real browser: a page is run, saved and opened again, shown as slides."""

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
    open_copy,
    open_notebook,
    run_all,
    save,
    show_cell,
    trouble,
    wait_until_open,
)
from comparison import compare_cells
from conftest import STUDIED
from deck import slide_type
from refresh_notebooks import METADATA
from shmlib import explorers
from shmlib.shown import VIEW

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


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
    kernel `test_other_runs` runs all pages, `test_explorers_in_browser` each explorer of each."""
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
