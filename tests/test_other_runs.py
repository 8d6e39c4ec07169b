"""The stored outputs hold under forkserver and fork, and when only the slides' cells are run."""

import multiprocessing

import pytest

from comparison import compare, under
from deck import slide_type


@pytest.mark.parametrize("method", ["forkserver", "fork"])
def test_stored_outputs_hold_under(method, tmp_path):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    assert not compare(tmp_path, under(method)).different


def test_stored_outputs_hold_on_slides_where_skipped_cells_are_never_run(tmp_path):
    def change(notebook):
        notebook.cells = [cell for cell in notebook.cells if slide_type(cell) != "skip"]

    assert not compare(tmp_path, change).different
