"""What a worker's process loads, and nothing else of the engine."""

import sys

WINDOWS = sys.platform == "win32"
# Types whose values are what they seem, wherever they are.
PLAIN = frozenset((int, float, complex, bool, str, bytes, type(None)))
# Each worker has a letter.
MOST_WORKERS = 26
