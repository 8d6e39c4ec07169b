"""The form of the notebooks: what a reader, a slide or a screen reader needs of every one."""

import html
import itertools
import json
import re
import socket
from pathlib import Path

import nbformat
import pytest
from refresh_notebooks import METADATA, WIDGET

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LONGEST_CELL = 15


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem[:2])
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_the_notebook_is_valid_and_its_metadata_uniform(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata == METADATA
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"slideshow", "tags"}
        assert set(cell.metadata.get("tags", [])) <= {"nbval-ignore-output"}


def test_every_code_cell_was_run_in_order(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_code_cell_is_long(notebook):
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= LONGEST_CELL, cell.source


def test_outputs_hold_nothing_of_this_machine(notebook):
    names = {socket.gethostname()} - {"localhost"}
    for output in outputs(notebook):
        text = json.dumps({k: v for k, v in output.items() if k != "metadata"})
        assert output.output_type != "error", text
        assert not re.search(r"0x[0-9a-f]{6,}", text), text
        plain = _plain(output).replace("/dev/shm", "")  # the same on every Linux
        assert not re.search(r"""(?<![\w.:;<>/+=-])(/[\w.-]+){2,}|[A-Z]:\\\\""", plain), text
        assert not re.search(r"\bpid\W*\d+", text, re.IGNORECASE), text
        for name in names:
            assert not re.search(rf"\b{re.escape(name)}\b", _plain(output)), text


def _plain(output):
    """All that an output says in words."""
    data = output.get("data", {})
    page = re.sub(r"src=\"data:[^\"]*\"", "", data.get("text/html", ""))
    return "\n".join([output.get("text", ""), data.get("text/plain", ""), _visible(page)])


def _visible(page):
    alternatives = " ".join(re.findall(r'alt="([^"]*)"', page))
    return html.unescape(re.sub(r"<[^>]*>", "", page) + alternatives)


def test_no_widget_view_is_stored(notebook):
    assert not [output for output in outputs(notebook) if WIDGET in output.get("data", {})]


def test_headings_nest(notebook):
    headings = re.findall(r"^(#+) ", "\n".join(prose(notebook)), re.MULTILINE)
    levels = [len(heading) for heading in headings]
    assert levels[0] == 1 and levels.count(1) == 1
    for before, after in itertools.pairwise(levels):
        assert after <= before + 1


def test_every_image_has_a_text_alternative(notebook):
    pages = prose(notebook)
    for output in outputs(notebook):
        data = output.get("data", {})
        assert not {"image/png", "image/jpeg", "image/svg+xml"} & set(data)
        pages.append(data.get("text/html", ""))
    for page in pages:
        assert all(words.strip() for words in re.findall(r"!\[([^\]]*)\]\(", page))
        for tag in re.findall(r"<img\b[^>]*>", page):
            assert re.search(r'\balt="[^"]+"', tag), tag


def test_every_notebook_has_a_figure(notebook):
    pages = [output.get("data", {}).get("text/html", "") for output in outputs(notebook)]
    assert any("<img alt=" in page for page in pages)


def test_links_between_files_resolve(path, notebook):
    for page in prose(notebook):
        for link in re.findall(r"\]\(([^)\s]+)\)", page):
            if not link.startswith(("http:", "https:")):
                assert (path.parent / link.partition("#")[0]).exists(), link


def test_the_frame_is_complete(path, notebook):
    first, last = prose(notebook)[0], prose(notebook)[-1]
    for part in ("# ", "**You will be able to**", "**You need**", "**Time**", "?"):
        assert part in first
    assert 15 <= int(re.search(r"\*\*Time\*\* (\d+) minutes", first)[1]) <= 40
    for part in ("## Summary", "**Terms**", "## Exercises", "\n1. ", "\n3. ", "<summary>Answers"):
        assert part in last
    following = NOTEBOOKS[NOTEBOOKS.index(path) + 1 :]
    assert not following or f"]({following[0].name})" in last


def test_few_cells_are_not_compared():
    cells = [cell for path in NOTEBOOKS for cell in code_cells(nbformat.read(path, as_version=4))]
    ignored = [cell for cell in cells if "nbval-ignore-output" in cell.metadata.get("tags", [])]
    assert len(ignored) <= len(cells) / 20


def test_a_blank_count_is_noticed(notebook):
    code_cells(notebook)[-1].execution_count = None
    with pytest.raises(AssertionError):
        test_every_code_cell_was_run_in_order(notebook)
