"""show_source(): where the source of a worker stands, and that of what comes from elsewhere."""

import importlib
import json
import json.decoder
import sys

import pytest

from shmlib import show_source
from shmlib.workers import bank


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (bank, "shmlib/workers/bank.py"),
        (json, "json"),
        (json.decoder, "json.decoder"),
        (json.JSONDecoder, "json.decoder, line "),
        (json.dumps, "json, line "),
        (json.JSONDecoder().decode, "json.decoder, line "),
        (json.dumps.__code__, "json, line "),
    ],
)
def test_a_place_is_told_without_a_path_of_this_machine(item, place):
    first, _, code = repr(show_source(item)).partition("\n")
    assert first == f"# {place}" or (place.endswith(" ") and first.startswith(f"# {place}"))
    assert code


def test_a_module_of_the_readers_own_is_told_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "of_the_reader.py").write_text("def add(number):\n    number.value += 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("of_the_reader")
    assert repr(show_source(module)).startswith("# of_the_reader\ndef add(number):")
    monkeypatch.delitem(sys.modules, "of_the_reader")
    assert repr(show_source(module.add)).startswith("# of_the_reader")
