"""How long a click in the explorer "be the scheduler" takes, in JupyterLab in a real browser.

    python -m uv run python benchmarks/click.py

Prints the median time from a click on a worker's button to the changed picture. Aim: under 100 ms.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent.parent / "classroom"))
import browser
import chromium

CLICKS = 40
CELL = """
import multiprocessing
from functools import partial
from shmlib import explorers
from shmlib.workers import counter
number = multiprocessing.get_context("spawn").Value("i", 0)
explorers.scheduler([partial(counter.add, times=20)] * 2, number)
"""
CLICK = """
letter => new Promise(done => {
    const panel = document.querySelector("[aria-label='be the scheduler']").parentElement;
    const button = [...document.querySelectorAll("button.widget-button")]
        .find(button => button.textContent.startsWith(letter + ":"));
    const began = performance.now();
    const seen = new MutationObserver(() => {
        seen.disconnect();
        requestAnimationFrame(() => done(performance.now() - began));
    });
    seen.observe(panel, { childList: true, subtree: true, characterData: true });
    button.click();
})
"""


def main():
    """Measure, and print it."""
    if chromium.find_browser() is None:
        sys.exit(chromium.MISSING)
    with tempfile.TemporaryDirectory() as folder, chromium.open_browser() as started:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, Path(folder) / "click.ipynb")
        command = [sys.executable, "-m", "jupyter", "lab", f"--notebook-dir={folder}"]
        with browser.jupyter_lab(folder, *command) as lab:
            page = started.new_page()
            browser.open_notebook(page, lab, "click.ipynb")
            browser.run_all(page)
            page.get_by_role("button", name="A: read counter").wait_for()
            times = [page.evaluate(CLICK, "AB"[number % 2]) for number in range(CLICKS)]
    print(
        f"click      {statistics.median(times):.0f} ms to the picture, slowest {max(times):.0f} ms"
    )


if __name__ == "__main__":
    main()
