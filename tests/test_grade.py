"""grade.py: a folder of notebooks that were handed in, and who has passed what."""

import csv
import json
import os
import subprocess
import sys

import nbformat
import psutil
import pytest

import make
from grade import grade, main
from shmlib.notebook.exercises.exercise import exercises_of
from study import is_lesson

DECLARED = exercises_of("06")
ENDLESS = """class Odd:
    def __eq__(self, other):
        while True:
            pass

def pay(account):
    return Odd()
"""
KILLS = """
import multiprocessing, os

def sell(tickets, receipt, place):
    os.kill(multiprocessing.parent_process().pid, 9)
"""


def hand_in(path, cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, path)


def cell(number, code):
    return f"%%exercise {number}\n{code.strip()}"


def test_each_learner_gets_what_was_earned(tmp_path, capsys):
    folder = tmp_path / "handed_in"
    hand_in(folder / "ann" / "06.ipynb", [cell(e.number, e.solution) for e in DECLARED])
    hand_in(
        folder / "bob" / "06.ipynb",
        [
            cell("06.1", DECLARED[0].start),
            cell("06.2", DECLARED[1].solution),  # the copy below counts
            cell("06.2", DECLARED[1].mistakes[0].code),
            cell("06.3", KILLS),
        ],
    )
    hand_in(folder / "cy.ipynb", ["print('hello')"])
    (folder / "dan.ipynb").write_text("{broken")
    main([str(folder), "--table", str(tmp_path / "grades")])
    told = capsys.readouterr().out
    assert "ann/06: 4 of 4\n" in told and "bob/06: 0 of 4\n" in told
    grades = json.loads((tmp_path / "grades.json").read_text())
    assert {row["state"] for row in grades["ann/06"].values()} == {"passed"}
    bob = {number: row["state"] for number, row in grades["bob/06"].items()}
    assert bob == {"06.1": "empty", "06.2": "wrong", "06.3": "crashed", "06.4": "missing"}
    assert "It goes wrong in 4 of 6 interleavings" in grades["bob/06"]["06.2"]["reason"]
    assert grades["cy"][""]["state"] == "missing"
    assert grades["dan"][""]["reason"].startswith("this is no notebook: JSONDecodeError")
    rows = list(csv.reader((tmp_path / "grades.csv").open()))
    assert rows[0] == ["learner", "", "06.1", "06.2", "06.3", "06.4"]
    assert rows[1] == ["ann/06", "", *["passed"] * 4]
    assert rows[2][4].startswith("crashed: the process ended with exit code -9")


def test_a_teacher_has_both_rounds_of_the_questions(tmp_path):
    for page in ("before", "after"):
        first, second, *_ = exercises_of(page)
        answers = [cell(first.number, first.solution), cell(second.number, second.mistakes[0].code)]
        hand_in(tmp_path / "ann" / f"{page}.ipynb", answers)
    grades = grade(tmp_path)
    for page in ("before", "after"):
        states = [grades[f"ann/{page}"][f"{page}.{n}"][0] for n in range(1, 6)]
        assert states == ["passed", "wrong", "missing", "missing", "missing"]


def test_what_never_ends_is_ended(tmp_path):
    hand_in(tmp_path / "eve.ipynb", [cell("06.2", ENDLESS)])
    state, reason = grade(tmp_path, seconds=5)["eve"]["06.2"]
    assert (state, reason) == ("crashed", "it did not end within 5 s")


def test_what_a_cell_leaves_running_is_not_waited_for(tmp_path):
    told = tmp_path / "pid"
    code = (
        "import pathlib, subprocess, sys\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],\n"
        "                        start_new_session=True)\n"
        f"told = pathlib.Path({str(told)!r}).write_text(str(left.pid))\n"
    )
    hand_in(tmp_path / "gus.ipynb", [cell("06.2", code)])
    state, reason = grade(tmp_path)["gus"]["06.2"]
    psutil.Process(int(told.read_text())).kill()  # it is still there
    assert state == "wrong" and "no `pay`" in reason


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
def test_what_takes_too_much_memory_fails(tmp_path):
    code = "x = bytearray(4 * 10**9)\n\ndef pay(account):\n    return True\n"
    hand_in(tmp_path / "fay.ipynb", [cell("06.2", code)])
    state, reason = grade(tmp_path)["fay"]["06.2"]
    assert state == "wrong" and "MemoryError" in reason


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
def test_the_process_that_judges_limits_itself(tmp_path):
    cell = (
        "import resource\n\nkinds = resource.RLIMIT_AS, resource.RLIMIT_CPU\n"
        "told = int(repr([resource.getrlimit(kind) for kind in kinds]))\n"
    )
    command = [sys.executable, "-m", "shmlib.notebook.exercises", "06.2", "7.5", "1500"]
    path = {**os.environ, "PYTHONPATH": str(make.ROOT)}
    done = subprocess.run(
        command, input=cell, capture_output=True, text=True, cwd=tmp_path, env=path, timeout=60
    )
    told = " ".join(json.loads(done.stdout)["reasons"])
    assert "[(1500000000, 1500000000), (12, 12)]" in told


def test_a_folder_without_notebooks_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([str(tmp_path)])
    assert "there is no *.ipynb in" in capsys.readouterr().err


def test_homework_has_neither_outputs_nor_solutions(tmp_path):
    make.main(["homework", "--folder", str(tmp_path)])
    pages = sorted((tmp_path / "homework").glob("*.ipynb"))
    assert len(pages) == len(make.PAGES)
    for page in pages:
        notebook = nbformat.read(page, as_version=4)
        if is_lesson(page):
            assert not any(cell.get("outputs") for cell in notebook.cells)
    assert (tmp_path / "homework" / "without_solutions").exists()
