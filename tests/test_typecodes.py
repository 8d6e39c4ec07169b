"""The table of typecodes and the bytes of shared objects, against what ctypes itself does."""

import ctypes
import multiprocessing
import struct
import sys
from multiprocessing import sharedctypes

import pytest

import stepping_workers as w
from shmlib import figures, memory_map, run, typecode_table
from shmlib.notebook.explorers.bytes_of_value import stored, understood
from shmlib.words import range_words
from shmlib.workers import maps, records

SPAWN = multiprocessing.get_context("spawn")
NUMBERS = [row for row in typecode_table() if row.python is int]


def test_the_table_holds_every_typecode():
    assert {row.code for row in typecode_table()} == set(sharedctypes.typecode_to_type)
    for row in typecode_table():
        assert row.size == ctypes.sizeof(sharedctypes.typecode_to_type[row.code])
        assert row.code in repr(typecode_table())
    with pytest.raises(KeyError, match="code must be one of c, b, B"):
        typecode_table()["x"]


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row.code)
def test_the_range_of_an_integer_is_where_it_wraps(row):
    memory = SPAWN.RawValue(row.code)
    for value in (row.smallest, row.largest):
        memory.value = value
        assert memory.value == value
    memory.value = row.largest + 1
    assert memory.value == row.smallest


@pytest.mark.parametrize("code", ["f", "d"])
def test_the_range_of_a_float_is_what_it_holds(code):
    row = typecode_table()[code]
    assert SPAWN.RawValue(code, row.largest).value == row.largest
    assert struct.unpack(code, struct.pack(code, row.largest))[0] == row.largest
    if code == "d":
        assert row.largest == sys.float_info.max


def test_the_type_read_is_the_one_in_the_table():
    for row in typecode_table():
        value = {"c": b"x", "u": "x"}.get(row.code, 1)
        assert type(SPAWN.RawValue(row.code, value).value) is row.python


def test_ranges_in_words():
    assert [range_words(n) for n in (None, 255, 2**63 - 1, -(2**63), 2**64 - 1)] == [
        "",
        "255",
        "2**63 - 1",
        "-2**63",
        "2**64 - 1",
    ]


# ------------------------------------------------------------------------------ the bytes


def test_a_map_has_every_byte_once():
    for item in (
        SPAWN.Value("h", 5),
        SPAWN.Array("i", [1, 2, 3]),
        SPAWN.Array("c", b"text"),
        SPAWN.RawValue(records.Reading, 1, 2.0),
        SPAWN.Array(w.Nested, 2),
        SPAWN.Array("u", "abc"),
    ):
        found = memory_map(item)
        ends = [element.offset + element.size for element in found.elements]
        assert [element.offset for element in found.elements] == [0, *ends[:-1]]
        assert ends[-1] == found.reserved
        assert found.reserved % 8 == 0 and 0 <= found.reserved - len(found.raw) < 8


def test_elements_mean_what_ctypes_reads():
    found = memory_map(SPAWN.Array("i", [7, -1, 300]))
    values = [(e.name, e.value) for e in found.elements if e.used]
    assert values == [("[0]", 7), ("[1]", -1), ("[2]", 300)]
    found = memory_map(SPAWN.Array(records.Reading, [(1, 2.5), (3, -4.0)]))
    assert [(e.name, e.value) for e in found.elements] == [
        ("[0].sensor", 1),
        ("padding", None),
        ("[0].celsius", 2.5),
        ("[1].sensor", 3),
        ("padding", None),
        ("[1].celsius", -4.0),
    ]


def test_a_field_may_be_called_padding():
    class Cushion(ctypes.Structure):
        _fields_ = (("padding", ctypes.c_byte), ("rounding", ctypes.c_int))

    found = memory_map(Cushion(1, 2))
    told = [(e.name, e.value, e.used) for e in found.elements]
    assert told == [("padding", 1, True), ("padding", None, False), ("rounding", 2, True)]
    assert "more" not in repr(found)


def test_changed_bytes_are_marked():
    numbers = SPAWN.Array("i", [1, 2])
    before = memory_map(numbers)
    numbers[1] = 2 + 256
    after = memory_map(numbers, before)
    assert after.changed == ({5} if sys.byteorder == "little" else {6})
    assert "[1] 258 (changed)" in repr(after)
    assert "(changed)" not in repr(memory_map(numbers, after))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda v: memory_map(3), TypeError, "item must be a Value, an Array"),
        (lambda v: memory_map(SPAWN.Lock()), TypeError, "item must be a Value, an Array"),
        (lambda v: memory_map(v, 3), TypeError, "before must be an earlier memory_map"),
        (lambda v: memory_map(v, memory_map(SPAWN.Value("d"))), ValueError, "before has 8 bytes"),
    ],
)
def test_what_has_no_bytes_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(SPAWN.Value("i"))


def test_both_processes_map_one_file():
    number = SPAWN.Value("i", 1)
    parent, (child,) = maps.regions(number), run([maps.regions], number).results
    picture = figures.address_spaces(parent, child)
    if parent[0] is None:
        assert "no /proc/self/maps" in picture.words
        return
    assert parent[0].permissions == child[0].permissions == "rw-s"
    assert parent[0].inode == child[0].inode != 0
    assert parent[1].permissions == "rw-p"
    assert "backed by the same file" in picture.words
    nowhere = figures.address_spaces((None, None), (None, None))
    assert "no /proc/self/maps" in nowhere.words


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("200", 200),
        ("-1", -1),
        ("2**31", 2**31),
        ("-2**3", -8),
        ("2**31 - 1", 2**31 - 1),
        ("1/3", 1 / 3),
        ("-(7 % 4) // 2", -2),
        ("10**400", 10**400),
        ("'a'", "a"),
        ("b'a'", b"a"),
    ],
)
def test_what_is_typed_is_understood(text, value):
    assert understood(text) == value


@pytest.mark.parametrize("text", ["abc", "1 / 0", "9**9**9", "'a' * 9", "print(1)", "(" * 999])
def test_what_is_no_number_stays_text(text):
    assert understood(text) == text


def test_text_without_quotes_stands_for_its_bytes_where_those_are_meant():
    assert understood("A", "c") == b"A"
    assert understood("'A'", "c") == "A"


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (200, "b", "200 in 'b', a c_byte of 1 byte: bytes c8, read back as -56, not the same"),
        (200, "b", "200 - 256 = -56."),
        (-1, "H", "-1 + 65,536 = 65,535."),
        (1, "d", "bytes 00 00 00 00 00 00 f0 3f, read back as 1.0\n"),
        (10**400, "i", "a whole number of 1,329 bits in 'i'"),
        (0.5, "d", "bytes 00 00 00 00 00 00 e0 3f, read back as 0.5"),
        (0.5, "i", "TypeError: 'float' object cannot be interpreted as an integer"),
        (10**400, "d", "OverflowError"),
    ],
)
def test_what_becomes_of_a_value_is_told(value, code, words):
    assert words in stored(value, code).words
