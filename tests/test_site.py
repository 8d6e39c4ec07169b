"""The site, as files, and in a real browser that opens them from the disk, without a network."""

import base64
import html
import inspect
import itertools
import pydoc
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import axe_playwright_python
import pytest

import make
import shmlib
from browser import watch
from shmlib.notebook.exercises.exercise import exercises_of
from study import answers
from website import HUB, REPOSITORY, build, launches, website

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
# What Sphinx and myst-parser say of their own ways of working together.
pytestmark = pytest.mark.filterwarnings("ignore:.*Sphinx (API|11)")
URLS = {REPOSITORY: "https://example.org/a/course.git", HUB: "https://hub.example.org/"}
VOID = {"br", "col", "hr", "img", "input", "link", "meta"}
PHONE = {"width": 390, "height": 844}
VIOLATIONS = """
async rules => (
    await axe.run(document, { preload: false, ...(rules && { runOnly: rules }) })
).violations.flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 100)} ${node.failureSummary}`))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The site, with one deck and the guide in it."""
    folder = tmp_path_factory.mktemp("site")
    make.decks([make.NOTEBOOKS["05"]], folder)
    make.write(folder / "teachers_guide.html", "<title>Guide</title>")
    website({path: make.read(path) for path in make.PAGES.values()}, folder, URLS)
    return folder


class Page(HTMLParser):
    """A page: its links, ids, words, and which pictures and outputs stand in folded answers."""

    def __init__(self, file):
        super().__init__()
        self.links, self.ids, self.open, self.words, self.folded = [], {""}, [], [], []
        self.feed(file.read_text(encoding="utf-8"))
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        self.links += [(tag, attributes[name]) for name in ("href", "src") if name in attributes]
        if tag not in VOID:
            self.open.append(tag)
        if (attributes.get("class") or "") in ("output", "light"):
            self.folded.append("details" in self.open)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def pages(folder):
    return {file.name: Page(file) for file in folder.glob("*.html")}


def test_every_link_leads_somewhere_and_nothing_is_fetched_from_a_host(folder, pages):
    assert {f"{path.stem}.html" for path in make.PAGES.values()} <= pages.keys()
    for name, page in pages.items():
        for tag, link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                assert tag == "a", link
            elif parts.scheme != "data":
                assert not parts.scheme and (folder / unquote(parts.path)).exists(), (name, link)
                target = pages.get(parts.path or name)
                assert target is None or parts.fragment in target.ids, (name, link)


def test_a_page_leads_to_the_next_and_can_be_opened_elsewhere(folder, pages):
    order = [f"{path.stem}.html" for path in make.NOTEBOOKS.values()]
    for before, after in itertools.pairwise(order):
        text = (folder / before).read_text(encoding="utf-8")
        assert f'class="next-page" href="{after}"' in text
        assert ("a", "glossary.html") in pages[before].links
    assert ("a", "decks/05_lose_an_update.html") in pages["05_lose_an_update.html"].links
    assert ("a", "teachers_guide.html") in pages["classroom.html"].links


def test_the_launch_buttons_name_the_repository_and_the_page():
    path = make.NOTEBOOKS["05"]
    assert launches(path, {}) == launches(path, {HUB: URLS[HUB]}) == {}
    binder, hub = (urlsplit(address) for address in launches(path, URLS).values())
    assert unquote(binder.path) == f"/v2/git/{URLS[REPOSITORY]}/HEAD"
    assert parse_qs(binder.query) == {"urlpath": [f"lab/tree/my_course/{path.name}"]}
    assert (hub.netloc, hub.path) == ("hub.example.org", "/hub/user-redirect/git-pull")
    opened = f"lab/tree/course/notebooks/{path.name}"
    assert parse_qs(hub.query) == {"repo": [URLS[REPOSITORY]], "urlpath": [opened]}


def test_every_public_name_is_explained(pages):
    names = {f"shmlib.{name}" for name in shmlib.__all__ if callable(getattr(shmlib, name))}
    names |= {f"shmlib.figures.{name}" for name in shmlib.figures.__all__}
    names |= {"shmlib.stopwatch.calls", "shmlib.transports.measure", "shmlib.explorers.scheduler"}
    explained = {each for each in pages["functions.html"].ids if each}
    assert names <= explained
    # What they are said to return, and to be handed; the parts of a Stepper are its own.
    named = {
        name
        for each in explained
        for name in re.findall(r"`([A-Z]\w+)`", inspect.getdoc(pydoc.locate(each)) or "")
    } - {"Rules", "Recurrence", "StopButton"}
    assert "Interleavings" in named and named <= {each.rpartition(".")[2] for each in explained}


