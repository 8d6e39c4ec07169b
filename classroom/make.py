"""Build what a classroom needs from the notebooks.

    python -m uv run python classroom/make.py decks [NN ...]      one HTML file a notebook
    python -m uv run python classroom/make.py handouts [NN ...]   PDF of its slides, of its page
    python -m uv run python classroom/make.py guide               the teacher's guide
    python -m uv run python classroom/make.py homework            pages without solutions
    python -m uv run python classroom/make.py site                all of it, to read in a browser
    python -m uv run python classroom/make.py all

NN: numbers of notebooks, such as 05; default: all. Among the handouts are the glossary and
quick_reference, which is one sheet. Everything goes to the folder build/.
"""

import argparse
import shutil
import sys
from pathlib import Path

import nbformat

from chromium import MISSING, find_browser, open_browser, print_deck, print_paper
from deck import deck
from guide import guide
from paper import paper
from shmlib.notebook.exercises.magics import WITHOUT_SOLUTIONS
from study import is_lesson, name_of, update

ROOT = Path(__file__).parent.parent
PAGES = {name_of(path): path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
# The lessons. The other pages, in which things are looked up, have neither slides nor a guide.
NOTEBOOKS = {name: path for name, path in PAGES.items() if is_lesson(path)}
ON_ONE_SHEET = "quick_reference"


def decks(paths, folder):
    """Write the decks; return {stem: path}."""
    made = {}
    for path in paths:
        made[path.stem] = write(folder / "decks" / f"{path.stem}.html", deck(read(path)))
    return made


def handouts(browser, paths, folder):
    """Write the PDFs of the decks, and of the notebooks for reading."""
    for stem, file in decks(filter(is_lesson, paths), folder).items():
        print_deck(browser, file, target(folder / "handouts" / f"{stem}_slides.pdf"))
    for path in paths:
        pdf = target(folder / "handouts" / f"{path.stem}_page.pdf")
        print_paper(browser, paper(read(path), path.stem == ON_ONE_SHEET), pdf)


def guides(browser, folder):
    """Write the teacher's guide, as HTML and as PDF."""
    html = guide({path: read(path) for path in NOTEBOOKS.values()})
    write(folder / "teachers_guide.html", html)
    print_paper(browser, html, target(folder / "teachers_guide.pdf"))


def site(browser, folder):
    """Write the site anew, with all decks and handouts and the guide in it."""
    from website import HUB, REPOSITORY, addresses, website  # Sphinx, which nothing else needs

    folder = folder / "site"
    shutil.rmtree(folder, ignore_errors=True)
    handouts(browser, PAGES.values(), folder)
    guides(browser, folder)
    website({path: read(path) for path in PAGES.values()}, folder)
    print(folder / "index.html")
    if not addresses().get(REPOSITORY):
        print(
            f"It has no buttons to run a page: say in [project.urls] of pyproject.toml, as "
            f"{REPOSITORY}, where the repository is, and as {HUB} where a hub is."
        )


def homework(folder):
    """Write copies of all pages, without outputs, in a folder where %hint gives no solution."""
    folder = folder / "homework"
    update(ROOT / "notebooks", folder)
    write(folder / WITHOUT_SOLUTIONS, "Here %hint ends before the solution.\n")


def read(path):
    """Return the notebook of a path."""
    return nbformat.read(path, as_version=4)


def write(path, text):
    """Write a text, make its folder, and return the path."""
    target(path).write_text(text, encoding="utf-8")
    return path


def target(path):
    """Make the folder of what is about to be written, print the path, and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    print(path)
    return path


def main(arguments):
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["decks", "handouts", "guide", "homework", "site", "all"])
    parser.add_argument("numbers", nargs="*", metavar="NN", help="numbers of notebooks")
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="default: build/")
    asked = parser.parse_args(arguments)
    known = PAGES if asked.what == "handouts" else NOTEBOOKS
    if unknown := set(asked.numbers) - set(known):
        parser.error(f"no notebook {', '.join(sorted(unknown))}: there are {', '.join(known)}")
    if asked.numbers and asked.what in ("guide", "homework", "site", "all"):
        parser.error(f"{asked.what} is made from all notebooks: leave out the numbers")
    paths = [known[number] for number in asked.numbers or known]
    if asked.what == "decks":
        decks(paths, asked.folder)
        return
    if asked.what in ("homework", "all"):
        homework(asked.folder)
    if asked.what == "homework":
        return
    if find_browser() is None:
        sys.exit(f"a PDF is printed by a browser: {MISSING}")
    with open_browser() as browser:
        if asked.what in ("handouts", "all"):
            handouts(browser, paths, asked.folder)
        if asked.what in ("guide", "all"):
            guides(browser, asked.folder)
        if asked.what == "site":
            site(browser, asked.folder)


if __name__ == "__main__":
    main(sys.argv[1:])
