"""The exercises of page 01, each with what is right and what is wrong."""

import multiprocessing

import pytest

from exercise_tests import judged, tests_of
from shmlib.notebook.exercises.exercise import find_exercise

globals().update(tests_of("01"))


@pytest.mark.parametrize("fork, state", [(50, "passed"), (1234, "passed"), (..., "empty")])
def test_where_there_is_only_spawn_the_others_are_not_judged(monkeypatch, fork, state):
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    verdict = judged(
        find_exercise("01.1"),
        f"spawn = 980\nforkserver = 980\nfork = {'...' if fork is ... else fork}\nparent = 70\n",
    )
    assert verdict.state == state
    assert ("was not checked: `forkserver`, `fork`" in repr(verdict)) == (state == "passed")
