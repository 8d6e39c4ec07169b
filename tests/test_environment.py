"""check_environment(): what it says of a good machine, and of one where something is missing."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from unittest.mock import Mock

import pytest
from nbval.plugin import get_sanitize_patterns

from shmlib import check_environment
from shmlib.notebook import environment

ROOT = Path(__file__).parent.parent
RULES = ROOT / "tests" / "reworded.cfg"
GOOD = """good    CPython 3.11 to 3.15
good    the packages this course needs
good    processes start and share a number
good    two cores or more
good    room in shared memory
Ready."""


def test_this_machine_is_good():
    found = check_environment()
    assert found.good, found
    assert repr(found).endswith("Ready.")


def test_a_python_newer_than_the_course_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setattr(environment, "NEWEST", (3, 10))
    found = check_environment()
    assert not found.good
    assert "the course is made for CPython 3.11 to 3.10. Install one of these" in repr(found)


def test_a_missing_package_and_a_wrong_release_are_named(monkeypatch):
    real = metadata.version
    monkeypatch.setattr(metadata, "requires", Mock(side_effect=metadata.PackageNotFoundError))
    assert "shmlib is not installed. Start JupyterLab" in repr(check_environment())
    monkeypatch.undo()

    def version(name):
        if name == "matplotlib":
            raise metadata.PackageNotFoundError
        return "1.0" if name == "pygments" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    words = repr(check_environment())
    assert "matplotlib==3.11.2" in words and "is needed, none is installed" in words
    assert "is needed, 1.0 is installed. Start JupyterLab with the README's commands" in words


def test_one_core_is_a_remark_and_page_00_shows_what_is_stored(monkeypatch):
    before = check_environment()
    cores = {0}
    if hasattr(os, "sched_getaffinity"):
        cores = {min(os.sched_getaffinity(0))}
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores, raising=False)
    found = check_environment()
    assert found.good and before.good, found
    words = repr(found)
    assert "\nremark  two cores or more\n" in words and words.endswith("\nReady.")
    assert "two cores or more: this machine has one. Every notebook works here too" in words
    rules = get_sanitize_patterns(RULES.read_text(encoding="utf-8"))
    for shown in (words, repr(before)):
        for pattern, instead in rules:
            shown = re.sub(pattern, instead, shown)
        assert shown == GOOD


COURSE_ALONE = """
import sys
for name in {missing}:
    sys.modules[name] = None
import shmlib
{code}
"""


def without(missing, code):
    """Run code where packages are missing; return what it shows, and the last line of its error."""
    code = COURSE_ALONE.format(missing=missing, code=code)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    return done.stdout, done.stderr.strip().rpartition("\n")[2]


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("matplotlib", "shmlib.figures"),
        ("matplotlib", "from shmlib import *"),
        ("pygments", "shmlib.show_source"),
        ("ipywidgets", "from shmlib import explorers"),
    ],
)
def test_without_the_course_a_name_says_what_to_install(missing, code):
    _, error = without([missing], code)
    assert f" needs {missing}, which is not installed" in error
    assert error.startswith("ModuleNotFoundError: shmlib.")
    assert error.endswith('pip install "shmlib[course]"')


def test_the_check_up_works_without_the_course_and_names_what_reads_the_bounds():
    missing = ["packaging", "matplotlib", "IPython", "numpy", "pygments", "ipywidgets"]
    shown, error = without(missing, "print(shmlib.check_environment())")
    assert not error
    assert "FAILED  the packages this course needs" in shown
    assert "packaging is needed, none is installed. Start JupyterLab" in shown
    assert "good    processes start and share a number" in shown
