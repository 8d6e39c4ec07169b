"""Exercises of page 04, Choose a typecode."""

import ctypes

from ....memory.typecodes import typecode_table
from ....workers import records
from ..case import Case
from ..exercise import Exercise, Mistake, Way
from ..judging import answers, explored

# (name, smallest, largest, what it may be missed by)
_NEEDS = (
    ("age", 0, 150, 0),
    ("port", 0, 65_535, 0),
    ("balance", -500_000, 5_000_000_000, 0),
    ("tide", -9.999, 9.999, 0.0005),
)


def _smallest_codes(mp):
    """From each need to the typecodes that meet it everywhere in the fewest bytes."""

    def fits(row, ends, off):
        return row.python is (float if off else int) and all(
            abs(mp.Value(row.code, end).value - end) <= off for end in ends
        )

    found = {}
    for name, *ends, off in _NEEDS:
        everywhere = [row for row in typecode_table() if "bytes" not in row.differs]
        fit = [row for row in everywhere if fits(row, ends, off)]
        fewest = min(row.size for row in fit)
        found[name] = {row.code for row in fit if row.size == fewest}
    return found


_ELSEWHERE = "It is right on Linux and macOS. On Windows it has four bytes."

CHOOSE = Exercise(
    number="04.1",
    title="Choose the smallest that fits",
    minutes=3,
    task="""
Give each of these the typecode with the fewest bytes that is right on every system:

- `age`, in years, from 0 to 150
- `port`, the number of a network port, from 0 to 65,535
- `balance`, in cents, from 5,000 euros below zero to 50 million euros
- `tide`, in metres, right to the millimetre, from -9.999 to 9.999
""",
    start="""
age = ...
port = ...
balance = ...
tide = ...
""",
    judge=answers(
        _smallest_codes,
        slips={
            ("age", "b"): "It ends at 127, and some of us may not.",
            ("age", "i"): "It fits, in four bytes. One is enough.",
            ("age", "c"): "That is a byte as text. An age is a number.",
            ("port", "h"): "Its two bytes end at 32,767: half of its numbers are negative.",
            ("port", "i"): "It fits, in four bytes. Two are enough.",
            ("port", "I"): "It fits, in four bytes. Two are enough.",
            ("balance", "i"): "It ends at 21 million euros and some.",
            ("balance", "I"): "It ends at 42 million euros and some, and nobody can be in debt.",
            ("balance", "Q"): "It has no negative numbers.",
            ("balance", "l"): _ELSEWHERE,
            ("balance", "d"): "It keeps whole cents, but it is not meant for money: count them.",
            ("balance", "f"): "It keeps seven digits, and a balance may have ten.",
            ("tide", "d"): "It fits, in eight bytes. For four digits four bytes are enough.",
            ("tide", "i"): "That would be whole metres.",
            ("tide", "b"): "That would be whole metres.",
            ("age", ...): "`typecode_table()` shows what each letter holds.",
            ("port", ...): "`typecode_table()` shows what each letter holds.",
            ("balance", ...): "`typecode_table()` shows what each letter holds.",
            ("tide", ...): "`typecode_table()` shows what each letter holds.",
        },
        read="How large can it become? Can it be negative? Two questions choose most typecodes.",
    ),
    hints=(
        "`typecode_table()` shows what each letter holds, in how many bytes.",
        "A capital letter has no negative numbers, and twice as many positive ones.",
        "5,000,000,000 cents are more than four bytes can count, and `l` is different on Windows.",
    ),
    solution="""
age = "B"
port = "H"
balance = "q"
tide = "f"
""",
    mistakes=(
        Mistake(
            "the usual one for all whole numbers",
            'age = "i"\nport = "i"\nbalance = "i"\ntide = "f"\n',
            "It ends at 21 million euros",
        ),
        Mistake(
            "signed, to be on the safe side",
            'age = "b"\nport = "h"\nbalance = "q"\ntide = "f"\n',
            "half of its numbers are negative",
        ),
        Mistake(
            "a letter that is shorter on Windows",
            'age = "B"\nport = "H"\nbalance = "l"\ntide = "f"\n',
            "On Windows it has four bytes",
        ),
        Mistake(
            "more digits than are needed",
            'age = "B"\nport = "H"\nbalance = "q"\ntide = "d"\n',
            "four bytes are enough",
        ),
        Mistake(
            "nobody is in debt",
            'age = "B"\nport = "H"\nbalance = "Q"\ntide = "f"\n',
            "no negative numbers",
        ),
        Mistake(
            "a letter that is none",
            'age = "B"\nport = "H"\nbalance = "x"\ntide = "f"\n',
            "shows what each letter holds",
        ),
    ),
    notes=("Ask: Which of the four would you make larger than it has to be, and why?",),
)


