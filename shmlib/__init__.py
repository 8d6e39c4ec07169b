"""The helper package of the course "Shared memory in Python, step by step".

Names load on first use (PEP 562), so that a child process which imports a worker from
``shmlib.workers`` imports neither IPython nor matplotlib.
"""

import sys
from importlib import import_module

TYPE_CHECKING = False  # that of typing, which would be loaded for this alone
if TYPE_CHECKING:
    from .engine.errors import WorkerError as WorkerError
    from .engine.errors import WorkerTimeoutError as WorkerTimeoutError
    from .engine.explore import Exploration as Exploration
    from .engine.explore import explore as explore
    from .engine.outcome import Outcome as Outcome
    from .engine.outcome import Step as Step
    from .engine.replay import Replay as Replay
    from .engine.replay import replay as replay
    from .engine.run import Run as Run
    from .engine.run import run as run
    from .engine.stepper import Stepper as Stepper
    from .memory.memory_map import memory_map as memory_map
    from .memory.typecodes import typecode_table as typecode_table
    from .notebook import explorers as explorers
    from .notebook import figures as figures
    from .notebook import local_cluster as local_cluster
    from .notebook import stopwatch as stopwatch
    from .notebook import transports as transports
    from .notebook.environment import check_environment as check_environment
    from .notebook.exercises.magics import check as check
    from .notebook.script import run_script as run_script
    from .notebook.source import show_source as show_source

_HOME = {
    "Exploration": "engine.explore",
    "Outcome": "engine.outcome",
    "Replay": "engine.replay",
    "Run": "engine.run",
    "Step": "engine.outcome",
    "Stepper": "engine.stepper",
    "WorkerError": "engine.errors",
    "WorkerTimeoutError": "engine.errors",
    "check": "notebook.exercises.magics",
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
_MODULES = {
    name: f"notebook.{name}"
    for name in ("explorers", "figures", "local_cluster", "stopwatch", "transports")
}

__all__ = sorted([*_HOME, *_MODULES])


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Whoever imports it may go on to make a semaphore.
    import_module(f"{__name__}.engine.tracker").outlive_the_group()
    try:
        module = import_module(f"{__name__}.{_MODULES.get(name) or _HOME[name]}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in {"", __name__, *sys.stdlib_module_names}:
            raise
        raise ModuleNotFoundError(
            f"{__name__}.{name} needs {missing}, which is not installed. What the course needs "
            f'comes with: pip install "{__name__}[course]"',
            name=error.name,
        ) from error
    return module if name in _MODULES else getattr(module, name)


def __dir__() -> list[str]:
    return __all__
