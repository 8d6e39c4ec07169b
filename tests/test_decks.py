"""The decks, in a real browser without a network: what a class and its teacher see."""

import base64
import hashlib
import itertools
import re
from pathlib import Path

import axe_playwright_python
import nbformat
import pytest
from pypdf import PdfReader

import make
from browser import watch
from chromium import print_deck
from deck import STARTS, as_deck, deck, slide_type
from render import TEMPLATES, is_listing
from shmlib.notebook.exercises.exercise import exercises_of
from slides import TROUBLE, UNROLL

NOTEBOOKS = list(make.NOTEBOOKS.values())
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
FIFTH = make.NOTEBOOKS["05"]
LARGEST = 3_000_000
SHOW = """
number => {
    const place = Reveal.getIndices(Reveal.getSlides()[number]);
    Reveal.slide(place.h, place.v ?? 0, 1000);
}
"""
# In one go: else the browser would paint each slide.
TROUBLE_OF_ALL = f"""
() => Reveal.getSlides().flatMap((_, number) => {{
    ({SHOW})(number);
    return ({TROUBLE})().map(what => `slide ${{number + 1}}: ${{what}}`);
}})
"""
VIOLATIONS = """
async ([theme, options]) => {
    document.documentElement.dataset.theme = theme;
    const wanted = { resultTypes: ["violations", "incomplete"], ...options };
    const found = await axe.run(document, wanted);
    const sheets = [...document.querySelectorAll(".sheet")];
    const sheet = node => document.querySelector(node.target[0])?.closest(".sheet");
    const grave = found.violations.filter(rule => ["serious", "critical"].includes(rule.impact));
    const unmeasured = found.incomplete.filter(rule => rule.id === "color-contrast");
    return [...grave, ...unmeasured].flatMap(rule =>
        rule.nodes
            .filter(node => node.any[0]?.data?.messageKey !== "nonBmp")  // an arrow on a key
            .map(node => [`slide ${1 + sheets.indexOf(sheet(node))}`, theme, rule.id,
                `${node.html.slice(0, 100)} ${node.any[0]?.message}`].join(": ")));
}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Build each deck once, when it is first asked for; return its path."""
    folder, made = tmp_path_factory.mktemp("decks"), {}

    def build(path):
        if path not in made:
            made[path] = folder / f"{path.stem}.html"
            made[path].write_text(deck(make.read(path)), encoding="utf-8")
        return made[path]

    return build


