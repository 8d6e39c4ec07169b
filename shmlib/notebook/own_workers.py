"""%%workers: a cell of worker functions, written to a file that every new process can import."""

from pathlib import Path

from IPython import get_ipython

from ..words import short_repr
from .cell_file import import_cell


def workers(line: str, cell: str) -> None:
    """Write the cell to a file beside the notebook, and import it anew under the file's name.

    ``%%workers my_bank.py`` prints the names of the functions that the file defines; after it,
    ``my_bank.deposit`` can be handed to run, replay and explore.

    Raises:
        FileExistsError: there is such a file, and it was not made from a cell.
        SyntaxError: the cell is not Python; nothing is written.
        ValueError: the line names no Python file in the notebook's folder, or the name is taken by
            a module that lies elsewhere.
    """
    name = line.strip()
    path = Path(name)
    if path.name != name or path.suffix != ".py" or not path.stem.isidentifier():
        raise ValueError(
            f"write %%workers and the name of a file, such as my_bank.py, not {short_repr(line)}"
        )
    module = import_cell(path, f"%%workers {name}", cell)
    get_ipython().user_ns[path.stem] = module
    made = [
        key
        for key, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == path.stem
    ]
    print(f"{name}: {', '.join(made) or 'no functions'}")
