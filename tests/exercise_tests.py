"""The tests of a page's exercises: what is right passes, what is wrong is told why."""

import multiprocessing
import os
import sys
from pathlib import Path

import pytest

from shmlib.notebook.exercises import attempts, judging
from shmlib.notebook.exercises.exercise import exercises_of

# Of each exercise so many other ways and mistakes are tried, since each takes half a second; all of
# them in CI, and where EVERY_EXERCISE is set.
ALL = os.environ.get("CI") == "true" or "EVERY_EXERCISE" in os.environ
WAYS, MISTAKES = (None, None) if ALL else (1, 2)
HERE = Path(__file__).parent
# As the pages have it.
SPAWN = multiprocessing.get_context("spawn")


def tests_of(page):
    """Return the tests, by name, for a module to hold.

    Args:
        page: its number, such as "06".
    """
    exercises = exercises_of(page)
    right = [
        pytest.param(exercise, code, id=f"{exercise.number} {title}")
        for exercise in exercises
        for title, code in [
            ("solution", exercise.solution),
            *((way.title, way.code) for way in exercise.ways[:WAYS]),
        ]
    ]
    wrong = [
        pytest.param(exercise, mistake, id=f"{exercise.number} {mistake.title}")
        for exercise in exercises
        for mistake in exercise.mistakes[:MISTAKES]
    ]

    @pytest.fixture(autouse=True)
    def in_a_folder_of_its_own(tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(tmp_path))
        # No test depends on how busy the machine is.
        monkeypatch.setattr(judging, "SECONDS", 120.0)
        monkeypatch.setattr(judging, "PATIENCE", 3.0)
        yield
        for name in [name for name in sys.modules if name.startswith("my_")]:
            del sys.modules[name]

    @pytest.mark.parametrize("exercise", exercises, ids=lambda exercise: exercise.number)
    def test_an_exercise_is_whole(exercise):
        assert exercise.number.startswith(f"{page}.")
        assert exercise.minutes > 0 and exercise.task.strip() and exercise.title
        assert len(exercise.hints) >= 2
        assert len(exercise.mistakes) >= 4
        # Where a function is asked for, there is more than one right way to write it.
        assert len(exercise.ways) >= 2 or "def " not in exercise.solution

    @pytest.mark.parametrize("exercise", exercises, ids=lambda exercise: exercise.number)
    def test_the_cell_as_it_stands_is_not_passed(exercise):
        assert judged(exercise, exercise.start).state == "empty"
        # Nor is it with a name more, or with nothing in the function.
        blank = "..." in exercise.start
        more = exercise.start.replace("...", "None") if blank else f"{exercise.start}\nx = 1\n"
        assert not judged(exercise, more).passed

    @pytest.mark.parametrize("exercise, code", right)
    def test_what_is_right_passes(exercise, code):
        verdict = judged(exercise, code)
        assert verdict.passed, verdict

    @pytest.mark.parametrize("exercise, mistake", wrong)
    def test_a_mistake_is_refused_for_its_reason(exercise, mistake):
        verdict = judged(exercise, mistake.code)
        assert verdict.state == "wrong" and mistake.said in repr(verdict), verdict

    return {name: test for name, test in locals().items() if "test_" in name or "folder" in name}


tests_of.__test__ = False  # it is none itself


def judged(exercise, code):
    return attempts.attempt(exercise.number, code.lstrip("\n"), {"mp": SPAWN})
