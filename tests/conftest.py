"""What tests of several files share: the browser, a temporary folder."""

import gc
import os
import tempfile
from pathlib import Path

import pytest

from chromium import MISSING, find_browser, open_browser

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def browser():
    if find_browser() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with open_browser() as browser:
        yield browser


@pytest.fixture
def temporary():
    """A folder whose path is short, as that of a socket has to be (tmp_path can be too long)."""
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        yield Path(folder)


def pytest_collection_finish():
    # All that pytest keeps: under fork `explore` would go through it to find shared objects.
    gc.collect()
    gc.freeze()


@pytest.fixture
def melted():
    """Let what was there before the first test be found: the shared objects of a test's module."""
    gc.unfreeze()
    yield
    gc.freeze()