@pytest.fixture
def page(browser):
    """A page without a network, that keeps every error and every request in its trouble."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.trouble = []

    def watch_offline(opened):
        watch(opened, page.trouble, "file:", "data:", "about:", "blob:")
        opened.on("requestfailed", lambda request: page.trouble.append(f"failed: {request.url}"))

    watch_offline(page)
    context.on("page", watch_offline)
    yield page
    context.close()


def open_deck(page, file, theme="light"):
    page.goto(f"{file.as_uri()}?theme={theme}")
    page.wait_for_function("Reveal.isReady()")
    return page.evaluate("Reveal.getTotalSlides()")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_a_deck_is_one_small_file(files, path):
    text = files(path).read_text(encoding="utf-8")
    assert len(text.encode()) <= LARGEST
    page = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"""<(link|iframe|object|embed)\b|@import|\ssrc=(?!["']?data:)""", page)
    assert not re.search(r"""url\((?!["']?data:)""", page)
    licences = re.search(r'<template id="licences">(.*?)</template>', text, re.DOTALL)[1]
    assert "reveal.js 5" in text
    assert all(name in licences for name in ("Hakim El Hattab", "Bitstream", "CC BY 4.0"))


def test_the_copy_of_reveal_js_is_as_published():
    folder = TEMPLATES / "deck" / "reveal"
    page = (folder / "README.md").read_text(encoding="utf-8")
    published = {name: digest for digest, name in re.findall(r"^([0-9a-f]{64})  (.+)$", page, re.M)}
    files = [path for path in folder.iterdir() if path.name != "README.md"]
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == published


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_every_slide_fits_and_is_accessible_in_both_themes(page, files, path):
    count = open_deck(page, files(path))
    assert 12 <= count - len(exercises_of(path.name[:2])) <= 25
    trouble = page.evaluate(TROUBLE_OF_ALL)
    # All decks have their colours from one file.
    trouble += violations(page, contrast=path in (NOTEBOOKS[0], NOTEBOOKS[-1]))
    assert trouble + page.trouble == []


def violations(page, contrast):
    """Unroll the open deck; return what axe finds in it: by its rules but that of contrast, which
    takes the most time, and, if asked for, by that one in both themes."""
    page.evaluate(AXE)
    page.evaluate(UNROLL)
    found = page.evaluate(VIOLATIONS, ["light", {"rules": {"color-contrast": {"enabled": False}}}])
    for theme in ("light", "dark") if contrast else ():
        found += page.evaluate(VIOLATIONS, [theme, {"runOnly": ["color-contrast"]}])
    return found


def test_the_measure_of_a_slide_can_fail(page, files):
    open_deck(page, files(NOTEBOOKS[0]))
    assert page.evaluate(TROUBLE) == []
    for spoilt, complaint in [
        ("<pre>" + "line\n" * 40 + "</pre>", "beyond the sheet"),
        ("<div style='width: 1300px'>wide</div>", "beyond the sheet"),
        (
            "<div style='width: 200px; overflow: hidden; white-space: nowrap'>0123456789 0123456789"
            " 0123456789</div>",
            "cut off",
        ),
        ("<div style='height: 20px; overflow: hidden'>two<br>lines</div>", "cut off"),
        ("<p style='font-size: 17px'>small</p>", "17 px: small"),
        ("<pre style='font-size: 23px'>small</pre>", "23 px: small"),
        ("<pre class='output'>answer</pre>", "together with its code: answer"),
        (
            "<div class='step fragment visible'><div class='input'>code</div>"
            "<pre class='output'>answer</pre></div>",
            "together with its code: answer",
        ),
    ]:
        page.evaluate(
            """html => {
                const part = document.createElement("div");
                part.id = "spoilt";
                part.innerHTML = html;
                Reveal.getCurrentSlide().querySelector(".sheet").append(part);
            }""",
            spoilt,
        )
        assert complaint in "\n".join(page.evaluate(TROUBLE))
        page.evaluate("document.getElementById('spoilt').remove()")
    assert page.evaluate(TROUBLE) == []


def test_the_measure_of_a_figure_can_fail(page, files):
    count = open_deck(page, files(FIFTH))
    number = 0
    while not page.evaluate("Reveal.getCurrentSlide().querySelector('img') !== null"):
        number += 1
        assert number < count
        page.evaluate(SHOW, number)
    assert page.evaluate(TROUBLE) == []
    page.evaluate("Reveal.getCurrentSlide().querySelector('img.light').style.width = '200px'")
    assert "letters of" in "\n".join(page.evaluate(TROUBLE))


def test_the_measure_of_a_contrast_and_of_words_for_a_picture_can_fail(page, tmp_path):
    file = tmp_path / "asking.html"
    file.write_text(deck(asking()), encoding="utf-8")
    count = open_deck(page, file)
    assert violations(page, contrast=True) == []
    open_deck(page, file)
    faint = ":root { --ink: #999999 } :root[data-theme='dark'] { --ink: #444444 }"
    page.add_style_tag(content=faint)
    page.evaluate("document.querySelector('.sheet').innerHTML += '<img src=\"data:,\">'")
    found = violations(page, contrast=True)
    for number in range(2, count + 1):
        for theme in ("light", "dark"):
            assert any(f"slide {number}: {theme}: color-contrast" in line for line in found)
    assert any("slide 1: light: image-alt" in line for line in found)


# ------------------------------------------------------------------------------------- the keys


def place(page):
    """Where the deck stands: (column, row, last fragment shown)."""
    found = page.evaluate("Reveal.getIndices()")
    return found["h"], found.get("v") or 0, -1 if found.get("f") is None else found["f"]


def test_every_key_of_a_deck_works(page, files):
    count = open_deck(page, files(NOTEBOOKS[0]))
    press = page.keyboard.press
    seen = [place(page)]
    while not page.evaluate("Reveal.isLastSlide() && !Reveal.availableFragments().next"):
        press("Space")
        assert place(page) != seen[-1]
        seen.append(place(page))
    assert len({(column, row) for column, row, _ in seen}) == count
    assert len(seen) > count, "no fragment anywhere"
    press("Shift+Space")
    assert place(page) == seen[-2]
    press("Home")
    assert place(page)[:2] == (0, 0)
    page.evaluate(SHOW, 0)
    press("ArrowRight")
    assert place(page)[0] == 1
    press("ArrowLeft")
    assert place(page)[0] == 0
    below = page.evaluate("Reveal.getSlides().findIndex(s => Reveal.getIndices(s).v === 1)")
    page.evaluate(SHOW, below - 1)
    column = place(page)[0]
    press("ArrowDown")
    assert place(page)[:2] == (column, 1)
    press("ArrowUp")
    assert place(page)[:2] == (column, 0)
    press("End")
    assert place(page)[0] == seen[-1][0]  # the last topic, whose slides lie below one another
    press("o")
    assert page.evaluate("Reveal.isOverview()")
    press("Escape")
    assert not page.evaluate("Reveal.isOverview()")
    press("b")
    assert page.evaluate("Reveal.isPaused()")
    press("b")
    assert not page.evaluate("Reveal.isPaused()")
    press("g")
    page.keyboard.type("3")
    press("Enter")
    assert page.evaluate("Reveal.getSlidePastCount()") == 2
    press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.evaluate("document.exitFullscreen()")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    press("t")
    assert page.evaluate(background) == "rgb(0, 0, 0)"
    press("t")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    press("Shift+?")
    page.get_by_text("Light or dark").wait_for()
    press("Escape")
    assert page.trouble == []


def asking():
    """A notebook whose second slide asks, with the code that answers."""
    notebook = cells("slide", "slide", "fragment", "fragment", "", "", "")
    notebook.cells[2].source = "**Predict.** How much?"
    for number, source, result in ((3, "1 + 1", "2"), (5, "2 + 2", "4"), (6, "a = 5", None)):
        code = notebook.cells[number] = nbformat.v4.new_code_cell(
            source, metadata=notebook.cells[number].metadata
        )
        if result:
            code.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": result})]
    return notebook


SEEN = """
() => [...Reveal.getCurrentSlide().querySelectorAll(".step")]
    .filter(step => step.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map(step => step.textContent.trim().replace(/\\s+/g, " "))
"""


def test_question_code_and_output_come_one_after_the_other(page, browser, tmp_path):
    file = tmp_path / "asking.html"
    file.write_text(deck(asking()), encoding="utf-8")
    open_deck(page, file)
    page.keyboard.press("Space")
    steps = ["Title 1", "Predict. How much?", "1 + 1", "2 text 4 2 + 2", "4 a = 5"]
    for shown in range(1, len(steps) + 1):
        assert page.evaluate(SEEN) == steps[:shown]
        page.keyboard.press("Space")
    assert page.evaluate(SEEN) == steps
    print_deck(browser, file, tmp_path / "asking.pdf")
    _, printed = PdfReader(tmp_path / "asking.pdf").pages
    assert " ".join(steps) in " ".join(printed.extract_text().split())


def test_a_figure_belongs_to_its_theme(page, files):
    count = open_deck(page, files(FIFTH))
    shown = "[...document.querySelectorAll('.present img')].filter(i => i.checkVisibility())"
    pictured = page.evaluate("Reveal.getSlides().map(slide => slide.querySelector('img') !== null)")
    assert any(pictured)
    for number in itertools.compress(range(count), pictured):
        page.evaluate(SHOW, number)
        both = []
        for _ in ("light", "dark"):
            both.append(page.evaluate(f"{shown}.map(i => [i.alt, i.src, i.width, i.height])"))
            page.keyboard.press("t")
        light, dark = both
        assert [(alt, *size) for alt, _, *size in light] == [(alt, *size) for alt, _, *size in dark]
        assert not {src for _, src, *_ in light} & {src for _, src, *_ in dark}
        grounds = [base64.b64decode(src.partition(",")[2]) for _, src, *_ in light + dark]
        assert [b"fill: #ffffff" in ground.partition(b"</g>")[0] for ground in grounds] == (
            [True] * len(light) + [False] * len(dark)
        )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_a_listing_stands_without_the_call_that_shows_it(files, path):
    cells = as_deck(make.read(path)).cells
    text = files(path).read_text(encoding="utf-8")
    assert text.count('<div class="source">') == sum(map(is_listing, cells))
    assert not re.search(r"show_source</span><span class=\"p\">\(", text)


def test_the_theme_is_remembered(page, files):
    open_deck(page, files(NOTEBOOKS[0]), theme="dark")
    page.goto(files(NOTEBOOKS[1]).as_uri())
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_speaker_view_opens_and_follows(page, files):
    path = NOTEBOOKS[0]
    open_deck(page, files(path))
    starts = [cell for cell in make.read(path).cells if slide_type(cell) in STARTS]
    with page.context.expect_page() as opened:
        page.keyboard.press("s")
    view = opened.value
    notes = view.locator(".speaker-controls-notes .value")
    for number, cell in enumerate(starts[:3]):
        page.evaluate(SHOW, number)
        prompt = cell.metadata.slideshow.notes[0].replace("`", "")
        notes.get_by_role("listitem").filter(has_text=prompt).wait_for()
    upcoming = view.locator("#upcoming-slide")
    for layout in ("default", "wide", "tall"):
        view.locator("select").select_option(layout)
        for label in (upcoming.locator(".label"), view.locator("#speaker-layout")):
            box = label.bounding_box()
            for frame in upcoming.locator("iframe"), view.locator("#current-slide iframe"):
                slide = frame.bounding_box()
                assert (
                    box["y"] + box["height"] <= slide["y"]
                    or box["y"] >= slide["y"] + slide["height"]
                    or box["x"] >= slide["x"] + slide["width"]
                )
    assert page.trouble == []


# --------------------------------------------------------------------------- the notes of a slide


def cells(*kinds):
    made = []
    for number, kind in enumerate(kinds):
        cell = nbformat.v4.new_markdown_cell(
            f"# Title {number}" if kind == "slide" else f"text {number}"
        )
        if kind:
            cell.metadata.slideshow = {"slide_type": kind}
        if kind in STARTS:
            cell.metadata.slideshow |= {"minutes": 1.5, "notes": ["Ask: Why?"]}
        made.append(cell)
    return nbformat.v4.new_notebook(cells=made)


def test_what_is_for_the_page_alone_is_told_to_the_teacher():
    shown = as_deck(cells("slide", "skip", "", "subslide", "fragment", "skip"))
    assert [cell.source for cell in shown.cells] == ["# Title 0", "text 2", "text 3", "text 4"]
    first, _, second, _ = shown.cells
    assert first.metadata.spoken == "**1.5 min**\n\n- **Ask:** Why?\n\n---\n\ntext 1"
    assert second.metadata.spoken.endswith("\n\ntext 5")
    assert (first.metadata.topic, second.metadata.topic) == ("", "Title 0")


def test_a_slide_shows_a_part_of_a_cell_and_the_teacher_is_told_the_rest():
    notebook = cells("slide", "")
    notebook.cells[1].source = "for all\n\n<!-- page -->\n\nfor the page"
    first, second = as_deck(notebook).cells
    assert second.source.strip() == "for all"
    assert first.metadata.spoken.endswith("\n\n---\n\nfor the page")


def test_the_first_slide_shows_a_picture_without_its_code():
    notebook = cells("slide", "subslide")
    picture = nbformat.v4.new_output("display_data", {"text/plain": "a picture"})
    code = nbformat.v4.new_code_cell
    notebook.cells[1:1] = [code("import math"), code("draw()", outputs=[picture])]
    notebook.cells.append(code("math.pi"))
    shown = as_deck(notebook).cells
    assert [cell.source for cell in shown] == ["# Title 0", "", "text 1", "math.pi"]
    assert shown[1].outputs == [picture]


def test_a_notebook_that_makes_no_deck_says_what_is_missing():
    untyped = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# No type")])
    with pytest.raises(ValueError, match="'No type': the first cell must have slide type 'slide'"):
        deck(untyped)
    silent = cells("slide", "subslide")
    del silent.cells[1].metadata.slideshow["notes"]
    with pytest.raises(ValueError, match="begins with 'text 1' needs 'minutes'"):
        deck(silent)