class _Reading(ctypes.Structure):
    _fields_ = (
        ("sensor", ctypes.c_ubyte),
        ("celsius", ctypes.c_double),
        ("battery", ctypes.c_ubyte),
    )


def _what_becomes(mp):
    pixel = mp.Array("B", [200])
    pixel[0] += 100
    count = mp.Value("f", 16_777_216)
    count.value += 1
    return {
        "below_zero": mp.Value("H", -1).value,
        "too_bright": pixel[0],
        "too_warm": mp.Value("b", 130).value,
        "counted": count.value,
        "record_bytes": ctypes.sizeof(_Reading),
    }


WRAP = Exercise(
    number="04.2",
    title="What becomes of it?",
    minutes=4,
    task="""
Work out what is read back, and how large the record is:

- `below_zero`: `mp.Value("H", -1)`
- `too_bright`: a pixel of 200 in an Array of `"B"`, after `pixels[0] += 100`
- `too_warm`: `mp.Value("b", 130)`
- `counted`: a counter in `"f"` that stands at 16,777,216, after `count.value += 1`
- `record_bytes`: a Structure with the fields `c_ubyte`, `c_double`, `c_ubyte`, in this order
""",
    start="""
below_zero = ...
too_bright = ...
too_warm = ...
counted = ...
record_bytes = ...
""",
    judge=answers(
        _what_becomes,
        slips={
            ("below_zero", -1): "`H` is unsigned: it has no -1. Two bytes hold 65,536 numbers.",
            ("below_zero", 0): "It doesn't stop at the end of its range. It comes in at the other.",
            ("below_zero", 65_536): "Nearly: that is one too many, as for a byte 256 would be.",
            ("below_zero", 255): "That is one byte of `ff`. `H` has two.",
            ("too_bright", 300): "A byte ends at 255.",
            ("too_bright", 255): "Nothing is clipped: it wraps around.",
            ("too_bright", 45): "Nearly: 256 is taken off, and not 255.",
            ("too_warm", 130): "`b` ends at 127.",
            ("too_warm", 127): "Nothing is clipped: it wraps around.",
            ("too_warm", 2): "The number after 127 is -128, since `b` is signed.",
            ("too_warm", -125): "127 is followed by -128, 128 included. Count on from there.",
            ("counted", 16_777_217.0): "Four bytes of a float have no such number.",
            ("counted", 16_777_216): "The right number, and it is read back as a float.",
            ("record_bytes", 10): "A `c_double` begins at a multiple of eight. What is in between?",
            ("record_bytes", 16): "With the two small fields side by side. Here one comes last.",
            ("record_bytes", 17): "And the next record in an Array? It begins at a multiple, too.",
            ("record_bytes", 18): "And the next record in an Array? It begins at a multiple, too.",
            ("below_zero", ...): "`explorers.bytes_of_value` shows what becomes of a number.",
            ("too_bright", ...): "`explorers.bytes_of_value` shows what becomes of a number.",
            ("too_warm", ...): "`explorers.bytes_of_value` shows what becomes of a number.",
            ("counted", ...): "`explorers.bytes_of_value` shows what becomes of a number.",
        },
        read=(
            "There was no error in any of them. With the two small fields side by side, the record "
            "would take 16 bytes in place of 24."
        ),
    ),
    hints=(
        "Whole numbers wrap around: take off, or add, 256 for a byte, 65,536 for two.",
        "An `f` has 24 bits for its digits, and 16,777,216 is 2**24.",
        "A `c_double` begins at a multiple of eight, and a record ends at one.",
    ),
    solution="""
below_zero = 65535
too_bright = 44
too_warm = -126
counted = 16777216.0
record_bytes = 24
""",
    mistakes=(
        Mistake(
            "everything is clipped",
            "below_zero = 0\ntoo_bright = 255\ntoo_warm = 127\n"
            "counted = 16777216.0\nrecord_bytes = 24\n",
            "Nothing is clipped",
        ),
        Mistake(
            "everything fits",
            "below_zero = -1\ntoo_bright = 300\ntoo_warm = 130\n"
            "counted = 16777217.0\nrecord_bytes = 24\n",
            "A byte ends at 255",
        ),
        Mistake(
            "one off",
            "below_zero = 65536\ntoo_bright = 45\ntoo_warm = -125\n"
            "counted = 16777216.0\nrecord_bytes = 24\n",
            "256 is taken off, and not 255",
        ),
        Mistake(
            "no padding",
            "below_zero = 65535\ntoo_bright = 44\ntoo_warm = -126\n"
            "counted = 16777216.0\nrecord_bytes = 10\n",
            "begins at a multiple of eight",
        ),
        Mistake(
            "no padding at the end",
            "below_zero = 65535\ntoo_bright = 44\ntoo_warm = -126\n"
            "counted = 16777216.0\nrecord_bytes = 17\n",
            "the next record in an Array",
        ),
        Mistake(
            "a float counts on",
            "below_zero = 65535\ntoo_bright = 44\ntoo_warm = -126\n"
            "counted = 16777217.0\nrecord_bytes = 24\n",
            "have no such number",
        ),
    ),
    notes=("Say: On paper first. `explorers.bytes_of_value` shows each of the first four.",),
)

