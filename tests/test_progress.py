"""The progress bar: nothing at first, and in a notebook a widget's view and nothing else."""

import sys
import types

import IPython.display
import pytest

from shmlib import progress
from shmlib.shown import MARK, VIEW


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would be given to display."""
    bundles = []
    kernel = types.ModuleType("ipykernel")
    kernel.version_info = (7,)
    monkeypatch.setitem(sys.modules, "ipykernel", kernel)
    monkeypatch.setattr(
        IPython.display, "display", lambda data, **mark: bundles.append((data, mark))
    )
    return bundles


def test_nothing_is_shown_within_the_first_second(shown, capsys):
    with progress.Progress("interleavings") as bar:
        bar.update(1, 10)
    assert shown == []
    assert capsys.readouterr() == ("", "")


def test_a_notebook_is_given_a_view_and_nothing_else(shown, monkeypatch, capsys):
    monkeypatch.setattr(progress, "DELAY", -1.0)
    with progress.Progress("interleavings") as bar:
        bar.update(1, 10)
        bar.update(2, 10)
    ((bundle, mark),) = shown
    assert set(bundle) == {VIEW}
    assert mark == {"metadata": {VIEW: MARK}, "raw": True}
    assert capsys.readouterr() == ("", "")
