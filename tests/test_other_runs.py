"""The stored outputs hold under fork, and under forkserver when only the slides' cells are run.

Under spawn nbval compares them all, and under forkserver the test of the pages in a browser.
"""

import multiprocessing

import pytest

from comparison import compare, under
from deck import slide_type


def on_slides(notebook):
    notebook.cells = [cell for cell in notebook.cells if slide_type(cell) != "skip"]


@pytest.mark.parametrize(("method", "only"), [("fork", None), ("forkserver", on_slides)])
def test_stored_outputs_hold(method, only, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")

    def change(notebook):
        under(method)(notebook)
        if only:
            only(notebook)

    assert not compare(tmp_path, change, workers=2).different
