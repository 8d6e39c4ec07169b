"""Execute changed copies of notebooks, and compare their outputs with the stored ones, like nbval.

nbval gives each notebook a kernel that knows of the test run. Here it is one as JupyterLab starts
it, and the notebook may be another than the stored one: under another start method, or with each
cell twice.
"""

import copy
import os
import re
import runpy
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbval.plugin import get_sanitize_patterns

from shmlib.shown import VIEW

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SPAWN = 'get_context("spawn")'
IGNORED = "nbval-ignore-output"
HOLDS = runpy.run_path(str(ROOT / "conftest.py"))["HOLDS"]
PATTERNS = get_sanitize_patterns((ROOT / "tests" / "reworded.cfg").read_text(encoding="utf-8"))


@dataclass
class Comparison:
    """What was found.

    Attributes:
        compared: how many cells have an output that is compared.
        different: what was shown and what is stored, in words, for each cell that is not as stored,
            and for each that raised an error.
    """

    compared: int
    different: list


def compare(path, folder, change=lambda notebook: None):
    """Execute a copy of a notebook in a kernel of its own, and compare its outputs.

    Args:
        path: of the notebook.
        folder: where the kernel starts.
        change: a function that changes the notebook in place before it is run.

    Returns:
        A `Comparison`.
    """
    stored = nbformat.read(path, as_version=4)
    change(stored)
    seen = copy.deepcopy(stored)
    NotebookClient(
        seen,
        timeout=60,
        kernel_name="python3",
        allow_errors=True,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(folder)}},
    ).execute(env={k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"})
    return compare_cells(seen.cells, stored.cells)


def compare_cells(seen, stored):
    """Compare the outputs of cells that were run with the stored ones; return a `Comparison`."""
    compared, different = 0, []
    for now, before in zip(seen, stored, strict=True):
        assert now.source == before.source
        if now.cell_type != "code":
            continue
        shown, wanted = told(now.outputs), told(before.outputs)
        raised = any(output.output_type == "error" for output in now.outputs)
        compared += is_compared(before)
        if raised or (is_compared(before) and shown != wanted):
            different.append(f"{before.source}\nshows\n{shown}\nand not\n{wanted}")
    return Comparison(compared, different)


def told(outputs):
    """Return what nbval compares of outputs: what was printed in several pieces, as it happens on a
    busy machine, in one; nothing of widgets, which are different ones each time."""
    told = []
    for output in outputs:
        output = {k: v for k, v in output.items() if k not in ("metadata", "execution_count")}
        if "data" in output:
            output["data"] = {k: reworded(v) for k, v in output["data"].items() if k != VIEW}
            if not output["data"]:
                continue
        if "text" in output:
            output["text"] = reworded(output["text"])
            if told and told[-1].get("name") == output["name"]:
                told[-1]["text"] += output["text"]
                continue
        told.append(output)
    return told


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


def under(method):
    """Return a change for `compare`: the notebook's context, if it has one, is of this start
    method."""

    def change(notebook):
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        assert SPAWN in first.source or not any(SPAWN in cell.source for cell in notebook.cells)
        first.source = first.source.replace(SPAWN, f'get_context("{method}")')

    return change
