"""A notebook for reading on paper."""

import copy

from render import read, render


def paper(notebook, on_one_sheet=False):
    """Return a notebook for reading, as the text of HTML.

    One sheet has small letters, in columns.
    """
    styles = ["code.css", "paper.css"] + ["sheet.css"] * on_one_sheet
    return render(copy.deepcopy(notebook), "page", css=read(*styles))
