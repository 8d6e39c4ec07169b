"""What tests of several files share: the browser, and a folder for temporary files."""

import os
import tempfile
from pathlib import Path

import pytest

from chromium import MISSING, find_browser, open_browser


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
