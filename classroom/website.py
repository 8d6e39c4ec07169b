"""The course as a static site: its pages in MyST, which Sphinx makes into HTML with a search."""

import contextlib
import copy
import inspect
import io
import itertools
import re
import tempfile
import tomllib
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from sphinx.application import Sphinx

import shmlib
from deck import draw_both_themes
from render import TEMPLATES, render, title
from study import answers, is_lesson, name_of

ROOT = Path(__file__).parent.parent
SITE = TEMPLATES / "site"
# A link to another file of the repository: its text, the file, and a place in it.
LINK = re.compile(r"\[([^\]\n]+)\]\(([\w./]+\.(?:ipynb|md|cff)|[./]+/LICENSE)(#[\w-]+|)\)")
# In [project.urls] of pyproject.toml: where the repository is, and a JupyterHub with nbgitpuller.
REPOSITORY, HUB = "Repository", "JupyterHub"

# What the theme leaves unnamed, a screen reader could not tell apart.
NAMED = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Site">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="Page">',
}
# The order in which a module's names are told.
KINDS = ["function", "class", "exception"]
# What public functions return, and what these have: they are not imported by name.
RETURNED = {
    "shmlib.engine.outcome": ("Outcomes", "Wait", "LockState"),
    "shmlib.engine.traces": ("Interleavings",),
    "shmlib.engine.anomalies": ("Anomaly",),
    "shmlib.engine.child.messages": ("Request", "Place"),
    "shmlib.memory.memory_map": ("MemoryMap", "Element"),
    "shmlib.memory.typecodes": ("Typecodes", "Typecode"),
    "shmlib.notebook.environment": ("CheckUp",),
    "shmlib.notebook.exercises.verdict": ("Verdict",),
    "shmlib.notebook.script": ("ScriptRun",),
    "shmlib.notebook.source": ("Source",),
    "shmlib.notebook.explorers.explorer": ("Explorer",),
    "shmlib.workers.maps": ("Region",),
}


def website(pages, folder, urls=None):
    """Write the site into a folder, beside the decks, handouts and guide that are there already.

    Args:
        pages: {path: notebook}, in the order in which they are read.
        folder: of the site. What is in it is linked to.
        urls: where the launch buttons lead, as in [project.urls]; default: what is said there.

    Raises:
        ValueError: Sphinx has something to say, such as that a link leads nowhere.
    """
    urls = addresses() if urls is None else urls
    with tempfile.TemporaryDirectory() as source:
        source = Path(source)
        for path, notebook in pages.items():
            write(source, path.stem, page(path, notebook, folder, urls))
        for path in (ROOT / "docs").glob("*.md"):
            write(source, path.stem, path.read_text(encoding="utf-8"))
        write(source, "functions", functions())
        listed = [about(path, notebook, folder) for path, notebook in pages.items()]
        parts = {
            "pages": listed,
            "guide": {path.suffix: path.name for path in folder.glob("teachers_guide.*")},
        }
        for name in ("index", "classroom"):
            write(source, name, template(name).render(parts))
        lead_to_pages(source)
        build(source, folder)


def lead_to_pages(source):
    """Let links to notebooks and documents lead to their pages of the site; there are no others."""
    files = list(source.glob("*.md"))

    def link(found):
        text, target, place = found.groups()
        name = f"{Path(target).stem}.md"
        return f"[{text}]({name}{place})" if source / name in files else text

    for file in files:
        text = file.read_text(encoding="utf-8")
        file.write_text(LINK.sub(link, text), encoding="utf-8")


def build(source, folder):
    """Let Sphinx make HTML of a folder of MyST files."""
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as kept, contextlib.redirect_stdout(io.StringIO()):
        sphinx = Sphinx(source, SITE, folder, kept, "html", status=None, warning=said)
        sphinx.build()
    if wrong := re.sub(r"\x1b\[[\d;]*m", "", said.getvalue()):
        raise ValueError(f"the site is not right:\n{wrong}")
    for file in folder.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        for tag, named in NAMED.items():
            text = text.replace(tag, named)
        file.write_text(text, encoding="utf-8")


