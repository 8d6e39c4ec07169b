"""JupyterLab in a real browser: what the tests and the benchmark of a click share."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat


@contextlib.contextmanager
def jupyter_lab(folder):
    """Start JupyterLab in a folder; yield (its address, its token)."""
    folder = Path(folder)
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
                if server.poll() is not None:
                    break
                time.sleep(0.2)
        else:
            raise RuntimeError(
                "JupyterLab did not answer: " + (folder / "server.log").read_text(encoding="utf-8")
            )
        if server.poll() is not None:
            raise RuntimeError(
                "JupyterLab ended: " + (folder / "server.log").read_text(encoding="utf-8")
            )
        yield address, token
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


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
    return as_it_stands(page)


def as_it_stands(page):
    """Return the open notebook with the outputs that it has now."""
    model = page.evaluate("jupyterapp.shell.currentWidget.context.model.toJSON()")
    return nbformat.from_dict(model)


def show_cell(page, text):
    """Scroll to the first cell whose source holds the text; the page draws only what is near."""
    page.evaluate(
        """text => {
            const { content } = jupyterapp.shell.currentWidget;
            const cells = content.model.cells;
            for (let i = 0; i < cells.length; i++) {
                if (cells.get(i).sharedModel.getSource().includes(text)) {
                    content.activeCellIndex = i;
                    return content.scrollToItem(i, "start");
                }
            }
            throw new Error("no cell holds " + text);
        }""",
        text,
    )
