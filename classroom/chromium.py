"""The browser: where it is, and the PDF it makes of a page."""

import contextlib
import os
import shutil
from pathlib import Path

NAMES = [
    "chromium-headless-shell",  # has no window, and takes less of the processor
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chrome",
    "microsoft-edge",
    "msedge",
]
MAC = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]
MISSING = "no Chromium, Chrome or Edge found: install one, or set CHROMIUM to its path"
FOOTER = (
    '<p style="width: 100%; font: 8px DejaVu Sans, sans-serif; text-align: center">'
    '<span class="title"></span> &nbsp; <span class="pageNumber"></span></p>'
)


def find_browser():
    """Return the path of an installed browser of the Chromium family, or None."""
    if named := os.environ.get("CHROMIUM"):
        return named
    folders = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)")]
    windows = [
        str(Path(folder, *parts))
        for folder in filter(None, folders)
        for parts in (
            ("Google", "Chrome", "Application", "chrome.exe"),
            ("Microsoft", "Edge", "Application", "msedge.exe"),
        )
    ]
    found = [shutil.which(name) for name in NAMES]
    return next(filter(None, found + [path for path in MAC + windows if Path(path).exists()]), None)


@contextlib.contextmanager
def open_browser():
    """Start the browser that was found; yield it as Playwright's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        browser.close()


def print_deck(browser, file, pdf):
    """Print a deck, a page a slide with all its fragments, to a PDF of 1280 x 720.

    Args:
        browser: a Playwright browser.
        file, pdf: the paths of the deck and of the PDF.
    """
    page = browser.new_page()
    page.goto(f"{file.resolve().as_uri()}?print-pdf&theme=light")
    page.wait_for_function("document.querySelectorAll('.pdf-page').length > 0")
    page.pdf(path=pdf, prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    page.close()


def print_paper(browser, html, pdf):
    """Print a page of HTML to a PDF on A4, with its title and page numbers at the foot."""
    page = browser.new_page()
    page.set_content(html)
    page.pdf(
        path=pdf,
        format="A4",
        margin={"top": "16mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
        display_header_footer=True,
        header_template="<p></p>",
        footer_template=FOOTER,
        print_background=True,
        tagged=True,
        outline=True,
    )
    page.close()
