"""The stored outputs hold under forkserver and fork, and when only the slides' cells are run."""

import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from deck import slide_type

ROOT = Path(__file__).parent.parent
SPAWN = 'get_context("spawn")'


@pytest.mark.parametrize("method", ["forkserver", "fork"])
def test_stored_outputs_hold_under(method, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")

    def change(notebook):
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        assert SPAWN in first.source
        first.source = first.source.replace(SPAWN, f'get_context("{method}")')

    compare(tmp_path, change)


def test_stored_outputs_hold_on_slides_where_skipped_cells_are_never_run(tmp_path):
    def change(notebook):
        notebook.cells = [cell for cell in notebook.cells if slide_type(cell) != "skip"]

    compare(tmp_path, change)


def compare(folder, change):
    """Compare changed copies of all notebooks with their stored outputs, as nbval does."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        change(notebook)
        nbformat.write(notebook, folder / path.name)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
