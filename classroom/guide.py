"""The teacher's guide: a page a notebook, from the notebooks themselves and from guide/*.md."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from deck import STARTS, heading, slide_type
from render import TEMPLATES, fonts, read, title
from shmlib.notebook.exercises.exercise import exercises_of

GUIDE = Path(__file__).parent / "guide"
PLANS = GUIDE / "plans.md"


def guide(notebooks):
    """Return the teacher's guide as the text of HTML: the plans, then a page for each notebook.

    Args:
        notebooks: {path: notebook}.

    Raises:
        FileNotFoundError: a notebook has no page of notes in guide/.
    """
    pages = [
        facts(path.name[:2], notebook) | {"notes": notes(path)}
        for path, notebook in notebooks.items()
    ]
    plans = PLANS.read_text(encoding="utf-8")
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=False)
    markdown = MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True))
    environment.filters["html"] = markdown.render
    return environment.get_template("guide.html.j2").render(
        pages=pages,
        plans=plans,
        css=read("paper.css", "guide.css"),
        fonts=fonts(plans + str(pages)),
    )


def notes(path):
    """Return what guide/ says of a notebook, as markdown."""
    page = GUIDE / f"{path.stem}.md"
    if not page.exists():
        raise FileNotFoundError(
            f"{path.name} has no page in the teacher's guide: write {page.name}"
        )
    return page.read_text(encoding="utf-8")


def facts(page, notebook):
    """Return what a notebook, by its number, says of itself: {name: markdown, number or list}."""
    cells = notebook.cells
    goals = dict(re.findall(r"\*\*(.+?)\*\* (.+)", cells[1].source))
    return {
        "title": title(notebook),
        "question": cells[0].source.partition("\n\n")[2],
        "able": goals["You will be able to"],
        "need": re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", goals["You need"]),
        "time": goals["Time"],
        "topics": topics(notebook),
        "play": sorted(set(re.findall(r"explorers\.(\w+)\(", "\n".join(c.source for c in cells)))),
        "exercises": exercises_of(page),
    }


def topics(notebook):
    """Return the topics of a deck in order: [[heading, number of slides, minutes]]."""
    found = []
    for cell in notebook.cells:
        if slide_type(cell) in STARTS:
            if slide_type(cell) == "slide":
                found.append([heading(cell) or found[-1][0], 0, 0])
            found[-1][1] += 1
            found[-1][2] += cell.metadata.slideshow.minutes
    return found
