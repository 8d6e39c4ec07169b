"""show_source(): the source of a worker or a program, as it stands in its file."""

import inspect
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.style import Style
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token

from ..words import short_repr
from .script import REPOSITORY, script_path


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


@dataclass(repr=False, eq=False)
class Source:
    """The source text of a function, with the file and line where it stands."""

    place: str
    code: str

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


def show_source(function: Any) -> Source:
    """Show the source of a function or script, with its file and line relative to the repository;
    where it comes from elsewhere, with its module and line.

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
        path = script_path(function)
        return Source(path.relative_to(REPOSITORY).as_posix(), path.read_text(encoding="utf-8"))
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(function)
    try:
        lines, number = inspect.getsourcelines(function)
        path = Path(inspect.getsourcefile(function)).resolve()  # type: ignore[arg-type]
    except (TypeError, OSError):
        raise TypeError(
            f"function must be a Python function, such as bank.deposit, not {short_repr(function)}"
        ) from None
    line = "" if inspect.ismodule(function) else f", line {number}"
    home = getattr(inspect.getmodule(function), "__name__", path.name)
    if path.is_relative_to(REPOSITORY):
        place = path.relative_to(REPOSITORY).as_posix() + line
    elif home == "__main__":
        place = "defined in this notebook"
    else:
        place = home + line
    return Source(place, inspect.cleandoc("\n" + "".join(lines)) + "\n")
