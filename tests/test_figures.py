"""How figures look: what is written keeps to its place, and every colour has a dark counterpart."""

import base64
import ctypes
import io
import itertools
import multiprocessing
import re
from collections import Counter
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text
from PIL import Image

import stepping_workers as w
from shmlib import Stepper, explore, figures, memory_map, replay, typecode_table
from shmlib.notebook.figures import palette, picture
from shmlib.notebook.stopwatch import Timings
from shmlib.workers import counter, philosophers, rendezvous

METHODS = ("fork", "forkserver", "spawn")
SPAWN = multiprocessing.get_context("spawn")
LONG = [w.add_with_a_name_that_is_longer_than_the_room_that_a_picture_has_for_it] * 2
REGION = SimpleNamespace(
    permissions="rw-s", size=2**62, backing="a deleted file in /a/folder" + "/deeper" * 9, inode=1
)


def number():
    return SPAWN.Value("i", 0)


def far():
    return SPAWN.Value(w.ARecordWithANameThatIsLongerThanAnyBoxOfAPicture)


def waiting():
    with Stepper(LONG, number()) as stepper:
        return figures.waiting_workers(stepper, "Lose $5 and $6" + " and lose another update" * 9)


def value(code, entered, stored=None, error=""):
    row = typecode_table()[code]
    data = b"" if error else bytes(row.size)
    return figures.value_bytes(code, entered, stored, data, error, row)


def deadlock(workers, *shared):
    found = explore(workers, *shared)
    return found.example(next(end for end in found.outcomes if end.kind == "deadlock"))


def at_table(number):
    workers = [partial(philosophers.dine, left=n, right=(n + 1) % number) for n in range(number)]
    return deadlock(workers, [SPAWN.Lock() for _ in range(number)])


def lost_news():
    workers = [rendezvous.wait_for_news, rendezvous.bring_news]
    return deadlock(workers, SPAWN.Condition(), number())