BRIGHTEN = Exercise(
    number="04.3",
    title="Brighten a picture",
    minutes=4,
    task="""
`brighten(pixels, start, stop, by)` adds `by` to the pixels from `start` up to, but not including,
`stop`, in an Array of `"B"`. Bright pixels turn dark, and if `by` is negative, dark ones turn
bright. Fix it: no pixel may leave the range from 0 to 255. Two workers have a part each.
""",
    start="""
def brighten(pixels, start, stop, by):
    for place in range(start, stop):
        pixels[place] += by
""",
    judge=explored(
        *(
            Case(
                f"[partial(brighten, start=0, stop=2, by={by}), "
                f"partial(brighten, start=2, stop={len(before)}, by={by})]",
                f'mp.Array("B", {before})',
                lambda pixels, after=after: pixels[:] == after,
                f"{before}, brighter by {by}, is {after}",
                writes=("pixels",),
            )
            for by, before, after in (
                (10, [0, 250, 245, 255], [10, 255, 255, 255]),
                (-30, [0, 29, 130, 200, 31], [0, 0, 100, 170, 1]),
                (300, [1, 2, 3], [255, 255, 255]),
            )
        )
    ),
    hints=(
        "What is 250 + 10 in one byte? It must be looked at before it is stored.",
        "`min(255, n)` keeps a number from going beyond 255. What keeps it from going below 0?",
    ),
    solution="""
def brighten(pixels, start, stop, by):
    for place in range(start, stop):
        pixels[place] = max(0, min(255, pixels[place] + by))
""",
    ways=(
        Way(
            "in slices",
            """
def brighten(pixels, start, stop, by):
    pixels[start:stop] = [max(0, min(255, n + by)) for n in pixels[start:stop]]
""",
            "One read and one write, however many pixels there are.",
        ),
        Way(
            "with if",
            """
def brighten(pixels, start, stop, by):
    for place in range(start, stop):
        new = pixels[place] + by
        if new > 255:
            new = 255
        elif new < 0:
            new = 0
        pixels[place] = new
""",
            "More lines, each of them plain.",
        ),
    ),
    mistakes=(
        Mistake(
            "only the upper end",
            """
def brighten(pixels, start, stop, by):
    for place in range(start, stop):
        pixels[place] = min(255, pixels[place] + by)
""",
            "brighter by -30, is",
        ),
        Mistake(
            "looked at when it is too late",
            """
def brighten(pixels, start, stop, by):
    for place in range(start, stop):
        pixels[place] += by
        if pixels[place] > 255:
            pixels[place] = 255
""",
            "happened: pixels [10, 4, 255, 9]",
        ),
        Mistake(
            "modulo does what the byte does anyway",
            """
def brighten(pixels, start, stop, by):
    for place in range(start, stop):
        pixels[place] = (pixels[place] + by) % 256
""",
            "happened: pixels [10, 4, 255, 9]",
        ),
        Mistake(
            "the whole picture, by each worker",
            """
def brighten(pixels, start, stop, by):
    pixels[:] = [max(0, min(255, n + by)) for n in pixels[:]]
""",
            "It goes wrong in",
        ),
        Mistake(
            "256 is no byte",
            """
def brighten(pixels, start, stop, by):
    for place in range(start, stop):
        pixels[place] = max(0, min(256, pixels[place] + by))
""",
            "happened: pixels [10, 0, 255, 0]",
        ),
        Mistake(
            "a slice is changed, which is a copy",
            """
def brighten(pixels, start, stop, by):
    part = pixels[start:stop]
    for place, n in enumerate(part):
        part[place] = max(0, min(255, n + by))
""",
            "never writes to `pixels`",
        ),
        Mistake(
            "stop is taken for the last pixel",
            """
def brighten(pixels, start, stop, by):
    for place in range(start, min(stop + 1, len(pixels))):
        pixels[place] = max(0, min(255, pixels[place] + by))
""",
            "It goes wrong in",
        ),
    ),
    notes=("Watch for: `pixels[place] > 255`. A byte is never more than 255.",),
)

