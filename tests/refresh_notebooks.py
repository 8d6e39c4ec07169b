"""Execute notebooks from top to bottom and store their outputs as nbval will compare them.

    python tests/refresh_notebooks.py [NOTEBOOK ...]        default: all in notebooks/

The exercises are written into the page from shmlib/notebook/exercises/pages/, and the terms of the
pages into the glossary. Uniform metadata, execution counts from 1, no widget views, no timestamps.
"""

import os
import platform
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from exercise_cells import ask, place
from glossary_cells import define
from shmlib.notebook.exercises.exercise import AFTER, BEFORE
from shmlib.notebook.saving import drop_views
from study import is_lesson

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
# Slides in JupyterLab are shown enlarged, so that they read from the back row.
PRESENTING = "body[data-jp-deck-mode='presenting'] & .jp-Notebook"
ENLARGED = {"zoom": 1.5, "@media (min-width: 1600px)": {"zoom": 2.2}}
METADATA = {
    "@deathbeds/jupyterlab-fonts": {"styles": {"": {PRESENTING: ENLARGED}}},
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    # As a kernel tells it, so that opening and saving a page in JupyterLab changes nothing.
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": platform.python_version(),
    },
}


def compose(path, notebook):
    """Write into a notebook, in place, what has its own place elsewhere."""
    if is_lesson(path):
        place(notebook, path.name[:2])
    elif path.stem in (BEFORE, AFTER):
        ask(notebook, path.stem)
    elif path.stem == "glossary":
        lessons = filter(is_lesson, sorted(path.parent.glob("*.ipynb")))
        define(notebook, {lesson: nbformat.read(lesson, as_version=4) for lesson in lessons})


def execute(notebook, folder):
    """Run all cells of a notebook, in place, in a kernel that starts in the folder."""
    os.environ["PYTEST_CURRENT_TEST"] = "as under nbval"  # ipykernel then shows what nbval sees
    NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    ).execute()


def tidy(notebook):
    """Bring metadata to the uniform form, and outputs to what is worth storing."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    drop_views(notebook)


def main(names):
    for path in [Path(name) for name in names] or sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        compose(path, notebook)
        execute(notebook, path.resolve().parent)
        tidy(notebook)
        nbformat.write(notebook, path)
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
