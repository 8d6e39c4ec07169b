"""The stored outputs hold in other runs than the plain one that nbval makes under spawn.

The lessons take turns. Of one the cells of the slides are run alone, as a class sees them, and each
twice before the next, as a learner may; of the next all cells are run, and twice those that the
slides skip. What is not compared is run once. The former run under fork, the latter under
forkserver; `every_python.py` compares all under every method.
"""

import multiprocessing

import pytest

from comparison import NOTEBOOKS, compare, is_compared, under
from deck import slide_type
from study import is_lesson


def slides_twice(cells):
    shown = [cell for cell in cells if slide_type(cell) != "skip"]
    return [cell for cell in shown for _ in range(1 + is_compared(cell))]


def skipped_twice(cells):
    return [
        cell
        for cell in cells
        for _ in range(1 + (slide_type(cell) == "skip" and is_compared(cell)))
    ]


RUNS = [
    pytest.param(
        "forkserver" if place % 2 else "fork",
        skipped_twice if place % 2 else slides_twice,
        path,
        id=path.stem[:2],
    )
    for place, path in enumerate(filter(is_lesson, NOTEBOOKS))
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
