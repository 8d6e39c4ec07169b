"""Try the notebooks with every CPython that is found, under every start method; print a table.

    python -m uv run python tests/every_python.py

A row is a Python, a column a start method: how many cells were compared, how many were equal.
Each Python gets an environment of its own, made by uv for the time; `.venv` stays as it is.
It ends with 1 where a cell differs.
"""

import json
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
HERE = "--here"


def pythons():
    """Return the path of the newest CPython that uv finds of each minor version, oldest first."""
    known = json.loads(_uv("python", "list", "--only-installed", "--output-format", "json"))
    found = {}
    for python in known:
        version = tuple(python["version_parts"][part] for part in ("major", "minor", "patch"))
        usable = (
            python["implementation"] == "cpython"
            and python.get("variant", "default") == "default"
            and version >= (3, 11)
        )
        if usable:
            best = found.get(version[:2])
            if best is None or version > best[0]:
                found[version[:2]] = version, python["path"]
    return [found[minor][1] for minor in sorted(found)]


def compare_here():
    """Compare under each start method with this Python; print what was found as JSON."""
    from comparison import NOTEBOOKS, compare, under

    told = {"version": platform.python_version(), "found": {}}
    for method in sorted(multiprocessing.get_all_start_methods(), reverse=True):
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
            one = partial(compare, folder=folder, change=under(method))
            found = list(pool.map(one, NOTEBOOKS))
        told["found"][method] = (
            sum(each.compared for each in found),
            [different for each in found for different in each.different],
        )
    print(json.dumps(told))


def main():
    rows, wrong = [], []
    for python in pythons():
        command = ["run", "--isolated", "--quiet", "--python", python, "python", __file__, HERE]
        told = json.loads(_uv(*command).splitlines()[-1])
        cells = [told["version"]]
        for method, (compared, different) in told["found"].items():
            cells.append(f"{method} {compared - len(different)} of {compared} equal")
            wrong += [f"{told['version']} {method}: {cell}" for cell in different]
        rows.append(cells)
        print("   ".join(cells), flush=True)
    print(f"\n{len(rows)} Pythons" + "".join(f"\n\n{text}" for text in wrong))
    return 1 if wrong or not rows else 0


def _uv(*arguments):
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        sys.exit("uv is missing: start this with python -m uv run, as the README says")
    done = subprocess.run([uv, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        why = done.stdout + done.stderr
        sys.exit(f"uv {' '.join(arguments)} ended with {done.returncode}:\n{why}")
    return done.stdout


if __name__ == "__main__":
    if HERE in sys.argv[1:]:
        compare_here()
    else:
        sys.exit(main())
