"""study.py: copies without answers; what the reader has written is never overwritten."""

import itertools
import platform
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import study

PAGE = "01_first.ipynb"


@pytest.fixture
def course(tmp_path):
    """The folder of a course of two pages."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in (PAGE, "02_second.ipynb"):
        slide = {"slideshow": {"slide_type": "fragment"}, "tags": ["compare-on-posix"]}
        question = nbformat.v4.new_markdown_cell(
            f"**Predict.** In {name} … why? [Next](02_second.ipynb)"
        )
        shown = nbformat.v4.new_output("stream", text="the answer\n")
        answer = nbformat.v4.new_code_cell(
            'print("the " + "answer")', metadata=slide, outputs=[shown], execution_count=1
        )
        language = {"name": "python", "version": "3.0.0"}
        metadata = {"language_info": language, study.FONTS: {"styles": {":root": {"zoom": 1.5}}}}
        write(folder / name, nbformat.v4.new_notebook(cells=[question, answer], metadata=metadata))
    return folder


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "mine"


def read(path):
    return nbformat.read(path, as_version=4)


def write(path, notebook):
    nbformat.write(notebook, path)


def change(path, text, cell=0):
    notebook = read(path)
    notebook.cells[cell].source += text
    write(path, notebook)


def test_a_copy_has_no_outputs_and_all_the_rest(course, mine):
    lines = study.update(course, mine)
    assert lines == [f"{PAGE}: copied", "02_second.ipynb: copied"]
    for path in course.iterdir():
        page, made = read(path), read(mine / path.name)
        nbformat.validate(made)
        assert made.cells[1].outputs == [] and made.cells[1].execution_count is None
        assert "the answer" not in (mine / path.name).read_text(encoding="utf-8")
        made.cells[1].update(outputs=page.cells[1].outputs, execution_count=1)
        assert made.cells == page.cells
        fonts = made.metadata.pop(study.FONTS)
        assert fonts.styles[":root"] == page.metadata[study.FONTS].styles[":root"]
        assert made.metadata.language_info.version == platform.python_version()
        assert page.cells[1].outputs, "the page itself keeps them"


SUBSLIDE = {"slideshow": {"slide_type": "subslide"}}


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        ("Q C t", "t"),
        ("Q C t t C t", "ttt"),  # what reads the next cell may tell the answer too
        ("Q C s t C t", "t"),  # a new slide is no new topic
        ("Q t c C C t", "t"),  # the answer is what shows something
        ("Q k t c C t", "t"),  # the topic goes on
        ("Q C h t", ""),
        ("Q C s t", ""),
        ("Q C t h t C t", "t"),
        ("Q C Q C t", "t"),
        ("C t c t", ""),
    ],
)
def test_the_text_that_reads_an_answer_is_marked(tmp_path, course, mine, cells, hidden):
    shown = nbformat.v4.new_output("stream", text="the answer\n")
    made = {
        "Q": lambda: nbformat.v4.new_markdown_cell("What now?\n\n**Predict.** What?"),
        "C": lambda: nbformat.v4.new_code_cell("1", outputs=[shown]),
        "c": lambda: nbformat.v4.new_code_cell("a = 1"),
        "t": lambda: nbformat.v4.new_markdown_cell("As you see."),
        "h": lambda: nbformat.v4.new_markdown_cell("## Next"),
        "k": lambda: nbformat.v4.new_markdown_cell("### Next"),
        "s": lambda: nbformat.v4.new_markdown_cell("Go on.", metadata=SUBSLIDE),
    }
    page = read(course / PAGE)
    page.cells = [made[kind]() for kind in cells.split()]
    write(course / PAGE, page)
    study.update(course, mine)
    marked = [study.TAG in cell.metadata.get("tags", []) for cell in read(mine / PAGE).cells]
    assert "".join(itertools.compress(cells.split(), marked)) == hidden


def test_the_copies_are_written_as_jupyter_writes_them(course, mine):
    study.update(course, mine)
    text = (mine / PAGE).read_bytes().decode()
    assert text == nbformat.writes(read(mine / PAGE)) + "\n"


def test_a_second_time_nothing_is_done(course, mine):
    study.update(course, mine)
    before = (mine / PAGE).stat().st_mtime_ns
    assert study.update(course, mine) == []
    assert (mine / PAGE).stat().st_mtime_ns == before


@pytest.mark.parametrize("run", [False, True])
def test_a_copy_that_was_at_most_run_is_refreshed(course, mine, run):
    study.update(course, mine)
    if run:  # as JupyterLab leaves it: outputs, another kernel, an empty cell at the end
        notebook = read(mine / PAGE)
        shown = nbformat.v4.new_output("stream", text="the answer\n")
        notebook.cells[1].update(outputs=[shown], execution_count=7)
        notebook.cells.append(nbformat.v4.new_code_cell())
        notebook.metadata.language_info.version = "3.99.0"
        notebook.metadata.kernelspec = {"name": "mine", "display_name": "Mine"}
        write(mine / PAGE, notebook)
        assert study.update(course, mine) == []
        assert read(mine / PAGE).cells[1].outputs == [shown]
    change(course / PAGE, " New.")
    assert study.update(course, mine) == [f"{PAGE}: refreshed"]
    assert read(mine / PAGE).cells[0].source.endswith(" New.")
    assert read(mine / PAGE).cells[1].outputs == []
    assert study.update(course, mine) == []


def test_how_slides_look_is_refreshed_too(course, mine):
    study.update(course, mine)
    page = read(course / PAGE)
    page.metadata[study.FONTS].styles[":root"].zoom = 2
    write(course / PAGE, page)
    assert study.update(course, mine) == [f"{PAGE}: refreshed"]
    assert read(mine / PAGE).metadata[study.FONTS].styles[":root"].zoom == 2


def by_reader(path, how):
    notebook = read(path)
    if how == "text":
        notebook.cells[0].source += " Mine."
    elif how == "code":
        notebook.cells[1].source += "  # mine"
    elif how == "cell":
        notebook.cells.append(nbformat.v4.new_code_cell("mine = 1"))
    elif how == "cell gone":
        notebook.cells.pop()
    elif how == "slides":
        notebook.cells[1].metadata.slideshow.slide_type = "slide"
    elif how == "copy of another":
        del notebook.metadata[study.KEY]
    write(path, notebook)


@pytest.mark.parametrize("how", ["text", "code", "cell", "cell gone", "slides", "copy of another"])
def test_what_the_reader_wrote_stays_and_a_new_page_lies_beside(course, mine, how):
    study.update(course, mine)
    by_reader(mine / PAGE, how)
    before = (mine / PAGE).read_bytes()
    assert study.update(course, mine) == [], "the page is as it was when it was copied"
    change(course / PAGE, " New.")
    assert study.update(course, mine) == [
        f"{PAGE} stays as you left it; the course's new page is beside it, as 01_first_new.ipynb"
    ]
    assert (mine / PAGE).read_bytes() == before
    assert read(mine / "01_first_new.ipynb").cells[0].source.endswith(" New.")
    assert study.update(course, mine) == []
    assert len(list(mine.iterdir())) == 3


def test_what_lies_beside_follows_the_same_rules(course, mine):
    study.update(course, mine)
    change(mine / PAGE, " Mine.")
    beside = mine / "01_first_new.ipynb"
    for text in (" Second.", " Third."):
        change(course / PAGE, text)
        study.update(course, mine)
        assert read(beside).cells[0].source.endswith(text)
    change(beside, " Mine, too.")
    change(course / PAGE, " Fourth.")
    (line,) = study.update(course, mine)
    assert "01_first_new2.ipynb" in line
    assert read(beside).cells[0].source.endswith(" Third. Mine, too.")
    assert study.update(course, mine) == []


def test_who_has_written_what_the_course_now_says_gets_nothing_beside(course, mine):
    study.update(course, mine)
    change(mine / PAGE, " The same.")
    change(course / PAGE, " The same.")
    assert study.update(course, mine) == []
    assert not (mine / "01_first_new.ipynb").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"metadata": {}, "cells": [1]}', "\xff"])
def test_what_is_no_notebook_is_the_readers(course, mine, content):
    mine.mkdir()
    (mine / PAGE).write_bytes(content.encode("latin-1"))
    lines = study.update(course, mine)
    assert "01_first_new.ipynb" in lines[0]
    assert (mine / PAGE).read_bytes() == content.encode("latin-1")


def test_a_copy_that_was_deleted_comes_again(course, mine):
    study.update(course, mine)
    (mine / PAGE).unlink()
    assert study.update(course, mine) == [f"{PAGE}: copied"]


def test_every_page_of_the_course_can_be_copied(mine):
    lines = study.update(study.COURSE, mine)
    assert len(lines) == len(list(study.COURSE.glob("*.ipynb")))
    for path in mine.iterdir():
        made = read(path)
        nbformat.validate(made)
        run = [cell for cell in made.cells if cell.get("outputs") or cell.get("execution_count")]
        assert bool(run) == (not study.is_lesson(path))


@pytest.fixture
def opened(monkeypatch, course, mine):
    """What JupyterLab was started with."""
    from jupyterlab import labapp

    given = []
    monkeypatch.setattr(labapp, "main", lambda arguments: given.append(arguments))
    monkeypatch.setattr(study, "COURSE", course)
    monkeypatch.setattr(study, "MINE", mine)
    return given


@pytest.mark.parametrize(
    ("arguments", "page", "options"),
    [
        ([], PAGE, []),
        (["02"], "02_second.ipynb", []),
        (["2"], "02_second.ipynb", []),
        (["--no-browser", "2", "--port=8890"], "02_second.ipynb", ["--no-browser", "--port=8890"]),
    ],
)
def test_the_command_opens_a_page(opened, mine, arguments, page, options):
    with pytest.raises(SystemExit) as end:
        study.main(arguments)
    assert not end.value.code
    assert opened == [[str(mine / page), *options]]
    assert (mine / page).exists()


def test_the_command_may_open_nothing(opened, mine, capsys):
    study.main(["--copy-only"])
    assert opened == [] and (mine / PAGE).exists()
    assert f"mine: {PAGE}: copied\n" in capsys.readouterr().out
    study.main(["--copy-only"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["3"], r"NUMBER: invalid choice: '03' \(choose from '?01'?, '?02'?\)"),
        (["--copy-only", "--port=1"], "takes no --port=1"),
    ],
)
def test_bad_arguments_are_refused(opened, capsys, arguments, message):
    with pytest.raises(SystemExit) as end:
        study.main(arguments)
    assert end.value.code == 2 and opened == []
    assert re.search(message, capsys.readouterr().err)


def test_without_jupyterlab_the_command_says_what_installs_it(tmp_path):
    script = Path(study.__file__)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / PAGE).write_text('{"cells": [], "metadata": {"language_info": {}}}')
    (tmp_path / script.name).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    bare = [sys.executable, "-I", "-S", str(tmp_path / script.name)]
    done = subprocess.run(bare, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        "JupyterLab is not installed here: python -m uv run python study.py installs it\n"
    )
