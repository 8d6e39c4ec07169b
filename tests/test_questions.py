"""The five questions before and after the course."""

import pytest

from fast import FAST
from shmlib.notebook.exercises.exercise import AFTER, BEFORE, exercises_of

ROUNDS = {page: exercises_of(page) for page in (BEFORE, AFTER)}
QUESTIONS = [question for page in ROUNDS.values() for question in page]


def judged(question, cell):
    values = {}
    exec(cell, values)
    return question.judge({"mp": FAST, **values})


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_what_is_right_passes_and_a_belief_is_told_why(question):
    assert judged(question, question.solution).passed
    for mistake in question.mistakes:
        verdict = judged(question, mistake.code)
        assert verdict.state == "wrong" and mistake.said in repr(verdict), verdict
        if question.silent:
            break  # the other round has the same


def test_the_rounds_ask_the_same_with_other_numbers():
    before, after = ROUNDS.values()
    assert len(before) == len(after) == 5
    for first, second in zip(before, after, strict=True):
        assert first.title == second.title and first.start == second.start
        assert first.task != second.task
        assert first.silent and not second.silent
