"""What needs Jupyter: pictures, explorers, exercises, show_source, run_script, magics, check-up."""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Make the magics known; ``%reload_ext shmlib.notebook`` calls it."""
    from .exercises.magics import exercise, hint, progress
    from .expect import expect
    from .own_workers import workers

    for magic in (expect, workers, exercise):
        shell.register_magic_function(magic, "cell")
    shell.register_magic_function(hint, "line")
    shell.register_magic_function(progress, "line")
