"""The helper package of the course "Shared memory in Python, step by step".

Names load on first use (PEP 562), so that a child process which imports a worker from
``shmlib.workers`` imports neither IPython nor matplotlib.
"""

from importlib import import_module

_HOME = {
    "Exploration": "interleaving",
    "Outcome": "stepper",
    "Replay": "interleaving",
    "Run": "processes",
    "Step": "stepper",
    "Stepper": "stepper",
    "WorkerError": "processes",
    "WorkerTimeoutError": "processes",
    "run": "processes",
    "check_environment": "environment",
    "explore": "interleaving",
    "memory_map": "typecodes",
    "replay": "interleaving",
    "run_script": "notebook",
    "show_source": "notebook",
    "typecode_table": "typecodes",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
