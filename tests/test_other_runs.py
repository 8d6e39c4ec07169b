"""The stored outputs hold in other runs than the plain one that nbval makes under spawn.

Under fork the cells of the slides are run alone, as a class sees them, and each twice before the
next, as a learner may. Under forkserver all cells are run, and twice those that the slides skip.
The pages take turns, since each run takes ten seconds; `every_python.py` compares every page under
every method.
"""

import multiprocessing

import pytest

from comparison import NOTEBOOKS, compare, under
from deck import slide_type


def slides_twice(cells):
    return [cell for cell in cells for _ in range(2) if slide_type(cell) != "skip"]


def skipped_twice(cells):
    return [cell for cell in cells for _ in range(1 + (slide_type(cell) == "skip"))]


WAYS = [("fork", slides_twice), ("forkserver", skipped_twice)]
RUNS = [
    pytest.param(*WAYS[place % 2], path, id=f"{WAYS[place % 2][0]}-{path.stem[:2]}")
    for place, path in enumerate(NOTEBOOKS)
]


@pytest.mark.parametrize(("method", "chosen", "path"), RUNS)
def test_stored_outputs_hold(method, chosen, path, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")

    def change(notebook):
        under(method)(notebook)
        notebook.cells = chosen(notebook.cells)

    found = compare(path, tmp_path, change)
    assert found.compared > 5
    assert found.different == []
