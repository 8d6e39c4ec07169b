import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "shmlib"
# What a learner reads and changes; hints would be more to read.
UNTYPED = {"workers", "scripts"}


@pytest.mark.parametrize("command", [["check"], ["format", "--check", "--diff"]])
def test_ruff_finds_nothing(command):
    ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", str(ROOT)]
    done = subprocess.run(ruff, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_finds_nothing():
    mypy = [sys.executable, "-m", "mypy"]
    done = subprocess.run(mypy, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def untyped(body):
    """Yield (line, name) of each public function without a hint for all that it takes and gives."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from untyped(node.body)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            taken = node.args
            given = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg]
            hints = [arg.annotation for arg in given if arg is not None and arg.arg != "self"]
            if None in [*hints, node.returns]:
                yield node.lineno, node.name


def test_every_public_signature_has_hints():
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] not in UNTYPED:
            found = list(untyped(ast.parse(path.read_text(encoding="utf-8")).body))
            assert not found, f"{path.name}: {found}"
