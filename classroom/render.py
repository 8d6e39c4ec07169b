"""From a notebook to HTML: templates, styles and fonts, all in one file."""

import base64
import io
import re
import string
from functools import cache
from pathlib import Path

import matplotlib
from fontTools import subset
from fontTools.ttLib import TTFont
from nbconvert import HTMLExporter

TEMPLATES = Path(__file__).parent / "templates"
FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")
# A call of show_source() that ends a cell, with the imports above it.
SHOW_SOURCE = re.compile(
    r"(\A(from \S+ )?import \w[\w, ]*\n)?\n*^show_source\(.*\)$\n*\Z", re.MULTILINE
)
EXERCISE = "%%exercise"
# What the course writes: as long as it writes no more, its pages share fonts that are cut once.
WRITTEN = string.printable + "ë…"
FACES = {
    "DejaVuSans.ttf": ("DejaVu Sans", "normal", "normal"),
    "DejaVuSans-Bold.ttf": ("DejaVu Sans", "bold", "normal"),
    "DejaVuSans-Oblique.ttf": ("DejaVu Sans", "normal", "italic"),
    "DejaVuSansMono.ttf": ("DejaVu Sans Mono", "normal", "normal"),
    "DejaVuSansMono-Bold.ttf": ("DejaVu Sans Mono", "bold", "normal"),
    "DejaVuSansMono-Oblique.ttf": ("DejaVu Sans Mono", "normal", "italic"),
}


def render(notebook, template, **parts):
    """Return a notebook as the text of HTML.

    Args:
        notebook: what is shown, cell by cell. Its cells are changed.
        template: a folder of templates/: "deck", "page" or "site".
        parts: what the template asks for besides, as ``resources.classroom``.
    """
    parts["title"], parts["fonts"] = title(notebook), lambda: fonts(str(notebook))
    for cell in notebook.cells:
        cell.metadata.listing = is_listing(cell)
        if cell.metadata.listing:
            cell.source = SHOW_SOURCE.sub("", cell.source)
        if cell.source.startswith(EXERCISE):
            cell.outputs = []  # all that they say is that nothing has been written yet
    resources = {"classroom": parts}
    html, _ = _exporter(template).from_notebook_node(notebook, resources=resources)
    return html


@cache
def _exporter(template):
    """Return what makes HTML by a template, which it compiles once."""
    return HTMLExporter(
        template_name=template,
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
        exclude_anchor_links=True,
        default_preprocessors=[],  # none has anything to do here, and each is checked on its own
    )


def is_listing(cell):
    """Say whether a code cell shows a listing. The listing names its file: the call that shows it
    is for the page alone."""
    return cell.cell_type == "code" and SHOW_SOURCE.search(cell.source) is not None


def title(notebook):
    """Return the heading of a notebook's first cell."""
    return re.match(r"# (.+)", notebook.cells[0].source)[1]


def read(*names):
    """Return the text of files of templates/, one after the other."""
    return "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def fonts(text):
    """Return the CSS of the fonts, cut down to what the course writes and the characters of a text.

    They are DejaVu, which matplotlib brings along: lines break at the same places on every machine,
    and the letters are those of the figures.
    """
    return _fonts("".join(sorted(set(WRITTEN + text))))


@cache
def _fonts(characters):
    rules = []
    for name, (family, weight, slope) in FACES.items():
        font = TTFont(FONTS / name, recalcTimestamp=False)
        cut = subset.Subsetter(subset.Options(layout_features=["kern"], drop_tables=["FFTM"]))
        cut.populate(text=characters)
        cut.subset(font)
        font.flavor = "woff"
        file = io.BytesIO()
        font.save(file)
        data = base64.b64encode(file.getvalue()).decode()
        rules.append(
            f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {slope}; '
            f"src: url(data:font/woff;base64,{data}); }}"
        )
    return "\n".join(rules)
