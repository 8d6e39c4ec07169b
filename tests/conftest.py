"""What tests of several files share: the browser, JupyterLab in it, and a temporary folder."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from browser import jupyter_lab
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    return folder


@pytest.fixture(scope="module")
def lab(browser, folder):
    """Start JupyterLab in that folder; yield its address and its token."""
    with jupyter_lab(folder) as started:
        yield started


@pytest.fixture
def page(browser, lab):
    address, _ = lab
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(60_000)
    page.trouble = []
    page.on("console", lambda m: m.type == "error" and page.trouble.append(m.text))
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
            or page.trouble.append(f"request to {request.url}")
        ),
    )
    yield page
    page.close()
