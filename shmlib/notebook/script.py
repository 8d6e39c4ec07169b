"""run_script(): a whole program of shmlib/scripts, in an interpreter of its own."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..checks import check_seconds
from ..words import short_repr, without_loader

REPOSITORY = Path(__file__).resolve().parent.parent.parent
_SCRIPTS = REPOSITORY / "shmlib" / "scripts"


@dataclass(repr=False, eq=False)
class ScriptRun:
    """What a program printed, and the error that it, or a child of it, ended with.

    Attributes:
        exitcode: that of the program itself.
        output: what it wrote to stdout.
        errors: what it and its children wrote to stderr, whole.
    """

    exitcode: int
    output: str
    errors: str

    @property
    def error(self) -> str:
        """The first sentence of the last error in `errors`, or "" if there is none."""
        last = re.split(r"^(?=\w*Error:)", self.errors, flags=re.MULTILINE)
        if len(last) == 1:
            return ""
        kind, _, message = last[-1].partition(":")
        first = " ".join(message.strip().split("\n\n")[0].split())
        return without_loader(f"{kind}: {first}")

    def __repr__(self):
        return "\n".join(filter(None, [self.output.rstrip(), self.error]))


def run_script(name: str, timeout: float = 30.0) -> ScriptRun:
    """Run a program of shmlib/scripts in an interpreter of its own.

    Args:
        name: its file name, such as "with_guard.py".
        timeout: seconds until it is ended.

    Returns:
        A `ScriptRun`; it shows the output and the first sentence of the last error.

    Raises:
        TypeError, ValueError: there is no such script, or the time limit is no time.
        subprocess.TimeoutExpired: the time limit ran out.
    """
    check_seconds("timeout", timeout)
    done = subprocess.run(
        [sys.executable, script_path(name)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        cwd=REPOSITORY,
        env={
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUTF8": "1",  # Windows would write its code page
            "PYTHON_COLORS": "0",  # a kernel asks for colours, also in tracebacks from 3.13 on
        },
    )
    return ScriptRun(done.returncode, done.stdout, done.stderr)


def script_path(name: str) -> Path:
    """Return the path of a program; ValueError where there is none of that name."""
    names = sorted(path.name for path in _SCRIPTS.glob("*.py"))
    if name not in names:
        raise ValueError(f"name must be one of {', '.join(names)}, not {short_repr(name)}")
    return _SCRIPTS / name