@pytest.mark.parametrize("number", make.NOTEBOOKS)
def test_a_page_keeps_its_outputs_and_its_secrets(pages, number):
    path = make.NOTEBOOKS[number]
    cells = make.read(path).cells
    page = pages[f"{path.stem}.html"]
    hidden = [id(cell) for cell in answers(cells)]
    folded = [
        id(cell) in hidden
        for cell in cells
        if not cell.source.startswith("%%exercise")
        for output in cell.get("outputs", ())
        if "<table" not in (shown := output.get("data", {}).get("text/html", ""))
        and not shown.startswith('<div class="highlight"')
    ]
    assert page.folded == folded
    assert any(folded) and not all(folded)
    words = "".join(page.words)
    for cell in cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and not cell.source.startswith("%%exercise"):
                assert html.unescape(output.text.strip()) in words
    for exercise in exercises_of(number):
        assert exercise.title in words.replace("\n", " ")
        assert exercise.solution.strip() not in words


def test_a_link_that_leads_nowhere_is_named(tmp_path):
    (tmp_path / "index.md").write_text("# Site\n\n[Page](nowhere.md)\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"the site is not right:(?s:.*)nowhere\.md"):
        build(tmp_path, tmp_path / "made")


# ---------------------------------------------------------------------------------- in a browser


@pytest.fixture(params=["light", "dark"])
def page(request, browser):
    """A page as wide as a phone, without a network, that keeps errors and requests as trouble."""
    context = browser.new_context(viewport=PHONE, offline=True, color_scheme=request.param)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.theme, page.trouble = request.param, []
    watch(page, page.trouble, "file:", "data:")
    page.on("requestfailed", lambda request: page.trouble.append(f"failed: {request.url}"))
    yield page
    context.close()


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("light", "index"),
        ("light", "functions"),
        ("light", "00_start_here"),
        ("dark", "functions"),
        ("dark", "00_start_here"),
    ],
    indirect=["page"],
)
def test_a_page_is_accessible_and_fits_a_phone(page, folder, name):
    page.goto((folder / f"{name}.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    cut = """
        [...document.querySelectorAll("article *")].filter(part =>
            part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0 &&
            !["auto", "scroll", "visible"].includes(getComputedStyle(part).overflowX)
        ).map(part => part.outerHTML.slice(0, 100))
    """
    assert page.evaluate(cut) == []
    page.wait_for_function(
        """() => [...document.querySelectorAll("pre, .figure, .table, .table-wrapper")].every(
            part => part.scrollWidth <= part.clientWidth || part.tabIndex === 0)"""
    )
    seen = page.evaluate(
        "[...document.querySelectorAll('.figure img')].filter(i => i.checkVisibility())"
        ".map(i => i.className)"
    )
    assert set(seen) <= {page.theme} and bool(seen) == name.startswith("00")
    # The functions look alike, and to look at all of them takes half a minute.
    page.evaluate("[...document.querySelectorAll('dl.py')].slice(9).forEach(part => part.remove())")
    page.evaluate(AXE)
    # Nothing but the colours differs in the dark.
    rules = None if page.theme == "light" else ["color-contrast"]
    assert page.evaluate(VIOLATIONS, rules) == []
    page.evaluate("document.querySelector('article p').style.opacity = 0.3")
    assert "color-contrast" in "\n".join(page.evaluate(VIOLATIONS, ["color-contrast"]))
    assert page.trouble == []


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_the_search_finds_a_page_from_the_disk(page, folder):
    page.goto((folder / "index.html").as_uri())
    page.locator(".mobile-header label[for=__navigation]").click()
    page.get_by_placeholder("Search").fill("lost update")
    page.keyboard.press("Enter")
    page.locator("#search-results a", has_text="Lose an update").first.click()
    page.wait_for_url("**/05_lose_an_update.html*")
    assert page.trouble == []


def test_an_answer_is_opened_by_key_and_not_before(page, folder):
    page.goto((folder / "05_lose_an_update.html").as_uri())
    answer = page.locator("details.answer").nth(1)
    picture = answer.locator(f"img.{page.theme}")
    assert "schedule AABB" in picture.get_attribute("alt") and not picture.is_visible()
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    picture.wait_for(state="visible")
    source = picture.get_attribute("src").partition(",")[2]
    assert (b"fill: #ffffff" in base64.b64decode(source).partition(b"</g>")[0]) == (
        page.theme == "light"
    )
    assert page.trouble == []
