"""A notebook for reading on paper, and what it shares with a deck: fonts and styles."""

import base64
import copy
import io
import re
import string
from pathlib import Path

import matplotlib
from fontTools import subset
from fontTools.ttLib import TTFont
from nbconvert import HTMLExporter

TEMPLATES = Path(__file__).parent / "templates"
FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")
FACES = {
    "DejaVuSans.ttf": ("DejaVu Sans", "normal", "normal"),
    "DejaVuSans-Bold.ttf": ("DejaVu Sans", "bold", "normal"),
    "DejaVuSans-Oblique.ttf": ("DejaVu Sans", "normal", "italic"),
    "DejaVuSansMono.ttf": ("DejaVu Sans Mono", "normal", "normal"),
    "DejaVuSansMono-Bold.ttf": ("DejaVu Sans Mono", "bold", "normal"),
    "DejaVuSansMono-Oblique.ttf": ("DejaVu Sans Mono", "normal", "italic"),
}


def paper(notebook):
    """Return a notebook for reading, its answers on a page of their own, as the text of HTML."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata.title = title(notebook)
    for cell in notebook.cells:
        cell.source = cell.source.replace("<details>", "<details open>")
    exporter = HTMLExporter(
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        extra_template_paths=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )
    parts = {"css": style("code.css", "paper.css"), "fonts": fonts(str(notebook))}
    html, _ = exporter.from_notebook_node(notebook, resources={"classroom": parts})
    return html


def title(notebook):
    return re.match(r"# (.+)", notebook.cells[0].source)[1]


def style(*names):
    return "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def fonts(text):
    """Return the CSS of the fonts, cut down to printable ASCII and the characters of a text.

    They are DejaVu, which matplotlib brings along: lines break at the same places on every machine,
    and the letters are those of the figures.
    """
    rules = []
    for name, (family, weight, slope) in FACES.items():
        font = TTFont(FONTS / name)
        cut = subset.Subsetter(subset.Options(layout_features=["kern"], drop_tables=["FFTM"]))
        cut.populate(text=string.printable + text)
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