STATION = Exercise(
    number="04.4",
    title="A record of your own",
    minutes=7,
    task="""
A weather station keeps a record: `readings`, how many temperatures it has been given, up to ten
billion; `coldest` and `warmest`, in degrees, as exact as a Python float. Write the Structure
`Station`, with its fields in this order, and a worker `note(station, celsius)` that takes in one
more temperature. The record already holds at least one temperature. Two processes run it, and
whoever takes the lock must find three fields that belong together.
""",
    start="""
import ctypes

class Station(ctypes.Structure):
    _fields_ = ...

def note(station, celsius):
    ...
""",
    judge=explored(
        *(
            Case(
                f"[partial(note, celsius={one}), partial(note, celsius={other})]",
                f"mp.Value(Station, {readings}, {coldest}, {warmest})",
                lambda station, after=after: (
                    (station.readings, station.coldest, station.warmest) == after
                ),
                f"({readings}, {coldest}, {warmest}), told {one} and {other}, becomes {after}",
                writes=("station",),
            )
            for readings, coldest, warmest, one, other, after in (
                (7, -2.5, 20.1, 30.3, 25.0, (9, -2.5, 30.3)),
                (2**32 - 1, 0.1, 0.3, -0.7, 0.2, (2**32 + 1, -0.7, 0.3)),
            )
        ),
        Case(
            "[partial(note, celsius=-5.5), records.look]",
            "mp.Value(Station, 1, 0.0, 0.0)",
            lambda station, results: results[1] in ((1, 0.0, 0.0), (2, -5.5, 0.0)),
            "whoever looks under the lock sees (1, 0.0, 0.0) or (2, -5.5, 0.0): three fields that "
            "belong together",
        ),
        names={"records": records},
    ),
    hints=(
        "`records.Reading` on this page is such a class. Which types hold ten billion, and 0.1?",
        "`c_uint64` (or `c_int64`) counts on every system; a Python float is a `c_double`.",
        "Count, compare and set, all inside one `with station.get_lock():`.",
    ),
    solution="""
import ctypes

class Station(ctypes.Structure):
    _fields_ = (
        ("readings", ctypes.c_uint64),
        ("coldest", ctypes.c_double),
        ("warmest", ctypes.c_double),
    )

def note(station, celsius):
    with station.get_lock():
        station.readings += 1
        station.coldest = min(station.coldest, celsius)
        station.warmest = max(station.warmest, celsius)
""",
    ways=(
        Way(
            "written only where it changes",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = [
        ("readings", ctypes.c_int64),
        ("coldest", ctypes.c_double),
        ("warmest", ctypes.c_double),
    ]

def note(station, celsius):
    with station:
        station.readings += 1
        if celsius < station.coldest:
            station.coldest = celsius
        if celsius > station.warmest:
            station.warmest = celsius
""",
            "Fewer writes. `_fields_` may be a list, too.",
        ),
        Way(
            "a double counts as well",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = (
        ("readings", ctypes.c_double),
        ("coldest", ctypes.c_double),
        ("warmest", ctypes.c_double),
    )

def note(station, celsius):
    station.acquire()
    try:
        station.readings += 1
        station.coldest = min(station.coldest, celsius)
        station.warmest = max(station.warmest, celsius)
    finally:
        station.release()
""",
            "It is exact up to 2**53, but it says less about what it holds.",
        ),
    ),
    mistakes=(
        Mistake(
            "four bytes for the count",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = (
        ("readings", ctypes.c_uint32),
        ("coldest", ctypes.c_double),
        ("warmest", ctypes.c_double),
    )

def note(station, celsius):
    with station.get_lock():
        station.readings += 1
        station.coldest = min(station.coldest, celsius)
        station.warmest = max(station.warmest, celsius)
""",
            "happened: station.readings 1,",
        ),
        Mistake(
            "four bytes for a temperature",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = (
        ("readings", ctypes.c_uint64),
        ("coldest", ctypes.c_float),
        ("warmest", ctypes.c_float),
    )

def note(station, celsius):
    with station.get_lock():
        station.readings += 1
        station.coldest = min(station.coldest, celsius)
        station.warmest = max(station.warmest, celsius)
""",
            "station.warmest 30.29",
        ),
        Mistake(
            "whole degrees",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = (
        ("readings", ctypes.c_uint64),
        ("coldest", ctypes.c_int),
        ("warmest", ctypes.c_int),
    )

def note(station, celsius):
    with station.get_lock():
        station.readings += 1
        station.coldest = min(station.coldest, celsius)
        station.warmest = max(station.warmest, celsius)
""",
            "`mp.Value(Station, 7, -2.5, 20.1)` is refused",
        ),
        Mistake(
            "no lock",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = (
        ("readings", ctypes.c_uint64),
        ("coldest", ctypes.c_double),
        ("warmest", ctypes.c_double),
    )

def note(station, celsius):
    station.readings += 1
    station.coldest = min(station.coldest, celsius)
    station.warmest = max(station.warmest, celsius)
""",
            "update is lost",
        ),
        Mistake(
            "a lock for each field",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = (
        ("readings", ctypes.c_uint64),
        ("coldest", ctypes.c_double),
        ("warmest", ctypes.c_double),
    )

def note(station, celsius):
    with station.get_lock():
        station.readings += 1
    with station.get_lock():
        station.coldest = min(station.coldest, celsius)
    with station.get_lock():
        station.warmest = max(station.warmest, celsius)
""",
            "belong together",
        ),
        Mistake(
            "a dictionary for the fields",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = {
        "readings": ctypes.c_uint64,
        "coldest": ctypes.c_double,
        "warmest": ctypes.c_double,
    }

def note(station, celsius):
    with station.get_lock():
        station.readings += 1
""",
            "must be a sequence of pairs",
        ),
        Mistake(
            "through .value, which a record has not",
            """
import ctypes

class Station(ctypes.Structure):
    _fields_ = (
        ("readings", ctypes.c_uint64),
        ("coldest", ctypes.c_double),
        ("warmest", ctypes.c_double),
    )

def note(station, celsius):
    with station.get_lock():
        station.value = (station.readings + 1, celsius, celsius)
""",
            "never writes to `station`",
        ),
        Mistake(
            "a plain class",
            """
class Station:
    readings = 0
    coldest = 0.0
    warmest = 0.0

def note(station, celsius):
    with station.get_lock():
        station.readings += 1
""",
            "is refused",
        ),
    ),
    notes=(
        "Ask: Which size does the record have, and where is padding? 24 bytes, and nowhere.",
        "Watch for: a lock for each field. Each is right, and the three don't belong together.",
    ),
)

EXERCISES = (CHOOSE, WRAP, BRIGHTEN, STATION)