def page(path, notebook, folder, urls):
    """Return a notebook as MyST. Prose is left as it is, and code and outputs become HTML.

    What answers a Predict is folded away, by the same rule as in the copies that a learner opens.
    """
    notebook = copy.deepcopy(notebook)
    hidden = [id(cell) for cell in answers(notebook.cells)]
    for is_hidden, run in itertools.groupby(notebook.cells, lambda cell: id(cell) in hidden):
        if is_hidden:
            cells = list(run)
            cells[0].metadata.answer_start = cells[-1].metadata.answer_end = True
    draw_both_themes(notebook)
    links = about(path, notebook, folder)["files"] | launches(path, urls)
    return render(notebook, "site", links=links)


def about(path, notebook, folder):
    """Return what other pages of the site say of a page."""
    files = {
        "Slides": f"decks/{path.stem}.html",
        "Slides as PDF": f"handouts/{path.stem}_slides.pdf",
        "This page as PDF": f"handouts/{path.stem}_page.pdf",
    }
    return {
        "name": path.stem,
        "number": name_of(path),
        "is_lesson": is_lesson(path),
        "title": title(notebook),
        "question": "".join(re.findall(r"\n\n(.+?\?\*\*)", notebook.cells[0].source)),
        "files": {text: file for text, file in files.items() if (folder / file).exists()},
    }


def addresses():
    """Return what pyproject.toml says in [project.urls]."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {})


def launches(path, urls):
    """Return where a page can be opened and run: {text: address}."""
    found = {}
    if repository := urls.get(REPOSITORY):
        there = quote(repository, safe="")
        # postBuild has made the copies without answers there.
        copied = quote(f"lab/tree/my_course/{path.name}", safe="")
        found["Run it on Binder"] = f"https://mybinder.org/v2/git/{there}/HEAD?urlpath={copied}"
        if hub := urls.get(HUB):
            name = repository.rstrip("/").rpartition("/")[2].removesuffix(".git")
            pulled = quote(f"lab/tree/{name}/notebooks/{path.name}", safe="")
            found["Run it on JupyterHub"] = (
                f"{hub.rstrip('/')}/hub/user-redirect/git-pull?repo={there}&urlpath={pulled}"
            )
    return found


def functions():
    """Return a page with all that is public, for autodoc to fill in."""
    names = {name: getattr(shmlib, name) for name in shmlib.__all__}
    modules = {name: thing for name, thing in names.items() if inspect.ismodule(thing)}
    parts = {"shmlib": {name: thing for name, thing in names.items() if name not in modules}}
    for name, module in modules.items():
        parts[f"shmlib.{name}"] = {
            member: thing
            for member, thing in vars(module).items()
            if member in getattr(module, "__all__", [])
            or (not member.startswith("_") and getattr(thing, "__module__", "") == module.__name__)
        }
    told = {
        module: sorted(((kind(thing), name) for name, thing in members.items()), key=in_order)
        for module, members in parts.items()
    }
    told |= {module: [("class", name) for name in names] for module, names in RETURNED.items()}
    about = {f"shmlib.{name}": inspect.getdoc(module) for name, module in modules.items()}
    return template("functions").render(parts=told, about=about)


def kind(thing):
    """Return which directive of autodoc tells of something public."""
    if not inspect.isclass(thing):
        return "function"
    return "exception" if issubclass(thing, Exception) else "class"


def in_order(told):
    """Return the key by which names are sorted: kind first, then the name."""
    return KINDS.index(told[0]), told[1]


def template(name):
    """Return the template of a page of the site."""
    loader = FileSystemLoader(SITE)
    return Environment(loader=loader, trim_blocks=True, lstrip_blocks=True).get_template(
        f"{name}.md.j2"
    )


def write(folder, name, text):
    """Write a page of the site."""
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
