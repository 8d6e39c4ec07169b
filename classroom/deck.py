"""A deck: one HTML file that asks nothing of the network, made from a notebook's own cells."""

import base64
import copy
import re
from pathlib import Path

from render import FONTS, read, render, title
from shmlib.notebook.figures import palette

STARTS = ("slide", "subslide")
# What follows it in a cell of text is for the page alone.
PAGE = "<!-- page -->"
FIGURE = re.compile(r'<img (alt="[^"]*") src="data:image/svg\+xml;base64,([^"]+)">')


def deck(notebook):
    """Return the deck of a notebook, the text of one HTML file.

    Raises:
        ValueError: the first cell begins no slide, or a slide has no minutes or no prompts.
    """
    shown = as_deck(notebook)
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb\)", r"](\1.html)", cell.source)
            # A page without a number has no deck.
            cell.source = re.sub(r"\[([^\]]+)\]\(\w+\.ipynb\)", r"\1", cell.source)
    draw_both_themes(shown)
    return render(
        shown,
        "deck",
        css=read("code.css", "deck/deck.css"),
        js=read("deck/deck.js"),
        reveal_css=read("deck/reveal/reveal.css"),
        reveal_js=read("deck/reveal/reveal.js"),
        notes_js=read("deck/reveal/notes.js"),
        licences=licences(),
    )


def as_deck(notebook):
    """Return a notebook as a class sees it.

    Cells that are for the page alone are left out, and so is what follows `PAGE` in a cell; their
    prose joins the prompts in the notes of their slide. The first slide shows the question and a
    picture, and not the code that makes it. A slide without a heading is told the topic that it
    goes on with.
    """
    notebook = copy.deepcopy(notebook)
    if slide_type(notebook.cells[0]) != "slide":
        raise ValueError(f"{title(notebook)!r}: the first cell must have slide type 'slide'")
    shown, topic, first = [], "", notebook.cells[0]
    for cell in notebook.cells:
        kind = slide_type(cell)
        if kind in STARTS:
            found = heading(cell)
            cell.metadata.topic = "" if found else topic
            topic = found or topic
            cell.metadata.spoken = prompts(cell)
            start = cell
        if cell.cell_type == "markdown":
            slide, _, page = cell.source.partition(PAGE)
            if kind == "skip":
                page = slide + page
            if page:
                start.metadata.spoken += f"\n\n---\n\n{page.strip()}"
            cell.source = slide
        elif start is first:
            cell.source = ""
        if kind != "skip" and (cell.source or cell.get("outputs")):
            shown.append(cell)
    notebook.cells = shown
    return notebook


def draw_both_themes(notebook):
    """Put every figure of a notebook there twice, once for each theme; a style shows one.

    Raises:
        ValueError: a figure has a colour that the palette does not know.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", ()):
                output.data["text/html"] = FIGURE.sub(_in_both_themes, output.data["text/html"])


def _in_both_themes(figure):
    words, data = figure.groups()
    svg = base64.b64decode(data).decode()
    svg = re.sub(r"#[0-9a-fA-F]{6}\b", lambda found: palette.dark(found[0]), svg)
    # What has no colour of its own in the file is black.
    svg = svg.replace("<svg ", f'<svg fill="{palette.dark(palette.AXES)}" ', 1)
    data = base64.b64encode(svg.encode()).decode()
    dark = f'<img class="dark" {words} src="data:image/svg+xml;base64,{data}">'
    return figure[0].replace("<img", '<img class="light"') + dark


def slide_type(cell):
    """Return the slide type of a cell; "" goes on with what stands before it."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "")


def heading(cell):
    """Return the heading that a cell begins with, without its marks, or ""."""
    found = cell.cell_type == "markdown" and re.match(r"#+ (.+)", cell.source)
    return found[1] if found else ""


def prompts(cell):
    """Return what the teacher is told at the slide that begins with this cell, as markdown."""
    slideshow = cell.metadata.slideshow
    if not slideshow.get("minutes") or not slideshow.get("notes"):
        raise ValueError(
            f"the slide that begins with {cell.source[:40]!r} needs 'minutes', a number, and "
            "'notes', a list of prompts, beside 'slide_type' in its metadata"
        )
    lines = [f"**{slideshow.minutes:g} min**", ""]
    for prompt in slideshow.notes:
        kind, _, text = prompt.partition(": ")
        lines.append(f"- **{kind}:** {text}")
    return "\n".join(lines)


def licences():
    """Return the licences of what a deck contains: the course, reveal.js, the fonts."""
    ours = (Path(__file__).parent.parent / "LICENSE").read_text(encoding="utf-8")
    dejavu = (FONTS / "LICENSE_DEJAVU").read_text(encoding="utf-8")
    reveal = read("deck/reveal/LICENSE")
    return f"The course:\n{ours}\nreveal.js:\n{reveal}\nThe fonts:\n{dejavu}"
