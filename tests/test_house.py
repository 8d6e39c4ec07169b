"""The rule of imports: from the floor above to the floor below, and never back up."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "shmlib"
# What each part may import besides itself, from the ground up. `words` imports nothing.
BELOW = {
    "words": set(),
    "shown": set(),
    "checks": {"words"},
    "progress": {"shown"},
    "memory": {"words", "shown"},
    "engine": {"words", "shown", "checks", "progress", "memory"},
    "workers": {"memory"},
    "notebook": {"words", "shown", "checks", "progress", "memory", "engine", "workers"},
}
# A result shows its picture where there is a notebook: the one import that goes up.
UPWARDS = {("shown.py", "notebook")}
FILES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def imported(path):
    """Yield (part of shmlib, None) or (None, package) for each import in a file."""
    here = ("shmlib", *path.parts[:-1])
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield None, name.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            if not node.level:
                yield None, node.module.partition(".")[0]
                continue
            base = [*here[: len(here) - node.level + 1], *filter(None, [node.module])]
            names = [".".join(base).split(".")]
            if names[0] == ["shmlib"]:
                names = [["shmlib", name.name] for name in node.names]
            for parts in names:
                yield parts[1], None


@pytest.mark.parametrize("path", FILES, ids=str)
def test_an_import_goes_only_downwards(path):
    part = path.parts[0].removesuffix(".py")
    if part in ("__init__", "scripts"):  # the public names; whole programs that pages show
        return
    for other, package in imported(path):
        if other is not None and other != part:
            assert other in BELOW[part] or (str(path), other) in UPWARDS, f"{path}: {other}"
        if package is not None and part not in ("notebook", "progress"):
            assert package in sys.stdlib_module_names, f"{path} imports {package}"


def test_the_childs_files_import_none_of_the_parents():
    for path in FILES:
        if path.parts[:2] == ("engine", "child"):
            tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.level == 2:
                    raise AssertionError(f"{path} imports from the parent's side: {node.module}")


def test_the_files_are_there():
    assert {path.parts[0].removesuffix(".py") for path in FILES} >= BELOW.keys()
