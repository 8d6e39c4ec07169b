"""The colours of every figure (Okabe and Ito, 2008), which colour-blind readers can tell apart.

They fill and outline; text is near-black. A colour is never the only sign. Each has a counterpart
for slides with a dark background, where text is white.
"""

INK = "#1b1f24"
PAPER = "#ffffff"
A = "#0072B2"
B = "#D55E00"
C = "#009E73"
MEMORY = "#6b7280"
LOCK = "#CC79A7"
TROUBLE = "#F0E442"
# Matplotlib's own, of axes and of their grid.
AXES = "#000000"
GRID = "#b0b0b0"

WORKERS = (A, B, C)

_DARK = {
    INK: "#ffffff",
    PAPER: "#000000",
    A: "#3d9be0",
    B: "#f5843c",
    C: "#2fc79a",
    MEMORY: "#9aa3b2",
    LOCK: "#e08fbe",
    TROUBLE: "#6b6000",
    AXES: "#ffffff",
    GRID: "#9aa3b2",
}


def of_worker(place: int) -> str:
    """Return the colour of a worker: the first is 0. Those of many workers come again."""
    return WORKERS[place % len(WORKERS)]


def tint(colour: str, share: float = 0.16) -> str:
    """Return the colour mixed into white; share is how much of it remains, 0 to 1."""
    return _mixed(colour, share, PAPER)


def dark(colour: str) -> str:
    """Return what stands on a dark background for a colour of the palette, or for a tint of one.

    Raises:
        ValueError: the palette does not have it.
    """
    if colour.lower() not in _COUNTERPARTS:
        raise ValueError(
            f"colour must come from the palette or be a tint of one of its colours, not {colour!r}"
        )
    return _COUNTERPARTS[colour.lower()]


def _mixed(colour, share, ground):
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(under - (under - over) * share):02x}" for over, under in pairs)


def _channels(colour):
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


_COUNTERPARTS = {
    tint(colour, percent / 100): _mixed(counterpart, percent / 100, _DARK[PAPER])
    for percent in range(1, 101)
    for colour, counterpart in _DARK.items()
} | {colour.lower(): counterpart for colour, counterpart in _DARK.items()}
