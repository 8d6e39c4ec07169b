"""check_environment(): is this machine ready for the course, and if not, what helps?"""

import multiprocessing
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from ..engine.run import run
from ..workers import bank

_SHM = Path("/dev/shm")
_SHM_BYTES = 16 * 2**20
# The pinned matplotlib has wheels for these.
NEWEST = (3, 15)


class CheckUp:
    """The checks of this machine, in order, each with the remedy if it failed.

    Attributes:
        rows: tuples of (what was checked, remedy or None).
        good: True where nothing failed.
    """

    def __init__(self, rows: Sequence[tuple[str, str | None]]):
        self.rows = rows
        self.good = not any(remedy for _, remedy in rows)

    def __repr__(self):
        lines = [f"{'FAILED' if remedy else 'good  '}  {what}" for what, remedy in self.rows]
        lines += [f"        {what}: {remedy}" for what, remedy in self.rows if remedy]
        lines.append("Ready." if self.good else "Not ready yet: see the remedies above.")
        return "\n".join(lines)


def check_environment() -> CheckUp:
    """Check Python, packages, start methods, cores and shared memory of this machine.

    Returns:
        A `CheckUp`. What it shows is the same on every good machine.
    """
    return CheckUp(
        [
            (f"CPython 3.11 to {_version(NEWEST)}", _python()),
            ("the packages this course needs", _packages()),
            ("processes start and share a number", _processes()),
            ("two cores or more", _cores()),
            ("room in shared memory", _room()),
        ]
    )


def _python():
    kind = platform.python_implementation()
    if kind != "CPython" or not (3, 11) <= sys.version_info[:2] <= NEWEST:
        return (
            f"this is {kind} {platform.python_version()}; the course is made for CPython 3.11 to "
            f"{_version(NEWEST)}. Install one of these, or start JupyterLab with the README's "
            "commands, which find one or download it"
        )
    return None


def _version(numbers):
    return ".".join(map(str, numbers))


def _packages():
    wrong = []
    try:
        asked = metadata.requires("shmlib") or []
    except metadata.PackageNotFoundError:
        return "shmlib is not installed. Start JupyterLab with the README's commands"
    for text in asked:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": "course"}):
            continue
        try:
            found = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found = None
        if found is None or not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement} is needed, {found or 'none'} is installed")
    if wrong:
        return "; ".join(wrong) + ". Start JupyterLab with the README's commands"
    return None


def _processes():
    for method in multiprocessing.get_all_start_methods():
        try:
            number = multiprocessing.get_context(method).Value("i", 1)
            run([_deposit_one], number, start_method=method)
            seen = number.value
        except Exception as error:
            seen = error
        if seen != 2:
            return (
                f"{method}: a child process should have turned 1 into 2, but the result was "
                f"{seen}. A sandbox or security tool may be blocking processes or semaphores; try "
                "without it, or on another machine"
            )
    return None


def _deposit_one(number):
    bank.deposit(number, 1)


def _cores():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if (cores or 1) < 2:
        return "every notebook also works on one core, but there processes only take turns"
    return None


def _room():
    if not _SHM.is_dir():
        return None
    free = shutil.disk_usage(_SHM).free
    if not os.access(_SHM, os.W_OK):
        return f"{_SHM} cannot be written to, and semaphores lie there. Mount it for writing"
    if free < _SHM_BYTES:
        return (
            f"{_SHM} has {free // 2**20} MiB free and the course uses up to 16 MiB; "
            "if this is a container, start it with --shm-size=64m"
        )
    return None