DRAWN = {
    "waits": [
        lambda: figures.waits(at_table(2)),
        lambda: figures.waits(at_table(5)),
        lambda: figures.waits(lost_news()),
        lambda: figures.waits(deadlock([w.take_at_length] * 3, number(), SPAWN.Event()).outcome),
        lambda: figures.waits(deadlock([w.take_a_lock_twice], SPAWN.Lock())),
    ],
    "timeline": [
        lambda: figures.timeline(replay("ABAB", LONG, number())),
        lambda: figures.timeline(replay("AAAB", [w.raise_at_length] * 2, number())),
        lambda: figures.timeline(replay("ABAB", [w.set_far] * 2, far())),
        lambda: figures.timeline(lost_news()),
        lambda: figures.timeline(replay("ABA", [w.meet] * 2, SPAWN.Barrier(2))),
        lambda: figures.timeline(
            replay(
                "ABBBAA",
                [rendezvous.start_when_told, rendezvous.tell_for_a_moment],
                SPAWN.Event(),
                number(),
            )
        ),
        lambda: figures.timeline(
            replay("AB", [partial(w.take_both, reverse=x) for x in (0, 1)], number(), number())
        ),
        lambda: figures.timeline(
            replay("AB" * 20, [partial(counter.add, times=10)] * 2, SPAWN.Value("q", 10**17))
        ),
    ],
    "interleavings": [
        lambda: figures.interleavings(explore([counter.increment] * 2, number())),
        lambda: figures.interleavings(
            explore([w.raise_at_length] * 2, number(), invariant=lambda number: False)
        ),
        lambda: figures.interleavings(
            explore([partial(counter.add, times=20)] * 3, number(), limit=1)
        ),
        lambda: figures.interleavings(
            explore([partial(counter.add, times=2)] * 3, number(), limit=80)
        ),
    ],
    "final_counts": [
        lambda: figures.final_counts(Counter({4: 6, 3: 32, 2: 32}), Counter({4: 9}), 2, 2),
        lambda: figures.final_counts(
            Counter({4 * 10**12: 3**50, 10**9: 2**90}), Counter({10**12: 10**9}), 4, 10**12
        ),
        lambda: figures.final_counts(Counter(), Counter(), 2, 10**9),
    ],
    "handing_over": [figures.handing_over],
    "durations": [
        lambda: figures.durations(
            Timings("time", {"a way with a long name": [1e-6, 10.0], "file": [10.0, 10.0]})
        ),
        lambda: figures.durations(Timings("time for one addition", {"near": [1.0, 1.1]})),
    ],
    "locks_taken": [
        lambda: figures.locks_taken([1, 1000, 10**6], 10**6),
        lambda: figures.locks_taken([1, 2], 2),
    ],
    "decision": [figures.decision, lambda: figures.decision([False] * 6)],
    "row_owners": [
        lambda: figures.row_owners({"a plan with a long name" * 9: "ABC?", "two": "AB"}, 10**9),
        lambda: figures.row_owners({"one": "A"}, 1),
    ],
    "import_chain": [lambda: figures.import_chain("A" + "VeryLong" * 20 + "Error: no")],
    "scene": [
        lambda: figures.scene("a long line " * 9, {"name" * 9: 10**40}, "two\nlines"),
        lambda: figures.scene("", {"one": 1, "many": [10**9] * 9, "three": "?"}, ""),
        lambda: figures.scene("first", None, "second", titles=("parent" * 9, "child")),
    ],
    "start_methods": [
        lambda: figures.start_methods("a long value" * 9, dict.fromkeys(METHODS, 10**40))
    ],
    "value_and_lock": [lambda: figures.value_and_lock(SPAWN.Value("d", 1e300 / 3))],
    "memory_grid": [
        lambda: figures.memory_grid(memory_map(far())),
        lambda: figures.memory_grid(memory_map(SPAWN.Array("q", [2**62, -(2**62)]))),
        lambda: figures.memory_grid(memory_map(SPAWN.Array(ctypes.c_bool, [True] * 300))),
    ],
    "value_bytes": [
        lambda: value("d", 1 / 3, 1.7976931348623157e308),
        lambda: value("q", 10**400, -(2**63)),
        lambda: value("b", "text" * 40, error="TypeError: " + "an integer is required " * 9),
    ],
    "address_spaces": [
        lambda: figures.address_spaces((REGION, REGION), (REGION, REGION)),
        lambda: figures.address_spaces((None, None), (None, None)),
    ],
    "waiting_workers": [waiting],
}
CASES = [
    pytest.param(make, id=f"{name}-{n}") for name in DRAWN for n, make in enumerate(DRAWN[name])
]


@pytest.fixture
def kept(monkeypatch):
    """The list of matplotlib's figures that are drawn from now on."""
    made = []

    class Kept(Figure):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            made.append(self)

    monkeypatch.setattr(picture, "Figure", Kept)
    return made


def written(figure):
    """Return the texts that a figure shows, without the ticks that lie beyond its axes."""
    hidden = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        ticks = zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
        hidden |= {
            label for label, place in ticks if not (axis.axes.axison and low <= place <= high)
        }
    texts = [text for text in figure.findobj(Text) if text.get_text().strip()]
    return [text for text in texts if text.get_visible() and text not in hidden]


