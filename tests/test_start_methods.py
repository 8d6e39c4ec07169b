"""The stored outputs hold when the notebooks' first cell says forkserver or fork."""

import multiprocessing
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
SPAWN = 'get_context("spawn")'


@pytest.mark.parametrize("method", ["forkserver", "fork"])
def test_stored_outputs_hold(method, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        assert SPAWN in first.source
        first.source = first.source.replace(SPAWN, f'get_context("{method}")')
        nbformat.write(notebook, tmp_path / path.name)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n0", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
