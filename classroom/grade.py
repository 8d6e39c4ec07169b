"""Check a folder of notebooks that learners have handed in, and write who has passed what.

    python classroom/grade.py FOLDER [--table build/grades] [--seconds 30] [--memory 2000]

Every exercise of every notebook is judged in processes of its own, with limits of time and memory.
A crash, a dead process or a cell that is missing is a failure with its reason, never a pass. This
keeps mistakes from doing harm, and not malice: run what you do not trust in a container.
"""

import argparse
import contextlib
import csv
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shmlib.notebook.exercises.exercise import NUMBER, exercises_of

MAGIC = re.compile(rf"\A\s*%%exercise[ \t]+{NUMBER}[ \t]*\n(.*)", re.DOTALL)
JUDGE = (sys.executable, "-m", "shmlib.notebook.exercises")
# Seconds that processes may take to end when they are told to.
GRACE = 3.0


def grade(folder, seconds=30.0, memory=2000):
    """Judge the notebooks of a folder and of those in it.

    Args:
        folder: of the notebooks.
        seconds: for each exercise.
        memory: megabytes that each process may take; it has no effect on Windows and macOS.

    Returns:
        {learner: {number: (state, reason)}}; the learner is the path of the notebook below the
        folder, and the state "passed", "wrong", "empty", "unproven", "missing" or "crashed".

    Raises:
        ValueError: there is no notebook.
    """
    paths = sorted(p for p in Path(folder).rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
    if not paths:
        raise ValueError(f"folder must hold notebooks: there is no *.ipynb in {folder}")
    found = {path: _cells(path) for path in paths}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = {
            (path, number): pool.submit(_judged, number, cell, seconds, memory)
            for path, cells in found.items()
            if isinstance(cells, dict)
            for number, cell in cells.items()
        }
        grades = {}
        for path, cells in found.items():
            learner = path.relative_to(folder).with_suffix("").as_posix()
            if isinstance(cells, str):
                grades[learner] = {"": ("crashed", cells)}
                continue
            pages = sorted({number.partition(".")[0] for number in cells})
            numbers = [e.number for page in pages for e in exercises_of(page)]
            grades[learner] = {
                number: waiting[path, number].result()
                if number in cells
                else ("missing", "there is no cell %%exercise " + number)
                for number in numbers
            }
            if not numbers:
                grades[learner] = {"": ("missing", "there is no cell that begins %%exercise")}
    return grades


def _cells(path):
    """Return from the number of each exercise to its cell, or why the notebook cannot be read.
    Where a cell was copied, the last one counts."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        return f"this is no notebook: {type(error).__name__}: {error}"
    found = {}
    for source in sources:
        match = MAGIC.match(source)
        if match:
            found[f"{match[1].zfill(2)}.{int(match[2])}"] = match[3]
    return found


def _judged(number, cell, seconds, memory):
    # Files and no pipes: one that is still held by what a cell has started would be waited for.
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complained,
    ):
        process = subprocess.Popen(
            [*JUDGE, number, f"{seconds:g}", str(memory)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=complained,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            process.communicate(cell, timeout=seconds)
        except subprocess.TimeoutExpired:
            return "crashed", f"it did not end within {seconds:g} s"
        finally:
            _end(process)
        said.seek(0)
        complained.seek(0)
        told, errors = said.read(), complained.read()
    if process.returncode != 0:
        last = (errors.strip().splitlines() or ["it said nothing"])[-1]
        return "crashed", f"the process ended with exit code {process.returncode}: {last}"
    try:
        answer = json.loads(told)
        return answer["state"], " ".join(answer["reasons"])
    except (ValueError, KeyError, TypeError):
        return "crashed", "the process ended without a verdict"


def _end(process):
    """End a process and all that it has started. Python's resource tracker ignores the first
    signal, and removes what the others have left in shared memory."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            while time.monotonic() < deadline:
                process.poll()  # else it stays in its group when it has ended
                os.killpg(process.pid, 0)
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGKILL)
    process.wait(GRACE)


def write(grades, table):
    """Write grades to `table`.csv, a row for each learner, and `table`.json; return both paths."""
    numbers = sorted({number for row in grades.values() for number in row})
    table = Path(table)
    table.parent.mkdir(parents=True, exist_ok=True)
    files = [table.with_suffix(".csv"), table.with_suffix(".json")]
    with files[0].open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["learner", *numbers])
        for learner, row in grades.items():
            told = {n: s if s == "passed" else f"{s}: {why}" for n, (s, why) in row.items()}
            rows.writerow([learner, *(told.get(number, "") for number in numbers)])
    records = {
        learner: {n: {"state": s, "reason": why} for n, (s, why) in row.items()}
        for learner, row in grades.items()
    }
    files[1].write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return files


def main(arguments=None):
    """Grade as the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the notebooks are, in folders or not")
    parser.add_argument("--table", default="build/grades", help="where the table goes")
    parser.add_argument("--seconds", type=float, default=30.0, help="for each exercise")
    parser.add_argument("--memory", type=int, default=2000, help="megabytes for each process")
    chosen = parser.parse_args(arguments)
    try:
        grades = grade(chosen.folder, chosen.seconds, chosen.memory)
    except ValueError as error:
        parser.error(str(error))
    for learner, row in grades.items():
        print(f"{learner}: {sum(state == 'passed' for state, _ in row.values())} of {len(row)}")
        for number, (state, reason) in row.items():
            if state != "passed":
                print(f"    {number} {state}: {reason}")
    for path in write(grades, chosen.table):
        print(path)


if __name__ == "__main__":
    main()
