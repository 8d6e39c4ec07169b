"""How pytest compares the notebooks: what Pythons word differently, what one system alone shows.

Where a code cell's output depends on the system, a tag says where the stored one holds. Elsewhere
the cell is run, must raise nothing, and is not compared.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent
HOLDS = {"compare-on-posix": os.name == "posix", "compare-on-linux": sys.platform == "linux"}


def pytest_configure(config):
    # Else every kernel and every worker would compile what it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if getattr(config.option, "nbval_sanitize_with", "") is None:
        config.option.nbval_sanitize_with = str(ROOT / "tests" / "reworded.cfg")


def pytest_collection_modifyitems(items):
    for item in items:
        tags = getattr(item, "cell", {}).get("metadata", {}).get("tags", [])
        if not all(HOLDS.get(tag, True) for tag in tags):
            item.options["check"] = False
