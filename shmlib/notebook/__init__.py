"""What needs Jupyter: pictures, explorers, show_source, run_script, %%expect, check-up, saving."""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Make ``%%expect`` known; ``%load_ext shmlib.notebook`` calls it."""
    from .expect import expect

    shell.register_magic_function(expect, "cell")
