"""Ways to hand over a message: each delivers it whole, and leaves nothing behind."""

import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from sessions import of_session
from shmlib import figures, transports
from shmlib.notebook.explorers.grain_of_lock import measured

SPAWN = multiprocessing.get_context("spawn")


@pytest.mark.parametrize("way", transports.WAYS)
def test_every_way_delivers_the_message(way):
    with transports.WAYS[way](SPAWN, 100_000) as send:
        for size in (1, 8, 100_000):
            assert send(bytes(size)) == size
    assert multiprocessing.active_children() == []


def test_an_error_while_measuring_leaves_no_process():
    for way in transports.WAYS.values():
        with pytest.raises(ZeroDivisionError), way(SPAWN, 8):
            1 / 0  # noqa: B018
    assert multiprocessing.active_children() == []


HOLDER = """
import multiprocessing, sys, time
from shmlib import transports
if __name__ == "__main__":
    with transports.WAYS[sys.argv[1]](multiprocessing.get_context("spawn"), 100) as send:
        print(send(b"message"), flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("way", transports.WAYS)
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
    assert holder.stdout.readline() == "7\n"
    assert len(of_session(holder.pid)) > 1
    holder.kill()
    deadline = time.monotonic() + 20
    while (of_session(holder.pid) or list(temporary.iterdir())) and time.monotonic() < deadline:
        holder.poll()
        time.sleep(0.05)
    assert of_session(holder.pid) == [] and list(temporary.iterdir()) == []
    assert "Traceback" not in holder.communicate(timeout=30)[1]


def test_timings_have_a_time_for_each_way_and_size():
    found = transports.measure(sizes=(8, 4096), ways=["pipe", "shared memory"])
    assert list(found.medians) == ["pipe", "shared memory"]
    assert all(len(times) == 2 and min(times) > 0 for times in found.medians.values())
    assert len(found.memcpy) == 2
    words = repr(found)
    assert "8 B" in words and "4 KiB" in words and "memcpy" in words
    assert figures.transport_times(found).words == words


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ways": ["pigeon"]}, "ways must be of shared memory, pipe.*, not 'pigeon'"),
        ({"sizes": [0]}, "sizes must be 1 byte or more, not 0"),
    ],
)
def test_bad_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        transports.measure(**options)


def test_the_stopwatch_leaves_the_first_call_out_and_checks_the_answers():
    calls = []
    middle, spread = transports.stopwatch(calls.append, 1, seconds=0, least=7)
    assert len(calls) == 8
    assert middle > 0 and spread >= 0
    with pytest.raises(RuntimeError, match="gave 3 and not 4"):
        transports.stopwatch(len, "abc", expected=4)


def test_words_for_sizes_and_times():
    assert [transports.size_words(n) for n in (8, 1024, 1000, 2**26)] == [
        "8 B",
        "1 KiB",
        "1000 B",
        "64 MiB",
    ]
    assert [transports.time_words(s) for s in (2.5, 0.0421, 15.2e-6, 9e-8)] == [
        "2.5 s",
        "42.1 ms",
        "15.2 us",
        "90 ns",
    ]


def test_the_grain_is_measured_and_the_sum_checked():
    assert measured(2, 10, additions=100) > 0
