"""How pytest compares the notebooks: what Pythons word differently, what one system alone shows;
and what runs on one core.

Where a code cell's output depends on the system, a tag says where the stored one holds. Elsewhere
the cell is run, must raise nothing, and is not compared.
"""

import os
import re
import sys
import uuid
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from jupyter_core.paths import jupyter_runtime_dir
from nbval import kernel
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).parent
OF_NOTEBOOKS = ("test_decks.py", "test_handouts.py", "test_other_runs.py")
APART = ("test_drawn_operations.py",)
HOLDS = {"compare-on-posix": os.name == "posix", "compare-on-linux": sys.platform == "linux"}


def pytest_configure(config):
    # Else every kernel and every worker would compile what it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if sys.platform == "linux":
        # A port that was free may be taken before the kernel takes it; a file of its own may not.
        kernel.KernelManager = _by_files
    if getattr(config.option, "nbval_sanitize_with", "") is None:
        config.option.nbval_sanitize_with = str(ROOT / "tests" / "reworded.cfg")


def _by_files(**options):
    folder = Path(jupyter_runtime_dir())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return KernelManager(transport="ipc", ip=str(folder / f"nbval-{uuid.uuid4().hex}"), **options)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    # One more than there are processors, since a test often waits for processes of its own.
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


class Together(LoadFileScheduling):
    """Which tests stay on one core: those of a file, as a notebook's cells must, and those that
    share the deck of one notebook."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0].rpartition("/")[2]
        of_a_notebook = re.search(r"\b(\d\d)\]$", nodeid)
        if file in OF_NOTEBOOKS and of_a_notebook:
            return of_a_notebook[1]
        return nodeid if file in APART else super()._split_scope(nodeid)


def pytest_collection_modifyitems(items):
    for item in items:
        tags = getattr(item, "cell", {}).get("metadata", {}).get("tags", [])
        if not all(HOLDS.get(tag, True) for tag in tags):
            item.options["check"] = False
