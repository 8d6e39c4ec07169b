"""What a teacher and an administrator decide by: the pages in docs/, and versions."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import study

ROOT = Path(__file__).parent.parent
LESSONS = {path.name for path in study.COURSE.glob("*.ipynb") if study.is_lesson(path)}
LINK = re.compile(r"\]\(\.\./notebooks/(\w+\.ipynb)\)")
MOST = 200


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text):
    """Return the rows of all tables, without their heads."""
    tables = re.findall(r"^\|.*\n\|[-:| ]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [row for table in tables for row in table.splitlines()]


def test_every_outcome_is_worked_towards_on_a_page_that_exists():
    outcomes = rows(text_of("docs/for_teachers.md").partition("## Outcomes")[2])
    assert len(outcomes) > 20
    for row in outcomes:
        pages = LINK.findall(row)
        assert pages and set(pages) <= LESSONS, row


def test_every_page_was_measured_and_none_takes_too_much():
    text = text_of("docs/for_administrators.md")
    measured = re.search(r"<!-- pages: .*?-->(.*?)<!-- end of pages -->", text, re.DOTALL)[1]
    memory = {}
    for row in rows(measured):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        memory[(LINK.findall(row) or cells)[0]] = int(cells[1])
    assert memory.keys() == LESSONS | {"JupyterLab itself"}
    assert all(20 < megabytes <= MOST for megabytes in memory.values()), memory
    assert re.search(r"\nMeasured on \d+ \w+ 20\d\d: CPython 3\.", measured)


def test_when_a_server_starts_a_learner_gets_copies_outside_the_course(tmp_path):
    text = text_of("docs/for_administrators.md")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    started = code.replace("/opt/shared-memory", str(ROOT))
    assert started != code
    home = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", started], env=home, check=True, cwd=tmp_path)
    assert {path.name for path in (tmp_path / "my_course").iterdir()} >= LESSONS


def test_copies_are_not_made_among_the_pages_of_the_course(capsys):
    with pytest.raises(SystemExit) as end:
        study.main(["--copy-only", "--into", str(study.COURSE / "mine")])
    assert end.value.code == 2 and not (study.COURSE / "mine").exists()
    assert "--into must be outside notebooks/" in capsys.readouterr().err


def test_every_version_says_which_slides_no_longer_fit():
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert re.search(r"^version: (.+)$", text_of("CITATION.cff"), re.MULTILINE)[1] == version
    parts = re.split(r"^## ", text_of("CHANGELOG.md"), flags=re.MULTILINE)[1:]
    assert parts[0].startswith(f"{version}, ")
    for part in parts[:-1]:  # before the first there were none
        assert re.search(r"\n\n\*\*Slides:\*\* \w", part), part.splitlines()[0]
