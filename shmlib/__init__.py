"""The helper package of the course "Shared memory in Python, step by step".

Names load on first use (PEP 562), so that a child process which imports a worker from
``shmlib.workers`` imports neither IPython nor matplotlib.
"""

from importlib import import_module

_HOME = {
    "Exploration": "engine.explore",
    "Outcome": "engine.outcome",
    "Replay": "engine.replay",
    "Run": "engine.run",
    "Step": "engine.outcome",
    "Stepper": "engine.stepper",
    "WorkerError": "engine.errors",
    "WorkerTimeoutError": "engine.errors",
    "check_environment": "notebook.environment",
    "explore": "engine.explore",
    "memory_map": "memory.memory_map",
    "replay": "engine.replay",
    "run": "engine.run",
    "run_script": "notebook.script",
    "show_source": "notebook.source",
    "typecode_table": "memory.typecodes",
}
# Whole modules that a page imports by their short names.
_MODULES = {name: f"notebook.{name}" for name in ("explorers", "figures", "transports")}

__all__ = sorted([*_HOME, *_MODULES])


def __getattr__(name):
    if name in _MODULES:
        return import_module(f"{__name__}.{_MODULES[name]}")
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
