"""Study the course in JupyterLab, on copies of its pages without the answers.

    python study.py [NUMBER] [--copy-only] [--into FOLDER] [OPTION OF JUPYTERLAB ...]

notebooks/ has every page with its outputs, for those who only read. The copies of the lessons in
my_course/ have none, so that a question comes before its answer; git ignores the copies, and they
belong to the reader.
Run again, this brings what is new in the course and keeps what the reader has written.
"""

import argparse
import hashlib
import itertools
import json
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
COURSE = ROOT / "notebooks"
MINE = ROOT / "my_course"
# In the metadata of a copy: the hash of the page that it is a copy of.
KEY = "shared_memory_course"
# What opening a page, running it or choosing a kernel changes.
NOT_WRITTEN = {KEY, "kernelspec", "language_info", "outputs", "execution_count"}

# The text that reads the answer to a Predict, or what the cells after it show, has this tag, and
# stays hidden until the code cell before it has an output. jupyterlab-fonts, a part of the live
# slides, knows tags and styles.
TAG = "reads-the-answer"
FONTS = "@deathbeds/jupyterlab-fonts"
_READING = f" + [data-jpf-cell-tags*='{TAG}']"
_UNREAD = [".jp-CodeCell.jp-mod-noOutputs" + _READING * count for count in (1, 2, 3)]
HIDING = {f"{cell} .jp-MarkdownOutput > *": {"display": "none"} for cell in _UNREAD} | {
    f"{_UNREAD[0]} .jp-MarkdownOutput::before": {
        "content": '"Run the cell above to read on."',
        "font-style": "italic",
    }
}


def is_lesson(page: Path) -> bool:
    """Say whether a page is a lesson, which has a number, or one to look things up in."""
    return page.name[:2].isdigit()


def name_of(page: Path) -> str:
    """Return what a page is called for by: the number of a lesson, or else its name."""
    return page.name[:2] if is_lesson(page) else page.stem


def update(course: Path, mine: Path) -> list[str]:
    """Bring the copies of the pages up to date, and touch none that the reader has written in.

    Args:
        course: the folder of the pages.
        mine: the folder of the copies; it is made if it does not exist.

    Returns:
        What was done: a line for each page that was copied, refreshed or put beside.
    """
    mine.mkdir(exist_ok=True)
    lines = []
    for path in sorted(course.glob("*.ipynb")):
        page = _copied(json.loads(path.read_text(encoding="utf-8")), is_lesson(path))
        new = page["metadata"][KEY]
        for copy in _places(mine / path.name):
            taken, now = _state(copy)
            if new in (taken, now):
                break
            if taken == now:
                text = json.dumps(page, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
                copy.write_text(text, encoding="utf-8", newline="\n")
                lines.append(_said(path.name, copy.name, taken))
                break
    return lines


def _places(first):
    """Yield where a copy may lie: at its place, and beside it where that is the reader's own."""
    yield first
    for count in itertools.count(1):
        yield first.with_stem(f"{first.stem}_new{count if count > 1 else ''}")


def _state(copy):
    """Return the hash of the page that a copy was taken from, and the hash of what it is now."""
    if not copy.exists():
        return None, None
    try:
        notebook = json.loads(copy.read_text(encoding="utf-8"))
        return notebook["metadata"].get(KEY), _fingerprint(notebook)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None, "not a notebook, so the reader's own"


def _fingerprint(notebook):
    """Return a hash of what was written, in cells and metadata. Empty cells count for nothing."""
    cells = [_written(cell) | {"source": "".join(cell["source"])} for cell in notebook["cells"]]
    written = [_written(notebook["metadata"]), [c for c in cells if c["source"].strip()]]
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def _written(part):
    return {key: value for key, value in part.items() if key not in NOT_WRITTEN}


def _copied(page, asks):
    """Turn a page, in place, into its copy, and return it. Where nothing is asked, outputs stay."""
    for cell in answers(page["cells"]):
        if cell["cell_type"] == "markdown":
            cell["metadata"].setdefault("tags", []).append(TAG)
    page["metadata"].setdefault(FONTS, {}).setdefault("styles", {}).update(HIDING)
    # As the kernel will tell it, so that opening a page does not mark it as changed.
    page["metadata"]["language_info"]["version"] = platform.python_version()
    for cell in page["cells"]:
        if cell["cell_type"] == "code" and asks:
            cell.update(outputs=[], execution_count=None)
    page["metadata"][KEY] = _fingerprint(page)
    return page


def answers(cells: list[dict]) -> Iterator[dict]:
    """Yield the cells that answer a Predict, up to the next heading: code that shows something, and
    the text that reads it.

    A text that begins a slide, or a part of a topic, goes on to something new, and so does what
    follows it.
    """
    asked = reading = False
    for cell in cells:
        source = "".join(cell["source"])
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if cell["cell_type"] == "code":
            reading = asked and bool(cell["outputs"])
            if reading:
                yield cell
        elif source.startswith("## "):
            asked = reading = False
        elif "**Predict.**" in source:
            asked, reading = True, False
        elif source.startswith("### ") or kind == "subslide":
            reading = False
        elif reading:
            yield cell


def _said(name, copied, taken):
    if copied != name:
        return f"{name} stays as you left it; the course's new page is beside it, as {copied}"
    return f"{name}: {'refreshed' if taken else 'copied'}"


def main(arguments: list[str] | None = None) -> None:
    """Update the copies and open one of them, as the command line asks."""
    pages = {name_of(path): path.name for path in sorted(COURSE.glob("*.ipynb"))}
    parser = argparse.ArgumentParser(
        description=f"Copy the pages without their outputs into {MINE.name}/, and open one.",
        epilog="Other options are passed on to JupyterLab, such as --no-browser or --port=8890.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "page",
        nargs="?",
        metavar="NUMBER",
        type=lambda number: number.zfill(2),
        choices=pages,
        default=min(pages),
        help=f"the page to open: {', '.join(pages)}",
    )
    parser.add_argument("--copy-only", action="store_true", help="copy the pages, and open nothing")
    parser.add_argument(
        "--into", metavar="FOLDER", type=Path, default=MINE, help=f"default: {MINE.name}/ here"
    )
    chosen, options = parser.parse_known_args(arguments)
    mine = chosen.into.expanduser().resolve()
    if COURSE in (mine, *mine.parents):
        parser.error(f"--into must be outside {COURSE.name}/, where the course's own pages are")
    for line in update(COURSE, mine):
        print(f"{mine.name}: {line}", flush=True)
    if chosen.copy_only:
        if options:
            parser.error(f"--copy-only opens nothing, so it takes no {' '.join(options)}")
        return
    try:
        from jupyterlab.labapp import main as lab
    except ModuleNotFoundError:
        sys.exit("JupyterLab is not installed here: python -m uv run python study.py installs it")
    sys.exit(lab([str(mine / pages[chosen.page]), *options]))


if __name__ == "__main__":
    main()
