"""What the project's files say of each other."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONDA_NAME = {"matplotlib": "matplotlib-base"}


def conda_packages():
    text = (ROOT / "environment.yml").read_text()
    found = re.findall(r"^ +- ([a-z][\w.-]*)([<>=!~].*)?$", text, re.MULTILINE)
    return {name: SpecifierSet(bounds) for name, bounds in found}


def test_environment_yml_asks_for_what_pyproject_toml_asks_for():
    conda = conda_packages()
    groups = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]
    wanted = [Requirement(text) for text in groups]
    for requirement in wanted:
        name = CONDA_NAME.get(requirement.name, requirement.name)
        assert conda[name] == requirement.specifier, name
    names = {CONDA_NAME.get(requirement.name, requirement.name) for requirement in wanted}
    assert set(conda) - names == {"conda-forge", "nodefaults", "pip", "python"}


def test_pip_understands_what_environment_yml_hands_to_it():
    text = (ROOT / "environment.yml").read_text()
    lines = [line.removeprefix("      - ") for line in text.partition("- pip:\n")[2].splitlines()]
    assert lines.pop() == "--editable ."
    assert lines and all(Requirement(line).name for line in lines)


def test_what_outputs_depend_on_is_held_to_one_release():
    bounds = {Requirement(text).name: text for text in PROJECT["project"]["dependencies"]}
    assert re.fullmatch(r"matplotlib==[\d.]+", bounds["matplotlib"])
    assert re.fullmatch(r"pygments==[\d.]+", bounds["pygments"])


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_and_images_of_the_documents_resolve(name):
    text = (ROOT / name).read_text()
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert links or name == "CONTRIBUTING.md"
    for link in links:
        assert link.startswith("http") or (ROOT / link).exists(), link
    assert all(words.strip() for words in re.findall(r"!\[([^\]]*)\]", text))


def test_the_readme_lists_every_notebook_and_starts_with_the_two_commands():
    text = (ROOT / "README.md").read_text()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.name}" in text
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks[0].splitlines()[-1].startswith("python -m uv run jupyter lab notebooks/00")
    assert blocks[1].splitlines()[-1] == "python -m uv run pytest"


def test_no_committed_file_names_a_download_address():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if Path(name).suffix in {".toml", ".yml", ".lock", ".ipynb", ".json"}:
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r'"resolved": |registry = |index-url', text), name


def test_importing_shmlib_loads_nothing_heavy():
    code = "import sys, shmlib; print(*sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"IPython", "matplotlib", "numpy", "ipywidgets", "pygments", "multiprocessing"}
    assert heavy & {name.partition(".")[0] for name in seen.stdout.split()} == set()
