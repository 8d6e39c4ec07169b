"""How often a counter ended where: interleavings counted, and real runs."""

from collections import Counter

from matplotlib.patches import Rectangle

from . import palette
from .picture import Picture, draw

MOST_BARS = 12


def final_counts(exact: Counter[int], seen: Counter[int], workers: int, times: int) -> Picture:
    """Draw where the counter ended: in all interleavings, and in real runs.

    Args:
        exact: Counter from final value to number of interleavings; empty where they are too many.
        seen: Counter from final value to number of real runs; empty where there were none.
        workers: how many worked at once.
        times: additions of each.
    """
    right = workers * times
    bins = _bins([*exact, *seen], right)
    columns = []
    if exact:
        columns.append((f"all {exact.total():,} interleavings", exact, palette.A))
    if seen:
        columns.append((f"{seen.total():,} real runs", seen, palette.B))
    words = [f"{workers} workers, {times:,} additions each: {right:,} is right."]
    for title, counts, _ in columns:
        parts = [f"{_span(*bin)} in {n:,}" for bin, n in _binned(counts, bins) if n]
        words.append(f"{title}: {', '.join(parts)}.")
    tall = 8 + 3.4 * len(bins)
    wide = 66 / max(1, len(columns))

    def drawing(axes):
        axes.text(1, tall - 1, words[0], va="top", weight="bold")
        for place, (title, counts, colour) in enumerate(columns):
            x = 13 + place * wide
            axes.text(x, tall - 4.2, title, va="top")
            for row, (_, n) in enumerate(_binned(counts, bins)):
                y = tall - 9.6 - row * 3.4
                length = (wide - 14) * n / counts.total()
                axes.add_patch(
                    Rectangle(
                        (x, y), length, 2.4, facecolor=palette.tint(colour, 0.5), edgecolor=colour
                    )
                )
                axes.text(x + length + 0.8, y + 1.2, f"{n:,}", va="center")
        for row, bin in enumerate(bins):
            y = tall - 8.4 - row * 3.4
            inside = bin[0] <= right <= bin[1]
            weight = "bold" if inside else "normal"
            axes.text(11.5, y, _span(*bin), ha="right", va="center", size=11, weight=weight)

    return draw("\n".join(words), drawing, size=(8, tall / 10))


def _bins(values, right):
    """Return (first, last) of each bar, from the largest value down; single values where few."""
    low, high = min([*values, right]), max([*values, right])
    if high - low < MOST_BARS:
        return [(value, value) for value in range(high, low - 1, -1)]
    wide = -(-(high - low) // (MOST_BARS - 1))
    bins = [(high, high)]
    while bins[-1][0] > low:
        last = bins[-1][0] - 1
        bins.append((max(low, last - wide + 1), last))
    return bins


def _binned(counts, bins):
    found: Counter[tuple[int, int]] = Counter()
    for value, number in counts.items():
        found[next(bin for bin in bins if bin[0] <= value <= bin[1])] += number
    return [(bin, found[bin]) for bin in bins]


def _span(first, last):
    return f"{first:,}" if first == last else f"{first:,}-{last:,}"
