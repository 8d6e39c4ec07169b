"""%%workers and %%expect, in a shell as a notebook has it."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from shmlib import WorkerError, run


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A shell that stands in an empty folder from which new processes can import."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    shell = InteractiveShell.instance()
    shell.run_line_magic("reload_ext", "shmlib.notebook")
    yield shell
    InteractiveShell.clear_instance()
    for name in [name for name in sys.modules if name.startswith("my_")]:
        del sys.modules[name]


def test_a_cell_of_workers_becomes_a_file_that_processes_import(shell, tmp_path, capsys):
    shell.run_cell_magic("workers", "my_sums.py", "def answer():\n    return 42\n")
    assert capsys.readouterr().out == "my_sums.py: answer\n"
    assert [path.name for path in tmp_path.glob("my_*")] == ["my_sums.py"]
    assert run([shell.user_ns["my_sums"].answer], start_method="spawn").results == (42,)


def test_a_changed_cell_is_imported_anew_however_soon(shell):
    for number in range(10, 16):  # texts of one size, within a second
        shell.run_cell_magic("workers", "my_sums.py", f"def answer():\n    return {number}\n")
        my_sums = shell.user_ns["my_sums"]
        assert my_sums.answer() == number
        assert run([my_sums.answer], start_method="spawn").results == (number,)


def test_a_function_from_before_the_change_is_refused(shell):
    shell.run_cell_magic("workers", "my_sums.py", "def answer():\n    return 1\n")
    old = shell.user_ns["my_sums"].answer
    shell.run_cell_magic("workers", "my_sums.py", "def answer():\n    return 2\n")
    with pytest.raises(ValueError, match=r"my_sums\.py has changed since it was imported"):
        run([old], start_method="spawn")


@pytest.mark.parametrize("line", ["", "my_sums", "my_sums.txt", "my-sums.py", "folder/my_sums.py"])
def test_a_line_that_names_no_file_is_refused(shell, line):
    with pytest.raises(
        ValueError, match=r"write %%workers and the name of a file, such as my_bank"
    ):
        shell.run_cell_magic("workers", line, "def answer(): pass\n")


@pytest.mark.parametrize("name", ["random", "sys", "shmlib", "__main__"])
def test_a_name_that_is_taken_is_refused(shell, name, tmp_path):
    with pytest.raises(ValueError, match=f"would hide a module called {name}"):
        shell.run_cell_magic("workers", f"{name}.py", "def answer(): pass\n")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_somebody_elses_is_not_overwritten(shell, tmp_path):
    path = tmp_path / "my_sums.py"
    path.write_text("mine = 1\n")
    with pytest.raises(FileExistsError, match=r"move it, or write another name, such as my_sums2"):
        shell.run_cell_magic("workers", "my_sums.py", "def answer(): pass\n")
    assert path.read_text() == "mine = 1\n"


def test_an_error_names_the_line_of_the_cell(shell):
    code = "def answer():\n    return 1 / 0\n"
    shell.run_cell_magic("workers", "my_sums.py", code)
    with pytest.raises(WorkerError, match=r'my_sums.py", line 3'):
        run([shell.user_ns["my_sums"].answer], start_method="spawn")


def test_what_is_not_python_is_not_written(shell, tmp_path):
    with pytest.raises(SyntaxError):
        shell.run_cell_magic("workers", "my_sums.py", "def answer(:\n")
    assert list(tmp_path.iterdir()) == []


def test_expect_prints_the_error_and_refuses_its_absence(shell, capsys):
    shell.run_cell_magic("expect", "ZeroDivisionError", "1 / 0")
    assert capsys.readouterr().out == "ZeroDivisionError: division by zero\n"
    with pytest.raises(AssertionError, match="should have raised ZeroDivisionError, but"):
        shell.run_cell_magic("expect", "ZeroDivisionError", "1 / 1")
    with pytest.raises(NameError):
        shell.run_cell_magic("expect", "ZeroDivisionError", "nothing_of_that_name")
