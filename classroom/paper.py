"""A notebook for reading on paper."""

import copy

from render import read, render


def paper(notebook):
    """Return a notebook for reading, its answers on a page of their own, as the text of HTML."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        cell.source = cell.source.replace("<details>", "<details open>")
    return render(notebook, "page", css=read("code.css", "paper.css"))
