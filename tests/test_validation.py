"""That validation can fail: harmed copies of a small notebook, judged with our settings."""

import copy
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET

import nbformat
import pytest

from comparison import ROOT, compare
from refresh_notebooks import execute, tidy

CELLS = [
    "import multiprocessing\n\nfrom {worker} import add\nfrom shmlib import run",
    'mp = multiprocessing.get_context("spawn")\nnumber = mp.Value("i", 1)\nnumber',
    "run([add], number)\nnumber.value",
]
WORKER = "import os\n\n\ndef add(counter):\n    {body}\n"
RIGHT = "counter.value += 1"


def change_an_output(notebook):
    notebook.cells[2].outputs[0].data["text/plain"] = "3"


def empty_an_output(notebook):
    notebook.cells[2].outputs = []


# name: (what happens to the notebook, the worker's body, what validation says)
HARMS = {
    "unharmed": (None, RIGHT, None),
    "changed": (change_an_output, RIGHT, "mismatch 'text/plain'"),
    "emptied": (empty_an_output, RIGHT, "Unexpected output fields"),
    "wrong_worker": (None, "counter.value += 2", "mismatch 'text/plain'"),
    "raising_worker": (None, "raise ValueError('no')", "worker A (add) raised ValueError: no"),
    "dying_worker": (None, "os._exit(3)", "ended with exit code 3"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of the harmed notebooks, with the settings that say how they are compared."""
    folder = tmp_path_factory.mktemp("harmed")
    for name in ("pyproject.toml", "conftest.py", "tests/reworded.cfg"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / "unharmed_worker.py").write_text(WORKER.format(body=RIGHT), encoding="utf-8")
    cells = [nbformat.v4.new_code_cell(c.format(worker="unharmed_worker")) for c in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    execute(notebook, folder)
    tidy(notebook)
    for name, (harm, body, _) in HARMS.items():
        harmed = copy.deepcopy(notebook)
        if harm:
            harm(harmed)
        harmed.cells[0].source = CELLS[0].format(worker=f"{name}_worker")
        (folder / f"{name}_worker.py").write_text(WORKER.format(body=body), encoding="utf-8")
        nbformat.write(harmed, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def verdicts(folder):
    """Return, for each harm, what nbval said of its notebook: None where all was well."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-n0",
        "--junitxml=told.xml",
    ]
    subprocess.run([*command, "."], cwd=folder, capture_output=True, timeout=300)
    told = dict.fromkeys(HARMS)
    for case in ET.parse(folder / "told.xml").iter("testcase"):
        name = case.get("classname").partition(".")[0]
        for failure in case.iter("failure"):
            told[name] = (told[name] or "") + failure.text
    return told


@pytest.mark.parametrize("name", HARMS)
def test_validation_notices(verdicts, name):
    expected = HARMS[name][2]
    if expected is None:
        assert verdicts[name] is None
    else:
        assert expected in verdicts[name]


@pytest.mark.parametrize("name", ["unharmed", "changed", "emptied", "raising_worker"])
def test_the_comparison_of_other_runs_notices(folder, name):
    found = compare(folder / f"{name}.ipynb", folder)
    assert found.compared == 3
    assert len(found.different) == (name != "unharmed")
