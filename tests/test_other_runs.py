"""The stored outputs hold in other runs than the plain one that nbval makes under spawn.

Under fork the cells of the slides are run alone, as a class sees them, and each twice before the
next, as a learner may. Under forkserver all cells are run, and twice those that the slides skip.
"""

import multiprocessing

import pytest

from comparison import NOTEBOOKS, compare, under
from deck import slide_type


def slides_twice(cells):
    return [cell for cell in cells for _ in range(2) if slide_type(cell) != "skip"]


def skipped_twice(cells):
    return [cell for cell in cells for _ in range(1 + (slide_type(cell) == "skip"))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
@pytest.mark.parametrize(
    ("method", "chosen"), [("fork", slides_twice), ("forkserver", skipped_twice)]
)
def test_stored_outputs_hold(method, chosen, path, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")

    def change(notebook):
        under(method)(notebook)
        notebook.cells = chosen(notebook.cells)

    found = compare(path, tmp_path, change)
    assert found.compared > 5
    assert found.different == []
