"""Checks of arguments: seconds, whole numbers, flags, kinds."""

from .words import short_repr

# Seconds. What waits for a process counts milliseconds in 32 bits.
LONGEST = 1_000_000


def check_seconds(name: str, seconds: float) -> None:
    """Raise TypeError or ValueError where an argument is not a number of seconds to wait."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {short_repr(seconds)}")
    if not 0 < seconds <= LONGEST:
        bound = "more than 0" if not seconds > 0 else f"at most {LONGEST:,}"
        raise ValueError(f"{name} must be {bound} seconds, such as 10.0, not {short_repr(seconds)}")


def check_whole(name: str, number: int, least: int = 1) -> None:
    """Raise TypeError or ValueError where an argument is not a whole number, or is too small."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{name} must be a whole number, not {short_repr(number)}")
    if number < least:
        raise ValueError(f"{name} must be {least} or more, not {short_repr(number)}")


def check_flag(name: str, flag: bool) -> None:
    """Raise TypeError where an argument is neither True nor False."""
    if not isinstance(flag, bool):
        raise TypeError(f"{name} must be True or False, not {short_repr(flag)}")


def check_kind(name: str, value: object, kind: type | tuple[type, ...], words: str) -> None:
    """Raise TypeError where an argument is of another kind than the one that the words name."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be {words}, not {short_repr(value)}")
