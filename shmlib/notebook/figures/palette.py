"""The colours of every figure (Okabe and Ito, 2008), which colour-blind readers can tell apart.

They fill and outline; text is near-black. A colour is never the only sign.
"""

INK = "#1b1f24"
PAPER = "#ffffff"
A = "#0072B2"
B = "#D55E00"
C = "#009E73"
MEMORY = "#6b7280"
LOCK = "#CC79A7"
TROUBLE = "#F0E442"

WORKERS = (A, B, C)


def tint(colour: str, share: float = 0.16) -> str:
    """Return the colour mixed into white; share is how much of it remains, 0 to 1."""
    channels = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - value) * share):02x}" for value in channels)
