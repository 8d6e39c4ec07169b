"""How often a counter ended where: interleavings counted, and real runs."""

from collections import Counter

from matplotlib.patches import Rectangle

from ...checks import check_kind, check_whole
from ...words import number_words, short_number
from . import palette
from .lettering import LINE, width, wrap
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
    check_whole("workers", workers)
    check_whole("times", times)
    for name, counts in (("exact", exact), ("seen", seen)):
        check_kind(name, counts, Counter, "a Counter from final values")
        for value, number in counts.items():
            check_whole(f"each value in {name}", value, least=0)
            check_whole(f"each number in {name}", number)
    right = workers * times
    bins = _bins([*exact, *seen], right)
    columns = []
    if exact:
        title = f"all {number_words(exact.total())} interleavings"
        columns.append((title, _binned(exact, bins), palette.A))
    if seen:
        columns.append((f"{seen.total():,} real runs", _binned(seen, bins), palette.B))
    words = [f"{workers} workers, {times:,} additions each: {right:,} is right."]
    for title, counts, _ in columns:
        parts = [f"{_span(*bin)} in {number_words(n)}" for bin, n in counts.items() if n]
        words.append(f"{title}: {', '.join(parts)}.")
    left = 2 + max(width(_span(*bin), size=11, weight="bold") for bin in bins)
    wide = (78 - left) / max(1, len(columns))
    heading = wrap(words[0], 78, weight="bold")
    titles = [wrap(title, wide - 2) for title, _, _ in columns]
    above = 3 + LINE * (len(heading) + max(map(len, titles), default=1))
    tall = above + 3.4 * len(bins)
    # All bars have one scale; the longest leaves room for its number.
    shares = [n / counts.total() for _, counts, _ in columns for n in counts.values()]
    numbers = [width(short_number(n)) for _, counts, _ in columns for n in counts.values()]
    scale = (wide - 3 - max(numbers)) / max(shares) if columns else 0

    def drawing(axes):
        for place, line in enumerate(heading):
            axes.text(1, tall - 1 - place * LINE, line, va="top", weight="bold")
        for place, (_, counts, colour) in enumerate(columns):
            x = left + 1.5 + place * wide
            for number, line in enumerate(titles[place]):
                axes.text(x, tall - 1.6 - LINE * (len(heading) + number), line, va="top")
            for row, n in enumerate(counts.values()):
                y = tall - above - 1.6 - row * 3.4
                length = scale * n / counts.total()
                axes.add_patch(
                    Rectangle(
                        (x, y), length, 2.4, facecolor=palette.tint(colour, 0.5), edgecolor=colour
                    )
                )
                axes.text(x + length + 0.8, y + 1.2, short_number(n), va="center")
        for row, bin in enumerate(bins):
            y = tall - above - 0.4 - row * 3.4
            inside = bin[0] <= right <= bin[1]
            weight = "bold" if inside else "normal"
            axes.text(left, y, _span(*bin), ha="right", va="center", size=11, weight=weight)

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
    """Return a Counter from each bin, in their order, to the number of what falls into it."""
    found = Counter(dict.fromkeys(bins, 0))
    for value, number in counts.items():
        found[next(bin for bin in bins if bin[0] <= value <= bin[1])] += number
    return found


def _span(first, last):
    return f"{first:,}" if first == last else f"{first:,}-{last:,}"
