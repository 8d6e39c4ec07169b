"""What is made for paper: the slides, the pages and the teacher's guide."""

import itertools
import re

import pytest
from pypdf import PdfReader

import make
from deck import STARTS, slide_type
from guide import PLANS, facts, guide, topics
from make import NOTEBOOKS, PAGES, guides, handouts, main
from paper import paper
from render import is_listing, title
from shmlib import typecode_table
from shmlib.notebook.exercises.exercise import exercises_of


def read(number):
    return make.read(NOTEBOOKS[number])


def slides_of(notebook):
    return sum(slide_type(cell) in STARTS for cell in notebook.cells)


def words(page):
    return re.sub(r"\s+", " ", page.extract_text())


@pytest.fixture(scope="module")
def folder(browser, tmp_path_factory):
    return tmp_path_factory.mktemp("build")


@pytest.mark.parametrize("number", list(NOTEBOOKS)[::6])  # each takes some seconds
def test_a_notebook_is_printed_as_slides_and_as_a_page(browser, folder, number):
    path, notebook = NOTEBOOKS[number], read(number)
    handouts(browser, [path], folder)
    slides = PdfReader(folder / "handouts" / f"{path.stem}_slides.pdf")
    assert len(slides.pages) == slides_of(notebook)
    assert {tuple(page.mediabox[2:]) for page in slides.pages} == {(960, 540)}  # 1280 x 720 px
    assert title(notebook) in words(slides.pages[0])
    last = words(slides.pages[-1])
    assert exercises_of(path.name[:2])[-1].title in last and f"{len(slides.pages)}" in last
    paper = PdfReader(folder / "handouts" / f"{path.stem}_page.pdf")
    assert 4 <= len(paper.pages) <= 20
    assert title(notebook) in words(paper.pages[0])


def test_the_quick_reference_is_one_sheet_with_every_typecode(browser, folder):
    handouts(browser, [PAGES["quick_reference"]], folder)
    (made,) = (folder / "handouts").glob("quick_reference*")
    (sheet,) = PdfReader(made).pages
    assert [float(side) / 72 * 25.4 for side in sheet.mediabox[2:]] == pytest.approx(
        [210, 297], 0.01
    )
    for row in typecode_table():
        assert re.search(rf"\b{row.code} {row.ctype.__name__}\b", words(sheet)), row.code


def test_a_listing_is_printed_without_the_call_that_shows_it():
    notebook = read("05")
    html = paper(notebook)
    assert html.count('<div class="source">') == sum(map(is_listing, notebook.cells)) > 0
    assert not re.search(r'show_source</span><span class="p">\(', html)


def test_the_guide_has_the_plans_and_a_page_for_each_notebook(browser, folder):
    guides(browser, folder)
    pages = [words(page) for page in PdfReader(folder / "teachers_guide.pdf").pages]
    beginnings = [title(read(number)) for number in NOTEBOOKS]
    places = [n for n, page in enumerate(pages) if page.startswith(tuple(beginnings))]
    assert [pages[n].startswith(b) for n, b in zip(places, beginnings, strict=True)]
    assert places[0] <= 3 and all(2 <= b - a <= 4 for a, b in itertools.pairwise(places))
    for number, place in zip(NOTEBOOKS, places, strict=True):
        told = " ".join(pages[place + 1 : place + 4])
        for exercise in exercises_of(number):
            assert exercise.title in told


def test_a_notebook_without_notes_for_the_teacher_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"99_new.ipynb has no page .* write 99_new.md"):
        guide({tmp_path / "99_new.ipynb": read("05")})


def test_the_guide_says_what_the_notebook_says():
    told, notebook = facts("05", read("05")), read("05")
    assert told["able"] in notebook.cells[1].source
    assert set(told["play"]) == {"scheduler", "lost_updates"}
    assert sum(slides for _, slides, _ in told["topics"]) == slides_of(notebook)


PLAN = re.compile(r"^## [^\n]*: (\d+) minutes$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (\d\d|) \| (.+) \| (\d+) \|$", re.MULTILINE)


def test_the_plans_add_up_and_name_topics_that_exist():
    plans = PLAN.findall(PLANS.read_text(encoding="utf-8"))
    assert len(plans) == 4
    for minutes, plan in plans:
        rows = ROW.findall(plan)
        ends = list(itertools.accumulate(int(row[2]) for row in rows))
        assert ends[-1] == int(minutes)
        if "sessions of 90 minutes" in plan:
            assert set(ends) >= set(range(90, ends[-1], 90))
        for number, named, planned in rows:
            if number:
                minutes_of = {name: needed for name, _, needed in topics(read(number))}
                del minutes_of["Exercises"]
                chosen = minutes_of if named == "all" else named.split("; ")
                assert sum(minutes_of[name] for name in chosen) <= int(planned), (number, named)


def test_the_command_builds_a_deck(tmp_path, capsys):
    main(["decks", "05", "--folder", str(tmp_path)])
    made = tmp_path / "decks" / "05_lose_an_update.html"
    assert capsys.readouterr().out.split() == [str(made)]
    assert made.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["decks", "99"], "no notebook 99: there are 00, 01"),
        (["decks", "glossary"], "no notebook glossary: there are 00, 01"),
        (["guide", "05"], "guide is made from all notebooks: leave out the numbers"),
        (["slides"], "invalid choice: 'slides'"),
    ],
)
def test_the_command_says_what_it_cannot_build(arguments, complaint, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert complaint in capsys.readouterr().err


def test_without_a_browser_the_command_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("make.find_browser", lambda: None)
    with pytest.raises(SystemExit, match="printed by a browser: no Chromium, Chrome or Edge found"):
        main(["handouts", "05", "--folder", str(tmp_path)])
