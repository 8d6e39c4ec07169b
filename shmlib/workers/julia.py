"""A picture of a Julia set, row by row: a byte is how many rounds its point takes to leave."""

from typing import NamedTuple


class View(NamedTuple):
    """What a picture shows: its size in pixels, its place in the plane, and the set."""

    width: int
    height: int
    left: float = -0.95
    top: float = 1.0
    span: float = 1.9
    add_x: float = -0.8
    add_y: float = 0.156


def rounds(x, y, add_x, add_y):
    """Return the rounds until a point is more than 2 away from the middle; 255 if it stays."""
    for count in range(1, 255):
        x, y = x * x - y * y + add_x, 2 * x * y + add_y
        if x * x + y * y > 4:
            return count
    return 255


def row_of(view, row):
    """Return the bytes of one row."""
    step = view.span / view.width
    y = view.top - row * step
    return bytes(
        rounds(view.left + column * step, y, view.add_x, view.add_y) for column in range(view.width)
    )


def fill_rows(image, view, rows):
    for row in rows:
        start = row * view.width
        image[start : start + view.width] = row_of(view, row)


def take_unlocked(next_row):
    row = next_row.value
    next_row.value += 1
    return row


def take(next_row):
    with next_row.get_lock():
        return take_unlocked(next_row)


def fill_next(image, next_row, view, take):
    """Take and fill rows until none is left; return which they were."""
    mine = []
    while (row := take(next_row)) < view.height:
        fill_rows(image, view, [row])
        mine.append(row)
    return mine


def fill_next_anew(image, next_rows, view):
    """Fill the picture once more, with a counter that has not been used yet."""
    return fill_next(image, next_rows.pop(), view, take)


def count_each(histogram, image, start, stop):
    """Count how often each byte occurs in a part of the picture, with a lock for each pixel."""
    for byte in image[start:stop]:
        with histogram.get_lock():
            histogram[byte] += 1


def count_and_merge(histogram, image, start, stop):
    own = [0] * len(histogram)
    for byte in image[start:stop]:
        own[byte] += 1
    with histogram.get_lock():
        both = zip(histogram[:], own, strict=True)
        histogram[:] = [before + new for before, new in both]
