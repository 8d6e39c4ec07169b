"""The command that runs a class, with two small pages in place of the course's."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells what they measure"
)

WELL = """
import multiprocessing, time
mp = multiprocessing.get_context("spawn")
array = mp.RawArray("c", 3_000_000)
child = mp.Process(target=time.sleep, args=(60,))
child.start()
time.sleep(1.5)
print("done")
child.kill()
child.join()
"""
COMMAND = Path(__file__).parent.parent / "benchmarks" / "a_class.py"
RUN_THEM = """
import runpy, sys
sys.path.insert(0, {folder!r})
import kernels
from pathlib import Path
kernels.PAGES = sorted(Path({pages!r}).iterdir())
import a_class
a_class.PAUSE = 0.1
sys.exit(a_class.main(["2"]))
"""


def test_a_class_is_told_what_it_took_and_who_failed(tmp_path):
    for name, code in (("00_well", WELL), ("01_ill", "1 / 0")):
        page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        nbformat.write(page, tmp_path / f"{name}.ipynb")
    code = RUN_THEM.format(folder=str(COMMAND.parent), pages=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert done.returncode == 1, done.stderr
    assert "2 kernels at once" in done.stdout and "1 pages without an error" in done.stdout
    assert told["    01_ill"] == "ZeroDivisionError: division by zero"
    assert told["slowest"].startswith(("00_well, ", "01_ill, "))
    peak = told["at the peak"]
    processes, shared = int(peak.split("; ")[1].split()[0]), float(peak.split("; ")[2].split()[0])
    assert processes >= 2 and 2.8 < shared < 4, peak
    assert told["left behind"] == "nothing"
