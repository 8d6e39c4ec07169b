"""What tests of several files share: the browser, JupyterLab in it, and a temporary folder."""

import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from browser import jupyter_lab
from chromium import MISSING, find_browser, open_browser

ROOT = Path(__file__).parent.parent
# For tests in which the start method does not matter: under fork a process starts at once.
FAST = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
# The page that the README's command is given.
STUDIED = "06"


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


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A copy of the project, as a reader has it."""
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    for name in ("study.py", ".gitignore"):
        shutil.copy(ROOT / name, project)
    return project


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    """The folder of JupyterLab's settings."""
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="session")
def lab(browser, project, settings):
    """Start JupyterLab by the README's command; yield its address and its token."""
    with jupyter_lab(settings, sys.executable, str(project / "study.py"), STUDIED) as started:
        yield started


@pytest.fixture(scope="session")
def folder(project, lab):
    """The folder that JupyterLab shows, with the reader's copies."""
    return project / "my_course"


@pytest.fixture(scope="session")
def tab(browser, lab):
    """A tab for JupyterLab, which takes long to load: `open_notebook` loads it once."""
    address, _ = lab
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.set_default_timeout(60_000)
    tab.trouble = []
    tab.on("console", lambda m: m.type == "error" and tab.trouble.append(m.text))
    tab.on("pageerror", lambda error: tab.trouble.append(str(error)))
    tab.on(
        "request",
        lambda request: (
            request.url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
            or tab.trouble.append(f"request to {request.url}")
        ),
    )
    return tab


@pytest.fixture
def page(request, tab):
    """The tab, without what the tests before have left in it."""
    failed = request.session.testsfailed
    tab.trouble.clear()
    yield tab
    if request.session.testsfailed > failed:
        tab.goto("about:blank")  # whatever state it is in
