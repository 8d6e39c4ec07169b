"""%%expect: a cell that must raise, and what it says."""

import re

from IPython import get_ipython


def expect(line: str, cell: str) -> None:
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
        raise AssertionError(f"this cell should have raised {line.strip()}, but it raised nothing")
