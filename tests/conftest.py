"""The browser that tests of JupyterLab and of the decks share."""

import os

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
