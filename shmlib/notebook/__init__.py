"""What needs Jupyter: pictures, explorers, show_source, run_script, %%expect, the check-up."""


def load_ipython_extension(shell):
    """Make ``%%expect`` known; ``%load_ext shmlib.notebook`` calls it."""
    from .expect import expect

    shell.register_magic_function(expect, "cell")
