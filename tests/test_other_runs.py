"""The stored outputs hold in other runs than the plain one that nbval makes under spawn.

Under fork each cell is run twice before the next, as a learner may; under forkserver the cells of
the slides are run alone. The test of the pages in a browser runs them all under forkserver.
"""

import copy
import multiprocessing

import pytest

from comparison import compare, under
from deck import slide_type


def on_slides(notebook):
    notebook.cells = [cell for cell in notebook.cells if slide_type(cell) != "skip"]


def each_twice(notebook):
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            cells.append(copy.deepcopy(cell))
            cells[-1].id = f"{cell.id}-again"
    notebook.cells = cells


@pytest.mark.parametrize(("method", "cells"), [("fork", each_twice), ("forkserver", on_slides)])
def test_stored_outputs_hold(method, cells, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")

    def change(notebook):
        under(method)(notebook)
        cells(notebook)

    assert not compare(tmp_path, change, workers=2).different
