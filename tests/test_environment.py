"""check_environment(): what it says of a good machine, and of one where something is missing."""

from importlib import metadata
from unittest.mock import Mock

from shmlib import check_environment
from shmlib.notebook import environment


def test_this_machine_is_good():
    found = check_environment()
    assert found.good, found
    assert repr(found).endswith("Ready.")


def test_a_python_newer_than_the_course_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setattr(environment, "NEWEST", (3, 10))
    found = check_environment()
    assert not found.good
    assert "the course is made for CPython 3.11 to 3.10. Install one of these" in repr(found)


def test_a_missing_package_and_a_wrong_release_are_named(monkeypatch):
    real = metadata.version
    monkeypatch.setattr(metadata, "requires", Mock(side_effect=metadata.PackageNotFoundError))
    assert "shmlib is not installed. Start JupyterLab" in repr(check_environment())
    monkeypatch.undo()

    def version(name):
        if name == "matplotlib":
            raise metadata.PackageNotFoundError
        return "1.0" if name == "pygments" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    words = repr(check_environment())
    assert "matplotlib==3.11.2" in words and "is needed, none is installed" in words
    assert "is needed, 1.0 is installed. Start JupyterLab with the README's commands" in words
