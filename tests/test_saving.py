"""What Jupyter Server keeps of a notebook: our pictures and words, and all that is others'."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import ipywidgets
import nbformat
import pytest
from jupyter_server.extension.manager import ExtensionPackage
from jupyter_server.services.config import ConfigManager
from jupyter_server.services.contents.filemanager import FileContentsManager

from shmlib import explorers
from shmlib.shown import VIEW, live_view


def enabled():
    """Return the extensions that a server in this environment loads, by name."""
    manager = ConfigManager(read_config_path=[str(Path(sys.prefix, "etc", "jupyter"))])
    return manager.get("jupyter_server_config")["ServerApp"]["jpserver_extensions"]


@pytest.fixture
def contents(tmp_path):
    """The files of a server that has loaded what shmlib installs."""
    contents = FileContentsManager(root_dir=str(tmp_path))
    for name in enabled():
        if name.startswith("shmlib"):
            (point,) = ExtensionPackage(name=name, enabled=True).extension_points.values()
            point.module._load_jupyter_server_extension(SimpleNamespace(contents_manager=contents))
    return contents


def saved(contents, *outputs):
    """Save a notebook whose one code cell has these outputs; return those of the file."""
    code = nbformat.v4.new_code_cell("1", outputs=list(outputs), execution_count=1)
    cells = [nbformat.v4.new_markdown_cell("# Mine"), code]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"mine": {"kept": [1, 2]}})
    contents.save({"type": "notebook", "content": notebook}, "mine.ipynb")
    file = nbformat.read(Path(contents.root_dir, "mine.ipynb"), as_version=4)
    assert file.metadata == notebook.metadata
    assert file.cells[0] == cells[0]
    return file.cells[1].outputs


def output(data, metadata=None, kind="display_data"):
    count = {"execution_count": 1} if kind == "execute_result" else {}
    return nbformat.v4.new_output(kind, data=data, metadata=metadata or {}, **count)


def test_an_environment_that_has_shmlib_loads_the_extension():
    assert enabled()["shmlib.notebook.saving"] is True


def test_of_an_explorer_its_picture_and_words_stay(contents):
    data, metadata = explorers.bytes_of_value(200, "b")._repr_mimebundle_()
    assert VIEW in data
    (kept,) = saved(contents, output(data, metadata, "execute_result"))
    assert set(kept["data"]) == {"text/plain", "text/html"}
    assert kept["data"]["text/html"] == data["text/html"]
    assert kept["metadata"] == {}


def test_of_a_progress_bar_nothing_stays(contents):
    printed = nbformat.v4.new_output("stream", text="70 interleavings\n")
    error = nbformat.v4.new_output("error", ename="KeyboardInterrupt", evalue="", traceback=[])
    bars = [output(*live_view(ipywidgets.IntProgress())) for _ in range(2)]
    kept = saved(contents, bars[0], printed, bars[1], error)
    assert kept == [printed, error]


def test_what_is_other_peoples_stays(contents):
    widget = ipywidgets.IntSlider()._repr_mimebundle_()
    others = [
        output(widget),
        output({VIEW: widget[VIEW]}, {VIEW: {"theirs": True}}),
        output({}),
        output({"image/png": "AAAA", "text/plain": "a"}, {"image/png": {"width": 3}}),
        nbformat.v4.new_output("stream", name="stderr", text="a"),
    ]
    ours = output(*live_view(ipywidgets.IntProgress()))
    kept = saved(contents, *others[:2], ours, *others[2:])
    assert kept == others


def test_what_is_no_notebook_of_today_is_saved_too(contents):
    contents.save({"type": "file", "format": "text", "content": VIEW}, "a.txt")
    assert contents.get("a.txt")["content"] == VIEW
    old = nbformat.v3.new_notebook(worksheets=[nbformat.v3.new_worksheet()])
    contents.save({"type": "notebook", "content": dict(old)}, "old.ipynb")
    contents.save({"type": "directory"}, "folder")
    assert contents.dir_exists("folder") and contents.file_exists("old.ipynb")


def test_the_server_loads_nothing_heavy_for_it():
    code = "import sys, shmlib.notebook.saving; print(*sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"IPython", "matplotlib", "numpy", "ipywidgets", "pygments", "multiprocessing"}
    assert heavy & {name.partition(".")[0] for name in seen.stdout.split()} == set()
