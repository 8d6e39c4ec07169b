"""How sizes, times, numbers and texts are said. It imports nothing of the project."""

import re

# A schedule of more letters is shown by its first ones.
LONGEST_SCHEDULE = 100
# So is a value of more characters, and what a worker wrote in more lines.
LONGEST_VALUE = 1_000
MOST_LINES = 50


def counted(number: int, noun: str) -> str:
    """Say how many, such as "3 schedules"."""
    return f"{number:,} {noun}" + "s" * (number != 1)


def short_lines(text: str) -> list[str]:
    """Return the lines of a text, the first of them where they are many."""
    lines = text.splitlines()
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"({len(lines):,} lines)"]


def short_repr(value: object) -> str:
    """Return the repr of a value, its beginning where it is long."""
    text = repr(value)
    return (
        text
        if len(text) <= LONGEST_VALUE
        else f"{text[:LONGEST_VALUE]}... ({len(text):,} characters)"
    )


def schedule_words(schedule: str) -> str:
    """Say a schedule: its letters, the first of them where they are many."""
    if len(schedule) <= LONGEST_SCHEDULE:
        return schedule
    return f"{schedule[:40]}... ({len(schedule):,} steps)"


def without_loader(text: str) -> str:
    """Return the text with ``<module '__main__' ...>`` cut short: its end differs by version."""
    return re.sub(r"(<module '__main__') .*>", r"\1>", text)


def range_words(value: float | None) -> str:
    """Say the end of a range: a number, a power of two where it is long, "" where there is none."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if abs(value) < 10**12:
        return f"{value:,}"
    power = (abs(value) + (value > 0)).bit_length() - 1
    return f"2**{power} - 1" if value > 0 else f"-2**{power}"


def size_words(size: int) -> str:
    """Say a number of bytes, such as "64 KiB"."""
    for unit, name in ((2**20, "MiB"), (2**10, "KiB")):
        if size >= unit and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} B"


def time_words(seconds: float) -> str:
    """Say a time with two or three digits, such as "42 us"."""
    for unit, name in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= unit:
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds * 1e9:.3g} ns"


def number_words(number: int) -> str:
    """Return a whole number as a reader likes it: in full, or from 22 digits on about."""
    return f"{number:,}" if number < 10**21 else f"about {short_number(number)}"


def short_number(number: int) -> str:
    """Return a whole number in full, or from 22 digits on its first two, such as 1.9e326."""
    if number < 10**21:
        return f"{number:,}"
    digits = str(round(number, 2 - len(str(number))))
    return f"{digits[0]}.{digits[1]}e{len(digits) - 1}"