def out_of_place(figure):
    """Return the texts that reach beyond the picture, beyond a box that they begin in, or into
    another text."""
    panels = [axes.patch for axes in figure.axes] + [figure.patch]
    boxes = [
        patch.get_window_extent().extents
        for patch in figure.findobj(lambda part: isinstance(part, Rectangle | FancyBboxPatch))
        if patch not in panels
    ]
    whole = figure.bbox.extents
    found = [(text.get_text(), text.get_window_extent().extents) for text in written(figure)]
    trouble = []
    for text, (left, low, right, high) in found:
        begun = [b for b in boxes if b[0] < left + 1 < b[2] and b[1] < low + 3 < b[3]]
        if any(left < b[0] - 1 or right > b[2] + 1 for b in [whole, *begun]):
            trouble.append(f"too wide: {text!r}")
        if low < -1 or high > whole[3] + 1:
            trouble.append(f"too tall: {text!r}")
    for (one, a), (other, b) in itertools.combinations(found, 2):
        # The extent of a line is taller than its letters.
        apart = 0.3 * min(a[3] - a[1], b[3] - b[1])
        if min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) - max(a[1], b[1]) > apart:
            trouble.append(f"one on another: {one!r}, {other!r}")
    return trouble


def test_every_figure_is_measured():
    nothing_is_written = {"Picture", "pixels"}
    assert set(DRAWN) == set(figures.__all__) - nothing_is_written


@pytest.mark.parametrize("make", CASES)
def test_what_is_written_keeps_to_its_place_however_long(kept, make):
    made = make()
    assert out_of_place(kept[-1]) == []
    for colour in set(re.findall(r"#[0-9a-fA-F]{6}\b", made.svg)):
        palette.dark(colour)


def test_the_measure_can_fail(kept):
    def drawing(axes):
        axes.text(70, 20, "beyond the picture")
        axes.add_patch(Rectangle((2, 2), 10, 5))
        axes.text(3, 3, "wider than its box")
        axes.text(5, 3, "over it")

    picture.draw("", drawing)
    assert [line.partition(":")[0] for line in out_of_place(kept[-1])] == [
        "too wide",
        "too wide",
        "one on another",
    ]


def test_a_worker_that_waits_is_told_for_what(kept):
    pair = [partial(w.take_both, reverse=reverse) for reverse in (False, True)]
    figures.timeline(replay("AB", pair, number(), number()))
    words = [" ".join(text.get_text().split()) for text in written(kept[-1])]
    assert sum(text.startswith("waits for the lock of") for text in words) == 2


def test_the_axes_of_times_are_told_in_words(kept):
    figures.durations(Timings("time for one", {"pipe": [2e-5, 2e-5], "file": [3e-3, 3e-3]}))
    words = {text.get_text() for text in written(kept[-1])}
    assert {"10 us", "100 us", "1 ms", "10 ms"} <= words


def hatched(figure):
    return [patch for patch in figure.findobj(Rectangle) if patch.get_hatch()]


def test_what_was_not_explored_stays_open(kept):
    workers = [partial(counter.add, times=20)] * 2
    figures.interleavings(explore(workers, number(), limit=1))
    assert hatched(kept[-1])
    figures.interleavings(explore([partial(counter.add, times=3)] * 2, number()))
    assert not hatched(kept[-1])


# -------------------------------------------------------------------------------------- pixels


def painted(made):
    """Return the image in a picture of pixels as another program decodes it."""
    data = re.search(r"data:image/png;base64,([^\"]+)", made.svg)[1]
    return Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize("across, rows", [(1, 1), (16, 16), (350, 400)])
def test_the_pixels_are_the_bytes(across, rows):
    data = bytes(n % 256 for n in range(across * rows))
    image = painted(figures.pixels(data, across))
    image.load()
    assert image.size == (across, rows) and image.tobytes() == data


def test_a_number_of_numpy_is_a_pixel_whatever_its_size():
    image = painted(figures.pixels(np.arange(6), 3))
    assert image.size == (3, 2) and image.tobytes() == bytes(range(6))


def test_what_is_missing_is_grey_and_what_stays_is_black():
    colours = painted(figures.pixels(range(256), 256)).convert("RGB")
    assert colours.getpixel((0, 0)) == (211, 215, 222)
    assert colours.getpixel((255, 0)) == (0, 0, 0)
    early, late = colours.getpixel((1, 0)), colours.getpixel((160, 0))
    assert early[2] > early[0] and late[0] > late[2]  # blue, then orange


