"""The form of the notebooks: what a reader, a slide or a screen reader needs of every one."""

import ast
import html
import itertools
import json
import re
import socket
from pathlib import Path

import nbformat
import pytest

from deck import STARTS, slide_type
from exercise_cells import place
from refresh_notebooks import METADATA
from shmlib.notebook.exercises.exercise import exercises_of
from shmlib.shown import VIEW

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TAGS = {"nbval-ignore-output", "compare-on-posix", "compare-on-linux"}
LONGEST_CELL = 15
LONGEST_LINE = 77


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
    language = METADATA["language_info"] | {"version": notebook.metadata.language_info.version}
    assert notebook.metadata == METADATA | {"language_info": language}
    assert re.fullmatch(r"3\.\d+\.\d+", language["version"])
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"slideshow", "tags"}
        assert set(cell.metadata.get("slideshow", {})) <= {"slide_type", "minutes", "notes"}
        assert set(cell.metadata.get("tags", [])) <= TAGS


def test_the_file_is_written_as_jupyter_writes_it(path, notebook):
    assert path.read_text(encoding="utf-8") == nbformat.writes(notebook) + "\n"


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
    assert not [output for output in outputs(notebook) if VIEW in output.get("data", {})]


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
    pages, kinds = [cell.source for cell in notebook.cells], list(map(slide_type, notebook.cells))
    assert pages[0].startswith("# ") and "?" in pages[0]
    for part in ("**You will be able to**", "**You need**", "**Time**"):
        assert part in pages[1]
    assert 15 <= minutes_told(notebook)[0] <= 40
    assert kinds[:3] == ["slide", "skip", "fragment"]
    begin = next(n for n, page in enumerate(pages) if page.startswith("## Exercises"))
    summary, terms = pages[begin - 2 : begin]
    assert summary.startswith("## Summary") and terms.startswith("**Terms**")
    assert kinds[begin - 2 : begin + 1] == ["slide", "skip", "slide"]
    following = NOTEBOOKS[NOTEBOOKS.index(path) + 1 :]
    assert not following or f"]({following[0].name})" in pages[-1]


def test_the_exercises_stand_as_they_are_declared(path, notebook):
    declared = nbformat.from_dict(notebook)
    place(declared, path.name[:2])
    assert declared.cells == notebook.cells
    assert len(exercises_of(path.name[:2])) >= 3


# ---------------------------------------------------------------------------------- the slides


def minutes_told(notebook):
    """Return the minutes for the page and those for its exercises, as its head tells them."""
    told = r"\*\*Time\*\* (\d+) minutes, and another (\d+) for the exercises"
    return tuple(map(int, re.search(told, notebook.cells[1].source).groups()))


def test_every_slide_has_minutes_and_prompts(notebook):
    minutes, exercises = 0, 0
    begun = False
    for cell in notebook.cells:
        assert slide_type(cell) in ("slide", "subslide", "fragment", "skip", "")
        if slide_type(cell) in STARTS:
            begun = begun or cell.source.startswith("## Exercises")
            if begun:
                exercises += cell.metadata.slideshow.minutes
            else:
                minutes += cell.metadata.slideshow.minutes
            assert 1 <= len(cell.metadata.slideshow.notes) <= 3, cell.source
            for prompt in cell.metadata.slideshow.notes:
                assert re.match(r"(Ask|Demo|Say|Watch for): \S", prompt), prompt
        elif slide_type(cell):
            assert set(cell.metadata.slideshow) == {"slide_type"}
    # The slides take as long as the page says, to the nearest five minutes or so.
    assert abs(minutes - minutes_told(notebook)[0]) <= 3
    assert abs(exercises - minutes_told(notebook)[1]) <= 3


def test_a_class_predicts_before_it_sees(notebook):
    shown = [cell for cell in notebook.cells if slide_type(cell) != "skip"]
    predictions = 0
    for cell, answer in itertools.pairwise(shown):
        if cell.cell_type == "markdown" and cell.source.startswith("**Predict.**"):
            predictions += 1
            assert slide_type(cell) in ("fragment", "subslide")
            assert slide_type(answer) in ("fragment", "subslide")
    assert predictions >= 1


def test_a_code_cell_that_slides_skip_binds_no_name(notebook):
    for cell in code_cells(notebook):
        if slide_type(cell) == "skip":
            body = cell.source.partition("\n")[2] if cell.source[0] == "%" else cell.source
            assert not any(map(binds, ast.walk(ast.parse(body)))), body


def binds(node):
    """True where a statement gives something a name; an attribute has none of its own."""
    if isinstance(node, (ast.Assign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        parts = [part for target in targets for part in ast.walk(target)]
        return any(isinstance(part.ctx, ast.Store) for part in parts if isinstance(part, ast.Name))
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.For))


def test_a_line_of_code_fits_a_slide(notebook):
    for cell in code_cells(notebook):
        assert all(len(line) <= LONGEST_LINE for line in cell.source.splitlines()), cell.source


def test_few_cells_are_not_compared():
    cells = [cell for path in NOTEBOOKS for cell in code_cells(nbformat.read(path, as_version=4))]
    ignored = [cell for cell in cells if "nbval-ignore-output" in cell.metadata.get("tags", [])]
    assert len(ignored) <= len(cells) / 20


def test_a_blank_count_is_noticed(notebook):
    code_cells(notebook)[-1].execution_count = None
    with pytest.raises(AssertionError):
        test_every_code_cell_was_run_in_order(notebook)
