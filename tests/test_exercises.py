"""%%exercise, %hint, %progress and check(), in a shell as a notebook has it."""

import json
import multiprocessing
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

import exercise_tests
from fast import FAST
from shmlib import check
from shmlib.notebook.exercises import magics, trial
from shmlib.notebook.exercises.exercise import PAGES, exercises_of, find_exercise

UNLOCKED = """def pay(account):
    if account.value >= 11:
        account.value -= 11
        return True
    return False
"""
LOCKED = """def pay(account):
    with account:
        if account.value >= 11:
            account.value -= 11
            return True
        return False
"""


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    """A shell in an empty folder; what cells display goes to stdout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(magics, "_last", {})
    monkeypatch.setattr(magics, "_given", {})
    shell = InteractiveShell.instance()
    shell.run_line_magic("reload_ext", "shmlib.notebook")
    shell.user_ns["mp"] = FAST
    yield shell
    InteractiveShell.clear_instance()
    for name in [name for name in sys.modules if name.startswith("my_")]:
        del sys.modules[name]


def test_every_page_has_a_file_of_tests():
    folder = {f"test_exercises_{page}.py" for page in PAGES}
    assert folder == {path.name for path in exercise_tests.HERE.glob("test_exercises_??.py")}


def test_an_answer_is_checked_and_its_names_are_at_hand(shell, capsys, tmp_path):
    shell.run_cell_magic("exercise", "06.2", UNLOCKED)
    told = capsys.readouterr().out
    assert told.startswith("06.2 not right yet\nIt goes wrong in 18 of 20 interleavings.\n")
    # The lines are those of the cell, whose first one is the magic.
    assert "between line 3, `if account.value >= 11:`, and line 4, `account.value -= 11`" in told
    call = told.splitlines()[-1].removeprefix("To see it, run: ")
    shell.run_cell(call)
    assert shell.user_ns["_"].outcome.kind == "finished"
    assert not (tmp_path / "my_progress.json").exists()
    shell.run_cell_magic("exercise", "6.2", LOCKED)
    told = capsys.readouterr().out
    assert "06.2 passed\nRight in every interleaving: 8 of them, 8 executed" in told
    assert "Other ways to do it:" in told
    assert list(json.loads((tmp_path / "my_progress.json").read_text())) == ["06.2"]
    assert shell.user_ns["pay"].__module__ == "my_06_2"


def test_the_lines_are_those_of_the_last_attempt(shell, capsys):
    for code, wrong in ((LOCKED, False), (UNLOCKED, True)):
        shell.run_cell_magic("exercise", "06.2", code)
        told = capsys.readouterr().out
        assert "06.2" in told and ("line 3" in told) == wrong
        assert ("line 3, `if account.value >= 11:`" in told) == wrong
    shell.run_cell_magic("exercise", "06.2", f"\n{UNLOCKED}")
    assert "line 4, `if account.value >= 11:`" in capsys.readouterr().out


def test_hints_come_one_by_one_then_one_of_the_learners_own_then_a_solution(shell, capsys):
    exercise = find_exercise("06.2")
    for number, hint in enumerate(exercise.hints, 1):
        told = repr(shell.run_line_magic("hint", "06.2"))
        assert told == f"06.2, hint {number} of {len(exercise.hints)}\n{hint}"
    shell.run_cell_magic("exercise", "06.2", UNLOCKED)
    told = repr(shell.run_line_magic("hint", "06.2"))
    assert "From line 3 of your cell, `if account.value >= 11:`, to line 4" in told
    for _ in range(2):
        told = shell.run_line_magic("hint", "06.2")
        assert repr(told).startswith("06.2, a solution\n    def pay(account):")
    assert told._repr_html_().startswith("<details><summary>06.2, a solution</summary>")


def test_pages_handed_out_without_solutions_have_none(shell, tmp_path):
    (tmp_path / magics.WITHOUT_SOLUTIONS).touch()
    told = [repr(shell.run_line_magic("hint", "06.2")) for _ in range(6)]
    assert told[-1] == told[-2] and "solution" not in told[-1]


def test_progress_shows_what_is_passed(shell, tmp_path):
    assert "[ ] 06.2" in repr(shell.run_line_magic("progress", ""))
    last = exercises_of("06")[-1].number
    (tmp_path / "my_progress.json").write_text(json.dumps({"06.2": "2026-11-30", last: "x"}))
    told = shell.run_line_magic("progress", "")
    row = next(row for row in repr(told).splitlines() if "06.1" in row)
    assert "[ ] 06.1" in row and "[x] 06.2" in row and row.endswith("page done")
    assert "&#x2713; 06.2 passed" in told._repr_html_()
    (tmp_path / "my_progress.json").write_text("{")
    assert "[ ] 06.2" in repr(shell.run_line_magic("progress", ""))


def test_before_the_course_nobody_is_told(shell, capsys, tmp_path):
    question = find_exercise("before.1")
    right, wrong = question.solution, question.mistakes[0].code

    def told(cell):
        shell.run_cell_magic("exercise", "before.1", cell)
        return capsys.readouterr().out

    assert told(right) == told(wrong) == told(right)
    assert told(right).startswith("before.1 noted\n")
    assert "hint" not in told(question.start)
    assert repr(shell.run_line_magic("hint", "before.1")).endswith("Answer what you think now.")
    record = tmp_path / "my_progress.json"
    told(right)
    assert list(json.loads(record.read_text())) == ["before.1"]
    told(wrong)  # the last answer counts
    assert json.loads(record.read_text()) == {}
    told(right)
    assert "five questions" not in repr(shell.run_line_magic("progress", ""))
    shell.run_cell_magic("exercise", "after.1", find_exercise("after.1").solution)
    compared = repr(shell.run_line_magic("progress", "")).splitlines()[-1]
    assert compared == "Of the five questions 1 right before the course, 1 after it."


def test_check_is_one_line_for_a_grader(shell, capsys):
    with pytest.raises(AssertionError, match=r"06\.2 has no verdict: run its cell"):
        check("06.2")
    shell.run_cell_magic("exercise", "06.2", UNLOCKED)
    with pytest.raises(AssertionError, match="It goes wrong in 18 of 20 interleavings"):
        check("06.2")
    shell.run_cell_magic("exercise", "06.2", LOCKED)
    check("06.2")
    # A cell that cannot be judged takes the verdict before it with it.
    with pytest.raises(SyntaxError):
        shell.run_cell_magic("exercise", "06.2", "def pay(:\n")
    with pytest.raises(AssertionError, match="has no verdict"):
        check("06.2")


def test_a_file_that_did_not_come_from_a_cell_is_never_overwritten(shell, tmp_path, capsys):
    path = tmp_path / "my_06_2.py"
    path.write_text("mine = 1\n")
    with pytest.raises(FileExistsError, match=r"my_06_2\.py holds something that did not come"):
        shell.run_cell_magic("exercise", "06.2", LOCKED)
    assert path.read_text() == "mine = 1\n"
    path.unlink()
    shell.run_cell_magic("exercise", "06.2", LOCKED)
    path.write_text(path.read_text() + "more = 1\n")
    with pytest.raises(FileExistsError):
        shell.run_cell_magic("exercise", "06.2", UNLOCKED)
    assert path.read_text().endswith("more = 1\n")


@pytest.mark.parametrize(
    "code, said",
    [
        ("def pay(account):\n    return True\n\npay(1)\n", "Line 5 is not part of a function"),
        ("for x in [1]:\n    pass\n", "Line 2 is not part of a function"),
        (
            "def pay(account, amount):\n    pass\n",
            "`pay(account, amount)` is handed 1 shared object: missing",
        ),
        ("def play(account):\n    pass\n", "The cell defines no `pay`."),
        ("pay = 3\n", "`3` must be a function, written with `def`."),
        ("def pay(account):\n    while True:\n        pass\n", "Does a loop in it never end?"),
        ("import os\n\ndef pay(account):\n    os._exit(3)\n", "exit code 3"),
        ("def pay(account):\n    yield account\n", "a generator function"),
        ("async def pay(account):\n    pass\n", "an async function"),
        ("def pay(account):\n    return 1 / 0\n", "in line 3 of my_06_2.py: `return 1 / 0`"),
        (
            "import multiprocessing\nnew = multiprocessing.Value('i', 15)\n\n"
            "def pay(account):\n    new.value -= 11\n    return True\n",
            "new",
        ),
    ],
)
def test_what_cannot_be_right_is_told_in_its_own_words(shell, capsys, monkeypatch, code, said):
    if "while True" in code:
        monkeypatch.setattr("shmlib.notebook.exercises.judging.PATIENCE", 1.0)
    shell.run_cell_magic("exercise", "06.2", code)
    told = capsys.readouterr().out
    assert told.startswith("06.2 not right yet\n")
    assert said in told
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(
    "top, said",
    [
        ("x = [None for _ in iter(int, 1)]\n", "never comes to its end: line 2 is still running"),
        ("class Bank:\n    while True: pass\n", "line 3 is still running"),
        ("import os\nx = os._exit(0)\n", "ends the process"),
        ("import sys\nx = sys.exit()\n", "Line 3 raised SystemExit."),
        ("import multiprocessing as mp\nx = mp.Process().start()\n", "Line 3 raised Assertion"),
        ("x = 1 / 0\n", "Line 2 raised ZeroDivisionError: division by zero."),
    ],
)
def test_what_a_cell_runs_when_it_is_imported_does_not_reach_the_kernel(
    shell, capsys, monkeypatch, tmp_path, top, said
):
    monkeypatch.setattr(trial, "PATIENCE", 1.0)
    shell.run_cell_magic("exercise", "06.2", top + LOCKED)
    assert said in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_main_guard_may_stand_in_a_cell(shell, capsys):
    guarded = f'{LOCKED}\nif __name__ == "__main__":\n    pay(None)\n'
    shell.run_cell_magic("exercise", "06.2", guarded)
    assert "06.2 passed" in capsys.readouterr().out


def test_what_a_worker_writes_is_told_in_short(shell, capsys):
    code = "def pay(account):\n    print('x' * 100_000)\n    raise ValueError('y' * 100_000)\n"
    shell.run_cell_magic("exercise", "06.2", code)
    assert "yyy" in repr(magics._last["06.2"])
    assert len(repr(magics._last["06.2"])) < 1_000


def test_the_right_number_of_the_wrong_type_is_told(shell, capsys):
    shell.run_cell_magic("exercise", "07.1", "number = 8.0\nsmall = 8\nlarge = 24\ntext = 16\n")
    assert "It is the right number, and the wrong type: float." in capsys.readouterr().out


ODD = "class Odd:\n    def __repr__(self):\n        while True:\n            pass\n\n"


@pytest.mark.parametrize(
    "number, code, said",
    [
        ("06.1", "right = Odd()\nof = 6\n", "`right` must be a number, a string or the like"),
        ("06.1", "right = 2\nof = [{1: Odd()}]\n", "`of` must be a number, a string or the like"),
        ("06.1", "right = eval('[' * 30 + ']' * 30)\nof = 6\n", "`right` must be a number"),
        ("06.2", "pay = Odd()\n", "`Odd` must be a function, written with `def`."),
        ("03.2", "fillers = [Odd] * 10**6\n", "must hold 4 workers, not 1,000,000"),
    ],
)
def test_what_would_never_come_to_its_end_is_not_begun(shell, capsys, number, code, said):
    shell.run_cell_magic("exercise", number, ODD + code)
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "body, said",
    [
        ("    os._exit(3)\n", "`nothing_lost` ended with exit code 3"),
        ("    sum(iter(int, 1))\n", "`nothing_lost` did not come back"),
        ("    money.acquire()\n    return True\n", "does not give it back"),
        ("    return 1 / 0\n", "`nothing_lost` raised ZeroDivisionError"),
    ],
)
def test_an_invariant_is_asked_where_it_does_no_harm(shell, capsys, monkeypatch, body, said):
    monkeypatch.setattr("shmlib.notebook.exercises.judging.PATIENCE", 2.5)
    code = f"import os\n\ndef nothing_lost(money):\n{body}"
    shell.run_cell_magic("exercise", "06.4", code)
    assert said in capsys.readouterr().out
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("line", ["", "06", "06.99", "99.1", "pay"])
def test_an_exercise_that_does_not_exist_is_refused(shell, line):
    with pytest.raises(ValueError, match="there is no exercise"):
        shell.run_cell_magic("exercise", line, LOCKED)


def test_what_a_learner_writes_is_escaped(shell):
    code = "def pay(account):\n    raise ValueError('<script>alert(1)</script>')\n"
    shell.run_cell_magic("exercise", "06.2", code)
    page = magics._last["06.2"]._repr_html_()
    assert "<script" not in page and "&lt;script&gt;" in page
