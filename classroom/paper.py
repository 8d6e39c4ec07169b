"""A notebook for reading on paper."""

import copy

from render import read, render


def paper(notebook):
    """Return a notebook for reading, as the text of HTML."""
    return render(copy.deepcopy(notebook), "page", css=read("code.css", "paper.css"))
