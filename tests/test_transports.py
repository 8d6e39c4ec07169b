"""Ways to hand over a message: each delivers it whole, and leaves nothing behind."""

import multiprocessing
import os
import subprocess
import sys
import time
from zlib import crc32

import pytest

from sessions import of_session
from shmlib import transports

SPAWN = multiprocessing.get_context("spawn")


@pytest.mark.parametrize("way", transports.WAYS)
def test_every_way_delivers_the_message(way):
    with transports.WAYS[way](SPAWN, 100_000) as send:
        for size in (1, 8, 100_000):
            message = os.urandom(size)
            assert send(message) == crc32(message)
    assert multiprocessing.active_children() == []


def test_an_error_while_measuring_leaves_no_process():
    for way in transports.WAYS.values():
        with pytest.raises(ZeroDivisionError), way(SPAWN, 8):
            1 / 0  # noqa: B018
    assert multiprocessing.active_children() == []


HOLDER = """
import multiprocessing, sys, time
from zlib import crc32
from shmlib import transports
if __name__ == "__main__":
    with transports.WAYS[sys.argv[1]](multiprocessing.get_context("spawn"), 100) as send:
        print(send(b"message") == crc32(b"message"), flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("way", [way for way in transports.WAYS if way != transports.ALONE])
def test_a_killed_parent_leaves_no_process_and_no_file(way, tmp_path, temporary):
    script = tmp_path / "holder.py"
    script.write_text(HOLDER, encoding="utf-8")
    holder = subprocess.Popen(
        [sys.executable, script, way],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert holder.stdout.readline() == "True\n"
    assert len(of_session(holder.pid)) > 1
    holder.kill()
    deadline = time.monotonic() + 20
    while (of_session(holder.pid) or list(temporary.iterdir())) and time.monotonic() < deadline:
        holder.poll()
        time.sleep(0.05)
    assert of_session(holder.pid) == [] and list(temporary.iterdir()) == []
    assert "Traceback" not in holder.communicate(timeout=30)[1]


def test_each_size_has_timings_with_a_time_for_each_way():
    found = transports.measure([8, 4096], ways=["pipe", "shared memory, copied out"], rounds=3)
    assert [timings.what for timings in found] == [
        "time to hand over 8 B",
        "time to hand over 4 KiB",
    ]
    for timings in found:
        assert list(timings.times) == ["pipe", "shared memory, copied out"]
        assert all(len(times) == 2 and min(times) > 0 for times in timings.times.values())


def test_an_answer_that_is_wrong_is_noticed(monkeypatch):
    monkeypatch.setattr(transports.messages, "share", lambda message, pipe, array: pipe.send(0))
    with pytest.raises(RuntimeError, match="shared memory, read in place gave 0 instead of"):
        transports.measure([8], ways=["shared memory, read in place"], rounds=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sizes": [8], "ways": ["pigeon"]}, "ways must be one of .*; pipe; .*, not 'pigeon'"),
        ({"sizes": [8, 0]}, "each of the sizes must be 1 or more, not 0"),
        ({"sizes": []}, "sizes must not be empty"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        transports.measure(**options)
