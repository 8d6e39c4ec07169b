"""check_environment(): is this machine ready for the course, and if not, what helps?"""

import multiprocessing
import os
import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from ..engine.run import run
from ..workers import bank

_HELP = "Start JupyterLab with the README's commands"
_SHM = Path("/dev/shm")
_SHM_BYTES = 16 * 2**20
_CORES = "two cores or more"
# The pinned matplotlib has wheels for these.
NEWEST = (3, 15)


class CheckUp:
    """The checks of this machine, in order, each with the remedy if it failed.

    Attributes:
        rows: tuples of (what was checked, remedy or None).
        remarks: from what was checked to what a learner should know of it; no remedy is needed.
        good: True where nothing failed.
    """

    def __init__(
        self, rows: Sequence[tuple[str, str | None]], remarks: Mapping[str, str] | None = None
    ):
        self.rows = rows
        self.remarks = remarks or {}
        self.good = not any(remedy for _, remedy in rows)

    def __repr__(self):
        said = [(what, remedy or self.remarks.get(what)) for what, remedy in self.rows]
        lines = [f"{self._mark(what, remedy)}  {what}" for what, remedy in self.rows]
        lines += [f"        {what}: {words}" for what, words in said if words]
        lines.append("Ready." if self.good else "Not ready yet: see the remedies above.")
        return "\n".join(lines)

    def _mark(self, what, remedy):
        return "FAILED" if remedy else "remark" if what in self.remarks else "good  "


def check_environment() -> CheckUp:
    """Check Python, packages, start methods, cores and shared memory of this machine.

    Returns:
        A `CheckUp`. What it shows is the same on every good machine, but for a remark where there
        is one core.
    """
    remark = _one_core()
    return CheckUp(
        [
            (f"CPython 3.11 to {_version(NEWEST)}", _python()),
            ("the packages this course needs", _packages()),
            ("processes start and share a number", _processes()),
            (_CORES, None),
            ("room in shared memory", _room()),
        ],
        {_CORES: remark} if remark else None,
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
        return f"shmlib is not installed. {_HELP}"
    try:
        from packaging.requirements import Requirement
    except ModuleNotFoundError:  # the library is installed without the course
        return f"packaging is needed, none is installed. {_HELP}"
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
        return "; ".join(wrong) + f". {_HELP}"
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


def _one_core():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if (cores or 1) < 2:
        return "this machine has one. Every notebook works here too, but processes only take turns"
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
