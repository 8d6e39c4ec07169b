"""The glossary: each term as the page says it that it is met on, and an example.

A definition has its place in the Terms of its page, and is written from there into the glossary. An
example has its place in the glossary itself, in the cell below the definition.
"""

import re

import nbformat

TERMS = "**Terms** "
TERM = re.compile(
    r"(\*[^*]+\*(?:(?:,| and| \(also) \*[^*]+\*\)?)*): (.+?\.)(?: (?=\*\w)|$)", re.DOTALL
)


def terms_of(notebook):
    """Return the terms that a page introduces: {term: definition}.

    Raises:
        ValueError: it has no cell of Terms, or one that says something else besides.
    """
    told = [cell.source for cell in notebook.cells if cell.source.startswith(TERMS)]
    if len(told) != 1:
        raise ValueError(f"a page has one cell that begins with {TERMS!r}, and not {len(told)}")
    told = told[0].removeprefix(TERMS)
    if rest := TERM.sub("", told):
        raise ValueError(
            f"Terms are written '*Name*: what it is.', one after the other, not {rest}"
        )
    return {name.replace("*", ""): said for name, said in TERM.findall(told)}


def define(glossary, pages):
    """Write the terms of all pages into the glossary, in the order of the alphabet.

    Args:
        glossary: a notebook, changed in place. Its examples stay, each with its term.
        pages: {path: notebook} of the lessons.

    Raises:
        ValueError: two pages define a term, or a term has no example, or an example no term.
    """
    heads, cells = _parts(glossary)
    defined = {}
    for path, notebook in pages.items():
        for name, said in terms_of(notebook).items():
            if name in defined:
                raise ValueError(f"{name} is defined twice: leave it out of {path.name}")
            link = f"[{path.stem[:2]} {_title(notebook)}]({path.name})"
            defined[name] = f"## {name}\n\n{said[0].upper()}{said[1:]} {link}"
    if missing := sorted(defined.keys() ^ cells.keys()):
        raise ValueError(f"in the glossary without a definition, or without an example: {missing}")
    glossary.cells = heads
    for name in sorted(defined, key=str.lower):
        head = nbformat.v4.new_markdown_cell(defined[name], id=f"term-{_identifier(name)}")
        cells[name].id = f"example-{_identifier(name)}"
        glossary.cells += [nbformat.from_dict(head), cells[name]]


def _parts(glossary):
    """Return the cells before the first term, and the example of each: {term: cell}."""
    begin = next(n for n, cell in enumerate(glossary.cells) if cell.source.startswith("## "))
    pairs = zip(glossary.cells[begin::2], glossary.cells[begin + 1 :: 2], strict=True)
    return glossary.cells[:begin], {
        head.source.splitlines()[0].removeprefix("## "): example for head, example in pairs
    }


def _title(notebook):
    return notebook.cells[0].source.partition("\n")[0].removeprefix("# ")


def _identifier(name):
    return re.sub(r"\W+", "-", name.lower()).strip("-")
