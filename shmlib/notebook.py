"""What the notebooks show beside their own code: show_source(), run_script() and %%expect."""

import inspect
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

from IPython import get_ipython
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.style import Style
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token

from .processes import without_loader

_REPOSITORY = Path(__file__).resolve().parent.parent
_SCRIPTS = _REPOSITORY / "shmlib" / "scripts"


class _CardStyle(Style):
    """Near-black on a light card, every colour at 5:1 or more, so it reads in both themes."""

    background_color = "#f6f8fa"
    styles = {  # noqa: RUF012
        Token: "#1b1f24",
        Comment: "italic #4b5563",
        Keyword: "bold #00508c",
        Name.Function: "bold #1b1f24",
        Name.Class: "bold #1b1f24",
        Number: "#7a3e00",
        Operator.Word: "bold #00508c",
        String: "#7a3e00",
    }


class Source:
    """The source text of a function, with the file and line where it stands."""

    def __init__(self, place, code):
        self.place = place
        self.code = code

    def __repr__(self):
        return f"# {self.place}\n{self.code}"

    def _repr_html_(self):
        formatter = HtmlFormatter(
            style=_CardStyle,
            noclasses=True,
            cssstyles="background:#f6f8fa; color:#1b1f24; padding:0.6em 0.8em; margin:0; "
            "border-left:4px solid #0072B2; border-radius:4px",
            prestyles="background:#f6f8fa; color:#1b1f24; margin:0; line-height:1.4; "
            "font-family:var(--jp-code-font-family, monospace)",
        )
        return highlight(f"# {self.place}\n{self.code}", PythonLexer(), formatter)


def show_source(function):
    """Show the source of a function or script, with its file and line relative to the repository.

    Args:
        function: a Python function, class or module, or a functools.partial; or the name of a
            program in shmlib/scripts, such as "with_guard.py".

    Returns:
        A `Source`: plain text, and highlighted HTML on a light card of its own.

    Raises:
        TypeError: there is no Python source, as for a function written in C.
        ValueError: there is no such script.
    """
    if isinstance(function, str):
        path = _script(function)
        return Source(path.relative_to(_REPOSITORY).as_posix(), path.read_text(encoding="utf-8"))
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(function)
    try:
        lines, number = inspect.getsourcelines(function)
        path = Path(inspect.getsourcefile(function)).resolve()
    except (TypeError, OSError):
        raise TypeError(
            f"function must be a Python function, such as bank.deposit, not {function!r}"
        ) from None
    if inspect.ismodule(function):
        place = path.relative_to(_REPOSITORY).as_posix()
    elif path.is_relative_to(_REPOSITORY):
        place = f"{path.relative_to(_REPOSITORY).as_posix()}, line {number}"
    elif function.__module__ == "__main__":
        place = "defined in this notebook"
    else:
        place = f"{function.__module__}, line {number}"
    return Source(place, inspect.cleandoc("\n" + "".join(lines)) + "\n")


class ScriptRun:
    """What a program printed, and the error that it, or a child of it, ended with.

    Attributes:
        exitcode: that of the program itself.
        output: what it wrote to stdout.
        errors: what it and its children wrote to stderr, whole.
    """

    def __init__(self, exitcode, output, errors):
        self.exitcode = exitcode
        self.output = output
        self.errors = errors

    def __repr__(self):
        shown = [self.output.rstrip()] if self.output else []
        last = re.split(r"^(?=\w*Error:)", self.errors, flags=re.MULTILINE)
        if len(last) > 1:
            kind, _, message = last[-1].partition(":")
            first = " ".join(message.strip().split("\n\n")[0].split())
            shown.append(without_loader(f"{kind}: {first}"))
        return "\n".join(shown)


def run_script(name, timeout=30.0):
    """Run a program of shmlib/scripts in an interpreter of its own.

    Args:
        name: its file name, such as "with_guard.py".
        timeout: seconds until it is ended.

    Returns:
        A `ScriptRun`; it shows the output and the first sentence of the last error.

    Raises:
        ValueError: there is no such script.
        subprocess.TimeoutExpired: the time limit ran out.
    """
    done = subprocess.run(
        [sys.executable, _script(name)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        cwd=_REPOSITORY,
        env={
            **os.environ,
            "PYTHONPATH": str(_REPOSITORY),
            "PYTHONUTF8": "1",  # Windows would write its code page
            "PYTHON_COLORS": "0",  # a kernel asks for colours, also in tracebacks from 3.13 on
        },
    )
    return ScriptRun(done.returncode, done.stdout, done.stderr)


def _script(name):
    names = sorted(path.name for path in _SCRIPTS.glob("*.py"))
    if name not in names:
        raise ValueError(f"name must be one of {', '.join(names)}, not {name!r}")
    return _SCRIPTS / name


def expect(line, cell):
    """Run the cell, which must raise the named exception, and print what it says.

    ``%%expect TypeError`` prints ``TypeError: ...``; a cell that raises nothing, or something
    else, fails. Where systems differ: ``%%expect RuntimeError or ValueError``.
    """
    shell = get_ipython()
    expected = re.split(r"\s+or\s+", line.strip())
    if not all(name.isidentifier() for name in expected):
        raise ValueError(f"write %%expect and the name of an exception, not %%expect {line}")
    try:
        exec(compile(shell.transform_cell(cell), "<cell>", "exec"), shell.user_ns)
    except Exception as error:
        if not {kind.__name__ for kind in type(error).__mro__} & set(expected):
            raise
        print(f"{type(error).__name__}: {error}")
    else:
        raise AssertionError(f"this cell was to raise {line.strip()}, and raised nothing")


def load_ipython_extension(shell):
    shell.register_magic_function(expect, "cell")
