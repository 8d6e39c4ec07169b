"""What the project's files say of each other."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from shmlib.notebook import environment

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COURSE = PROJECT["project"]["optional-dependencies"]["course"]
DOCUMENTS = [
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
CONDA_NAME = {"matplotlib": "matplotlib-base"}


def conda_packages():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    found = re.findall(r"^ +- ([a-z][\w.-]*)([<>=!~].*)?$", text, re.MULTILINE)
    return {name: SpecifierSet(bounds) for name, bounds in found}


def test_environment_yml_asks_for_what_pyproject_toml_asks_for():
    conda = conda_packages()
    asked = map(Requirement, COURSE + PROJECT["dependency-groups"]["dev"])
    wanted = [requirement for requirement in asked if requirement.name != "shmlib"]
    for requirement in wanted:
        name = CONDA_NAME.get(requirement.name, requirement.name)
        assert conda[name] == requirement.specifier, name
    names = {CONDA_NAME.get(requirement.name, requirement.name) for requirement in wanted}
    assert set(conda) - names == {"conda-forge", "nodefaults", "pip", "python"}


def test_what_the_classroom_imports_is_declared():
    declared = {Requirement(text).name for text in COURSE + PROJECT["dependency-groups"]["dev"]}
    files = sorted((ROOT / "classroom").glob("*.py"))
    own = {path.stem for path in (*files, *ROOT.glob("*.py"))} | {"shmlib"}
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in {each.partition(".")[0] for each in names}:
                known = name in sys.stdlib_module_names or name in own
                assert known or name.lower() in declared, f"{path.name} imports {name}"


def test_pip_understands_what_environment_yml_hands_to_it():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    lines = [line.removeprefix("      - ") for line in text.partition("- pip:\n")[2].splitlines()]
    assert lines.pop() == "--editable ."
    assert lines and all(Requirement(line).name for line in lines)


def test_what_outputs_depend_on_is_held_to_one_release():
    bounds = {Requirement(text).name: str(Requirement(text).specifier) for text in COURSE}
    assert re.fullmatch(r"==[\d.]+", bounds["matplotlib"])
    assert re.fullmatch(r"==[\d.]+", bounds["pygments"])


def test_every_place_names_the_same_pythons():
    oldest, newest = (3, 11), environment.NEWEST
    below = f"{newest[0]}.{newest[1] + 1}"
    versions = [f"3.{minor}" for minor in range(oldest[1], newest[1] + 1)]
    marker = next(Requirement(text).marker for text in COURSE if text.startswith("matplotlib"))
    assert str(marker) == f'python_version < "{below}"'
    group = PROJECT["tool"]["uv"]["dependency-groups"]["dev"]["requires-python"]
    assert SpecifierSet(group) == conda_packages()["python"] == SpecifierSet(f">=3.11,<{below}")
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"You need Python {', '.join(versions[:-1])} or {versions[-1]}" in readme
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert set(re.findall(r'"(3\.\d+)"', workflow)) == set(versions)


def test_the_library_asks_for_nothing():
    assert PROJECT["project"]["dependencies"] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_and_images_of_the_documents_resolve(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert links or name != "README.md"
    for link in links:
        assert link.startswith("http") or ((ROOT / name).parent / link).exists(), link
    assert all(words.strip() for words in re.findall(r"!\[([^\]]*)\]", text))


def test_the_readme_lists_every_notebook_and_starts_with_the_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.name}" in text
    blocks = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks[0].splitlines()[-1] == "python -m uv run python study.py"
    assert blocks[1].splitlines()[-1] == "python -m uv run pytest"


def test_no_committed_file_names_a_download_address():
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("this is no git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if Path(name).suffix in {".toml", ".yml", ".lock", ".ipynb", ".json"}:
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r'"resolved": |registry = |index-url', text), name


def test_importing_shmlib_loads_nothing_heavy():
    code = "import sys, shmlib; print(*sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"IPython", "matplotlib", "numpy", "ipywidgets", "pygments", "multiprocessing"}
    assert heavy & {name.partition(".")[0] for name in seen.stdout.split()} == set()
