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
from glossary_cells import TERMS, define, terms_of
from refresh_notebooks import METADATA, compose
from shmlib.notebook.exercises.exercise import exercises_of
from shmlib.shown import VIEW
from study import is_lesson

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = list(filter(is_lesson, NOTEBOOKS))
TAGS = {"nbval-ignore-output", "compare-on-posix", "compare-on-linux"}
LONGEST_CELL = 15
LONGEST_LINE = 77


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem[:2])
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem[:2])
def lesson(request):
    return nbformat.read(request.param, as_version=4)


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


def test_every_lesson_has_a_figure(lesson):
    pages = [output.get("data", {}).get("text/html", "") for output in outputs(lesson)]
    assert any("<img alt=" in page for page in pages)


def test_links_between_files_resolve(path, notebook):
    for page in prose(notebook):
        for link in re.findall(r"\]\(([^)\s]+)\)", page):
            if not link.startswith(("http:", "https:")):
                assert (path.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])
def test_the_frame_is_complete(path, notebook):
    pages, kinds = [cell.source for cell in notebook.cells], list(map(slide_type, notebook.cells))
    assert pages[0].startswith("# ") and "?" in pages[0]
    for part in ("**You will be able to**", "**You need**", "**Time**"):
        assert part in pages[1]
    assert 15 <= minutes_told(notebook)[0] <= 40
    assert kinds[:3] == ["slide", "skip", "fragment"]
    begin = next(n for n, page in enumerate(pages) if page.startswith("## Exercises"))
    summary, terms = pages[begin - 2 : begin]
    assert summary.startswith("## Summary") and terms.startswith(TERMS)
    assert kinds[begin - 2 : begin + 1] == ["slide", "skip", "slide"]
    following = LESSONS[LESSONS.index(path) + 1 :]
    assert not following or f"]({following[0].name})" in pages[-1]
    assert len(exercises_of(path.name[:2])) >= 3


def test_what_has_its_place_elsewhere_stands_as_it_is_there(path, notebook):
    """Exercises, which are declared, and the terms of the pages in the glossary."""
    composed = nbformat.from_dict(notebook)
    compose(path, composed)
    assert composed.cells == notebook.cells


# ------------------------------------------------------------------------------- the glossary


@pytest.fixture
def glossary():
    return nbformat.read(ROOT / "notebooks" / "glossary.ipynb", as_version=4)


def a_page(terms):
    cells = [nbformat.v4.new_markdown_cell(source) for source in ("# Page", TERMS + terms)]
    return {Path("05_page.ipynb"): nbformat.v4.new_notebook(cells=cells)}


def test_every_term_has_its_page_and_one_line_that_shows_something(glossary):
    begin = next(n for n, cell in enumerate(glossary.cells) if cell.source.startswith("## "))
    heads, examples = glossary.cells[begin::2], glossary.cells[begin + 1 :: 2]
    terms = [term for path in LESSONS for term in terms_of(nbformat.read(path, as_version=4))]
    assert len(heads) == len(examples) == len(terms) == len(set(terms))
    for head, example in zip(heads, examples, strict=True):
        assert re.search(r"\. \[\d\d .+\]\(\d\d_\w+\.ipynb\)$", head.source), head.source
        lines = [line for line in example.source.splitlines() if not line.startswith("%%expect")]
        assert len(lines) == 1 and example.outputs, example.source


def test_a_term_that_is_missing_doubled_or_without_an_example_is_named(glossary):
    pages = {path: nbformat.read(path, as_version=4) for path in LESSONS}
    with pytest.raises(ValueError, match=r"without a definition, or .*'Lock', 'Process'"):
        define(glossary, dict(list(pages.items())[1:]))
    with pytest.raises(ValueError, match="Deadlock is defined twice: leave it out of 05_page"):
        define(glossary, pages | a_page("*Deadlock*: a standstill."))
    with pytest.raises(ValueError, match=r"or without an example: \['Zebra'\]"):
        define(glossary, pages | a_page("*Zebra*: striped."))
    with pytest.raises(ValueError, match=r"Terms are written .* not More there"):
        terms_of(a_page("More there. *Lock*: for one.").popitem()[1])


# ---------------------------------------------------------------------------------- the slides


def minutes_told(notebook):
    """Return the minutes for the page and those for its exercises, as its head tells them."""
    told = r"\*\*Time\*\* (\d+) minutes, and another (\d+) for the exercises"
    return tuple(map(int, re.search(told, notebook.cells[1].source).groups()))


def test_every_slide_has_minutes_and_prompts(lesson):
    minutes, exercises = 0, 0
    begun = False
    for cell in lesson.cells:
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
    assert abs(minutes - minutes_told(lesson)[0]) <= 3
    assert abs(exercises - minutes_told(lesson)[1]) <= 3


def test_a_class_predicts_before_it_sees(lesson):
    shown = [cell for cell in lesson.cells if slide_type(cell) != "skip"]
    predictions = 0
    for cell, answer in itertools.pairwise(shown):
        if cell.cell_type == "markdown" and cell.source.startswith("**Predict.**"):
            predictions += 1
            assert slide_type(cell) in ("fragment", "subslide")
            assert slide_type(answer) in ("fragment", "subslide")
    assert predictions >= 1


def test_a_code_cell_that_slides_skip_binds_no_name(lesson):
    for cell in code_cells(lesson):
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
