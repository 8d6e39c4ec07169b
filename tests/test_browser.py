"""JupyterLab in a real browser: each notebook is opened and run from top to bottom."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome", "microsoft-edge", "msedge"]
MAC = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]
# What JupyterLab itself reports, whatever the notebook.
NOT_OURS = ("favicon", "Failed to load resource")


def find_browser():
    if named := os.environ.get("CHROMIUM"):
        return named
    folders = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)")]
    windows = [
        str(Path(folder, *parts))
        for folder in filter(None, folders)
        for parts in (
            ("Google", "Chrome", "Application", "chrome.exe"),
            ("Microsoft", "Edge", "Application", "msedge.exe"),
        )
    ]
    found = [shutil.which(name) for name in BROWSERS]
    return next(filter(None, found + [path for path in MAC + windows if Path(path).exists()]), None)


@pytest.fixture(scope="module")
def browser():
    path = find_browser()
    if path is None:
        message = "no Chromium, Chrome or Edge found: install one, or set CHROMIUM to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """Start JupyterLab on a copy of the notebooks; yield its address and its token."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    settings = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "RUNTIME")}
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"]
    options = [f"--port={port}", "--port-retries=0", "--expose-app-in-browser", "--allow-root"]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, *options, f"--IdentityProvider.token={token}", f"--notebook-dir={folder}"],
            env={**environment, **settings},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/api?token={token}", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, (folder / "server.log").read_text()
                time.sleep(0.2)
        else:
            pytest.fail("JupyterLab did not answer: " + (folder / "server.log").read_text())
        yield address, token
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


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


def open_notebook(page, lab, name):
    address, token = lab
    page.goto(f"{address}/lab/tree/notebooks/{name}?token={token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_function(
        "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
    )


def run_all(page):
    """Run all cells of the open notebook; return it as it then stands."""
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    model = page.evaluate("jupyterapp.shell.currentWidget.context.model.toJSON()")
    return nbformat.from_dict(model)


def told(output):
    """What nbval compares of an output."""
    skipped = {"metadata", "execution_count", "traceback"}
    return {name: value for name, value in output.items() if name not in skipped}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_run_all_gives_the_stored_outputs(page, lab, path):
    open_notebook(page, lab, path.name)
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    seen = run_all(page)
    stored = nbformat.read(path, as_version=4)
    assert len(seen.cells) == len(stored.cells)
    compared = 0
    for now, before in zip(seen.cells, stored.cells, strict=True):
        if now.cell_type != "code":
            continue
        assert now.execution_count == before.execution_count
        assert not [output for output in now.outputs if output.output_type == "error"]
        if "nbval-ignore-output" not in before.metadata.get("tags", []):
            assert list(map(told, now.outputs)) == list(map(told, before.outputs)), before.source
            compared += 1
    assert compared > 5
    assert [text for text in page.trouble if not any(word in text for word in NOT_OURS)] == []


def test_a_picture_is_shown_with_its_words(page, lab):
    open_notebook(page, lab, NOTEBOOKS[0].name)
    image = page.locator(".jp-OutputArea img[alt^='Process A deposits']").first
    image.scroll_into_view_if_needed()
    assert image.evaluate("image => image.complete && image.naturalWidth") > 500
