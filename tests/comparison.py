"""Compare notebooks with their stored outputs, as nbval does, in changed copies of their own."""

import re
import runpy
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbval.plugin import get_sanitize_patterns

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SPAWN = 'get_context("spawn")'
IGNORED = "nbval-ignore-output"
HOLDS = runpy.run_path(str(ROOT / "conftest.py"))["HOLDS"]
PATTERNS = get_sanitize_patterns((ROOT / "tests" / "reworded.cfg").read_text(encoding="utf-8"))


@dataclass
class Comparison:
    """What nbval said.

    Attributes:
        compared: how many cells have an output that is compared.
        different: (notebook and cell, what nbval says), one for each cell that is not as stored.
    """

    compared: int
    different: list


def compare(folder, change=None, paths=NOTEBOOKS, timeout=600, workers=0):
    """Execute copies of notebooks, changed by change(notebook), and compare their outputs.

    Args:
        folder: an empty one, for the copies.
        change: a function that changes a notebook in place; None to leave it.
        paths: of the notebooks.
        timeout: seconds for all of them.
        workers: of pytest-xdist; "auto" for one a core, 0 for none.

    Returns:
        A `Comparison`.
    """
    folder = Path(folder)
    take_settings(folder)
    compared = 0
    for path in paths:
        notebook = nbformat.read(path, as_version=4)
        if change:
            change(notebook)
        nbformat.write(notebook, folder / path.name)
        compared += sum(map(is_compared, notebook.cells))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"-n{workers}", "-q"]
    command += ["--junitxml=told.xml", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout)
    told = folder / "told.xml"
    if done.returncode > 1 or not told.exists():
        raise RuntimeError(f"pytest ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    different = [
        (f"{case.get('classname')} {case.get('name')}", failure.text or "")
        for case in ET.parse(told).iter("testcase")
        for failure in [*case.iter("failure"), *case.iter("error")]
    ]
    return Comparison(compared, different)


def is_compared(cell):
    """True where a cell's stored output holds on this system."""
    tags = cell.metadata.get("tags", [])
    shown = cell.cell_type == "code" and IGNORED not in tags
    return shown and all(HOLDS.get(tag, True) for tag in tags)


def reworded(text):
    """Return a text with what Pythons word differently brought to one wording."""
    for pattern, replacement in PATTERNS:
        text = re.sub(pattern, replacement, text)
    return text


def take_settings(folder):
    """Copy to a folder what says how notebooks are compared."""
    for name in ("pyproject.toml", "conftest.py", "tests/reworded.cfg"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def under(method):
    """Return a change for `compare`: the notebook's context is of this start method."""

    def change(notebook):
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        assert SPAWN in first.source
        first.source = first.source.replace(SPAWN, f'get_context("{method}")')

    return change
