"""JupyterLab in a real browser: what the tests and the benchmark of a click share."""

import ast
import contextlib
import itertools
import os
import secrets
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import nbformat

COPIES = itertools.count()
# What JupyterLab itself reports, whatever the notebook.
NOT_OURS = ("favicon", "Failed to load resource", "Could not restore the debugger state")


@contextlib.contextmanager
def jupyter_lab(folder, *command):
    """Start JupyterLab; yield (its address, its token).

    Args:
        folder: where its settings and its log are to lie.
        *command: what starts it; it is given the options of JupyterLab.
    """
    folder = Path(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    settings = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    options = ["--no-browser", "--ip=127.0.0.1", f"--port={port}", "--port-retries=0"]
    options += ["--expose-app-in-browser", "--allow-root", f"--IdentityProvider.token={token}"]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, *options],
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


def watch(page, trouble, *own):
    """Add to a list what goes wrong on a page, in words: errors, and requests elsewhere.

    Args:
        page: a Playwright page.
        trouble: the list.
        *own: how the addresses begin that it may ask.
    """
    page.on("console", lambda m: m.type == "error" and trouble.append(m.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "request",
        lambda request: request.url.startswith(own) or trouble.append(f"request to {request.url}"),
    )


def excerpt(notebook, text):
    """Return a copy of a notebook with the one code cell that holds a text, and the cells that bind
    what it needs."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    place = next(place for place, cell in enumerate(cells) if text in cell.source)
    kept, needed = [cells[place]], _names(cells[place])[1]
    for cell in reversed(cells[:place]):
        bound, used = _names(cell)
        if bound & needed or "%reload_ext" in cell.source:
            kept.insert(0, cell)
            needed = needed - bound | used
    return nbformat.v4.new_notebook(metadata=notebook.metadata, cells=kept)


def _names(cell):
    """Return the names that a cell binds, and those that it uses."""
    lines = [line for line in cell.source.splitlines() if not line.startswith("%")]
    nodes = list(ast.walk(ast.parse("\n".join(lines))))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    bound |= {
        (alias.asname or alias.name)
        for node in nodes
        for alias in getattr(node, "names", ())
        if isinstance(alias, ast.alias)
    }
    return bound, {node.id for node in names if isinstance(node.ctx, ast.Load)}


def open_notebook(page, lab, name):
    """Open a notebook in place of those that are open; load JupyterLab where it is not there."""
    address, token = lab
    if page.url.startswith(address):
        page.evaluate(
            """async path => {
                await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
            }""",
            name,
        )
        close_others(page)
    else:
        page.goto(f"{address}/lab/tree/{name}?token={token}&reset")
    wait_until_open(page)


def close_others(page):
    """Close without saving what is open beside the notebook that is shown. Their kernels end
    meanwhile."""
    page.evaluate(
        """() => {
            for (const widget of [...jupyterapp.shell.widgets("main")]) {
                if (widget === jupyterapp.shell.currentWidget) continue;
                void widget.sessionContext?.shutdown();
                widget.dispose();
            }
        }"""
    )


def wait_until_open(page):
    """Wait until a notebook is shown and its kernel is idle."""
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


def open_copy(page, lab, notebook):
    """Open a notebook that is none of the stored ones, with its own kernel; return its name."""
    address, token = lab
    name = f"copy{next(COPIES)}.ipynb"
    answer = page.request.put(
        f"{address}/api/contents/{name}?token={token}",
        data={"type": "notebook", "content": notebook},
    )
    assert answer.ok, answer.text()
    open_notebook(page, lab, name)
    return name


def save(page):
    """Save the open notebook as its user does; nothing asks back."""
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.wait_for_function("!jupyterapp.shell.currentWidget.context.model.dirty")
    assert page.locator(".jp-Dialog").count() == 0


def trouble(page):
    """Return what went wrong on a page, without what JupyterLab reports by itself."""
    return [text for text in page.trouble if not any(word in text for word in NOT_OURS)]
