"""What needs Jupyter: pictures, explorers, show_source, run_script, magics, check-up, saving."""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Make ``%%expect`` and ``%%workers`` known; ``%reload_ext shmlib.notebook`` calls it."""
    from .expect import expect
    from .own_workers import workers

    shell.register_magic_function(expect, "cell")
    shell.register_magic_function(workers, "cell")