def test_even_colours_keep_the_order_and_leave_both_ends_alone():
    data = bytes([0, 1, 1, 1, 1, 2, 3, 255])
    seen = painted(figures.pixels(data, 8, evenly=True)).tobytes()
    assert seen == bytes([0, 1, 1, 1, 1, 1 + 253 * 4 // 6, 1 + 253 * 5 // 6, 255])


def test_the_words_of_pixels_name_what_is_missing():
    data = b"".join(bytes([row not in (1, 4)]) * 2 for row in range(6))
    assert "Rows still empty: 1, 4." in figures.pixels(data, 2).words
    assert figures.pixels(bytes(4), 2).words.endswith("All are still empty.")


@pytest.mark.parametrize("data, across", [([1, 2, 3], 2), ([], 1), ([1], 0)])
def test_rows_of_pixels_must_be_whole(data, across):
    with pytest.raises(ValueError, match=r"across must (divide the number of pixels|be 1 or more)"):
        figures.pixels(data, across)


def test_a_pixel_is_a_byte():
    with pytest.raises(ValueError, match=r"range\(0, 256\)"):
        figures.pixels([256], 1)


# ------------------------------------------------------------------------------------- colours

GROUNDS = {"light": lambda colour: colour, "dark": palette.dark}
# Machado and others, 2009: how red-blind and green-blind readers see, in linear light.
BLIND = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "red": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "green": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
}


def linear(colour):
    shares = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]


def contrast(one, other):
    """The contrast of two colours as WCAG has it, 1 to 21."""
    lights = [sum(map(float.__mul__, (0.2126, 0.7152, 0.0722), linear(c))) for c in (one, other)]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def distance(one, other, matrix):
    seen = [
        [sum(m * c for m, c in zip(row, linear(x), strict=True)) for row in matrix]
        for x in (one, other)
    ]
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


@pytest.mark.parametrize("ground", GROUNDS)
def test_text_reads_on_every_fill_and_outlines_are_seen(ground):
    on = GROUNDS[ground]
    outlines = (palette.A, palette.B, palette.C, palette.MEMORY, palette.LOCK, palette.INK)
    fills = [palette.PAPER, palette.TROUBLE]
    fills += [
        palette.tint(colour, share / 100) for colour in outlines[:5] for share in (8, 16, 30, 45)
    ]
    assert min(contrast(on(palette.INK), on(fill)) for fill in fills) >= 4.5
    assert contrast(on(palette.PAPER), on(palette.INK)) >= 4.5  # the number on a tag
    assert min(contrast(on(palette.PAPER), on(line)) for line in outlines) >= 3


@pytest.mark.parametrize("blind", BLIND)
def test_workers_are_as_far_apart_on_dark_as_on_light(blind):
    for one, other in itertools.combinations(palette.WORKERS, 2):
        far = {g: distance(on(one), on(other), BLIND[blind]) for g, on in GROUNDS.items()}
        assert far["dark"] >= 0.8 * far["light"], (one, other)


def test_a_colour_that_the_palette_does_not_have_is_refused():
    assert palette.dark("#ffffff") == "#000000"
    assert palette.dark(palette.tint(palette.A, 0.5)) != palette.dark(palette.A)
    told = "must come from the palette or be a tint of one of its colours, not '#123456'"
    with pytest.raises(ValueError, match=told):
        palette.dark("#123456")


def test_only_a_deadlock_has_a_picture_of_who_waits():
    with pytest.raises(ValueError, match="must be a deadlock, not finished"):
        figures.waits(replay("AA", [counter.increment], number()))


def test_the_picture_of_who_waits_says_what_the_outcome_says():
    ended = at_table(3)
    shown = figures.waits(ended)
    assert shown.words == str(ended.outcome)
    for name in ("forks[0]", "forks[1]", "forks[2]"):
        assert name in shown.words
